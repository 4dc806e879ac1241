#ifndef TESTS_UNIT_KERNEL_FIXTURES_H
#define TESTS_UNIT_KERNEL_FIXTURES_H

/* A kernel called with each copy and in both forms, every lane holding a run of
 * its own, each odd corner of an array garbage; each run's results must be
 * the bits of its definition. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/kernel/kernel.h"

enum { RUNS = KERNEL_WIDTH_LIMIT, TENSOR_LIMIT = 12 };

/* What a kernel is called for: runs first_run … first_run + lanes - 1. */
struct setting {
    const struct kernels *kernels;
    size_t lanes, first_run;
    size_t rows, units, outputs; /* units: inputs of a linear layer */
    int index, variant;
    int is_alone; /* one run, in rows form only: for large shapes */
};

/* A run's results, one after the other. */
struct results {
    float *values;
    size_t count, capacity;
};

static inline void add_result(struct results *results, float value) {
    memory_grow(&results->values, results->count, &results->capacity,
                sizeof *results->values);
    results->values[results->count++] = value;
}

/* --- Data: a function of run, array and element. */

static inline uint32_t mixed(uint32_t x) {
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

static inline float fraction(size_t run, int array, size_t element) {
    const uint32_t key = (uint32_t)(run * 131 + (size_t)array) * 0x9e3779b9u;
    return (float)(mixed(key ^ (uint32_t)element) >> 8) * 0x1p-24f;
}

typedef float datum_function(size_t run, int array, size_t element);

/* Mostly of -4 … 4; now and then 0, tiny, huge. */
static inline float number(size_t run, int array, size_t element) {
    static const float rare[] = {0, -0.0f, 1e-41f, -3e-30f, 90, -110, 1, -1};
    const float u = fraction(run, array, element);
    const uint32_t dice = mixed((uint32_t)(element * 17 + run)) % 64;
    return dice < 8 ? rare[dice] : 8 * u - 4;
}

static inline float small_number(size_t run, int array, size_t element) {
    return 2 * fraction(run, array, element) - 1;
}

/* The ends are there. */
static inline float probability(size_t run, int array, size_t element) {
    const float u = fraction(run, array, element);
    return u < 0.02f ? 0 : u > 0.98f ? 1 : u;
}

static inline float label01(size_t run, int array, size_t element) {
    return fraction(run, array, element) < 0.5f;
}

static inline float positive(size_t run, int array, size_t element) {
    return 0.05f + 0.9f * fraction(run, array, element);
}

/* --- Layout. */

static inline struct cells cells_of(const struct setting *s) {
    return (struct cells){s->rows, s->lanes,
                          kernels_stride(s->rows, s->lanes, s->kernels->width)};
}

static inline float *garbage(size_t count) {
    static const float bad[] = {NAN, -INFINITY, 3e38f, -1e-40f};
    float *array = memory_zeroed(count, sizeof *array);
    for (size_t i = 0; i < count; i++)
        array[i] = bad[i % 4];
    return array;
}

static inline float *new_cells(const struct setting *s, size_t units, int array,
                               datum_function *datum) {
    const struct cells cells = cells_of(s);
    float *values = garbage(units * cells.stride);
    for (size_t unit = 0; datum != NULL && unit < units; unit++)
        for (size_t row = 0; row < s->rows; row++)
            for (size_t lane = 0; lane < s->lanes; lane++)
                values[unit * cells.stride + row * s->lanes + lane] =
                    datum(s->first_run + lane, array, unit * s->rows + row);
    return values;
}

static inline void take_cells(const struct setting *s, size_t units,
                              float *values, struct results *results) {
    const struct cells cells = cells_of(s);
    for (size_t lane = 0; lane < s->lanes; lane++)
        for (size_t unit = 0; unit < units; unit++)
            for (size_t row = 0; row < s->rows; row++)
                add_result(&results[lane],
                           values[unit * cells.stride + row * s->lanes + lane]);
    free(values);
}

/* [element][lane], up to whole vectors. */
static inline size_t floats_of(const struct setting *s, size_t count) {
    const size_t width = s->kernels->width;
    return (count * s->lanes + width - 1) / width * width;
}

static inline float *new_tensor(const struct setting *s, size_t count,
                                int array, datum_function *datum) {
    float *values = garbage(floats_of(s, count));
    for (size_t i = 0; datum != NULL && i < count; i++)
        for (size_t lane = 0; lane < s->lanes; lane++)
            values[i * s->lanes + lane] = datum(s->first_run + lane, array, i);
    return values;
}

static inline void take_tensor(const struct setting *s, size_t count,
                               float *values, struct results *results) {
    for (size_t lane = 0; lane < s->lanes; lane++)
        for (size_t i = 0; i < count; i++)
            add_result(&results[lane], values[i * s->lanes + lane]);
    free(values);
}

/* [element][width]: per-run numbers, in rows form all the same. */
static inline float *new_numbers(const struct setting *s, size_t count,
                                 int array, datum_function *datum) {
    const size_t width = s->kernels->width;
    float *values = garbage(count * width);
    for (size_t i = 0; datum != NULL && i < count; i++)
        for (size_t lane = 0; lane < width; lane++)
            values[i * width + lane] =
                datum(s->first_run + (s->lanes == 1 ? 0 : lane), array, i);
    return values;
}

/* --- Comparison. */

typedef void kernel_function(const struct setting *setting,
                             struct results *results);

static inline void check_equal(const struct setting *s, size_t lane,
                               const struct results *expected,
                               const struct results *actual) {
    assert_int_equal(expected->count, actual->count);
    for (size_t i = 0; i < expected->count; i++) {
        const float a = expected->values[i], b = actual->values[i];
        if (memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)))
            continue;
        fail_msg("%s, %zu lanes, lane %zu: rows %zu, units %zu, outputs %zu, "
                 "kernel %d, variant %d: result %zu is %a, not %a",
                 s->kernels->isa, s->lanes, lane, s->rows, s->units, s->outputs,
                 s->index, s->variant, i, (double)b, (double)a);
    }
}

static inline void check_form(struct setting s, size_t runs, size_t lanes,
                              kernel_function *run,
                              const struct results *expected) {
    s.lanes = lanes;
    for (s.first_run = 0; s.first_run + lanes <= runs; s.first_run += lanes) {
        struct results results[RUNS] = {{0}};
        run(&s, results);
        for (size_t lane = 0; lane < lanes; lane++) {
            check_equal(&s, lane, &expected[s.first_run + lane],
                        &results[lane]);
            free(results[lane].values);
        }
    }
}

/* `define` writes a run's results from scratch; NULL: the scalar copy. */
static inline void check_kernel(struct setting s, kernel_function *run,
                                kernel_function *define) {
    const struct kernels *const *copies = kernels_available();
    const size_t runs = s.is_alone ? 1 : RUNS;
    struct results expected[RUNS] = {{0}};
    s.kernels = copies[0];
    s.lanes = 1;
    for (s.first_run = 0; s.first_run < runs; s.first_run++)
        (define != NULL ? define : run)(&s, &expected[s.first_run]);
    for (; *copies != NULL; copies++) {
        s.kernels = *copies;
        check_form(s, runs, 1, run, expected);
        if (s.kernels->width > 1 && !s.is_alone)
            check_form(s, runs, s.kernels->width, run, expected);
    }
    for (size_t i = 0; i < runs; i++)
        free(expected[i].values);
}

#endif
