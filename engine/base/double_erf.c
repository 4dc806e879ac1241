#include "engine/base/double_math.h"

#include <math.h>

#include "engine/base/double_parts.h"

/* erf(x) / x - 1 of x^2, 0 <= x <= 1/2; error 1.8e-17. */
static const double ERF_LOW[10] = {
    0x1.06eba8214db69p-3,   -0x1.812746b0379e6p-2,  0x1.ce2f21a042b29p-4,
    -0x1.b82ce3127f739p-6,  0x1.565bcd0aa6349p-8,   -0x1.c02db23d41138p-11,
    0x1.f9a2a6635fe79p-14,  -0x1.f4bb9f7301dedp-17, 0x1.b776442df3041p-20,
    -0x1.39fb524e9c1f7p-23,
};

/* (erf(3/4 + t) - erf(3/4)) / t, |t| <= 1/4; error 4.4e-17. */
static const double ERF_BELOW_1[14] = {
    0x1.492e42d78d2c5p-1,   -0x1.edc5644353c27p-2, 0x1.b6e8591f668b1p-6,
    0x1.349b5eaa145eap-3,   -0x1.b42a1890a0eb8p-5, -0x1.b8477966dbf42p-6,
    0x1.2e0afae9b530ep-6,   0x1.2db3337432936p-9,  -0x1.04104485a7efbp-8,
    0x1.8621f0de0d331p-13,  0x1.4713cff8b7184p-11, -0x1.bd1e9c7fe50afp-14,
    -0x1.372fab2a1ba55p-14, 0x1.675395e3bdbd7p-16,
};

/* (erf(11/8 + t) - erf(11/8)) / t, |t| <= 3/8; error 5.9e-18. */
static const double ERF_ABOVE_1[17] = {
    0x1.5ce595c455b0ap-3,   -0x1.dfbbadedf5d2ep-3,  0x1.4374d82e04c67p-3,
    -0x1.f3b8d52d35959p-6,  -0x1.f572c4c8c7aabp-6,  0x1.6b16f52c6b115p-6,
    -0x1.73ffa9b87f209p-10, -0x1.17404753de20bp-8,  0x1.9da3d49697fa3p-10,
    0x1.534f7f5b99ed1p-12,  -0x1.6392e1ae3925bp-12, 0x1.e123262709556p-16,
    0x1.5e449af34aa3fp-15,  -0x1.9127152ee986ep-17, -0x1.8f78a89076832p-19,
    0x1.e0d1730997b70p-20,  0x1.286feb3f2e4f8p-25,
};

/* e^(x^2) erfc(x) of (x - 2) / (x + 2), 7/4 <= x <= 6; error 5.6e-18. */
static const double ERFC_HIGH[14] = {
    0x1.058671b52c776p-2,   -0x1.b57034efd3f75p-2,  0x1.eeea7dc8a76ffp-3,
    -0x1.437f0b68bcc40p-4,  0x1.e94715a040345p-9,   0x1.ca95ece1b5559p-8,
    -0x1.bc25995da54f6p-11, -0x1.016ab55a59634p-10, 0x1.6c3bd1fec9291p-15,
    0x1.6f7bdf4c4718bp-13,  0x1.95b6c1dcdaf8dp-16,  -0x1.4554d9c8e385dp-16,
    -0x1.bdd15b6713165p-16, 0x1.a2e876231a740p-17,
};

/* erf(center + t) = value + value_low + t P(t). */
struct expansion {
    double center, value, value_low;
    const double *polynomial;
    size_t count;
};

static const struct expansion BELOW_1 = {
    0.75, 0x1.6c1c9759d0e5fp-1, 0x1.b1432f2cbc455p-55, ERF_BELOW_1, 14};
static const struct expansion ABOVE_1 = {
    1.375, 0x1.e5768c3b4a3fcp-1, 0x1.8b62674f89890p-57, ERF_ABOVE_1, 17};

static double expand(const struct expansion *expansion, double x) {
    const double *c = expansion->polynomial;
    double t = x - expansion->center;
    double bend = t * t * double_polynomial(c + 1, expansion->count - 1, t);
    double change = t * c[0] + (bend + expansion->value_low);
    return expansion->value + change;
}

static double erf_high(double x) {
    double t = (x - 2) / (x + 2);
    return 1 - double_exp(-x * x) * double_polynomial(ERFC_HIGH, 14, t);
}

static double erf_positive(double x) {
    if (x < 1)
        return expand(&BELOW_1, x);
    if (x < 1.75)
        return expand(&ABOVE_1, x);
    return x < 6 ? erf_high(x) : 1;
}

double double_erf(double x) {
    double magnitude = double_magnitude(x);
    if (magnitude < 0.5)
        return x + x * double_polynomial(ERF_LOW, 10, x * x);
    return isnan(x) ? x : double_with_sign(erf_positive(magnitude), x);
}
