/* One run is the same run in either form, in any lane, beside any neighbours,
 * by every copy of the kernels. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_runs.h"

/* ---- one pack ---- */

/* Sixteen runs of a kind that differ in all that may differ in a pack: two sets
 * of data, seeds of which some are shared, lr, and one that diverges. */
struct family {
    struct dataset *data[2];
    struct whole_run *runs[KERNEL_WIDTH_LIMIT];
};

static double lr_of(const struct whole_run *whole) {
    double lr;
    const struct optimizer_kind *kind =
        (const struct optimizer_kind *)whole->training.optimizer.kind;
    memcpy(&lr,
           (const char *)whole->training.optimizer.options + kind->lr_offset,
           sizeof lr);
    return lr;
}

static void family_init(struct family *family, const struct made_run *made) {
    struct made_data other = made->data;
    other.seed += 100;
    family->data[0] = made_dataset(&made->data);
    family->data[1] = made_dataset(&other);
    for (uint32_t i = 0; i < KERNEL_WIDTH_LIMIT; i++) {
        struct whole_run *whole =
            whole_run_new(made, family->data[i % 5 == 4], i / 2, i / 3);
        whole_run_set(whole, "lr", lr_of(whole) * (1 + 0.25 * (i % 4)));
        if (i == 6)
            whole_run_set(whole, "lr", 1e30);
        family->runs[i] = whole;
    }
}

static void family_release(struct family *family) {
    for (size_t i = 0; i < KERNEL_WIDTH_LIMIT; i++)
        whole_run_free(family->runs[i]);
    made_dataset_free(family->data[0]);
    made_dataset_free(family->data[1]);
}

/* Trains the runs `order` names in one pack; each must be as it was alone. */
static void check_pack(const struct kernels *kernels, size_t lanes,
                       const struct family *family,
                       const struct measurement *alone, const size_t *order,
                       size_t count) {
    struct measurement together[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT] = {NULL};
    for (size_t i = 0; i < count; i++)
        runs[i] = &family->runs[order[i]]->run;
    train(kernels, lanes, runs, count, together);
    for (size_t i = 0; i < count; i++) {
        assert_same(runs[i], &alone[order[i]], &together[i]);
        measurement_release(&together[i]);
    }
}

/* Alone in both forms, then packs: full, backwards (other lanes, other
 * neighbours), one short, and of runs that share one order. */
static void check_copy(const struct kernels *kernels,
                       const struct family *family,
                       const struct measurement *alone) {
    size_t forwards[KERNEL_WIDTH_LIMIT], backwards[KERNEL_WIDTH_LIMIT];
    size_t width = kernels->width;
    static const size_t same_order[] = {6, 7, 8};
    for (size_t i = 0; i < KERNEL_WIDTH_LIMIT; i++) {
        forwards[i] = i;
        backwards[i] = KERNEL_WIDTH_LIMIT - 1 - i;
        check_pack(kernels, 1, family, alone, &forwards[i], 1);
        check_pack(kernels, width, family, alone, &forwards[i], 1);
    }
    for (size_t i = 0; i + width <= KERNEL_WIDTH_LIMIT; i += width) {
        check_pack(kernels, width, family, alone, forwards + i, width);
        check_pack(kernels, width, family, alone, backwards + i, width);
    }
    if (width < 4)
        return;
    check_pack(kernels, width, family, alone, backwards + 1, width - 1);
    check_pack(kernels, width, family, alone, same_order, 3);
}

static void a_run_is_the_same_in_any_pack(void **state) {
    size_t diverged = 0, stopped = 0;
    (void)state;
    for (size_t k = 0; k < RUN_COUNT; k++) {
        const struct kernels *const *copies = kernels_available();
        struct measurement alone[KERNEL_WIDTH_LIMIT];
        struct family family;
        family_init(&family, &RUNS[k]);
        for (size_t i = 0; i < KERNEL_WIDTH_LIMIT; i++) {
            const struct run *run = &family.runs[i]->run;
            assert_true(run_alike(run, &family.runs[0]->run));
            train(copies[0], 1, &run, 1, &alone[i]);
            diverged += alone[i].outcome == RUN_DIVERGED;
            stopped += alone[i].best_step && alone[i].global_step < 150;
        }
        for (; *copies; copies++)
            check_copy(*copies, &family, alone);
        for (size_t i = 0; i < KERNEL_WIDTH_LIMIT; i++)
            measurement_release(&alone[i]);
        family_release(&family);
    }
    assert_true(diverged >= 3 && stopped >= 3);
}

/* ---- who may share a pack ---- */

static void packs_are_of_runs_alike(void **state) {
    const struct made_run *made = &RUNS[3];
    struct dataset *data = made_dataset(&made->data);
    struct whole_run *plain = whole_run_new(made, data, 1, 1);
    struct made_run others[7];
    (void)state;
    for (size_t i = 0; i < 7; i++)
        others[i] = *made;
    others[0].layers[0].out_features = 16;
    others[1].layers[1].kind = "relu";
    others[2].batch_size = 19;
    others[3].epochs = 6;
    others[4].optimizer = "adam";
    others[5].loss_options[1].value = 0;
    others[6].every = 2;
    for (size_t i = 0; i < 7; i++) {
        struct whole_run *other = whole_run_new(&others[i], data, 1, 1);
        assert_false(run_alike(&plain->run, &other->run));
        whole_run_free(other);
    }
    struct whole_run *same = whole_run_new(made, data, 2, 3);
    whole_run_set(same, "lr", 0.5);
    assert_true(run_alike(&plain->run, &same->run));
    whole_run_free(same);
    whole_run_free(plain);
    made_dataset_free(data);
}

/* Whether a run whose layer `index` is changed may be in one pack with it. */
static void check_layer_alike(const struct made_run *made, size_t index,
                              const struct made_layer *changed, bool alike) {
    struct made_run other = *made;
    struct dataset *data = made_dataset(&made->data);
    other.layers[index] = *changed;
    struct whole_run *one = whole_run_new(made, data, 1, 1);
    struct whole_run *two = whole_run_new(&other, data, 1, 1);
    assert_int_equal(run_alike(&one->run, &two->run), alike);
    assert_int_equal(run_alike(&two->run, &one->run), alike);
    whole_run_free(one);
    whole_run_free(two);
    made_dataset_free(data);
}

static void packs_are_of_norms_alike(void **state) {
    static const struct {
        struct made_option option;
        bool alike;
    } changes[] = {{{"eps", 0.5}, true},
                   {{"momentum", 0.7}, true},
                   {{"momentum", NAN}, false},
                   {{"affine", 0}, false},
                   {{"track_running_stats", 0}, false}};
    struct made_layer layer = {.kind = "batch_norm1d"};
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        layer.options[0] = changes[i].option;
        check_layer_alike(&RUNS[10], 1, &layer, changes[i].alike);
    }
    layer =
        (struct made_layer){.kind = "layer_norm", .options = {{"eps", 0.5}}};
    check_layer_alike(&RUNS[12], 1, &layer, true);
    layer.options[0] = (struct made_option){"elementwise_affine", 0};
    check_layer_alike(&RUNS[12], 1, &layer, false);
}

/* 0 and 1 are no numbers that a lane may have beside others. */
static void packs_are_of_dropouts_alike(void **state) {
    static const struct {
        double one, other;
        bool alike;
    } pairs[] = {{0.3, 0.7, true}, {0.3, 0, false}, {0.3, 1, false},
                 {0, 1, false},    {0, 0, true},    {1, 1, true}};
    struct made_run made = RUNS[9];
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct made_layer layer = made.layers[3];
        made.layers[3].options[0].value = pairs[i].one;
        layer.options[0].value = pairs[i].other;
        check_layer_alike(&made, 3, &layer, pairs[i].alike);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_the_same_in_any_pack),
        cmocka_unit_test(packs_are_of_runs_alike),
        cmocka_unit_test(packs_are_of_dropouts_alike),
        cmocka_unit_test(packs_are_of_norms_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
