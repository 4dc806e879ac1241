#ifndef ENGINE_NN_LOSS_H
#define ENGINE_NN_LOSS_H

/* Losses: one row each. Adding one means a `const struct loss_kind` in a
 * loss_NAME.c (or a row beside its like) and its address in loss_registry.c. */

#include "engine/base/field.h"
#include "engine/kernel/kernel.h"
#include "engine/nn/layer.h"

/* What the targets mean, and with it which metrics there are. */
enum task { TASK_BINARY, TASK_CLASSES, TASK_REGRESSION };

enum { LOSS_REDUCTION_MEAN, LOSS_REDUCTION_SUM };

struct loss_kind;

struct loss_call {
    const struct loss_kind *kind;
    const struct kernels *kernels;
    struct cells cells;
    size_t units;        /* of the network's output */
    const void *options; /* of the pack's first run: what shapes arrays */
    const float *const *coefficients; /* per-run numbers, [·][width] */
    const float
        *mean; /* [width]: 1 where the run's reduction is mean, else 0 */
    const float *class_weight; /* [units][width] or NULL */
    const float *y;            /* [unit][row][lane] */
    const float *t;            /* [target][row][lane] */
    float *dy;                 /* written: d(loss)/dy; its padding becomes 0 */
    bool goes_through; /* dy is the d(loss)/dx of the kind's `through` */
    float *value;      /* [width], written: each lane's mini-batch loss, as
                          PyTorch reduces it; NaN or Inf where it is */
};

struct loss_kind {
    struct kind kind;
    enum task task;
    /* The range the last layer must have (RANGE_ANY: none), those it must not
     * have (RANGE_ANY: none), and the fitting pairs in words. */
    enum layer_range required_range, refused_range[2];
    const char *pairs;
    /* The lane kernel, for kinds that share `evaluate`. */
    int kernel;
    size_t (*coefficients)(const void *options,
                           double values[LAYER_COEFFICIENT_LIMIT]);
    /* Optional: as layer_kind's. */
    bool (*alike)(const void *a, const void *b);
    /* Optional: sigmoid, where `evaluate` can do its backward too. */
    const struct layer_kind *through;
    /* The loss of a mini-batch and its derivative. */
    void (*evaluate)(const struct loss_call *call);
    /* One part's average_loss in binary64 from float32 outputs
     * [row][unit] and targets [row][target], the loss's options included,
     * reduction taken as mean. NULL for binary losses,
     * whose average_loss is the clipped cross-entropy. */
    double (*average)(const void *options, size_t rows, size_t units,
                      const float *y, const float *t);
    /* Class weights given in the options, or NULL. */
    const struct field_numbers *(*class_weight)(const void *options);
    int reduction_offset; /* of the `reduction` word (int) in the options */
};

extern const struct kind_family LOSS_FAMILY; /* each kind a loss_kind */

/* The reduction that these options ask for. */
int loss_reduction(const struct loss_kind *kind, const void *options);

/* Whether a network may end in the layer `last` that gives the numbers of
 * `ending` (network_ending(); itself if it gives its own): STATUS_OK, or
 * STATUS_CONFIG, without a key, that names the fitting pairs. */
enum status_code loss_check_last(const struct loss_kind *loss,
                                 const struct layer_kind *ending,
                                 const struct layer_kind *last,
                                 struct status *status);

/* Asserts that a row is complete. */
void loss_kind_check(const struct loss_kind *kind);

#endif
