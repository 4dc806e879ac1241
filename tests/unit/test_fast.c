/* OpenBLAS's products against the portable ones. Identity: the same sums in
 * another order. With terms of at most 1 in size a chain of n errs by at most
 * n^2 / 2 units of 2^-24 of its largest partial sum n; held to n^2 2^-24. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/kernel/fast.h"
#include "engine/random/torch_random.h"

static float *values(struct mt19937 *generator, size_t count) {
    float *made = memory_zeroed(count + KERNEL_WIDTH_LIMIT, sizeof *made);
    torch_uniform(generator, -1, 1, made, count);
    return made;
}

static void expect_close(const float *a, const float *b, size_t count,
                         size_t pitch, size_t row, size_t terms) {
    double allowed = (double)(terms * terms) * 0x1p-24;
    for (size_t i = 0; i < count; i++) {
        size_t at = i / row * pitch + i % row;
        assert_true(fabs((double)a[at] - (double)b[at]) <= allowed);
    }
}

struct subject {
    const struct kernels *portable;
    struct kernels fast;
    struct linear_sizes sizes;
    struct cells cells;
    float *weight, *bias, *x, *dy, *scratch;
};

/* All three products by one copy; y, dx, dweight and dbias one after another.
 */
static float *products(const struct subject *s, const struct kernels *k) {
    size_t stride = s->cells.stride, in = s->sizes.inputs,
           out = s->sizes.outputs;
    struct mt19937 generator;
    mt19937_seed(&generator, 5);
    float *made =
        values(&generator, (in + out) * stride + (in + 1) * out + stride);
    float *dx = made + out * stride, *dweight = dx + in * stride;
    k->linear_forward(s->sizes, s->cells, s->weight, s->bias, s->x, made,
                      s->scratch);
    k->linear_backward_input(s->sizes, s->cells, s->weight, s->dy, dx,
                             s->scratch);
    k->linear_backward_weight(s->sizes, s->cells, s->x, s->dy, dweight,
                              dweight + in * out, s->scratch);
    return made;
}

static void compare(const struct subject *s) {
    size_t stride = s->cells.stride, rows = s->cells.rows;
    size_t in = s->sizes.inputs, out = s->sizes.outputs;
    float *a = products(s, s->portable), *b = products(s, &s->fast);
    size_t dx = out * stride, dweight = dx + in * stride;
    expect_close(a, b, out * rows, stride, rows, in + 2);
    expect_close(a + dx, b + dx, in * rows, stride, rows, out + 1);
    expect_close(a + dweight, b + dweight, (in + 1) * out, 1, 1, rows + 1);
    free(a), free(b);
}

static void check(size_t inputs, size_t outputs, size_t rows, int accumulate) {
    struct subject s = {.sizes = {inputs, outputs, accumulate}};
    struct status status = STATUS_INIT;
    struct mt19937 generator;
    assert_int_equal(kernels_select(&s.portable, &status), STATUS_OK);
    assert_int_equal(kernels_fast(s.portable, &s.fast, &status), STATUS_OK);
    size_t width = s.portable->width;
    s.cells = (struct cells){rows, 1, kernels_stride(rows, 1, width)};
    mt19937_seed(&generator, 3);
    s.weight = values(&generator, inputs * outputs);
    s.bias = values(&generator, outputs);
    s.x = values(&generator, inputs * s.cells.stride);
    s.dy = values(&generator, outputs * s.cells.stride);
    s.scratch =
        values(&generator, kernels_linear_scratch(s.sizes, s.cells, width));
    compare(&s);
    free(s.weight), free(s.bias), free(s.x), free(s.dy), free(s.scratch);
}

static void equal_the_portable_ones(void **state) {
    (void)state;
    for (int accumulate = 0; accumulate < 2; accumulate++) {
        check(3, 2, 5, accumulate);
        check(70, 33, 50, accumulate);
        check(300, 128, 17, accumulate);
    }
}

static void the_rest_is_the_copys(void **state) {
    const struct kernels *portable;
    struct kernels fast;
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(kernels_select(&portable, &status), STATUS_OK);
    assert_int_equal(kernels_fast(portable, &fast, &status), STATUS_OK);
    assert_ptr_equal(fast.nll, portable->nll);
    assert_ptr_not_equal(fast.linear_forward, portable->linear_forward);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_the_portable_ones),
        cmocka_unit_test(the_rest_is_the_copys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
