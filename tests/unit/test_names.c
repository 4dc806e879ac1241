/* "Did you mean". */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/names.h"

static const char *const OPTIMIZER_OPTIONS[] = {
    "lr", "momentum", "dampening", "weight_decay", "nesterov", NULL};
static const char *const TRAIN_KEYS[] = {"loss",
                                         "optimizer",
                                         "lr_schedule",
                                         "clip_grad_norm",
                                         "batch_size",
                                         "steps",
                                         "epochs",
                                         "shuffle",
                                         "drop_last",
                                         "seed",
                                         "numerics",
                                         "early_stopping",
                                         "checkpoint_every",
                                         NULL};
static const char *const LAYERS[] = {"linear",       "conv1d",
                                     "conv2d",       "max_pool1d",
                                     "max_pool2d",   "batch_norm1d",
                                     "batch_norm2d", "layer_norm",
                                     "rnn",          "lstm",
                                     "gru",          "embedding",
                                     "residual",     "dropout",
                                     "flatten",      "sigmoid",
                                     "tanh",         "relu",
                                     "leaky_relu",   "softmax",
                                     "log_softmax",  NULL};
static const char *const LOSSES[] = {
    "bce",   "bce_with_logits", "mse", "l1", "smooth_l1",
    "huber", "cross_entropy",   "nll", NULL};
static const char *const OPTIMIZERS[] = {"sgd",  "adagrad", "rmsprop",
                                         "adam", "adamw",   NULL};
static const char *const LINEAR_OPTIONS[] = {"out_features", "bias",
                                             "weight_init", NULL};
static const char *const LSTM_OPTIONS[] = {"hidden_size", "num_layers", "bias",
                                           NULL};
static const char *const SOURCE_OPTIONS[] = {
    "n_samples", "shuffle", "noise", "factor", "random_state", "scale", NULL};
static const char *const NOTHING[] = {NULL};

struct guess {
    const char *name;
    const char *const *candidates;
    const char *nearest; /* NULL: none */
};

static const struct guess GUESSES[] = {
    /* spelling */
    {"optimzer", TRAIN_KEYS, "optimizer"},
    {"optimiezr", TRAIN_KEYS, "optimizer"},
    {"bacth_size", TRAIN_KEYS, "batch_size"},
    {"momentun", OPTIMIZER_OPTIONS, "momentum"},
    {"layer_norm1d", LAYERS, "layer_norm"},
    {"sdg", OPTIMIZERS, "sgd"},
    {"adamm", OPTIMIZERS, "adam"},
    {"gur", LAYERS, "gru"},
    {"sigmiod", LAYERS, "sigmoid"},
    /* case and separators */
    {"SGD", OPTIMIZERS, "sgd"},
    {"ReLU", LAYERS, "relu"},
    {"LeakyReLU", LAYERS, "leaky_relu"},
    {"batch-size", TRAIN_KEYS, "batch_size"},
    {"BatchNorm1d", LAYERS, "batch_norm1d"},
    {"LOGSOFTMAX", LAYERS, "log_softmax"},
    /* the same thing elsewhere */
    {"learning_rate", OPTIMIZER_OPTIONS, "lr"},
    {"learning-rate", OPTIMIZER_OPTIONS, "lr"},
    {"LearningRate", OPTIMIZER_OPTIONS, "lr"},
    {"hidden_units", LINEAR_OPTIONS, "out_features"},
    {"hidden_units", LSTM_OPTIONS, "hidden_size"},
    {"units", LINEAR_OPTIONS, "out_features"},
    {"Dense", LAYERS, "linear"},
    {"BCEWithLogitsLoss", LOSSES, "bce_with_logits"},
    {"MSELoss", LOSSES, "mse"},
    {"binary_crossentropy", LOSSES, "bce"},
    {"CrossEntropyLoss", LOSSES, "cross_entropy"},
    {"criterion", TRAIN_KEYS, "loss"},
    {"max_steps", TRAIN_KEYS, "steps"},
    {"seed", SOURCE_OPTIONS, "random_state"},
    {"samples", SOURCE_OPTIONS, "n_samples"},
    {"l2", OPTIMIZER_OPTIONS, "weight_decay"},
    /* the same, misspelt */
    {"learning_rte", OPTIMIZER_OPTIONS, "lr"},
    {"learnign_rate", OPTIMIZER_OPTIONS, "lr"},
    {"hidden_unit", LINEAR_OPTIONS, "out_features"},
    {"CrossEntropyLos", LOSSES, "cross_entropy"},
    /* nothing near */
    {"banana", LAYERS, NULL},
    {"x", OPTIMIZER_OPTIONS, NULL},
    {"", OPTIMIZER_OPTIONS, NULL},
    {"___", OPTIMIZER_OPTIONS, NULL},
    {"\xff\xfe", LAYERS, NULL},
    {"learning_rate", LOSSES, NULL},
    {"lr", NOTHING, NULL},
};

static void test_guesses(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof GUESSES / sizeof *GUESSES; i++) {
        const struct guess *guess = &GUESSES[i];
        const char *nearest = names_nearest(guess->name, guess->candidates);
        if (!nearest || !guess->nearest ? nearest != guess->nearest
                                        : strcmp(nearest, guess->nearest) != 0)
            fail_msg("\"%s\": %s instead of %s", guess->name,
                     nearest ? nearest : "nothing",
                     guess->nearest ? guess->nearest : "nothing");
    }
}

/* The answer is one of the candidates themselves, so it lives as long. */
static void test_answer_is_a_candidate(void **state) {
    (void)state;
    assert_ptr_equal(names_nearest("learning_rate", OPTIMIZER_OPTIONS),
                     OPTIMIZER_OPTIONS[0]);
    assert_ptr_equal(names_nearest("MOMENTUM", OPTIMIZER_OPTIONS),
                     OPTIMIZER_OPTIONS[1]);
}

/* A third of the longer name and no more; the nearest wins, then the first. */
static void test_limit(void **state) {
    (void)state;
    static const char *const SIX[] = {"abcdef", NULL};
    assert_string_equal(names_nearest("abcdxx", SIX), "abcdef");
    assert_null(names_nearest("abcxxx", SIX));
    assert_string_equal(names_nearest("badcef", SIX), "abcdef");
    static const char *const TWO[] = {"abcdxy", "abcdef", NULL};
    assert_string_equal(names_nearest("abcdeg", TWO), "abcdef");
    static const char *const EQUAL[] = {"abcdex", "abcdey", NULL};
    assert_string_equal(names_nearest("abcdez", EQUAL), "abcdex");
}

static void test_long_names(void **state) {
    (void)state;
    char name[2001];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_null(names_nearest(name, TRAIN_KEYS));
    /* The longest that is looked at, and one more. */
    name[64] = '\0';
    char other[66];
    memset(other, 'a', sizeof other);
    other[63] = 'b';
    other[64] = '\0';
    const char *candidates[] = {other, NULL};
    assert_ptr_equal(names_nearest(name, candidates), other);
    other[64] = 'a';
    other[65] = '\0';
    assert_null(names_nearest(name, candidates));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guesses),
        cmocka_unit_test(test_answer_is_a_candidate),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_long_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
