#include "engine/base/double_math.h"
#include "engine/train/optimizer_parts.h"

struct options {
    double lr, eps, weight_decay, momentum_decay;
    struct field_numbers betas;
};

static const struct field FIELDS[] = {
    OPTIMIZER_LR(struct options, "0.002"),
    OPTIMIZER_BETAS(struct options),
    OPTIMIZER_EPS(struct options, "1e-8"),
    OPTIMIZER_WEIGHT_DECAY(struct options, "0.0"),
    OPTIMIZER_NOT_NEGATIVE(struct options, momentum_decay, "0.004",
                           "how fast the momentum grows towards betas[0]"),
    {.key = NULL},
};

static enum optimizer_kernel kernel(const void *options, bool has_momentum) {
    (void)options, (void)has_momentum;
    return OPTIMIZER_nadam;
}

static double momentum_at(double beta1, double momentum_decay, int64_t step) {
    double exponent = (double)step * momentum_decay;
    return beta1 * (1 - 0.5 * double_pow(0.96, exponent));
}

/* The product of the momenta is a binary32 tensor in torch, and the one ahead
 * has this update's momentum twice; both are torch 1.13's numbers. */
static void products(double mu, double mu_next, int64_t step,
                     struct optimizer_memory *memory, double *product,
                     double *product_next) {
    float before = step == 1 ? 1 : (float)memory->value[0];
    float now = before * (float)mu;
    float next = now * (float)mu * (float)mu_next;
    memory->value[0] = *product = now;
    *product_next = next;
}

static void coefficients(const void *memory,
                         const struct update_numbers *numbers,
                         struct optimizer_memory *kept, double *values) {
    const struct options *options = memory;
    double beta1 = optimizer_momentum_of(numbers, options->betas.values[0]);
    double beta2 = options->betas.values[1];
    double mu = momentum_at(beta1, options->momentum_decay, numbers->step);
    double mu_next =
        momentum_at(beta1, options->momentum_decay, numbers->step + 1);
    double product, product_next;
    double correction = 1 - optimizer_power(beta2, numbers->step);
    products(mu, mu_next, numbers->step, kept, &product, &product_next);
    values[COEFFICIENT_nadam_sign] = 1;
    values[COEFFICIENT_nadam_weight_decay] = options->weight_decay;
    values[COEFFICIENT_nadam_beta1] = beta1;
    values[COEFFICIENT_nadam_one_minus_beta1] = 1 - beta1;
    values[COEFFICIENT_nadam_beta2] = beta2;
    values[COEFFICIENT_nadam_one_minus_beta2] = 1 - beta2;
    values[COEFFICIENT_nadam_gradient_step] =
        numbers->lr * (1 - mu) / (1 - product);
    values[COEFFICIENT_nadam_average_step] =
        numbers->lr * mu_next / (1 - product_next);
    values[COEFFICIENT_nadam_inverse_bias_correction2] = 1 / correction;
    values[COEFFICIENT_nadam_eps] = options->eps;
}

const struct optimizer_kind NADAM_OPTIMIZER = {
    .kind = {.name = "nadam",
             .help = "adam with Nesterov's momentum",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = OPTIMIZER_REFUSED_AND_MAXIMIZE},
    .lr_offset = offsetof(struct options, lr),
    .momentum = OPTIMIZER_HAS_BETAS,
    .kernel = kernel,
    .coefficients = coefficients,
};
