#ifndef ENGINE_TRAIN_EVALUATE_H
#define ENGINE_TRAIN_EVALUATE_H

/* The network's outputs on a part of the data, from one run's weights, by the
 * kernels that train it (rows form, a chunk of rows at a time: no bit depends
 * on the chunk; a network that mixes rows takes a part in one). */

#include "engine/nn/pass.h"
#include "engine/train/trainer.h"

struct evaluator {
    const struct kernels *kernels;
    struct pass pass;
    struct cells cells; /* of a whole chunk */
    size_t units;       /* of the output */
    float *x;           /* [column][row] of a chunk */
    float *outputs;     /* [row][unit] of the part that was taken last */
    /* The weights to use, the network's order; the caller fills them. */
    float *parameters, *buffers;
    /* The rows that `x` holds, so that runs which share data gather once. */
    const struct dataset *held_data;
    enum part held_part;
    size_t held_first;
    /* What metrics are computed from, one for each part of each data set that
     * has been asked for, made when it first is. */
    struct outcome *outcomes;
    enum part *outcome_parts;
    size_t outcome_count;
    struct arena *arena;
};

/* Serves all runs that are alike `run`; they have at most `data_sets` sets of
 * data between them. Memory from `arena`, now and later. */
enum status_code evaluator_init(struct evaluator *evaluator,
                                const struct kernels *kernels,
                                const struct run *run, size_t data_sets,
                                struct arena *arena, struct status *status);

/* Fills and returns evaluator->outputs. */
const float *evaluator_outputs(struct evaluator *evaluator,
                               const struct run *run, enum part part);

/* The same, and through `outcome` what metrics are computed from until the next
 * call; the evaluator's. Only memory can fail. */
enum status_code evaluator_outcome(struct evaluator *evaluator,
                                   const struct run *run, enum part part,
                                   struct outcome **outcome,
                                   struct status *status);

#endif
