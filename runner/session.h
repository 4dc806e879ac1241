#ifndef RUNNER_SESSION_H
#define RUNNER_SESSION_H

/* A plan being carried out: what is finished is kept, the rest is trained in
 * packs on threads, and every run's folder appears as soon as it is done, or,
 * of packed runs, every block. */

#include <stdatomic.h>

#include <pthread.h>

#include "runner/planning.h"
#include "runner/progress.h"
#include "runner/session_packs.h"
#include "runner/store/claim.h"
#include "runner/store/journal.h"

/* The best run so far, to be told on the way. */
struct session_best {
    double value; /* NaN: no run yet */
    uint32_t point;
};

struct session {
    const struct invocation *invocation;
    const struct planning *planning;
    const struct kernels *kernels;
    int threads;
    struct store store;
    struct journal journal;
    bool verify; /* folders are checked against their own lists */

    struct claims claims; /* against other processes */

    /* Of runs in folders. */
    struct session_pack *packs; /* the longest first */
    size_t pack_count;
    uint32_t *units; /* [runs of the plan]: see session_folders.c */

    struct session_blocks *blocks; /* of packed runs: see session_blocks.c */

    /* Changed under the lock, which is no OpenMP one: a run alone then has
     * nothing to ask of a library that aborts when memory is short. */
    pthread_mutex_t lock;
    struct progress progress;
    struct session_best best;
    size_t fresh, kept, diverged;
    size_t resumed;           /* runs that go on from a checkpoint */
    bool has_lost_checkpoint; /* one could not be written, and that was said */
    size_t earlier;        /* folders in runs/ of no run of the plan on disk */
    enum status_code code; /* of the worst failure so far */
    struct status *status; /* its message */
    atomic_int stop;       /* packs that have not begun are left */
    double begun;          /* in seconds */
    double synced;         /* when the store was last synced, in seconds */
    bool has_waited;       /* for other processes, and said so */
};

/* Runs the whole plan in OUT/NAME. `status` gets the message of what failed;
 * runs that diverged are counted, and no failure. */
enum status_code session_run(struct session *session, struct status *status);
void session_release(struct session *session);

/* Finds what is finished, sets session->kept, and packs the other runs.
 * STATUS_CONFIG if what is stored is no part of this plan (kept_form()). */
enum status_code session_look(struct session *session, struct status *status);

#endif
