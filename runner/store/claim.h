#ifndef RUNNER_STORE_CLAIM_H
#define RUNNER_STORE_CLAIM_H

/* Claims: who is computing what, so that processes that share a folder divide
 * the work. They save time and decide nothing: results are a function of config
 * and data alone and appear by a rename, so a run computed twice does no harm,
 * and where claims can't be made (no hard links, no room) the work goes on
 * without.
 *
 * A process that works in a folder has one file, .work/process.PID@HOST: a line
 * of JSON with host, pid, start (of the process, in the system's own units) and
 * a beat that is counted up every CLAIM_BEAT seconds (runner/beat.h). A claim
 * on NAME is a hard link to it, .work/claim.NAME: it is made in one step or not
 * at all, also on NFS, and every claim of a process shows the beat of its
 * process.
 *
 * A claim is stale if its process is dead (a process of this host that is not
 * there, or began at another time: its number was given anew), or if the beat
 * has stood still for CLAIM_LIMIT seconds by our own clock; clocks of other
 * hosts are never asked. A stale claim is first renamed to a name of ours, so
 * that of several processes one wins, and then removed.
 *
 * All functions may be called by several threads at once. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <pthread.h>

#include "runner/store/folder.h"

enum { CLAIM_NAME_SIZE = 32, CLAIM_TEXT_SIZE = 320, CLAIM_BEAT = 2 };
#define CLAIM_LIMIT 30.0

/* One of ours; `uses` counts those who hold it. */
struct claim_held {
    char name[CLAIM_NAME_SIZE];
    size_t uses;
};

/* Another process, as we saw it last. */
struct claim_watched {
    char text[CLAIM_TEXT_SIZE];
    double since; /* when we first saw this text, in seconds */
};

struct claims {
    int work;     /* the folder; not ours */
    double limit; /* seconds; CLAIM_LIMIT */
    bool is_begun, is_usable;
    bool has_met;                 /* a claim of another process */
    char process[WORK_NAME_SIZE]; /* the name of our file */
    char text[CLAIM_TEXT_SIZE];   /* and what is in it */
    size_t length;
    atomic_int file;
    pthread_mutex_t lock;
    struct claim_held *held;
    size_t held_count, held_capacity;
    struct claim_watched *watched;
    size_t watched_count, watched_capacity;
};

enum claim_answer {
    CLAIM_OURS,
    CLAIM_INHERITED, /* ours; its owner has been silent and may yet live */
    CLAIM_OTHERS,
    CLAIM_IMPOSSIBLE, /* no claims can be made here */
};

/* Nothing is written before the first claim. */
void claims_init(struct claims *claims, int work);
/* Gives back what is still held. */
void claims_release(struct claims *claims);

/* Claims NAME (at most 31 plain characters); what is ours already is ours once
 * more. */
enum claim_answer claims_take(struct claims *claims, const char *name);
/* Undoes one claims_take() that was not answered by CLAIM_OTHERS. */
void claims_give_back(struct claims *claims, const char *name);

/* Shows that this process lives: to be called every CLAIM_BEAT seconds, by one
 * at a time, a signal handler if need be. Nothing before the first claim. */
void claims_beat(struct claims *claims);

/* Removes the claims of dead processes of this host. */
void claims_remove_stale(int work);

#endif
