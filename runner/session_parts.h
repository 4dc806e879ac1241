#ifndef RUNNER_SESSION_PARTS_H
#define RUNNER_SESSION_PARTS_H

/* What session.c, session_folders.c and session_blocks.c share. */

#include "runner/session.h"

/* Under the lock: the worst failure's message stays, and no pack is begun any
 * more, unless a run only came out otherwise than its record. */
void session_note_failure(struct session *session, enum status_code code,
                          const struct status *status);
/* The same, taking the lock; STATUS_OK and STATUS_INTERRUPTED are no failures.
 */
void session_report(struct session *session, enum status_code code,
                    const struct status *status);

/* A run is done: counts it and moves the bar. Takes the lock. */
void session_note_run(struct session *session, uint32_t run,
                      const struct measurement *measurement, bool is_kept);

/* A session_owner's prepare() with the session as its context. */
enum status_code session_prepare(void *session, uint32_t run,
                                 struct experiment *experiment,
                                 struct status *status);

/* Syncs the store if that was not done for a second. */
void session_sync_at_times(struct session *session);

/* Where this session's runs go on from; see session_checkpoints.c. */
struct session_keeper session_keeper(struct session *session);
/* Removes the checkpoints of runs that have a record, which a kill may leave.
 */
void session_tidy_checkpoints(const struct session *session);

bool session_is_stopped(const struct session *session);

/* Says once that others are waited for, and waits a moment. */
void session_wait_for_others(struct session *session, size_t runs);

/* Runs that another process has finished meanwhile. Takes the lock. */
void session_note_kept(struct session *session, size_t runs);

/* Packs the runs that are not finished; where blocks were found, by those. */
void session_make_packs(struct session *session);
/* Carries the packs out: a folder a run. */
void session_run_folders(struct session *session);

/* Finds the blocks that are finished. STATUS_CONFIG if what is there is no part
 * of this plan. */
enum status_code session_find_blocks(struct session *session,
                                     struct status *status);
/* Whether the block of a run is one of them. */
bool session_block_is_finished(const struct session *session, size_t run);
/* Carries out the others. */
void session_run_blocks(struct session *session);
void session_free_blocks(struct session *session);

#endif
