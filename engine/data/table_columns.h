#ifndef ENGINE_DATA_TABLE_COLUMNS_H
#define ENGINE_DATA_TABLE_COLUMNS_H

/* Which columns of a table a config means. */

#include "engine/data/dataset.h"
#include "engine/io/table.h"

/* Positions in a table, in the order wanted; columns_release() frees them. */
struct columns {
    size_t *position;
    size_t count;
};

/* What the options alone can tell: a list of no label or with one twice,
 * positions that hold nothing. Key "columns". */
enum status_code columns_check(const struct table_options *options,
                               struct status *status);

/* Picks the columns that `options` name, or all but `taken` (NULL: all) where
 * it names none. Errors: STATUS_CONFIG for labels or positions that the table
 * does not have (keys "columns.2", "columns.stop"), STATUS_INPUT for a column
 * that holds no numbers (key "columns"). */
enum status_code columns_pick(const struct table_options *options,
                              const struct table *table,
                              const struct columns *taken,
                              struct columns *columns, struct status *status);
/* All that is wrong with the choice, up to `limit`; returns how many. */
size_t columns_problems(const struct table_options *options,
                        const struct table *table, struct status *problems,
                        size_t limit);
void columns_release(struct columns *columns);

#endif
