/* The kernels of batch norm and layer norm: every copy in both forms gives the
 * bits of the scalar copy on one run, and numbers as near to exact ones as
 * float32 allows, also where the mean is large. Padding and the memory behind
 * arrays hold NaN. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/kernel/kernel.h"

/* What the kernels are called for: runs `first_run` and on, a lane each. */
struct setting {
    const struct kernels *kernels;
    size_t lanes, first_run;
    struct norm_sizes sizes;
    size_t rows;
    bool has_weight;
    float mean; /* of x */
};

/* ---- arrays ---- */

static float *nans(size_t count) {
    float *values = memory_zeroed(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
    return values;
}

/* Element `index` of an array, in a run: in [-1, 1). */
static float datum(size_t run, uint32_t array, size_t index) {
    uint32_t x = (uint32_t)(run * 131 + index * 7919) ^ array * 0x9e3779b9u;
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return (float)((x ^ (x >> 16)) >> 8) * 0x1p-23f - 1;
}

static struct cells cells_of(const struct setting *s) {
    return (struct cells){s->rows, s->lanes,
                          kernels_stride(s->rows, s->lanes, s->kernels->width)};
}

static size_t units_of(const struct setting *s) {
    return s->sizes.outer * s->sizes.inner;
}

static float *new_cells(const struct setting *s, uint32_t array, float mean) {
    const struct cells cells = cells_of(s);
    float *values = nans(units_of(s) * cells.stride);
    for (size_t unit = 0; array && unit < units_of(s); unit++)
        for (size_t i = 0; i < s->rows * s->lanes; i++)
            values[unit * cells.stride + i] =
                mean + datum(s->first_run + i % s->lanes, array,
                             unit * s->rows + i / s->lanes);
    return values;
}

/* [element][lane], exactly as large as promised. */
static float *new_tensor(const struct setting *s, size_t count,
                         uint32_t array) {
    float *values = nans(count * s->lanes);
    for (size_t i = 0; array && i < count * s->lanes; i++)
        values[i] = datum(s->first_run + i % s->lanes, array, i / s->lanes);
    return values;
}

/* [width]: a number of each run, or of the one. */
static void put_numbers(const struct setting *s, uint32_t array,
                        float numbers[KERNEL_WIDTH_LIMIT]) {
    for (size_t lane = 0; lane < s->kernels->width; lane++)
        numbers[lane] =
            fabsf(datum(s->first_run + (s->lanes == 1 ? 0 : lane), array, 0));
}

/* ---- results ---- */

/* A run's numbers, one after the other. */
struct results {
    float *values;
    size_t count, capacity;
};

static void add_result(struct results *results, float value) {
    memory_grow(&results->values, results->count, &results->capacity,
                sizeof *results->values);
    results->values[results->count++] = value;
}

static void take_cells(const struct setting *s, float *values,
                       struct results *results) {
    const struct cells cells = cells_of(s);
    for (size_t lane = 0; lane < s->lanes; lane++)
        for (size_t unit = 0; unit < units_of(s); unit++)
            for (size_t row = 0; row < s->rows; row++)
                add_result(&results[lane],
                           values[unit * cells.stride + row * s->lanes + lane]);
    free(values);
}

/* [element][step]. */
static void take_tensor(const struct setting *s, size_t count, size_t step,
                        float *values, struct results *results) {
    for (size_t lane = 0; lane < s->lanes; lane++)
        for (size_t i = 0; i < count; i++)
            add_result(&results[lane], values[i * step + lane]);
    free(values);
}

/* ---- the kernels ---- */

static void run_batch_norm(const struct setting *s, struct results *results) {
    const struct kernels *k = s->kernels;
    const struct cells cells = cells_of(s);
    const size_t channels = s->sizes.outer, width = k->width;
    float eps[KERNEL_WIDTH_LIMIT], high[KERNEL_WIDTH_LIMIT],
        low[KERNEL_WIDTH_LIMIT] = {0};
    const float *const rate[2] = {high, low};
    put_numbers(s, 20, eps);
    put_numbers(s, 21, high);
    float *weight = s->has_weight ? new_tensor(s, channels, 1) : NULL;
    float *bias = s->has_weight ? new_tensor(s, channels, 2) : NULL;
    float *x = new_cells(s, 3, s->mean), *dy = new_cells(s, 4, 0);
    float *y = new_cells(s, 0, 0), *dx = new_cells(s, 0, 0);
    float *dweight = new_tensor(s, channels, 0);
    float *dbias = new_tensor(s, channels, 0);
    float *running = new_tensor(s, channels, 5);
    float *notes = nans(KERNEL_NORM_NOTES * channels * width);
    float *mean = nans(channels * width), *variance = nans(channels * width);
    k->batch_statistics(s->sizes, cells, eps, x, notes, mean, variance);
    k->running_average(channels, s->lanes, rate, mean, running);
    k->batch_norm_forward(s->sizes, cells, notes, weight, bias, x, y);
    k->batch_norm_backward(s->sizes, cells, notes, weight, x, dy, dweight,
                           dbias, dx);
    take_cells(s, y, results);
    take_cells(s, dx, results);
    take_tensor(s, channels, s->lanes, dweight, results);
    take_tensor(s, channels, s->lanes, dbias, results);
    take_tensor(s, channels, width, mean, results);
    take_tensor(s, channels, width, variance, results);
    take_tensor(s, channels, s->lanes, running, results);
    free(weight), free(bias), free(x), free(dy), free(notes);
}

/* Statistics that are given: running ones. */
static void run_given(const struct setting *s, struct results *results) {
    const size_t channels = s->sizes.outer;
    float eps[KERNEL_WIDTH_LIMIT];
    put_numbers(s, 20, eps);
    float *mean = new_tensor(s, channels, 6);
    float *variance = new_tensor(s, channels, 7);
    float *x = new_cells(s, 3, s->mean), *y = new_cells(s, 0, 0);
    float *notes = nans(KERNEL_NORM_NOTES * channels * s->kernels->width);
    for (size_t i = 0; i < channels * s->lanes; i++)
        variance[i] = fabsf(variance[i]);
    s->kernels->given_statistics(channels, s->lanes, eps, mean, variance,
                                 notes);
    s->kernels->batch_norm_forward(s->sizes, cells_of(s), notes, NULL, NULL, x,
                                   y);
    take_cells(s, y, results);
    free(mean), free(variance), free(x), free(notes);
}

static void run_layer_norm(const struct setting *s, struct results *results) {
    const struct kernels *k = s->kernels;
    const struct cells cells = cells_of(s);
    const size_t count = s->sizes.inner;
    float eps[KERNEL_WIDTH_LIMIT];
    put_numbers(s, 20, eps);
    float *weight = s->has_weight ? new_tensor(s, count, 1) : NULL;
    float *bias = s->has_weight ? new_tensor(s, count, 2) : NULL;
    float *x = new_cells(s, 3, s->mean), *dy = new_cells(s, 4, 0);
    float *y = new_cells(s, 0, 0), *dx = new_cells(s, 0, 0);
    float *dweight = new_tensor(s, count, 0), *dbias = new_tensor(s, count, 0);
    float *notes = nans(KERNEL_NORM_NOTES * s->sizes.outer * cells.stride);
    k->layer_norm_forward(s->sizes, cells, eps, weight, bias, x, y, notes);
    k->layer_norm_backward(s->sizes, cells, notes, weight, x, dy, dweight,
                           dbias, dx);
    take_cells(s, y, results);
    take_cells(s, dx, results);
    take_tensor(s, count, s->lanes, dweight, results);
    take_tensor(s, count, s->lanes, dbias, results);
    free(weight), free(bias), free(x), free(dy), free(notes);
}

/* ---- bits ---- */

typedef void run_function(const struct setting *s, struct results *results);

/* Every run of one call against the scalar copy's. */
static void check_setting(const struct setting *s, run_function *run) {
    struct results results[KERNEL_WIDTH_LIMIT] = {{NULL, 0, 0}};
    run(s, results);
    for (size_t lane = 0; lane < s->lanes; lane++) {
        struct setting plain = *s;
        struct results expected = {NULL, 0, 0};
        plain.kernels = kernels_available()[0];
        plain.lanes = 1;
        plain.first_run += lane;
        run(&plain, &expected);
        assert_int_equal(results[lane].count, expected.count);
        for (size_t i = 0; i < expected.count; i++)
            if (memcmp(&results[lane].values[i], &expected.values[i],
                       sizeof(float)) != 0)
                fail_msg("%s, %zu lanes, %zu x %zu units, %zu rows: number %zu "
                         "is %a, expected %a",
                         s->kernels->isa, s->lanes, s->sizes.outer,
                         s->sizes.inner, s->rows, i,
                         (double)results[lane].values[i],
                         (double)expected.values[i]);
        free(expected.values);
        free(results[lane].values);
    }
}

static const struct norm_sizes SIZES[] = {{1, 1}, {3, 1}, {1, 5},
                                          {2, 4}, {3, 7}, {2, 33}};
static const size_t ROWS[] = {2, 5, 16, 17, 50};

static void check_all(const struct kernels *kernels, size_t lanes,
                      run_function *run) {
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
        for (size_t j = 0; j < sizeof ROWS / sizeof *ROWS; j++)
            for (int variant = 0; variant < 2; variant++) {
                const struct setting s = {
                    .kernels = kernels,
                    .lanes = lanes,
                    .first_run = 3 * i + j,
                    .sizes = SIZES[i],
                    .rows = ROWS[j],
                    .has_weight = variant == 0,
                    .mean = variant == 0 ? 0.25f : 1000,
                };
                check_setting(&s, run);
            }
}

static void copies_and_forms_are_equal(void **state) {
    static run_function *const runs[] = {run_batch_norm, run_given,
                                         run_layer_norm};
    (void)state;
    for (const struct kernels *const *copy = kernels_available(); *copy; copy++)
        for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
            check_all(*copy, 1, runs[i]);
            check_all(*copy, (*copy)->width, runs[i]);
        }
}

/* ---- numbers ---- */

/* The exact x^ of n numbers. */
static void normalize(const float *x, size_t n, double eps, double *out) {
    double mean = 0, variance = 0;
    for (size_t i = 0; i < n; i++)
        mean += (double)x[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        variance += ((double)x[i] - mean) * ((double)x[i] - mean) / (double)n;
    for (size_t i = 0; i < n; i++)
        out[i] = ((double)x[i] - mean) / sqrt(variance + eps);
}

/* n numbers about `mean` as one channel, by rows, and as one cell's units:
 * x^ is off by no more than 4 units of rounding of the largest. */
static void check_numbers(float mean, size_t n) {
    const struct kernels *k = kernels_available()[0];
    const float eps = 1e-5f;
    size_t stride = kernels_stride(n, 1, 1), one = kernels_stride(1, 1, 1);
    float *x = nans(stride), *y = nans(stride), *across = nans(n * one);
    float *across_y = nans(n * one), *notes = nans(KERNEL_NORM_NOTES * one);
    double *exact = memory_zeroed(n, sizeof *exact);
    float unused[2];
    for (size_t i = 0; i < n; i++)
        across[i * one] = x[i] = mean + datum(n, 9, i);
    normalize(x, n, (double)eps, exact);
    const struct cells cells = {n, 1, stride}, single = {1, 1, one};
    k->batch_statistics((struct norm_sizes){1, 1}, cells, &eps, x, notes,
                        &unused[0], &unused[1]);
    k->batch_norm_forward((struct norm_sizes){1, 1}, cells, notes, NULL, NULL,
                          x, y);
    k->layer_norm_forward((struct norm_sizes){1, n}, single, &eps, NULL, NULL,
                          across, across_y, notes);
    for (size_t i = 0; i < n; i++) {
        const double allowed = 4 * 0x1p-24 * fmax(1, fabs(exact[i]));
        assert_true(fabs((double)y[i] - exact[i]) <= allowed);
        assert_true(fabs((double)across_y[i * one] - exact[i]) <= allowed);
    }
    free(x), free(y), free(across), free(across_y), free(notes), free(exact);
}

static void a_large_mean_costs_nothing(void **state) {
    static const float means[] = {0, 1, -30, 1000, 1e5f};
    (void)state;
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        check_numbers(means[i], 7);
        check_numbers(means[i], 64);
        check_numbers(means[i], 3000);
    }
}

/* What is all the same has no variance: x^ is 0, not NaN. */
static void equal_numbers_are_normalized(void **state) {
    const struct kernels *k = kernels_available()[0];
    const float eps = 1e-5f;
    enum { N = 13 };
    float x[N], y[N], notes[KERNEL_NORM_NOTES], mean, variance;
    const struct cells cells = {N, 1, N};
    (void)state;
    for (int i = 0; i < N; i++)
        x[i] = 1e6f / 3;
    k->batch_statistics((struct norm_sizes){1, 1}, cells, &eps, x, notes, &mean,
                        &variance);
    k->batch_norm_forward((struct norm_sizes){1, 1}, cells, notes, NULL, NULL,
                          x, y);
    assert_true(mean == x[0]);
    assert_true(variance >= 0 && variance < 1e-6f);
    for (int i = 0; i < N; i++)
        assert_true(fabsf(y[i]) < 1e-3f);
}

/* running_average() is PyTorch's: in binary64, rounded once. */
static void averages_are_rounded_once(void **state) {
    const struct kernels *k = kernels_available()[0];
    const double share = 0.1;
    const float high = (float)share, low = (float)(share - (double)high);
    const float *const rate[2] = {&high, &low};
    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        float value = datum(1, 1, i), average = datum(1, 2, i);
        float expected =
            (float)(share * (double)value + (1 - share) * (double)average);
        k->running_average(1, 1, rate, &value, &average);
        assert_true(average == expected);
    }
    const float one = 1, none = 0, value = 1e-5f;
    const float *const all[2] = {&one, &none};
    float average = 1;
    k->running_average(1, 1, all, &value, &average);
    assert_true(average == value);
}

/* ---- whole arrays ---- */

static void sums_and_products(void **state) {
    enum { N = 3 * KERNEL_WIDTH_LIMIT };
    float a[N], b[N], sum[N], product[N];
    (void)state;
    for (size_t i = 0; i < N; i++) {
        a[i] = datum(1, 1, i);
        b[i] = datum(2, 2, i);
    }
    for (const struct kernels *const *copy = kernels_available(); *copy;
         copy++) {
        (*copy)->add(N, a, b, sum);
        memcpy(product, a, sizeof a);
        (*copy)->multiply(N, product, b, product);
        for (size_t i = 0; i < N; i++)
            assert_true(sum[i] == a[i] + b[i] && product[i] == a[i] * b[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_and_forms_are_equal),
        cmocka_unit_test(a_large_mean_costs_nothing),
        cmocka_unit_test(equal_numbers_are_normalized),
        cmocka_unit_test(averages_are_rounded_once),
        cmocka_unit_test(sums_and_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
