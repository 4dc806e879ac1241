#ifndef RUNNER_STORE_ORIGIN_H
#define RUNNER_STORE_ORIGIN_H

/* Where a run's config.yaml came from, so that it can be run again.
 *
 * Its data paths are relative to the experiment's own config, which stood
 * where the journal says; its data files are known by the digests in run.json.
 * The journal of a run that was itself made from a record names that record:
 * it is followed to the config at the start of the chain.
 */

#include "runner/config/config.h"

struct origin {
    char **folders; /* the latest start line's first, each once */
    size_t folder_count, capacity;
    char *digests[2]; /* of features and targets, or NULL */
};

/* Fills `places` with what run.json beside `config_path` and the journal of its
 * experiment say. Any other config leaves everything as it is, and so does a
 * record that can't be read: there is nothing to hold the data against. The
 * places point into the origin, which is released always. */
void origin_init(struct origin *origin, const char *config_path,
                 struct data_places *places);

/* Adds the folders that FOLDER/NAME, a journal, leads to: of many runs of one
 * experiment, whose digests the caller knows. `origin` may be zeroed. */
void origin_add_journal(struct origin *origin, const char *folder,
                        const char *name);

void origin_release(struct origin *origin);

#endif
