#ifndef RUNNER_PROGRESS_H
#define RUNNER_PROGRESS_H

/* How far a sweep is, on stderr: on a terminal a bar that stays on its line,
 * with runs done, runs a second, time left and the best run so far; elsewhere a
 * line every ten seconds; nothing with -q or for a single run. Called under the
 * session's lock. */

#include "engine/train/trainer.h"
#include "runner/session.h"

void progress_begin(struct session *session);
void progress_run(struct session *session, const struct plan_run *run,
                  const struct measurement *measurement);
void progress_end(struct session *session);

#endif
