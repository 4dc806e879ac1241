/* Linear layers in rows form: either side of a product may be the one over
 * which vectors run. Which one is a matter of what is left empty of the
 * vectors, and of what must be packed. */

#include "engine/kernel/lanes_product.h"

#if KERNEL_WIDTH > 1

/* A product's cost in rows form, about, in cycles: a step of a vector of sums
 * is one, storing it (turned or not) a few, packing a vector by transposing
 * four. */
static size_t cost(size_t lines, size_t columns, size_t terms, int turned,
                   int transposes) {
    const size_t vectors = (columns + KERNEL_WIDTH - 1) / KERNEL_WIDTH;
    const size_t sum = terms + (turned ? 6 : 1);
    return vectors * (lines * sum + (transposes ? 4 * terms : 0));
}

/* Vectors over rows, or turned: over outputs. */
void LANES(forward_in_rows)(struct linear_sizes sizes, struct cells cells,
                            const float *weight, const float *bias,
                            const float *x, float *y, float *scratch) {
    const size_t rows = cells.rows;
    const int turned = cost(rows, sizes.outputs, sizes.inputs, 1, 1) <
                       cost(sizes.outputs, rows, sizes.inputs, 0, 0);
    const struct row_product product = {
        .lines = turned ? rows : sizes.outputs,
        .columns = turned ? sizes.outputs : rows,
        .terms = sizes.inputs,
        .scalars = turned ? x : weight,
        .scalars_line = turned ? 1 : sizes.inputs,
        .scalars_term = turned ? cells.stride : 1,
        .vectors = turned ? weight : x,
        .vectors_term = turned ? 1 : cells.stride,
        .vectors_column = turned ? sizes.inputs : 1,
        .start = bias,
        .out = y,
        .out_stride = cells.stride,
        .turned = turned,
        .vectors_padded = !turned,
        .out_padded = 1,
        .accumulate = sizes.accumulate,
    };
    LANES(product)(&product, scratch);
}

/* What a step costs more where the weights are read down their columns, each on
 * a page of its own: AVX-512's tiles have work enough to hide it. */
static size_t down_columns(size_t terms) {
    return KERNEL_WIDTH < 16 ? terms / 16 : 0;
}

/* Vectors over rows, or turned: over inputs, where the weights lie ready. */
void LANES(backward_input_in_rows)(struct linear_sizes sizes,
                                   struct cells cells, const float *weight,
                                   const float *dy, float *dx, float *scratch) {
    const size_t rows = cells.rows, terms = sizes.outputs;
    const int turned =
        cost(rows, sizes.inputs, terms, 1, 0) <
        cost(sizes.inputs, rows, terms + down_columns(terms), 0, 0);
    const struct row_product product = {
        .lines = turned ? rows : sizes.inputs,
        .columns = turned ? sizes.inputs : rows,
        .terms = terms,
        .scalars = turned ? dy : weight,
        .scalars_line = 1,
        .scalars_term = turned ? cells.stride : sizes.inputs,
        .vectors = turned ? weight : dy,
        .vectors_term = turned ? sizes.inputs : cells.stride,
        .vectors_column = 1,
        .out = dx,
        .out_stride = cells.stride,
        .turned = turned,
        .vectors_padded = !turned,
        .out_padded = 1,
        .accumulate = sizes.accumulate,
    };
    LANES(product)(&product, scratch);
}

/* Vectors over inputs, or turned: over outputs. */
void LANES(weight_gradient_in_rows)(struct linear_sizes sizes,
                                    struct cells cells, const float *x,
                                    const float *dy, float *dweight,
                                    float *scratch) {
    const int turned = sizes.inputs >= 4 &&
                       cost(sizes.inputs, sizes.outputs, cells.rows, 1, 1) <
                           cost(sizes.outputs, sizes.inputs, cells.rows, 0, 1);
    const struct row_product product = {
        .lines = turned ? sizes.inputs : sizes.outputs,
        .columns = turned ? sizes.outputs : sizes.inputs,
        .terms = cells.rows,
        .scalars = turned ? x : dy,
        .scalars_line = cells.stride,
        .scalars_term = 1,
        .vectors = turned ? dy : x,
        .vectors_term = 1,
        .vectors_column = cells.stride,
        .out = dweight,
        .out_stride = sizes.inputs,
        .turned = turned,
        .vectors_padded = 1,
        .accumulate = sizes.accumulate,
    };
    LANES(product)(&product, scratch);
}
#endif
