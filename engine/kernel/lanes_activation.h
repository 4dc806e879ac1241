#ifndef ENGINE_KERNEL_LANES_ACTIVATION_H
#define ENGINE_KERNEL_LANES_ACTIVATION_H

/* activation.def's rows as functions of vectors: sigmoid_value(),
 * sigmoid_gradient(), … */

#include "engine/kernel/lane_math.h"
#include "engine/kernel/lanes.h"

enum { ACTIVATION_OPTIONS = 2 }; /* at most */

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

#define ACTIVATION(name, option_count, forward, backward)                      \
    V_INLINE vfloat name##_value(vfloat x, const vfloat *option) {             \
        (void)option;                                                          \
        return forward;                                                        \
    }                                                                          \
    V_INLINE vfloat name##_gradient(vfloat x, vfloat y, vfloat dy,             \
                                    const vfloat *option) {                    \
        (void)x, (void)y, (void)option;                                        \
        return backward;                                                       \
    }
#include "engine/kernel/activation.def"
#undef ACTIVATION

typedef vfloat activation_gradient(vfloat x, vfloat y, vfloat dy,
                                   const vfloat *option);

#undef zero
#undef one

#endif
