#ifndef ENGINE_TRAIN_BATCH_H
#define ENGINE_TRAIN_BATCH_H

/* Mini-batches: DataLoader's order of every run, and the rows of a batch put
 * side by side as the kernels take them.
 *
 * Runs with the same data and the same seed share one order; it is drawn once.
 */

#include "engine/train/trainer.h"

/* One order of the training rows. */
struct loader {
    const struct run *run; /* the first that has it */
    struct mt19937 generator;
};

struct batch {
    struct cells cells;
    float *x, *t; /* [column][row][lane] */

    size_t train_rows, batch_size, columns, target_columns;
    bool drop_last;
    size_t next; /* row of the epoch that the next batch starts from */
    bool in_epoch;
    struct loader *loaders;
    size_t loader_count;
    const struct dataset *data_of[KERNEL_WIDTH_LIMIT]; /* [lane] */
    size_t loader_of[KERNEL_WIDTH_LIMIT];              /* [lane] */
    bool one_data_set;
    /* Positions in the data sets, of the epoch: [row][lane], or [row] where
     * all lanes share one order. */
    uint32_t *order;
    size_t order_lanes;
    uint32_t *drawn; /* [row] */
};

/* `runs` has a run for every lane. Memory from `arena`, whose status the caller
 * asks for. */
void batch_init(struct batch *batch, const struct kernels *kernels,
                size_t lanes, const struct run *const *runs,
                struct arena *arena);

/* Fills x, t and cells.rows with the next batch of every lane; starts an epoch
 * where one is over. */
void batch_next(struct batch *batch);

/* Rows of the largest batch. */
size_t batch_rows(const struct run *run);

#endif
