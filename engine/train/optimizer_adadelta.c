#include "engine/train/optimizer_parts.h"

struct options {
    double lr, rho, eps, weight_decay;
    bool maximize;
};

static const struct field FIELDS[] = {
    OPTIMIZER_LR(struct options, "1.0"),
    {.key = "rho",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct options, rho),
     .default_text = "0.9",
     FIELD_BETWEEN(0, 1),
     .help = "decay of the running means of squares"},
    OPTIMIZER_EPS(struct options, "1e-6"),
    OPTIMIZER_WEIGHT_DECAY(struct options, "0.0"),
    OPTIMIZER_MAXIMIZE(struct options),
    {.key = NULL},
};

static enum optimizer_kernel kernel(const void *options, bool has_momentum) {
    (void)options, (void)has_momentum;
    return OPTIMIZER_adadelta;
}

static void coefficients(const void *memory,
                         const struct update_numbers *numbers,
                         struct optimizer_memory *unused, double *values) {
    const struct options *options = memory;
    (void)unused;
    values[COEFFICIENT_adadelta_sign] = optimizer_sign(options->maximize);
    values[COEFFICIENT_adadelta_weight_decay] = options->weight_decay;
    values[COEFFICIENT_adadelta_lr] = numbers->lr;
    values[COEFFICIENT_adadelta_rho] = options->rho;
    values[COEFFICIENT_adadelta_one_minus_rho] = 1 - options->rho;
    values[COEFFICIENT_adadelta_eps] = options->eps;
}

const struct optimizer_kind ADADELTA_OPTIMIZER = {
    .kind = {.name = "adadelta",
             .help = "steps in proportion to the running size of past steps",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = OPTIMIZER_REFUSED},
    .lr_offset = offsetof(struct options, lr),
    .momentum = OPTIMIZER_HAS_NO_MOMENTUM,
    .kernel = kernel,
    .coefficients = coefficients,
    .steady = optimizer_always_steady,
};
