#include "engine/base/double_math.h"

#include <math.h>
#include <stdbool.h>

#include "engine/base/double_log.h"

static const double INVERSE_LN2 = 0x1.71547652b82fep+0;

/* (e^r - 1 - r - r^2/2) / r^3; error 1.9e-17. */
static const double EXP_POLYNOMIAL[10] = {
    0x1.5555555555556p-3,  0x1.5555555555555p-5,  0x1.11111111109b0p-7,
    0x1.6c16c16c167e0p-10, 0x1.a01a01a7c6560p-13, 0x1.a01a01a47c4a2p-16,
    0x1.71de0da5c30dbp-19, 0x1.27e4e1ef97653p-22, 0x1.af38be34c9e9cp-26,
    0x1.1f66eb38288bfp-29,
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
static double normalize(double x, double *exponent) {
    bool is_subnormal = x < 0x1p-1022;
    double significand =
        double_normalize(is_subnormal ? x * 0x1p54 : x, exponent);
    *exponent -= is_subnormal ? 54 : 0;
    return significand;
}

static struct extended log_of_positive(double x) {
    double exponent, significand = normalize(x, &exponent);
    return double_log_extended(exponent, significand - 1, 0);
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
    double exponent, significand = normalize(sum.high, &exponent);
    double f_low = sum.low * double_power_of_two(-(int)exponent);
    struct extended f = double_sum(significand - 1, f_low);
    struct extended log = double_log_extended(exponent, f.high, f.low);
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
