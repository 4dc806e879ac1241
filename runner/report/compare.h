#ifndef RUNNER_REPORT_COMPARE_H
#define RUNNER_REPORT_COMPARE_H

/* What `compare` prints of a grouping, best group first. `top` is the number of
 * groups shown, 0 for all; tests and counts are of all of them. */

#include "engine/io/json.h"
#include "runner/report/grouping.h"

/* Where a report of as many rows as runs goes. */
struct report_sink {
    struct text *text;
    text_flush *flush; /* after every row; or NULL */
    void *context;     /* of it */
};

/* A table in aligned columns, numbers to six digits, values of 40 characters at
 * most, and below it what its marks and numbers mean. */
enum status_code compare_write_table(const struct grouping *grouping,
                                     size_t top, const struct report_sink *sink,
                                     struct status *status);

/* The same as a Markdown table and a list. */
enum status_code compare_write_markdown(const struct grouping *grouping,
                                        size_t top,
                                        const struct report_sink *sink,
                                        struct status *status);

/* A row a group (RFC 4180), every digit: the values by path (a text without
 * JSON's quotes, a list or map as JSON), n, mean, sd, low, high, median,
 * best_id, best, worst_id, worst, diverged, failed, missing, unmeasured, p,
 * mark (best, same, different, untested). What is not defined is empty. */
enum status_code compare_write_csv(const struct grouping *grouping, size_t top,
                                   const struct report_sink *sink,
                                   struct status *status);

/* {"metric": {"name", "goal"}, "by": […], "level", "comparisons", "groups":
 * [{"values": {path: value}, "n", "mean", "sd", "interval": [low, high],
 * "median", "best": {"id", "value"}, "worst", "diverged", "failed", "missing",
 * "unmeasured", "p", "mark"}]}; what is not defined is null. */
enum status_code compare_write_json(const struct grouping *grouping, size_t top,
                                    const struct report_sink *sink,
                                    struct status *status);

/* That object for summary.json, of a table to which everything was added and
 * which this finishes; null where there is nothing to group or no run has the
 * plan's metric. `writer` writes into the sink's text. */
enum status_code compare_write_statistics(struct run_table *table,
                                          struct json_writer *writer,
                                          const struct report_sink *sink,
                                          struct status *status);

#endif
