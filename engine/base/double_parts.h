#ifndef ENGINE_BASE_DOUBLE_PARTS_H
#define ENGINE_BASE_DOUBLE_PARTS_H

/* What the files of double_math.h share. Only + - * / and the bits of a double
 * are used, so that every machine, with fused multiply-add or without, gives
 * the same result at the same cost.
 *
 * A number in extended precision is an unevaluated sum high + low with |low| at
 * most an ulp of |high|, or of the magnitude that the comment states.
 * Polynomials and constants come from scripts/fit_double_math.py. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct extended {
    double high, low;
};

static inline uint64_t double_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double double_from_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double double_magnitude(double x) {
    return double_from_bits(double_bits(x) & INT64_MAX);
}

/* `magnitude` with the sign of `x`. */
static inline double double_with_sign(double magnitude, double x) {
    uint64_t sign = double_bits(x) & ~(uint64_t)INT64_MAX;
    return double_from_bits(double_bits(magnitude) | sign);
}

/* x with the low 32 bits of its significand cleared: products of two such
 * numbers are exact. */
static inline double double_upper_part(double x) {
    return double_from_bits(double_bits(x) & 0xffffffff00000000u);
}

/* 2^exponent for a normal result. */
static inline double double_power_of_two(int exponent) {
    return double_from_bits((uint64_t)(exponent + 1023) << 52);
}

/* The exact sum where |a| >= |b| or a == 0. */
static inline struct extended double_sum_ordered(double a, double b) {
    double sum = a + b;
    return (struct extended){sum, b - (sum - a)};
}

/* The exact sum (Knuth, The Art of Computer Programming 2, 4.2.2). */
static inline struct extended double_sum(double a, double b) {
    double sum = a + b, b_part = sum - a;
    return (struct extended){sum, (a - (sum - b_part)) + (b - b_part)};
}

/* c[0] + c[1] x + ..., as two interleaved Horner chains in x^2: half as long to
 * wait for. */
static inline double double_polynomial(const double *c, size_t count,
                                       double x) {
    double square = x * x, chains[2] = {0, 0};
    for (size_t i = count; i-- > 0;)
        chains[i % 2] = chains[i % 2] * square + c[i];
    return chains[0] + x * chains[1];
}

#endif
