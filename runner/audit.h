#ifndef RUNNER_AUDIT_H
#define RUNNER_AUDIT_H

/* An audit: records checked, run again as packs on all cores, and compared.
 *
 *   audit_find()   the command line's RUNs, EXPERIMENTs and bundles become
 * items audit_check()  each record against itself, on threads; those that can
 * be run enter the pool, with their data audit_rerun()  packs of alike runs,
 * whatever experiment they are of
 *
 * Nothing is written. */

#include <stdatomic.h>
#include <sys/types.h>

#include <pthread.h>

#include "runner/audit/audit_check.h"
#include "runner/pool.h"
#include "runner/progress.h"
#include "runner/session_packs.h"
#include "runner/store/origin.h"

/* What runs of one experiment, or of one bundle, share. */
struct audit_experiment {
    char *path; /* OUT/NAME, or the bundle's */
    dev_t device;
    ino_t inode;
    bool is_whole; /* all runs of its plan are asked for */
    bool has_item; /* there is an item of the experiment itself */
    struct origin origin;
    struct makers makers;
    struct audit_packed *packed; /* or NULL */
    struct bundle *bundle;       /* or NULL */
    char **folders;              /* of a bundle: where its data may be */
    size_t folder_count;
    struct data_places places;
};

enum audit_verdict {
    AUDIT_NOT_RUN,   /* not begun, or not in the sample */
    AUDIT_CHECKED,   /* good, and not to be run */
    AUDIT_IDENTICAL, /* run again, the same bytes */
    AUDIT_DIFFERS,   /* what is wrong stands in its findings */
    AUDIT_MISSING,
    AUDIT_NOT_COMPARABLE, /* no data, or `fast` numerics of elsewhere */
    AUDIT_VERDICTS
};
extern const char *const AUDIT_VERDICT_WORDS[AUDIT_VERDICTS];

struct audit_item {
    struct audit_place place;
    uint32_t experiment;
    bool is_run;  /* false: a bundle or an experiment, for what is wrong with it
                     as a whole */
    bool looks;   /* it is to be checked ... */
    bool reruns;  /* ... and to be run again */
    bool is_here; /* made by this build on such a CPU, as far as is told */
    enum audit_verdict verdict;
    struct findings findings;
    char *name; /* as run.json has them, where there is one */
    run_id id;
    size_t files;
    uint64_t bytes;
    uint32_t data, group; /* in the pool */
    /* From its check until it is run, unless there are too many. */
    struct experiment *experiment_read;
    struct audit_record *record;
};

struct audit {
    const struct invocation *invocation;
    const struct kernels *kernels;
    struct machine here;
    int threads;
    struct audit_experiment *experiments;
    size_t experiment_count, experiment_capacity;
    struct audit_item *items;
    size_t count, capacity;
    struct file_digests file_digests;
    struct pool pool;
    size_t kept; /* items of which what was read was kept */
    struct session_pack *packs;
    size_t pack_count;
    double begun, seconds;

    pthread_mutex_t lock;
    struct progress progress;
    enum status_code code; /* of the worst failure, differences apart */
    struct status *status; /* its message */
};

void audit_init(struct audit *audit, const struct invocation *invocation,
                struct status *status);
void audit_release(struct audit *audit);

/* Errors: STATUS_CONFIG (no such run or experiment, a sample that is none). */
enum status_code audit_find(struct audit *audit, struct status *status);

/* The same of two arguments that name one run each, whatever bundle they are
 * in; both are to be run again. */
enum status_code audit_find_pair(struct audit *audit, size_t pair[2],
                                 struct status *status);

/* Errors: STATUS_INTERRUPTED, or that of a failure that is no run's fault. What
 * is wrong with runs stands in the items. */
enum status_code audit_check(struct audit *audit);
enum status_code audit_rerun(struct audit *audit);

/* Holds the summaries of whole experiments against what their records make,
 * where nothing is wrong with any of these. */
void audit_summaries(struct audit *audit);

/* A checked run once more, ready for the trainer. The experiment, and the
 * item's record, are to be released in any case. */
enum status_code audit_prepare(struct audit *audit, size_t item,
                               struct experiment *experiment,
                               struct status *status);
void audit_release_record(struct audit_item *item);

/* The worst of all items' findings. */
enum status_code audit_code(const struct audit *audit);

/* The report: a table and what is wrong, or one JSON document. */
void audit_print(const struct audit *audit, struct text *out);
void audit_write(const struct audit *audit, struct text *out);

/* Writes the bundle of all items, which are good. */
enum status_code audit_bundle(const struct audit *audit, const char *path,
                              char root[DIGEST_TEXT_SIZE],
                              struct status *status);

/* For audit_find(): adds an item for a folder, which is taken over, or for
 * NAME/runs/ID of a bundle. */
struct audit_item *audit_add(struct audit *audit, size_t experiment,
                             char *path);

/* Reads about.json and the runs of a bundle. */
void audit_add_bundle(struct audit *audit, const char *path);

#endif
