#ifndef RUNNER_CONFIG_SCHEMA_PARTS_H
#define RUNNER_CONFIG_SCHEMA_PARTS_H

/* What the files that write the schema share. */

#include "engine/base/field.h"
#include "engine/io/json.h"

struct schema {
    struct json_writer json;
    bool complete; /* keys are required and kinds told */
};

/* A table's row as a property: its key, what it says, its range. */
void schema_write_row(struct schema *schema, const struct field *fields,
                      const struct field *field);

/* Members of a schema that takes any PART.METRIC. */
void schema_write_metric(struct schema *schema);

/* The definition "sweep". */
void schema_write_sweep(struct schema *schema);

#endif
