#ifndef ENGINE_BASE_DOUBLE_LOG_H
#define ENGINE_BASE_DOUBLE_LOG_H

/* The logarithm of double_math.h without its special cases and without a
 * branch, so that a compiler can take several numbers at once. */

#include "engine/base/double_parts.h"

/* 42 bits, so that its product with an exponent is exact, and the rest. */
static const double LN2_HIGH = 0x1.62e42fefa3800p-1;
static const double LN2_LOW = 0x1.ef35793c76730p-45;
/* 11 bits, and the rest. */
static const double TWO_THIRDS_HIGH = 0x1.5500000000000p-1;
static const double TWO_THIRDS_LOW = 0x1.5555555555555p-11;

/* (2 atanh(s) - 2s - 2/3 s^3) / s^5 of s^2; error 2.6e-17. */
static const double LOG_POLYNOMIAL[8] = {
    0x1.999999999999ap-2, 0x1.2492492492521p-2, 0x1.c71c71c6eaa62p-3,
    0x1.745d177a9177ap-3, 0x1.3b1395d3ff9c9p-3, 0x1.1118c77d5109dp-3,
    0x1.df7cde867e642p-4, 0x1.e02d8dd655accp-4,
};

/* The exact x / 2^exponent in [sqrt(1/2), sqrt(2)), for normal x > 0. */
static inline double double_normalize(double x, double *exponent) {
    const uint64_t SQRT_HALF = 0x3fe6a09e667f3bcdu;
    const uint64_t SIGNIFICAND = ((uint64_t)1 << 52) - 1;
    uint64_t above = double_bits(x) - SQRT_HALF; /* wraps below the root */
    /* A double's lowest bits count units where it is 2^52 and more: processors
     * that convert no 64-bit integers can do it too. */
    uint64_t biased = (above + ((uint64_t)1024 << 52)) >> 52;
    *exponent =
        double_from_bits(biased | (uint64_t)0x433 << 52) - (0x1p52 + 1024);
    return double_from_bits((above & SIGNIFICAND) + SQRT_HALF);
}

/* log(1 + f + f_low) = 2 atanh(s) of s = f / (2 + f), as s to 73 bits:
 * the quotient's upper part, and what it leaves. */
static inline struct extended double_half_tangent(double f, double f_low) {
    struct extended divisor = double_sum_ordered(2, f);
    double reciprocal = 1 / divisor.high;
    double s = double_upper_part(f * reciprocal);
    double upper = double_upper_part(divisor.high);
    double lower = (divisor.high - upper) + (divisor.low + f_low);
    double left = ((f - s * upper) + f_low) - s * lower;
    return (struct extended){s, left * reciprocal};
}

/* log(2^exponent (1 + f + f_low)) with an error below 2^-63 of the result, for
 * |f| <= 0.42 and a whole exponent:
 *   exponent log 2 + 2s + 2/3 s^3 + s^5 P(s^2),
 * all but the last term in extended precision. */
static inline struct extended double_log_extended(double exponent, double f,
                                                  double f_low) {
    struct extended s = double_half_tangent(f, f_low);
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

/* For normal x > 0. */
static inline double double_log_of_normal(double x) {
    double exponent, significand = double_normalize(x, &exponent);
    struct extended log = double_log_extended(exponent, significand - 1, 0);
    return log.high + log.low;
}

#endif
