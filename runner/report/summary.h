#ifndef RUNNER_REPORT_SUMMARY_H
#define RUNNER_REPORT_SUMMARY_H

/* summary.csv and summary.json of the plan on disk, in plan order, read from
 * the store alone, run by run: only what `compare` needs is held. A run that is
 * not stored has the status "missing". One whose record can't be read is
 * STATUS_OUTPUT.
 *
 * summary.csv: id, status, a column per swept path (a text without JSON's
 * quotes, a list or map as JSON, null empty), global_step, PART.METRIC.
 * summary.json: the same, and in "statistics" what compare_write_statistics()
 * says of it. */

#include "runner/report/run_table.h"

/* What came of the runs of the plan. */
enum { SUMMARY_LINE_SIZE = 80 };
struct summary_counts {
    size_t outcomes[OUTCOMES];
};

/* `is_late`, unless NULL, is asked now and then; once it says so the summaries
 * are left as they were, and the answer is STATUS_INTERRUPTED. `counts` may be
 * NULL. */
enum status_code summary_write(const struct store *store, bool (*is_late)(void),
                               struct summary_counts *counts,
                               struct status *status);

/* The summaries that stand there, held against what the records make. */
struct summary_difference {
    bool is_there;
    const char *file; /* "summary.csv" */
    uint64_t line;    /* from 1 on */
    char id[RUN_ID_SIZE];
    char stored[SUMMARY_LINE_SIZE], made[SUMMARY_LINE_SIZE];
};

/* Finds the first difference in each of the two; one that is not there has
 * none. `id` is of the run that the line is of, or "". Errors and `is_late` as
 * above. */
enum status_code summary_compare(const struct store *store,
                                 bool (*is_late)(void),
                                 struct summary_difference differences[2],
                                 struct status *status);

#endif
