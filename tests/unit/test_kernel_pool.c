/* Pools of every copy, in both forms, give the bits of their definitions in
 * kernel.h, which stand below as plain loops over one run. */

#include "tests/unit/window_fixtures.h"

static const struct pool_case {
    size_t channels, rows;
    int count_padding;
    struct axis_case y, x;
} POOL_CASES[] = {
    {3, 50, 1, {6, 2, 2, 1, 0, 0}, {8, 2, 2, 1, 0, 0}},
    {2, 17, 1, {7, 3, 2, 1, 1, 0}, {8, 3, 2, 1, 1, 1}},
    {2, 5, 0, {7, 3, 2, 1, 1, 0}, {8, 3, 2, 1, 1, 1}},
    {1, 33, 1, {5, 3, 1, 1, 1, 0}, {6, 3, 1, 1, 1, 0}},
    {2, 3, 0, {1, 1, 1, 1, 0, 0}, {30, 4, 4, 1, 0, 1}},
    {2, 70, 1, {1, 1, 1, 1, 0, 0}, {31, 5, 3, 1, 2, 0}},
    {1, 1, 1, {1, 1, 1, 1, 0, 0}, {9, 2, 4, 1, 1, 0}},
};
/* Of the largest alone: windows with holes. */
static const struct pool_case DILATED_CASES[] = {
    {2, 9, 0, {9, 3, 1, 2, 1, 0}, {10, 2, 3, 4, 1, 0}},
    {1, 20, 0, {1, 1, 1, 1, 0, 0}, {20, 4, 2, 3, 2, 1}},
};

/* Cases of both, and of the largest alone. */
enum { VARIANT_POOLS, VARIANT_DILATED };

static struct pool_sizes sizes_of(const struct setting *s) {
    const struct pool_case *c =
        &(s->variant == VARIANT_POOLS ? POOL_CASES : DILATED_CASES)[s->index];
    return (struct pool_sizes){
        c->channels, c->count_padding, {axis_of(c->y), axis_of(c->x)}};
}

/* Often the same as its neighbours, now and then not a number. */
static float tied(size_t run, int array, size_t element) {
    const float value = number(run, array, element);
    const uint32_t dice = mixed((uint32_t)(element * 7 + run)) % 40;
    return dice == 0 ? NAN : dice == 1 ? -INFINITY : floorf(value);
}

/* ---- definitions ---- */

/* The tap that gives the largest, -1 if none is above -inf. */
static ptrdiff_t largest_tap(const struct setting *s, const float *x,
                             size_t channel, size_t output, size_t row,
                             float *largest) {
    const struct pool_sizes sizes = sizes_of(s);
    const struct window *window = &sizes.window;
    ptrdiff_t taken = -1;
    *largest = -INFINITY;
    for (size_t tap = 0; tap < window_taps(window); tap++) {
        const ptrdiff_t at = seen_place(window, output, tap);
        if (at < 0)
            continue;
        const float value =
            x[(channel * window_inputs(window) + (size_t)at) * s->rows + row];
        if (value > *largest || isnan(value)) {
            *largest = value;
            taken = (ptrdiff_t)tap;
        }
    }
    return taken;
}

static size_t extent(const struct window_axis *axis, size_t o, int padding) {
    const size_t from = o * axis->stride, end = from + axis->kernel;
    const size_t padded = axis->in + 2 * axis->before;
    size_t low = from, high = end < padded ? end : padded;
    if (!padding) {
        low = low < axis->before ? axis->before : low;
        high = high > axis->in + axis->before ? axis->in + axis->before : high;
    }
    return high - low;
}

static float divisor(const struct setting *s, size_t output) {
    const struct pool_sizes sizes = sizes_of(s);
    const struct window *window = &sizes.window;
    const int padding = sizes.count_padding;
    return (float)(extent(&window->y, output / window->x.out, padding) *
                   extent(&window->x, output % window->x.out, padding));
}

static float define_mean(const struct setting *s, const float *x,
                         size_t channel, size_t output, size_t row) {
    const struct pool_sizes sizes = sizes_of(s);
    const struct window *window = &sizes.window;
    float sum = 0;
    for (size_t tap = 0; tap < window_taps(window); tap++) {
        const ptrdiff_t at = seen_place(window, output, tap);
        if (at >= 0)
            sum += x[(channel * window_inputs(window) + (size_t)at) * s->rows +
                     row];
    }
    return sum / divisor(s, output);
}

/* What the outputs give to one input: all of them, or those that took it. */
static float define_given(const struct setting *s, const float *x,
                          const float *dy, size_t channel, size_t at,
                          size_t row, int is_mean) {
    const struct pool_sizes sizes = sizes_of(s);
    const struct window *window = &sizes.window;
    float sum = 0, largest;
    for (size_t output = 0; output < window_outputs(window); output++)
        for (size_t tap = 0; tap < window_taps(window); tap++) {
            const float given =
                dy[(channel * window_outputs(window) + output) * s->rows + row];
            if (seen_place(window, output, tap) != (ptrdiff_t)at)
                continue;
            if (is_mean)
                sum += given / divisor(s, output);
            else if (largest_tap(s, x, channel, output, row, &largest) ==
                     (ptrdiff_t)tap)
                sum += given;
        }
    return sum;
}

static void define_pool(const struct setting *s, struct results *results,
                        int is_mean) {
    const struct pool_sizes sizes = sizes_of(s);
    const size_t in = window_inputs(&sizes.window);
    const size_t out = window_outputs(&sizes.window);
    float *x = plain_values(s, sizes.channels * in * s->rows, 2, tied);
    float *dy = plain_values(s, sizes.channels * out * s->rows, 3, number);
    for (size_t unit = 0; unit < sizes.channels * out; unit++)
        for (size_t row = 0; row < s->rows; row++) {
            float value;
            if (is_mean)
                value = define_mean(s, x, unit / out, unit % out, row);
            else
                largest_tap(s, x, unit / out, unit % out, row, &value);
            add_result(results, value);
        }
    for (size_t unit = 0; unit < sizes.channels * in; unit++)
        for (size_t row = 0; row < s->rows; row++)
            add_result(results, define_given(s, x, dy, unit / in, unit % in,
                                             row, is_mean));
    free(x), free(dy);
}

static void define_max_pool(const struct setting *s, struct results *results) {
    define_pool(s, results, 0);
}

static void define_avg_pool(const struct setting *s, struct results *results) {
    define_pool(s, results, 1);
}

static void run_pool(const struct setting *s, struct results *results,
                     int is_mean) {
    const struct pool_sizes of = sizes_of(s), *sizes = &of;
    const struct kernels *k = s->kernels;
    const struct cells cells = cells_of(s);
    const size_t in = sizes->channels * window_inputs(&sizes->window);
    const size_t out = sizes->channels * window_outputs(&sizes->window);
    float *x = new_cells(s, in, 2, tied), *dx = new_cells(s, in, 0, NULL);
    float *dy = new_cells(s, out, 3, number), *y = new_cells(s, out, 0, NULL);
    float *taken = new_cells(s, out, 0, NULL);
    float *scratch = garbage(kernels_pool_scratch(sizes));
    if (is_mean) {
        k->avg_pool_forward(sizes, cells, x, y, scratch);
        k->avg_pool_backward(sizes, cells, dy, dx, scratch);
    } else {
        k->max_pool_forward(sizes, cells, 0, x, y, taken, scratch);
        k->max_pool_backward(sizes, cells, taken, dy, dx, scratch);
    }
    take_cells(s, out, y, results);
    take_cells(s, in, dx, results);
    free(x), free(dy), free(taken), free(scratch);
}

static void run_max_pool(const struct setting *s, struct results *results) {
    run_pool(s, results, 0);
}

static void run_avg_pool(const struct setting *s, struct results *results) {
    run_pool(s, results, 1);
}

static void check_pools(const struct pool_case *cases, size_t count,
                        int variant, kernel_function *run,
                        kernel_function *define) {
    for (size_t i = 0; i < count; i++)
        check_kernel((struct setting){.rows = cases[i].rows,
                                      .index = (int)i,
                                      .variant = variant},
                     run, define);
}

static void test_pools(void **state) {
    (void)state;
    const size_t count = sizeof POOL_CASES / sizeof *POOL_CASES;
    const size_t dilated = sizeof DILATED_CASES / sizeof *DILATED_CASES;
    check_pools(POOL_CASES, count, VARIANT_POOLS, run_avg_pool,
                define_avg_pool);
    check_pools(POOL_CASES, count, VARIANT_POOLS, run_max_pool,
                define_max_pool);
    check_pools(DILATED_CASES, dilated, VARIANT_DILATED, run_max_pool,
                define_max_pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pools)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
