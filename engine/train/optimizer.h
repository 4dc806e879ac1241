#ifndef ENGINE_TRAIN_OPTIMIZER_H
#define ENGINE_TRAIN_OPTIMIZER_H

/* Optimizers: torch.optim 1.13's, one file each.
 *
 * The numbers of one update that are the same for all parameters of a run (lr,
 * bias corrections, …) are computed in binary64 once an update and run
 * (`coefficients`), rounded to binary32 and handed to a lane kernel that does
 * the elementwise part (engine/kernel/optimizer.def). */

#include "engine/base/field.h"
#include "engine/kernel/kernel.h"

enum { OPTIMIZER_COEFFICIENT_LIMIT = 12, OPTIMIZER_STATE_LIMIT = 4 };

/* What changes from update to update, per run. */
struct update_numbers {
    int64_t step;      /* 1 for the first update */
    double lr;         /* after the schedule */
    bool has_momentum; /* a schedule cycles the momentum (or betas[0]) */
    double momentum;
};

/* Running products and the like that an optimizer keeps per run (nadam's mu
 * product); zeroed before the first update. */
struct optimizer_memory {
    double value[4];
};

struct optimizer_kind {
    struct kind kind;
    int lr_offset; /* of `lr` (double) in the options */

    /* What a cycling schedule sets through update_numbers in place of the
     * option of that name. */
    enum optimizer_momentum {
        OPTIMIZER_HAS_NO_MOMENTUM,
        OPTIMIZER_HAS_MOMENTUM, /* sgd, rmsprop: `momentum` */
        OPTIMIZER_HAS_BETAS,    /* adam and its kin: `betas[0]` */
    } momentum;

    /* The kernel that these options ask for, the same for all updates.
     * `has_momentum`: a schedule cycles the momentum, so that there is one even
     * where the option is 0. Runs of one pack must agree in it. */
    enum optimizer_kernel (*kernel)(const void *options, bool has_momentum);
    /* The value that every element of the kernel's first state array starts
     * from (adagrad's initial_accumulator_value); NULL: 0. The other arrays
     * start from 0. */
    double (*initial_state)(const void *options);
    /* The coefficients of one update, for updates 1, 2, 3, … in turn: as many
     * as the kernel has, in optimizer.def's order. */
    void (*coefficients)(const void *options,
                         const struct update_numbers *numbers,
                         struct optimizer_memory *memory,
                         double values[OPTIMIZER_COEFFICIENT_LIMIT]);
    /* Optional: true if with these options every later update has the
     * coefficients of the second as long as lr and momentum stay, so that they
     * need not be computed again. */
    bool (*steady)(const void *options);
};

extern const struct kind_family OPTIMIZER_FAMILY; /* each an optimizer_kind */

/* Sizes of a kernel (optimizer.def's). */
size_t optimizer_coefficient_count(enum optimizer_kernel kernel);
size_t optimizer_state_count(enum optimizer_kernel kernel);

#endif
