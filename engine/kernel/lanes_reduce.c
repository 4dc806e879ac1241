/* Gradient norms, and arithmetic of whole arrays. */

#include "engine/kernel/lanes.h"

V_INLINE void sum_of_squares(size_t count, const size_t lanes,
                             const float *values, double *norm2) {
    double partial[KERNEL_PARTIALS][KERNEL_WIDTH] = {{0}};
    for (size_t i = 0; i < count; i++)
        for (size_t lane = 0; lane < lanes; lane++) {
            const double value = values[i * lanes + lane];
            partial[i % KERNEL_PARTIALS][lane] += value * value;
        }
    for (size_t half = KERNEL_PARTIALS / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            for (size_t lane = 0; lane < lanes; lane++)
                partial[i][lane] += partial[i + half][lane];
    memcpy(norm2, partial[0], lanes * sizeof *norm2);
}

void LANES(sum_of_squares)(size_t count, size_t lanes, const float *values,
                           double *norm2) {
    if (lanes == 1)
        sum_of_squares(count, 1, values, norm2);
    else
        sum_of_squares(count, KERNEL_WIDTH, values, norm2);
}

/* In both forms the factor of a vector is `factor`: in rows form its floats
 * are all the same. */
void LANES(scale)(size_t count, size_t lanes, const float *factor,
                  float *values) {
    const vfloat by = v_load(factor);
    const size_t floats = count * lanes;
    size_t i = 0;
    for (; i + KERNEL_WIDTH <= floats; i += KERNEL_WIDTH)
        v_store(values + i, v_load(values + i) * by);
    if (i < floats)
        v_store_part(values + i, v_load_part(values + i, floats - i) * by,
                     floats - i);
}

void LANES(add)(size_t count, const float *a, const float *b, float *out) {
    for (size_t i = 0; i < count; i += KERNEL_WIDTH)
        v_store(out + i, v_load(a + i) + v_load(b + i));
}

void LANES(multiply)(size_t count, const float *a, const float *b, float *out) {
    for (size_t i = 0; i < count; i += KERNEL_WIDTH)
        v_store(out + i, v_load(a + i) * v_load(b + i));
}
