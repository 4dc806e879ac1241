#ifndef RUNNER_SESSION_BEST_H
#define RUNNER_SESSION_BEST_H

/* A session's best run so far, for its progress. Under the session's lock. */

#include "engine/train/trainer.h"
#include "runner/session.h"

void session_best_note(struct session *session, const struct plan_run *run,
                       const struct measurement *measurement);

/* ", best METRIC VALUE at COMBINATION": a progress_remark of a session. */
void session_best_write(const void *session, struct text *line);

#endif
