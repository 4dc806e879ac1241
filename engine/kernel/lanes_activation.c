/* Activations: activation.def's rows made into kernels. */

#include "engine/kernel/lanes_activation.h"

V_INLINE void load_options(const float *const *options, size_t count,
                           vfloat option[ACTIVATION_OPTIONS]) {
    for (size_t k = 0; k < count; k++)
        option[k] = v_load(options[k]);
}

V_INLINE void forward_units(size_t units, struct cells cells,
                            const float *const *options, size_t option_count,
                            const float *x, float *y,
                            forward_function *forward) {
    vfloat option[ACTIVATION_OPTIONS];
    load_options(options, option_count, option);
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t unit = 0; unit < units; unit++)
        for (size_t i = 0; i < end; i += KERNEL_WIDTH) {
            const size_t at = unit * cells.stride + i;
            v_store(y + at, forward(v_load(x + at), option));
        }
}

V_INLINE void backward_units(size_t units, struct cells cells,
                             const float *const *options, size_t option_count,
                             const float *x, const float *y, const float *dy,
                             float *dx, activation_gradient *backward) {
    vfloat option[ACTIVATION_OPTIONS];
    load_options(options, option_count, option);
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t unit = 0; unit < units; unit++)
        for (size_t i = 0; i < end; i += KERNEL_WIDTH) {
            const size_t at = unit * cells.stride + i;
            v_store(dx + at, backward(v_load(x + at), v_load(y + at),
                                      v_load(dy + at), option));
        }
}

#define ACTIVATION(name, option_count, forward, backward)                      \
    void LANES(name##_forward)(size_t units, struct cells cells,               \
                               const float *const *options, const float *x,    \
                               float *y) {                                     \
        forward_units(units, cells, options, option_count, x, y,               \
                      name##_value);                                           \
    }                                                                          \
    void LANES(name##_backward)(size_t units, struct cells cells,              \
                                const float *const *options, const float *x,   \
                                const float *y, const float *dy, float *dx) {  \
        backward_units(units, cells, options, option_count, x, y, dy, dx,      \
                       name##_gradient);                                       \
    }
#include "engine/kernel/activation.def"
