#ifndef ENGINE_KERNEL_LANES_NORM_H
#define ENGINE_KERNEL_LANES_NORM_H

/* What batch norm and layer norm share.
 *
 * A mean is taken twice: of the numbers, and of what they differ from it, which
 * is small, so that its error is one of the deviation and not of the mean, and
 * the mean square needs no more than float (the corrected two-pass algorithm of
 * Chan, Golub and LeVeque 1983). Both are kept as notes:
 *
 *   x^ = (x - mean) / sqrt(variance + eps) = fma(x - first mean, scale, shift)
 */

#include "engine/kernel/lanes.h"

enum { NOTE_MEAN, NOTE_SHIFT, NOTE_SCALE };

/* A parameter of every lane. */
V_INLINE vfloat parameter(const float *values, size_t index, int in_lanes) {
    return in_lanes ? v_load(values + index * KERNEL_WIDTH)
                    : v_set(values[index]);
}

V_INLINE void store_parameter(float *values, size_t index, vfloat value,
                              int in_lanes) {
    if (in_lanes)
        v_store(values + index * KERNEL_WIDTH, value);
    else
        v_store_part(values + index, value, 1);
}

/* The variance, from the means of squares and of what is left by the first
 * mean. */
V_INLINE vfloat variance_of(vfloat square, vfloat rest) {
    return v_max(v_set(0), square - rest * rest);
}

V_INLINE vfloat scale_of(vfloat variance, vfloat eps) {
    return v_set(1) / v_sqrt(variance + eps);
}

#endif
