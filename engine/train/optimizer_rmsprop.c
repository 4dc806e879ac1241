#include "engine/train/optimizer_parts.h"

struct options {
    double lr, alpha, eps, weight_decay, momentum;
    bool centered, maximize;
};

static const struct field FIELDS[] = {
    OPTIMIZER_LR(struct options, "0.01"),
    OPTIMIZER_NOT_NEGATIVE(struct options, alpha, "0.99",
                           "decay of the running mean of squared gradients"),
    OPTIMIZER_EPS(struct options, "1e-8"),
    OPTIMIZER_WEIGHT_DECAY(struct options, "0.0"),
    OPTIMIZER_NOT_NEGATIVE(struct options, momentum, "0.0",
                           "share of the last step that is kept"),
    OPTIMIZER_FLAG(struct options, centered,
                   "divide by an estimate of the gradient's deviation"),
    OPTIMIZER_MAXIMIZE(struct options),
    {.key = NULL},
};

static enum optimizer_kernel kernel(const void *memory, bool has_momentum) {
    const struct options *options = memory;
    if (has_momentum || options->momentum > 0)
        return options->centered ? OPTIMIZER_rmsprop_centered_momentum
                                 : OPTIMIZER_rmsprop_momentum;
    return options->centered ? OPTIMIZER_rmsprop_centered : OPTIMIZER_rmsprop;
}

/* The kernels' coefficients agree as far as they have them. */
#define SAME(kernel, name)                                                     \
    _Static_assert((int)COEFFICIENT_##kernel##_##name ==                       \
                       (int)COEFFICIENT_rmsprop_momentum_##name,               \
                   #name)
#define ALL_SAME(kernel)                                                       \
    SAME(kernel, sign);                                                        \
    SAME(kernel, weight_decay);                                                \
    SAME(kernel, lr);                                                          \
    SAME(kernel, alpha);                                                       \
    SAME(kernel, one_minus_alpha);                                             \
    SAME(kernel, eps)
ALL_SAME(rmsprop);
ALL_SAME(rmsprop_centered);
ALL_SAME(rmsprop_centered_momentum);
SAME(rmsprop_centered_momentum, momentum);

static void coefficients(const void *memory,
                         const struct update_numbers *numbers,
                         struct optimizer_memory *unused, double *values) {
    const struct options *options = memory;
    (void)unused;
    values[COEFFICIENT_rmsprop_momentum_sign] =
        optimizer_sign(options->maximize);
    values[COEFFICIENT_rmsprop_momentum_weight_decay] = options->weight_decay;
    values[COEFFICIENT_rmsprop_momentum_lr] = numbers->lr;
    values[COEFFICIENT_rmsprop_momentum_alpha] = options->alpha;
    values[COEFFICIENT_rmsprop_momentum_one_minus_alpha] = 1 - options->alpha;
    values[COEFFICIENT_rmsprop_momentum_eps] = options->eps;
    values[COEFFICIENT_rmsprop_momentum_momentum] =
        optimizer_momentum_of(numbers, options->momentum);
}

const struct optimizer_kind RMSPROP_OPTIMIZER = {
    .kind = {.name = "rmsprop",
             .help = "steps divided by the running root mean square gradient",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = OPTIMIZER_REFUSED},
    .lr_offset = offsetof(struct options, lr),
    .momentum = OPTIMIZER_HAS_MOMENTUM,
    .kernel = kernel,
    .coefficients = coefficients,
    .steady = optimizer_always_steady,
};
