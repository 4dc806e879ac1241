/* What `plan` states of a pack's memory, trainer_bytes(), against what the
 * arenas hold once such a pack has trained: within a tenth, whatever the
 * network, the form, early stopping and the copy of the kernels. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/train/history.h"
#include "training_fixtures.h"

static const int64_t IMAGE[] = {1, 8, 8}, SEQUENCE[] = {10, 2};

static const struct made_run RUNS[] = {
    {.name = "the notebook's",
     .layers = {{"linear", 4}, {"sigmoid"}, {"linear", 1}, {"sigmoid"}},
     .loss = "bce",
     .optimizer = "adagrad",
     .batch_size = 50,
     .steps = 200,
     .every = 10,
     .data = {{400, 0, 100}, 2, 1, 2, 5}},
    {.name = "wide, early stopping",
     .layers =
         {{"linear", 120}, {"relu"}, {"linear", 60}, {"relu"}, {"linear", 4}},
     .loss = "cross_entropy",
     .optimizer = "adam",
     .batch_size = 32,
     .steps = 12,
     .every = 3,
     .patience = 9,
     .watched = "accuracy",
     .restore_best = true,
     .data = {{64, 20, 20}, 30, 1, 4, 5}},
    {.name = "logits, a long history",
     .layers = {{"linear", 3}, {"tanh"}, {"dropout"}, {"linear", 1}},
     .loss = "bce_with_logits",
     .optimizer = "sgd",
     .batch_size = 16,
     .steps = 500,
     .every = 1,
     .data = {{64, 0, 200}, 3, 1, 2, 5}},
    {.name = "images",
     .layers = {{"reshape", .shape = {IMAGE, 3}},
                {"conv2d",
                 .options = {{"out_channels", 4}, {"kernel_size", 3}}},
                {"batch_norm2d"},
                {"relu"},
                {"max_pool2d", .options = {{"kernel_size", 2}}},
                {"flatten"},
                {"linear", 5}},
     .loss = "cross_entropy",
     .optimizer = "adam",
     .batch_size = 32,
     .steps = 8,
     .data = {{96, 0, 32}, 64, 1, 5, 5}},
    {.name = "sequences",
     .layers = {{"reshape", .shape = {SEQUENCE, 2}},
                {"lstm", .options = {{"hidden_size", 12}}},
                {"last_step"},
                {"linear", 1}},
     .loss = "mse",
     .optimizer = "rmsprop",
     .batch_size = 20,
     .steps = 8,
     .data = {{60, 0, 300}, 20, 1, 0, 5}},
};

/* Trains a full pack, each run with its own seeds; what the arenas hold. */
static size_t bytes_held(const struct kernels *kernels, size_t lanes,
                         const struct run *const *runs) {
    struct measurement measurements[KERNEL_WIDTH_LIMIT] = {0};
    struct status status = STATUS_INIT;
    struct pack pack;
    size_t bytes;
    assert_int_equal(
        pack_init(&pack, kernels, lanes, runs, lanes, measurements, &status),
        STATUS_OK);
    for (int64_t step = 1; pack.live; step++)
        assert_int_equal(pack_advance(&pack, step, &status), STATUS_OK);
    bytes = pack.arena.total;
    for (size_t i = 0; i < lanes; i++) {
        bytes += measurements[i].arena.total;
        measurement_release(&measurements[i]);
    }
    pack_release(&pack);
    return bytes;
}

static void compare(const struct made_run *made, const struct dataset *data,
                    const struct kernels *kernels, size_t lanes) {
    struct whole_run *whole[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT] = {NULL};
    for (size_t i = 0; i < lanes; i++) {
        whole[i] = whole_run_new(made, data, (uint32_t)i, (uint32_t)i);
        runs[i] = &whole[i]->run;
    }
    double stated = (double)trainer_bytes(kernels, lanes, runs, lanes);
    double held = (double)bytes_held(kernels, lanes, runs);
    if (fabs(stated - held) > 0.1 * held)
        fail_msg("%s, %s, %zu lanes: %.0f bytes stated, %.0f held", made->name,
                 kernels->isa, lanes, stated, held);
    for (size_t i = 0; i < lanes; i++)
        whole_run_free(whole[i]);
}

static void the_arenas_hold_what_is_stated(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof RUNS / sizeof *RUNS; i++) {
        struct dataset *data = made_dataset(&RUNS[i].data);
        for (const struct kernels *const *copy = kernels_available(); *copy;
             copy++) {
            compare(&RUNS[i], data, *copy, 1);
            compare(&RUNS[i], data, *copy, (*copy)->width);
        }
        made_dataset_free(data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_arenas_hold_what_is_stated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
