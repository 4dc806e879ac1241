/* Convolutions and pools as layers: shapes, weights' shapes and first draws as
 * PyTorch has them, and which runs may share a pack. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/base/digest.h"
#include "network_fixtures.h"

/* ---- shapes: what torch.nn's modules make of them ---- */

static const struct shape_case {
    const char *sample, *layer, *output, *weight; /* weight "": none */
} SHAPE_CASES[] = {
    {"[2, 12]", "conv1d, out_channels: 5, kernel_size: 3", "(5, 10)",
     "(5, 2, 3)"},
    {"[2, 12]",
     "conv1d, out_channels: 4, kernel_size: 4, stride: 3, padding: 2, "
     "dilation: 2, groups: 2, bias: false",
     "(4, 4)", "(4, 1, 4)"},
    {"[2, 12]",
     "conv1d, out_channels: 5, kernel_size: 4, padding: same, dilation: 3",
     "(5, 12)", "(5, 2, 4)"},
    {"[2, 12]", "conv1d, out_channels: 5, kernel_size: [4], padding: valid",
     "(5, 9)", "(5, 2, 4)"},
    {"[2, 4, 3]",
     "conv2d, out_channels: 3, kernel_size: [2, 3], stride: [1, 2], padding: "
     "[1, 0]",
     "(3, 5, 1)", "(3, 2, 2, 3)"},
    {"[2, 4, 3]", "conv2d, out_channels: 3, kernel_size: 2, padding: same",
     "(3, 4, 3)", "(3, 2, 2, 2)"},
    {"[2, 4, 3]",
     "conv2d, out_channels: 6, kernel_size: 1, dilation: 9, groups: 2",
     "(6, 4, 3)", "(6, 1, 1, 1)"},
    {"[4, 6]",
     "conv_transpose1d, out_channels: 6, kernel_size: 3, stride: 2, padding: "
     "1, output_padding: 1, groups: 2",
     "(6, 12)", "(4, 3, 3)"},
    {"[4, 6]",
     "conv_transpose1d, out_channels: 1, kernel_size: 5, stride: 3, dilation: "
     "2",
     "(1, 24)", "(4, 1, 5)"},
    {"[2, 12]", "max_pool1d, kernel_size: 5", "(2, 2)", ""},
    {"[2, 12]", "max_pool1d, kernel_size: 5, ceil_mode: true", "(2, 3)", ""},
    {"[2, 12]",
     "max_pool1d, kernel_size: 2, stride: 11, padding: 1, ceil_mode: true",
     "(2, 2)", ""},
    {"[2, 12]",
     "max_pool1d, kernel_size: 3, stride: 1, dilation: 4, padding: 1", "(2, 6)",
     ""},
    {"[24, 1]", "avg_pool1d, kernel_size: 2, ceil_mode: true", "(24, 1)", ""},
    {"[2, 12]", "avg_pool1d, kernel_size: 4, stride: 3, padding: 2", "(2, 5)",
     ""},
    {"[1, 4, 6]",
     "max_pool2d, kernel_size: [2, 3], padding: [1, 1], stride: [3, 2]",
     "(1, 2, 3)", ""},
    {"[1, 4, 6]", "avg_pool2d, kernel_size: [3, 4], ceil_mode: true",
     "(1, 2, 2)", ""},
};

/* A layer on samples of 24 numbers, and a linear one behind it, since a network
 * must have something to train. */
static void build_on(struct built *built, const char *sample,
                     const char *layer) {
    char text[500];
    snprintf(text, sizeof text,
             "[{type: reshape, shape: %s}, {type: %s}, flatten, {type: linear, "
             "out_features: 1}]",
             sample, layer);
    build(built, text, 24);
}

static void shapes_are_those_of_torch(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof SHAPE_CASES / sizeof *SHAPE_CASES; i++) {
        const struct shape_case *c = &SHAPE_CASES[i];
        char text[SHAPE_TEXT_SIZE];
        struct built built;
        build_on(&built, c->sample, c->layer);
        if (built.code)
            fail_msg("%s: %s", c->layer, built.status.message);
        assert_string_equal(shape_text(built.network.layers[1].output, text),
                            c->output);
        const struct network_tensor *tensor = &built.network.tensors[0];
        assert_string_equal(tensor->name, *c->weight ? "1.weight" : "3.weight");
        if (*c->weight)
            assert_string_equal(shape_text(tensor->shape, text), c->weight);
        unbuild(&built);
    }
}

/* ---- what does not fit ---- */

static const struct refused_case {
    const char *sample, *layer, *key, *message;
} REFUSED_CASES[] = {
    {"[24]", "conv1d, out_channels: 1, kernel_size: 1", "layers.1",
     "conv1d takes samples of shape (C, L); found (24)"},
    {"[2, 3, 4]", "conv_transpose1d, out_channels: 1, kernel_size: 1",
     "layers.1",
     "conv_transpose1d takes samples of shape (C, L); found (2, 3, 4)"},
    {"[2, 12]", "conv2d, out_channels: 1, kernel_size: 1", "layers.1",
     "conv2d takes samples of shape (C, H, W); found (2, 12)"},
    {"[2, 12]", "avg_pool2d, kernel_size: 1", "layers.1",
     "avg_pool2d takes samples of shape (C, H, W); found (2, 12)"},
    {"[2, 3, 4]", "max_pool1d, kernel_size: 1", "layers.1",
     "max_pool1d takes samples of shape (C, L); found (2, 3, 4)"},
    {"[3, 8]", "conv1d, out_channels: 4, kernel_size: 3, groups: 2",
     "layers.1.groups", "groups must divide the input's 3 channels; found 2"},
    {"[2, 12]",
     "conv1d, out_channels: 1, kernel_size: 4, dilation: 5, padding: 1",
     "layers.1.kernel_size",
     "the window reaches over 16 places, the padded input of shape (2, 12) has "
     "fewer"},
    {"[2, 3, 4]", "conv2d, out_channels: 1, kernel_size: [3, 5]",
     "layers.1.kernel_size",
     "the window reaches over 5 places, the padded input of shape (2, 3, 4) "
     "has fewer"},
    {"[2, 12]", "max_pool1d, kernel_size: 13", "layers.1.kernel_size",
     "the window is larger than the padded input of shape (2, 12)"},
    {"[4, 6]", "conv_transpose1d, out_channels: 1, kernel_size: 2, padding: 4",
     "layers.1.padding",
     "the padding takes away all places of the output: -1 would be left"},
    {"[2, 12]",
     "conv1d, out_channels: 1000000, kernel_size: 1, padding: 1000000",
     "layers.1",
     "the output of a sample would be (1000000, 2000012); at most 268435456 "
     "numbers are taken"},
};

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED_CASES / sizeof *REFUSED_CASES; i++) {
        const struct refused_case *c = &REFUSED_CASES[i];
        struct built built;
        build_on(&built, c->sample, c->layer);
        assert_int_equal(built.code, STATUS_CONFIG);
        assert_string_equal(built.status.message, c->message);
        assert_string_equal(built.status.key, c->key);
        unbuild(&built);
    }
}

/* ---- draws: digests of PyTorch's parameters ---- */

/* A whole network of one layer, drawn from a seed. */
static void check_draw(const char *sample, int64_t units, const char *layer,
                       uint32_t seed, const char *expected) {
    char text[500], digest[DIGEST_TEXT_SIZE];
    float parameters[300];
    struct built built;
    snprintf(text, sizeof text, "[{type: reshape, shape: %s}, {type: %s}]",
             sample, layer);
    build(&built, text, units);
    assert_int_equal(built.code, STATUS_OK);
    assert_true(built.network.parameter_count <= 300);
    network_draw(&built.network, seed, parameters, NULL);
    digest_of(parameters, built.network.parameter_count * sizeof *parameters,
              digest);
    assert_string_equal(digest, expected);
    unbuild(&built);
}

static void draws_are_those_of_torch(void **state) {
    (void)state;
    check_draw("[3, 8]", 24, "conv1d, out_channels: 8, kernel_size: 5", 0,
               "8f253474faeddebb77ccad8ad9fa6b765ccd77284913e08ca267a92381e2733"
               "e");
    check_draw("[3, 8]", 24, "conv1d, out_channels: 8, kernel_size: 5", 42,
               "77db08603f4a51d06adc68d4312b14db1f4a8259f7a59823ecdd406cd68be57"
               "3");
    check_draw("[1, 4, 6]", 24, "conv2d, out_channels: 4, kernel_size: 3", 0,
               "888625ffef675d86b31c4a7a82c13cb26b639ce5da0422349a4e0f439a7df27"
               "6");
    check_draw("[1, 4, 6]", 24, "conv2d, out_channels: 4, kernel_size: 3", 42,
               "3fc5864d4fb5b1d8daea89028e981b082819fc0f22840cbc41225a50e1f8e93"
               "0");
    check_draw("[4, 6]", 24,
               "conv_transpose1d, out_channels: 6, kernel_size: 3, groups: 2",
               0,
               "0bf33cfdca1a9600e5cf4cd25b38b3974730e06f7e64a7c1a05e047e34c61ba"
               "c");
    check_draw("[4, 6]", 24,
               "conv_transpose1d, out_channels: 6, kernel_size: 3, groups: 2",
               42,
               "67abb9ea08bb6019e86e8bfceb51a9e291b4448b5b54857c7ef0de132851859"
               "9");
}

/* ---- packs ---- */

static bool alike(const char *one, const char *other) {
    struct built a, b;
    build_on(&a, "[2, 12]", one);
    build_on(&b, "[2, 12]", other);
    assert_int_equal(a.code, STATUS_OK);
    assert_int_equal(b.code, STATUS_OK);
    const struct network_layer *first = &a.network.layers[1];
    assert_true(shape_equal(first->output, b.network.layers[1].output));
    bool found =
        first->kind->alike(first->options, b.network.layers[1].options);
    unbuild(&a);
    unbuild(&b);
    return found;
}

/* Equal shapes are not enough. */
static void runs_of_one_window_share_a_pack(void **state) {
    static const char conv[] = "conv1d, out_channels: 4, kernel_size: 3";
    static const char pool[] = "avg_pool1d, kernel_size: 3, stride: 3";
    (void)state;
    assert_true(alike(conv, conv));
    assert_true(alike(conv, "conv1d, out_channels: 4, kernel_size: [3], "
                            "stride: 1"));
    assert_false(alike(conv, "conv1d, out_channels: 4, kernel_size: 3, "
                             "dilation: 2, padding: 1"));
    assert_false(alike("conv1d, out_channels: 4, kernel_size: 3, padding: 1",
                       "conv1d, out_channels: 4, kernel_size: 3, padding: 1, "
                       "groups: 2"));
    assert_true(alike(pool, "avg_pool1d, kernel_size: 3"));
    assert_false(alike(pool, "avg_pool1d, kernel_size: 2, stride: 3"));
    assert_false(alike("avg_pool1d, kernel_size: 3, stride: 2, padding: 1",
                       "avg_pool1d, kernel_size: 3, stride: 2, padding: 1, "
                       "count_include_pad: false"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_those_of_torch),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(draws_are_those_of_torch),
        cmocka_unit_test(runs_of_one_window_share_a_pack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
