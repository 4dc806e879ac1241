#ifndef ENGINE_KERNEL_LANES_PRODUCT_H
#define ENGINE_KERNEL_LANES_PRODUCT_H

/* Matrix products of one run (rows form), any size.
 *
 *   out[line][column] = start + sum over the terms of
 *                       scalars[line][term] * vectors[term][column]
 *
 * Vectors run over columns; the other factor is broadcast. A product's sides
 * can take either part, so that the one of which whole vectors are made is a
 * matter of speed; `turned` says that out lies with its lines next to each
 * other. Each sum keeps the order of kernel.h. */

#include "engine/kernel/lanes.h"

/* Memory that is wanted after a product: its tiles ask for a cache line a term,
 * so that it comes while they compute. What lies a little behind `end` may be
 * asked for too. */
struct ahead {
    const float *at, *end; /* `at` moves on */
};

struct row_product {
    size_t lines, columns, terms;
    const float *scalars;
    size_t scalars_line, scalars_term; /* strides in floats */
    /* One stride is 1; the other columns or terms are packed side by side. */
    const float *vectors;
    size_t vectors_term, vectors_column;
    const float *packed; /* LANES(product_pack)'s, used instead; or NULL */
    const float *start;  /* a float an output unit (lines; turned: columns);
                            NULL: nothing is added */
    /* out[line * out_stride + column], turned: [column * out_stride + line]. */
    float *out;
    size_t out_stride;
    int turned;
    /* What is contiguous is cells: up to a whole vector of them may be read, or
     * written. */
    int vectors_padded, out_padded;
    int accumulate;      /* onto what out holds */
    struct ahead *ahead; /* one after the other, up to one from NULL; or NULL */
};

/* `scratch` has kernels_product_scratch(terms, columns, width) floats. */
void LANES(product)(const struct row_product *product, float *scratch);

/* Packs the vectors once for many products of these lines, columns and terms:
 * kernels_product_packed() floats. */
void LANES(product_pack)(const struct row_product *product, float *packed);

/* Packs `terms` terms of `count` columns, as rows of `pitch` floats; what a row
 * holds behind its columns is left as it is. `from` has columns next to each
 * other and terms `stride` floats apart. */
void LANES(pack_columns)(const float *from, size_t stride, size_t count,
                         size_t terms, size_t pitch, float *to);

/* The same from terms next to each other and columns `stride` floats apart.
 * `padded`: terms may be read up to a whole vector. Rows are written up to a
 * whole vector of them. */
void LANES(pack_terms)(const float *from, size_t stride, size_t count,
                       size_t terms, int padded, size_t pitch, float *to);

/* A linear layer's products (kernel.h) of one run. */
void LANES(forward_in_rows)(struct linear_sizes sizes, struct cells cells,
                            const float *weight, const float *bias,
                            const float *x, float *y, float *scratch);
void LANES(backward_input_in_rows)(struct linear_sizes sizes,
                                   struct cells cells, const float *weight,
                                   const float *dy, float *dx, float *scratch);
void LANES(weight_gradient_in_rows)(struct linear_sizes sizes,
                                    struct cells cells, const float *x,
                                    const float *dy, float *dweight,
                                    float *scratch);

#endif
