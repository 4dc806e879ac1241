/* The canonical line: the same for what is the same run, another for each
 * change that may change a result. config.yaml and the record's JSON lead back
 * to it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config_fixtures.h"

static const struct path_digest DIGESTS[] = {
    {"a.csv", "aaaa"}, {"b.csv", "bbbb"}, {"c.csv", "aaaa"}};

static char *canonical_of(const char *text) {
    struct config config = config_of(text);
    struct text line = TEXT_INIT;
    config_write_canonical(&config, 3, DIGESTS, 3, &line);
    config_release(&config);
    return text_take(&line);
}

static void assert_same(const char *a, const char *b) {
    char *one = canonical_of(a), *other = canonical_of(b);
    assert_string_equal(one, other);
    free(one);
    free(other);
}

static void assert_differ(const char *a, const char *b) {
    char *one = canonical_of(a), *other = canonical_of(b);
    assert_string_not_equal(one, other);
    free(one);
    free(other);
}

#define GOOD GOOD_DATA GOOD_MODEL GOOD_TRAIN
#define TRAIN(text) GOOD_DATA GOOD_MODEL "train: {" text "}\n"

static void test_line(void **state) {
    (void)state;
    char *line = canonical_of(
        "name: x\n"
        "data: {source: {type: table, features: {path: a.csv, columns: [x, 1]},"
        " targets: {path: b.csv, columns: {start: 0, stop: 1}}},"
        " preprocess: [standard_scaler, {type: min_max_scaler,"
        " feature_range: [-1, 1]}]}\n"
        "model: {layers: [{type: linear, out_features: 4, name: h}, relu,"
        " {type: leaky_relu, negative_slope: 1e-2}]}\n"
        "train: {loss: mse, optimizer: {type: sgd, lr: 1}, batch_size: 1e1,"
        " epochs: 2}\n");
    assert_string_equal(
        line,
        "{\"config\":{\"data\":{\"preprocess\":{\"features\":["
        "\"standard_scaler\",{\"feature_range\":[-1.0,1.0],\"type\":"
        "\"min_max_scaler\"}]},\"source\":{\"features\":{\"columns\":[\"x\","
        "\"1\"],\"path\":\"aaaa\"},\"targets\":{\"columns\":{\"start\":0,"
        "\"stop\":1},\"path\":\"bbbb\"},\"type\":\"table\"}},\"model\":{"
        "\"layers\":[{\"name\":\"h\",\"out_features\":4,\"type\":\"linear\"},"
        "\"relu\",\"leaky_relu\"]},\"train\":{\"batch_size\":10,\"epochs\":2,"
        "\"loss\":\"mse\",\"optimizer\":{\"lr\":1.0,\"type\":\"sgd\"}}},"
        "\"numerics\":3}");
    free(line);
}

static void test_nested_layers(void **state) {
    (void)state;
    char *line = canonical_of(
        GOOD_DATA
        "model: {layers: [{type: residual, layers: [{type: tanh}, {type: "
        "linear, bias: true, out_features: 2e0, name: h}], name: r}, {type: "
        "reshape, shape: [1, -1]}, flatten]}\n" GOOD_TRAIN);
    assert_non_null(
        strstr(line, "\"layers\":[{\"layers\":[\"tanh\",{\"name\":\"h\","
                     "\"out_features\":2,\"type\":\"linear\"}],\"name\":\"r\","
                     "\"type\":\"residual\"},{\"shape\":[1,-1],\"type\":"
                     "\"reshape\"},\"flatten\"]"));
    free(line);
}

/* An initializer that is not given is left out everywhere: what is drawn then
 * follows from the layer. */
static void test_initializers(void **state) {
    (void)state;
#define LAYER(text)                                                            \
    GOOD_DATA "model: {layers: [{type: linear, out_features: 1" text           \
              "}]}\n" GOOD_TRAIN
    assert_same(LAYER(""), LAYER(", weight_init: null, bias_init: null"));
    assert_same(LAYER(", weight_init: normal"),
                LAYER(", weight_init: {type: normal, std: 1, mean: -0.0}"));
    assert_differ(LAYER(""), LAYER(", weight_init: normal"));
    assert_differ(LAYER(", bias_init: normal"), LAYER(", weight_init: normal"));
    char *line = canonical_of(
        LAYER(", weight_init: {type: kaiming_normal, a: 0.0, nonlinearity: "
              "relu}, bias_init: {type: constant, val: 0}"));
    assert_non_null(strstr(
        line, "[{\"bias_init\":{\"type\":\"constant\",\"val\":0.0},"
              "\"out_features\":1,\"type\":\"linear\",\"weight_init\":{"
              "\"nonlinearity\":\"relu\",\"type\":\"kaiming_normal\"}}]"));
    free(line);
}

static void test_same(void **state) {
    (void)state;
    assert_same(GOOD, GOOD_TRAIN GOOD_MODEL GOOD_DATA);
    assert_same(GOOD, "name: other\ndescription: d\n" GOOD);
    assert_same(GOOD, GOOD "output: {dir: x, weights: false}\n");
    assert_same(GOOD, GOOD "evaluate: {}\n");
    assert_same(GOOD, "seed: 0\n" GOOD);
    assert_same(GOOD, GOOD "evaluate: {metrics: [], every: 1}\n");
    assert_same("seed: 5\n" GOOD_DATA GOOD_TRAIN
                "model: {layers: [{type: linear, out_features: 1}]}\n",
                "seed: 5\n" GOOD_DATA GOOD_TRAIN
                "model: {seed: 5, layers: [{type: linear, bias: true, "
                "out_features: 1}]}\n");
    assert_same(
        "data: {source: make_moons}\n" GOOD_MODEL GOOD_TRAIN,
        "data: {source: {type: make_moons, n_samples: 1e2, "
        "noise: null}, missing: error, split: {test_size: .25, "
        "validation_size: null}, preprocess: []}\n" GOOD_MODEL GOOD_TRAIN);
}

/* A generator's lists in the place of numbers. */
static void test_lists(void **state) {
    (void)state;
#define BLOBS(options)                                                         \
    "data: {source: {type: make_blobs, " options "}}\n" GOOD_MODEL GOOD_TRAIN
    assert_same("data: {source: make_blobs}\n" GOOD_MODEL GOOD_TRAIN,
                BLOBS("n_samples: 100, centers: 3, cluster_std: 1"));
    assert_same(BLOBS("centers: null"), BLOBS("centers: 3"));
    assert_same(BLOBS("n_samples: [5, 6]"),
                BLOBS("n_samples: [5e0, 6], centers: null"));
    assert_same(BLOBS("centers: [[0, -0.5], [1, 2]]"),
                BLOBS("centers: [[0.0, -.5], [1e0, 2]], n_features: 2"));
    assert_differ(BLOBS("centers: 2"), BLOBS("centers: 3"));
    assert_differ(BLOBS("n_samples: [50, 50]"), BLOBS("centers: 2"));
    assert_differ(BLOBS("n_samples: [50, 50]"), BLOBS("n_samples: [50, 51]"));
    assert_differ(BLOBS("n_samples: 50"), BLOBS("n_samples: [50]"));
    assert_differ(BLOBS("centers: [[0], [1]]"), BLOBS("centers: [[0, 1]]"));
    assert_differ(BLOBS("cluster_std: [1, 1, 1]"), BLOBS("cluster_std: 1"));
#undef BLOBS
}

static void test_same_training(void **state) {
    (void)state;
    assert_same(TRAIN("loss: mse, optimizer: {type: sgd, lr: 1}, "
                      "batch_size: 5, steps: 40"),
                TRAIN("steps: 4e1, batch_size: 5, optimizer: {lr: 1.0, "
                      "momentum: 0, type: sgd}, loss: {type: mse}, "
                      "lr_schedule: null, early_stopping: null, "
                      "numerics: portable, clip_grad_norm: null, seed: 0"));
    assert_same(TRAIN("loss: mse, optimizer: adam, batch_size: 5, steps: 40, "
                      "lr_schedule: cosine_annealing_lr"),
                TRAIN("loss: mse, optimizer: {type: adam, betas: [.9, 999e-3]}"
                      ", batch_size: 5, steps: 40, lr_schedule: {type: "
                      "cosine_annealing_lr, T_max: 40, eta_min: 0}"));
    /* A fortieth update is a row of history whether it is said or not. */
    assert_same(
        TRAIN("loss: mse, optimizer: adam, batch_size: 5, steps: 41"),
        TRAIN(
            "loss: mse, optimizer: adam, batch_size: 5, steps: 41") "evaluate: "
                                                                    "{every: "
                                                                    "3}\n");
}

static void test_paths(void **state) {
    (void)state;
#define TABLE(path)                                                            \
    "data: {source: {type: table, features: {path: " path                      \
    "}, targets: {path: b.csv}}}\n" GOOD_MODEL GOOD_TRAIN
    assert_same(TABLE("a.csv"), TABLE("c.csv"));
    assert_differ(TABLE("a.csv"), TABLE("b.csv"));
}

static void test_different(void **state) {
    (void)state;
    static const char *const CHANGED[] = {
        "seed: 1\n" GOOD,
        "data: {source: make_circles}\n" GOOD_MODEL GOOD_TRAIN,
        "data: {source: {type: make_moons, noise: 0}}\n" GOOD_MODEL GOOD_TRAIN,
        "data: {source: make_moons, missing: drop}\n" GOOD_MODEL GOOD_TRAIN,
        "data: {source: make_moons, split: {test_size: 25}}\n" GOOD_MODEL
            GOOD_TRAIN,
        "data: {source: make_moons, preprocess: [standard_scaler]}\n" GOOD_MODEL
            GOOD_TRAIN,
        GOOD_DATA GOOD_TRAIN
        "model: {seed: 1, layers: [{type: linear, out_features: 1}]}\n",
        GOOD_DATA GOOD_TRAIN
        "model: {layers: [{type: linear, out_features: 1, bias: false}]}\n",
        GOOD_DATA GOOD_TRAIN
        "model: {layers: [{type: linear, out_features: 1, name: a}]}\n",
        GOOD_DATA GOOD_TRAIN
        "model: {layers: [{type: linear, out_features: 1}, tanh]}\n",
        GOOD_DATA GOOD_TRAIN
        "model: {layers: [{type: residual, layers: [tanh]}, {type: linear, "
        "out_features: 1}]}\n",
        GOOD_DATA GOOD_TRAIN
        "model: {layers: [{type: residual, layers: [relu]}, {type: linear, "
        "out_features: 1}]}\n",
        TRAIN("loss: bce_with_logits, optimizer: adam, batch_size: 5, "
              "epochs: 9"),
        TRAIN("loss: bce_with_logits, optimizer: adam, batch_size: 6, "
              "steps: 9"),
        TRAIN("loss: bce_with_logits, optimizer: adamw, batch_size: 5, "
              "steps: 9"),
        TRAIN("loss: bce_with_logits, optimizer: {type: adam, lr: "
              "0.0010000000000000002}, batch_size: 5, steps: 9"),
        TRAIN("loss: bce_with_logits, optimizer: adam, batch_size: 5, "
              "steps: 9, seed: 1"),
        TRAIN("loss: bce_with_logits, optimizer: adam, batch_size: 5, "
              "steps: 9, shuffle: false"),
        TRAIN("loss: bce_with_logits, optimizer: adam, batch_size: 5, "
              "steps: 9, clip_grad_norm: 1"),
        TRAIN("loss: bce_with_logits, optimizer: adam, batch_size: 5, "
              "steps: 9, early_stopping: {metric: test.auc, patience: 1}"),
        GOOD "evaluate: {every: 2}\n",
        GOOD "evaluate: {metrics: [test.auc]}\n",
    };
    enum { COUNT = sizeof CHANGED / sizeof *CHANGED };
    char *lines[COUNT + 1];
    for (size_t i = 0; i < COUNT; i++)
        lines[i] = canonical_of(CHANGED[i]);
    lines[COUNT] = canonical_of(GOOD);
    for (size_t i = 0; i <= COUNT; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(lines[i], lines[j]);
    for (size_t i = 0; i <= COUNT; i++)
        free(lines[i]);
}

/* -------------------------------------------------------------- round trips */

/* Texts that YAML reads as something else unless they are quoted. */
static const char *const ODD_TEXTS[] = {
    "yes",         "null",     "1e3",
    "0x10",        "a: b",     "a #b",
    "[x]",         "it's",     "say \\\"x\\\"",
    "- x",         "ümlaut",   "a\\\\b",
    "2024-01-01",  "~",        "\\u0085x",
    "\\u2028",     "\\ufeffx", " x ",
    "\\U0001F600", "No",       "100 % {sure}",
    "&x",          "*x",       "!x",
    "%x",          "@x",       "`x",
    "key:",        "a, b",     "?",
};

static void assert_round_trip(const char *text) {
    char *line = canonical_of(text);
    struct config config = config_of(text);
    struct text yaml = TEXT_INIT, again = TEXT_INIT;
    config_write_yaml(&config, &yaml);
    struct config back = config_of(text_string(&yaml));
    config_write_yaml(&back, &again);
    assert_string_equal(text_string(&yaml), text_string(&again));
    if (config.description)
        assert_string_equal(config.description, back.description);
    char *line_again = canonical_of(text_string(&yaml));
    assert_string_equal(line, line_again);
    config_release(&config);
    config_release(&back);
    text_release(&yaml);
    text_release(&again);
    free(line);
    free(line_again);
}

static void test_round_trip(void **state) {
    (void)state;
    assert_round_trip(GOOD);
    assert_round_trip("seed: 3\n" GOOD_DATA GOOD_TRAIN
                      "model: {seed: 3, layers: [{type: linear, "
                      "out_features: 1, name: a-b}, {type: softplus, beta: "
                      "0.1}]}\nevaluate: {every: 2, metrics: [test.label/mean]}"
                      "\n");
    assert_round_trip(
        "data: {source: {type: table, features: {path: a.csv, "
        "key: k, columns: [x, 1, 'yes', 'a, b', '[']}, "
        "targets: {path: b.csv, columns: {start: 1, stop: 2}}}}\n" GOOD_MODEL
            GOOD_TRAIN);
    assert_round_trip(
        TRAIN("loss: {type: cross_entropy, weight: [1, 2.5]}, optimizer: "
              "{type: adam, lr: 1e-30}, lr_schedule: {type: multi_step_lr, "
              "milestones: [3, 5]}, batch_size: 5, epochs: 2, "
              "early_stopping: {metric: test.f1, patience: 1}"));
    assert_round_trip("data: {source: {type: make_blobs, n_samples: [3, 0, 9], "
                      "centers: [[1, 2], [3, 4], [5, -6]], cluster_std: [1, 2, "
                      "0.5]}}\n" GOOD_MODEL GOOD_TRAIN);
    for (size_t i = 0; i < sizeof ODD_TEXTS / sizeof *ODD_TEXTS; i++) {
        char text[400];
        snprintf(text, sizeof text, "description: \"%s\"\n" GOOD, ODD_TEXTS[i]);
        if (!strstr(ODD_TEXTS[i], "${"))
            assert_round_trip(text);
    }
}

/* What run.json holds is config.yaml in other clothes: JSON is YAML. */
static void test_json(void **state) {
    (void)state;
    const char *text = "seed: 3\n" GOOD "output: {dir: x, predictions: true}\n";
    struct config config = config_of(text);
    struct text json = TEXT_INIT, yaml = TEXT_INIT, again = TEXT_INIT;
    struct json_writer writer = json_writer_new(&json, 1);
    config_write_json(&config, &writer);
    config_write_yaml(&config, &yaml);
    assert_null(strstr(text_string(&json), "\"dir\""));
    assert_null(strstr(text_string(&yaml), "dir:"));
    assert_non_null(strstr(text_string(&json), "\"predictions\": true"));
    struct config back = config_of(text_string(&json));
    config_write_yaml(&back, &again);
    assert_string_equal(text_string(&yaml), text_string(&again));
    config_release(&config);
    config_release(&back);
    text_release(&json);
    text_release(&yaml);
    text_release(&again);
}

/* Constant defaults are written, what follows from other keys is not. */
static void test_yaml(void **state) {
    (void)state;
    struct config config = config_of(GOOD);
    struct text yaml = TEXT_INIT;
    config_write_yaml(&config, &yaml);
    assert_string_equal(text_string(&yaml), "name: case\n"
                                            "seed: 0\n"
                                            "data:\n"
                                            "  source:\n"
                                            "    type: make_moons\n"
                                            "    n_samples: 100\n"
                                            "    shuffle: true\n"
                                            "    random_state: 0\n"
                                            "    scale: 1.0\n"
                                            "    noise: null\n"
                                            "  missing: error\n"
                                            "  split:\n"
                                            "    test_size: 0.25\n"
                                            "    validation_size: null\n"
                                            "    random_state: 0\n"
                                            "    shuffle: true\n"
                                            "    stratify: false\n"
                                            "  preprocess:\n"
                                            "    features: []\n"
                                            "    targets: []\n"
                                            "model:\n"
                                            "  layers:\n"
                                            "    - type: linear\n"
                                            "      out_features: 1\n"
                                            "      bias: true\n"
                                            "train:\n"
                                            "  loss:\n"
                                            "    type: bce_with_logits\n"
                                            "    weight: null\n"
                                            "    pos_weight: null\n"
                                            "    reduction: mean\n"
                                            "  optimizer:\n"
                                            "    type: adam\n"
                                            "    lr: 0.001\n"
                                            "    betas: [0.9, 0.999]\n"
                                            "    eps: 1e-08\n"
                                            "    weight_decay: 0.0\n"
                                            "    amsgrad: false\n"
                                            "    maximize: false\n"
                                            "  lr_schedule: null\n"
                                            "  clip_grad_norm: null\n"
                                            "  batch_size: 5\n"
                                            "  shuffle: true\n"
                                            "  drop_last: false\n"
                                            "  steps: 9\n"
                                            "  early_stopping: null\n"
                                            "  numerics: portable\n"
                                            "evaluate:\n"
                                            "  metrics: []\n"
                                            "output:\n"
                                            "  weights: true\n"
                                            "  predictions: false\n");
    text_release(&yaml);
    config_release(&config);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_nested_layers),
        cmocka_unit_test(test_initializers),
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_same_training),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_different),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_yaml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
