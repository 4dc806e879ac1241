#ifndef RUNNER_REPORT_SUMMARY_PARTS_H
#define RUNNER_REPORT_SUMMARY_PARTS_H

/* A run as the summaries show it, while it is there. */

#include "engine/base/field.h"
#include "engine/io/json.h"
#include "runner/store/stored.h"

/* "test.accuracy": what some run has been measured by. */
struct column {
    char *part, *metric;
};

/* All of them, in the order in which they were met. */
struct summary_columns {
    struct column *columns;
    size_t count, capacity;
};

struct cell {
    uint32_t column;
    double value; /* NAN: null */
};

struct summary_run {
    struct json_value *planned; /* {id, values} */
    const char *id;
    char *status; /* NULL: there is no record */
    struct field_optional_integer global_step, best_step;
    struct cell *cells; /* in the record's order */
    size_t cell_count, cell_capacity;
};

void summary_columns_release(struct summary_columns *columns);

/* Takes a planned run over and reads its record; columns that are new are
 * added. summary_run_clear() makes room for the next one, whose cells take the
 * same memory, summary_run_release() ends it. */
enum status_code summary_run_read(struct summary_run *run,
                                  struct summary_columns *columns,
                                  struct stored_reader *reader,
                                  struct json_value *planned, size_t position,
                                  struct status *status);
void summary_run_clear(struct summary_run *run);
void summary_run_release(struct summary_run *run);

#endif
