#ifndef RUNNER_REPORT_SUMMARY_H
#define RUNNER_REPORT_SUMMARY_H

/* summary.csv and summary.json of the plan on disk, in plan order, read from
 * the store alone: a run without a folder has the status "missing". A folder
 * whose run.json can't be read is STATUS_OUTPUT. Of a record only its status,
 * steps and metrics are held, some 16 bytes a number.
 *
 * summary.csv: id, status, a column per swept path (a text without JSON's
 * quotes, a list or map as JSON, null empty), global_step, PART.METRIC.
 * summary.json: the same, and in "statistics" what compare_write_statistics()
 * says of it. */

#include "runner/store/store.h"

enum status_code summary_write(const struct store *store,
                               struct status *status);

#endif
