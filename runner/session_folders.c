/* Runs with a folder each: packs on threads, a folder as soon as its run is
 * done.
 *
 * Processes that share the experiment divide it by claims (claim.h) on units:
 * UNIT_RUNS runs of a group that follow one another in the plan, or, of
 * networks that run alone, one; a unit is known by the id of its first run. A
 * process takes a pack if it gets all of its units, else leaves it to the end.
 * Then it takes what has become free run by run, and waits for what others
 * hold: until they are done, are dead, or have been silent for too long. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/kept.h"
#include "runner/schedule/jobs.h"
#include "runner/session_parts.h"
#include "runner/store/record.h"

enum { UNIT_RUNS = KERNEL_WIDTH_LIMIT };

/* ------------------------------------------------------------- what is to do
 */

/* Units by group, while the plan is gone through. */
struct unit {
    uint32_t first, runs;
};

static uint32_t unit_of(const struct session *session, struct unit *units,
                        size_t run) {
    uint32_t group = session->planning->plan.runs[run].group;
    struct unit *unit = &units[group];
    const struct run *first = &session->planning->pool.groups[group].first->run;
    if (unit->runs == 0 || unit->runs == UNIT_RUNS ||
        !session_packs_several(first))
        *unit = (struct unit){(uint32_t)run, 0};
    unit->runs++;
    return unit->first;
}

static bool is_finished(const struct session *session, size_t run) {
    const struct planning *planning = session->planning;
    uint32_t group = planning->plan.runs[run].group;
    run_id id;
    plan_id(&planning->plan, run, id);
    return record_is_finished(
        &session->store, id, &planning->pool.groups[group].first->config.output,
        session->verify);
}

static bool is_kept(const struct session *session, size_t run) {
    return !session->invocation->force && is_finished(session, run);
}

void session_make_packs(struct session *session) {
    const struct planning *planning = session->planning;
    const struct plan *plan = &planning->plan;
    struct session_run *runs = memory_zeroed(plan->count, sizeof *runs);
    struct unit *units =
        memory_zeroed(planning->pool.group_count, sizeof *units);
    size_t count = 0;
    free(session->units);
    session->units = memory_zeroed(plan->count, sizeof *session->units);
    for (size_t i = 0; i < plan->count; i++) {
        session->units[i] = unit_of(session, units, i);
        if (session->blocks ? session_block_is_finished(session, i)
                            : is_kept(session, i))
            session->kept += !session->blocks;
        else
            runs[count++] =
                (struct session_run){(uint32_t)i, plan->runs[i].group};
    }
    session->pack_count = session_pack_runs(session->kernels, &planning->pool,
                                            runs, count, &session->packs);
    free(units);
    free(runs);
}

/* ------------------------------------------------------------------- claims
 */

static void unit_name(const struct session *session, uint32_t run,
                      run_id name) {
    plan_id(&session->planning->plan, session->units[run], name);
}

static bool take(struct session *session, uint32_t run) {
    run_id name;
    unit_name(session, run, name);
    return claims_take(&session->claims, name) != CLAIM_OTHERS;
}

static void give_back(struct session *session, uint32_t run) {
    run_id name;
    unit_name(session, run, name);
    claims_give_back(&session->claims, name);
}

/* Whether another process has finished a run since the start. */
static bool is_done_meanwhile(const struct session *session, uint32_t run) {
    run_id id;
    plan_id(&session->planning->plan, run, id);
    return store_has_run(&session->store, id) && is_finished(session, run);
}

/* Moves to `mine` the runs of a pack that are ours to do, each with a claim;
 * what others hold stays in the pack. With `whole` it is all or nothing. */
static void claim_pack(struct session *session, struct session_pack *pack,
                       bool whole, struct session_pack *mine) {
    size_t left = 0, kept = 0;
    *mine = *pack;
    mine->count = 0;
    for (size_t i = 0; i < pack->count; i++) {
        uint32_t run = pack->runs[i];
        if ((whole && left > 0) || !take(session, run)) {
            pack->runs[left++] = run;
        } else if (is_done_meanwhile(session, run)) {
            give_back(session, run);
            kept++;
        } else {
            mine->runs[mine->count++] = run;
        }
    }
    pack->count = left;
    if (whole && left > 0) {
        for (size_t i = 0; i < mine->count; i++) {
            give_back(session, mine->runs[i]);
            pack->runs[pack->count++] = mine->runs[i];
        }
        mine->count = 0;
    }
    if (kept)
        session_note_kept(session, kept);
}

/* With -f every process does everything; claims then only say whose the
 * checkpoints are. False, and no claim, if one is another's. */
static bool claim_forced(struct session *session, struct session_pack *pack,
                         struct session_pack *mine) {
    size_t taken = 0;
    *mine = *pack;
    pack->count = 0;
    while (taken < mine->count && take(session, mine->runs[taken]))
        taken++;
    if (taken == mine->count)
        return true;
    while (taken > 0)
        give_back(session, mine->runs[--taken]);
    return false;
}

/* -------------------------------------------------------------------- a run
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

/* A failure is journalled too, as far as the journal can still be written. */
static bool finish_run(void *context, uint32_t number,
                       const struct experiment *experiment,
                       const struct measurement *measurement, double seconds) {
    struct session *session = context;
    struct status status = STATUS_INIT, journal_status = STATUS_INIT;
    bool diverged = measurement->outcome == RUN_DIVERGED;
    run_id id;
    plan_id(&session->planning->plan, number, id);
    enum status_code code =
        keep_result(session, id, experiment, measurement, &status);
    const char *outcome = code ? "failed" : diverged ? "diverged" : "finished";
    enum status_code told =
        journal_run(&session->journal, id, outcome, seconds, &journal_status);
    session_report(session, code, &status);
    if (code == STATUS_OK)
        session_report(session, told, &journal_status);
    session_note_run(session, number, measurement, code == STATUS_OK);
    return code == STATUS_OK;
}

/* -------------------------------------------------------------------- packs
 */

static void run_pack(struct session *session, struct session_pack *pack,
                     bool whole) {
    const struct session_keeper keeper = session_keeper(session);
    struct session_owner owner = {.kernels = session->kernels,
                                  .context = session,
                                  .prepare = session_prepare,
                                  .finish = finish_run};
    struct status status = STATUS_INIT;
    struct session_pack mine;
    bool is_ours = true;
    if (session_is_stopped(session) || pack->count == 0)
        return;
    if (session->invocation->force)
        is_ours = claim_forced(session, pack, &mine);
    else
        claim_pack(session, pack, whole, &mine);
    if (mine.count == 0)
        return;
    owner.keeper = is_ours ? &keeper : NULL;
    enum status_code code = session_train_pack(&owner, &mine, &status);
    session_report(session, code, &status);
    for (size_t i = 0; is_ours && i < mine.count; i++)
        give_back(session, mine.runs[i]);
    session_sync_at_times(session);
}

static void run_whole(size_t index, void *session) {
    run_pack(session, &((struct session *)session)->packs[index], true);
}

static void run_free(size_t index, void *session) {
    run_pack(session, &((struct session *)session)->packs[index], false);
}

static size_t count_left(const struct session *session) {
    size_t left = 0;
    for (size_t i = 0; i < session->pack_count; i++)
        left += session->packs[i].count;
    return left;
}

void session_run_folders(struct session *session) {
    jobs_run(session->pack_count, session->threads, run_whole, session);
    size_t left = count_left(session), before = 0;
    while (left > 0 && !session_is_stopped(session)) {
        if (left == before)
            session_wait_for_others(session, left);
        before = left;
        jobs_run(session->pack_count, session->threads, run_free, session);
        left = count_left(session);
    }
}
