#ifndef RUNNER_POOL_H
#define RUNNER_POOL_H

/* What many runs share: data sets, and groups of runs that are alike and may
 * share a pack. Filled by one thread at a time; read by any number. */

#include "runner/experiment.h"

/* A group's first run; others that are alike may share its packs. */
struct pool_group {
    struct experiment *first;
    size_t runs;
};

/* A data set, known by what configs say of it. */
struct pool_data {
    char *key;
    struct dataset *data;
};

struct pool {
    struct pool_group *groups;
    size_t group_count, group_capacity;
    struct pool_data *data;
    size_t data_count, data_capacity;
};

/* What a config says of its data, for the caller to free; two configs of the
 * same text have the same data. */
char *pool_key(const struct config *config);

/* Gives the experiment the data of that key, and `data` its number; false where
 * they have not been loaded. */
bool pool_share(const struct pool *pool, const char *key,
                struct experiment *experiment, size_t *data);

/* Examines an experiment whose config has been read, together with its data,
 * which are shared with those before it; returns which data set it has.
 * Problems that its config had before are taken into account, and more may be
 * added. */
size_t pool_load(struct pool *pool, struct experiment *experiment,
                 struct problems *problems);

/* Enters an experiment without problems into its group. Returns NULL where the
 * pool has taken it over, being the first of its group, else the experiment. */
struct experiment *pool_enter(struct pool *pool, struct experiment *experiment,
                              uint32_t *group);

void pool_release(struct pool *pool);

#endif
