#ifndef ENGINE_TRAIN_CHECKPOINT_H
#define ENGINE_TRAIN_CHECKPOINT_H

/* A run's whole state between two updates, as bytes: weights, buffers, the
 * optimizer's state, random streams and the epoch's order, schedule, history so
 * far and early stopping. A run that goes on from it ends with the bytes of one
 * that was never stopped, in whatever pack and form it goes on.
 *
 * The bytes end with their SHA-256 and begin with the sizes that they need; the
 * layout is this build's own, in the machine's byte order: a checkpoint is for
 * going on, not for keeping. Who holds it names it by the run's id, so that it
 * belongs to config, data and numerics.
 */

#include "engine/base/text.h"
#include "engine/io/whole_file.h"
#include "engine/train/pack.h"

/* After update `step` of a live run. */
void checkpoint_write(struct pack *pack, struct trainee *trainee, int64_t step,
                      struct text *out);

/* Puts the run where the checkpoint left it and returns its update; 0, and
 * nothing touched, if the bytes are damaged or of another run. All runs of a
 * pack must stand at one update. Memory: the measurement's arena, whose status
 * the caller asks for. */
int64_t checkpoint_read(struct pack *pack, struct trainee *trainee,
                        const struct bytes *bytes);

#endif
