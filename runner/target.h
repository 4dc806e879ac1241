#ifndef RUNNER_TARGET_H
#define RUNNER_TARGET_H

/* What RUN or EXPERIMENT on a command line names. */

#include "runner/store/stored.h"

/* A run's folder wherever it is, or an experiment and in it a run or all of
 * the plan. */
struct target {
    bool is_run_folder; /* the argument itself */
    char *out, *name;   /* of the experiment */
    char *prefix;       /* of a run's id, or NULL */
};

/* `out` is --out or NULL. Whether it is there is not looked at, but to tell a
 * folder from a name. */
void target_init(struct target *target, const char *argument, const char *out);
void target_release(struct target *target);

/* Whether a folder has a regular file of that name. */
bool target_has_file(const char *folder, const char *name);

/* The ids in the plan on disk, in its order; the caller frees the array. False
 * if there is no plan that can be read. */
bool target_plan_ids(const struct store *store, run_id **ids, size_t *count);

/* The one run whose id begins so. Errors: STATUS_CONFIG. The caller frees the
 * array. */
enum status_code target_find_run(struct stored_reader *reader,
                                 const char *prefix, run_id **ids,
                                 size_t *count, struct status *status);

#endif
