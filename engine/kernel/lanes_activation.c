/* Activations: activation.def's rows made into kernels. */

#include "engine/kernel/lane_math.h"
#include "engine/kernel/lanes.h"

enum { OPTION_LIMIT = 2 };

#define zero v_set(0)
#define one v_set(1)
#define selu_alpha v_set(1.6732632423543772848170429916717f)
#define selu_scale v_set(1.0507009873554804934193349852946f)

V_INLINE vfloat elu(vfloat x, vfloat alpha, vfloat scale) {
    const vfloat negative = lane_expm1(x) * (alpha * scale);
    return v_select(v_less_equal(x, zero), negative, x * scale);
}

V_INLINE vfloat elu_slope(vfloat x, vfloat alpha, vfloat scale) {
    const vmask is_negative = v_less_equal(x, zero);
    const vfloat e = lane_exp_down(v_select(is_negative, x, zero));
    return v_select(is_negative, e * (alpha * scale), scale);
}

/* The distribution function of the standard normal. */
V_INLINE vfloat normal_cumulative(vfloat x) {
    const vfloat root_half = v_set(0x1.6a09e6p-1f);
    return v_set(0.5f) * (one + lane_erf(x * root_half));
}

V_INLINE vfloat gelu(vfloat x) {
    return x * normal_cumulative(x);
}

V_INLINE vfloat gelu_slope(vfloat x) {
    const vfloat root = v_set(0x1.988454p-2f); /* 1 / sqrt(2 pi) */
    const vfloat density = lane_exp_down(v_set(-0.5f) * x * x) * root;
    return v_fma(x, density, normal_cumulative(x));
}

#define gelu_beta v_set(0x1.988454p-1f) /* sqrt(2 / pi) */
#define gelu_kappa v_set(0.044715f)

V_INLINE vfloat gelu_inner(vfloat x) {
    return gelu_beta * v_fma(gelu_kappa, x * x * x, x);
}

V_INLINE vfloat gelu_tanh(vfloat x) {
    return v_set(0.5f) * x * (one + lane_tanh(gelu_inner(x)));
}

V_INLINE vfloat gelu_tanh_slope(vfloat x) {
    const vfloat t = lane_tanh(gelu_inner(x));
    const vfloat left = v_set(0.5f) * x;
    const vfloat inner_slope =
        gelu_beta * v_fma(v_set(3) * gelu_kappa, x * x, one);
    return v_fma(left * v_fma(-t, t, one), inner_slope,
                 v_set(0.5f) * (one + t));
}

V_INLINE vfloat silu_slope(vfloat x) {
    const vfloat s = lane_sigmoid(x);
    return s * v_fma(x, one - s, one);
}

/* log1p(e^(beta x)) / beta; e^z is not computed for z > 0, where it could
 * overflow: log1p(e^z) = z + log1p(e^-z). */
V_INLINE vfloat softplus(vfloat x, vfloat beta, vfloat threshold) {
    const vfloat z = x * beta;
    const vfloat soft =
        v_max(zero, z) + lane_log1p_inner(lane_exp_down(v_minus_abs(z)));
    return v_select(v_less(threshold, z), x, soft / beta);
}

V_INLINE vfloat softplus_slope(vfloat x, vfloat beta, vfloat threshold) {
    const vfloat z = x * beta;
    return v_select(v_less(threshold, z), one, lane_sigmoid(z));
}

typedef vfloat forward_function(vfloat x, const vfloat *option);
typedef vfloat backward_function(vfloat x, vfloat y, vfloat dy,
                                 const vfloat *option);

V_INLINE void load_options(const float *const *options, size_t count,
                           vfloat option[OPTION_LIMIT]) {
    for (size_t k = 0; k < count; k++)
        option[k] = v_load(options[k]);
}

V_INLINE void forward_units(size_t units, struct cells cells,
                            const float *const *options, size_t option_count,
                            const float *x, float *y,
                            forward_function *forward) {
    vfloat option[OPTION_LIMIT];
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
                             float *dx, backward_function *backward) {
    vfloat option[OPTION_LIMIT];
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
    V_INLINE vfloat name##_value(vfloat x, const vfloat *option) {             \
        (void)option;                                                          \
        return forward;                                                        \
    }                                                                          \
    V_INLINE vfloat name##_gradient(vfloat x, vfloat y, vfloat dy,             \
                                    const vfloat *option) {                    \
        (void)x, (void)y, (void)option;                                        \
        return backward;                                                       \
    }                                                                          \
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
