/* Every kernel of every copy, in both forms, gives the bits of the scalar copy
 * on one run (matrix products: test_products.c). */

#include "tests/unit/kernel_fixtures.h"

static void check_padding_is_zero(const struct setting *s, size_t units,
                                  const float *values) {
    const struct cells cells = cells_of(s);
    const size_t width = s->kernels->width;
    const size_t used = s->rows * s->lanes;
    const size_t padded = (used + width - 1) / width * width;
    for (size_t unit = 0; unit < units; unit++)
        for (size_t i = used; i < padded; i++)
            assert_true(values[unit * cells.stride + i] == 0);
}

static void take_numbers(const struct setting *s, float *values,
                         struct results *results) {
    for (size_t lane = 0; lane < s->lanes; lane++)
        add_result(&results[lane], values[lane]);
    free(values);
}

/* --- Embeddings and their definition. */

enum { NUMBERS = 7, POSITIONS = 3 };

static float whole_number(size_t run, int array, size_t element) {
    return floorf(fraction(run, array, element) * NUMBERS);
}

/* variant 0: every number is trained; else all but one. */
static struct embedding_sizes embedding_sizes(const struct setting *s) {
    return (struct embedding_sizes){NUMBERS, s->units, POSITIONS,
                                    s->variant - 1};
}

static void run_embedding(const struct setting *s, struct results *results) {
    const struct embedding_sizes sizes = embedding_sizes(s);
    const struct cells cells = cells_of(s);
    const size_t weights = NUMBERS * s->units, outputs = POSITIONS * s->units;
    float *weight = new_tensor(s, weights, 0, number);
    float *x = new_cells(s, POSITIONS, 2, whole_number);
    float *dy = new_cells(s, outputs, 3, number);
    float *y = new_cells(s, outputs, 0, NULL);
    float *dweight = garbage(weights * s->lanes);
    s->kernels->embedding_forward(sizes, cells, weight, x, y);
    s->kernels->embedding_backward(sizes, cells, x, dy, dweight);
    take_cells(s, outputs, y, results);
    take_tensor(s, weights, dweight, results);
    free(weight), free(x), free(dy);
}

static float sum_of_number(const struct setting *s, size_t wanted, size_t k) {
    float sum = 0;
    for (size_t row = 0; row < s->rows; row++)
        for (size_t i = 0; i < POSITIONS; i++)
            if (whole_number(s->first_run, 2, i * s->rows + row) ==
                (float)wanted)
                sum +=
                    number(s->first_run, 3, (i * s->units + k) * s->rows + row);
    return s->variant == (int)wanted + 1 ? 0 : sum;
}

static void define_embedding(const struct setting *s, struct results *results) {
    for (size_t i = 0; i < POSITIONS; i++)
        for (size_t k = 0; k < s->units; k++)
            for (size_t row = 0; row < s->rows; row++) {
                float x = whole_number(s->first_run, 2, i * s->rows + row);
                add_result(results,
                           number(s->first_run, 0, (size_t)x * s->units + k));
            }
    for (size_t n = 0; n < NUMBERS; n++)
        for (size_t k = 0; k < s->units; k++)
            add_result(results, sum_of_number(s, n, k));
}

/* --- The others. */

static void run_activation(const struct setting *s, struct results *results) {
    const struct kernels *k = s->kernels;
    const struct cells cells = cells_of(s);
    float *slope = new_numbers(s, 1, 10, positive);
    float *threshold = new_numbers(s, 1, 11, positive);
    const float *const options[] = {slope, threshold};
    float *x = new_cells(s, s->units, 2, number);
    float *dy = new_cells(s, s->units, 3, small_number);
    float *y = new_cells(s, s->units, 0, NULL);
    float *dx = new_cells(s, s->units, 0, NULL);
    k->activation[s->index].forward(s->units, cells, options, x, y);
    k->activation[s->index].backward(s->units, cells, options, x, y, dy, dx);
    take_cells(s, s->units, dx, results);
    /* dx may be dy. */
    k->activation[s->index].backward(s->units, cells, options, x, y, dy, dy);
    take_cells(s, s->units, dy, results);
    take_cells(s, s->units, y, results);
    free(slope), free(threshold), free(x);
}

static void run_softmax(const struct setting *s, struct results *results) {
    const struct kernels *k = s->kernels;
    const struct cells cells = cells_of(s);
    float *x = new_cells(s, s->units, 2, number);
    float *dy = new_cells(s, s->units, 3, small_number);
    float *y = new_cells(s, s->units, 0, NULL);
    float *dx = new_cells(s, s->units, 0, NULL);
    if (s->variant == 0) {
        k->softmax_forward(s->units, cells, x, y);
        k->softmax_backward(s->units, cells, y, dy, dx);
    } else {
        k->log_softmax_forward(s->units, cells, x, y);
        k->log_softmax_backward(s->units, cells, y, dy, dx);
    }
    take_cells(s, s->units, y, results);
    take_cells(s, s->units, dx, results);
    free(x), free(dy);
}

static void run_loss(const struct setting *s, struct results *results) {
    const struct cells cells = cells_of(s);
    const int is_binary =
        s->index == LOSS_bce || s->index == LOSS_bce_with_logits;
    float *first = new_numbers(s, 1, 10, positive);
    float *second = new_numbers(s, 1, 11, positive);
    float *scale = new_numbers(s, 1, 12, positive);
    const float *const options[] = {first, second};
    float *y =
        new_cells(s, s->units, 2, s->index == LOSS_bce ? probability : number);
    float *t = new_cells(s, s->units, 3, is_binary ? label01 : number);
    float *dy = new_cells(s, s->units, 0, NULL);
    float *sum = new_numbers(s, 1, 0, NULL);
    s->kernels->loss[s->index](s->units, cells, options, scale, y, t, sum, dy);
    check_padding_is_zero(s, s->units, dy);
    take_numbers(s, sum, results);
    take_cells(s, s->units, dy, results);
    free(first), free(second), free(scale), free(y), free(t);
}

/* variant: bit 0 class weights, bit 1 a class is ignored, bit 2 mean, bit 3
 * cross_entropy, bit 4 label smoothing (cross_entropy only). */
static void run_class_loss(const struct setting *s, struct results *results) {
    const struct kernels *k = s->kernels;
    const struct cells cells = cells_of(s);
    float *class_weight = new_numbers(s, s->units, 10, positive);
    float *smoothing = new_numbers(s, 1, 11, positive);
    const float *weights = s->variant & 1 ? class_weight : NULL;
    const int64_t ignored = s->variant & 2 ? 0 : -100;
    const int mean = s->variant & 4;
    float *y = new_cells(s, s->units, 2, number);
    float *t = new_cells(s, 1, 3, fraction);
    for (size_t i = 0; i < s->rows * s->lanes; i++)
        t[i] = floorf(t[i] * (float)s->units);
    float *dy = new_cells(s, s->units, 0, NULL);
    float *sum = new_numbers(s, 1, 0, NULL);
    float *weight = new_numbers(s, 1, 0, NULL);
    if (s->variant & 8)
        k->cross_entropy(s->units, cells, weights, ignored,
                         s->variant & 16 ? smoothing : NULL, mean, y, t, sum,
                         weight, dy);
    else
        k->nll(s->units, cells, weights, ignored, mean, y, t, sum, weight, dy);
    check_padding_is_zero(s, s->units, dy);
    take_numbers(s, sum, results);
    take_numbers(s, weight, results);
    take_cells(s, s->units, dy, results);
    free(class_weight), free(smoothing), free(y), free(t);
}

static const struct {
    size_t coefficients, states;
} OPTIMIZERS[] = {
#define OPTIMIZER(name, ...) {COEFFICIENTS_##name, STATES_##name},
#include "engine/kernel/optimizer.def"
#undef OPTIMIZER
};

static void run_update(const struct setting *s, struct results *results) {
    const size_t count = s->rows;
    const float *coefficients[TENSOR_LIMIT];
    float *numbers[TENSOR_LIMIT], *state[TENSOR_LIMIT];
    const size_t coefficient_count = OPTIMIZERS[s->index].coefficients;
    const size_t state_count = OPTIMIZERS[s->index].states;
    for (size_t i = 0; i < coefficient_count; i++)
        coefficients[i] = numbers[i] = new_numbers(s, 1, 10 + (int)i, positive);
    for (size_t i = 0; i < state_count; i++)
        state[i] = new_tensor(s, count, 30 + (int)i, positive);
    float *parameter = new_tensor(s, count, 2, small_number);
    for (int update = 0; update < 3; update++) {
        float *gradient = new_tensor(s, count, 40 + update, small_number);
        s->kernels->update[s->index](floats_of(s, count), coefficients, state,
                                     gradient, parameter);
        free(gradient);
    }
    take_tensor(s, count, parameter, results);
    for (size_t i = 0; i < state_count; i++)
        take_tensor(s, count, state[i], results);
    for (size_t i = 0; i < coefficient_count; i++)
        free(numbers[i]);
}

static void run_norm(const struct setting *s, struct results *results) {
    double norm2[KERNEL_WIDTH_LIMIT];
    float *values = garbage(s->rows * s->lanes);
    for (size_t i = 0; i < s->rows * s->lanes; i++)
        values[i] = number(s->first_run + i % s->lanes, 2, i / s->lanes);
    float *factor = new_numbers(s, 1, 10, positive);
    s->kernels->sum_of_squares(s->rows, s->lanes, values, norm2);
    s->kernels->scale(s->rows, s->lanes, factor, values);
    for (size_t lane = 0; lane < s->lanes; lane++) {
        float halves[2];
        memcpy(halves, &norm2[lane], sizeof halves);
        add_result(&results[lane], halves[0]);
        add_result(&results[lane], halves[1]);
    }
    take_tensor(s, s->rows, values, results);
    free(factor);
}

static void define_norm(const struct setting *s, struct results *results) {
    double partial[KERNEL_PARTIALS] = {0};
    for (size_t i = 0; i < s->rows; i++) {
        const double value = number(s->first_run, 2, i);
        partial[i % KERNEL_PARTIALS] += value * value;
    }
    for (size_t half = KERNEL_PARTIALS / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            partial[i] += partial[i + half];
    float halves[2];
    memcpy(halves, partial, sizeof halves);
    add_result(results, halves[0]);
    add_result(results, halves[1]);
    const float factor = positive(s->first_run, 10, 0);
    for (size_t i = 0; i < s->rows; i++)
        add_result(results, number(s->first_run, 2, i) * factor);
}

/* --- Comparison. */

/* Row counts and units. */
static const size_t SHAPES[][2] = {{1, 1},  {2, 3},  {7, 2},  {15, 5},
                                   {16, 1}, {17, 4}, {33, 3}, {50, 4},
                                   {70, 9}, {257, 2}};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof *SHAPES };

static void check_shapes(int index, int variant, kernel_function *run,
                         kernel_function *define) {
    for (int i = 0; i < SHAPE_COUNT; i++)
        check_kernel((struct setting){.rows = SHAPES[i][0],
                                      .units = SHAPES[i][1],
                                      .index = index,
                                      .variant = variant},
                     run, define);
}

static void test_activations(void **state) {
    (void)state;
    for (int index = 0; index < ACTIVATION_KERNELS; index++)
        check_shapes(index, 0, run_activation, NULL);
}

static void test_embedding(void **state) {
    (void)state;
    for (int variant = 0; variant <= NUMBERS; variant += 3)
        check_shapes(0, variant, run_embedding, define_embedding);
}

static void test_softmax(void **state) {
    (void)state;
    check_shapes(0, 0, run_softmax, NULL);
    check_shapes(0, 1, run_softmax, NULL);
}

static void test_losses(void **state) {
    (void)state;
    for (int index = 0; index < LOSS_KERNELS; index++)
        check_shapes(index, 0, run_loss, NULL);
}

static void test_class_losses(void **state) {
    (void)state;
    for (int variant = 0; variant < 32; variant++)
        check_shapes(0, variant, run_class_loss, NULL);
}

static void test_optimizers(void **state) {
    (void)state;
    for (int index = 0; index < OPTIMIZER_KERNELS; index++)
        check_shapes(index, 0, run_update, NULL);
}

static void test_norm(void **state) {
    (void)state;
    check_shapes(0, 0, run_norm, define_norm);
}

static void test_sizes(void **state) {
    (void)state;
    assert_int_equal(kernels_stride(50, 1, 16), 80);
    assert_int_equal(kernels_stride(1, 1, 8), 16);
    assert_int_equal(kernels_stride(50, 16, 16), 816);
    assert_int_equal(kernels_stride(1, 1, 1), 16);
}

static void test_selection(void **state) {
    (void)state;
    const struct kernels *const *copies = kernels_available();
    assert_string_equal(copies[0]->isa, "scalar");
    const struct kernels *best = NULL, *kernels = NULL;
    for (; *copies != NULL; copies++) {
        struct status status = STATUS_INIT;
        best = *copies;
        setenv("RUNNER_ISA", best->isa, 1);
        assert_int_equal(kernels_select(&kernels, &status), STATUS_OK);
        assert_ptr_equal(kernels, best);
    }
    struct status status = STATUS_INIT;
    setenv("RUNNER_ISA", "pdp11", 1);
    assert_int_equal(kernels_select(&kernels, &status), STATUS_CONFIG);
    assert_non_null(strstr(status.message, "scalar"));
    assert_non_null(strstr(status.message, "'pdp11'"));
    unsetenv("RUNNER_ISA");
    status = STATUS_INIT;
    assert_int_equal(kernels_select(&kernels, &status), STATUS_OK);
    assert_ptr_equal(kernels, best);
}

static void test_lanes(void **state) {
    (void)state;
    size_t lanes = 9;
    const struct kernels copy = {.isa = "test", .width = 8};
    struct status status = STATUS_INIT;
    unsetenv("RUNNER_LANES");
    assert_int_equal(kernels_forced_lanes(&copy, &lanes, &status), STATUS_OK);
    assert_int_equal(lanes, 0);
    setenv("RUNNER_LANES", "1", 1);
    assert_int_equal(kernels_forced_lanes(&copy, &lanes, &status), STATUS_OK);
    assert_int_equal(lanes, 1);
    setenv("RUNNER_LANES", "8", 1);
    assert_int_equal(kernels_forced_lanes(&copy, &lanes, &status), STATUS_OK);
    assert_int_equal(lanes, 8);
    static const char *const wrong[] = {
        "0", "4", "-1", "8 ", " 8", "x", "16", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv("RUNNER_LANES", wrong[i], 1);
        assert_int_equal(kernels_forced_lanes(&copy, &lanes, &status),
                         STATUS_CONFIG);
    }
    unsetenv("RUNNER_LANES");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_embedding),    cmocka_unit_test(test_activations),
        cmocka_unit_test(test_softmax),      cmocka_unit_test(test_losses),
        cmocka_unit_test(test_class_losses), cmocka_unit_test(test_optimizers),
        cmocka_unit_test(test_norm),         cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_selection),    cmocka_unit_test(test_lanes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
