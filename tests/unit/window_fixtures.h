#ifndef TESTS_UNIT_WINDOW_FIXTURES_H
#define TESTS_UNIT_WINDOW_FIXTURES_H

/* Windows that convolutions and pools are tested with, and which inputs they
 * see, by the definition. */

#include "tests/unit/kernel_fixtures.h"

struct axis_case {
    size_t in, kernel, stride, dilation, before, more; /* more: outputs */
};

static inline struct window_axis axis_of(struct axis_case from) {
    const size_t reach = from.dilation * (from.kernel - 1) + 1;
    const size_t padded = from.in + 2 * from.before;
    return (struct window_axis){
        .in = from.in,
        .out = (padded - reach) / from.stride + 1 + from.more,
        .kernel = from.kernel,
        .stride = from.stride,
        .dilation = from.dilation,
        .before = from.before,
    };
}

/* The input that output `o` sees through tap `k`, or -1. */
static inline ptrdiff_t seen(const struct window_axis *axis, size_t o,
                             size_t k) {
    const ptrdiff_t at = (ptrdiff_t)(o * axis->stride + k * axis->dilation) -
                         (ptrdiff_t)axis->before;
    return at < 0 || at >= (ptrdiff_t)axis->in ? -1 : at;
}

static inline ptrdiff_t seen_place(const struct window *window, size_t output,
                                   size_t tap) {
    const ptrdiff_t y =
        seen(&window->y, output / window->x.out, tap / window->x.kernel);
    const ptrdiff_t x =
        seen(&window->x, output % window->x.out, tap % window->x.kernel);
    return y < 0 || x < 0 ? -1 : y * (ptrdiff_t)window->x.in + x;
}

/* One run's array, as new_cells() and new_tensor() fill its lane. */
static inline float *plain_values(const struct setting *s, size_t count,
                                  int array, datum_function *datum) {
    float *values = memory_zeroed(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = datum(s->first_run, array, i);
    return values;
}

#endif
