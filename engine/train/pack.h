#ifndef ENGINE_TRAIN_PACK_H
#define ENGINE_TRAIN_PACK_H

/* A pack in training: runs side by side, one a lane.
 *
 * Everything data-sized is in one arena that pack_init() fills and
 * pack_release() frees; nothing is allocated between updates:
 *
 *   parameters, gradients, state[k]   [parameter][lane], the same padding
 *   buffers                           [element][lane]
 *   batch, pass                       see batch.h, nn/pass.h
 *   evaluator                         one run at a time; see evaluate.h
 *
 * Lanes behind the last run repeat it and are never read. So is a lane whose
 * run has ended: it computes on, and touches no other.
 */

#include "engine/nn/pass.h"
#include "engine/train/batch.h"
#include "engine/train/evaluate.h"
#include "engine/train/trainer.h"

/* One run on its way through training. */
struct trainee {
    const struct run *run;
    struct measurement *measurement;
    size_t lane;
    bool ended;

    struct schedule_state schedule; /* of the next update */
    struct optimizer_memory memory;
    double lr; /* of the last update */

    struct part_metric columns[HISTORY_LIMIT];
    size_t column_count, history_capacity;

    /* Early stopping. */
    double best;
    int64_t rows_without; /* history rows since the best */
    float *best_parameters, *best_buffers;
};

struct pack {
    const struct kernels *kernels;
    struct kernels fast; /* what `kernels` is where numerics are fast */
    size_t lanes, count;
    const struct run *runs[KERNEL_WIDTH_LIMIT]; /* a run for every lane */
    const struct network *network;              /* the first run's */
    struct trainee *trainees;                   /* [count] */
    size_t live;                                /* trainees that go on */
    int64_t updates, every, batches;            /* batches an epoch */
    int64_t rows_from; /* update of the last history row */
    /* By lane, of the updates since then; apart from the trainees, whose lines
     * of cache an update need not touch. */
    double loss_sums[KERNEL_WIDTH_LIMIT];

    struct batch batch;
    struct twisters stream; /* of layers that draw; no state if none does */
    struct pass pass;
    struct evaluator evaluator;

    const struct loss_kind *loss_kind;
    struct loss_call loss;

    float *parameters, *gradients, *buffers, *state[OPTIMIZER_STATE_LIMIT];
    size_t padded; /* floats of each of these but buffers */

    const struct optimizer_kind *optimizer;
    const struct schedule_kind *schedule; /* NULL: none */
    enum optimizer_kernel kernel;
    size_t coefficient_count;
    float *coefficients[OPTIMIZER_COEFFICIENT_LIMIT]; /* each [width] */
    bool steady;  /* they stay from the second update on */
    int settings; /* times that they were set */
    bool clips;

    struct arena arena;
};

/* Takes over `measurements`, which are empty; their contents stay the caller's
 * to release. */
enum status_code pack_init(struct pack *pack, const struct kernels *kernels,
                           size_t lanes, const struct run *const *runs,
                           size_t count, struct measurement *measurements,
                           struct status *status);
void pack_release(struct pack *pack);

/* The next mini-batch, its outputs and losses (pack->loss.value). */
void pack_forward(struct pack *pack);

/* Gradients, clipping and update `step` of every lane, and its schedule's step.
 */
void pack_update(struct pack *pack, int64_t step);

/* One lane's tensors, contiguous, into the evaluator. */
void pack_take_weights(struct pack *pack, const struct trainee *trainee);

/* "train.loss": in a history row, and to early stopping, it is the mean of the
 * mini-batch losses since the row before. */
bool training_is_train_loss(struct part_metric metric);

/* What options say of the optimizer. */
bool training_cycles_momentum(const struct training *training);
enum optimizer_kernel training_kernel(const struct training *training);

#endif
