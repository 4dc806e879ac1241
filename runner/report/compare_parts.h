#ifndef RUNNER_REPORT_COMPARE_PARTS_H
#define RUNNER_REPORT_COMPARE_PARTS_H

/* What the forms of a report share. */

#include "runner/report/compare.h"

/* Writes a group's cell, plain text of one line. */
typedef void cell_writer(const struct grouping *grouping,
                         const struct run_group *group, size_t argument,
                         struct text *out);

struct report_column {
    char *title;
    bool is_left; /* aligned */
    cell_writer *write;
    size_t argument; /* of it: which column, which outcome */
};

struct report_columns {
    struct report_column *columns;
    size_t count, capacity;
};

/* The columns that this grouping needs: p and counts of what did not finish are
 * left out where no group has any. Titles of the swept parameters are the
 * shortest ends of their paths that tell them apart and say what they are. */
void report_columns_init(struct report_columns *columns,
                         const struct grouping *grouping);
void report_columns_release(struct report_columns *columns);

/* "test.average_loss, smaller is better: 12 runs in 4 groups". */
void report_title(const struct grouping *grouping, struct text *out);

/* What marks and numbers mean: lines that begin with `bullet`. */
void report_notes(const struct grouping *grouping, size_t shown,
                  const char *bullet, struct text *out);

enum status_code report_flush(const struct report_sink *sink,
                              struct status *status);

/* The number of groups to show. */
size_t report_shown(const struct grouping *grouping, size_t top);

/* Appends a value's text: of a JSON string its characters, of null nothing,
 * else the JSON. */
void report_value(const char *json, struct text *out);

/* Appends a cell of RFC 4180: a text, quoted where it must be, or a value's
 * text (report_value()). */
void report_csv_text(const char *bytes, size_t length, struct text *out);
void report_csv_value(const char *json, struct text *out);

/* "best", "same", "untested", "different"; NULL for a group without a number.
 */
const char *report_mark(const struct run_group *group);

#endif
