#include "engine/base/double_math.h"

#include <math.h>
#include <stdbool.h>

#include "engine/base/double_parts.h"

__extension__ typedef unsigned __int128 uint128_t;

/* 64 zero bits, and the first 1,280 bits of 2/pi after the binary point. */
static const uint64_t TWO_OVER_PI[21] = {
    0,
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
};

/* pi/2 in units of 2^-127. */
static const uint64_t HALF_PI[2] = {0xc90fdaa22168c234, 0xc4c6628b80dc1cd1};

static const double QUARTER_PI = 0x1.921fb54442d18p-1;

/* (sin(x) - x) / x^3 of x^2; error 9.3e-18. */
static const double SIN_POLYNOMIAL[7] = {
    -0x1.5555555555555p-3,  0x1.1111111111110p-7,   -0x1.a01a01a019938p-13,
    0x1.71de3a5460954p-19,  -0x1.ae645412c49b5p-26, 0x1.61217f0ae398cp-33,
    -0x1.ab17d3a8a428cp-41,
};

/* (cos(x) - 1 + x^2/2) / x^4 of x^2; error 2.3e-18. */
static const double COS_POLYNOMIAL[7] = {
    0x1.5555555555555p-5,   -0x1.6c16c16c16c16p-10, 0x1.a01a01a019d0ap-16,
    -0x1.27e4fb7712d62p-22, 0x1.1eed8deb9751bp-29,  -0x1.9394ba0c4bbfep-37,
    0x1.ab785aaea9729p-45,
};

/* quadrant pi/2 + angle, |angle| <= pi/4. */
struct reduced {
    unsigned quadrant;
    struct extended angle;
};

/* A whole number of three words, the most significant first. */
struct words {
    uint64_t high, middle, low;
};

/* The 192 bits of TWO_OVER_PI from bit `position` on. */
static struct words bits_from(unsigned position) {
    const uint64_t *word = TWO_OVER_PI + position / 64;
    unsigned shift = position % 64;
    if (shift == 0)
        return (struct words){word[0], word[1], word[2]};
    return (struct words){
        word[0] << shift | word[1] >> (64 - shift),
        word[1] << shift | word[2] >> (64 - shift),
        word[2] << shift | word[3] >> (64 - shift),
    };
}

/* x 2/pi modulo 4 in units of 2^-190, for finite x > pi/4 (Payne and Hanek
 * 1983): with x = m 2^e, bits of 2/pi of weight above 2^(1-e) make multiples
 * of 4 and are left out; those left out at the other end count for less than
 * 2^-137. No double lies nearer than 2^-62 to a multiple of pi/2, so 75 bits of
 * the angle are right. */
static struct words quarter_turns(double x) {
    uint64_t bits = double_bits(x);
    uint64_t significand = (bits & (((uint64_t)1 << 52) - 1)) | (uint64_t)1
                                                                    << 52;
    int exponent = (int)(bits >> 52) - 1075;
    struct words factor = bits_from((unsigned)(62 + exponent));
    uint128_t low = (uint128_t)significand * factor.low;
    uint128_t middle =
        (uint128_t)significand * factor.middle + (uint64_t)(low >> 64);
    uint64_t high = significand * factor.high + (uint64_t)(middle >> 64);
    return (struct words){high, (uint64_t)middle, (uint64_t)low};
}

static struct words negated(struct words words) {
    struct words result = {~words.high, ~words.middle, ~words.low + 1};
    result.middle += result.low == 0;
    result.high += result.low == 0 && result.middle == 0;
    return result;
}

/* The upper 128 bits of the product of two numbers of 128 bits. */
static uint128_t product_high(uint128_t a, uint128_t b) {
    uint64_t a_high = (uint64_t)(a >> 64), a_low = (uint64_t)a;
    uint64_t b_high = (uint64_t)(b >> 64), b_low = (uint64_t)b;
    uint128_t low = (uint128_t)a_low * b_low;
    uint128_t cross = (uint128_t)a_high * b_low + (uint64_t)(low >> 64);
    uint128_t other = (uint128_t)a_low * b_high + (uint64_t)cross;
    return (uint128_t)a_high * b_high + (uint64_t)(cross >> 64) +
           (uint64_t)(other >> 64);
}

/* pi/2 fraction / 2^192, for 2^-64 <= fraction / 2^192 <= 1/2. */
static struct extended angle_of(struct words fraction) {
    int zeros = __builtin_clzll(fraction.high);
    uint128_t upper = (uint128_t)fraction.high << 64 | fraction.middle;
    upper = upper << zeros | (uint128_t)(fraction.low >> 1 >> (63 - zeros));
    uint128_t half_pi = (uint128_t)HALF_PI[0] << 64 | HALF_PI[1];
    uint128_t angle = product_high(upper, half_pi); /* 2^(-127 - zeros) */
    uint64_t high = (uint64_t)(angle >> 75);        /* 52 or 53 bits */
    uint64_t low = (uint64_t)(angle >> 11);         /* the 64 bits below */
    double unit = double_power_of_two(-116 - zeros);
    return double_sum_ordered((double)high * 0x1p64 * unit, (double)low * unit);
}

static struct reduced reduce(double x) {
    if (x <= QUARTER_PI)
        return (struct reduced){0, {x, 0}};
    struct words turns = quarter_turns(x);
    struct words fraction = {
        turns.high << 2 | turns.middle >> 62,
        turns.middle << 2 | turns.low >> 62,
        turns.low << 2,
    };
    unsigned quadrant = (unsigned)(turns.high >> 62);
    if (fraction.high >> 63 == 0)
        return (struct reduced){quadrant, angle_of(fraction)};
    struct extended angle = angle_of(negated(fraction));
    return (struct reduced){(quadrant + 1) % 4, {-angle.high, -angle.low}};
}

static double sin_near_zero(struct extended angle) {
    double x = angle.high, square = x * x;
    double cubic = x * square * double_polynomial(SIN_POLYNOMIAL, 7, square);
    return x + (cubic + angle.low * (1 - 0.5 * square));
}

static double cos_near_zero(struct extended angle) {
    double x = angle.high, square = x * x;
    double tail =
        square * square * double_polynomial(COS_POLYNOMIAL, 7, square);
    struct extended first = double_sum_ordered(1, -0.5 * square);
    return first.high + (first.low + (tail - x * angle.low));
}

/* sin(angle + quadrant pi/2). */
static double sin_of(struct reduced reduced) {
    bool is_cosine = reduced.quadrant & 1, is_negative = reduced.quadrant & 2;
    double value =
        is_cosine ? cos_near_zero(reduced.angle) : sin_near_zero(reduced.angle);
    return is_negative ? -value : value;
}

double double_sin(double x) {
    double magnitude = double_magnitude(x);
    if (!isfinite(x))
        return NAN;
    if (magnitude < 0x1p-27)
        return x;
    double value = sin_of(reduce(magnitude));
    return x < 0 ? -value : value;
}

double double_cos(double x) {
    if (!isfinite(x))
        return NAN;
    struct reduced reduced = reduce(double_magnitude(x));
    reduced.quadrant++;
    return sin_of(reduced);
}
