#ifndef RUNNER_REPORT_SUMMARY_PARTS_H
#define RUNNER_REPORT_SUMMARY_PARTS_H

/* What is read for the summaries, before they are written. */

#include "engine/base/field.h"
#include "engine/io/json.h"
#include "runner/store/store.h"

/* "test.accuracy": what some run has been measured by. */
struct column {
    char *part, *metric;
};

struct cell {
    uint32_t column;
    double value; /* NAN: null */
};

/* A run of the plan, and of its record what is summed up. */
struct summary_run {
    const struct json_value *planned; /* {id, values} */
    char *status;                     /* NULL: there is no record */
    struct field_optional_integer global_step, best_step;
    struct cell *cells; /* in the record's order */
    size_t cell_count;
};

struct summary {
    struct json_value *plan;
    struct summary_run *runs;
    size_t run_count;
    struct column *columns;
    size_t column_count, column_capacity;
};

/* Plan and runs of the store; errors as summary_write() has them. The summary
 * is to be released also after one. */
enum status_code summary_init(struct summary *summary,
                              const struct store *store, struct status *status);
void summary_release(struct summary *summary);

#endif
