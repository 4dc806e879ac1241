/* Kernels that do a second layer's work too give the bits of both layers'
 * kernels, one after the other. */

#include "tests/unit/kernel_fixtures.h"

/* Of a sigmoid or tanh, its ends included. */
static float activation(size_t run, int array, size_t element) {
    const float u = fraction(run, array, element);
    return u < 0.03f ? 0 : u > 0.97f ? 1 : u;
}

static float label01(size_t run, int array, size_t element) {
    return fraction(run, array, element) < 0.5f;
}

/* --- A linear layer's dx, and the activation before it. */

enum { IS_DEFINITION = 1 };

static void backward_through(const struct setting *s, int is_definition,
                             struct results *results) {
    const struct linear_sizes sizes = {s->units, s->outputs, 0};
    const struct cells cells = cells_of(s);
    const struct kernels *k = s->kernels;
    const size_t floats = kernels_linear_scratch(sizes, cells, k->width);
    float *weight = new_tensor(s, s->units * s->outputs, 0, small_number);
    float *y = new_cells(s, s->units, 2, activation);
    float *dy = new_cells(s, s->outputs, 3, small_number);
    float *dx = new_cells(s, s->units, 0, NULL);
    float *scratch = garbage(floats);
    if (is_definition) {
        k->linear_backward_input(sizes, cells, weight, dy, dx, scratch);
        k->activation[s->index].backward(s->units, cells, NULL, y, y, dx, dx);
    } else {
        k->linear_backward_through[s->index](sizes, cells, weight, dy, y, dx);
    }
    take_cells(s, s->units, dx, results);
    free(weight), free(y), free(dy), free(scratch);
}

static void run_through(const struct setting *s, struct results *results) {
    backward_through(s, 0, results);
}

static void define_through(const struct setting *s, struct results *results) {
    backward_through(s, IS_DEFINITION, results);
}

static void test_linear_through_activation(void **state) {
    (void)state;
    int tested = 0;
    for (int index = 0; index < ACTIVATION_KERNELS; index++) {
        if (!kernels_available()[0]->linear_backward_through[index])
            continue;
        tested++;
        for (size_t rows = 1; rows <= 70; rows += rows < 18 ? 1 : 13)
            for (size_t outputs = 1; outputs <= KERNEL_STRIP_TERMS; outputs++)
                check_kernel((struct setting){.rows = rows,
                                              .units = 1 + rows % 7,
                                              .outputs = outputs,
                                              .index = index},
                             run_through, define_through);
    }
    assert_int_equal(tested, 2);
}

/* --- bce, and the sigmoid before it. */

static float *numbers(const struct setting *s, int array) {
    float *values = garbage(s->kernels->width);
    for (size_t lane = 0; lane < s->kernels->width; lane++)
        values[lane] =
            0.05f +
            fraction(s->first_run + (s->lanes == 1 ? 0 : lane), array, 0);
    return values;
}

static void loss_of_sigmoid(const struct setting *s, int is_definition,
                            struct results *results) {
    const struct cells cells = cells_of(s);
    const struct kernels *k = s->kernels;
    float *weight = numbers(s, 10), *scale = numbers(s, 12);
    const float *const options[] = {weight};
    float *y = new_cells(s, s->units, 2, activation);
    float *t = new_cells(s, s->units, 3, label01);
    float *dx = new_cells(s, s->units, 0, NULL);
    float sum[KERNEL_WIDTH_LIMIT];
    (is_definition ? k->loss[LOSS_bce] : k->bce_of_sigmoid)(
        s->units, cells, options, scale, y, t, sum, dx);
    if (is_definition)
        k->activation[ACTIVATION_sigmoid].backward(s->units, cells, NULL, y, y,
                                                   dx, dx);
    for (size_t lane = 0; lane < s->lanes; lane++)
        add_result(&results[lane], sum[lane]);
    take_cells(s, s->units, dx, results);
    free(weight), free(scale), free(y), free(t);
}

static void run_loss(const struct setting *s, struct results *results) {
    loss_of_sigmoid(s, 0, results);
}

static void define_loss(const struct setting *s, struct results *results) {
    loss_of_sigmoid(s, IS_DEFINITION, results);
}

static void test_loss_through_sigmoid(void **state) {
    (void)state;
    for (size_t rows = 1; rows <= 70; rows++)
        check_kernel((struct setting){.rows = rows, .units = 1 + rows % 3 / 2},
                     run_loss, define_loss);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear_through_activation),
        cmocka_unit_test(test_loss_through_sigmoid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
