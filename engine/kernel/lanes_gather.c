/* Rows of a table side by side. */

#include "engine/kernel/lanes.h"

void LANES(gather)(size_t units, struct cells cells, const uint32_t *at,
                   const float *table, float *out) {
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    /* Along the rows of the table, which are then read ahead of us. */
    for (size_t i = 0; i < end; i += KERNEL_WIDTH)
        for (size_t first = 0; first < units; first += KERNEL_ROW_FLOATS) {
            vfloat column[KERNEL_ROW_FLOATS];
            float *to = out + first * cells.stride + i;
            v_load_columns(table + first, at + i, column);
#pragma GCC unroll 4
            for (size_t k = 0; k < KERNEL_ROW_FLOATS; k++)
                if (first + k < units)
                    v_store(to + k * cells.stride, column[k]);
        }
}

void LANES(spread)(size_t units, struct cells cells, const uint32_t *at,
                   const float *table, float *out) {
    for (size_t unit = 0; unit < units; unit++) {
        const float *from = table + unit;
        float *to = out + unit * cells.stride;
        for (size_t row = 0; row < cells.rows; row++)
            v_store(to + row * KERNEL_WIDTH, v_set(from[at[row]]));
    }
}
