#include "runner/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/memory.h"
#include "runner/interrupt.h"
#include "runner/kept.h"
#include "runner/report/summary.h"
#include "runner/schedule/jobs.h"
#include "runner/session_best.h"
#include "runner/store/put.h"
#include "runner/store/record.h"

/* ------------------------------------------------------------- what is to do
 */

void session_make_packs(struct session *session) {
    const struct planning *planning = session->planning;
    const struct plan *plan = &planning->plan;
    struct session_run *runs = memory_zeroed(plan->count, sizeof *runs);
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_run *run = &plan->runs[i];
        const struct experiment *first =
            planning->pool.groups[run->group].first;
        run_id id;
        plan_id(plan, i, id);
        if (!session->invocation->force &&
            record_is_finished(&session->store, id, &first->config.output,
                               session->verify))
            session->kept++;
        else
            runs[count++] = (struct session_run){(uint32_t)i, run->group};
    }
    session->pack_count = session_pack_runs(session->kernels, &planning->pool,
                                            runs, count, &session->packs);
    free(runs);
}

/* ------------------------------------------------------------------- one run
 */

static enum status_code keep_result(const struct session *session,
                                    const char *id,
                                    const struct experiment *experiment,
                                    const struct measurement *measurement,
                                    struct status *status) {
    struct store_files files = {.count = 0};
    struct record record = {.id = id,
                            .config = &experiment->config,
                            .run = &experiment->run,
                            .measurement = measurement};
    STATUS_TRY(kept_compare(&session->store, id, measurement, status));
    record_write(&record, &files);
    enum status_code code =
        store_commit(&session->store, id, &files, true, status);
    store_files_release(&files);
    return code;
}

/* Under the lock: the worst failure's message stays. */
static void note_failure(struct session *session, enum status_code code,
                         const struct status *status) {
    if (status_worse(code, session->code) != session->code) {
        session->code = code;
        *session->status = *status;
    }
    /* A run that came out otherwise than its record is that run's matter. */
    if (code != STATUS_DIFFERS)
        session->stop = 1;
}

/* A failure is journalled too, as far as the journal can still be written. */
static void finish_run(void *context, uint32_t number,
                       const struct experiment *experiment,
                       const struct measurement *measurement, double seconds) {
    struct session *session = context;
    const struct plan_run *run = &session->planning->plan.runs[number];
    struct status status = STATUS_INIT;
    run_id id;
    plan_id(&session->planning->plan, number, id);
    bool diverged = measurement->outcome == RUN_DIVERGED;
    enum status_code code =
        keep_result(session, id, experiment, measurement, &status);
    const char *outcome = code ? "failed" : diverged ? "diverged" : "finished";
    struct status journal_status = STATUS_INIT;
    enum status_code told =
        journal_run(&session->journal, id, outcome, seconds, &journal_status);
    pthread_mutex_lock(&session->lock);
    session->fresh += code == STATUS_OK;
    session->diverged += diverged;
    if (code != STATUS_OK)
        note_failure(session, code, &status);
    else if (told != STATUS_OK)
        note_failure(session, told, &journal_status);
    session_best_note(session, run, measurement);
    progress_step(&session->progress, session_best_write, session);
    pthread_mutex_unlock(&session->lock);
}

/* ------------------------------------------------------------------ one pack
 */

/* What a power cut would lose is kept to about a second. */
static void sync_at_times(struct session *session) {
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
    if (code != STATUS_OK) {
        pthread_mutex_lock(&session->lock);
        note_failure(session, code, &status);
        pthread_mutex_unlock(&session->lock);
    }
}

static enum status_code prepare_run(void *context, uint32_t number,
                                    struct experiment *experiment,
                                    struct status *status) {
    const struct session *session = context;
    return planning_experiment(session->planning,
                               &session->planning->plan.runs[number],
                               experiment, status);
}

static void run_pack(size_t index, void *context) {
    struct session *session = context;
    const struct session_owner owner = {.kernels = session->kernels,
                                        .context = session,
                                        .prepare = prepare_run,
                                        .finish = finish_run};
    struct status status = STATUS_INIT;
    if (session->stop || interrupt_flag)
        return;
    enum status_code code =
        session_train_pack(&owner, &session->packs[index], &status);
    if (code != STATUS_OK && code != STATUS_INTERRUPTED) {
        pthread_mutex_lock(&session->lock);
        note_failure(session, code, &status);
        pthread_mutex_unlock(&session->lock);
    }
    sync_at_times(session);
}

/* --------------------------------------------------------------- the session
 */

static enum status_code flush_plan(void *context, struct status *status) {
    return put_some(context, status);
}

static enum status_code put_plan(const struct session *session,
                                 struct status *status) {
    const struct plan *plan = &session->planning->plan;
    if (kept_plan(&session->store, plan))
        return STATUS_OK;
    struct put put;
    enum status_code code = put_begin(
        &put, &session->store, session->store.folder, "plan.json", status);
    if (code == STATUS_OK)
        code = plan_write(plan, &put.text, flush_plan, &put, status);
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

static enum status_code begin(struct session *session, struct status *status) {
    size_t damaged;
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
    return code == STATUS_OK ? put_plan(session, status) : code;
}

static enum status_code finish(struct session *session, struct status *status) {
    struct status later = STATUS_INIT;
    enum status_code code = session->code;
    enum status_code end = summary_write(&session->store, NULL, NULL, &later);
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
        note_failure(
            session,
            status_set(&status, STATUS_INTERRUPTED,
                       "interrupted after %zu of %zu runs; the same command "
                       "goes on from here",
                       done, session->planning->plan.count),
            &status);
}

enum status_code session_run(struct session *session, struct status *status) {
    const struct plan *plan = &session->planning->plan;
    session->status = status;
    pthread_mutex_init(&session->lock, NULL);
    session->begun = session->synced = session_seconds();
    enum status_code code = begin(session, status);
    if (code == STATUS_OK) {
        session_make_packs(session);
        if (session->kept)
            code = journal_kept(&session->journal, session->kept, status);
        session->code = code;
        session->best.value = NAN;
        progress_begin(&session->progress, plan->count - session->kept,
                       !session->invocation->quiet && plan->count > 1);
        if (code == STATUS_OK)
            jobs_run(session->pack_count, session->threads, run_pack, session);
        progress_end(&session->progress, session_best_write, session);
        note_interruption(session);
        if (session->kept)
            session->diverged = kept_diverged(&session->store, plan);
        session->earlier = kept_earlier(&session->store);
        code = finish(session, status);
    }
    journal_close(&session->journal);
    pthread_mutex_destroy(&session->lock);
    return code;
}

void session_release(struct session *session) {
    free(session->packs);
    session->packs = NULL;
}
