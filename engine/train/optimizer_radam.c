#include <math.h>

#include "engine/train/optimizer_parts.h"

struct options {
    double lr, eps, weight_decay;
    struct field_numbers betas;
};

static const struct field FIELDS[] = {
    OPTIMIZER_LR(struct options, "0.001"),
    OPTIMIZER_BETAS(struct options),
    OPTIMIZER_EPS(struct options, "1e-8"),
    OPTIMIZER_WEIGHT_DECAY(struct options, "0.0"),
    {.key = NULL},
};

static enum optimizer_kernel kernel(const void *options, bool has_momentum) {
    (void)options, (void)has_momentum;
    return OPTIMIZER_radam;
}

/* The factor that corrects and rectifies the variance, or 0 while the moving
 * average is too short for one. It is never 0 otherwise. */
static double rectification(double beta2, double power, int64_t step) {
    double correction = 1 - power;
    double longest = 2 / (1 - beta2) - 1;
    double length = longest - 2 * (double)step * power / correction;
    if (!(length > 5))
        return 0;
    return sqrt(correction) * sqrt((length - 4) * (length - 2) * longest /
                                   ((longest - 4) * (longest - 2) * length));
}

static void coefficients(const void *memory,
                         const struct update_numbers *numbers,
                         struct optimizer_memory *unused, double *values) {
    const struct options *options = memory;
    (void)unused;
    double beta1 = optimizer_momentum_of(numbers, options->betas.values[0]);
    double beta2 = options->betas.values[1];
    double power = optimizer_power(beta2, numbers->step);
    double rectified = rectification(beta2, power, numbers->step);
    double step_size =
        numbers->lr / (1 - optimizer_power(beta1, numbers->step));
    values[COEFFICIENT_radam_sign] = 1;
    values[COEFFICIENT_radam_weight_decay] = options->weight_decay;
    values[COEFFICIENT_radam_beta1] = beta1;
    values[COEFFICIENT_radam_one_minus_beta1] = 1 - beta1;
    values[COEFFICIENT_radam_beta2] = beta2;
    values[COEFFICIENT_radam_one_minus_beta2] = 1 - beta2;
    values[COEFFICIENT_radam_rectified_step] = step_size * rectified;
    values[COEFFICIENT_radam_plain_step] = rectified == 0 ? step_size : 0;
    values[COEFFICIENT_radam_eps] = options->eps;
}

const struct optimizer_kind RADAM_OPTIMIZER = {
    .kind = {.name = "radam",
             .help = "adam whose early steps are rectified",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = OPTIMIZER_REFUSED_AND_MAXIMIZE},
    .lr_offset = offsetof(struct options, lr),
    .momentum = OPTIMIZER_HAS_BETAS,
    .kernel = kernel,
    .coefficients = coefficients,
};
