#ifndef RUNNER_AUDIT_AUDIT_PLACE_H
#define RUNNER_AUDIT_AUDIT_PLACE_H

/* Where a stored run is: a folder, a place in a bundle, or one in a block. */

#include <pthread.h>

#include "runner/audit/bundle.h"
#include "runner/audit/finding.h"
#include "runner/store/stored.h"

/* An experiment whose runs are packed. Its reader is used under the lock. */
struct audit_packed {
    struct store store;
    struct stored_reader reader;
    pthread_mutex_t lock;
};

/* NULL where the experiment's runs are folders, or there is no experiment. */
struct audit_packed *audit_packed_open(const char *out, const char *name);
void audit_packed_free(struct audit_packed *packed);

/* Holds every block of the plan that is there against its own digests: a
 * finding for each that does not agree, named by its file. */
void audit_packed_check(struct audit_packed *packed, struct findings *findings);

struct audit_place {
    char *path;                  /* for messages; of a folder, its own */
    run_id folder_id;            /* the id that the folder's name is, or "" */
    const struct bundle *bundle; /* or NULL */
    const char *within;          /* the bundle: NAME/runs/ID */
    struct audit_packed *packed; /* or NULL */
    size_t position;             /* in its plan */
};

/* Whether there is anything at all of the run. */
bool audit_place_exists(const struct audit_place *place);

#endif
