/* Rows of a table of weights, by their numbers. */

#include "engine/kernel/lanes.h"

/* Where the rows begin that the lanes of one cell ask for. */
V_INLINE void find_rows(size_t width, const size_t lanes, const float *x,
                        size_t *at) {
    for (size_t lane = 0; lane < lanes; lane++)
        at[lane] = (size_t)(int32_t)x[lane] * width * lanes + lane;
}

V_INLINE void forward(struct embedding_sizes sizes, struct cells cells,
                      const size_t lanes, const float *weight, const float *x,
                      float *y) {
    for (size_t i = 0; i < sizes.positions; i++)
        for (size_t row = 0; row < cells.rows; row++) {
            size_t at[KERNEL_WIDTH];
            float *to = y + i * sizes.width * cells.stride + row * lanes;
            find_rows(sizes.width, lanes, x + i * cells.stride + row * lanes,
                      at);
            for (size_t k = 0; k < sizes.width; k++)
                for (size_t lane = 0; lane < lanes; lane++)
                    to[k * cells.stride + lane] = weight[at[lane] + k * lanes];
        }
}

void LANES(embedding_forward)(struct embedding_sizes sizes, struct cells cells,
                              const float *weight, const float *x, float *y) {
    if (cells_in_lanes(cells))
        forward(sizes, cells, KERNEL_WIDTH, weight, x, y);
    else
        forward(sizes, cells, 1, weight, x, y);
}

V_INLINE void backward(struct embedding_sizes sizes, struct cells cells,
                       const size_t lanes, const float *x, const float *dy,
                       float *dweight) {
    const size_t skipped = (size_t)sizes.padding * sizes.width * lanes;
    memset(dweight, 0, sizes.numbers * sizes.width * lanes * sizeof *dweight);
    for (size_t row = 0; row < cells.rows; row++)
        for (size_t i = 0; i < sizes.positions; i++) {
            size_t at[KERNEL_WIDTH];
            const float *from =
                dy + i * sizes.width * cells.stride + row * lanes;
            find_rows(sizes.width, lanes, x + i * cells.stride + row * lanes,
                      at);
            for (size_t k = 0; k < sizes.width; k++)
                for (size_t lane = 0; lane < lanes; lane++)
                    if (sizes.padding < 0 || at[lane] != skipped + lane)
                        dweight[at[lane] + k * lanes] +=
                            from[k * cells.stride + lane];
        }
}

void LANES(embedding_backward)(struct embedding_sizes sizes, struct cells cells,
                               const float *x, const float *dy,
                               float *dweight) {
    if (cells_in_lanes(cells))
        backward(sizes, cells, KERNEL_WIDTH, x, dy, dweight);
    else
        backward(sizes, cells, 1, x, dy, dweight);
}
