/* Optimizers: optimizer.def's rows made into kernels. */

#include "engine/kernel/lanes.h"

#define zero v_set(0)

#define COEFFICIENT(optimizer, name)                                           \
    const vfloat name = v_load(coefficients[COEFFICIENT_##optimizer##_##name]);
#define STATE(optimizer, name)                                                 \
    vstored *const name =                                                      \
        (vstored *)(void *)(state[STATE_##optimizer##_##name] + i);

/* `update` assigns p from p, g, the coefficients and the states. */
#define OPTIMIZER(name, coefficient_list, state_list, ...)                     \
    void LANES(name##_update)(size_t count, const float *const *coefficients,  \
                              float *const *state, const float *gradient,      \
                              float *parameter) {                              \
        (void)state;                                                           \
        coefficient_list for (size_t i = 0; i < count; i += KERNEL_WIDTH) {    \
            state_list vfloat p = v_load(parameter + i),                       \
                              g = v_load(gradient + i);                        \
            __VA_ARGS__;                                                       \
            v_store(parameter + i, p);                                         \
        }                                                                      \
    }
#include "engine/kernel/optimizer.def"
