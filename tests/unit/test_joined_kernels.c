/* Kernels that do a second layer's work too give the bits of both layers'
 * kernels, one after the other. */

#include "tests/unit/kernel_fixtures.h"

/* --- A linear layer's dx, and the activation before it. */

enum { IS_DEFINITION = 1 };

static void backward_through(const struct setting *s, int is_definition,
                             struct results *results) {
    const struct linear_sizes sizes = {s->units, s->outputs, 0};
    const struct cells cells = cells_of(s);
    const struct kernels *k = s->kernels;
    const size_t floats = kernels_linear_scratch(sizes, cells, k->width);
    float *weight = new_tensor(s, s->units * s->outputs, 0, small_number);
    float *y = new_cells(s, s->units, 2, probability);
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

static void loss_of_sigmoid(const struct setting *s, int is_definition,
                            struct results *results) {
    const struct cells cells = cells_of(s);
    const struct kernels *k = s->kernels;
    float *weight = new_numbers(s, 1, 10, positive);
    float *scale = new_numbers(s, 1, 12, positive);
    const float *const options[] = {weight};
    float *y = new_cells(s, s->units, 2, probability);
    float *t = new_cells(s, s->units, 3, label01);
    float *dx = new_cells(s, s->units, 0, NULL);
    float sum[KERNEL_WIDTH_LIMIT];
    (is_definition ? k->loss[LOSS_bce] : k->loss_of_sigmoid[LOSS_bce])(
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

/* --- max_pool, and the relu before it: x has zeros of both signs and ties. */

static float tied(size_t run, int array, size_t element) {
    static const float values[] = {0, -0.0f, 1, 1, -1, -2, 2, 3, 3, -INFINITY};
    const float u = fraction(run, array, element);
    return values[(size_t)(u * (sizeof values / sizeof *values))];
}

static const struct window WINDOWS[] = {
    /* in, out, kernel, stride, dilation, before */
    {{4, 2, 2, 2, 1, 0}, {6, 3, 2, 2, 1, 0}},
    {{1, 1, 1, 1, 1, 0}, {7, 4, 3, 2, 1, 1}},
    {{5, 3, 3, 1, 1, 0}, {5, 3, 2, 1, 2, 0}},
};

static void relu_and_pool(const struct setting *s, int is_definition,
                          struct results *results) {
    const struct pool_sizes sizes = {.channels = s->units,
                                     .window = WINDOWS[s->variant]};
    const struct cells cells = cells_of(s);
    const struct kernels *k = s->kernels;
    const size_t in = s->units * window_inputs(&sizes.window);
    const size_t out = s->units * window_outputs(&sizes.window);
    float *x = new_cells(s, in, 2, tied), *dy = new_cells(s, out, 3, number);
    float *relu = new_cells(s, in, 0, NULL), *y = new_cells(s, out, 0, NULL);
    float *taken = new_cells(s, out, 0, NULL), *dx = new_cells(s, in, 0, NULL);
    float *scratch = garbage(kernels_pool_scratch(&sizes));
    if (is_definition) {
        k->activation[ACTIVATION_relu].forward(in, cells, NULL, x, relu);
        k->max_pool_forward(&sizes, cells, 0, relu, y, taken, scratch);
        k->max_pool_backward(&sizes, cells, taken, dy, dx, scratch);
        k->activation[ACTIVATION_relu].backward(in, cells, NULL, x, relu, dx,
                                                dx);
    } else {
        k->max_pool_forward(&sizes, cells, 1, x, y, taken, scratch);
        k->activation[ACTIVATION_relu].backward(out, cells, NULL, y, y, dy, dy);
        k->max_pool_backward(&sizes, cells, taken, dy, dx, scratch);
    }
    take_cells(s, out, y, results);
    take_cells(s, in, dx, results);
    free(x), free(dy), free(relu), free(taken), free(scratch);
}

static void run_pool(const struct setting *s, struct results *results) {
    relu_and_pool(s, 0, results);
}

static void define_pool(const struct setting *s, struct results *results) {
    relu_and_pool(s, IS_DEFINITION, results);
}

static void test_pool_through_relu(void **state) {
    (void)state;
    const int windows = sizeof WINDOWS / sizeof *WINDOWS;
    for (size_t rows = 1; rows <= 40; rows += 3)
        for (int window = 0; window < windows; window++)
            check_kernel((struct setting){.rows = rows,
                                          .units = 1 + rows % 3,
                                          .variant = window},
                         run_pool, define_pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear_through_activation),
        cmocka_unit_test(test_loss_through_sigmoid),
        cmocka_unit_test(test_pool_through_relu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
