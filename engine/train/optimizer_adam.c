/* Adam, and AdamW, whose weight decay stays out of the gradient. */

#include <math.h>

#include "engine/train/optimizer_parts.h"

struct options {
    double lr, eps, weight_decay;
    struct field_numbers betas;
    bool amsgrad, maximize;
};

#define ROWS(weight_decay)                                                     \
    OPTIMIZER_LR(struct options, "0.001"), OPTIMIZER_BETAS(struct options),    \
        OPTIMIZER_EPS(struct options, "1e-8"),                                 \
        OPTIMIZER_WEIGHT_DECAY(struct options, weight_decay),                  \
        OPTIMIZER_FLAG(struct options, amsgrad,                                \
                       "divide by the largest mean square so far"),            \
        OPTIMIZER_MAXIMIZE(struct options), {                                  \
        .key = NULL                                                            \
    }

static const struct field ADAM_FIELDS[] = {ROWS("0.0")};
static const struct field ADAMW_FIELDS[] = {ROWS("0.01")};

static enum optimizer_kernel adam_kernel(const void *memory,
                                         bool has_momentum) {
    const struct options *options = memory;
    (void)has_momentum;
    return options->amsgrad ? OPTIMIZER_adam_amsgrad : OPTIMIZER_adam;
}

static enum optimizer_kernel adamw_kernel(const void *memory,
                                          bool has_momentum) {
    const struct options *options = memory;
    (void)has_momentum;
    return options->amsgrad ? OPTIMIZER_adamw_amsgrad : OPTIMIZER_adamw;
}

/* The kernels' coefficients agree. */
#define SAME(kernel, name)                                                     \
    _Static_assert((int)COEFFICIENT_##kernel##_##name ==                       \
                       (int)COEFFICIENT_adam_##name,                           \
                   #name)
#define ALL_SAME(kernel)                                                       \
    SAME(kernel, sign);                                                        \
    SAME(kernel, beta1);                                                       \
    SAME(kernel, one_minus_beta1);                                             \
    SAME(kernel, beta2);                                                       \
    SAME(kernel, one_minus_beta2);                                             \
    SAME(kernel, step_size);                                                   \
    SAME(kernel, inverse_sqrt_bias_correction2);                               \
    SAME(kernel, eps)
ALL_SAME(adam_amsgrad);
ALL_SAME(adamw);
ALL_SAME(adamw_amsgrad);
SAME(adam_amsgrad, weight_decay);
_Static_assert((int)COEFFICIENT_adamw_decay_factor ==
                   (int)COEFFICIENT_adamw_amsgrad_decay_factor,
               "decay_factor");

static void adam_coefficients(const void *memory,
                              const struct update_numbers *numbers,
                              struct optimizer_memory *unused, double *values) {
    const struct options *options = memory;
    (void)unused;
    double beta1 = optimizer_momentum_of(numbers, options->betas.values[0]);
    double beta2 = options->betas.values[1];
    double correction1 = 1 - optimizer_power(beta1, numbers->step);
    double correction2 = 1 - optimizer_power(beta2, numbers->step);
    values[COEFFICIENT_adam_sign] = optimizer_sign(options->maximize);
    values[COEFFICIENT_adam_weight_decay] = options->weight_decay;
    values[COEFFICIENT_adam_beta1] = beta1;
    values[COEFFICIENT_adam_one_minus_beta1] = 1 - beta1;
    values[COEFFICIENT_adam_beta2] = beta2;
    values[COEFFICIENT_adam_one_minus_beta2] = 1 - beta2;
    values[COEFFICIENT_adam_step_size] = numbers->lr / correction1;
    values[COEFFICIENT_adam_inverse_sqrt_bias_correction2] =
        1 / sqrt(correction2);
    values[COEFFICIENT_adam_eps] = options->eps;
}

static void adamw_coefficients(const void *memory,
                               const struct update_numbers *numbers,
                               struct optimizer_memory *unused,
                               double *values) {
    const struct options *options = memory;
    adam_coefficients(memory, numbers, unused, values);
    values[COEFFICIENT_adamw_decay_factor] =
        1 - numbers->lr * options->weight_decay;
}

const struct optimizer_kind ADAM_OPTIMIZER = {
    .kind = {.name = "adam",
             .help = "running means of the gradient and its square",
             .fields = ADAM_FIELDS,
             .options_size = sizeof(struct options),
             .refused = OPTIMIZER_REFUSED},
    .lr_offset = offsetof(struct options, lr),
    .momentum = OPTIMIZER_HAS_BETAS,
    .kernel = adam_kernel,
    .coefficients = adam_coefficients,
};

const struct optimizer_kind ADAMW_OPTIMIZER = {
    .kind = {.name = "adamw",
             .help = "adam with weight decay apart from the gradient",
             .fields = ADAMW_FIELDS,
             .options_size = sizeof(struct options),
             .refused = OPTIMIZER_REFUSED},
    .lr_offset = offsetof(struct options, lr),
    .momentum = OPTIMIZER_HAS_BETAS,
    .kernel = adamw_kernel,
    .coefficients = adamw_coefficients,
};
