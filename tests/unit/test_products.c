/* A linear layer's products give the bits of their definition, the loops below:
 * every copy, both forms, with and without bias, onto nothing or onto what the
 * outputs hold, and write nothing but their outputs. */

#include "tests/unit/kernel_fixtures.h"

enum { NO_BIAS = 1, ACCUMULATES = 2, VARIANTS = 4, GUARD = 32 };

/* What the outputs hold before. */
enum { HELD_Y = 4, HELD_DX, HELD_DWEIGHT, HELD_DBIAS };

/* Garbage, exactly as large as promised. */
static float *guarded(size_t count) {
    float *values = garbage(count + GUARD);
    for (size_t i = 0; i < GUARD; i++)
        values[count + i] = 12345;
    return values;
}

static void check_guard(const float *values, size_t count) {
    for (size_t i = 0; i < GUARD; i++)
        assert_true(values[count + i] == 12345);
}

static float *new_outputs(const struct setting *s, size_t count, int array) {
    float *values = guarded(count * s->lanes);
    for (size_t i = 0; s->variant & ACCUMULATES && i < count; i++)
        for (size_t lane = 0; lane < s->lanes; lane++)
            values[i * s->lanes + lane] =
                small_number(s->first_run + lane, array, i);
    return values;
}

static void take_outputs(const struct setting *s, size_t count, float *values,
                         struct results *results) {
    check_guard(values, count * s->lanes);
    take_tensor(s, count, values, results);
}

static void run_linear(const struct setting *s, struct results *results) {
    const int accumulates = (s->variant & ACCUMULATES) != 0;
    const int has_bias = !(s->variant & NO_BIAS);
    const struct linear_sizes sizes = {s->units, s->outputs, accumulates};
    const struct cells cells = cells_of(s);
    const struct kernels *k = s->kernels;
    const size_t weights = s->units * s->outputs;
    const size_t floats = kernels_linear_scratch(sizes, cells, k->width);
    datum_function *held = accumulates ? small_number : NULL;
    float *weight = new_tensor(s, weights, 0, small_number);
    float *bias = new_tensor(s, s->outputs, 1, small_number);
    float *x = new_cells(s, s->units, 2, number);
    float *dy = new_cells(s, s->outputs, 3, small_number);
    float *y = new_cells(s, s->outputs, HELD_Y, held);
    float *dx = new_cells(s, s->units, HELD_DX, held);
    float *dweight = new_outputs(s, weights, HELD_DWEIGHT);
    float *dbias = new_outputs(s, s->outputs, HELD_DBIAS);
    float *scratch = guarded(floats);
    k->linear_forward(sizes, cells, weight, has_bias ? bias : NULL, x, y,
                      scratch);
    k->linear_backward_input(sizes, cells, weight, dy, dx, scratch);
    k->linear_backward_weight(sizes, cells, x, dy, dweight,
                              has_bias ? dbias : NULL, scratch);
    check_guard(scratch, floats);
    take_cells(s, s->outputs, y, results);
    take_cells(s, s->units, dx, results);
    take_outputs(s, weights, dweight, results);
    if (has_bias)
        take_outputs(s, s->outputs, dbias, results);
    else
        free(dbias);
    free(weight), free(bias), free(x), free(dy), free(scratch);
}

/* held + (start + sum of a[i] * b[i]) as kernel.h says; NULL: not there. */
static float product_sum(const float *held, const float *start, size_t count,
                         const float *a, size_t a_step, const float *b,
                         size_t b_step) {
    float total = 0;
    for (size_t first = 0; first < count; first += KERNEL_BLOCK) {
        float sum = 0;
        for (size_t i = first; i < count && i < first + KERNEL_BLOCK; i++)
            sum = fmaf(a[i * a_step], b[i * b_step], sum);
        if (first == 0 && start)
            sum += *start;
        if (first == 0 && held)
            total = *held;
        total = first > 0 || held ? total + sum : sum;
    }
    return total;
}

static float partial_sum(size_t count, const float *terms) {
    float partial[KERNEL_PARTIALS] = {0};
    for (size_t i = 0; i < count; i++)
        partial[i % KERNEL_PARTIALS] += terms[i];
    for (size_t half = KERNEL_PARTIALS / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            partial[i] += partial[i + half];
    return partial[0];
}

static float *new_plain(size_t run, size_t count, int array,
                        datum_function *datum) {
    float *values = memory_zeroed(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = datum(run, array, i);
    return values;
}

/* Element i of what an output holds, into `value`. */
static const float *held(const struct setting *s, int array, size_t i,
                         float *value) {
    *value = small_number(s->first_run, array, i);
    return s->variant & ACCUMULATES ? value : NULL;
}

static void define_linear(const struct setting *s, struct results *results) {
    const size_t inputs = s->units, outputs = s->outputs, rows = s->rows;
    const size_t run = s->first_run;
    float *weight = new_plain(run, inputs * outputs, 0, small_number);
    float *bias = new_plain(run, outputs, 1, small_number);
    float *x = new_plain(run, inputs * rows, 2, number);
    float *dy = new_plain(run, outputs * rows, 3, small_number);
    const int has_bias = !(s->variant & NO_BIAS);
    float value;
    for (size_t o = 0; o < outputs; o++)
        for (size_t row = 0; row < rows; row++)
            add_result(results,
                       product_sum(held(s, HELD_Y, o * rows + row, &value),
                                   has_bias ? &bias[o] : NULL, inputs,
                                   weight + o * inputs, 1, x + row, rows));
    for (size_t i = 0; i < inputs; i++)
        for (size_t row = 0; row < rows; row++)
            add_result(results,
                       product_sum(held(s, HELD_DX, i * rows + row, &value),
                                   NULL, outputs, weight + i, inputs, dy + row,
                                   rows));
    for (size_t o = 0; o < outputs; o++)
        for (size_t i = 0; i < inputs; i++)
            add_result(
                results,
                product_sum(held(s, HELD_DWEIGHT, o * inputs + i, &value), NULL,
                            rows, dy + o * rows, 1, x + i * rows, 1));
    for (size_t o = 0; has_bias && o < outputs; o++) {
        const float total = partial_sum(rows, dy + o * rows);
        const float *before = held(s, HELD_DBIAS, o, &value);
        add_result(results, before ? *before + total : total);
    }
    free(weight), free(bias), free(x), free(dy);
}

static void check_linear(size_t rows, size_t inputs, size_t outputs,
                         int variant, int is_alone) {
    check_kernel((struct setting){.rows = rows,
                                  .units = inputs,
                                  .outputs = outputs,
                                  .variant = variant,
                                  .is_alone = is_alone},
                 run_linear, define_linear);
}

static void test_small(void **state) {
    (void)state;
    static const size_t sizes[][3] = {
        /* rows, inputs, outputs */
        {50, 2, 4},  {50, 4, 1},   {1, 1, 1},    {2, 3, 5},    {3, 16, 16},
        {5, 7, 9},   {17, 17, 33}, {16, 15, 14}, {33, 64, 3},  {64, 5, 64},
        {70, 1, 7},  {31, 33, 2},  {4, 257, 2},  {9, 300, 3},  {2, 2, 259},
        {6, 3, 520}, {256, 2, 3},  {257, 3, 2},  {300, 18, 5}, {600, 2, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int variant = 0; variant < VARIANTS; variant++)
            check_linear(sizes[i][0], sizes[i][1], sizes[i][2], variant, 0);
}

/* Every end that tiles, vectors and fours of lines can have. */
static void test_ends(void **state) {
    (void)state;
    for (size_t rows = 1; rows <= 70; rows++)
        check_linear(rows, 1 + rows % 6, 1 + rows % 5, (int)rows % VARIANTS, 0);
    for (size_t inputs = 1; inputs <= 70; inputs++)
        check_linear(50, inputs, 5 + inputs % 29, (int)inputs % VARIANTS, 1);
    for (size_t outputs = 1; outputs <= 70; outputs++)
        check_linear(1 + outputs * 7 % 33, 20, outputs, (int)outputs % VARIANTS,
                     1);
    for (size_t rows = 1; rows <= 70; rows++)
        check_linear(rows, 33, 37, (int)rows % VARIANTS, 1);
}

/* Several blocks of terms, several panels, and what is packed where strides are
 * long. */
static void test_wide(void **state) {
    (void)state;
    static const size_t sizes[][3] = {
        {50, 64, 256},  {50, 128, 64},  {128, 100, 10}, {10, 259, 195},
        {64, 1001, 13}, {65, 1008, 16}, {7, 10, 1001},  {1003, 5, 9},
        {1010, 7, 66},  {1001, 70, 6},  {260, 17, 262}, {513, 19, 17},
        {18, 513, 30},  {20, 30, 513},  {200, 200, 70}, {1, 300, 300},
        {300, 1000, 8}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int variant = 0; variant < VARIANTS; variant += ACCUMULATES)
            check_linear(sizes[i][0], sizes[i][1], sizes[i][2], variant, 1);
}

static void test_scratch(void **state) {
    (void)state;
    const struct linear_sizes sizes = {3, 5, 0}, wide = {784, 512, 0};
    const struct cells alone = {50, 1, 80}, lanes = {50, 16, 816};
    /* A vector of columns for every row, rounded up to whole vectors. */
    assert_int_equal(kernels_linear_scratch(sizes, alone, 16), 64 * 16);
    assert_int_equal(kernels_linear_scratch(wide, alone, 16),
                     KERNEL_BLOCK * KERNEL_PANEL);
    assert_int_equal(kernels_linear_scratch(wide, lanes, 16), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
