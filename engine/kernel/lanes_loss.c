/* Elementwise losses: loss.def's rows made into kernels. */

#include "engine/kernel/lanes_activation.h"

enum { OPTION_LIMIT = 2 };

#define zero v_set(0)
#define one v_set(1)

/* -(t log y + (1 - t) log(1 - y)) for t of 0 or 1: one logarithm does. */
V_INLINE vfloat bce(vfloat y, vfloat t) {
    const vfloat chosen = v_select(v_equal(t, zero), one - y, y);
    return -v_max(v_set(-100), lane_log(chosen));
}

V_INLINE vfloat bce_slope(vfloat y, vfloat t) {
    return (y - t) / v_max(v_set(1e-12f), (one - y) * y);
}

/* (1 - t) y + (1 + (pos_weight - 1) t) log(1 + e^-y) */
V_INLINE vfloat bce_with_logits(vfloat y, vfloat t, vfloat pos_weight) {
    const vfloat soft =
        v_max(zero, -y) + lane_log1p_inner(lane_exp_down(v_minus_abs(y)));
    return v_fma(v_fma(pos_weight - one, t, one), soft, (one - t) * y);
}

V_INLINE vfloat bce_with_logits_slope(vfloat y, vfloat t, vfloat pos_weight) {
    const vfloat s = lane_sigmoid_of(y, lane_exp_down(v_minus_abs(y)));
    const vfloat positive = pos_weight * t;
    return v_fma(positive + one - t, s, -positive);
}

/* -1, 0 or 1; 0 for NaN. */
V_INLINE vfloat sign(vfloat x) {
    return v_select(v_less(zero, x), one,
                    v_select(v_less(x, zero), -one, zero));
}

V_INLINE vfloat smooth_l1(vfloat d, vfloat beta) {
    const vfloat z = v_abs(d), half = v_set(0.5f);
    return v_select(v_less(z, beta), half * z * z / beta, z - half * beta);
}

V_INLINE vfloat smooth_l1_slope(vfloat d, vfloat beta) {
    return v_select(v_less(v_abs(d), beta), d / beta, sign(d));
}

V_INLINE vfloat huber(vfloat d, vfloat delta) {
    const vfloat z = v_abs(d), half = v_set(0.5f);
    return v_select(v_less_equal(z, delta), half * z * z,
                    delta * (z - half * delta));
}

V_INLINE vfloat huber_slope(vfloat d, vfloat delta) {
    return v_select(v_less_equal(v_abs(d), delta), d, delta * sign(d));
}

typedef vfloat loss_function(vfloat y, vfloat t, const vfloat *option);

struct loss_arrays {
    const float *const *options;
    const float *scale, *y, *t;
    float *sum, *dy;
};

/* `gradient`, or NULL, makes of dy the dx of the activation whose y it is. */
V_INLINE void loss_units(size_t units, struct cells cells,
                         const struct loss_arrays *arrays, size_t option_count,
                         loss_function *value, loss_function *derivative,
                         activation_gradient *gradient, int in_lanes) {
    vfloat option[OPTION_LIMIT];
    for (size_t k = 0; k < option_count; k++)
        option[k] = v_load(arrays->options[k]);
    const vfloat scale = v_load(arrays->scale);
    const size_t vectors = cells_vectors(cells);
    struct partials sums;
    partials_clear(&sums);
    for (size_t unit = 0; unit < units; unit++)
        for (size_t index = 0; index < vectors; index++) {
            const size_t at = unit * cells.stride + index * KERNEL_WIDTH;
            const size_t valid = cells_valid(cells, index);
            const vfloat y = v_load(arrays->y + at);
            const vfloat t = v_load(arrays->t + at);
            partials_add(&sums, index, value(y, t, option), in_lanes, valid);
            vfloat slope = scale * derivative(y, t, option);
            if (gradient)
                slope = gradient(y, y, slope, NULL);
            if (valid < KERNEL_WIDTH)
                slope = v_select(v_first(valid), slope, zero);
            v_store(arrays->dy + at, slope);
        }
    v_store(arrays->sum, partials_total(&sums, in_lanes));
}

#define LOSS_KERNEL(name, option_count, value, derivative, gradient)           \
    void LANES(name)(size_t units, struct cells cells,                         \
                     const float *const *options, const float *scale,          \
                     const float *y, const float *t, float *sum, float *dy) {  \
        const struct loss_arrays arrays = {options, scale, y, t, sum, dy};     \
        if (cells_in_lanes(cells))                                             \
            loss_units(units, cells, &arrays, option_count, value, derivative, \
                       gradient, 1);                                           \
        else                                                                   \
            loss_units(units, cells, &arrays, option_count, value, derivative, \
                       gradient, 0);                                           \
    }

#define LOSS(name, option_count, value, derivative)                            \
    V_INLINE vfloat name##_value(vfloat y, vfloat t, const vfloat *option) {   \
        (void)option;                                                          \
        return value;                                                          \
    }                                                                          \
    V_INLINE vfloat name##_derivative(vfloat y, vfloat t,                      \
                                      const vfloat *option) {                  \
        (void)option;                                                          \
        return derivative;                                                     \
    }                                                                          \
    LOSS_KERNEL(name##_loss, option_count, name##_value, name##_derivative,    \
                NULL)
#include "engine/kernel/loss.def"

LOSS_KERNEL(bce_of_sigmoid, 1, bce_value, bce_derivative, sigmoid_gradient)
