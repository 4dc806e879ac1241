/* The module: products as OpenBLAS computes them, on one thread; runs are what
 * the program's threads are for. */

#include <assert.h>
#include <cblas.h>

#include "engine/kernel/fast.h"

__attribute__((constructor)) static void one_thread(void) {
    openblas_set_num_threads(1);
}

/* out[rows][columns] = a x b, or added to it. */
struct operands {
    enum CBLAS_TRANSPOSE a_transposed, b_transposed;
    size_t rows, columns, terms;
    const float *a, *b;
    size_t a_row, b_row, out_row; /* floats between rows */
    int accumulate;
};

static void multiply(const struct operands *o, float *out) {
    cblas_sgemm(CblasRowMajor, o->a_transposed, o->b_transposed, (int)o->rows,
                (int)o->columns, (int)o->terms, 1, o->a, (int)o->a_row, o->b,
                (int)o->b_row, o->accumulate ? 1 : 0, out, (int)o->out_row);
}

static void forward(struct linear_sizes sizes, struct cells cells,
                    const float *weight, const float *bias, const float *x,
                    float *y, float *scratch) {
    (void)scratch;
    assert(cells.lanes == 1);
    multiply(&(struct operands){.a_transposed = CblasNoTrans,
                                .b_transposed = CblasNoTrans,
                                .rows = sizes.outputs,
                                .columns = cells.rows,
                                .terms = sizes.inputs,
                                .a = weight,
                                .a_row = sizes.inputs,
                                .b = x,
                                .b_row = cells.stride,
                                .out_row = cells.stride,
                                .accumulate = sizes.accumulate},
             y);
    for (size_t o = 0; bias && o < sizes.outputs; o++)
        for (size_t row = 0; row < cells.rows; row++)
            y[o * cells.stride + row] += bias[o];
}

static void backward_input(struct linear_sizes sizes, struct cells cells,
                           const float *weight, const float *dy, float *dx,
                           float *scratch) {
    (void)scratch;
    assert(cells.lanes == 1);
    multiply(&(struct operands){.a_transposed = CblasTrans,
                                .b_transposed = CblasNoTrans,
                                .rows = sizes.inputs,
                                .columns = cells.rows,
                                .terms = sizes.outputs,
                                .a = weight,
                                .a_row = sizes.inputs,
                                .b = dy,
                                .b_row = cells.stride,
                                .out_row = cells.stride,
                                .accumulate = sizes.accumulate},
             dx);
}

/* Partial sums, so that the compiler may put them side by side. */
static float sum_of_rows(const float *dy, size_t rows) {
    float partial[KERNEL_PARTIALS] = {0};
    size_t row = 0;
    for (; row + KERNEL_PARTIALS <= rows; row += KERNEL_PARTIALS)
        for (size_t i = 0; i < KERNEL_PARTIALS; i++)
            partial[i] += dy[row + i];
    for (; row < rows; row++)
        partial[row % KERNEL_PARTIALS] += dy[row];
    for (size_t half = KERNEL_PARTIALS / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            partial[i] += partial[i + half];
    return partial[0];
}

static void backward_weight(struct linear_sizes sizes, struct cells cells,
                            const float *x, const float *dy, float *dweight,
                            float *dbias, float *scratch) {
    (void)scratch;
    assert(cells.lanes == 1);
    multiply(&(struct operands){.a_transposed = CblasNoTrans,
                                .b_transposed = CblasTrans,
                                .rows = sizes.outputs,
                                .columns = sizes.inputs,
                                .terms = cells.rows,
                                .a = dy,
                                .a_row = cells.stride,
                                .b = x,
                                .b_row = cells.stride,
                                .out_row = sizes.inputs,
                                .accumulate = sizes.accumulate},
             dweight);
    for (size_t o = 0; dbias && o < sizes.outputs; o++)
        dbias[o] = (sizes.accumulate ? dbias[o] : 0) +
                   sum_of_rows(dy + o * cells.stride, cells.rows);
}

__attribute__((visibility("default")))
const struct fast_products fast_products = {forward, backward_input,
                                            backward_weight};
