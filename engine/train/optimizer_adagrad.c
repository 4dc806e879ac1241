#include "engine/train/optimizer_parts.h"

struct options {
    double lr, lr_decay, weight_decay, initial_accumulator_value, eps;
    bool maximize;
};

static const struct field FIELDS[] = {
    OPTIMIZER_LR(struct options, "0.01"),
    OPTIMIZER_NOT_NEGATIVE(struct options, lr_decay, "0.0",
                           "lr is divided by 1 + this times updates made"),
    OPTIMIZER_WEIGHT_DECAY(struct options, "0.0"),
    OPTIMIZER_NOT_NEGATIVE(struct options, initial_accumulator_value, "0.0",
                           "what the sum of squared gradients starts from"),
    OPTIMIZER_EPS(struct options, "1e-10"),
    OPTIMIZER_MAXIMIZE(struct options),
    {.key = NULL},
};

static enum optimizer_kernel kernel(const void *options, bool has_momentum) {
    (void)options, (void)has_momentum;
    return OPTIMIZER_adagrad;
}

static double initial_state(const void *memory) {
    const struct options *options = memory;
    return options->initial_accumulator_value;
}

static void coefficients(const void *memory,
                         const struct update_numbers *numbers,
                         struct optimizer_memory *unused, double *values) {
    const struct options *options = memory;
    (void)unused;
    double decay = 1 + (double)(numbers->step - 1) * options->lr_decay;
    values[COEFFICIENT_adagrad_sign] = optimizer_sign(options->maximize);
    values[COEFFICIENT_adagrad_weight_decay] = options->weight_decay;
    values[COEFFICIENT_adagrad_clr] = numbers->lr / decay;
    values[COEFFICIENT_adagrad_eps] = options->eps;
}

static bool steady(const void *memory) {
    const struct options *options = memory;
    return options->lr_decay == 0;
}

const struct optimizer_kind ADAGRAD_OPTIMIZER = {
    .kind = {.name = "adagrad",
             .help = "steps divided by the root of all squared gradients",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = OPTIMIZER_REFUSED},
    .lr_offset = offsetof(struct options, lr),
    .momentum = OPTIMIZER_HAS_NO_MOMENTUM,
    .kernel = kernel,
    .initial_state = initial_state,
    .coefficients = coefficients,
    .steady = steady,
};
