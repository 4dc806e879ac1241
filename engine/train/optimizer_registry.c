#include "engine/train/optimizer_parts.h"

static const struct kind *const KINDS[] = {
    &SGD_OPTIMIZER.kind,     &ADAGRAD_OPTIMIZER.kind,
    &RMSPROP_OPTIMIZER.kind, &ADADELTA_OPTIMIZER.kind,
    &ADAM_OPTIMIZER.kind,    &ADAMW_OPTIMIZER.kind,
    &ADAMAX_OPTIMIZER.kind,  &NADAM_OPTIMIZER.kind,
    &RADAM_OPTIMIZER.kind,   NULL,
};

const struct kind_family OPTIMIZER_FAMILY = {
    .name = "optimizers",
    .singular = "optimizer",
    .kinds = KINDS,
};

static const struct {
    size_t coefficients, states;
} SIZES[OPTIMIZER_KERNELS] = {
#define OPTIMIZER(name, ...) {COEFFICIENTS_##name, STATES_##name},
#include "engine/kernel/optimizer.def"
#undef OPTIMIZER
};

#define OPTIMIZER(name, ...)                                                   \
    _Static_assert((int)COEFFICIENTS_##name <=                                 \
                           (int)OPTIMIZER_COEFFICIENT_LIMIT &&                 \
                       (int)STATES_##name <= (int)OPTIMIZER_STATE_LIMIT,       \
                   #name);
#include "engine/kernel/optimizer.def"
#undef OPTIMIZER

size_t optimizer_coefficient_count(enum optimizer_kernel kernel) {
    return SIZES[kernel].coefficients;
}

size_t optimizer_state_count(enum optimizer_kernel kernel) {
    return SIZES[kernel].states;
}
