/* Losses of class numbers c, one column of whole numbers from 0.
 *
 * nll:            -w_c y_c of log-probabilities y; a mean is the sum divided by
 *                 the sum of the rows' w_c
 * cross_entropy:  nll of log_softmax(y). With label_smoothing e and C classes
 *                 a row's loss is (1 - e) w_c (-y_c) + e / C sum_k w_k (-y_k),
 *                 y being log_softmax's, and a mean divides by the same sum of
 *                 w_c (nn.CrossEntropyLoss)
 *
 * A row whose class is ignore_index counts nothing. */

#include "engine/base/compensated_sum.h"
#include "engine/base/double_math.h"
#include "engine/nn/loss_kinds.h"

/* nll has no key for `label_smoothing`. */
struct classes_options {
    struct loss_weight weight;
    int64_t ignore_index;
    double label_smoothing;
    int reduction;
};

#define CLASSES_FIELDS                                                         \
    {.key = "weight",                                                          \
     .type = FIELD_NUMBERS,                                                    \
     .flags = FIELD_NULLABLE | FIELD_NOT_NEGATIVE,                             \
     FIELD_OPTIONAL_AT(struct classes_options, weight),                        \
     .default_text = "null",                                                   \
     FIELD_AT_LEAST(0),                                                        \
     .least = 1,                                                               \
     .help = "factor of each class' loss, one an output"},                     \
        {.key = "ignore_index",                                                \
         .type = FIELD_INTEGER,                                                \
         FIELD_AT(struct classes_options, ignore_index),                       \
         .default_text = "-100",                                               \
         .help = "class whose rows count nothing"},                            \
        LOSS_REDUCTION_FIELD(struct classes_options)

static const struct field CROSS_ENTROPY_FIELDS[] = {
    CLASSES_FIELDS,
    {.key = "label_smoothing",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct classes_options, label_smoothing),
     .default_text = "0.0",
     FIELD_BETWEEN(0, 1),
     .help = "share of the target that is spread over all classes"},
    {.key = NULL},
};

static const struct field NLL_FIELDS[] = {
    CLASSES_FIELDS,
    {.key = NULL},
};

static const struct field_numbers *classes_weight(const void *options) {
    const struct classes_options *classes = options;
    return classes->weight.present ? &classes->weight.value : NULL;
}

/* The kernels take one reduction and one ignored class for all lanes, and
 * smooth or weigh in all or none. */
static bool classes_alike(const void *a, const void *b) {
    const struct classes_options *one = a, *other = b;
    return one->ignore_index == other->ignore_index &&
           one->reduction == other->reduction &&
           one->weight.present == other->weight.present &&
           ((float)one->label_smoothing > 0) ==
               ((float)other->label_smoothing > 0);
}

static size_t cross_entropy_coefficients(const void *options, double values[]) {
    const struct classes_options *classes = options;
    values[0] = classes->label_smoothing;
    return 1;
}

/* ---- a mini-batch ---- */

static void divide(const struct loss_call *call, const float *weight) {
    if (call->mean[0] != 0)
        for (size_t lane = 0; lane < call->cells.lanes; lane++)
            call->value[lane] /= weight[lane];
}

static void nll_evaluate(const struct loss_call *call) {
    const struct classes_options *classes = call->options;
    float weight[KERNEL_WIDTH_LIMIT];
    call->kernels->nll(call->units, call->cells, call->class_weight,
                       classes->ignore_index, call->mean[0] != 0, call->y,
                       call->t, call->value, weight, call->dy);
    divide(call, weight);
}

static void cross_entropy_evaluate(const struct loss_call *call) {
    const struct classes_options *classes = call->options;
    float weight[KERNEL_WIDTH_LIMIT];
    const float *smoothing =
        (float)classes->label_smoothing > 0 ? call->coefficients[0] : NULL;
    call->kernels->cross_entropy(call->units, call->cells, call->class_weight,
                                 classes->ignore_index, smoothing,
                                 call->mean[0] != 0, call->y, call->t,
                                 call->value, weight, call->dy);
    divide(call, weight);
}

/* ---- averages in binary64 ---- */

/* As PyTorch, whose weight tensor is float32. */
static double class_weight(const struct classes_options *classes, size_t unit) {
    return classes->weight.present
               ? (double)(float)classes->weight.value.values[unit]
               : 1;
}

/* log sum exp of a row; the class' y less this is its log-probability. */
static double log_sum(size_t units, const float *y) {
    double largest = (double)y[0], sum = 0;
    for (size_t unit = 1; unit < units; unit++)
        if ((double)y[unit] > largest)
            largest = (double)y[unit];
    for (size_t unit = 0; unit < units; unit++)
        sum += double_exp((double)y[unit] - largest);
    return largest + double_log(sum);
}

/* A row's loss, `base` being what turns its y into log-probabilities. */
static double row_loss(const struct classes_options *classes, size_t units,
                       const float *y, double base, size_t label) {
    double smoothing = classes->label_smoothing, smooth = 0;
    double loss = class_weight(classes, label) * (base - (double)y[label]);
    if (smoothing == 0)
        return loss;
    for (size_t unit = 0; unit < units; unit++)
        smooth += class_weight(classes, unit) * (base - (double)y[unit]);
    return (1 - smoothing) * loss + smoothing / (double)units * smooth;
}

static double average(const struct classes_options *classes, int is_logits,
                      size_t rows, size_t units, const float *y,
                      const float *t) {
    struct compensated_sum sum = {0, 0}, weight = {0, 0};
    for (size_t row = 0; row < rows; row++, y += units) {
        if ((double)t[row] == (double)classes->ignore_index)
            continue;
        size_t label = (size_t)t[row];
        double base = is_logits ? log_sum(units, y) : 0;
        compensated_add(&sum, row_loss(classes, units, y, base, label));
        compensated_add(&weight, class_weight(classes, label));
    }
    double whole = compensated_value(&weight);
    return whole == 0 ? 0 : compensated_value(&sum) / whole;
}

static double nll_average(const void *options, size_t rows, size_t units,
                          const float *y, const float *t) {
    return average(options, 0, rows, units, y, t);
}

static double cross_entropy_average(const void *options, size_t rows,
                                    size_t units, const float *y,
                                    const float *t) {
    return average(options, 1, rows, units, y, t);
}

/* ---- rows ---- */

const struct loss_kind LOSS_KIND_CROSS_ENTROPY = {
    .kind = {.name = "cross_entropy",
             .help = "cross-entropy of softmax(y) with the class, after linear",
             .fields = CROSS_ENTROPY_FIELDS,
             .options_size = sizeof(struct classes_options),
             .refused = LOSS_REFUSED},
    .task = TASK_CLASSES,
    .refused_range = {RANGE_DISTRIBUTION, RANGE_LOG_DISTRIBUTION},
    .pairs = "cross_entropy takes what linear gives; nll fits after "
             "log_softmax",
    .coefficients = cross_entropy_coefficients,
    .alike = classes_alike,
    .evaluate = cross_entropy_evaluate,
    .average = cross_entropy_average,
    .class_weight = classes_weight,
    .reduction_offset = offsetof(struct classes_options, reduction),
};

const struct loss_kind LOSS_KIND_NLL = {
    .kind = {.name = "nll",
             .help = "minus the class' log-probability, after log_softmax",
             .fields = NLL_FIELDS,
             .options_size = sizeof(struct classes_options),
             .refused = LOSS_REFUSED},
    .task = TASK_CLASSES,
    .required_range = RANGE_LOG_DISTRIBUTION,
    .pairs = "nll needs log_softmax last; cross_entropy takes what linear "
             "gives",
    .alike = classes_alike,
    .evaluate = nll_evaluate,
    .average = nll_average,
    .class_weight = classes_weight,
    .reduction_offset = offsetof(struct classes_options, reduction),
};
