#ifndef TESTS_MATH_MATH_LIMITS_H
#define TESTS_MATH_MATH_LIMITS_H

/* The largest error of each lane function over all floats, in ulp of the exact
 * value, that its header promises; and the measure. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "engine/kernel/kernel.h"

static inline double exact_sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

/* The C library's binary64 functions serve as exact: their error is 1e-9 of a
 * float's ulp. */
static const struct math_limit {
    const char *name;
    double (*exact)(double x);
    double ulp;
} MATH_LIMITS[] = {
    {"exp", exp, 1},     {"expm1", expm1, 1.6},
    {"log", log, 1},     {"log1p", log1p, 1.5},
    {"tanh", tanh, 1.5}, {"sigmoid", exact_sigmoid, 2.5},
    {"erf", erf, 1.2},   {"sin", sin, 1},
    {"cos", cos, 1},
};
enum { MATH_LIMIT_COUNT = sizeof MATH_LIMITS / sizeof *MATH_LIMITS };

static inline const struct math_limit *math_limit(const char *name) {
    for (int i = 0; i < MATH_LIMIT_COUNT; i++)
        if (strcmp(MATH_LIMITS[i].name, name) == 0)
            return &MATH_LIMITS[i];
    return NULL;
}

/* |y - exact| in units of the last place that a float near `exact` has; Inf
 * where NaN, an infinity or the sign of a zero is wrong. Overflow counts as the
 * number 2^128. */
static inline double ulp_error(float y, double exact) {
    if (isnan(exact) || isnan(y))
        return isnan(exact) && isnan(y) ? 0 : INFINITY;
    if (isinf(exact))
        return (double)y == exact ? 0 : INFINITY;
    if ((y == 0 || exact == 0) && !signbit(y) != !signbit(exact))
        return INFINITY;
    if (isinf(y) && fabs(exact) > 0x1.ffffffp127)
        return !signbit(y) == !signbit(exact) ? 0 : INFINITY;
    const double value = isinf(y) ? copysign(0x1p128, (double)y) : (double)y;
    /* 2^exponent <= |exact|, within the exponents of floats; read from the
     * bits, for whole_range.c computes billions. */
    uint64_t bits;
    memcpy(&bits, &exact, sizeof bits);
    int64_t exponent = (int64_t)(bits >> 52 & 0x7ff) - 1023;
    exponent = exponent < -126 ? -126 : exponent > 127 ? 127 : exponent;
    const uint64_t inverse_bits = (uint64_t)(1023 + 23 - exponent) << 52;
    double inverse_ulp;
    memcpy(&inverse_ulp, &inverse_bits, sizeof inverse_ulp);
    return fabs(value - exact) * inverse_ulp;
}

/* Equal bits, or both NaN. */
static inline int same_float(float a, float b) {
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

#endif
