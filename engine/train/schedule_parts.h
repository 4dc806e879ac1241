#ifndef ENGINE_TRAIN_SCHEDULE_PARTS_H
#define ENGINE_TRAIN_SCHEDULE_PARTS_H

/* What the schedules' files share. Formulas are get_lr() of the classes of
 * torch/optim/lr_scheduler.py of PyTorch 1.13, operation by operation. */

#include "engine/train/schedule.h"

extern const struct schedule_kind STEP_SCHEDULE, MULTI_STEP_SCHEDULE,
    EXPONENTIAL_SCHEDULE, COSINE_ANNEALING_SCHEDULE, LINEAR_SCHEDULE,
    ONE_CYCLE_SCHEDULE;

#define SCHEDULE_PI 3.14159265358979323846

#define SCHEDULE_REFUSED                                                       \
    {"last_epoch", "a schedule starts with its run"}, {                        \
        "verbose", "history.csv has the lr"                                    \
    }

/* {last_epoch, verbose}. */
extern const struct field_refused SCHEDULE_ALWAYS_REFUSED[];

/* A state that holds the optimizer's own lr. */
void schedule_begin(double base_lr, struct schedule_state *state);

/* The option, or the run's updates. */
int64_t schedule_length(struct field_optional_integer option, int64_t updates);

#endif
