#ifndef RUNNER_REPORT_SUMMARY_H
#define RUNNER_REPORT_SUMMARY_H

/* summary.csv and summary.json of the plan on disk, in plan order, read from
 * the store alone: a run without a folder has the status "missing". A folder
 * whose run.json can't be read is STATUS_OUTPUT. */

#include "runner/store/store.h"

enum status_code summary_write(const struct store *store,
                               struct status *status);

#endif
