#ifndef RUNNER_REPORT_TOP_H
#define RUNNER_REPORT_TOP_H

/* An experiment for people who have just run it: how its runs came out, and the
 * best five. */

#include "runner/store/store.h"

enum status_code top_write(const struct store *store, struct text *out,
                           struct status *status);

#endif
