/* Checkpoints of a session's runs (train.checkpoint_every): where a run goes on
 * from, and what is kept of it on its way.
 *
 * They save time and decide nothing: a run ends with the same bytes wherever it
 * began. So one that can't be used is passed over with a remark, and one that
 * can't be written costs neither the run nor the exit status. With -f runs
 * begin anew.
 *
 * Runs side by side in a pack keep one each, at the same updates, those of the
 * smallest checkpoint_every among them. After a kill some may stand at other
 * updates than their neighbours; then those of one update are trained together
 * (session_train_pack()). */

#include <stdio.h>
#include <stdlib.h>

#include "runner/session_parts.h"
#include "runner/store/block.h"
#include "runner/store/checkpoint_file.h"

static struct checkpoint_owner owner_of(const struct session *session,
                                        const struct experiment *experiment,
                                        const char *id) {
    return (struct checkpoint_owner){
        .id = id,
        .is_fast = experiment->config.training.numerics == NUMERICS_FAST,
        .isa = session->kernels->isa,
    };
}

static void tell_ignored(const struct session *session, const char *id,
                         bool is_damaged) {
    fprintf(stderr,
            "runner: remark: %s/.work/%s.checkpoint: %s; the run begins anew\n",
            session->store.path, id,
            is_damaged ? "damaged" : "of another run, version or machine");
}

static void tell_resumed(struct session *session, const char *id,
                         int64_t step) {
    struct status status = STATUS_INIT;
    pthread_mutex_lock(&session->lock);
    session->resumed++;
    pthread_mutex_unlock(&session->lock);
    if (session->planning->plan.count == 1 && !session->invocation->quiet)
        fprintf(stderr, "%s/runs/%s: goes on from update %lld\n",
                session->store.path, id, (long long)step);
    enum status_code code =
        journal_resumed(&session->journal, id, step, &status);
    session_report(session, code, &status);
}

static void find(void *context, uint32_t run,
                 const struct experiment *experiment, struct bytes *state) {
    struct session *session = context;
    run_id id;
    plan_id(&session->planning->plan, run, id);
    if (session->invocation->force) {
        checkpoint_file_remove(&session->store, id);
        return;
    }
    struct checkpoint_owner owner = owner_of(session, experiment, id);
    enum checkpoint_answer answer =
        checkpoint_file_read(&session->store, &owner, state);
    if (answer == CHECKPOINT_THERE)
        tell_resumed(session, id, checkpoint_step(state));
    else if (answer != CHECKPOINT_NONE)
        tell_ignored(session, id, answer == CHECKPOINT_DAMAGED);
}

/* One remark is enough: what fails mostly fails again. */
static void tell_lost(struct session *session, const struct status *status) {
    pthread_mutex_lock(&session->lock);
    bool is_first = !session->has_lost_checkpoint;
    session->has_lost_checkpoint = true;
    pthread_mutex_unlock(&session->lock);
    if (is_first)
        fprintf(stderr,
                "runner: remark: %s; runs go on without this checkpoint\n",
                status->message);
}

static void keep(void *context, uint32_t run,
                 const struct experiment *experiment,
                 const struct text *state) {
    struct session *session = context;
    struct status status = STATUS_INIT;
    run_id id;
    plan_id(&session->planning->plan, run, id);
    struct checkpoint_owner owner = owner_of(session, experiment, id);
    if (checkpoint_file_write(&session->store, &owner, state, &status) ==
        STATUS_OK)
        session_sync_at_times(session);
    else
        tell_lost(session, &status);
}

/* The record is on the disk first, as far as that is a second old. */
static void drop(void *context, uint32_t run) {
    struct session *session = context;
    run_id id;
    plan_id(&session->planning->plan, run, id);
    session_sync_at_times(session);
    checkpoint_file_remove(&session->store, id);
}

struct session_keeper session_keeper(struct session *session) {
    return (struct session_keeper){
        .context = session, .find = find, .keep = keep, .drop = drop};
}

static bool has_record(const struct session *session, const char *id) {
    const struct plan *plan = &session->planning->plan;
    if (!session->blocks)
        return store_has_run(&session->store, id);
    size_t run = 0;
    while (run < plan->count && plan->runs[run].id != run_id_number(id))
        run++;
    return run < plan->count &&
           block_is_there(&session->store, run / BLOCK_RUNS);
}

void session_tidy_checkpoints(const struct session *session) {
    run_id *ids;
    size_t count = checkpoint_file_ids(&session->store, &ids);
    for (size_t i = 0; i < count; i++)
        if (has_record(session, ids[i]))
            checkpoint_file_remove(&session->store, ids[i]);
    free(ids);
}
