#include "runner/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runner/beat.h"
#include "runner/interrupt.h"
#include "runner/kept.h"
#include "runner/report/summary.h"
#include "runner/session_best.h"
#include "runner/session_parts.h"
#include "runner/store/put.h"

/* ------------------------------------------------------------ on the way
 */

void session_note_failure(struct session *session, enum status_code code,
                          const struct status *status) {
    if (status_worse(code, session->code) != session->code) {
        session->code = code;
        *session->status = *status;
    }
    /* A run that came out otherwise than its record is that run's matter. */
    if (code != STATUS_DIFFERS)
        session->stop = 1;
}

void session_report(struct session *session, enum status_code code,
                    const struct status *status) {
    if (code == STATUS_OK || code == STATUS_INTERRUPTED)
        return;
    pthread_mutex_lock(&session->lock);
    session_note_failure(session, code, status);
    pthread_mutex_unlock(&session->lock);
}

void session_note_run(struct session *session, uint32_t run,
                      const struct measurement *measurement, bool is_kept) {
    pthread_mutex_lock(&session->lock);
    session->fresh += is_kept;
    session->diverged += measurement->outcome == RUN_DIVERGED;
    session_best_note(session, &session->planning->plan.runs[run], measurement);
    progress_step(&session->progress, session_best_write, session);
    pthread_mutex_unlock(&session->lock);
}

void session_note_kept(struct session *session, size_t runs) {
    pthread_mutex_lock(&session->lock);
    session->kept += runs;
    session->progress.total -= runs;
    pthread_mutex_unlock(&session->lock);
}

/* What a power cut would lose is kept to about a second. */
void session_sync_at_times(struct session *session) {
    bool is_due = false;
    double now = session_seconds();
    pthread_mutex_lock(&session->lock);
    if (now - session->synced >= 1) {
        session->synced = now;
        is_due = true;
    }
    pthread_mutex_unlock(&session->lock);
    struct status status = STATUS_INIT;
    enum status_code code =
        is_due ? store_sync(&session->store, &status) : STATUS_OK;
    session_report(session, code, &status);
}

enum status_code session_prepare(void *context, uint32_t run,
                                 struct experiment *experiment,
                                 struct status *status) {
    const struct session *session = context;
    return planning_experiment(session->planning,
                               &session->planning->plan.runs[run], experiment,
                               status);
}

bool session_is_stopped(const struct session *session) {
    return session->stop || interrupt_flag;
}

void session_wait_for_others(struct session *session, size_t runs) {
    const struct timespec moment = {.tv_nsec = 50 * 1000 * 1000};
    if (!session->has_waited && !session->invocation->quiet)
        fprintf(stderr, "waiting for %zu run%s of another process\n", runs,
                runs == 1 ? "" : "s");
    session->has_waited = true;
    nanosleep(&moment, NULL);
}

/* --------------------------------------------------------------- the session
 */

static enum status_code flush_plan(void *context, struct status *status) {
    return put_some(context, status);
}

static enum status_code put_plan(const struct session *session,
                                 struct status *status) {
    struct put put;
    enum status_code code = put_begin(
        &put, &session->store, session->store.folder, "plan.json", status);
    if (code == STATUS_OK)
        code = plan_write(&session->planning->plan, &put.text, flush_plan, &put,
                          status);
    if (code == STATUS_OK)
        code = put_end(&put, status);
    put_drop(&put);
    return code;
}

/* Every data file once. */
static const char **data_paths(const struct planning *planning, size_t *count) {
    const char **paths =
        malloc((2 * planning->pool.data_count + 1) * sizeof *paths);
    *count = 0;
    for (size_t i = 0; paths && i < planning->pool.data_count; i++)
        for (size_t j = 0; j < planning->pool.data[i].data->input_count; j++)
            paths[(*count)++] = planning->pool.data[i].data->input[j].path;
    return paths;
}

static bool is_packed(const struct session *session) {
    return session->planning->plan.config->output.runs == OUTPUT_PACKED;
}

enum status_code session_look(struct session *session, struct status *status) {
    if (is_packed(session))
        return session_find_blocks(session, status);
    session_make_packs(session);
    return STATUS_OK;
}

static enum status_code begin(struct session *session, struct status *status) {
    size_t damaged;
    struct kept_plan kept;
    const struct plan *plan = &session->planning->plan;
    STATUS_TRY(kept_plan(&session->store, plan, &kept, status));
    STATUS_TRY(kept_form(&session->store, plan, &kept, status));
    struct journal_start start = {.isa = session->kernels->isa,
                                  .threads = session->threads,
                                  .config_path = session->planning->path};
    session->verify = journal_is_unclean(&session->store, &damaged);
    if (damaged)
        fprintf(stderr,
                "runner: remark: %s/journal.jsonl: %zu damaged line%s passed "
                "over\n",
                session->store.path, damaged, damaged == 1 ? "" : "s");
    const char **paths = data_paths(session->planning, &start.data_count);
    start.data_paths = paths;
    enum status_code code =
        journal_begin(&session->journal, &session->store, &start, status);
    free(paths);
    return code == STATUS_OK && !kept.stands ? put_plan(session, status) : code;
}

/* An interrupted process has two seconds, which summaries of many runs may
 * take. */
static double late;

static bool is_late(void) {
    return interrupt_flag && session_seconds() > late;
}

/* Summaries that were not written for want of time are no failure. */
static enum status_code summarize(struct session *session,
                                  struct status *status) {
    struct summary_counts counts;
    late = session_seconds() + 0.75;
    enum status_code code =
        summary_write(&session->store, is_late, &counts, status);
    if (is_packed(session) && code == STATUS_OK)
        session->diverged = counts.outcomes[OUTCOME_DIVERGED];
    if (code != STATUS_INTERRUPTED)
        return code;
    *status = STATUS_INIT;
    return STATUS_OK;
}

static enum status_code finish(struct session *session, struct status *status) {
    struct status later = STATUS_INIT;
    enum status_code code = session->code;
    enum status_code end = summarize(session, &later);
    if (end == STATUS_OK)
        end = store_sync(&session->store, &later);
    enum status_code runs = session->diverged ? STATUS_RUN : STATUS_OK;
    int exit_status = status_exit(status_worse(status_worse(code, end), runs));
    if (end == STATUS_OK)
        end = journal_end(&session->journal, exit_status, &later);
    if (status_worse(code, end) != code)
        *status = later;
    return status_worse(code, end);
}

/* Packs that had not begun say nothing of the interruption themselves. */
static void note_interruption(struct session *session) {
    struct status status = STATUS_INIT;
    size_t done = session->fresh + session->kept;
    if (interrupt_flag && done < session->planning->plan.count)
        session_note_failure(
            session,
            status_set(&status, STATUS_INTERRUPTED,
                       "interrupted after %zu of %zu runs; the same command "
                       "goes on from here",
                       done, session->planning->plan.count),
            &status);
}

static void run_all(struct session *session) {
    const struct plan *plan = &session->planning->plan;
    session->best.value = NAN;
    progress_begin(&session->progress, plan->count - session->kept,
                   !session->invocation->quiet && plan->count > 1);
    claims_init(&session->claims, session->store.work);
    beat_begin(&session->claims);
    if (is_packed(session))
        session_run_blocks(session);
    else
        session_run_folders(session);
    session_tidy_checkpoints(session);
    beat_end();
    claims_release(&session->claims);
    if (session->claims.has_met)
        store_tidy(&session->store); /* they may be dead by now */
    progress_end(&session->progress, session_best_write, session);
    note_interruption(session);
}

enum status_code session_run(struct session *session, struct status *status) {
    session->status = status;
    pthread_mutex_init(&session->lock, NULL);
    session->begun = session->synced = session_seconds();
    enum status_code code = begin(session, status);
    if (code == STATUS_OK) {
        code = session_look(session, status);
        if (code == STATUS_OK && session->kept)
            code = journal_kept(&session->journal, session->kept, status);
        session->code = code;
        if (code == STATUS_OK)
            run_all(session);
        if (session->kept && !is_packed(session))
            session->diverged =
                kept_diverged(&session->store, &session->planning->plan);
        session->earlier = kept_earlier(&session->store);
        code = finish(session, status);
    }
    journal_close(&session->journal);
    pthread_mutex_destroy(&session->lock);
    return code;
}

void session_release(struct session *session) {
    free(session->packs);
    free(session->units);
    session_free_blocks(session);
    session->packs = NULL;
    session->units = NULL;
}
