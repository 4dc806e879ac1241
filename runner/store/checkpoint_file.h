#ifndef RUNNER_STORE_CHECKPOINT_FILE_H
#define RUNNER_STORE_CHECKPOINT_FILE_H

/* A run's checkpoint, .work/ID.checkpoint: a line of JSON that says whose it is
 * (program and numerics version, id, and of a run of `fast` numerics machine
 * and build too), and the state of the run (trainer.h), which ends with its own
 * digest.
 *
 * It is written aside and renamed: what is there is the one before or the new
 * one, whole. Every checkpoint of an id is a right state of its run, whoever
 * wrote it, since a run is a function of config and data; so processes that
 * share a folder can do no harm, and the claims on runs (claim.h) see to it
 * that one alone writes, reads and removes it. Once the run has its record the
 * checkpoint is of no use to anybody. */

#include "runner/store/store.h"

struct checkpoint_owner {
    const char *id;
    bool is_fast; /* train.numerics: its bits are those of one machine */
    const char *isa;
};

enum checkpoint_answer {
    CHECKPOINT_NONE,
    CHECKPOINT_THERE,
    CHECKPOINT_FOREIGN, /* of another program, numerics version or machine */
    CHECKPOINT_DAMAGED,
};

/* The state; empty unless it is there. The caller releases it. */
enum checkpoint_answer
checkpoint_file_read(const struct store *store,
                     const struct checkpoint_owner *owner, struct bytes *state);

/* Puts a state in place of the one before, which stays after an error. */
enum status_code checkpoint_file_write(const struct store *store,
                                       const struct checkpoint_owner *owner,
                                       const struct text *state,
                                       struct status *status);

void checkpoint_file_remove(const struct store *store, const char *id);

/* The ids that have a checkpoint, whatever it is worth. The caller frees the
 * array. */
size_t checkpoint_file_ids(const struct store *store, run_id **ids);

#endif
