/* What the loop around a run promises: updates, epochs, rows of the history,
 * the order of rows. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/train/batch.h"
#include "made_runs.h"

static void check_counts(const struct made_run *made, int64_t updates,
                         size_t rows, int64_t epoch) {
    struct single single;
    single_init(&single, made);
    const struct measurement *measurement = &single.measurement;
    assert_int_equal(measurement->outcome, RUN_FINISHED);
    assert_int_equal(measurement->global_step, updates);
    assert_int_equal(measurement->history_count, rows);
    const struct history_row *last = &measurement->history[rows - 1];
    assert_int_equal(last->step, updates);
    assert_int_equal(last->epoch, epoch);
    single_release(&single);
}

/* 41 rows in batches of 8 are 6 an epoch, 5 with drop_last. */
static void updates_rows_and_epochs_are_counted(void **state) {
    struct made_run made = RUNS[0];
    (void)state;
    check_counts(&made, 41, 14, 7); /* a twentieth, rounded up: every 3 */
    made.every = 10;
    check_counts(&made, 41, 5, 7);
    made.every = 100;
    check_counts(&made, 41, 1, 7);
    made.steps = 0;
    made.epochs = 3;
    check_counts(&made, 18, 1, 3);
    made.drop_last = true;
    check_counts(&made, 15, 1, 3);
}

/* So many steps are the same as the epochs that hold them. */
static void steps_and_epochs_agree(void **state) {
    struct made_run made = RUNS[2];
    struct single epochs, steps;
    (void)state;
    single_init(&epochs, &made);
    made.steps = epochs.measurement.global_step;
    single_init(&steps, &made);
    assert_same(&steps.whole->run, &epochs.measurement, &steps.measurement);
    single_release(&epochs);
    single_release(&steps);
}

/* A row's digest is that of the row before and the weights. */
static void history_digests_are_chained(void **state) {
    struct made_run made = RUNS[0];
    struct single half, whole;
    char text[16 + 17 * sizeof(float)], hex[DIGEST_TEXT_SIZE];
    (void)state;
    made.every = made.steps = 20;
    single_init(&half, &made);
    made.steps = 40;
    single_init(&whole, &made);
    assert_memory_equal(half.measurement.digest_weights,
                        half.measurement.history[0].digest, 16);
    assert_string_equal(half.measurement.history[0].digest,
                        whole.measurement.history[0].digest);
    memcpy(text, whole.measurement.history[0].digest, 16);
    memcpy(text + 16, whole.measurement.parameters, 17 * sizeof(float));
    digest_of(text, sizeof text, hex);
    assert_memory_equal(hex, whole.measurement.history[1].digest, 16);
    single_release(&half);
    single_release(&whole);
}

static const double *metric_of(const struct measurement *measurement,
                               enum part part, const char *name) {
    return &measurement->metrics[part][metric_index(metric_find(name))];
}

/* The last row and the final metrics are of the same weights. */
static void the_last_row_has_the_final_metrics(void **state) {
    struct single single;
    struct part_metric columns[HISTORY_LIMIT];
    (void)state;
    single_init(&single, &RUNS[3]);
    const struct measurement *measurement = &single.measurement;
    const struct history_row *last =
        &measurement->history[measurement->history_count - 1];
    size_t count = history_columns(&single.whole->run, columns);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_true(last->metrics[i] == *metric_of(measurement, columns[i].part,
                                                   columns[i].metric->name));
    single_release(&single);
}

/* The mean of mini-batch losses is that of one batch where each row is one. */
static void train_loss_is_the_mean_since_the_row_before(void **state) {
    struct made_run made = RUNS[4];
    struct single each, pairs;
    (void)state;
    made.steps = 8;
    made.schedule = NULL;
    made.every = 1;
    single_init(&each, &made);
    made.every = 2;
    single_init(&pairs, &made);
    for (size_t i = 0; i < 4; i++) {
        const struct history_row *row = each.measurement.history + 2 * i;
        assert_true(pairs.measurement.history[i].train_loss ==
                    (row[0].train_loss + row[1].train_loss) / 2);
    }
    single_release(&each);
    single_release(&pairs);
}

/* ---- the order of rows ---- */

/* DataLoader(range(10), shuffle=True, generator=g), g seeded with 42: three
 * epochs in PyTorch 1.13. */
static const int EPOCHS[][10] = {{6, 5, 4, 0, 8, 9, 2, 1, 3, 7},
                                 {3, 6, 5, 8, 9, 4, 2, 0, 7, 1},
                                 {7, 4, 5, 0, 9, 1, 3, 2, 8, 6}};

/* Ten rows whose feature, and whose target too, is their number. */
static struct dataset *counted_rows(void) {
    const struct made_data made = {
        .rows = {10, 0, 1}, .columns = 1, .targets = 1};
    struct dataset *data = made_dataset(&made);
    for (size_t i = 0; i < 10; i++) {
        uint32_t position = data->part[PART_TRAIN].row[i];
        ((float *)data->features)[position] = (float)i;
        ((float *)data->targets)[position] = (float)i;
    }
    return data;
}

/* Lane `lane` of every batch of three epochs is as DataLoader has it. */
static void check_order(struct batch batch, size_t lane, size_t batch_size,
                        size_t rows_used) {
    for (int epoch = 0; epoch < 3; epoch++)
        for (size_t first = 0; first < rows_used; first += batch_size) {
            size_t left = rows_used - first;
            batch_next(&batch);
            assert_int_equal(batch.cells.rows,
                             left < batch_size ? left : batch_size);
            for (size_t row = 0; row < batch.cells.rows; row++) {
                size_t at = row * batch.cells.lanes + lane;
                float expected = (float)EPOCHS[epoch][first + row];
                assert_true(batch.x[at] == expected);
                assert_true(batch.t[at] == expected);
            }
        }
}

/* Lanes that share an order, have their own, and have data of their own. */
static void check_orders(const struct kernels *kernels, size_t lanes,
                         const struct whole_run *const wholes[3],
                         bool drop_last) {
    for (int others = 0; others < 3; others++) {
        const struct run *runs[KERNEL_WIDTH_LIMIT];
        struct arena arena = ARENA_INIT;
        struct batch batch;
        for (size_t lane = 0; lane < lanes; lane++)
            runs[lane] = &wholes[lane == lanes - 1 ? 0 : others]->run;
        batch_init(&batch, kernels, lanes, runs, &arena);
        check_order(batch, lanes - 1, 4, drop_last ? 8 : 10);
        arena_release(&arena);
    }
}

static void the_order_is_dataloaders(void **state) {
    (void)state;
    for (int drop_last = 0; drop_last < 2; drop_last++) {
        struct made_run made = {.layers = {{"linear", 1}},
                                .loss = "mse",
                                .optimizer = "adam",
                                .batch_size = 4,
                                .steps = 1,
                                .drop_last = drop_last,
                                .data = {.columns = 1}};
        struct dataset *data[] = {counted_rows(), counted_rows()};
        struct whole_run *wholes[] = {whole_run_new(&made, data[0], 0, 42),
                                      whole_run_new(&made, data[0], 0, 43),
                                      whole_run_new(&made, data[1], 0, 44)};
        for (const struct kernels *const *copy = kernels_available(); *copy;
             copy++) {
            const struct whole_run *const all[] = {wholes[0], wholes[1],
                                                   wholes[2]};
            check_orders(*copy, 1, all, drop_last);
            check_orders(*copy, (*copy)->width, all, drop_last);
        }
        for (int i = 0; i < 3; i++)
            whole_run_free(wholes[i]);
        made_dataset_free(data[0]);
        made_dataset_free(data[1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_rows_and_epochs_are_counted),
        cmocka_unit_test(steps_and_epochs_agree),
        cmocka_unit_test(history_digests_are_chained),
        cmocka_unit_test(the_last_row_has_the_final_metrics),
        cmocka_unit_test(train_loss_is_the_mean_since_the_row_before),
        cmocka_unit_test(the_order_is_dataloaders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
