/* Where two runs part, held against what their histories' digests say. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/train/parting.h"
#include "training_fixtures.h"

static const struct made_run MADE = {
    .layers = {{"linear", 5}, {"tanh", 0}, {"linear", 1}},
    .loss = "mse",
    .optimizer = "sgd",
    .optimizer_options = {{"lr", 0.05}},
    .schedule = "step_lr",
    .schedule_options = {{"step_size", 7}, {"gamma", 0.5}},
    .batch_size = 8,
    .steps = 30,
    .every = 1,
    .data = {{40, 0, 9}, 3, 1, 0, 4},
};

struct pair {
    struct dataset *data[2];
    struct whole_run *whole[2];
    struct parting parting;
};

static struct pair pair_of(const struct made_run *a, const struct made_run *b) {
    struct pair pair;
    const struct made_run *made[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        pair.data[i] = made_dataset(&made[i]->data);
        pair.whole[i] = whole_run_new(made[i], pair.data[i], 3, 4);
    }
    return pair;
}

static void find(struct pair *pair) {
    const struct kernels *kernels;
    struct status status = STATUS_INIT;
    const struct run *runs[2] = {&pair->whole[0]->run, &pair->whole[1]->run};
    assert_int_equal(kernels_select(&kernels, &status), STATUS_OK);
    assert_int_equal(parting_find(kernels, runs, NULL, &pair->parting, &status),
                     STATUS_OK);
}

/* The first row in which two histories differ; 0: none. Every update has one.
 */
static int64_t first_other_row(const struct pair *pair) {
    const struct kernels *kernels;
    struct measurement made[2];
    struct status status = STATUS_INIT;
    int64_t step = 0;
    assert_int_equal(kernels_select(&kernels, &status), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        const struct run *run = &pair->whole[i]->run;
        assert_int_equal(
            trainer_run(kernels, 1, &run, 1, NULL, &made[i], &status),
            STATUS_OK);
    }
    for (size_t i = 0;
         step == 0 && i < made[0].history_count && i < made[1].history_count;
         i++)
        if (strcmp(made[0].history[i].digest, made[1].history[i].digest) != 0)
            step = made[0].history[i].step;
    for (int i = 0; i < 2; i++)
        measurement_release(&made[i]);
    return step;
}

static void pair_release(struct pair *pair) {
    for (int i = 0; i < 2; i++) {
        whole_run_free(pair->whole[i]);
        made_dataset_free(pair->data[i]);
    }
}

static void equal_runs_never_part(void **state) {
    (void)state;
    struct pair pair = pair_of(&MADE, &MADE);
    find(&pair);
    assert_false(pair.parting.found);
    assert_int_equal(pair.parting.shared, 30);
    assert_true(pair.parting.ended[0] && pair.parting.ended[1]);
    pair_release(&pair);
}

static void another_seed_parts_as_drawn(void **state) {
    (void)state;
    struct pair pair = pair_of(&MADE, &MADE);
    pair.whole[1]->run.model_seed = 9;
    find(&pair);
    assert_true(pair.parting.found);
    assert_int_equal(pair.parting.step, 0);
    assert_int_equal(pair.parting.tensor, 0);
    assert_int_equal(pair.parting.tensors, 4);
    assert_int_equal(pair.parting.elements, 15);
    pair_release(&pair);
}

/* Another rate parts at once; another step of the schedule after seven updates,
 * which is where the digests part. */
static void runs_part_where_their_digests_do(void **state) {
    (void)state;
    struct made_run later = MADE;
    later.schedule_options[0].value = 8;
    struct pair pair = pair_of(&MADE, &later);
    find(&pair);
    assert_true(pair.parting.found);
    assert_int_equal(pair.parting.step, 8);
    assert_int_equal(pair.parting.step, first_other_row(&pair));
    assert_int_equal(pair.parting.shared, 8);
    assert_true(pair.parting.values[0] != pair.parting.values[1]);
    whole_run_set(pair.whole[1], "lr", 0.06);
    find(&pair);
    assert_int_equal(pair.parting.step, 1);
    assert_int_equal(pair.parting.step, first_other_row(&pair));
    pair_release(&pair);
}

/* Weight decay of so little that only some tensors' bits change. */
static void the_first_tensor_is_named(void **state) {
    (void)state;
    struct pair pair = pair_of(&MADE, &MADE);
    whole_run_set(pair.whole[1], "weight_decay", 1e-7);
    find(&pair);
    assert_true(pair.parting.found);
    assert_int_equal(pair.parting.step, first_other_row(&pair));
    assert_in_range(pair.parting.elements, 1, 15);
    pair_release(&pair);
}

static void a_shorter_run_ends_the_search(void **state) {
    (void)state;
    struct made_run shorter = MADE;
    shorter.steps = 12;
    struct pair pair = pair_of(&MADE, &shorter);
    find(&pair);
    assert_false(pair.parting.found);
    assert_int_equal(pair.parting.shared, 12);
    assert_false(pair.parting.ended[0]);
    assert_true(pair.parting.ended[1]);
    pair_release(&pair);
}

/* The weights of a run whose loss is not finite are those before the update
 * that it never made. */
static void a_loss_that_is_not_finite_ends_the_search(void **state) {
    (void)state;
    struct made_run wild = MADE;
    wild.optimizer_options[0].value = 1e30;
    wild.every = 30;
    struct pair pair = pair_of(&wild, &wild);
    find(&pair);
    assert_false(pair.parting.found);
    assert_in_range(pair.parting.shared, 1, 5);
    assert_true(pair.parting.ended[0] && pair.parting.ended[1]);
    pair_release(&pair);
}

static void stop_gives_up(void **state) {
    (void)state;
    const struct kernels *kernels;
    struct status status = STATUS_INIT;
    atomic_int stop = 1;
    struct pair pair = pair_of(&MADE, &MADE);
    const struct run *runs[2] = {&pair.whole[0]->run, &pair.whole[1]->run};
    assert_int_equal(kernels_select(&kernels, &status), STATUS_OK);
    assert_int_equal(parting_find(kernels, runs, &stop, &pair.parting, &status),
                     STATUS_INTERRUPTED);
    pair_release(&pair);
}

static void other_tensors_can_not_be_held_against_each_other(void **state) {
    (void)state;
    struct made_run wider = MADE, other = MADE;
    wider.layers[0].out_features = 6;
    other.layers[1].kind = "relu";
    struct pair pair = pair_of(&MADE, &wider);
    assert_false(
        parting_is_possible(&pair.whole[0]->network, &pair.whole[1]->network));
    pair_release(&pair);
    pair = pair_of(&MADE, &other);
    assert_true(
        parting_is_possible(&pair.whole[0]->network, &pair.whole[1]->network));
    find(&pair);
    assert_int_equal(pair.parting.step, 1);
    pair_release(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_runs_never_part),
        cmocka_unit_test(another_seed_parts_as_drawn),
        cmocka_unit_test(runs_part_where_their_digests_do),
        cmocka_unit_test(the_first_tensor_is_named),
        cmocka_unit_test(a_shorter_run_ends_the_search),
        cmocka_unit_test(a_loss_that_is_not_finite_ends_the_search),
        cmocka_unit_test(stop_gives_up),
        cmocka_unit_test(other_tensors_can_not_be_held_against_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
