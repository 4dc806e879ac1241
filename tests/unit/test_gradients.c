/* Every registered layer and loss, with many option sets, on both forms and
 * every copy of the kernels: backward against differences of forward. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/nn/gradient_check.h"
#include "engine/nn/layer_recurrent.h"
#include "option_sets.h"

struct sweep {
    struct gradient_check check;
    struct shape input; /* of a layer */
    size_t units;       /* of a loss */
    size_t checked;
};

static const size_t ROWS[] = {5, 1, 17, 20};
enum { ROW_COUNTS = sizeof ROWS / sizeof *ROWS };

/* One number of rows is enough where a sample has many units: what rows do is
 * seen in those with few. */
static size_t row_counts(struct shape input) {
    return input.rank > 1 ? 1 : ROW_COUNTS;
}

/* Calls `body` for every copy, form and number of rows. */
static void each_form(void (*body)(struct sweep *sweep), struct sweep *sweep) {
    for (const struct kernels *const *copy = kernels_available(); *copy; copy++)
        for (int form = 0; form < 2; form++)
            for (size_t i = 0; i < row_counts(sweep->input); i++) {
                sweep->check = (struct gradient_check){
                    .kernels = *copy,
                    .lanes = form ? (*copy)->width : 1,
                    .rows = ROWS[i],
                    .seed = (uint32_t)(7 + i),
                };
                body(sweep);
            }
}

/* Recurrent layers whose outputs' differences say nothing: those with relu have
 * kinks inside, where no choice of inputs keeps away from them
 * (test_kernel_recurrent.c checks their derivative), and what goes through many
 * layers changes an output by less than its rounding. */
static bool has_differences(const struct kind *kind, const void *options) {
    const struct recurrent_options *recurrent = options;
    const struct layer_kind *layer = (const struct layer_kind *)kind;
    return layer->forward != recurrent_forward ||
           (recurrent->nonlinearity == 0 && recurrent->num_layers <= 3);
}

/* Their outputs are made of numbers near 1. */
static double least_output(const struct kind *kind) {
    const struct layer_kind *layer = (const struct layer_kind *)kind;
    return layer->forward == recurrent_forward ? 1 : 0;
}

static void check_layer(const struct kind *kind, const void *options,
                        void *context) {
    struct sweep *sweep = context;
    struct status status = STATUS_INIT;
    if (!has_differences(kind, options))
        return;
    sweep->check.least_output = least_output(kind);
    enum status_code code =
        gradient_check_layer(&sweep->check, (const struct layer_kind *)kind,
                             options, sweep->input, &status);
    if (code == STATUS_CONFIG)
        return; /* the shape does not suit these options */
    if (code)
        fail_msg("%s, %zu lanes, %zu rows: %s", sweep->check.kernels->isa,
                 sweep->check.lanes, sweep->check.rows, status.message);
    sweep->checked++;
}

/* Samples of every rank: a layer is checked on those that it takes. */
static const struct shape INPUTS[] = {
    {1, {1}}, {1, {3}}, {1, {5}}, {2, {2, 3}}, {2, {3, 6}}, {3, {1, 3, 4}},
};
enum { INPUT_COUNT = sizeof INPUTS / sizeof *INPUTS };

static const struct kind *current;

static void check_current(struct sweep *sweep) {
    option_each(current, 3, check_layer, sweep);
}

/* Views have no arithmetic, containers are two layers, whole numbers have no
 * differences: test_structure.c has these in networks. */
static bool has_gradient(const struct layer_kind *kind) {
    return !layer_is_view(kind) && !kind->inside && !kind->indices;
}

static void layers_of_the_registry(void **state) {
    (void)state;
    for (size_t k = 0; LAYER_FAMILY.kinds[k]; k++) {
        struct sweep sweep = {.checked = 0};
        current = LAYER_FAMILY.kinds[k];
        if (!has_gradient((const struct layer_kind *)current))
            continue;
        for (size_t i = 0; i < INPUT_COUNT; i++) {
            sweep.input = INPUTS[i];
            each_form(check_current, &sweep);
        }
        assert_true(sweep.checked > 0);
    }
}

static void check_loss(const struct kind *kind, const void *options,
                       void *context) {
    struct sweep *sweep = context;
    struct status status = STATUS_INIT;
    if (gradient_check_loss(&sweep->check, (const struct loss_kind *)kind,
                            options, sweep->units, &status))
        fail_msg("%s, %zu lanes, %zu rows: %s", sweep->check.kernels->isa,
                 sweep->check.lanes, sweep->check.rows, status.message);
    sweep->checked++;
}

static void check_losses(struct sweep *sweep) {
    static const size_t units[][2] = {[TASK_BINARY] = {1, 1},
                                      [TASK_CLASSES] = {2, 3},
                                      [TASK_REGRESSION] = {1, 3}};
    for (const struct kind *const *kind = LOSS_FAMILY.kinds; *kind; kind++) {
        const struct loss_kind *loss = (const struct loss_kind *)*kind;
        for (int i = 0; i < 2; i++) {
            sweep->checked = 0;
            sweep->units = units[loss->task][i];
            option_each(*kind, sweep->units, check_loss, sweep);
            assert_true(sweep->checked > 2);
        }
    }
}

static void losses_of_the_registry(void **state) {
    struct sweep sweep = {.units = 0};
    (void)state;
    each_form(check_losses, &sweep);
}

/* ---- the check finds what is wrong ---- */

static const struct layer_kind *linear(void) {
    return (const struct layer_kind *)kind_find(&LAYER_FAMILY, "linear");
}

/* dx, and with it nothing else, a part in a hundred too large in one place. */
static void backward_with_wrong_input(const struct layer_call *call) {
    linear()->backward(call);
    call->dx[0] *= 1.01f;
}

static void backward_with_wrong_weight(const struct layer_call *call) {
    linear()->backward(call);
    call->gradients[0][0] *= 0.99f;
}

static void backward_without_bias(const struct layer_call *call) {
    linear()->backward(call);
    call->gradients[1][0] = 0;
}

static void forward_of_square(const struct layer_call *call) {
    size_t count = (size_t)shape_units(call->input) * call->cells.stride;
    for (size_t i = 0; i < count; i++)
        call->y[i] = call->x[i] * call->x[i];
}

static void backward_of_square(const struct layer_call *call) {
    size_t count = (size_t)shape_units(call->input) * call->cells.stride;
    for (size_t i = 0; i < count; i++)
        call->dx[i] = 2 * call->x[i] * call->dy[i];
}

static void backward_with_wrong_factor(const struct layer_call *call) {
    backward_of_square(call);
    for (size_t row = 0; row < call->cells.rows; row++)
        call->dx[row * call->cells.lanes] *= 1.001f;
}

static enum status_code check_kind(const struct layer_kind *kind,
                                   const void *options) {
    const struct gradient_check check = {kernels_available()[0], 1, 5, 3, 0};
    struct status status = STATUS_INIT;
    return gradient_check_layer(&check, kind, options, (struct shape){1, {4}},
                                &status);
}

static void wrong_linear_layers_fail(void **state) {
    void (*const wrong[])(const struct layer_call *) = {
        backward_with_wrong_input, backward_with_wrong_weight,
        backward_without_bias};
    void *options = option_defaults(&linear()->kind, 3);
    (void)state;
    assert_int_equal(check_kind(linear(), options), STATUS_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct layer_kind kind = *linear();
        kind.backward = wrong[i];
        assert_int_equal(check_kind(&kind, options), STATUS_RUN);
    }
    free(options);
}

static enum status_code same_shape(const void *options, struct shape input,
                                   struct shape *output,
                                   struct status *status) {
    (void)options, (void)status;
    *output = input;
    return STATUS_OK;
}

static void wrong_new_layer_fails(void **state) {
    struct layer_kind square = {
        .kind = {.name = "square", .help = "x^2"},
        .shape = same_shape,
        .forward = forward_of_square,
        .backward = backward_of_square,
    };
    (void)state;
    assert_int_equal(check_kind(&square, NULL), STATUS_OK);
    square.backward = backward_with_wrong_factor;
    assert_int_equal(check_kind(&square, NULL), STATUS_RUN);
}

static void evaluate_wrongly(const struct loss_call *call) {
    const struct loss_kind *mse =
        (const struct loss_kind *)kind_find(&LOSS_FAMILY, "mse");
    mse->evaluate(call);
    call->dy[0] *= 1.01f;
}

static void evaluate_with_padding(const struct loss_call *call) {
    const struct loss_kind *mse =
        (const struct loss_kind *)kind_find(&LOSS_FAMILY, "mse");
    mse->evaluate(call);
    call->dy[call->cells.rows * call->cells.lanes] = 1;
}

static void wrong_losses_fail(void **state) {
    const struct kernels *const *copy = kernels_available();
    struct loss_kind kind =
        *(const struct loss_kind *)kind_find(&LOSS_FAMILY, "mse");
    void *options = option_defaults(&kind.kind, 1);
    struct status status = STATUS_INIT;
    (void)state;
    kind.evaluate = evaluate_wrongly;
    const struct gradient_check one = {copy[0], 1, 5, 3, 0};
    assert_int_equal(gradient_check_loss(&one, &kind, options, 2, &status),
                     STATUS_RUN);
    kind.evaluate = evaluate_with_padding;
    for (; *copy; copy++) {
        const struct gradient_check check = {*copy, 1, 5, 3, 0};
        if ((*copy)->width == 1)
            continue; /* there is no padding */
        assert_int_equal(
            gradient_check_loss(&check, &kind, options, 2, &status),
            STATUS_RUN);
    }
    free(options);
}

/* A kernel that no layer reaches would be untested code. */
static void every_activation_kernel_has_a_layer(void **state) {
    static const char *const names[] = {
#define ACTIVATION(name, ...) #name,
#include "engine/kernel/activation.def"
#undef ACTIVATION
    };
    (void)state;
    for (int i = 0; i < ACTIVATION_KERNELS; i++) {
        bool is_variant = strcmp(names[i], "gelu_tanh") == 0;
        const char *name = is_variant ? "gelu" : names[i];
        assert_non_null(kind_find(&LAYER_FAMILY, name));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_of_the_registry),
        cmocka_unit_test(losses_of_the_registry),
        cmocka_unit_test(wrong_linear_layers_fail),
        cmocka_unit_test(wrong_new_layer_fails),
        cmocka_unit_test(wrong_losses_fail),
        cmocka_unit_test(every_activation_kernel_has_a_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
