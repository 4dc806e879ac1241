#ifndef ENGINE_TRAIN_TASK_PARTS_H
#define ENGINE_TRAIN_TASK_PARTS_H

/* Checks of a run (run_problems) that have files of their own. */

#include "engine/train/trainer.h"

/* Where the network begins with a layer that takes whole numbers: whether the
 * features of every row that is used are such, and not too large. */
enum status_code task_check_indices(const struct run *run,
                                    struct status *status);

#endif
