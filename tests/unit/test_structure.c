/* Layers that shape and combine: shapes and state names of chains, what does
 * not fit, and gradients of small networks, where views and containers have
 * something around them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/nn/gradient_check.h"
#include "engine/nn/pass.h"
#include "network_fixtures.h"

/* ---- shapes and names ---- */

static const char NESTED[] =
    "[{type: linear, out_features: 6},"
    " {type: residual, layers: ["
    "   {type: reshape, shape: [2, -1]}, transpose,"
    "   {type: linear, out_features: 2, name: inner}, tanh,"
    "   {type: residual, layers: [transpose, {type: linear, out_features: 3},"
    "                             transpose]},"
    "   flatten]},"
    " {type: reshape, shape: [2, 3]}, last_step,"
    " {type: linear, out_features: 1}]";

static void shapes_follow(void **state) {
    /* Every link of the chain: a residual is one more behind its layers. */
    static const char *const SHAPES[] = {"(6)",    "(6)",    "(2, 3)", "(3, 2)",
                                         "(3, 2)", "(3, 2)", "(3, 2)", "(2, 3)",
                                         "(2, 3)", "(3, 2)", "(3, 2)", "(6)",
                                         "(6)",    "(2, 3)", "(3)",    "(1)"};
    static const char *const PATHS[] = {"0",
                                        "1",
                                        "1.layers.0",
                                        "1.layers.1",
                                        "1.layers.2",
                                        "1.layers.3",
                                        "1.layers.4",
                                        "1.layers.4.layers.0",
                                        "1.layers.4.layers.1",
                                        "1.layers.4.layers.2",
                                        "1.layers.4",
                                        "1.layers.5",
                                        "1",
                                        "2",
                                        "3",
                                        "4"};
    struct built built;
    char text[SHAPE_TEXT_SIZE];
    (void)state;
    build(&built, NESTED, 2);
    assert_int_equal(built.code, STATUS_OK);
    const struct network *network = &built.network;
    assert_int_equal(network->layer_count, sizeof SHAPES / sizeof *SHAPES);
    for (size_t i = 0; i < network->layer_count; i++) {
        assert_string_equal(shape_text(network->layers[i].output, text),
                            SHAPES[i]);
        assert_string_equal(network->layers[i].path, PATHS[i]);
    }
    assert_string_equal(network->layers[4].name, "inner");
    assert_int_equal(network->layers[1].last, 12);
    assert_int_equal(network->layers[12].first, 1);
    unbuild(&built);
}

static void state_names_are_torchs(void **state) {
    static const char *const NAMES[] = {"0.weight",
                                        "0.bias",
                                        "1.layers.2.weight",
                                        "1.layers.2.bias",
                                        "1.layers.4.layers.1.weight",
                                        "1.layers.4.layers.1.bias",
                                        "4.weight",
                                        "4.bias"};
    struct built built;
    (void)state;
    build(&built, NESTED, 2);
    assert_int_equal(built.network.tensor_count, sizeof NAMES / sizeof *NAMES);
    for (size_t i = 0; i < built.network.tensor_count; i++)
        assert_string_equal(built.network.tensors[i].name, NAMES[i]);
    unbuild(&built);
}

static void reshape_infers_one_size(void **state) {
    static const struct {
        const char *shape, *output;
    } ROWS[] = {
        {"[12]", "(12)"},
        {"[-1]", "(12)"},
        {"[3, 4]", "(3, 4)"},
        {"[-1, 4]", "(3, 4)"},
        {"[2, -1, 2]", "(2, 3, 2)"},
        {"[1, 12, 1, 1]", "(1, 12, 1, 1)"},
        {"[12, -1]", "(12, 1)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct built built;
        char layers[200], text[SHAPE_TEXT_SIZE];
        snprintf(layers, sizeof layers,
                 "[{type: linear, out_features: 12}, {type: reshape, shape: "
                 "%s}]",
                 ROWS[i].shape);
        build(&built, layers, 2);
        assert_int_equal(built.code, STATUS_OK);
        assert_string_equal(shape_text(built.network.output, text),
                            ROWS[i].output);
        unbuild(&built);
    }
}

static void what_does_not_fit_is_refused(void **state) {
    static const struct {
        const char *layers, *key, *message;
    } ROWS[] = {
        {"[{type: linear, out_features: 5}, {type: reshape, shape: [2, -1]}]",
         "layers.1.shape",
         "the numbers of a sample of shape (5), which are 5, do not fill this "
         "shape"},
        {"[{type: reshape, shape: [3]}, {type: linear, out_features: 1}]",
         "layers.0.shape",
         "the numbers of a sample of shape (2), which are 2, do not fill this "
         "shape"},
        {"[{type: reshape, shape: [1000000000, 1000000000, 1000000000, -1]}]",
         "layers.0.shape",
         "the numbers of a sample of shape (2), which are 2, do not fill this "
         "shape"},
        {"[transpose]", "layers.0",
         "transpose swaps the axes of a sample of shape (T, F), found (2)"},
        {"[{type: reshape, shape: [1, 2, 1]}, last_step]", "layers.1",
         "last_step takes the last of the steps of a sample of shape (T, F), "
         "found (1, 2, 1)"},
        {"[{type: residual, layers: [tanh, {type: residual, layers: "
         "[{type: linear, out_features: 3}]}]}]",
         "layers.0.layers.1",
         "residual adds its input to its layers' output, which must have its "
         "shape: expected (2), found (3)"},
        {"[flatten, tanh, {type: embedding, num_embeddings: 3, embedding_dim: "
         "1}]",
         "layers.2",
         "embedding takes whole numbers, which no layer makes: it must be the "
         "first layer; flatten and reshape may stand before it"},
        {"[{type: residual, layers: [{type: embedding, num_embeddings: 3, "
         "embedding_dim: 1}]}]",
         "layers.0.layers.0",
         "embedding takes whole numbers, which no layer makes: it must be the "
         "first layer; flatten and reshape may stand before it"},
        {"[{type: reshape, shape: [1, 2]}, {type: embedding, num_embeddings: "
         "3, embedding_dim: 1}]",
         "layers.1", "embedding takes a sample of shape (T), found (1, 2)"},
        {"[{type: embedding, num_embeddings: 10000000, embedding_dim: "
         "1000000}]",
         "layers.0",
         "the layers up to this one have 10000000000000 parameters; at most "
         "268435456 are taken"},
        {"[{type: residual, layers: [tanh]}, flatten]", "layers",
         "the network has nothing to train; a layer with weights is needed, "
         "such as linear"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct built built;
        build(&built, ROWS[i].layers, 2);
        assert_int_equal(built.code, STATUS_CONFIG);
        assert_string_equal(built.status.key, ROWS[i].key);
        assert_string_equal(built.status.message, ROWS[i].message);
        unbuild(&built);
    }
}

/* ---- outputs ---- */

/* A network of one number a sample, by one copy and form, in evaluation and in
 * training. */
static void check_outputs(const struct built *built,
                          const struct kernels *kernels, size_t lanes,
                          const float *parameters, const float *x, size_t units,
                          float expected) {
    struct cells cells = {1, lanes, kernels_stride(1, lanes, kernels->width)};
    for (int training = 0; training < 2; training++) {
        struct arena arena = ARENA_INIT;
        struct status status = STATUS_INIT;
        struct pass pass;
        size_t count = built->network.parameter_count;
        float *spread = arena_zeroed(&arena, count * lanes, sizeof *spread);
        float *gradients =
            arena_zeroed(&arena, count * lanes, sizeof *gradients);
        float *cells_of =
            arena_zeroed(&arena, units * cells.stride, sizeof *cells_of);
        assert_false(arena.failed);
        for (size_t i = 0; i < count * lanes; i++)
            spread[i] = parameters[i / lanes];
        for (size_t unit = 0; unit < units; unit++)
            for (size_t lane = 0; lane < lanes; lane++)
                cells_of[unit * cells.stride + lane] = x[unit];
        struct pass_setup setup = {.kernels = kernels,
                                   .network = &built->network,
                                   .cells = cells,
                                   .x = cells_of,
                                   .parameters = spread,
                                   .gradients = training ? gradients : NULL};
        assert_int_equal(pass_init(&pass, &setup, &arena, &status), STATUS_OK);
        for (size_t lane = 0; lane < lanes; lane++)
            pass_set_run(&pass, lane, &built->network);
        pass_forward(&pass);
        for (size_t lane = 0; lane < lanes; lane++)
            assert_true(pass.y[lane] == expected);
        arena_release(&arena);
    }
}

/* Whole numbers, so that every order of sums gives the same. */
static void outputs_are_right(void **state) {
    static const float X[] = {1, 2, 3, 4, 5, 6};
    static const struct {
        const char *layers;
        float parameters[5]; /* weights, bias */
        float expected;
    } ROWS[] = {
        /* (1 2 3; 4 5 6): its last row; transposed, (3 6); a column of it. */
        {"[{type: reshape, shape: [2, 3]}, last_step,"
         " {type: linear, out_features: 1}]",
         {1, 10, 100, 0},
         4 + 50 + 600},
        {"[{type: reshape, shape: [2, -1]}, transpose, last_step,"
         " {type: linear, out_features: 1}]",
         {1, 10, 0.5f},
         3 + 60 + 0.5f},
        {"[{type: reshape, shape: [3, 2]}, transpose,"
         " {type: residual, layers: [flatten, {type: reshape, shape: [2, 3]}]},"
         " last_step, {type: linear, out_features: 1}]",
         {1, 10, 100, 0},
         2 * (2 + 40 + 600)},
        {"[{type: reshape, shape: [1, 6]}, last_step, {type: reshape, shape: "
         "[3, 2]}, {type: linear, out_features: 1}, transpose, last_step,"
         " {type: residual, layers: [relu, {type: residual, layers: [relu]}]},"
         " {type: reshape, shape: [1, 3]}, transpose, last_step]",
         {-1, 2, 0},
         3 * (-5 + 12)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct built built;
        build(&built, ROWS[i].layers, 6);
        assert_int_equal(built.code, STATUS_OK);
        for (const struct kernels *const *copy = kernels_available(); *copy;
             copy++) {
            check_outputs(&built, *copy, 1, ROWS[i].parameters, X, 6,
                          ROWS[i].expected);
            check_outputs(&built, *copy, (*copy)->width, ROWS[i].parameters, X,
                          6, ROWS[i].expected);
        }
        unbuild(&built);
    }
}

/* nn.Embedding(5, 2, padding_idx=i) after manual_seed(7), for i = None, 3, -5.
 */
static void embeddings_are_drawn_as_torchs(void **state) {
    static const char *const PADDINGS[] = {"null", "3", "-5"};
    static const size_t ZERO[] = {10, 6, 0};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct torch_generator generator;
        struct built built;
        char layers[200];
        float drawn[10], wanted[10];
        snprintf(layers, sizeof layers,
                 "[{type: embedding, num_embeddings: 5, embedding_dim: 2, "
                 "padding_idx: %s}]",
                 PADDINGS[i]);
        build(&built, layers, 2);
        assert_int_equal(built.code, STATUS_OK);
        network_draw(&built.network, 7, drawn, NULL);
        torch_seed(&generator, 7);
        torch_normal(&generator, 0, 1, wanted, 10);
        for (size_t k = ZERO[i]; k < 10 && k < ZERO[i] + 2; k++)
            wanted[k] = 0;
        assert_memory_equal(drawn, wanted, sizeof wanted);
        unbuild(&built);
    }
}

/* ---- gradients ---- */

static const char *const NETWORKS[] = {
    NESTED,
    "[{type: linear, out_features: 4}, {type: residual, layers: [flatten]},"
    " {type: linear, out_features: 2}]",
    "[flatten, {type: residual, layers: [{type: linear, out_features: 3},"
    " sigmoid, {type: linear, out_features: 2}]}, tanh,"
    " {type: residual, layers: [{type: linear, out_features: 2}, softplus]}]",
    "[{type: linear, out_features: 6}, {type: reshape, shape: [3, 2]},"
    " transpose, {type: residual, layers: [{type: residual, layers:"
    " [{type: residual, layers: [{type: linear, out_features: 3}]}]}]},"
    " last_step, flatten]",
    "[{type: linear, out_features: 4}, {type: reshape, shape: [2, 2]},"
    " {type: residual, layers: [transpose, softmax]}, flatten]",
    "[{type: embedding, num_embeddings: 4, embedding_dim: 3}, tanh, transpose,"
    " {type: linear, out_features: 2}, flatten]",
    "[{type: reshape, shape: [1, 2]}, flatten, {type: embedding, "
    "num_embeddings: 2, embedding_dim: 2}, {type: residual, layers: [{type: "
    "linear, out_features: 2}]}, last_step]",
};

static void check_gradients(const struct built *built,
                            const struct kernels *kernels, size_t lanes,
                            size_t rows) {
    const struct gradient_check check = {kernels, lanes, rows, 5, 0};
    struct status status = STATUS_INIT;
    if (gradient_check_network(&check, &built->network, &status))
        fail_msg("%s, %zu lanes, %zu rows: %s", kernels->isa, lanes, rows,
                 status.message);
}

static void gradients_are_differences(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof NETWORKS / sizeof *NETWORKS; i++) {
        struct built built;
        build(&built, NETWORKS[i], 2);
        assert_int_equal(built.code, STATUS_OK);
        for (const struct kernels *const *copy = kernels_available(); *copy;
             copy++)
            for (size_t rows = 1; rows < 20; rows += 9) {
                check_gradients(&built, *copy, 1, rows);
                check_gradients(&built, *copy, (*copy)->width, rows);
            }
        unbuild(&built);
    }
}

/* What the check is for: a residual that forgets a way is found. */
static void open_without_saved(const struct layer_call *call) {
    size_t floats = (size_t)shape_units(call->input) * call->cells.stride;
    for (size_t i = 0; call->dx && i < floats; i++)
        call->dx[i] = call->dy[i];
}

static void a_wrong_residual_is_found(void **state) {
    const struct gradient_check check = {kernels_available()[0], 1, 3, 5, 0};
    struct status status = STATUS_INIT;
    struct built built;
    (void)state;
    build(&built, NETWORKS[1], 2);
    struct layer_kind wrong = *built.network.layers[1].kind;
    wrong.backward = open_without_saved;
    built.network.layers[1].kind = &wrong;
    assert_int_equal(gradient_check_network(&check, &built.network, &status),
                     STATUS_RUN);
    unbuild(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_follow),
        cmocka_unit_test(state_names_are_torchs),
        cmocka_unit_test(reshape_infers_one_size),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(outputs_are_right),
        cmocka_unit_test(embeddings_are_drawn_as_torchs),
        cmocka_unit_test(gradients_are_differences),
        cmocka_unit_test(a_wrong_residual_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
