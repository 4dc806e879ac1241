#ifndef RUNNER_KEPT_H
#define RUNNER_KEPT_H

/* Results that are there already: which of a plan's, and whether a run done
 * again gives what its record says. */

#include "engine/train/trainer.h"
#include "runner/plan/plan.h"
#include "runner/store/block.h"
#include "runner/store/store.h"

/* The plan on disk, held against another. */
struct kept_plan {
    bool is_there, is_packed;
    /* It has every run of the other, or, where runs are packed, the same ones
     * in the same order. */
    bool stands;
};
/* STATUS_OUTPUT if the plan is there and can't be read. */
enum status_code kept_plan(const struct store *store, const struct plan *plan,
                           struct kept_plan *kept, struct status *status);

/* The folders in runs/ that the plan on disk does not name. */
size_t kept_earlier(const struct store *store);

/* The plan's runs whose records say that they diverged. */
size_t kept_diverged(const struct store *store, const struct plan *plan);

/* STATUS_DIFFERS if runs/ID has a record with digests and the measurement has
 * others. */
enum status_code kept_compare(const struct store *store, const char *id,
                              const struct measurement *measurement,
                              struct status *status);

/* The same of a packed run, against the line of its block that was there
 * before. */
enum status_code kept_compare_line(const struct store *store,
                                   const struct block_lines *lines, size_t line,
                                   const char *id,
                                   const struct measurement *measurement,
                                   struct status *status);

/* STATUS_CONFIG if what is stored has another form than the plan asks for, or,
 * where runs are packed, is of another plan. */
enum status_code kept_form(const struct store *store, const struct plan *plan,
                           const struct kept_plan *kept, struct status *status);

#endif
