#ifndef RUNNER_AUDIT_AUDIT_PLACE_H
#define RUNNER_AUDIT_AUDIT_PLACE_H

/* Where a stored run is: a folder, a place in a bundle, or one in a block,
 * which may be in a bundle too. */

#include <pthread.h>

#include "runner/audit/bundle.h"
#include "runner/audit/finding.h"
#include "runner/store/stored.h"

/* An experiment whose runs are packed, in its folder or in a bundle. Its reader
 * is used under the lock. */
struct audit_packed {
    struct audit_packed *next;   /* another one of the bundle, or NULL */
    const struct bundle *bundle; /* or NULL: `store` */
    char *name;                  /* in the bundle */
    struct store store;
    struct stored_reader reader;
    struct block_digests {
        size_t number; /* of the block that they are of */
        struct bytes bytes;
    } digests; /* bundle: of the block read last */
    pthread_mutex_t lock;
};

/* NULL where the experiment's runs are folders, or there is no experiment. */
struct audit_packed *audit_packed_open(const char *out, const char *name);
/* The packed experiment NAME of a bundle, whose plan has `planned` runs. */
struct audit_packed *audit_packed_in_bundle(const struct bundle *bundle,
                                            const char *name, size_t planned);
/* Frees it and those behind it. */
void audit_packed_free(struct audit_packed *packed);

/* The list of a block's records in a bundle: a line each. */
void audit_packed_add_digest(const struct bytes *line, const char *id,
                             struct text *out);
/* Under the lock: whether the list in the bundle has this line for this run. */
bool audit_packed_has_digest(struct audit_packed *packed, size_t position,
                             const struct bytes *line, const char *id);

/* Holds every block of the plan that is there against its own digests: a
 * finding for each that does not agree, named by its file. The same of those
 * behind it. */
void audit_packed_check(struct audit_packed *packed, struct findings *findings);

struct audit_place {
    char *path;                  /* for messages; of a folder, its own */
    run_id folder_id;            /* the id that the folder's name is, or "" */
    const struct bundle *bundle; /* or NULL */
    const char *within; /* the bundle: NAME/runs/ID; of a packed run NULL */
    struct audit_packed *packed; /* or NULL */
    size_t position;             /* in its plan */
};

/* Whether there is anything at all of the run. */
bool audit_place_exists(const struct audit_place *place);

#endif
