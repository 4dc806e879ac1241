/* Batches of every copy, in both forms, against DataLoader's epochs as
 * torch_random has them, lane by lane: lanes with data, seeds and shuffling of
 * their own, and lanes that share all three. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/random/torch_random.h"
#include "engine/train/batch.h"
#include "tests/unit/training_fixtures.h"

enum { ROWS = 43, COLUMNS = 5, TARGETS = 2, BATCH = 8, EPOCHS = 6 };
enum { DATA_SETS = 3 };

/* Runs of the lanes. */
struct crowd {
    struct dataset *data[DATA_SETS];
    struct whole_run *whole[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT];
};

static void crowd_init(struct crowd *crowd, bool is_shared, bool drop_last) {
    struct made_run made = {.layers = {{"linear", TARGETS}},
                            .loss = "mse",
                            .optimizer = "adam",
                            .batch_size = BATCH,
                            .epochs = EPOCHS,
                            .drop_last = drop_last,
                            .data = {{ROWS, 0, 5}, COLUMNS, TARGETS, 0, 1}};
    for (uint32_t i = 0; i < DATA_SETS; i++) {
        made.data.seed = i + 1;
        crowd->data[i] = made_dataset(&made.data);
    }
    for (uint32_t lane = 0; lane < KERNEL_WIDTH_LIMIT; lane++) {
        uint32_t number = is_shared ? 0 : lane;
        made.keep_order = number % 4 == 2;
        crowd->whole[lane] =
            whole_run_new(&made, crowd->data[number / 3 % DATA_SETS], 0,
                          77 + number - number % 2);
        crowd->runs[lane] = &crowd->whole[lane]->run;
    }
}

static void crowd_release(struct crowd *crowd) {
    for (size_t lane = 0; lane < KERNEL_WIDTH_LIMIT; lane++)
        whole_run_free(crowd->whole[lane]);
    for (size_t i = 0; i < DATA_SETS; i++)
        made_dataset_free(crowd->data[i]);
}

/* The row that is `row`th in the batch, in one lane. */
static void check_row(const struct batch *batch, const struct dataset *data,
                      size_t lane, size_t row, uint32_t drawn) {
    uint32_t position = data->part[PART_TRAIN].row[drawn];
    size_t at = row * batch->cells.lanes + lane;
    for (size_t i = 0; i < COLUMNS; i++)
        assert_true(batch->x[i * batch->cells.stride + at] ==
                    data->features[i * data->rows + position]);
    for (size_t i = 0; i < TARGETS; i++)
        assert_true(batch->t[i * batch->cells.stride + at] ==
                    data->targets[i * data->rows + position]);
}

static void check_epoch(struct batch *batch, const struct run *const *runs,
                        struct mt19937 *generators) {
    static uint32_t order[KERNEL_WIDTH_LIMIT][ROWS];
    size_t lanes = batch->cells.lanes;
    for (size_t lane = 0; lane < lanes; lane++)
        torch_loader_begin_epoch(&generators[lane],
                                 runs[lane]->training->shuffle, order[lane],
                                 ROWS);
    size_t used = runs[0]->training->drop_last ? ROWS / BATCH * BATCH : ROWS;
    for (size_t first = 0; first < used; first += BATCH) {
        batch_next(batch);
        assert_int_equal(batch->cells.rows,
                         used - first < BATCH ? used - first : BATCH);
        for (size_t lane = 0; lane < lanes; lane++)
            for (size_t row = 0; row < batch->cells.rows; row++)
                check_row(batch, runs[lane]->data, lane, row,
                          order[lane][first + row]);
    }
    for (size_t lane = 0; lane < lanes; lane++)
        torch_loader_end_epoch(&generators[lane], runs[lane]->training->shuffle,
                               ROWS);
}

static void check_batches(const struct kernels *kernels, size_t lanes,
                          const struct run *const *runs) {
    struct mt19937 generators[KERNEL_WIDTH_LIMIT];
    struct arena arena = ARENA_INIT;
    struct batch batch;
    for (size_t lane = 0; lane < lanes; lane++)
        mt19937_seed(&generators[lane], runs[lane]->train_seed);
    batch_init(&batch, kernels, lanes, runs, &arena);
    assert_false(arena.failed);
    for (int epoch = 0; epoch < EPOCHS; epoch++)
        check_epoch(&batch, runs, generators);
    arena_release(&arena);
}

static void batches_are_dataloaders(void **state) {
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct crowd crowd;
        crowd_init(&crowd, kind & 1, kind & 2);
        for (const struct kernels *const *copy = kernels_available(); *copy;
             copy++) {
            check_batches(*copy, (*copy)->width, crowd.runs);
            for (size_t run = 0; run < KERNEL_WIDTH_LIMIT; run++)
                check_batches(*copy, 1, crowd.runs + run);
        }
        crowd_release(&crowd);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_are_dataloaders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
