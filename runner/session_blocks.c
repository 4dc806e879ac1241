/* Packed runs: block after block in plan order, the packs of a block on
 * threads. A thread that finds no pack left in the open blocks opens the next
 * one; who does the last run of a block puts it in place (block_part.h).
 *
 * Processes that share the experiment divide it by claims (claim.h) on blocks:
 * what another holds is passed over, and at the end waited for, until it is
 * done, its process dead, or silent for too long; its part is gone on with, but
 * not that of a process that may yet live. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/json_slices.h"
#include "runner/interrupt.h"
#include "runner/kept.h"
#include "runner/schedule/jobs.h"
#include "runner/session_parts.h"
#include "runner/store/block.h"
#include "runner/store/block_part.h"
#include "runner/store/plan_file.h"
#include "runner/store/record.h"

enum block_state {
    BLOCK_TO_DO,
    BLOCK_OPEN,
    BLOCK_OTHERS, /* another process holds it */
    BLOCK_DONE,   /* or given up */
};

/* A block at work. */
struct open_block {
    struct open_block *next;
    struct session *session;
    size_t number, runs;
    char name[BLOCK_NAME_SIZE]; /* of the claim */
    struct block_part part;
    struct block_lines old; /* what was there before, or none */
    struct session_pack *packs;
    size_t pack_count, next_pack, running;
    bool differs; /* from what was there: it is not replaced */
    double seconds;
    size_t diverged;
};

struct session_blocks {
    size_t count;
    unsigned char *states; /* [count] of enum block_state */
    struct open_block *open;
};

static const struct plan *plan_of(const struct session *session) {
    return &session->planning->plan;
}

/* ------------------------------------------------------------ what is there
 */

static bool is_finished(const struct session *session, size_t number) {
    const struct plan *plan = plan_of(session);
    return block_is_finished(&session->store, number,
                             block_runs(plan->count, number),
                             &plan->config->output, session->verify);
}

/* After a session without an end the plan on disk may be lost, and blocks of
 * another one there. */
static bool is_foreign(const struct session *session, size_t number) {
    const struct plan *plan = plan_of(session);
    struct block_lines lines;
    bool foreign = false;
    if (!block_lines_open(&lines, &session->store, number))
        return false;
    for (size_t i = 0; i < lines.count && !foreign; i++) {
        size_t run = number * BLOCK_RUNS + i;
        struct bytes record;
        run_id id;
        if (!block_lines_read(&lines, i, &record))
            break;
        const struct json_slice text = {(const char *)record.data, record.size};
        foreign =
            plan_file_id(text, id) &&
            (run >= plan->count || plan->runs[run].id != run_id_number(id));
        bytes_release(&record);
    }
    block_lines_close(&lines);
    return foreign;
}

enum status_code session_find_blocks(struct session *session,
                                     struct status *status) {
    const struct plan *plan = plan_of(session);
    struct session_blocks *blocks = memory_zeroed(1, sizeof *blocks);
    session->blocks = blocks;
    blocks->count = (plan->count + BLOCK_RUNS - 1) / BLOCK_RUNS;
    blocks->states = memory_zeroed(blocks->count, sizeof *blocks->states);
    for (size_t i = 0; i < blocks->count && !interrupt_flag; i++) {
        STATUS_RETURN_IF(session->verify && is_foreign(session, i), status,
                         STATUS_CONFIG,
                         "%s/runs/%06zu.jsonl: its runs are none of this plan; "
                         "a changed plan needs a new name (name=...)",
                         session->store.path, i);
        if (session->invocation->force || !is_finished(session, i))
            continue;
        blocks->states[i] = BLOCK_DONE;
        block_part_forget(&session->store, i);
        session->kept += block_runs(plan->count, i);
    }
    return STATUS_OK;
}

bool session_block_is_finished(const struct session *session, size_t run) {
    return session->blocks->states[run / BLOCK_RUNS] == BLOCK_DONE;
}

/* --------------------------------------------------------------------- open
 */

/* Packs of the runs that the part has not yet. */
static void make_packs(struct open_block *block) {
    const struct session *session = block->session;
    const struct plan *plan = plan_of(session);
    struct session_run *runs = memory_zeroed(block->runs, sizeof *runs);
    size_t count = 0;
    for (size_t i = 0; i < block->runs; i++) {
        size_t run = block->number * BLOCK_RUNS + i;
        if (!block_part_has(&block->part, i))
            runs[count++] =
                (struct session_run){(uint32_t)run, plan->runs[run].group};
    }
    block->pack_count = session_pack_runs(
        session->kernels, &session->planning->pool, runs, count, &block->packs);
    free(runs);
}

static void close_block(struct open_block *block) {
    block_part_close(&block->part);
    block_lines_close(&block->old);
    free(block->packs);
    claims_give_back(&block->session->claims, block->name);
    free(block);
}

/* Under the lock. NULL if its part can't be opened. */
static struct open_block *open_block(struct session *session, size_t number,
                                     enum claim_answer claim) {
    struct open_block *block = memory_zeroed(1, sizeof *block);
    struct status status = STATUS_INIT;
    block->session = session;
    block->number = number;
    block->runs = block_runs(plan_of(session)->count, number);
    block_name(number, "", block->name);
    block_lines_open(&block->old, &session->store, number);
    enum status_code code = block_part_open(
        &block->part, &session->store, plan_of(session), number,
        claim != CLAIM_IMPOSSIBLE,
        claim == CLAIM_INHERITED || session->invocation->force, &status);
    if (code != STATUS_OK) {
        session_note_failure(session, code, &status);
        close_block(block);
        return NULL;
    }
    if (block->part.done) {
        code = journal_kept(&session->journal, block->part.done, &status);
        session->kept += block->part.done;
        session->progress.total -= block->part.done;
    }
    if (code != STATUS_OK)
        session_note_failure(session, code, &status);
    make_packs(block);
    block->next = session->blocks->open;
    session->blocks->open = block;
    return block;
}

/* Under the lock: claims the first block that is free, and opens it. NULL if
 * there is none. */
static struct open_block *open_next(struct session *session) {
    struct session_blocks *blocks = session->blocks;
    for (size_t i = 0; i < blocks->count; i++) {
        char name[BLOCK_NAME_SIZE];
        if (blocks->states[i] != BLOCK_TO_DO)
            continue;
        block_name(i, "", name);
        enum claim_answer claim = claims_take(&session->claims, name);
        blocks->states[i] = claim == CLAIM_OTHERS ? BLOCK_OTHERS : BLOCK_DONE;
        if (claim == CLAIM_OTHERS)
            continue;
        if (!session->invocation->force && is_finished(session, i)) {
            size_t runs = block_runs(plan_of(session)->count, i);
            claims_give_back(&session->claims, name);
            session->kept += runs;
            session->progress.total -= runs;
            continue;
        }
        blocks->states[i] = BLOCK_OPEN;
        return open_block(session, i, claim);
    }
    return NULL;
}

/* -------------------------------------------------------------------- a run
 */

static enum status_code keep_result(struct open_block *block, uint32_t number,
                                    const struct experiment *experiment,
                                    const struct measurement *measurement,
                                    struct status *status) {
    struct session *session = block->session;
    size_t line = number - block->number * BLOCK_RUNS;
    struct text text = TEXT_INIT, tensors = TEXT_INIT;
    run_id id;
    plan_id(plan_of(session), number, id);
    struct record record = {.id = id,
                            .config = &experiment->config,
                            .run = &experiment->run,
                            .measurement = measurement};
    STATUS_TRY(kept_compare_line(&session->store, &block->old, line, id,
                                 measurement, status));
    record_write_packed(&record, &text, &tensors);
    pthread_mutex_lock(&session->lock);
    enum status_code code =
        block_part_add(&block->part, line, &text, &tensors, status);
    pthread_mutex_unlock(&session->lock);
    text_release(&text);
    text_release(&tensors);
    return code;
}

static bool finish_run(void *context, uint32_t number,
                       const struct experiment *experiment,
                       const struct measurement *measurement, double seconds) {
    struct open_block *block = context;
    struct session *session = block->session;
    struct status status = STATUS_INIT;
    enum status_code code =
        keep_result(block, number, experiment, measurement, &status);
    pthread_mutex_lock(&session->lock);
    block->differs = block->differs || code == STATUS_DIFFERS;
    block->seconds += seconds;
    block->diverged += measurement->outcome == RUN_DIVERGED;
    pthread_mutex_unlock(&session->lock);
    session_report(session, code, &status);
    session_note_run(session, number, measurement, code == STATUS_OK);
    return code == STATUS_OK;
}

static enum status_code prepare(void *context, uint32_t run,
                                struct experiment *experiment,
                                struct status *status) {
    const struct open_block *block = context;
    return session_prepare(block->session, run, experiment, status);
}

/* ------------------------------------------------------------------- a block
 */

static enum status_code put_in_place(struct open_block *block,
                                     struct status *status) {
    STATUS_TRY(block_part_commit(&block->part, status));
    block_part_remove(&block->part);
    return journal_block(&block->session->journal, block->name, block->runs,
                         block->diverged, block->seconds, status);
}

/* Of a block that nobody is at work on: whole, it is put in place; else its
 * part stays for the next session, unless something in it is not to be. */
static void finish_block(struct open_block *block) {
    struct session *session = block->session;
    struct status status = STATUS_INIT;
    if (block->differs)
        block_part_remove(&block->part);
    else if (block->part.done == block->runs)
        session_report(session, put_in_place(block, &status), &status);
    close_block(block);
}

/* Under the lock: takes a block out of the list of open ones. */
static void unlink_block(struct session *session, struct open_block *block) {
    struct open_block **link = &session->blocks->open;
    while (*link != block)
        link = &(*link)->next;
    *link = block->next;
    session->blocks->states[block->number] = BLOCK_DONE;
}

/* ------------------------------------------------------------------- threads
 */

/* Under the lock: a block with a pack to do, or with nothing to do at all. */
static struct open_block *find_block(struct session *session) {
    struct open_block *found = NULL;
    for (struct open_block *block = session->blocks->open; block;
         block = block->next)
        if (block->next_pack < block->pack_count)
            found = block;
    return found ? found : open_next(session);
}

/* The next pack; false if there is none. A block of which nobody is to do
 * anything any more is handed over with `pack` NULL. */
static bool next_pack(struct session *session, struct open_block **block,
                      const struct session_pack **pack) {
    *pack = NULL;
    pthread_mutex_lock(&session->lock);
    *block = session_is_stopped(session) ? NULL : find_block(session);
    if (*block && (*block)->next_pack < (*block)->pack_count) {
        *pack = &(*block)->packs[(*block)->next_pack++];
        (*block)->running++;
    } else if (*block) {
        unlink_block(session, *block);
    }
    pthread_mutex_unlock(&session->lock);
    return *block != NULL;
}

static void run_pack(struct open_block *block,
                     const struct session_pack *pack) {
    struct session *session = block->session;
    const struct session_keeper keeper = session_keeper(session);
    const struct session_owner owner = {.kernels = session->kernels,
                                        .context = block,
                                        .prepare = prepare,
                                        .finish = finish_run,
                                        .keeper = &keeper};
    struct status status = STATUS_INIT;
    enum status_code code = session_train_pack(&owner, pack, &status);
    session_report(session, code, &status);
    pthread_mutex_lock(&session->lock);
    bool is_last =
        --block->running == 0 && block->next_pack == block->pack_count;
    if (is_last)
        unlink_block(session, block);
    pthread_mutex_unlock(&session->lock);
    if (is_last)
        finish_block(block);
    session_sync_at_times(session);
}

static void work(size_t index, void *context) {
    struct session *session = context;
    struct open_block *block;
    const struct session_pack *pack;
    (void)index;
    while (next_pack(session, &block, &pack)) {
        if (pack)
            run_pack(block, pack);
        else
            finish_block(block);
    }
}

/* Runs of the blocks that others hold, which are to be tried once more. */
static size_t take_up_others(struct session *session) {
    struct session_blocks *blocks = session->blocks;
    size_t runs = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        if (blocks->states[i] != BLOCK_OTHERS)
            continue;
        blocks->states[i] = BLOCK_TO_DO;
        runs += block_runs(plan_of(session)->count, i);
    }
    return runs;
}

void session_run_blocks(struct session *session) {
    struct session_blocks *blocks = session->blocks;
    size_t left = 0, before;
    do {
        before = left;
        jobs_run((size_t)session->threads, session->threads, work, session);
        left = take_up_others(session);
        if (left > 0 && left == before && !session_is_stopped(session))
            session_wait_for_others(session, left);
    } while (left > 0 && !session_is_stopped(session));
    while (blocks->open) {
        struct open_block *block = blocks->open;
        unlink_block(session, block);
        finish_block(block);
    }
}

void session_free_blocks(struct session *session) {
    if (session->blocks)
        free(session->blocks->states);
    free(session->blocks);
    session->blocks = NULL;
}
