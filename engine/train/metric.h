#ifndef ENGINE_TRAIN_METRIC_H
#define ENGINE_TRAIN_METRIC_H

/* Metrics of one part of the data, in binary64 from float32 outputs, equal to
 * scikit-learn 1.2's on the same outputs within 1e-12 x max(1, |value|).
 *
 * Sums run over ascending rows in the order of numpy's: pairwise over
 * contiguous numbers, row after row for a column of several. Counts are exact.
 */

#include "engine/data/dataset.h"
#include "engine/nn/loss.h"

enum { METRIC_LIMIT = 16, METRIC_TASKS = 3 };

/* What a part's metrics are computed from: prepared once for a data set, a part
 * and a loss, then filled with the outputs of one moment after another.
 * Everything is one run's, contiguous, in the part's order of rows. */
struct outcome {
    enum task task;
    const struct choice *loss;
    const struct dataset *data;
    size_t rows, units, targets;
    const float *t;      /* [row][target], scaled as the network sees them */
    const double *t_own; /* [row][target], in their own units; regression */

    /* Of the latest outputs. */
    const float *y; /* [row][unit], scaled, raw */
    bool has_nan;   /* some output is not a number */
    double average_loss;
    const double *y_own; /* [row][target], in their own units; regression */
    const float *probability; /* [row]; binary */
    size_t count[2][2];       /* rows by [label][prediction]; binary */
    /* Rows by class; classes. Labels outside [0, units) share the last. */
    size_t classes;                            /* units + 1 */
    const size_t *labels, *predictions, *hits; /* [class] */

    /* Working memory. */
    double *own, *terms;      /* y_own; what is summed: [row][target] */
    float *logits, *sigmoids; /* bce_with_logits: [row], padded */
    uint32_t *keys, *spare;   /* binary, [row]: see metric_binary.c */
    bool keys_are_sorted;
    size_t *tallies; /* classes: labels, predictions, hits */
};

struct metric_kind {
    const char *name; /* "auc" */
    const char *help;
    bool higher_is_better;
    bool is_of_labels; /* the outputs do not enter */
    /* The value for each task, or NaN for null; NULL: the task lacks it. */
    double (*value[METRIC_TASKS])(struct outcome *outcome);
};

/* All of them, each name once; NULL-name-terminated. A metric's position is its
 * index wherever an array of METRIC_LIMIT numbers is in "METRICS order". */
extern const struct metric_kind METRICS[];

/* A task's metrics in the order of records; NULL-terminated. */
extern const struct metric_kind *const *const METRICS_OF_TASK[METRIC_TASKS];

/* The metric of that name, or NULL. */
const struct metric_kind *metric_find(const char *name);

/* Its position in METRICS. */
size_t metric_index(const struct metric_kind *metric);

bool metric_has_task(const struct metric_kind *metric, enum task task);

/* The value, or NaN for null: also where outputs that enter it are not numbers.
 * The task must have the metric. */
double metric_value(const struct metric_kind *metric, struct outcome *outcome);

/* Prepares an outcome for a part that has rows; `units` is the length of the
 * network's output. Memory is from `arena` and serves as long as the outcome
 * is used; `data` and `loss` must live as long. Only memory can fail. */
enum status_code outcome_init(struct outcome *outcome,
                              const struct dataset *data, enum part part,
                              const struct choice *loss, size_t units,
                              struct arena *arena, struct status *status);

/* Takes the outputs y [row][unit] of one run, which must stay until the last
 * metric_value(); may be called any number of times. `kernels` serves
 * bce_with_logits' float32 sigmoid. */
void outcome_fill(struct outcome *outcome, const struct kernels *kernels,
                  const float *y);

#endif
