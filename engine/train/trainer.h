#ifndef ENGINE_TRAIN_TRAINER_H
#define ENGINE_TRAIN_TRAINER_H

/* Training: a pack of runs in, a measurement of each out. */

#include <stdatomic.h>

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/data/dataset.h"
#include "engine/io/whole_file.h"
#include "engine/nn/loss.h"
#include "engine/nn/network.h"
#include "engine/train/metric.h"
#include "engine/train/optimizer.h"
#include "engine/train/schedule.h"

/* "test.average_loss": a metric of a part. */
struct part_metric {
    enum part part;
    const struct metric_kind *metric;
};

/* train.numerics: whether products may be OpenBLAS's (engine/kernel/fast.h). */
enum { NUMERICS_PORTABLE, NUMERICS_FAST };

struct early_stopping {
    struct part_metric metric; /* train.loss: the history row's */
    int64_t patience;
    double min_delta;
    bool restore_best;
};

/* What `train` and `evaluate` say, with everything that follows from other keys
 * filled in. Owned by the config. */
struct training {
    struct choice loss;      /* LOSS_FAMILY */
    struct choice optimizer; /* OPTIMIZER_FAMILY */
    struct choice schedule;  /* SCHEDULE_FAMILY; kind NULL: none */
    int64_t batch_size;
    bool shuffle, drop_last;
    struct field_optional_integer steps, epochs; /* one of them */
    struct field_optional_number clip_grad_norm;
    bool has_early_stopping;
    struct early_stopping early_stopping;
    struct field_optional_integer evaluate_every;
    const struct part_metric *history_metrics; /* evaluate.metrics */
    size_t history_metric_count;
    int numerics; /* NUMERICS_FAST: matrix products by OpenBLAS */
};

/* One run. */
struct run {
    const struct training *training;
    const struct network *network; /* with this run's options */
    const struct dataset *data;
    uint32_t model_seed, train_seed;
};

/* True if both may be trained in one pack: networks of the same kinds and
 * shapes, losses, optimizers and schedules of the same kinds (and options that
 * ask for the same kernels), the same batch size, updates, `evaluate.every` and
 * sizes of data. All other numbers may differ. It is an equivalence. */
bool run_alike(const struct run *a, const struct run *b);

/* Batches an epoch; 0 if drop_last leaves none. */
int64_t training_batches(const struct training *training, size_t train_rows);
/* Updates of the run: steps, or epochs x batches. */
int64_t training_updates(const struct training *training, size_t train_rows);
/* Updates between two history rows: given, or a twentieth, rounded up. */
int64_t training_evaluate_every(const struct training *training,
                                int64_t updates);

/* Everything about a run that must be found before training:
 * labels and output sizes against the loss, the last layer against the loss,
 * drop_last without a batch, batches too small for a layer, the schedule
 * against run and optimizer, metrics against the task and parts, initializers
 * against their layers. Errors:
 * STATUS_CONFIG, key from the config's root ("train.loss",
 * "model.layers.3.out_features", "evaluate.metrics.0"). */
enum status_code run_check(const struct run *run, struct status *status);

/* As run_check(), but all that is wrong, up to `limit`, and nothing that only
 * follows from another problem: returns how many. The run may be known in part:
 * with network or data NULL, a kind or a loss's options NULL, a batch_size of
 * 0, neither steps nor epochs, what needs these is passed over. */
size_t run_problems(const struct run *run, struct status *problems,
                    size_t limit);

/* The columns of history.csv behind step, epoch, lr, train.loss: validation and
 * test average_loss and accuracy or rmse, then evaluate.metrics that are not
 * among them all. Returns how many; `metrics` has room for HISTORY_LIMIT. */
enum { HISTORY_LIMIT = 64 };
size_t history_columns(const struct run *run,
                       struct part_metric metrics[HISTORY_LIMIT]);

struct history_row {
    int64_t step, epoch;
    double lr, train_loss;
    double *metrics; /* [history_columns()]; NaN is null */
    char digest[17]; /* 16 hex digits: SHA-256(previous entry + weight bytes) */
};

enum run_outcome { RUN_FINISHED, RUN_DIVERGED };

struct measurement {
    enum run_outcome outcome;
    struct {
        int64_t step;      /* the update at which it was seen */
        const char *layer; /* name or position and kind: "2 (linear)"; "loss" */
        const char *what;  /* "loss is nan", "weight is inf", … */
    } divergence;
    int64_t global_step, best_step; /* best_step 0: no early stopping */
    /* Final tensors in the network's order, one run's, contiguous. */
    float *parameters;   /* [parameter_count] */
    float *buffers;      /* [buffer_count] */
    int64_t batches;     /* mini-batches they have seen: what counters say */
    float *test_outputs; /* [row][unit], raw */
    /* [row]: the float32 sigmoid of the outputs where the loss takes logits
     * (bce_with_logits), for predictions.csv; else NULL. */
    float *test_probabilities;
    double metrics[PARTS][METRIC_LIMIT]; /* METRICS order; NaN is null */
    struct history_row *history;
    size_t history_count;
    char digest_weights[DIGEST_TEXT_SIZE];
    char digest_predictions[DIGEST_TEXT_SIZE];
    struct arena arena; /* owns all of the above */
};
void measurement_release(struct measurement *measurement);

/* Trains `count` runs, all run_alike(), side by side in `lanes` lanes
 * (1 or the kernels' width); lanes that are left over repeat the last run. A
 * run's measurement depends on nothing but the run. `stop`, if not NULL, is
 * read once an update; when it turns non-zero the function gives up with
 * STATUS_INTERRUPTED. On success every measurement is the caller's to release;
 * on error none is. */
enum status_code trainer_run(const struct kernels *kernels, size_t lanes,
                             const struct run *const *runs, size_t count,
                             const atomic_int *stop,
                             struct measurement *measurements,
                             struct status *status);

/* Where runs go on from, and what is kept of them on their way
 * (engine/train/checkpoint.h). */
struct trainer_checkpoints {
    /* [count]: each run's; or NULL, all from the start. Where they do not all
     * stand at one update (checkpoint_step()), or one is of another run, all
     * begin at the start. */
    const struct bytes *from;
    int64_t every; /* updates between two that are kept; 0: none is */
    /* Called with the state of run `index` of the pack; also when `stop` ends
     * the training. */
    void (*keep)(void *context, size_t index, const struct text *state);
    void *context;
};

/* The update at which a checkpoint was kept; 0 if it is damaged. */
int64_t checkpoint_step(const struct bytes *bytes);

/* trainer_run() with checkpoints. */
enum status_code trainer_run_on(const struct kernels *kernels, size_t lanes,
                                const struct run *const *runs, size_t count,
                                const struct trainer_checkpoints *checkpoints,
                                const atomic_int *stop,
                                struct measurement *measurements,
                                struct status *status);

/* Bytes that training this pack takes at the end, its measurements included and
 * its data apart, if no run ends early; 0 if there is not so much memory. */
size_t trainer_bytes(const struct kernels *kernels, size_t lanes,
                     const struct run *const *runs, size_t count);

#endif
