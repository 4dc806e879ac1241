/* What a config becomes: values, defaults, seeds, data paths, blame. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config_fixtures.h"
#include "engine/nn/initializer.h"
#include "runner/config/config_paths.h"
#include "runner/config/sections.h"

static const char WHOLE[] =
    "name: whole\n"
    "description: every section\n"
    "seed: 4294967295\n"
    "data:\n"
    "  source: {type: make_blobs, n_samples: 1e2, centers: 2}\n"
    "  missing: drop\n"
    "  split: {test_size: 0.5, validation_size: 10, random_state: 3}\n"
    "  preprocess: {features: [standard_scaler, min_max_scaler]}\n"
    "model:\n"
    "  seed: 7\n"
    "  layers: [{type: linear, out_features: 3, name: hidden}, tanh,\n"
    "           {type: linear, out_features: 1}]\n"
    "train:\n"
    "  loss: mse\n"
    "  optimizer: {type: sgd, lr: 1}\n"
    "  lr_schedule: {type: step_lr, step_size: 5}\n"
    "  clip_grad_norm: 2\n"
    "  batch_size: 8\n"
    "  shuffle: false\n"
    "  drop_last: true\n"
    "  epochs: 3\n"
    "  early_stopping: {metric: validation.r2, patience: 2, min_delta: 1e-3}\n"
    "evaluate: {every: 4, metrics: [test.r2, train.mae]}\n"
    "output: {dir: results, weights: false, predictions: true}\n";

static void test_values(void **state) {
    (void)state;
    struct config config = config_of(WHOLE);
    const struct training *training = &config.training;
    assert_string_equal(config.name, "whole");
    assert_string_equal(config.description, "every section");
    assert_int_equal(config.seed, 4294967295);
    assert_string_equal(config.data.source.kind->name, "make_blobs");
    assert_true(config.data.drop_missing);
    assert_false(config.data.split.test_size.is_count);
    assert_true(config.data.split.test_size.fraction == 0.5);
    assert_true(config.data.split.validation_size.present);
    assert_true(config.data.split.validation_size.value.is_count);
    assert_int_equal(config.data.split.validation_size.value.count, 10);
    assert_int_equal(config.data.split.random_state, 3);
    assert_int_equal(config.data.feature_scaler_count, 2);
    assert_string_equal(config.data.feature_scalers[1].kind->name,
                        "min_max_scaler");
    assert_int_equal(config.layer_count, 3);
    assert_string_equal(config.layers[0].name, "hidden");
    assert_null(config.layers[1].name);
    assert_string_equal(config.layers[1].choice.kind->name, "tanh");
    assert_string_equal(training->loss.kind->name, "mse");
    assert_string_equal(training->optimizer.kind->name, "sgd");
    assert_string_equal(training->schedule.kind->name, "step_lr");
    assert_true(training->clip_grad_norm.present);
    assert_true(training->clip_grad_norm.value == 2);
    assert_int_equal(training->batch_size, 8);
    assert_false(training->shuffle);
    assert_true(training->drop_last);
    assert_false(training->steps.present);
    assert_int_equal(training->epochs.value, 3);
    config_release(&config);
}

static void test_more_values(void **state) {
    (void)state;
    struct config config = config_of(WHOLE);
    const struct training *training = &config.training;
    assert_true(training->has_early_stopping);
    assert_int_equal(training->early_stopping.metric.part, PART_VALIDATION);
    assert_string_equal(training->early_stopping.metric.metric->name, "r2");
    assert_int_equal(training->early_stopping.patience, 2);
    assert_true(training->early_stopping.min_delta == 1e-3);
    assert_false(training->early_stopping.restore_best);
    assert_int_equal(training->evaluate_every.value, 4);
    assert_int_equal(training->history_metric_count, 2);
    assert_int_equal(training->history_metrics[1].part, PART_TRAIN);
    assert_string_equal(training->history_metrics[1].metric->name, "mae");
    assert_string_equal(config.output.dir, "results");
    assert_false(config.output.weights);
    assert_true(config.output.predictions);
    assert_int_equal(config_model_seed(&config), 7);
    assert_int_equal(config_train_seed(&config), 4294967295u);
    struct run run = config_run(&config, NULL, NULL);
    assert_ptr_equal(run.training, &config.training);
    assert_int_equal(run.model_seed, 7);
    assert_int_equal(run.train_seed, 4294967295u);
    config_release(&config);
}

static void test_defaults(void **state) {
    (void)state;
    struct config config = config_of(GOOD_DATA GOOD_MODEL GOOD_TRAIN);
    const struct training *training = &config.training;
    assert_string_equal(config.name, "case");
    assert_null(config.description);
    assert_int_equal(config.seed, 0);
    assert_false(config.model_seed.present);
    assert_false(config.data.drop_missing);
    assert_true(config.data.split.test_size.fraction == 0.25);
    assert_false(config.data.split.validation_size.present);
    assert_true(config.data.split.shuffle);
    assert_false(config.data.split.stratify);
    assert_int_equal(config.data.feature_scaler_count, 0);
    assert_null(training->schedule.kind);
    assert_false(training->clip_grad_norm.present);
    assert_true(training->shuffle);
    assert_false(training->drop_last);
    assert_true(training->steps.present && !training->epochs.present);
    assert_false(training->has_early_stopping);
    assert_false(training->evaluate_every.present);
    assert_int_equal(training->history_metric_count, 0);
    assert_string_equal(config.output.dir, "experiments");
    assert_true(config.output.weights);
    assert_false(config.output.predictions);
    config_release(&config);
}

static double number_option(const struct choice *choice, const char *key) {
    const struct field *field = field_find(choice->kind->fields, key);
    double value;
    assert_non_null(field);
    assert_int_equal(field->type, FIELD_NUMBER);
    memcpy(&value, (const char *)choice->options + field->offset, sizeof value);
    return value;
}

/* The same double, however a number is written. */
static void test_spellings(void **state) {
    (void)state;
    static const char *const SPELLINGS[] = {"1e-3",  "1E-3",  ".001",
                                            "0.001", "+1e-3", "1.0e-03"};
    for (size_t i = 0; i < sizeof SPELLINGS / sizeof *SPELLINGS; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 GOOD_DATA GOOD_MODEL "train: {loss: mse, optimizer: {type: "
                                      "sgd, lr: %s}, batch_size: 5, steps: 9}",
                 SPELLINGS[i]);
        struct config config = config_of(text);
        assert_true(number_option(&config.training.optimizer, "lr") == 1e-3);
        config_release(&config);
    }
}

static void check_defaults(const struct kind *kind) {
    for (const struct field *field = kind->fields; field && field->key;
         field++) {
        assert_non_null(field->help);
        assert_true(!field->default_text == (field->flags & FIELD_REQUIRED ||
                                             field->type == FIELD_SECTION));
        if (field->flags & (FIELD_NULLABLE | FIELD_DERIVED))
            assert_true(field->present_offset != field->offset ||
                        field->type == FIELD_SECTION);
    }
}

/* Every kind that needs nothing makes a config of its own, from its defaults:
 * a default that its own row refuses would be found here. */
static void test_every_default(void **state) {
    (void)state;
    static const struct {
        const struct kind_family *family;
        const char *text; /* with the kind in place of %s */
    } PLACES[] = {
        {&LAYER_FAMILY, GOOD_DATA "model: {layers: [%s]}\n" GOOD_TRAIN},
        {&INITIALIZER_FAMILY,
         GOOD_DATA "model: {layers: [{type: linear, out_features: 1, "
                   "weight_init: %s}]}\n" GOOD_TRAIN},
        {&LOSS_FAMILY, GOOD_DATA GOOD_MODEL
         "train: {loss: %s, optimizer: adam, batch_size: 5, steps: 9}\n"},
        {&OPTIMIZER_FAMILY, GOOD_DATA GOOD_MODEL
         "train: {loss: mse, optimizer: %s, batch_size: 5, steps: 9}\n"},
        {&SCHEDULE_FAMILY,
         GOOD_DATA GOOD_MODEL "train: {loss: mse, optimizer: adam, "
                              "lr_schedule: %s, batch_size: 5, steps: 9}\n"},
        {&SOURCE_FAMILY, "data: {source: %s}\n" GOOD_MODEL GOOD_TRAIN},
        {&SCALER_FAMILY,
         "data: {source: make_moons, preprocess: [%s]}\n" GOOD_MODEL
             GOOD_TRAIN},
    };
    size_t checked = 0;
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        for (size_t j = 0; PLACES[i].family->kinds[j]; j++) {
            const struct kind *kind = PLACES[i].family->kinds[j];
            bool needs_options = false;
            check_defaults(kind);
            for (const struct field *field = kind->fields; field && field->key;
                 field++)
                needs_options |= field->flags & FIELD_REQUIRED;
            if (needs_options)
                continue;
            char text[400];
            snprintf(text, sizeof text, PLACES[i].text, kind->name);
            struct config config = config_of(text);
            config_release(&config);
            checked++;
        }
    }
    assert_true(checked > 20);
}

/* ------------------------------------------------------------------- blame */

static void expect_blame(const char *key, size_t line, size_t column) {
    struct config config = config_of("seed: 1\n" GOOD_DATA "model:\n"
                                     "  layers:\n"
                                     "    - {type: linear, out_features: 1,"
                                     " name: last}\n" GOOD_TRAIN);
    struct problems problems = {0};
    struct status status = STATUS_INIT;
    status_set_key(&status, STATUS_CONFIG, key, "is wrong");
    config_blame(&config, &status, &problems);
    config_release(&config);
    char message[200];
    snprintf(message, sizeof message, "%s%sis wrong", key, *key ? ": " : "");
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.problem[0].message, message);
    assert_int_equal(problems.problem[0].line, line);
    assert_int_equal(problems.problem[0].column, column);
    problems_release(&problems);
}

static void test_blame(void **state) {
    (void)state;
    expect_blame("seed", 1, 7);
    expect_blame("data.source", 2, 16);
    expect_blame("data.source.n_samples", 2, 16); /* a bare kind has none */
    expect_blame("data.split.test_size", 2, 7);
    expect_blame("model.layers.0.out_features", 5, 36);
    expect_blame("model.layers.last.out_features", 5, 36);
    expect_blame("model.layers.0.bias", 5, 7);
    expect_blame("model.layers", 5, 5);
    expect_blame("", 0, 0);
}

/* ------------------------------------------------------------------- paths */

static void expect_rewrite(const char *path, const char *from, const char *to,
                           const char *wanted) {
    struct text out = TEXT_INIT;
    path_rewrite(path, from, to, &out);
    assert_string_equal(text_string(&out), wanted);
    text_release(&out);
}

static void test_rewrite(void **state) {
    (void)state;
    expect_rewrite("a.csv", "", "", "a.csv");
    expect_rewrite("./a.csv", "x", "x", "./a.csv"); /* as it was written */
    expect_rewrite("/d/a.csv", "x", "y", "/d/a.csv");
    expect_rewrite("a.csv", "", "configs", "../a.csv");
    expect_rewrite("a.csv", "configs", "", "configs/a.csv");
    expect_rewrite("a.csv", "configs/base", "configs", "base/a.csv");
    expect_rewrite("../data/a.csv", "configs/base", "configs", "data/a.csv");
    expect_rewrite("../data/a.csv", "configs", "configs/deep/er",
                   "../../../data/a.csv");
    expect_rewrite("a.csv", "configs", "config", "../configs/a.csv");
    expect_rewrite("a.csv", "/x", "/", "x/a.csv");
    expect_rewrite("a.csv", "/", "/x/y", "../../a.csv");
    expect_rewrite("./b/../a.csv", "/x/./y", "/x//y/z", "../a.csv");
    expect_rewrite("../../../a.csv", "/x", "/", "a.csv");
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const struct table_source_options *
tables_of(const struct config *config) {
    assert_string_equal(config->data.source.kind->name, "table");
    return config->data.source.options;
}

#define TABLES(features, targets)                                              \
    "data: {source: {type: table, features: {path: " features                  \
    "}, targets: {path: " targets "}}}\n"

/* sub/main.yaml extends base.yaml, which names base.csv; the command line names
 * another file, and --data has a third. */
static void test_paths(void **state) {
    (void)state;
    char folder[] = "/tmp/test_config_XXXXXX", home[4096];
    assert_non_null(getcwd(home, sizeof home));
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("sub", 0777), 0);
    assert_int_equal(mkdir("store", 0777), 0);
    write_file("base.yaml",
               TABLES("base.csv", "gone/there.csv") GOOD_MODEL GOOD_TRAIN);
    write_file("sub/main.yaml", "extends: ../base.yaml\n");
    write_file("store/there.csv", "");
    struct problems problems = {0};
    struct config config;
    struct tree tree;
    tree_read(&tree, "sub/main.yaml", &problems);
    tree_override(&tree, "data.source.features.path=over.csv", &problems);
    config_init(&config, &tree, &(struct data_places){.data_folder = "store"},
                &problems);
    assert_int_equal(problems.count, 0);
    assert_string_equal(tables_of(&config)->features.path, "over.csv");
    assert_string_equal(tables_of(&config)->targets.path, "store/there.csv");
    struct text yaml = TEXT_INIT;
    config_write_yaml(&config, &yaml);
    assert_non_null(strstr(text_string(&yaml), "path: ../over.csv\n"));
    assert_non_null(strstr(text_string(&yaml), "path: ../gone/there.csv\n"));
    text_release(&yaml);
    config_release(&config);
    problems_release(&problems);
    assert_int_equal(unlink("store/there.csv") | unlink("sub/main.yaml") |
                         unlink("base.yaml") | rmdir("sub") | rmdir("store"),
                     0);
    assert_int_equal(chdir(home), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_more_values),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_every_default),
        cmocka_unit_test(test_blame),
        cmocka_unit_test(test_rewrite),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
