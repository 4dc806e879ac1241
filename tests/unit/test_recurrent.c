/* rnn, lstm, gru: shapes, state names, what does not fit, which runs may share
 * a pack, and dropout between layers where it is no matter of chance. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_fixtures.h"
#include "engine/nn/pass.h"

/* Layers as a config has them, on samples of `units` numbers. */
struct built {
    struct config config;
    struct network network;
    struct status status;
    enum status_code code;
};

static void build(struct built *built, const char *layers, int64_t units) {
    char text[1500];
    snprintf(text, sizeof text, GOOD_DATA "model: {layers: %s}\n" GOOD_TRAIN,
             layers);
    *built = (struct built){.config = config_of(text), .status = STATUS_INIT};
    built->code = network_init(&built->network, built->config.layers,
                               built->config.layer_count,
                               (struct shape){1, {units}}, &built->status);
}

static void unbuild(struct built *built) {
    network_release(&built->network);
    config_release(&built->config);
}

/* ---- shapes and names ---- */

struct tensor {
    const char *name;
    int64_t rows, columns; /* columns 0: a vector */
};

static void check_tensors(const char *layers, const struct tensor *expected,
                          size_t count) {
    struct built built;
    build(&built, layers, 6);
    assert_int_equal(built.code, STATUS_OK);
    assert_int_equal(built.network.tensor_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct network_tensor *tensor = &built.network.tensors[i];
        const struct shape shape = {expected[i].columns ? 2 : 1,
                                    {expected[i].rows, expected[i].columns}};
        assert_string_equal(tensor->name, expected[i].name);
        assert_true(shape_equal(tensor->shape, shape));
    }
    unbuild(&built);
}

/* nn.LSTM(2, 3, num_layers=2, bidirectional=True).state_dict(), and others. */
static void tensors_are_torchs(void **state) {
    static const struct tensor lstm[] = {
        {"1.weight_ih_l0", 12, 2},         {"1.weight_hh_l0", 12, 3},
        {"1.bias_ih_l0", 12, 0},           {"1.bias_hh_l0", 12, 0},
        {"1.weight_ih_l0_reverse", 12, 2}, {"1.weight_hh_l0_reverse", 12, 3},
        {"1.bias_ih_l0_reverse", 12, 0},   {"1.bias_hh_l0_reverse", 12, 0},
        {"1.weight_ih_l1", 12, 6},         {"1.weight_hh_l1", 12, 3},
        {"1.bias_ih_l1", 12, 0},           {"1.bias_hh_l1", 12, 0},
        {"1.weight_ih_l1_reverse", 12, 6}, {"1.weight_hh_l1_reverse", 12, 3},
        {"1.bias_ih_l1_reverse", 12, 0},   {"1.bias_hh_l1_reverse", 12, 0}};
    static const struct tensor gru[] = {{"1.weight_ih_l0", 12, 3},
                                        {"1.weight_hh_l0", 12, 4},
                                        {"1.weight_ih_l1", 12, 4},
                                        {"1.weight_hh_l1", 12, 4}};
    static const struct tensor rnn[] = {{"1.weight_ih_l0", 5, 1},
                                        {"1.weight_hh_l0", 5, 5},
                                        {"1.bias_ih_l0", 5, 0},
                                        {"1.bias_hh_l0", 5, 0}};
    (void)state;
    check_tensors("[{type: reshape, shape: [3, 2]}, {type: lstm, hidden_size: "
                  "3, num_layers: 2, bidirectional: true}]",
                  lstm, sizeof lstm / sizeof *lstm);
    check_tensors("[{type: reshape, shape: [2, 3]}, {type: gru, hidden_size: "
                  "4, num_layers: 2, bias: false}]",
                  gru, sizeof gru / sizeof *gru);
    check_tensors("[{type: reshape, shape: [6, 1]}, {type: rnn, hidden_size: "
                  "5}]",
                  rnn, sizeof rnn / sizeof *rnn);
}

static void the_whole_sequence_is_handed_on(void **state) {
    struct built built;
    char text[SHAPE_TEXT_SIZE];
    (void)state;
    build(&built,
          "[{type: reshape, shape: [3, 2]}, {type: gru, hidden_size: 4},"
          " {type: rnn, hidden_size: 5, bidirectional: true}, last_step]",
          6);
    assert_int_equal(built.code, STATUS_OK);
    const struct network_layer *layers = built.network.layers;
    assert_string_equal(shape_text(layers[1].output, text), "(3, 4)");
    assert_string_equal(shape_text(layers[2].output, text), "(3, 10)");
    assert_string_equal(shape_text(layers[3].output, text), "(10)");
    unbuild(&built);
}

static void samples_without_steps_are_refused(void **state) {
    static const char *const kinds[] = {"rnn", "lstm", "gru"};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct built built;
        char layers[100], expected[100];
        snprintf(layers, sizeof layers, "[{type: %s, hidden_size: 4}]",
                 kinds[i]);
        snprintf(expected, sizeof expected,
                 "%s needs a sample of shape (T, F), steps of features; found "
                 "(6)",
                 kinds[i]);
        build(&built, layers, 6);
        assert_int_equal(built.code, STATUS_CONFIG);
        assert_string_equal(built.status.key, "layers.0");
        assert_string_equal(built.status.message, expected);
        unbuild(&built);
    }
}

/* ---- packs ---- */

static bool alike(const char *one, const char *other) {
    struct built a, b;
    char layers[300];
    snprintf(layers, sizeof layers, "[{type: reshape, shape: [3, 2]}, %s]",
             one);
    build(&a, layers, 6);
    snprintf(layers, sizeof layers, "[{type: reshape, shape: [3, 2]}, %s]",
             other);
    build(&b, layers, 6);
    assert_int_equal(a.code, STATUS_OK);
    assert_int_equal(b.code, STATUS_OK);
    const struct network_layer *first = &a.network.layers[1];
    bool found =
        first->kind->alike(first->options, b.network.layers[1].options);
    unbuild(&a);
    unbuild(&b);
    return found;
}

#define GRU "{type: gru, hidden_size: 4, num_layers: 2"

static void runs_that_draw_alike_share_a_pack(void **state) {
    (void)state;
    assert_true(alike(GRU "}", GRU ", dropout: 0}"));
    assert_true(alike(GRU ", dropout: 0.1}", GRU ", dropout: 0.9}"));
    assert_false(alike(GRU ", dropout: 0.1}", GRU "}"));
    assert_false(alike(GRU ", dropout: 1}", GRU ", dropout: 0.5}"));
    assert_false(alike(GRU ", dropout: 1}", GRU "}"));
    /* There is nothing between the layers of one. */
    assert_true(alike("{type: lstm, hidden_size: 4, dropout: 0.5}",
                      "{type: lstm, hidden_size: 4}"));
    assert_false(alike("{type: rnn, hidden_size: 4, nonlinearity: relu}",
                       "{type: rnn, hidden_size: 4}"));
}

static void only_dropout_between_layers_draws(void **state) {
    static const struct {
        const char *layers;
        bool draws;
    } rows[] = {
        {"[{type: reshape, shape: [3, 2]}, " GRU ", dropout: 0.5}]", true},
        {"[{type: reshape, shape: [3, 2]}, " GRU ", dropout: 1}]", false},
        {"[{type: reshape, shape: [3, 2]}, " GRU "}]", false},
        {"[{type: reshape, shape: [3, 2]}, {type: gru, hidden_size: 4, "
         "dropout: 0.5}]",
         false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct built built;
        build(&built, rows[i].layers, 6);
        assert_true(network_draws(&built.network) == rows[i].draws);
        unbuild(&built);
    }
}

/* ---- dropout = 1 ---- */

enum { ROWS = 3, UNITS = 6, PARAMETERS = 2000 };

/* The network's outputs for inputs times `factor`. */
static void outputs(const struct network *network, bool trains, float factor,
                    float *y, size_t count) {
    static float parameters[PARAMETERS], gradients[PARAMETERS];
    const struct kernels *kernels = kernels_available()[0];
    const struct cells cells = {ROWS, 1, 16};
    float x[UNITS * 16] = {0};
    struct status status = STATUS_INIT;
    struct arena arena = {0};
    struct pass pass;
    assert_true(network->parameter_count <= PARAMETERS);
    network_draw(network, 1, parameters, NULL);
    for (size_t i = 0; i < UNITS * 16; i++)
        x[i] = factor * (float)(i % 7);
    const struct pass_setup setup = {.kernels = kernels,
                                     .network = network,
                                     .cells = cells,
                                     .x = x,
                                     .parameters = parameters,
                                     .gradients = trains ? gradients : NULL};
    assert_int_equal(pass_init(&pass, &setup, &arena, &status), STATUS_OK);
    pass_set_run(&pass, 0, network);
    pass_forward(&pass);
    memcpy(y, pass.y, count * sizeof *y);
    arena_release(&arena);
}

/* Then the second layer sees no more of the first while it trains; in
 * evaluation it does. */
static void dropout_of_all_hides_the_layer_below(void **state) {
    enum { COUNT = 3 * 4 * 16 };
    struct built built;
    float one[COUNT], other[COUNT];
    (void)state;
    build(&built, "[{type: reshape, shape: [3, 2]}, " GRU ", dropout: 1}]",
          UNITS);
    outputs(&built.network, true, 1, one, COUNT);
    outputs(&built.network, true, -2, other, COUNT);
    assert_memory_equal(one, other, sizeof one);
    outputs(&built.network, false, 1, one, COUNT);
    outputs(&built.network, false, -2, other, COUNT);
    assert_memory_not_equal(one, other, sizeof one);
    unbuild(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_are_torchs),
        cmocka_unit_test(the_whole_sequence_is_handed_on),
        cmocka_unit_test(samples_without_steps_are_refused),
        cmocka_unit_test(runs_that_draw_alike_share_a_pack),
        cmocka_unit_test(only_dropout_between_layers_draws),
        cmocka_unit_test(dropout_of_all_hides_the_layer_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
