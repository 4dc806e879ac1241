#ifndef RUNNER_STORE_JOURNAL_H
#define RUNNER_STORE_JOURNAL_H

/* journal.jsonl: what happened when and where. One line of JSON an event, each
 * appended by one write, so that processes may share the file:
 *
 *   start  session, time, host, cpu, pid, version, source, build, numerics,
 *          isa, threads, config, data: where config and data were
 *   kept   session, time, count: runs that were finished before
 *   resumed  session, time, id, step: a run goes on from its checkpoint
 *   run    session, time, id, outcome (finished, diverged, failed), seconds
 *   block  session, time, block, runs, diverged, seconds: packed runs
 *   end    session, time, exit
 *
 * A session without an end line may have lost what it wrote last: the journal
 * says so, and finished folders are then checked against their own records.
 * The journal proves nothing and nothing is computed from it; a damaged line is
 * passed over with a remark.
 */

#include <stdbool.h>

#include "runner/store/store.h"

struct journal {
    int file;
    char session[80]; /* TIME-PID@HOST */
};

struct journal_start {
    const char *isa;
    int threads;
    const char *config_path;       /* as given; made absolute */
    const char *const *data_paths; /* as opened; made absolute */
    size_t data_count;
};

/* Whether finished folders must be checked: some session began and never ended,
 * or there is no telling, since the journal is missing, empty or damaged (a
 * loss of power may take the journal first). `damaged` is the number of lines
 * that are no event. */
bool journal_is_unclean(const struct store *store, size_t *damaged);

/* Opens the journal for appending, ends a torn last line, and writes the start
 * line. */
enum status_code journal_begin(struct journal *journal,
                               const struct store *store,
                               const struct journal_start *start,
                               struct status *status);
enum status_code journal_kept(struct journal *journal, size_t count,
                              struct status *status);
enum status_code journal_resumed(struct journal *journal, const char *id,
                                 int64_t step, struct status *status);
enum status_code journal_run(struct journal *journal, const char *id,
                             const char *outcome, double seconds,
                             struct status *status);
enum status_code journal_block(struct journal *journal, const char *block,
                               size_t runs, size_t diverged, double seconds,
                               struct status *status);
/* The end line; call it after store_sync(). */
enum status_code journal_end(struct journal *journal, int exit_status,
                             struct status *status);
void journal_close(struct journal *journal);

#endif
