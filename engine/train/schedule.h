#ifndef ENGINE_TRAIN_SCHEDULE_H
#define ENGINE_TRAIN_SCHEDULE_H

/* Learning rate schedules: torch.optim.lr_scheduler 1.13's, stepped once an
 * update. The recursions are torch's chainable forms, in binary64, so that the
 * lr of an update is torch's number (cos by double_cos). */

#include "engine/train/optimizer.h"

/* One run's state. */
struct schedule_state {
    int64_t last_epoch; /* torch's name: updates made so far */
    double lr, base_lr; /* of the next update; of the options */
    bool has_momentum;  /* this schedule cycles the momentum */
    double momentum;    /* of the next update, where it does */
};

struct schedule_kind {
    struct kind kind;
    /* Fills `state` with the numbers of the first update. `updates` is the
     * run's number of updates (the default of T_max and total_steps). */
    void (*start)(const void *options, int64_t updates, double base_lr,
                  struct schedule_state *state);
    /* After each update: those of the next one. */
    void (*step)(const void *options, int64_t updates,
                 struct schedule_state *state);
    /* True if the schedule cycles the momentum; NULL: it does not. */
    bool (*has_momentum)(const void *options);
    /* What the schedule needs of the run and the optimizer (a one_cycle_lr as
     * long as the run, a momentum to cycle): STATUS_OK, or STATUS_CONFIG with
     * the option at fault as its key. NULL: nothing. */
    enum status_code (*check)(const void *options, int64_t updates,
                              const struct optimizer_kind *optimizer,
                              struct status *status);
};

extern const struct kind_family SCHEDULE_FAMILY; /* each a schedule_kind */

#endif
