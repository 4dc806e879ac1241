#ifndef RUNNER_SESSION_H
#define RUNNER_SESSION_H

/* A plan being carried out: what is finished is kept, the rest is trained in
 * packs on threads, and every run's folder appears as soon as it is done. */

#include <stdatomic.h>

#include <pthread.h>

#include "runner/planning.h"
#include "runner/progress.h"
#include "runner/session_packs.h"
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

    struct session_pack *packs; /* the longest first */
    size_t pack_count;

    /* Changed under the lock, which is no OpenMP one: a run alone then has
     * nothing to ask of a library that aborts when memory is short. */
    pthread_mutex_t lock;
    struct progress progress;
    struct session_best best;
    size_t fresh, kept, diverged;
    size_t earlier;        /* folders in runs/ of no run of the plan on disk */
    enum status_code code; /* of the worst failure so far */
    struct status *status; /* its message */
    atomic_int stop;       /* packs that have not begun are left */
    double begun;          /* in seconds */
    double synced;         /* when the store was last synced, in seconds */
};

/* Runs the whole plan in OUT/NAME. `status` gets the message of what failed;
 * runs that diverged are counted, and no failure. */
enum status_code session_run(struct session *session, struct status *status);
void session_release(struct session *session);

/* Packs the runs that are not finished. Sets session->kept. */
void session_make_packs(struct session *session);

#endif
