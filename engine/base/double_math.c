#include "engine/base/double_math.h"

#include <math.h>
#include <stdbool.h>

#include "engine/base/double_parts.h"

static const double INVERSE_LN2 = 0x1.71547652b82fep+0;
/* 42 bits, so that its product with an exponent is exact, and the rest. */
static const double LN2_HIGH = 0x1.62e42fefa3800p-1;
static const double LN2_LOW = 0x1.ef35793c76730p-45;
/* 11 bits, and the rest. */
static const double TWO_THIRDS_HIGH = 0x1.5500000000000p-1;
static const double TWO_THIRDS_LOW = 0x1.5555555555555p-11;

/* (e^r - 1 - r - r^2/2) / r^3; error 1.9e-17. */
static const double EXP_POLYNOMIAL[10] = {
    0x1.5555555555556p-3,  0x1.5555555555555p-5,  0x1.11111111109b0p-7,
    0x1.6c16c16c167e0p-10, 0x1.a01a01a7c6560p-13, 0x1.a01a01a47c4a2p-16,
    0x1.71de0da5c30dbp-19, 0x1.27e4e1ef97653p-22, 0x1.af38be34c9e9cp-26,
    0x1.1f66eb38288bfp-29,
};

/* (2 atanh(s) - 2s - 2/3 s^3) / s^5 of s^2; error 2.6e-17. */
static const double LOG_POLYNOMIAL[8] = {
    0x1.999999999999ap-2, 0x1.2492492492521p-2, 0x1.c71c71c6eaa62p-3,
    0x1.745d177a9177ap-3, 0x1.3b1395d3ff9c9p-3, 0x1.1118c77d5109dp-3,
    0x1.df7cde867e642p-4, 0x1.e02d8dd655accp-4,
};

/* x 2^exponent with one rounding, for 1/4 <= |x| <= 4. */
static double scale(double x, int exponent) {
    if (exponent > 1000)
        return x * 0x1p1000 * double_power_of_two(exponent - 1000);
    if (exponent < -1000)
        return x * 0x1p-900 * double_power_of_two(exponent + 900);
    return x * double_power_of_two(exponent);
}

/* e^x = 2^exponent (1 + r + rest), |r| <= 0.35: r has all bits, rest is r^2/2
 * and smaller terms. */
struct exponential {
    int exponent;
    double r, rest;
};

/* For |high| <= 750. */
static struct exponential exponential_of(double high, double low) {
    const double SHIFT = 0x1.8p52; /* adding it rounds to a whole number */
    double k = (high * INVERSE_LN2 + SHIFT) - SHIFT;
    struct extended r = double_sum(high - k * LN2_HIGH, low - k * LN2_LOW);
    double square = r.high * r.high;
    double tail = double_polynomial(EXP_POLYNOMIAL, 10, r.high);
    return (struct exponential){
        .exponent = (int)k,
        .r = r.high,
        .rest =
            (0.5 * square + r.high * square * tail) + (r.low + r.low * r.high),
    };
}

static double exp_extended(double high, double low) {
    if (high > 710)
        return INFINITY;
    if (high < -746)
        return 0;
    struct exponential e = exponential_of(high, low);
    struct extended sum = double_sum_ordered(1, e.r);
    return scale(sum.high + (sum.low + e.rest), e.exponent);
}

double double_exp(double x) {
    return isnan(x) ? x : exp_extended(x, 0);
}

/* e^x - 1 = 2^exponent (high + low), for -40 <= x <= 710. */
static struct extended expm1_extended(double x, int *exponent) {
    struct exponential e = exponential_of(x, 0);
    *exponent = e.exponent;
    /* 2^-exponent to take away; nothing where it is far below the last bit. */
    double unit = e.exponent > 64 ? 0 : double_power_of_two(-e.exponent);
    struct extended one = double_sum(1, -unit);
    struct extended sum = double_sum(one.high, e.r);
    return double_sum_ordered(sum.high, (sum.low + one.low) + e.rest);
}

double double_expm1(double x) {
    if (double_magnitude(x) < 0x1p-54 || isnan(x))
        return x;
    if (x < -40)
        return -1;
    if (x > 710)
        return INFINITY;
    int exponent;
    struct extended e = expm1_extended(x, &exponent);
    return scale(e.high + e.low, exponent);
}

/* The exact x / 2^exponent in [sqrt(1/2), sqrt(2)), for finite x > 0. */
static double normalize(double x, int *exponent) {
    const uint64_t SQRT_HALF = 0x3fe6a09e667f3bcdu;
    const uint64_t SIGNIFICAND = ((uint64_t)1 << 52) - 1;
    bool is_subnormal = x < 0x1p-1022;
    uint64_t bits = double_bits(is_subnormal ? x * 0x1p54 : x);
    uint64_t above = bits - SQRT_HALF; /* wraps below the square root */
    *exponent = (int)((int64_t)above >> 52) - (is_subnormal ? 54 : 0);
    return double_from_bits((above & SIGNIFICAND) + SQRT_HALF);
}

/* log(1 + f + f_low) = 2 atanh(s) of s = f / (2 + f), as s to 73 bits:
 * the quotient's upper part, and what it leaves. */
static struct extended half_tangent(double f, double f_low) {
    struct extended divisor = double_sum_ordered(2, f);
    double reciprocal = 1 / divisor.high;
    double s = double_upper_part(f * reciprocal);
    double upper = double_upper_part(divisor.high);
    double lower = (divisor.high - upper) + (divisor.low + f_low);
    double left = ((f - s * upper) + f_low) - s * lower;
    return (struct extended){s, left * reciprocal};
}

/* log(2^exponent (1 + f + f_low)) with an error below 2^-63 of the result, for
 * |f| <= 0.42:
 *   exponent log 2 + 2s + 2/3 s^3 + s^5 P(s^2),
 * all but the last term in extended precision. */
static struct extended log_extended(int exponent, double f, double f_low) {
    struct extended s = half_tangent(f, f_low);
    double s_whole = s.high + s.low;
    double square_exact = s.high * s.high; /* 42 bits: exact */
    double square_low = s.low * (s.high + s_whole);
    double square = double_upper_part(square_exact + square_low);
    square_low += square_exact - square;
    double cube = square * s.high; /* exact */
    double cube_low = square_low * s.high + (square + square_low) * s.low;
    double third = (square + square_low) * (cube + cube_low);
    third *= double_polynomial(LOG_POLYNOMIAL, 8, square + square_low);

    /* The cube's 42 bits times 2/3's 11 are exact too. */
    struct extended sum = double_sum_ordered(exponent * LN2_HIGH, 2 * s.high);
    struct extended second =
        double_sum_ordered(sum.high, cube * TWO_THIRDS_HIGH);
    double low = (cube * TWO_THIRDS_LOW + cube_low * (2.0 / 3)) + third;
    low += (2 * s.low + exponent * LN2_LOW) + (sum.low + second.low);
    return double_sum_ordered(second.high, low);
}

static struct extended log_of_positive(double x) {
    int exponent;
    double significand = normalize(x, &exponent);
    return log_extended(exponent, significand - 1, 0);
}

double double_log(double x) {
    if (x == 0)
        return -INFINITY;
    if (x < 0)
        return NAN;
    if (!isfinite(x))
        return x;
    struct extended log = log_of_positive(x);
    return log.high + log.low;
}

double double_log1p(double x) {
    if (x == -1)
        return -INFINITY;
    if (x < -1)
        return NAN;
    if (!isfinite(x) || double_magnitude(x) < 0x1p-54)
        return x;
    if (x > 0x1p54)
        return double_log(x);
    struct extended sum = double_sum(1, x);
    int exponent;
    double significand = normalize(sum.high, &exponent);
    double f_low = sum.low * double_power_of_two(-exponent);
    struct extended f = double_sum(significand - 1, f_low);
    struct extended log = log_extended(exponent, f.high, f.low);
    return log.high + log.low;
}

/* n / d, correct to an ulp and a little. */
static double quotient(struct extended n, struct extended d) {
    double first = double_upper_part(n.high / d.high);
    double upper = double_upper_part(d.high);
    double lower = (d.high - upper) + d.low;
    double left = ((n.high - first * upper) + n.low) - first * lower;
    return first + left / d.high;
}

/* (e^2x - 1) / (e^2x + 1). */
double double_tanh(double x) {
    double magnitude = double_magnitude(x);
    if (magnitude < 0x1p-28 || isnan(x))
        return x;
    if (magnitude > 22)
        return double_with_sign(1, x);
    int exponent;
    struct extended e = expm1_extended(2 * magnitude, &exponent);
    struct extended divisor =
        double_sum(2 * double_power_of_two(-exponent), e.high);
    divisor.low += e.low;
    return double_with_sign(quotient(e, divisor), x);
}

/* base^exponent for finite base > 0 other than 1 and finite exponent. */
static double power_of_positive(double base, double exponent) {
    /* |log(base)| is at least 2^-54: the result is at an end of the range. */
    if (double_magnitude(exponent) > 0x1p70)
        return (base > 1) == (exponent > 0) ? INFINITY : 0;
    struct extended log = log_of_positive(base);
    double log_upper = double_upper_part(log.high);
    double log_lower = (log.high - log_upper) + log.low;
    double upper = double_upper_part(exponent);
    double product = upper * log_upper; /* exact */
    double low = upper * log_lower + (exponent - upper) * log.high;
    struct extended power = double_sum_ordered(product, low);
    return exp_extended(power.high, power.low);
}

/* Annex F.10.4.4 where base is 0 or infinite, or the exponent is infinite. */
static double power_at_ends(double base, double exponent, bool is_odd) {
    if (isinf(exponent)) {
        double magnitude = double_magnitude(base);
        if (magnitude == 1)
            return 1;
        return (magnitude > 1) == (exponent > 0) ? INFINITY : 0;
    }
    bool is_growing = (base != 0) == (exponent > 0);
    double result = is_growing ? INFINITY : 0;
    return is_odd ? double_with_sign(result, base) : result;
}

double double_pow(double base, double exponent) {
    if (exponent == 0 || base == 1)
        return 1;
    if (isnan(base) || isnan(exponent))
        return NAN;
    double magnitude = double_magnitude(exponent);
    bool is_whole =
        magnitude >= 0x1p53 || (double)(int64_t)magnitude == magnitude;
    bool is_odd = magnitude < 0x1p53 && is_whole && (int64_t)magnitude % 2;
    if (base == 0 || isinf(base) || isinf(exponent))
        return power_at_ends(base, exponent, is_odd);
    if (base < 0 && !is_whole)
        return NAN;
    if (base == -1)
        return is_odd ? -1 : 1;
    double result = power_of_positive(double_magnitude(base), exponent);
    return is_odd ? double_with_sign(result, base) : result;
}
