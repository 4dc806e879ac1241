#ifndef ENGINE_KERNEL_LANE_MATH_H
#define ENGINE_KERNEL_LANE_MATH_H

/* Elementary functions of one vector of floats, the same bits in every copy.
 *
 * Promised errors over all floats, in ulp of the exact value (what was measured
 * is in engine/README.md; tests/math/ and scripts/test_math.sh measure it):
 *
 *   exp 1   expm1 1.6   log 1   log1p 1.5   tanh 1.5   sigmoid 2.5
 *   erf 1.2   sin 1   cos 1
 *
 * Special cases follow C's Annex F; subnormal arguments and results are as
 * exact as others. Polynomials are minimax fits of this project, relative to
 * the function, with coefficients rounded to float one after the other.
 */

#include "engine/kernel/vector.h"

/* log 2 = HIGH + LOW for fma: n * HIGH is exact before the one rounding. */
#define LOG2_E 0x1.715476p+0f
#define LN2_HIGH 0x1.62e43p-1f
#define LN2_LOW -0x1.05c61p-29f
/* The same cut below log 2, so that both parts have one sign. */
#define LN2_CUT 0x1.62e42ep-1f
#define LN2_CUT_LOW 0x1.efa39ep-25f

/* x - n log 2, |x| <= 104, n = rint(x / log 2). */
V_INLINE vfloat lane_exp_rest(vfloat x, vfloat n) {
    return v_fma(n, v_set(-LN2_LOW), v_fma(n, v_set(-LN2_HIGH), x));
}

/* e^r for |r| <= log(2) / 2. */
V_INLINE vfloat lane_exp_polynomial(vfloat r) {
    vfloat p = v_set(0x1.6a492ep-10f);
    p = v_fma(p, r, v_set(0x1.12399ep-7f));
    p = v_fma(p, r, v_set(0x1.5558b4p-5f));
    p = v_fma(p, r, v_set(0x1.555492p-3f));
    p = v_fma(p, r, v_set(0x1.fffffcp-2f));
    p = v_fma(p, r, v_set(1));
    return v_fma(p, r, v_set(1));
}

/* e^x for x <= 0 by Gal's accurate tables: x = n log(2) + shift + rest with n a
 * multiple of 1/16, so e^x = 2^(whole number below n) * table[n's sixteenths] *
 * e^rest. The shift, -0.026 sixteenths, is one at which the sixteen floats of
 * the table are exact to 0.35 * 2^-24 and the first, on whose neighbours
 * sigmoid's error hangs, to 0.02 * 2^-24; it is a multiple of LN2_LOW, so that
 * it is subtracted with n * LN2_LOW. scripts/fit_exp_table.py found it. */
#define EXP_SHIFT 592451.5f /* of LN2_LOW */

/* The first part. */
struct exp_parts {
    vfloat rest, n, biased;
};

V_INLINE struct exp_parts lane_exp_down_begin(vfloat x) {
    x = v_max(v_set(-104), x);
    const vfloat biased = v_fma(x, v_set(LOG2_E), v_set(V_SIXTEENTHS_BIAS));
    const vfloat n = biased - v_set(V_SIXTEENTHS_BIAS);
    const vfloat shifted = biased - v_set(V_SIXTEENTHS_BIAS - EXP_SHIFT);
    const vfloat high = v_fma(n, v_set(-LN2_HIGH), x);
    return (struct exp_parts){v_fma(shifted, v_set(-LN2_LOW), high), n, biased};
}

V_INLINE vfloat lane_exp_down_end(struct exp_parts parts) {
    static const float TABLE[16] = {
        0x1.ff6c2ep-1f, 0x1.0b0858p+0f, 0x1.16daeap+0f, 0x1.23337cp+0f,
        0x1.3017fcp+0f, 0x1.3d8e9cp+0f, 0x1.4b9dd4p+0f, 0x1.5a4c66p+0f,
        0x1.69a160p+0f, 0x1.79a420p+0f, 0x1.8a5c58p+0f, 0x1.9bd210p+0f,
        0x1.ae0dacp+0f, 0x1.c117f0p+0f, 0x1.d4fa00p+0f, 0x1.e9bd6cp+0f};
    const vfloat r = parts.rest, power = v_pick(TABLE, v_bits(parts.biased));
    const vfloat p = v_fma(r, v_set(0x1.555794p-3f), v_set(0x1.00025ap-1f));
    const vfloat e = v_fma(power, v_fma(p * r, r, r), power);
    return v_scale_down(e, parts.n, parts.biased);
}

/* e^x for x <= 0, cheaper than lane_exp and as exact. */
V_INLINE vfloat lane_exp_down(vfloat x) {
    return lane_exp_down_end(lane_exp_down_begin(x));
}

V_INLINE vfloat lane_exp(vfloat x) {
    const vfloat bias = v_set(0x1.8p23f);
    x = v_min(v_set(89), v_max(v_set(-104), x));
    const vfloat n = v_fma(x, v_set(LOG2_E), bias) - bias;
    return v_scale(lane_exp_polynomial(lane_exp_rest(x, n)), n);
}

/* (e^r - 1 - r) / r^2 for |r| <= log(2) / 2, relative to e^r - 1. */
V_INLINE vfloat lane_expm1_polynomial(vfloat r) {
    vfloat p = v_set(0x1.6b9caap-10f);
    p = v_fma(p, r, v_set(0x1.122560p-7f));
    p = v_fma(p, r, v_set(0x1.5556f2p-5f));
    p = v_fma(p, r, v_set(0x1.5554b4p-3f));
    return v_fma(p, r, v_set(0x1.fffffep-2f));
}

/* (e^r - 1) 2^n + 2^n - 1, at half its size so that 2^128 is not needed. */
V_INLINE vfloat lane_expm1(vfloat x) {
    const vfloat bias = v_set(0x1.8p23f + 126);
    const vfloat inner = v_min(v_set(89), v_max(v_set(-20), x));
    const vfloat biased = v_fma(inner, v_set(LOG2_E), bias);
    const vfloat r = lane_exp_rest(inner, biased - bias);
    const vfloat q = v_fma(lane_expm1_polynomial(r), r * r, r);
    const vfloat power = v_float(v_bits(biased) << 23);
    const vfloat half = v_fma(q, power, power - v_set(0.5f));
    return v_select(v_less(v_abs(x), v_set(0x1p-25f)), x, half + half);
}

/* Below 5/8 x + x^3 P(x^2); above 1 - 2 e / (1 + e), e = e^-2|x|. */
V_INLINE vfloat lane_tanh(vfloat x) {
    const vfloat a = v_abs(x), z = x * x;
    vfloat p = v_set(-0x1.750ce2p-8f);
    p = v_fma(p, z, v_set(0x1.51f8cep-6f));
    p = v_fma(p, z, v_set(-0x1.b835a4p-5f));
    p = v_fma(p, z, v_set(0x1.1106f6p-3f));
    p = v_fma(p, z, v_set(-0x1.555532p-2f));
    const vfloat e = lane_exp_down(v_set(-2) * a);
    const vfloat large = v_fma(v_set(-2), e / (v_set(1) + e), v_set(1));
    const vmask is_small = v_less(a, v_set(0.625f));
    return v_copysign(v_select(is_small, v_fma(p, z * a, a), large), x);
}

/* 1 / (1 + e) for x >= 0 and e / (1 + e) below, e = e^-|x|: no overflow, and
 * exact to the ulp where the value is tiny. */
V_INLINE vfloat lane_sigmoid_of(vfloat x, vfloat e) {
    const vfloat one = v_set(1);
    return v_select(v_is_negative(x), e, one) / (one + e);
}

V_INLINE struct exp_parts lane_sigmoid_begin(vfloat x) {
    return lane_exp_down_begin(v_minus_abs(x));
}

V_INLINE vfloat lane_sigmoid(vfloat x) {
    return lane_sigmoid_of(x, lane_exp_down_end(lane_sigmoid_begin(x)));
}

/* log(1 + f) + k log 2 for -1/4 <= f < 1/2. */
V_INLINE vfloat lane_log_sum(vfloat f, vfloat k) {
    vfloat p = v_set(-0x1.71e324p-5f);
    p = v_fma(p, f, v_set(0x1.acf4a6p-4f));
    p = v_fma(p, f, v_set(-0x1.0d98f0p-3f));
    p = v_fma(p, f, v_set(0x1.28807ap-3f));
    p = v_fma(p, f, v_set(-0x1.54ed96p-3f));
    p = v_fma(p, f, v_set(0x1.99699ep-3f));
    p = v_fma(p, f, v_set(-0x1.00004ap-2f));
    p = v_fma(p, f, v_set(0x1.5555a4p-2f));
    const vfloat square = f * f;
    vfloat low = v_fma(k, v_set(LN2_CUT_LOW), square * f * p);
    low = v_fma(square, v_set(-0.5f), low);
    return v_fma(k, v_set(LN2_CUT), f + low);
}

V_INLINE vfloat lane_log(vfloat x) {
    vfloat m, k;
    v_split(x, &m, &k);
    return lane_log_sum(m - v_set(1), k);
}

/* log1p for x > -1, +Inf and -0 aside. What 1 + x loses, c, is put back into
 * m: (1 + x) = 2^k (m + c / 2^k). */
V_INLINE vfloat lane_log1p_inner(vfloat x) {
    const vfloat one = v_set(1), bias = v_set(0x1.8p23f + 127);
    const vfloat u = one + x, back = u - one;
    const vfloat c = (one - (u - back)) + (x - back);
    vfloat m, k;
    v_split(u, &m, &k);
    const vfloat shrink = v_float(v_bits(bias - v_min(v_set(126), k)) << 23);
    return lane_log_sum(v_fma(c, shrink, m - one), k);
}

V_INLINE vfloat lane_log1p(vfloat x) {
    const vfloat infinity = v_set(__builtin_inff());
    const vfloat inner = lane_log1p_inner(x);
    const vfloat kept = v_select(v_equal(x, v_set(-1)), -infinity, inner);
    const vmask is_argument = v_or(v_equal(x, infinity), v_equal(x, v_set(0)));
    return v_select(is_argument, x, kept);
}

/* Below 15/16 x (1 + P(x^2)); above 1 - e^Q(x). */
V_INLINE vfloat lane_erf(vfloat x) {
    const vfloat a = v_abs(x), z = x * x;
    vfloat p = v_set(0x1.4f8e86p-14f);
    p = v_fma(p, z, v_set(-0x1.a61272p-11f));
    p = v_fma(p, z, v_set(0x1.544aa8p-8f));
    p = v_fma(p, z, v_set(-0x1.b80120p-6f));
    p = v_fma(p, z, v_set(0x1.ce2d64p-4f));
    p = v_fma(p, z, v_set(-0x1.812740p-2f));
    p = v_fma(p, z, v_set(0x1.06eba8p-3f));
    const vfloat b = v_min(v_set(4), a);
    vfloat q = v_set(0x1.96e4b4p-13f);
    q = v_fma(q, b, v_set(-0x1.8c67b8p-9f));
    q = v_fma(q, b, v_set(0x1.6aed06p-6f));
    q = v_fma(q, b, v_set(-0x1.a90eaap-4f));
    q = v_fma(q, b, v_set(-0x1.465474p-1f));
    q = v_fma(q, b, v_set(-0x1.20a846p+0f));
    q = v_fma(q, b, v_set(-0x1.d179cep-13f));
    const vfloat large = v_copysign(v_set(1) - lane_exp_down(q), x);
    return v_select(v_less_equal(v_set(0.9375f), a), large, v_fma(p, x, x));
}

/* x = n pi/2 + high + low with |high| <= pi/4 and a little; *n mod 4 is
 * right. */
struct lane_angle {
    vfloat high, low;
    vbits n;
};

/* The same for one finite x of at least 2^15, by 96 bits of 2/pi: those above
 * make multiples of 4 and the cut below them is 2^-70 of a quadrant. */
V_INLINE uint32_t angle_reduce_large(float x, float *high, float *low) {
    static const uint32_t two_over_pi[] = {0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                           0xf534ddc0, 0xdb629599, 0x3c439041,
                                           0xfe5163ab, 0xdebbc561};
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t exponent = ((bits >> 23) & 0xff) - 150;
    /* |x| = mantissa 2^exponent; the window's first bit has weight
     * 2^(1 - exponent) in 2/pi. Small exponents start before the point. */
    const uint32_t mantissa = (bits & 0x7fffff) | 0x800000;
    const int32_t first = (int32_t)exponent - 2;
    uint64_t product = 0, part[3];
    for (int i = 0; i < 3; i++) {
        const int32_t at = first + 32 * i;
        const int32_t word = at >> 5, shift = at & 31;
        const uint64_t left = word < 0 ? 0 : two_over_pi[word];
        const uint64_t right = two_over_pi[word + 1];
        part[i] = (uint32_t)((left << 32 | right) >> (32 - shift));
    }
    product = ((part[0] * mantissa) << 32) + part[1] * mantissa +
              ((part[2] * mantissa) >> 32);
    const uint64_t n = (product + ((uint64_t)1 << 61)) >> 62;
    const int64_t rest = (int64_t)(product - (n << 62));
    const double radians = (double)rest * (0x1.921fb54442d18p+0 * 0x1p-62);
    const int is_negative = (int)(bits >> 31);
    const double angle = is_negative ? -radians : radians;
    *high = (float)angle;
    *low = (float)(angle - (double)*high);
    return (uint32_t)(is_negative ? 0 - n : n);
}

/* Replaces the lanes that are too large for lane_angle(). */
static __attribute__((noinline, unused)) struct lane_angle
lane_angle_large(vfloat x, struct lane_angle angle) {
    float argument[KERNEL_WIDTH], high[KERNEL_WIDTH], low[KERNEL_WIDTH];
    float quadrant[KERNEL_WIDTH];
    v_store(argument, x);
    v_store(high, angle.high);
    v_store(low, angle.low);
    v_store(quadrant, v_float(angle.n));
    for (int i = 0; i < KERNEL_WIDTH; i++) {
        if (__builtin_fabsf(argument[i]) < 0x1p15f)
            continue;
        if (argument[i] - argument[i] != 0) { /* Inf, NaN */
            high[i] = low[i] = argument[i] - argument[i];
            continue;
        }
        const uint32_t n = angle_reduce_large(argument[i], &high[i], &low[i]);
        memcpy(&quadrant[i], &n, sizeof n);
    }
    return (struct lane_angle){v_load(high), v_load(low),
                               v_bits(v_load(quadrant))};
}

V_INLINE struct lane_angle lane_angle(vfloat x) {
    const vfloat bias = v_set(0x1.8p23f);
    const vfloat biased = v_fma(x, v_set(0x1.45f306p-1f), bias);
    const vfloat n = biased - bias;
    /* pi/2 in three floats; the first difference is exact. */
    const vfloat first = v_fma(n, v_set(-0x1.921fb6p+0f), x);
    const vfloat second = n * v_set(0x1.777a5cp-25f);
    const vfloat second_low = v_fma(n, v_set(0x1.777a5cp-25f), -second);
    const vfloat high = first + second, back = high - first;
    const vfloat lost = (first - (high - back)) + (second - back);
    const vfloat low = lost + v_fma(n, v_set(0x1.ee59dap-50f), second_low);
    const struct lane_angle angle = {high, low, v_bits(biased)};
    if (v_any(v_not(v_less(v_abs(x), v_set(0x1p15f)))))
        return lane_angle_large(x, angle);
    return angle;
}

V_INLINE vfloat lane_sin_polynomial(vfloat r, vfloat low) {
    const vfloat z = r * r;
    vfloat p = v_set(0x1.7c2da4p-19f);
    p = v_fma(p, z, v_set(-0x1.a05956p-13f));
    p = v_fma(p, z, v_set(0x1.111174p-7f));
    p = v_fma(p, z, v_set(-0x1.555556p-3f));
    return r + v_fma(p, z * r, low);
}

V_INLINE vfloat lane_cos_polynomial(vfloat r, vfloat low) {
    const vfloat z = r * r, half = v_set(-0.5f) * r, one = v_set(1);
    vfloat p = v_set(0x1.99e80cp-16f);
    p = v_fma(p, z, v_set(-0x1.6c0c28p-10f));
    p = v_fma(p, z, v_set(0x1.55554ap-5f));
    const vfloat main = v_fma(half, r, one);
    const vfloat lost = v_fma(half, r, one - main);
    return main + (lost + v_fma(p, z * z, -r * low));
}

/* sin(angle + quadrants pi/2). */
V_INLINE vfloat lane_sin_of(struct lane_angle angle, vbits n) {
    const vfloat sine = lane_sin_polynomial(angle.high, angle.low);
    const vfloat cosine = lane_cos_polynomial(angle.high, angle.low);
    const vfloat value =
        v_select(v_is_negative(v_float(n << 31)), cosine, sine);
    return v_float(v_bits(value) ^ ((n << 30) & 0x80000000u));
}

V_INLINE vfloat lane_sin(vfloat x) {
    const struct lane_angle angle = lane_angle(x);
    const vmask is_tiny = v_less(v_abs(x), v_set(0x1p-13f));
    return v_select(is_tiny, x, lane_sin_of(angle, angle.n));
}

V_INLINE vfloat lane_cos(vfloat x) {
    const struct lane_angle angle = lane_angle(x);
    return lane_sin_of(angle, angle.n + 1);
}

#endif
