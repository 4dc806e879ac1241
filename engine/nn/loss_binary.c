/* Losses of a binary target t, 0 or 1, in one column.
 *
 * bce:              -(t log p + (1 - t) log(1 - p)), nn.BCELoss: each logarithm
 *                   at least -100
 * bce_with_logits:  the same of p = sigmoid(y), nn.BCEWithLogitsLoss; the term
 *                   of t is multiplied by pos_weight */

#include "engine/nn/layer_kinds.h"
#include "engine/nn/loss_kinds.h"

/* bce has no key for `pos_weight`. */
struct binary_options {
    struct loss_weight weight, pos_weight;
    int reduction;
};

/* A list of one: PyTorch broadcasts its tensor over the rows, and a binary
 * target is one column. */
#define ONE_NUMBER_FIELD(word, text)                                           \
    {                                                                          \
        .key = #word, .type = FIELD_NUMBERS,                                   \
        .flags = FIELD_NULLABLE | FIELD_NOT_NEGATIVE,                          \
        FIELD_OPTIONAL_AT(struct binary_options, word),                        \
        .default_text = "null", FIELD_AT_LEAST(0), .least = 1, .most = 1,      \
        .help = text                                                           \
    }

static const struct field BCE_FIELDS[] = {
    ONE_NUMBER_FIELD(weight, "factor of every row's loss"),
    LOSS_REDUCTION_FIELD(struct binary_options),
    {.key = NULL},
};

static const struct field BCE_WITH_LOGITS_FIELDS[] = {
    ONE_NUMBER_FIELD(weight, "factor of every row's loss"),
    ONE_NUMBER_FIELD(pos_weight, "factor of the loss of rows labelled 1"),
    LOSS_REDUCTION_FIELD(struct binary_options),
    {.key = NULL},
};

static double number_or_one(const struct loss_weight *weight) {
    return weight->present ? weight->value.values[0] : 1;
}

static size_t bce_coefficients(const void *options, double values[]) {
    const struct binary_options *binary = options;
    values[0] = number_or_one(&binary->weight);
    return 1;
}

static size_t bce_with_logits_coefficients(const void *options,
                                           double values[]) {
    const struct binary_options *binary = options;
    values[0] = number_or_one(&binary->weight);
    values[1] = number_or_one(&binary->pos_weight);
    return 2;
}

const struct loss_kind LOSS_KIND_BCE = {
    .kind = {.name = "bce",
             .help = "binary cross-entropy of probabilities, after sigmoid",
             .fields = BCE_FIELDS,
             .options_size = sizeof(struct binary_options),
             .refused = LOSS_REFUSED},
    .task = TASK_BINARY,
    .required_range = RANGE_PROBABILITY,
    .pairs = "bce needs sigmoid last; bce_with_logits takes what linear gives",
    .kernel = LOSS_bce,
    .coefficients = bce_coefficients,
    .through = &LAYER_SIGMOID,
    .evaluate = loss_elementwise,
    .reduction_offset = offsetof(struct binary_options, reduction),
};

const struct loss_kind LOSS_KIND_BCE_WITH_LOGITS = {
    .kind = {.name = "bce_with_logits",
             .help = "binary cross-entropy of sigmoid(y), after linear",
             .fields = BCE_WITH_LOGITS_FIELDS,
             .options_size = sizeof(struct binary_options),
             .refused = LOSS_REFUSED},
    .task = TASK_BINARY,
    .refused_range = {RANGE_PROBABILITY},
    .pairs = "bce_with_logits takes what linear gives; bce fits after sigmoid",
    .kernel = LOSS_bce_with_logits,
    .coefficients = bce_with_logits_coefficients,
    .evaluate = loss_elementwise,
    .reduction_offset = offsetof(struct binary_options, reduction),
};
