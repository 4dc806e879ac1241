#ifndef ENGINE_TRAIN_HISTORY_H
#define ENGINE_TRAIN_HISTORY_H

/* A run's history rows, early stopping, and its end. */

#include "engine/train/pack.h"

/* After update `step`, where a row is due or the run is over: every live run
 * gets its row, and those that are over (the last update, early stopping,
 * weights that are not finite) end. */
enum status_code history_take(struct pack *pack, int64_t step,
                              struct status *status);

/* After pack_forward() of update `step`: adds the losses up, and ends the runs
 * whose loss is not finite, with the weights they had before this update. */
enum status_code history_losses(struct pack *pack, int64_t step,
                                struct status *status);

/* Update `step` as a whole: mini-batch, losses, update, rows. Runs that are
 * over end, and once all are (`pack->live` 0) there is no further update. */
enum status_code pack_advance(struct pack *pack, int64_t step,
                              struct status *status);

/* A row behind the last, its metrics' memory included; NULL where the
 * measurement's arena has failed. */
struct history_row *history_add_row(struct trainee *trainee);

/* Fills the measurement from the weights in the evaluator and takes the run out
 * of the pack: final tensors, outputs, metrics (unless diverged), digests. */
enum status_code trainee_end(struct pack *pack, struct trainee *trainee,
                             enum run_outcome outcome, int64_t global_step,
                             struct status *status);

/* The SHA-256 over a run's tensors in state_dict order, behind `prefix` (may be
 * empty); `batches` is what counters say. */
void digest_tensors(const struct network *network, const char *prefix,
                    const float *parameters, const float *buffers,
                    int64_t batches, char hex[DIGEST_TEXT_SIZE]);

#endif
