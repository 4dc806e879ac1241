#include "engine/train/optimizer_parts.h"

struct options {
    double lr, momentum, dampening, weight_decay;
    bool nesterov, maximize;
};

static const struct field FIELDS[] = {
    {.key = "lr",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE | FIELD_REQUIRED,
     FIELD_AT(struct options, lr),
     FIELD_AT_LEAST(0),
     .help = "learning rate"},
    OPTIMIZER_NOT_NEGATIVE(struct options, momentum, "0.0",
                           "share of the last step that is kept"),
    {.key = "dampening",
     .type = FIELD_NUMBER,
     FIELD_AT(struct options, dampening),
     .default_text = "0.0",
     .help = "share of the gradient that momentum leaves out"},
    OPTIMIZER_WEIGHT_DECAY(struct options, "0.0"),
    OPTIMIZER_FLAG(struct options, nesterov, "Nesterov's momentum"),
    OPTIMIZER_MAXIMIZE(struct options),
    {.key = NULL},
};

static const char *check(const void *memory, const char **key) {
    const struct options *options = memory;
    if (!options->nesterov ||
        (options->momentum > 0 && options->dampening == 0))
        return NULL;
    *key = "nesterov";
    return options->momentum > 0
               ? "nesterov needs dampening 0"
               : "nesterov needs a momentum above 0 (momentum is 0)";
}

static enum optimizer_kernel kernel(const void *memory, bool has_momentum) {
    const struct options *options = memory;
    if (!has_momentum && options->momentum == 0)
        return OPTIMIZER_sgd;
    return options->nesterov ? OPTIMIZER_sgd_nesterov : OPTIMIZER_sgd_momentum;
}

/* The kernels' coefficients agree as far as they have them. */
#define SAME(kernel, name)                                                     \
    _Static_assert((int)COEFFICIENT_##kernel##_##name ==                       \
                       (int)COEFFICIENT_sgd_momentum_##name,                   \
                   #name)
SAME(sgd, sign);
SAME(sgd, weight_decay);
SAME(sgd, lr);
SAME(sgd_nesterov, sign);
SAME(sgd_nesterov, weight_decay);
SAME(sgd_nesterov, lr);
SAME(sgd_nesterov, momentum);
SAME(sgd_nesterov, gradient_factor);

static void coefficients(const void *memory,
                         const struct update_numbers *numbers,
                         struct optimizer_memory *unused, double *values) {
    const struct options *options = memory;
    (void)unused;
    values[COEFFICIENT_sgd_momentum_sign] = optimizer_sign(options->maximize);
    values[COEFFICIENT_sgd_momentum_weight_decay] = options->weight_decay;
    values[COEFFICIENT_sgd_momentum_lr] = numbers->lr;
    values[COEFFICIENT_sgd_momentum_momentum] =
        optimizer_momentum_of(numbers, options->momentum);
    /* The buffer starts as the first gradient, undampened. */
    values[COEFFICIENT_sgd_momentum_gradient_factor] =
        numbers->step == 1 ? 1 : 1 - options->dampening;
}

const struct optimizer_kind SGD_OPTIMIZER = {
    .kind = {.name = "sgd",
             .help = "stochastic gradient descent, with momentum if wanted",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = OPTIMIZER_REFUSED,
             .check = check},
    .lr_offset = offsetof(struct options, lr),
    .momentum = OPTIMIZER_HAS_MOMENTUM,
    .kernel = kernel,
    .coefficients = coefficients,
    .steady = optimizer_always_steady,
};
