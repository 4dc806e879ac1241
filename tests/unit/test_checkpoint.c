/* A run that goes on from a checkpoint ends as one that was never stopped: the
 * same digests of weights, history and predictions, in either form. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "training_fixtures.h"

static const struct made_run RUNS[] = {
    {.name = "nadam, a cycle, clipping, early stopping",
     .layers = {{"linear", 9}, {"tanh", 0}, {"linear", 1}},
     .loss = "bce_with_logits",
     .optimizer = "nadam",
     .optimizer_options = {{"lr", 0.05}},
     .schedule = "one_cycle_lr",
     .schedule_options = {{"max_lr", 0.1}},
     .batch_size = 16,
     .steps = 90,
     .clip = 0.5,
     .every = 5,
     .patience = 3,
     .watched = "average_loss",
     .restore_best = true,
     .data = {{70, 23, 20}, 3, 1, 2, 6}},
    {.name = "momentum, whose coefficients stay",
     .layers = {{"linear", 6}, {"relu", 0}, {"linear", 4}},
     .loss = "cross_entropy",
     .optimizer = "sgd",
     .optimizer_options = {{"lr", 0.1}, {"momentum", 0.9}},
     .batch_size = 10,
     .epochs = 9,
     .data = {{57, 11, 18}, 3, 1, 4, 7}},
    {.name = "dropout, batch norm by momentum and as an average",
     .layers = {{"linear", 6},
                {"batch_norm1d"},
                {"dropout"},
                {"linear", 3},
                {"batch_norm1d", .options = {{"momentum", NAN}}},
                {"linear", 1}},
     .loss = "mse",
     .optimizer = "adam",
     .batch_size = 9,
     .steps = 40,
     .every = 4,
     .data = {{31, 8, 12}, 3, 1, 0, 9}},
    {.name = "adadelta, kept order",
     .layers = {{"linear", 2}},
     .loss = "mse",
     .optimizer = "adadelta",
     .batch_size = 7,
     .steps = 50,
     .keep_order = true,
     .drop_last = true,
     .data = {{30, 0, 9}, 4, 2, 0, 8}},
};
enum { RUN_COUNT = sizeof RUNS / sizeof *RUNS, LANE_RUNS = 3 };

/* The states kept of each run of a pack, by the order they came in. */
enum { STATE_LIMIT = 64 };
struct kept {
    struct text state[LANE_RUNS][STATE_LIMIT];
    size_t count[LANE_RUNS];
};

static void keep(void *context, size_t index, const struct text *state) {
    struct kept *kept = context;
    struct text *copy = &kept->state[index][kept->count[index]++];
    assert_true(kept->count[index] <= STATE_LIMIT);
    text_append(copy, state->bytes, state->length);
}

static void release(struct kept *kept) {
    for (size_t i = 0; i < LANE_RUNS; i++)
        for (size_t k = 0; k < kept->count[i]; k++)
            text_release(&kept->state[i][k]);
    *kept = (struct kept){.count = {0}};
}

static void assert_same(const struct measurement *a,
                        const struct measurement *b) {
    assert_int_equal(a->outcome, b->outcome);
    assert_int_equal(a->global_step, b->global_step);
    assert_int_equal(a->best_step, b->best_step);
    assert_string_equal(a->digest_weights, b->digest_weights);
    assert_string_equal(a->digest_predictions, b->digest_predictions);
    assert_int_equal(a->history_count, b->history_count);
    for (size_t i = 0; i < a->history_count; i++) {
        assert_string_equal(a->history[i].digest, b->history[i].digest);
        assert_int_equal(a->history[i].epoch, b->history[i].epoch);
        assert_memory_equal(&a->history[i].lr, &b->history[i].lr,
                            sizeof(double));
        assert_memory_equal(&a->history[i].train_loss,
                            &b->history[i].train_loss, sizeof(double));
    }
}

/* Goes on from `state` in a pack of its own. */
static void go_on(const struct kernels *kernels, size_t lanes,
                  const struct run *run, const struct text *state,
                  struct measurement *measurement) {
    struct bytes from = {(unsigned char *)state->bytes, state->length};
    struct trainer_checkpoints checkpoints = {.from = &from};
    struct status status = STATUS_INIT;
    assert_int_equal(trainer_run_on(kernels, lanes, &run, 1, &checkpoints, NULL,
                                    measurement, &status),
                     STATUS_OK);
}

static void check_states(const struct kernels *kernels,
                         const struct run *const *runs, const struct kept *kept,
                         const struct measurement *whole) {
    for (size_t i = 0; i < LANE_RUNS; i++) {
        assert_true(kept->count[i] > 2);
        for (size_t k = 0; k < kept->count[i]; k++) {
            struct measurement measurement;
            size_t lanes = k % 2 ? kernels->width : 1;
            go_on(kernels, lanes, runs[i], &kept->state[i][k], &measurement);
            assert_same(&whole[i], &measurement);
            measurement_release(&measurement);
        }
    }
}

static void check_run(const struct made_run *made) {
    struct dataset *data = made_dataset(&made->data);
    struct whole_run *whole[LANE_RUNS];
    const struct run *runs[LANE_RUNS];
    struct measurement measurements[LANE_RUNS];
    struct kept kept = {.count = {0}};
    struct trainer_checkpoints checkpoints = {
        .every = 7, .keep = keep, .context = &kept};
    struct status status = STATUS_INIT;
    const struct kernels *const *copy = kernels_available();
    while (copy[1])
        copy++;
    for (uint32_t i = 0; i < LANE_RUNS; i++) {
        whole[i] = whole_run_new(made, data, i, 10 + i);
        runs[i] = &whole[i]->run;
    }
    assert_int_equal(trainer_run_on(*copy, (*copy)->width, runs, LANE_RUNS,
                                    &checkpoints, NULL, measurements, &status),
                     STATUS_OK);
    check_states(*copy, runs, &kept, measurements);
    release(&kept);
    for (size_t i = 0; i < LANE_RUNS; i++) {
        measurement_release(&measurements[i]);
        whole_run_free(whole[i]);
    }
    made_dataset_free(data);
}

static void runs_go_on_to_the_same_end(void **state) {
    (void)state;
    for (size_t i = 0; i < RUN_COUNT; i++)
        check_run(&RUNS[i]);
}

/* What is damaged, cut off or another run's counts for nothing: the run begins
 * at its beginning, and ends the same. */
static void what_is_damaged_counts_for_nothing(void **state) {
    struct dataset *data = made_dataset(&RUNS[1].data);
    struct whole_run *whole = whole_run_new(&RUNS[1], data, 1, 2);
    const struct run *run = &whole->run;
    const struct kernels *scalar = kernels_available()[0];
    struct measurement measurement, again;
    struct kept kept = {.count = {0}};
    struct trainer_checkpoints checkpoints = {
        .every = 20, .keep = keep, .context = &kept};
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(trainer_run_on(scalar, 1, &run, 1, &checkpoints, NULL,
                                    &measurement, &status),
                     STATUS_OK);
    struct text *kept_state = &kept.state[0][0];
    kept_state->bytes[kept_state->length / 2] ^= 1;
    go_on(scalar, 1, run, kept_state, &again);
    assert_same(&measurement, &again);
    measurement_release(&again);
    kept_state->length = 30;
    go_on(scalar, 1, run, kept_state, &again);
    assert_same(&measurement, &again);
    measurement_release(&again);
    measurement_release(&measurement);
    release(&kept);
    whole_run_free(whole);
    made_dataset_free(data);
}

/* States of different updates, or one that is none: all runs of the pack begin
 * at the start. */
static void runs_that_stand_apart_begin_anew(void **state) {
    struct dataset *data = made_dataset(&RUNS[1].data);
    struct whole_run *whole[2] = {whole_run_new(&RUNS[1], data, 1, 2),
                                  whole_run_new(&RUNS[1], data, 3, 4)};
    const struct run *runs[2] = {&whole[0]->run, &whole[1]->run};
    const struct kernels *const *copy = kernels_available();
    struct measurement once[2], again[2];
    struct kept kept = {.count = {0}};
    struct trainer_checkpoints checkpoints = {
        .every = 20, .keep = keep, .context = &kept};
    struct status status = STATUS_INIT;
    (void)state;
    while (copy[1])
        copy++;
    assert_int_equal(trainer_run_on(*copy, (*copy)->width, runs, 2,
                                    &checkpoints, NULL, once, &status),
                     STATUS_OK);
    for (int k = 0; k < 2; k++) {
        struct bytes from[2] = {
            {(unsigned char *)kept.state[0][0].bytes, kept.state[0][0].length},
            {(unsigned char *)kept.state[1][1].bytes, kept.state[1][1].length}};
        assert_int_equal(checkpoint_step(&from[0]), 20);
        assert_int_equal(checkpoint_step(&from[1]), 40);
        from[1].size = k ? from[1].size : 0;
        assert_int_equal(k || checkpoint_step(&from[1]) == 0, 1);
        checkpoints = (struct trainer_checkpoints){.from = from};
        assert_int_equal(trainer_run_on(*copy, (*copy)->width, runs, 2,
                                        &checkpoints, NULL, again, &status),
                         STATUS_OK);
        for (size_t i = 0; i < 2; i++) {
            assert_same(&once[i], &again[i]);
            measurement_release(&again[i]);
        }
    }
    release(&kept);
    for (size_t i = 0; i < 2; i++) {
        measurement_release(&once[i]);
        whole_run_free(whole[i]);
    }
    made_dataset_free(data);
}

/* Asks to stop as soon as a state is kept. */
struct stopping {
    struct kept kept;
    atomic_int stop;
};

static void keep_and_stop(void *context, size_t index,
                          const struct text *state) {
    struct stopping *stopping = context;
    keep(&stopping->kept, index, state);
    stopping->stop = 1;
}

/* A run that is stopped at once keeps nothing, and one at a checkpoint nothing
 * twice. (Between two of them it keeps where it stands:
 * tests/cli/checkpoint.sh.)
 */
static void what_is_stopped_is_kept(void **state) {
    static const struct {
        int64_t from, every; /* updates: stopped behind the first kept one */
        size_t kept;
    } CASES[] = {{0, 20, 1}, {20, 7, 1}};
    struct dataset *data = made_dataset(&RUNS[1].data);
    struct whole_run *whole = whole_run_new(&RUNS[1], data, 1, 2);
    const struct run *run = &whole->run;
    const struct kernels *scalar = kernels_available()[0];
    struct status status = STATUS_INIT;
    struct measurement measurement;
    struct stopping stopping = {.stop = 1};
    struct trainer_checkpoints checkpoints = {
        .every = 20, .keep = keep_and_stop, .context = &stopping};
    (void)state;
    assert_int_equal(trainer_run_on(scalar, 1, &run, 1, &checkpoints,
                                    &stopping.stop, &measurement, &status),
                     STATUS_INTERRUPTED);
    assert_int_equal(stopping.kept.count[0], 0);
    stopping.stop = 0;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct text *last = &stopping.kept.state[0][0];
        struct bytes from = {(unsigned char *)last->bytes, last->length};
        checkpoints.from = CASES[i].from ? &from : NULL;
        checkpoints.every = CASES[i].every;
        status = (struct status)STATUS_INIT;
        stopping.stop = 0;
        assert_int_equal(trainer_run_on(scalar, 1, &run, 1, &checkpoints,
                                        &stopping.stop, &measurement, &status),
                         STATUS_INTERRUPTED);
        assert_int_equal(stopping.kept.count[0], i + CASES[i].kept);
    }
    struct text *last = &stopping.kept.state[0][1];
    struct bytes bytes = {(unsigned char *)last->bytes, last->length};
    assert_int_equal(checkpoint_step(&bytes), 21);
    release(&stopping.kept);
    whole_run_free(whole);
    made_dataset_free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_go_on_to_the_same_end),
        cmocka_unit_test(what_is_damaged_counts_for_nothing),
        cmocka_unit_test(runs_that_stand_apart_begin_anew),
        cmocka_unit_test(what_is_stopped_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
