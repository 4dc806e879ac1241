#include "engine/train/optimizer_parts.h"

struct options {
    double lr, eps, weight_decay;
    struct field_numbers betas;
    bool maximize;
};

static const struct field FIELDS[] = {
    OPTIMIZER_LR(struct options, "0.002"),
    OPTIMIZER_BETAS(struct options),
    OPTIMIZER_EPS(struct options, "1e-8"),
    OPTIMIZER_WEIGHT_DECAY(struct options, "0.0"),
    OPTIMIZER_MAXIMIZE(struct options),
    {.key = NULL},
};

static enum optimizer_kernel kernel(const void *options, bool has_momentum) {
    (void)options, (void)has_momentum;
    return OPTIMIZER_adamax;
}

static void coefficients(const void *memory,
                         const struct update_numbers *numbers,
                         struct optimizer_memory *unused, double *values) {
    const struct options *options = memory;
    (void)unused;
    double beta1 = optimizer_momentum_of(numbers, options->betas.values[0]);
    double correction = 1 - optimizer_power(beta1, numbers->step);
    values[COEFFICIENT_adamax_sign] = optimizer_sign(options->maximize);
    values[COEFFICIENT_adamax_weight_decay] = options->weight_decay;
    values[COEFFICIENT_adamax_beta1] = beta1;
    values[COEFFICIENT_adamax_one_minus_beta1] = 1 - beta1;
    values[COEFFICIENT_adamax_beta2] = options->betas.values[1];
    values[COEFFICIENT_adamax_clr] = numbers->lr / correction;
    values[COEFFICIENT_adamax_eps] = options->eps;
}

const struct optimizer_kind ADAMAX_OPTIMIZER = {
    .kind = {.name = "adamax",
             .help = "adam with the largest gradient in place of the square",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = OPTIMIZER_REFUSED},
    .lr_offset = offsetof(struct options, lr),
    .momentum = OPTIMIZER_HAS_BETAS,
    .kernel = kernel,
    .coefficients = coefficients,
};
