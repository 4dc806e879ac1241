/* Shapes, names, draws and refusals of networks; a forward against PyTorch. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/nn/pass.h"
#include "option_sets.h"

enum { LAYER_LIMIT = 4 };

/* Layers by name; `width` is the number of the one option that is set. */
struct part {
    const char *kind, *key;
    double value;
};

struct made {
    struct layer_choice layers[LAYER_LIMIT];
    struct network network;
    struct status status;
    enum status_code code;
};

static void make(struct made *made, const struct part *parts, size_t count,
                 struct shape input) {
    *made = (struct made){.status = STATUS_INIT};
    for (size_t i = 0; i < count; i++) {
        const struct kind *kind = kind_find(&LAYER_FAMILY, parts[i].kind);
        assert_non_null(kind);
        void *options = option_defaults(kind, 1);
        if (parts[i].key)
            option_put(field_find(kind->fields, parts[i].key), options,
                       parts[i].value, 1);
        made->layers[i].choice = (struct choice){kind, options};
    }
    made->code =
        network_init(&made->network, made->layers, count, input, &made->status);
}

static void unmake(struct made *made) {
    for (size_t i = 0; i < LAYER_LIMIT; i++)
        free((void *)made->layers[i].choice.options);
    network_release(&made->network);
}

static const struct part SMALL[] = {{"linear", "out_features", 4},
                                    {"sigmoid", NULL, 0},
                                    {"linear", "out_features", 1}};

static void shapes_and_names_follow(void **state) {
    static const char *const names[] = {"0.weight", "0.bias", "2.weight",
                                        "2.bias"};
    static const size_t offsets[] = {0, 8, 12, 16};
    struct made made;
    char text[SHAPE_TEXT_SIZE];
    (void)state;
    make(&made, SMALL, 3, (struct shape){1, {2}});
    const struct network *network = &made.network;
    assert_int_equal(made.code, STATUS_OK);
    assert_int_equal(network->parameter_count, 17);
    assert_int_equal(network->buffer_count, 0);
    assert_int_equal(network->tensor_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(network->tensors[i].name, names[i]);
        assert_int_equal(network->tensors[i].offset, offsets[i]);
    }
    assert_string_equal(shape_text(network->tensors[0].shape, text), "(4, 2)");
    assert_string_equal(shape_text(network->layers[1].output, text), "(4)");
    assert_string_equal(shape_text(network->output, text), "(1)");
    unmake(&made);
}

/* nn.Sequential(Linear(2, 4), Sigmoid(), Linear(4, 1)) after manual_seed(7). */
static const float DRAWN[] = {
    0.0493879281f, -0.425956607f, 0.225159332f,  0.221876353f,  -0.377932221f,
    -0.105979174f, -0.414242893f, 0.183474928f,  -0.190471724f, 0.496768445f,
    0.501965404f,  0.0720332637f, -0.213160992f, -0.293680608f, -0.0549098253f,
    -0.140714049f, 0.220380425f};

static void draws_are_torchs(void **state) {
    struct made made;
    float parameters[17];
    (void)state;
    make(&made, SMALL, 3, (struct shape){1, {2}});
    network_draw(&made.network, 7, parameters, NULL);
    assert_memory_equal(parameters, DRAWN, sizeof DRAWN);
    unmake(&made);
}

/* A linear layer without bias draws no bias. */
static void no_bias_means_none(void **state) {
    static const struct part parts[] = {{"linear", "bias", 0},
                                        {"linear", "out_features", 1}};
    struct made made;
    (void)state;
    make(&made, parts, 2, (struct shape){1, {2}});
    assert_int_equal(made.code, STATUS_OK);
    assert_int_equal(made.network.parameter_count, 2 * 3 + 3 + 1);
    assert_string_equal(made.network.tensors[1].name, "1.weight");
    unmake(&made);
}

/* state_dict's names and order, and what the constructor fills in; the counter
 * holds no float. */
static void batch_norm_has_buffers(void **state) {
    static const struct part parts[] = {{"linear", "out_features", 2},
                                        {"batch_norm1d", NULL, 0},
                                        {"batch_norm1d", "affine", 0},
                                        {"layer_norm", NULL, 0}};
    static const char *const names[] = {"0.weight",
                                        "0.bias",
                                        "1.weight",
                                        "1.bias",
                                        "1.running_mean",
                                        "1.running_var",
                                        "1.num_batches_tracked",
                                        "2.running_mean",
                                        "2.running_var",
                                        "2.num_batches_tracked",
                                        "3.weight",
                                        "3.bias"};
    static const float expected[] = {1, 1, 0, 0, 1, 1, 0, 0};
    static const float expected_buffers[] = {0, 0, 1, 1, 0, 0, 1, 1};
    struct made made;
    float parameters[14], buffers[8];
    (void)state;
    make(&made, parts, 4, (struct shape){1, {2}});
    const struct network *network = &made.network;
    assert_int_equal(made.code, STATUS_OK);
    assert_int_equal(network->parameter_count, 14);
    assert_int_equal(network->buffer_count, 8);
    assert_int_equal(network->tensor_count, 12);
    for (size_t i = 0; i < 12; i++) {
        const struct network_tensor *tensor = &network->tensors[i];
        assert_string_equal(tensor->name, names[i]);
        assert_int_equal(tensor->is_counter, i == 6 || i == 9);
        assert_int_equal(tensor->is_buffer, i >= 4 && i < 10);
        assert_int_equal(tensor->count, i == 0 ? 4 : i == 6 || i == 9 ? 0 : 2);
    }
    network_draw(network, 7, parameters, buffers);
    assert_memory_equal(parameters + 6, expected, sizeof expected);
    assert_memory_equal(buffers, expected_buffers, sizeof expected_buffers);
    unmake(&made);
}

static void check_shape(const char *kind, struct shape input,
                        const char *words) {
    const struct part parts[] = {{kind, NULL, 0}};
    struct made made;
    make(&made, parts, 1, input);
    if (words) {
        assert_int_equal(made.code, STATUS_CONFIG);
        assert_string_equal(made.status.key, "layers.0");
        assert_string_equal(made.status.message, words);
    } else {
        assert_int_equal(made.code, STATUS_OK);
        assert_true(shape_equal(made.network.output, input));
    }
    unmake(&made);
}

static void batch_norm_takes_its_ranks(void **state) {
    (void)state;
    check_shape("batch_norm1d", (struct shape){1, {3}}, NULL);
    check_shape("batch_norm1d", (struct shape){2, {3, 4}}, NULL);
    check_shape("batch_norm2d", (struct shape){3, {3, 4, 5}}, NULL);
    check_shape("batch_norm1d", (struct shape){3, {3, 4, 5}},
                "batch_norm1d takes samples (C) or (C, L); found a sample of "
                "shape (3, 4, 5)");
    check_shape("batch_norm2d", (struct shape){2, {3, 4}},
                "batch_norm2d takes samples (C, H, W); found a sample of shape "
                "(3, 4)");
}

static void forward_is_torchs(void **state) {
    static const float expected[] = {-0.167666227f, -0.157845944f};
    struct made made;
    (void)state;
    make(&made, SMALL, 3, (struct shape){1, {2}});
    for (const struct kernels *const *copy = kernels_available(); *copy;
         copy++) {
        float x[2 * 64] = {[0] = 0.5f, [1] = 2, [64] = -1.25f, [65] = 0.75f};
        struct arena arena = ARENA_INIT;
        struct pass pass;
        struct pass_setup setup = {.kernels = *copy,
                                   .network = &made.network,
                                   .cells = {2, 1, 64},
                                   .x = x,
                                   .parameters = DRAWN};
        assert_int_equal(pass_init(&pass, &setup, &arena, &made.status),
                         STATUS_OK);
        pass_set_run(&pass, 0, &made.network);
        pass_forward(&pass);
        for (int row = 0; row < 2; row++)
            assert_true(fabsf(pass.y[row] - expected[row]) <= 0x1p-24f);
        assert_int_equal(pass_first_not_finite(&pass, 0), 3);
        arena_release(&arena);
    }
    unmake(&made);
}

static void check_refused(const struct part *parts, size_t count,
                          struct shape input, const char *key,
                          const char *words) {
    struct made made;
    make(&made, parts, count, input);
    assert_int_equal(made.code, STATUS_CONFIG);
    assert_string_equal(made.status.key, key);
    assert_non_null(strstr(made.status.message, words));
    unmake(&made);
}

static void what_does_not_fit_is_refused(void **state) {
    static const struct part untrained[] = {{"relu", NULL, 0}};
    static const struct part batch[] = {{"linear", "out_features", 4},
                                        {"softmax", "dim", 0}};
    static const struct part batch_from_end[] = {{"softmax", "dim", -2}};
    static const struct part outside[] = {{"log_softmax", "dim", 2}};
    static const struct part huge[] = {{"linear", "out_features", 1e6},
                                       {"linear", "out_features", 1e6}};
    const struct shape pair = {1, {2}};
    (void)state;
    check_refused(untrained, 1, pair, "layers", "nothing to train");
    check_refused(batch, 2, pair, "layers.1.dim", "dim 0 is the batch");
    check_refused(batch_from_end, 1, pair, "layers.0.dim",
                  "dim -2 is the batch");
    check_refused(outside, 1, pair, "layers.0.dim",
                  "outside a sample of shape (2)");
    check_refused(huge, 2, pair, "layers.1", "at most");
}

static void softmax_takes_the_last_axis_by_both_names(void **state) {
    (void)state;
    for (double dim = -1; dim <= 1; dim += 2) {
        const struct part parts[] = {{"linear", "out_features", 4},
                                     {"softmax", "dim", dim}};
        struct made made;
        make(&made, parts, 2, (struct shape){1, {2}});
        assert_int_equal(made.code, STATUS_OK);
        unmake(&made);
    }
}

static void rows_are_complete(void **state) {
    (void)state;
    for (const struct kind *const *kind = LAYER_FAMILY.kinds; *kind; kind++)
        layer_kind_check((const struct layer_kind *)*kind);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_and_names_follow),
        cmocka_unit_test(draws_are_torchs),
        cmocka_unit_test(no_bias_means_none),
        cmocka_unit_test(batch_norm_has_buffers),
        cmocka_unit_test(batch_norm_takes_its_ranks),
        cmocka_unit_test(forward_is_torchs),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(softmax_takes_the_last_axis_by_both_names),
        cmocka_unit_test(rows_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
