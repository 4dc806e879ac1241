#ifndef RUNNER_PROGRESS_H
#define RUNNER_PROGRESS_H

/* How far many runs are, on stderr: on a terminal a bar that stays on its line,
 * with runs done, runs a second, time left and what else there is to tell;
 * elsewhere a line every ten seconds. Callers hold a lock of their own. */

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/text.h"

struct progress {
    size_t total, done; /* runs */
    bool is_shown, is_terminal;
    double begun, shown; /* seconds */
};

/* Writes what else there is to tell, with ", " before it; may be NULL. */
typedef void progress_remark(const void *context, struct text *line);

void progress_begin(struct progress *progress, size_t total, bool is_shown);
/* One more run is done. */
void progress_step(struct progress *progress, progress_remark *remark,
                   const void *context);
void progress_end(struct progress *progress, progress_remark *remark,
                  const void *context);

#endif
