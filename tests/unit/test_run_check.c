/* What is refused before training. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_runs.h"

/* ---- what is refused before training ---- */

static void check_refused(const struct made_run *made, const char *key,
                          const char *words) {
    struct dataset *data = made_dataset(&made->data);
    struct whole_run *whole = whole_run_new(made, data, 1, 1);
    struct status status = STATUS_INIT;
    enum status_code code = run_check(&whole->run, &status);
    if (!key) {
        assert_int_equal(code, STATUS_OK);
    } else {
        assert_int_equal(code, STATUS_CONFIG);
        assert_string_equal(status.key, key);
        if (!strstr(status.message, words))
            fail_msg("'%s' is not in: %s", words, status.message);
    }
    whole_run_free(whole);
    made_dataset_free(data);
}

static void all_runs_of_this_test_are_valid(void **state) {
    (void)state;
    for (size_t i = 0; i < RUN_COUNT; i++)
        check_refused(&RUNS[i], NULL, NULL);
}

static void a_last_layer_that_does_not_fit_the_loss_is_refused(void **state) {
    static const struct {
        const char *loss, *last, *words;
    } pairs[] = {
        {"bce", "linear", "bce_with_logits takes what linear gives"},
        {"bce", "tanh", "bce needs sigmoid last"},
        {"bce_with_logits", "sigmoid", "bce fits after sigmoid"},
        {"cross_entropy", "softmax", "takes what linear gives"},
        {"cross_entropy", "log_softmax", "nll fits after log_softmax"},
        {"nll", "linear", "nll needs log_softmax last"},
        {"nll", "softmax", "nll needs log_softmax last"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        bool is_linear = strcmp(pairs[i].last, "linear") == 0;
        struct made_run made = {
            .layers = {{"linear", 1}, {pairs[i].last, is_linear}},
            .loss = pairs[i].loss,
            .optimizer = "adam",
            .batch_size = 8,
            .steps = 1,
            .data = {{20, 0, 5}, 2, 1, 2, 1}};
        check_refused(&made, "train.loss", pairs[i].words);
    }
}

static void sizes_that_do_not_fit_are_refused(void **state) {
    struct made_run made = RUNS[4];
    (void)state;
    made.layers[2].out_features = 3;
    check_refused(&made, "model.layers.2.out_features", "expected 2, found 3");
    made = RUNS[1];
    made.layers[4].out_features = 2;
    check_refused(&made, "model.layers.4.out_features", "needs 1 output");
    made = RUNS[2];
    made.layers[2].out_features = 3;
    check_refused(&made, "model.layers.2.out_features",
                  "labels go up to 3, so at least 4, found 3");
    made = RUNS[2];
    made.data.targets = 2;
    check_refused(&made, "train.loss", "takes one target column, found 2");
    made = RUNS[3];
    made.batch_size = 71;
    check_refused(&made, "train.drop_last", "drop_last leaves no batch");
    made.drop_last = false;
    check_refused(&made, NULL, NULL);
}

/* 62 rows are three batches of 19 and one of 5, or of 61 and one of 1. */
static void batches_of_one_row_are_refused(void **state) {
    struct made_run made = RUNS[10];
    (void)state;
    made.batch_size = 61;
    check_refused(&made, "model.layers.1",
                  "batch_norm1d needs at least 2 rows in every batch; the last "
                  "batch has 1 (62 training rows, batch_size 61): set "
                  "train.drop_last, or another train.batch_size");
    made.drop_last = true;
    check_refused(&made, NULL, NULL);
    made.drop_last = false;
    made.steps = 1; /* the last batch of an epoch is not reached */
    check_refused(&made, NULL, NULL);
    made.steps = 2;
    check_refused(&made, "model.layers.1", "the last batch has 1");
    made.batch_size = 1;
    check_refused(&made, "model.layers.1",
                  "found 1 (62 training rows, batch_size 1)");
    made = RUNS[10];
    made.data.rows[PART_TEST] = 1; /* running statistics take one row */
    check_refused(&made, NULL, NULL);
    made.layers[4].options[0] = (struct made_option){"track_running_stats", 0};
    check_refused(&made, "model.layers.4",
                  "batch_norm1d without running statistics needs at least 2 "
                  "rows in every part of the data; the test part has 1");
}

static void labels_that_do_not_fit_are_refused(void **state) {
    struct made_run made = RUNS[0];
    (void)state;
    made.data.classes = 3;
    check_refused(&made, "train.loss", "labels that are 0 or 1; found 2.0");
    made = RUNS[2];
    made.data.classes = 0;
    check_refused(&made, "train.loss", "whole numbers from 0");
}

static void metrics_that_do_not_fit_are_refused(void **state) {
    struct made_run made = RUNS[1];
    (void)state;
    made.watched = "rmse";
    check_refused(&made, "train.early_stopping.metric",
                  "validation.rmse is no metric of a run with the loss "
                  "bce_with_logits");
    made = RUNS[1];
    made.data.rows[PART_VALIDATION] = 0;
    check_refused(&made, "train.early_stopping.metric",
                  "data.split has no validation_size");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_runs_of_this_test_are_valid),
        cmocka_unit_test(a_last_layer_that_does_not_fit_the_loss_is_refused),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(batches_of_one_row_are_refused),
        cmocka_unit_test(labels_that_do_not_fit_are_refused),
        cmocka_unit_test(metrics_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
