#ifndef RUNNER_REPORT_RUN_VIEW_H
#define RUNNER_REPORT_RUN_VIEW_H

/* One run as the plan and its own record tell of it, and what stands in it at a
 * path. All pointers are borrowed. */

#include <stdbool.h>

#include "engine/base/text.h"
#include "engine/io/json.h"

struct run_view {
    const char *id;
    const char *status; /* "finished", "diverged", …; NULL: no record */
    const struct json_value *values;  /* of the plan: path -> value, or NULL */
    const struct json_value *config;  /* of its record, or NULL */
    const struct json_value *base;    /* config of its experiment, or NULL */
    const struct json_value *metrics; /* of its record, or NULL */
    bool is_config_first; /* before the plan's values, for runs of many plans */
};

/* The value at a dotted path ("train.optimizer.lr"; list positions are numbers,
 * a layer's name works too): the plan's, else the record's config's, else, for
 * a run without a record, the experiment's own, unless another value was swept
 * above it; else a metric ("test.accuracy"). NULL if there is none. */
const struct json_value *run_view_value(const struct run_view *view,
                                        const char *path);

/* The value in a config at a path. */
const struct json_value *json_at_path(const struct json_value *value,
                                      const char *path);

/* Writes a value as JSON on one line, a whole number without a point, so that 1
 * and 1.0 are one value; NULL as null. */
void json_write_value(const struct json_value *value,
                      struct json_writer *writer);

/* The same with numbers as they were read: 1 and 1.0 stay what they are. */
void json_write_typed(const struct json_value *value,
                      struct json_writer *writer);

#endif
