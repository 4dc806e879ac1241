/* Initializers against PyTorch's, and where they stand in a network. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/base/digest.h"
#include "engine/nn/initializer.h"
#include "network_fixtures.h"
#include "option_text.h"

/* torch 1.13's torch.nn.init after manual_seed(7), and one torch.rand(1) behind
 * it: the first half of the SHA-256 of these numbers. */
static const struct {
    const char *kind, *options;
    struct shape shape;
    const char *digest;
} ROWS[] = {
    {"kaiming_uniform", "", {2, {4, 6}}, "d4db45ad59e3f4db6e19e2b9a609eea5"},
    {"kaiming_uniform",
     "a=0.7 mode=fan_out",
     {3, {4, 3, 2}},
     "b12a1173df729d8f3e73577917cac9f8"},
    {"kaiming_uniform",
     "nonlinearity=conv_transpose1d",
     {3, {4, 3, 2}},
     "71d6bef5fcdc2875c342fdad3b3d037c"},
    {"kaiming_uniform",
     "a=-0.3 nonlinearity=relu",
     {2, {2, 9}},
     "a2b646778af308c20e51b0d08d122016"},
    {"kaiming_normal",
     "nonlinearity=tanh",
     {4, {4, 3, 2, 3}},
     "d1ee3b3633d76403bea873168cb1cbde"},
    {"kaiming_normal",
     "nonlinearity=selu mode=fan_out",
     {4, {4, 3, 2, 3}},
     "ab530a22f8fba9a799a99c060797c648"},
    {"kaiming_normal",
     "nonlinearity=sigmoid",
     {2, {5, 2}},
     "902fb6e05a06edfbe7d4fbda33600512"},
    {"kaiming_normal",
     "nonlinearity=linear",
     {2, {1, 40}},
     "dd263df7b32323232f8b5323457879a7"},
    {"kaiming_normal",
     "a=2.23606797749979",
     {2, {7, 5}},
     "71a1d8c2f5158253e2ab2e5ea3fb5b04"},
    {"xavier_uniform",
     "gain=2.5",
     {3, {4, 3, 5}},
     "e38ddf6211a065ab07ea2ae90efbd191"},
    {"xavier_normal",
     "",
     {4, {2, 3, 1, 4}},
     "fb8ea7038a2e430066a4b76228041309"},
    {"xavier_normal",
     "gain=0.1",
     {2, {3, 3}},
     "e1ceb0182d4a22e8a7d359ed451e9cbf"},
    {"xavier_uniform",
     "gain=0",
     {2, {3, 3}},
     "a9f7a173c50dc064488f50681702831a"},
    {"uniform", "", {2, {3, 5}}, "fd89f55107531ad72850d59022aa4dcf"},
    {"uniform", "a=-2 b=0.5", {1, {17}}, "9fcc4a189d28f45e18fe625c041d916a"},
    {"uniform", "a=0.3 b=0.3", {1, {4}}, "0faf56dddb9c706d900e78bca71edfa0"},
    {"normal", "", {2, {5, 5}}, "e40d2c42cf8106426880ff068ee4a67a"},
    {"normal",
     "mean=-1 std=0.2",
     {2, {3, 5}},
     "2a4a0b9b590058bb483e3d192b71bfad"},
    {"normal", "mean=0.1 std=0", {1, {20}}, "9394fb239b2ffa4a2ab702b7b2bdf858"},
    {"constant", "val=-0.75", {1, {3}}, "85718bd053ae2276d4f19050207bd456"},
    {"constant", "val=0.1", {3, {2, 2, 2}}, "8952e2e5571ebb43621762d5caaa77cd"},
};

static void fills_are_torchs(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const struct kind *kind = kind_find(&INITIALIZER_FAMILY, ROWS[i].kind);
        assert_non_null(kind);
        void *options = option_text(kind, ROWS[i].options);
        size_t count = (size_t)shape_units(ROWS[i].shape);
        struct torch_generator generator;
        float values[100];
        char hex[DIGEST_TEXT_SIZE];
        torch_seed(&generator, 7);
        ((const struct initializer_kind *)kind)
            ->fill(options, ROWS[i].shape, &generator, values);
        torch_rand(&generator.twister, values + count, 1);
        digest_of(values, (count + 1) * sizeof *values, hex);
        if (strncmp(hex, ROWS[i].digest, strlen(ROWS[i].digest)) != 0)
            fail_msg("%s %s", ROWS[i].kind, ROWS[i].options);
        option_text_free(kind, options);
    }
}

/* Initializers draw when all layers have drawn: a residual's behind those of
 * its layers, of which it draws every one again. */
static void they_draw_in_order(void **state) {
    struct built plain, given;
    float defaults[14], drawn[14], wanted[4];
    struct torch_generator generator;
    (void)state;
    build(&plain,
          "[{type: residual, layers: [{type: linear, out_features: 2}]},"
          " {type: linear, out_features: 2}, {type: linear, out_features: "
          "1, bias: false}]",
          2);
    build(&given,
          "[{type: residual, bias_init: {type: constant, val: 3},"
          "  weight_init: uniform, layers: [{type: linear, out_features: 2,"
          "  weight_init: {type: normal, std: 9}}]},"
          " {type: linear, out_features: 2, bias_init: {type: constant, val: "
          "-1}}, {type: linear, out_features: 1, bias: false}]",
          2);
    assert_int_equal(given.code, STATUS_OK);
    assert_int_equal(given.network.parameter_count, 14);
    network_draw(&plain.network, 7, defaults, NULL);
    network_draw(&given.network, 7, drawn, NULL);
    /* 14 words are the defaults'; the normals' are two pairs of 4 words. */
    torch_seed(&generator, 7);
    mt19937_skip(&generator.twister, 14 + 2 * 4);
    torch_rand(&generator.twister, wanted, 4);
    assert_memory_equal(drawn, wanted, sizeof wanted);
    for (int i = 0; i < 2; i++) {
        assert_true(drawn[4 + i] == 3);
        assert_true(drawn[10 + i] == -1);
    }
    assert_memory_equal(drawn + 6, defaults + 6, 4 * sizeof *drawn);
    assert_memory_equal(drawn + 12, defaults + 12, 2 * sizeof *drawn);
    unbuild(&plain);
    unbuild(&given);
}

static void what_has_nothing_to_draw_is_refused(void **state) {
    static const struct {
        const char *layers, *key, *message;
    } MISFITS[] = {
        {"[{type: linear, out_features: 1}, {type: sigmoid, weight_init: "
         "normal}]",
         "layers.1.weight_init",
         "there is nothing to draw: this sigmoid has "
         "no weight"},
        {"[{type: linear, out_features: 1, bias: false, bias_init: normal}]",
         "layers.0.bias_init",
         "there is nothing to draw: this linear has no "
         "bias"},
        {"[{type: residual, layers: [{type: linear, out_features: 2, bias_init:"
         " {type: kaiming_normal, a: 1}}]}]",
         "layers.0.layers.0.bias_init",
         "kaiming_normal takes tensors of two dimensions or more; "
         "0.layers.0.bias has shape (2)"},
        {"[{type: linear, out_features: 3}, {type: residual, bias_init: "
         "xavier_uniform, layers: [tanh, {type: linear, out_features: 3}]}]",
         "layers.1.bias_init",
         "xavier_uniform takes tensors of two dimensions or more; "
         "1.layers.1.bias has shape (3)"},
        {"[{type: linear, out_features: 3}, {type: residual, weight_init: "
         "uniform, layers: [tanh]}]",
         "layers.1.weight_init",
         "there is nothing to draw: this residual has "
         "no weight"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof MISFITS / sizeof *MISFITS; i++) {
        struct status problems[3];
        struct built built;
        build(&built, MISFITS[i].layers, 2);
        assert_int_equal(built.code, STATUS_OK);
        assert_int_equal(
            network_initializer_problems(&built.network, problems, 3), 1);
        assert_int_equal(problems[0].code, STATUS_CONFIG);
        assert_string_equal(problems[0].key, MISFITS[i].key);
        assert_string_equal(problems[0].message, MISFITS[i].message);
        unbuild(&built);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_are_torchs),
        cmocka_unit_test(they_draw_in_order),
        cmocka_unit_test(what_has_nothing_to_draw_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
