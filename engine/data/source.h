#ifndef ENGINE_DATA_SOURCE_H
#define ENGINE_DATA_SOURCE_H

/* Where the numbers come from: what every kind of `data.source` does. */

#include "engine/data/dataset.h"

/* Numbers as read or generated. A source takes `features` and `targets` from
 * the scratch arena, everything else from the lasting one. */
struct raw_data {
    size_t rows, columns, target_columns;
    double *features; /* [column][row] */
    double *targets;  /* [target][row] */
    const char *const *column_names, *const *target_names;
    const int64_t *row_number; /* [row] */
    struct input_file input[2];
    size_t input_count;
};

struct source_call {
    const void *options; /* of the kind */
    bool drop_missing;
    struct arena *lasting, *scratch;
};

struct source_kind {
    struct kind kind;
    /* The rows that the options alone tell; NULL where the file has to say. */
    size_t (*rows)(const void *options);
    /* The target columns that the options alone tell, 0 if they don't. */
    size_t (*target_columns)(const void *options);
    /* What can be said of the options before anything is read; the key at fault
     * is relative to `data.source`. NULL: nothing. */
    enum status_code (*check)(const void *options, struct status *status);
    /* Errors as dataset_init(), their key relative to `data.source`. An arena
     * that has failed is left to the caller. */
    enum status_code (*load)(const struct source_call *call,
                             struct raw_data *raw, struct status *status);
    /* Optional: after load() has failed, whatever else is wrong with what it
     * was to read, all of it, up to `limit`. Returns how many; 0 where there is
     * nothing to add to load()'s error. */
    size_t (*problems)(const struct source_call *call, struct status *problems,
                       size_t limit);
};

extern const struct source_kind SOURCE_MAKE_CIRCLES, SOURCE_MAKE_MOONS,
    SOURCE_MAKE_BLOBS, SOURCE_TABLE;

#endif
