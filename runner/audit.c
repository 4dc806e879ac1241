#include "runner/audit.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/audit/audit_compare.h"
#include "runner/examine.h"
#include "runner/interrupt.h"
#include "runner/schedule/jobs.h"
#include "runner/store/record.h"

/* Records that are checked between two looks at their data; as many as are
 * kept, with their experiments, from the check until they are run; and the
 * bytes that such a record may have: what is beyond is read again. */
enum { CHUNK = 512, KEPT_LIMIT = 4096, KEPT_BYTES = 1 << 14 };

const char *const AUDIT_VERDICT_WORDS[AUDIT_VERDICTS] = {
    [AUDIT_NOT_RUN] = "not run",     [AUDIT_CHECKED] = "checked",
    [AUDIT_IDENTICAL] = "identical", [AUDIT_DIFFERS] = "differs",
    [AUDIT_MISSING] = "missing",     [AUDIT_NOT_COMPARABLE] = "not comparable",
};

void audit_init(struct audit *audit, const struct invocation *invocation,
                struct status *status) {
    *audit = (struct audit){
        .invocation = invocation, .status = status, .begun = session_seconds()};
    file_digests_init(&audit->file_digests);
    pthread_mutex_init(&audit->lock, NULL);
}

static void free_experiment(struct experiment *experiment) {
    if (experiment)
        experiment_release(experiment);
    free(experiment);
}

void audit_release_record(struct audit_item *item) {
    if (item->record)
        audit_record_release(item->record);
    free(item->record);
    item->record = NULL;
}

static void release_experiment(struct audit_experiment *experiment) {
    for (size_t i = 0; i < experiment->folder_count; i++)
        free(experiment->folders[i]);
    free(experiment->folders);
    free(experiment->path);
    origin_release(&experiment->origin);
    makers_release(&experiment->makers);
    audit_packed_free(experiment->packed);
    if (experiment->bundle)
        bundle_release(experiment->bundle);
    free(experiment->bundle);
}

void audit_release(struct audit *audit) {
    for (size_t i = 0; i < audit->count; i++) {
        struct audit_item *item = &audit->items[i];
        free(item->place.path);
        free(item->name);
        findings_release(&item->findings);
        free_experiment(item->experiment_read);
        audit_release_record(item);
    }
    pool_release(&audit->pool);
    for (size_t i = 0; i < audit->experiment_count; i++)
        release_experiment(&audit->experiments[i]);
    free(audit->items);
    free(audit->experiments);
    free(audit->packs);
    file_digests_release(&audit->file_digests);
    pthread_mutex_destroy(&audit->lock);
}

static void note_failure(struct audit *audit, enum status_code code,
                         const struct status *status) {
    pthread_mutex_lock(&audit->lock);
    if (status_worse(code, audit->code) != audit->code) {
        audit->code = code;
        *audit->status = *status;
    }
    pthread_mutex_unlock(&audit->lock);
}

/* ------------------------------------------------------------------ verdict */

/* `good` is what it is if nothing was found. */
static void judge(struct audit_item *item, enum audit_verdict good) {
    enum status_code code = item->findings.code;
    item->verdict = code == STATUS_OK      ? good
                    : code == STATUS_INPUT ? AUDIT_NOT_COMPARABLE
                                           : AUDIT_DIFFERS;
}

/* -------------------------------------------------------------------- check */

static void take_names(struct audit_item *item,
                       const struct audit_record *record) {
    const char *id = json_get_string(json_member(record->json, "id"), "");
    const char *name = json_get_string(json_member(record->json, "name"), "");
    item->name = memory_string(name);
    if (store_is_id(id))
        memcpy(item->id, id, sizeof item->id);
    item->files = record->count;
    item->bytes = record->size;
}

/* The config of a record that can be run again, or NULL. */
static struct experiment *check_config(const struct audit *audit,
                                       struct audit_item *item,
                                       const struct audit_record *record) {
    const struct audit_experiment *of = &audit->experiments[item->experiment];
    struct experiment *experiment = memory_zeroed(1, sizeof *experiment);
    experiment->path = item->place.path;
    bool good = audit_check_config(&item->place, record,
                                   item->reruns ? &of->places : NULL,
                                   &experiment->config, &item->findings);
    if (good && !item->reruns)
        audit_check_contents(record, &experiment->config, &item->findings);
    if (good && item->reruns)
        return experiment;
    free_experiment(experiment);
    return NULL;
}

/* A record that is not too large is there until its data are loaded. */
static void check_one(struct audit *audit, struct audit_item *item) {
    const struct audit_experiment *of = &audit->experiments[item->experiment];
    const struct machine *here = &audit->here;
    struct audit_record *record = memory_zeroed(1, sizeof *record);
    item->record = record;
    audit_record_read(record, &item->place);
    audit_record_parse(record, item->reruns ? AUDIT_HEAD : AUDIT_CONTENTS);
    take_names(item, record);
    const struct maker *maker = makers_find(&of->makers, item->id);
    item->is_here = !maker || maker_is_here(maker, here);
    if (audit_check_files(&item->place, record, maker, here, &item->findings))
        item->experiment_read = check_config(audit, item, record);
    audit_record_forget(record);
    if (record->size > KEPT_BYTES)
        audit_release_record(item);
    judge(item, item->reruns ? AUDIT_NOT_RUN : AUDIT_CHECKED);
}

struct chunk {
    struct audit *audit;
    size_t first;
};

static void check_job(size_t index, void *context) {
    const struct chunk *chunk = context;
    struct audit_item *item = &chunk->audit->items[chunk->first + index];
    if (interrupt_flag)
        return;
    /* A block is held against its own digests once, whatever runs are asked
     * for. */
    if (!item->is_run && item->place.packed)
        audit_packed_check(item->place.packed, &item->findings);
    if (item->looks)
        check_one(chunk->audit, item);
}

/* Data that are not there are the record's matter, not the audit's. */
static void tell_problems(struct audit_item *item,
                          const struct problems *problems) {
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->problem[i];
        bool is_input = problem->code == STATUS_INPUT;
        struct text message = TEXT_INIT;
        audit_write_problem(problem, &message);
        findings_add(&item->findings,
                     is_input ? FINDING_NO_DATA : FINDING_CONFIG, "config.yaml",
                     "%s", message.bytes);
        text_release(&message);
    }
}

static void load_one(struct audit *audit, struct audit_item *item) {
    struct problems problems = {0};
    struct experiment *experiment = item->experiment_read;
    item->experiment_read = NULL;
    item->data = (uint32_t)pool_load(&audit->pool, experiment, &problems);
    if (problems.count == 0)
        experiment = pool_enter(&audit->pool, experiment, &item->group);
    tell_problems(item, &problems);
    item->reruns = problems.count == 0;
    if (!item->reruns)
        judge(item, AUDIT_NOT_RUN);
    problems_release(&problems);
    if (item->reruns && experiment && audit->kept < KEPT_LIMIT) {
        item->experiment_read = experiment;
        audit->kept++;
    } else {
        free_experiment(experiment);
        audit_release_record(item);
    }
}

static enum status_code note_interruption(struct audit *audit) {
    struct status status = STATUS_INIT;
    size_t done = 0, all = 0;
    if (!interrupt_flag)
        return audit->code;
    for (size_t i = 0; i < audit->count; i++) {
        all += audit->items[i].looks;
        done +=
            audit->items[i].looks && audit->items[i].verdict != AUDIT_NOT_RUN;
    }
    status_set(&status, STATUS_INTERRUPTED,
               "interrupted after %zu of %zu runs; the same command begins "
               "again",
               done, all);
    note_failure(audit, STATUS_INTERRUPTED, &status);
    return audit->code;
}

static void leave_out(struct audit_item *item) {
    item->reruns = false;
    audit_release_record(item);
}

enum status_code audit_check(struct audit *audit) {
    for (size_t first = 0; first < audit->count; first += CHUNK) {
        struct chunk chunk = {audit, first};
        size_t left = audit->count - first;
        size_t count = left < CHUNK ? left : CHUNK;
        jobs_run(count, audit->threads, check_job, &chunk);
        for (size_t i = first; i < first + count; i++)
            if (audit->items[i].experiment_read)
                load_one(audit, &audit->items[i]);
            else
                leave_out(&audit->items[i]);
    }
    return note_interruption(audit);
}

/* ---------------------------------------------------------------- run again */

static enum status_code read_again(struct audit *audit, struct audit_item *item,
                                   struct experiment *experiment,
                                   struct problems *problems) {
    const struct audit_experiment *of = &audit->experiments[item->experiment];
    audit_record_parse(item->record, AUDIT_HEAD);
    if (!audit_record_file(item->record, "config.yaml") || !item->record->json)
        return STATUS_DIFFERS;
    audit_read_config(&item->place, item->record, &of->places,
                      &experiment->config, problems);
    experiment->data = audit->pool.data[item->data].data;
    examine(experiment, 0, problems);
    return problems->count ? STATUS_DIFFERS : STATUS_OK;
}

enum status_code audit_prepare(struct audit *audit, size_t number,
                               struct experiment *experiment,
                               struct status *status) {
    struct audit_item *item = &audit->items[number];
    struct problems problems = {0};
    enum status_code code = STATUS_OK;
    if (!item->record) {
        item->record = memory_zeroed(1, sizeof *item->record);
        audit_record_read(item->record, &item->place);
    }
    *experiment = (struct experiment){.path = item->place.path};
    if (item->experiment_read) {
        experiment_move(experiment, item->experiment_read);
        free(item->experiment_read);
        item->experiment_read = NULL;
    } else {
        code = read_again(audit, item, experiment, &problems);
    }
    problems_release(&problems);
    STATUS_RETURN_IF(code != STATUS_OK, status, code,
                     "%s: changed while it was being audited",
                     item->place.path);
    return STATUS_OK;
}

static enum status_code prepare(void *context, uint32_t number,
                                struct experiment *experiment,
                                struct status *status) {
    return audit_prepare(context, number, experiment, status);
}

static bool finish(void *context, uint32_t number,
                   const struct experiment *experiment,
                   const struct measurement *measurement, double seconds) {
    struct audit *audit = context;
    struct audit_item *item = &audit->items[number];
    run_id id;
    (void)seconds;
    plan_make_id(&experiment->config, experiment->data, id);
    audit_compare(item->record,
                  &(struct record){.id = id,
                                   .config = &experiment->config,
                                   .run = &experiment->run,
                                   .measurement = measurement},
                  &item->findings);
    judge(item, AUDIT_IDENTICAL);
    pthread_mutex_lock(&audit->lock);
    progress_step(&audit->progress, NULL, NULL);
    pthread_mutex_unlock(&audit->lock);
    return true;
}

static void run_pack(size_t index, void *context) {
    struct audit *audit = context;
    const struct session_pack *pack = &audit->packs[index];
    const struct session_owner owner = {.kernels = audit->kernels,
                                        .context = audit,
                                        .prepare = prepare,
                                        .finish = finish};
    struct status status = STATUS_INIT;
    if (interrupt_flag)
        return;
    enum status_code code = session_train_pack(&owner, pack, &status);
    if (code != STATUS_OK && code != STATUS_INTERRUPTED)
        note_failure(audit, code, &status);
    for (size_t i = 0; i < pack->count; i++)
        audit_release_record(&audit->items[pack->runs[i]]);
}

enum status_code audit_rerun(struct audit *audit) {
    struct session_run *runs = memory_zeroed(audit->count, sizeof *runs);
    size_t count = 0;
    for (size_t i = 0; i < audit->count; i++)
        if (audit->items[i].reruns)
            runs[count++] =
                (struct session_run){(uint32_t)i, audit->items[i].group};
    audit->pack_count = session_pack_runs(audit->kernels, &audit->pool, runs,
                                          count, &audit->packs);
    free(runs);
    progress_begin(&audit->progress, count,
                   !audit->invocation->quiet && count > 1);
    jobs_run(audit->pack_count, audit->threads, run_pack, audit);
    progress_end(&audit->progress, NULL, NULL);
    return note_interruption(audit);
}

enum status_code audit_code(const struct audit *audit) {
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < audit->count; i++)
        code = status_worse(code, audit->items[i].findings.code);
    return code;
}
