#include <float.h>
#include <math.h>

#include "engine/data/scaler.h"

enum { MEAN, VARIANCE, SCALE, NUMBERS };
static const char *const NAMES[NUMBERS] = {"mean_", "var_", "scale_"};

/* The corrected two-pass algorithm (Chan, Golub, LeVeque), as
 * _incremental_mean_and_var of sklearn/utils/extmath.py. */
static double fit_variance(double *values, size_t count, bool is_alone,
                           double mean) {
    for (size_t i = 0; i < count; i++)
        values[i] -= mean;
    double correction = scaler_sum(values, count, is_alone);
    for (size_t i = 0; i < count; i++)
        values[i] *= values[i];
    double squares = scaler_sum(values, count, is_alone), n = (double)count;
    return (squares - correction * correction / n) / n;
}

/* _is_constant_feature: the variance is no more than rounding can make. */
static bool is_constant(double mean, double variance, size_t count) {
    double n = (double)count, error = n * mean * DBL_EPSILON;
    return variance <= n * DBL_EPSILON * variance + error * error;
}

static void fit(const void *options, double *values, size_t count,
                bool is_alone, double numbers[]) {
    (void)options; /* it has none */
    double mean = scaler_sum(values, count, is_alone) / (double)count;
    double variance = fit_variance(values, count, is_alone, mean);
    numbers[MEAN] = mean;
    numbers[VARIANCE] = variance;
    numbers[SCALE] = is_constant(mean, variance, count) ? 1 : sqrt(variance);
}

static double apply(const double numbers[], double value) {
    return (value - numbers[MEAN]) / numbers[SCALE];
}

static double restore(const double numbers[], double value) {
    return value * numbers[SCALE] + numbers[MEAN];
}

static const struct field_refused REFUSED[] = {
    {"copy", "it saves memory and changes no number"},
    {"with_mean", "a standard_scaler takes the mean off"},
    {"with_std", "a standard_scaler divides by the standard deviation"},
    {NULL, NULL},
};

const struct scaler_kind SCALER_STANDARD = {
    .kind = {.name = "standard_scaler",
             .help = "mean 0 and variance 1 on the training rows",
             .refused = REFUSED},
    .numbers = NUMBERS,
    .names = NAMES,
    .fit = fit,
    .apply = apply,
    .restore = restore,
};
