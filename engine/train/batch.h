#ifndef ENGINE_TRAIN_BATCH_H
#define ENGINE_TRAIN_BATCH_H

/* Mini-batches: DataLoader's order of every run, and the rows of a batch put
 * side by side as the kernels take them.
 *
 * The training rows are copied into a table, features and targets of a row
 * together, so that a cell of a batch is one read; an order is one of places in
 * this table. Runs that all have the same data and the same seed share one
 * order; else each lane draws its own, all in step.
 */

#include "engine/train/trainer.h"

struct batch {
    const struct kernels *kernels;
    struct cells cells;
    float *x, *t; /* [column][row][lane] */

    size_t train_rows, batch_size, columns, target_columns;
    bool drop_last;
    size_t next; /* row of the epoch that the next batch starts from */
    bool in_epoch;

    float *table; /* [data set][row][row_floats] */
    size_t row_floats;
    /* DataLoader's generators, and what their permutations divide by. */
    struct twisters generators;
    uint32_t *reciprocals;
    /* Where in the table the rows of the epoch are: [row][lane], or [row] where
     * all lanes share one order; `unshuffled` is what it starts from. */
    uint32_t *order, *unshuffled;
    size_t order_lanes;
    bool shuffles[KERNEL_WIDTH_LIMIT];      /* [lane] of the order */
    uint32_t first_row[KERNEL_WIDTH_LIMIT]; /* [lane] of the order */
};

/* `runs` has a run for every lane. Memory from `arena`, whose status the caller
 * asks for. */
void batch_init(struct batch *batch, const struct kernels *kernels,
                size_t lanes, const struct run *const *runs,
                struct arena *arena);

/* Fills x, t and cells.rows with the next batch of every lane; starts an epoch
 * where one is over. */
void batch_next(struct batch *batch);

/* Seeds the twister of `lane` as torch's manual_seed(number) does. */
void twisters_seed(struct twisters *twisters, size_t lane, uint32_t number);

/* Rows of the largest batch. */
size_t batch_rows(const struct run *run);

#endif
