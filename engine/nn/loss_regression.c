/* Losses of a difference d = y - t, one for each output.
 *
 * mse:        d^2
 * l1:         |d|
 * smooth_l1:  d^2 / (2 beta) where |d| < beta, else |d| - beta / 2
 * huber:      d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2) */

#include <math.h>

#include "engine/base/compensated_sum.h"
#include "engine/nn/loss_kinds.h"

/* `bend` is beta or delta; mse and l1 have no key for it. */
struct regression_options {
    double bend;
    int reduction;
};

static const struct field PLAIN_FIELDS[] = {
    LOSS_REDUCTION_FIELD(struct regression_options),
    {.key = NULL},
};

static const struct field SMOOTH_L1_FIELDS[] = {
    {.key = "beta",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct regression_options, bend),
     .default_text = "1.0",
     FIELD_AT_LEAST(0),
     .help = "difference from which the loss is straight"},
    LOSS_REDUCTION_FIELD(struct regression_options),
    {.key = NULL},
};

static const struct field HUBER_FIELDS[] = {
    {.key = "delta",
     .type = FIELD_NUMBER,
     .flags = FIELD_POSITIVE,
     FIELD_AT(struct regression_options, bend),
     .default_text = "1.0",
     FIELD_AT_LEAST(0),
     .help = "difference from which the loss is straight"},
    LOSS_REDUCTION_FIELD(struct regression_options),
    {.key = NULL},
};

static size_t bend_coefficients(const void *options, double values[]) {
    const struct regression_options *regression = options;
    values[0] = regression->bend;
    return 1;
}

/* ---- averages in binary64 ---- */

static double square(double difference, double bend) {
    (void)bend;
    return difference * difference;
}

static double absolute(double difference, double bend) {
    (void)bend;
    return fabs(difference);
}

static double smooth(double difference, double beta) {
    double size = fabs(difference);
    return size < beta ? 0.5 * size * size / beta : size - 0.5 * beta;
}

static double huber(double difference, double delta) {
    double size = fabs(difference);
    return size <= delta ? 0.5 * size * size : delta * (size - 0.5 * delta);
}

static double average(double (*element)(double, double), double bend,
                      size_t count, const float *y, const float *t) {
    struct compensated_sum sum = {0, 0};
    for (size_t i = 0; i < count; i++)
        compensated_add(&sum, element((double)y[i] - (double)t[i], bend));
    return compensated_value(&sum) / (double)count;
}

static double mse_average(const void *options, size_t rows, size_t units,
                          const float *y, const float *t) {
    (void)options;
    return average(square, 0, rows * units, y, t);
}

static double l1_average(const void *options, size_t rows, size_t units,
                         const float *y, const float *t) {
    (void)options;
    return average(absolute, 0, rows * units, y, t);
}

static double smooth_l1_average(const void *options, size_t rows, size_t units,
                                const float *y, const float *t) {
    const struct regression_options *regression = options;
    return average(smooth, regression->bend, rows * units, y, t);
}

static double huber_average(const void *options, size_t rows, size_t units,
                            const float *y, const float *t) {
    const struct regression_options *regression = options;
    return average(huber, regression->bend, rows * units, y, t);
}

/* ---- rows ---- */

#define REGRESSION_KIND(word)                                                  \
    .kind.name = #word,                                                        \
    .kind.options_size = sizeof(struct regression_options),                    \
    .kind.refused = LOSS_REFUSED, .task = TASK_REGRESSION,                     \
    .pairs = #word " takes what linear gives", .kernel = LOSS_##word,          \
    .evaluate = loss_elementwise, .average = word##_average,                   \
    .reduction_offset = offsetof(struct regression_options, reduction)

const struct loss_kind LOSS_KIND_MSE = {
    REGRESSION_KIND(mse),
    .kind.help = "squared difference",
    .kind.fields = PLAIN_FIELDS,
};

const struct loss_kind LOSS_KIND_L1 = {
    REGRESSION_KIND(l1),
    .kind.help = "absolute difference",
    .kind.fields = PLAIN_FIELDS,
};

const struct loss_kind LOSS_KIND_SMOOTH_L1 = {
    REGRESSION_KIND(smooth_l1),
    .kind.help = "squared below beta, absolute above, of slope 1 there",
    .kind.fields = SMOOTH_L1_FIELDS,
    .coefficients = bend_coefficients,
};

const struct loss_kind LOSS_KIND_HUBER = {
    REGRESSION_KIND(huber),
    .kind.help = "squared below delta, absolute above, of slope delta there",
    .kind.fields = HUBER_FIELDS,
    .coefficients = bend_coefficients,
};
