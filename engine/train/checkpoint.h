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

/* The update that the bytes stand at; 0 if they are damaged or, as far as their
 * sizes tell, of another run than this one. */
int64_t checkpoint_fits(const struct pack *pack, const struct trainee *trainee,
                        const struct bytes *bytes);

/* Puts the run where bytes that fit left it. All runs of a pack must stand at
 * one update. Memory: the measurement's arena, whose status the caller asks
 * for. */
void checkpoint_read(struct pack *pack, struct trainee *trainee,
                     const struct bytes *bytes);

#endif
