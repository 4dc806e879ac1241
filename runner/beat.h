#ifndef RUNNER_BEAT_H
#define RUNNER_BEAT_H

/* The beat of a process' claims (store/claim.h), by a timer's signal (SIGALRM):
 * a thread for it would cost a run alone a twelfth of its time. One claims at a
 * time; nothing happens where there is no timer. */

#include "runner/store/claim.h"

void beat_begin(struct claims *claims);
/* To be called before claims_release(). */
void beat_end(void);

#endif
