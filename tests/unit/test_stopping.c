/* How a run ends before its time, and what it is then. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_runs.h"

/* ---- early stopping ---- */

static int64_t best_row(const struct measurement *measurement) {
    size_t best = 0;
    for (size_t i = 1; i < measurement->history_count; i++)
        if (measurement->history[i].metrics[0] <
            measurement->history[best].metrics[0])
            best = i;
    return measurement->history[best].step;
}

static void check_early_stopping(struct made_run made) {
    struct single stopped, plain;
    single_init(&stopped, &made);
    struct measurement *measurement = &stopped.measurement;
    assert_int_equal(measurement->outcome, RUN_FINISHED);
    assert_true(measurement->global_step < made.steps);
    assert_int_equal(measurement->best_step, best_row(measurement));
    assert_int_equal(measurement->global_step,
                     measurement->best_step + made.patience * made.every);
    made.steps = measurement->best_step;
    made.patience = 0;
    single_init(&plain, &made);
    assert_int_equal(plain.measurement.best_step, 0);
    assert_string_equal(plain.measurement.digest_weights,
                        measurement->digest_weights);
    assert_string_equal(plain.measurement.digest_predictions,
                        measurement->digest_predictions);
    assert_int_equal(measurement->batches, measurement->best_step);
    single_release(&plain);
    single_release(&stopped);
}

/* Weights, and with batch norm buffers and counters, are put back. */
static void early_stopping_is_keras(void **state) {
    (void)state;
    check_early_stopping(RUNS[1]);
    check_early_stopping(RUNS[10]);
}

/* Without restore_best the weights are the last. */
static void early_stopping_keeps_the_last_weights(void **state) {
    struct made_run made = RUNS[10];
    struct single stopped, plain;
    (void)state;
    made.restore_best = false;
    single_init(&stopped, &made);
    made.steps = stopped.measurement.global_step;
    made.patience = 0;
    single_init(&plain, &made);
    assert_string_equal(plain.measurement.digest_weights,
                        stopped.measurement.digest_weights);
    single_release(&plain);
    single_release(&stopped);
}

/* train.loss is the history row's, not the metric of the training part. */
static void early_stopping_reads_the_row_s_train_loss(void **state) {
    struct made_run made = RUNS[1];
    struct dataset *data = made_dataset(&made.data);
    struct whole_run *whole = whole_run_new(&made, data, 3, 4);
    const struct run *run = &whole->run;
    const struct part_metric asked = {PART_TRAIN, metric_find("loss")};
    struct part_metric columns[HISTORY_LIMIT];
    struct measurement measurement;
    (void)state;
    size_t before = history_columns(run, columns);
    whole->training.history_metrics = &asked;
    whole->training.history_metric_count = 1;
    assert_int_equal(history_columns(run, columns), before);
    whole->training.early_stopping.metric = asked;
    train(scalar(), 1, &run, 1, &measurement);
    size_t best = 0, without = 0, i = 1;
    for (; i < measurement.history_count; i++) {
        bool better = measurement.history[i].train_loss <
                      measurement.history[best].train_loss;
        best = better ? i : best;
        without = better ? 0 : without + 1;
        assert_true(without < (size_t)made.patience ||
                    i + 1 == measurement.history_count);
    }
    assert_int_equal(measurement.best_step, measurement.history[best].step);
    measurement_release(&measurement);
    whole_run_free(whole);
    made_dataset_free(data);
}

/* A metric that is null all the time: every row is one without a better value,
 * and the first is the one to go back to. */
static void a_null_metric_never_is_better(void **state) {
    struct made_run made = RUNS[1];
    struct dataset *data = made_dataset(&made.data);
    struct whole_run *whole = whole_run_new(&made, data, 3, 4);
    const struct run *run = &whole->run;
    struct measurement measurement;
    (void)state;
    whole->training.early_stopping.metric.metric = metric_find("auc");
    for (size_t i = 0; i < data->part[PART_VALIDATION].rows; i++)
        ((float *)data->targets)[data->part[PART_VALIDATION].row[i]] = 1;
    train(scalar(), 1, &run, 1, &measurement);
    assert_int_equal(measurement.best_step, made.every);
    assert_int_equal(measurement.global_step, made.patience * made.every);
    measurement_release(&measurement);
    whole_run_free(whole);
    made_dataset_free(data);
}

/* ---- divergence ---- */

static void assert_no_metrics(const struct measurement *measurement) {
    for (int part = 0; part < PARTS; part++)
        for (int i = 0; i < METRIC_LIMIT; i++)
            assert_true(isnan(measurement->metrics[part][i]));
}

static void a_loss_that_is_not_finite_ends_the_run(void **state) {
    struct made_run made = DIVERGING;
    struct single diverged, before;
    (void)state;
    single_init(&diverged, &made);
    const struct measurement *measurement = &diverged.measurement;
    assert_int_equal(measurement->outcome, RUN_DIVERGED);
    assert_int_equal(measurement->divergence.step, 2);
    assert_int_equal(measurement->global_step, 1);
    assert_int_equal(measurement->history_count, 0);
    assert_string_equal(measurement->divergence.layer, "2 (linear)");
    assert_string_equal(measurement->divergence.what, "loss is inf");
    assert_no_metrics(measurement);
    made.steps = 1;
    single_init(&before, &made);
    assert_int_equal(before.measurement.outcome, RUN_FINISHED);
    assert_string_equal(before.measurement.digest_weights,
                        measurement->digest_weights);
    assert_string_equal(before.measurement.digest_predictions,
                        measurement->digest_predictions);
    single_release(&before);
    single_release(&diverged);
}

/* The loss overflows where no layer's output has: squares of 1e20 and more. */
static void the_loss_itself_may_overflow(void **state) {
    struct made_run made = DIVERGING;
    struct single diverged;
    (void)state;
    made.layers[1].kind = NULL;
    made.layers[0].out_features = 1;
    made.optimizer_options[0].value = 1e22;
    single_init(&diverged, &made);
    assert_int_equal(diverged.measurement.outcome, RUN_DIVERGED);
    assert_string_equal(diverged.measurement.divergence.layer, "loss");
    single_release(&diverged);
}

static void weights_that_are_not_finite_end_the_run_at_a_row(void **state) {
    struct made_run made = DIVERGING;
    struct dataset *data = made_dataset(&made.data);
    const uint32_t nan_bits = 0x7fc00000;
    (void)state;
    made.optimizer_options[0].value = 1e39; /* infinite in float32 */
    made.every = 1;
    struct whole_run *whole = whole_run_new(&made, data, 3, 4);
    const struct run *run = &whole->run;
    struct measurement measurement;
    whole->network.layers[0].name = "first";
    train(scalar(), 1, &run, 1, &measurement);
    assert_int_equal(measurement.outcome, RUN_DIVERGED);
    assert_int_equal(measurement.divergence.step, 1);
    assert_int_equal(measurement.global_step, 1);
    assert_int_equal(measurement.history_count, 0);
    assert_string_equal(measurement.divergence.layer, "first");
    assert_true(strncmp(measurement.divergence.what, "weight is ", 10) == 0);
    assert_no_metrics(&measurement);
    for (size_t i = 0; i < whole->network.parameter_count; i++)
        if (isnan(measurement.parameters[i]))
            assert_memory_equal(&measurement.parameters[i], &nan_bits, 4);
    measurement_release(&measurement);
    whole_run_free(whole);
    made_dataset_free(data);
}

/* ---- clipping, interruption ---- */

static void clipping_bounds_the_norm(void **state) {
    struct made_run made = RUNS[7];
    struct single free_run, loose, tight;
    double norm2 = 0;
    (void)state;
    made.optimizer = "sgd";
    made.optimizer_options[0] = (struct made_option){"lr", 1};
    made.steps = 1;
    single_init(&free_run, &made);
    made.clip = 1e30;
    single_init(&loose, &made);
    made.clip = 0.125;
    single_init(&tight, &made);
    assert_string_equal(free_run.measurement.digest_weights,
                        loose.measurement.digest_weights);
    const struct network *network = &tight.whole->network;
    float drawn[64];
    network_draw(network, 3, drawn, NULL);
    for (size_t i = 0; i < network->parameter_count; i++) {
        double step = (double)(tight.measurement.parameters[i] - drawn[i]);
        norm2 += step * step;
    }
    assert_true(fabs(sqrt(norm2) - 0.125) < 1e-5);
    single_release(&free_run);
    single_release(&loose);
    single_release(&tight);
}

static void stop_gives_up(void **state) {
    struct dataset *data = made_dataset(&RUNS[0].data);
    struct whole_run *whole = whole_run_new(&RUNS[0], data, 1, 1);
    const struct run *run = &whole->run;
    struct measurement measurement;
    struct status status = STATUS_INIT;
    const atomic_int stop = 1;
    (void)state;
    assert_int_equal(
        trainer_run(scalar(), 1, &run, 1, &stop, &measurement, &status),
        STATUS_INTERRUPTED);
    assert_null(measurement.parameters);
    whole_run_free(whole);
    made_dataset_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_stopping_is_keras),
        cmocka_unit_test(early_stopping_keeps_the_last_weights),
        cmocka_unit_test(early_stopping_reads_the_row_s_train_loss),
        cmocka_unit_test(a_null_metric_never_is_better),
        cmocka_unit_test(a_loss_that_is_not_finite_ends_the_run),
        cmocka_unit_test(the_loss_itself_may_overflow),
        cmocka_unit_test(weights_that_are_not_finite_end_the_run_at_a_row),
        cmocka_unit_test(clipping_bounds_the_norm),
        cmocka_unit_test(stop_gives_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
