#ifndef RUNNER_REPORT_COMPARE_H
#define RUNNER_REPORT_COMPARE_H

/* What `compare` prints of a grouping, best group first. `top` is the number of
 * groups shown, 0 for all; tests and counts are of all of them. */

#include "runner/report/grouping.h"

/* A table in aligned columns, numbers to six digits, values of 40 characters at
 * most, and below it what its marks and numbers mean. */
void compare_write_table(const struct grouping *grouping, size_t top,
                         struct text *out);

/* The same as a Markdown table and a list. */
void compare_write_markdown(const struct grouping *grouping, size_t top,
                            struct text *out);

/* A row a group (RFC 4180), every digit: the values by path (a text without
 * JSON's quotes, a list or map as JSON), n, mean, sd, low, high, median,
 * best_id, best, worst_id, worst, diverged, failed, missing, unmeasured, p,
 * mark (best, same, different, untested). What is not defined is empty. */
void compare_write_csv(const struct grouping *grouping, size_t top,
                       struct text *out);

/* {"metric": {"name", "goal"}, "by": […], "level", "comparisons", "groups":
 * [{"values": {path: value}, "n", "mean", "sd", "interval": [low, high],
 * "median", "best": {"id", "value"}, "worst", "diverged", "failed", "missing",
 * "unmeasured", "p", "mark"}]}; what is not defined is null. */
void compare_write_json(const struct grouping *grouping, size_t top,
                        struct json_writer *writer);

/* That object for summary.json, of a plan and the records of its runs in their
 * order (NULL: none), grouped by every swept parameter but the seeds; null
 * where there is nothing to group or no run has the plan's metric. */
typedef const struct json_value *plan_record(const void *context, size_t index);
void compare_write_statistics(const struct json_value *plan,
                              plan_record *record, const void *context,
                              struct json_writer *writer);

#endif
