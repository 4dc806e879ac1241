#include "runner/planning.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/config/config_document.h"
#include "runner/examine.h"
#include "runner/interrupt.h"
#include "runner/plan/derive.h"
#include "runner/schedule/jobs.h"

/* Combinations with problems of their own after which a sweep is given up:
 * what is wrong is clear by then. */
enum { FAULTY_LIMIT = 100 };

/* ------------------------------------------------------------------- reading
 */

static bool read_base(struct planning *planning,
                      const struct invocation *invocation,
                      struct problems *problems) {
    const char **axes = memory_zeroed(invocation->argument_count, sizeof *axes);
    size_t axis_count = 0, before = problems->count;
    tree_read(&planning->base, planning->path, problems);
    for (size_t i = 1; i < invocation->argument_count; i++) {
        char *argument = invocation->arguments[i];
        if (space_takes(planning->base.root, argument))
            axes[axis_count++] = argument;
        else
            tree_override(&planning->base, argument, problems);
    }
    bool understood = problems->count == before;
    space_init(&planning->space, &planning->base, axes, axis_count, problems);
    free(axes);
    return understood && planning->space.count > 0;
}

/* -------------------------------------------------------------- combinations
 */

void planning_describe(const struct planning *planning, uint64_t index,
                       struct text *out) {
    struct space_point point;
    struct json_writer writer = json_writer_new(out, 0);
    space_point_init(&point, &planning->space);
    space_point_set(&point, &planning->space, index);
    for (size_t i = 0; i < planning->space.axis_count; i++) {
        text_print(out, "%s%s=", i ? ", " : "", planning->space.axes[i].path);
        writer = json_writer_new(out, 0);
        node_write_json(point.values[i], &writer);
    }
    space_point_release(&point);
}

/* One on its way into the plan. */
struct combination {
    struct experiment *experiment; /* NULL once the pool has it, and where it
                                      turned out faulty */
    struct problems problems;      /* its own */
    char *data_key;
    size_t data;
    bool is_wanted, is_examined;
    char id[RUN_ID_SIZE];
};

/* Combinations that follow each other. Threads share what concerns each alone;
 * what concerns the plan is done by one, in their order. */
enum { CHUNK = 64 };

struct chunk {
    struct planning *planning;
    uint64_t first;
    size_t count;
    struct combination combinations[CHUNK];
};

/* A job: from the base to a config. */
static void derive(size_t i, void *context) {
    struct chunk *chunk = context;
    const struct planning *planning = chunk->planning;
    struct combination *own = &chunk->combinations[i];
    struct space_point point;
    *own = (struct combination){.experiment =
                                    memory_zeroed(1, sizeof *own->experiment)};
    own->experiment->path = planning->path;
    struct config *config = &own->experiment->config;
    space_point_init(&point, &planning->space);
    space_point_set(&point, &planning->space, chunk->first + i);
    derive_config(config, &planning->base, &planning->space, &point,
                  &planning->places, &own->problems);
    space_point_release(&point);
    own->is_wanted = own->problems.count > 0 ||
                     derive_is_wanted(config, &planning->space, &own->problems);
    if (own->is_wanted && own->problems.count == 0)
        own->data_key = pool_key(config);
}

static void drop_experiment(struct combination *own) {
    if (own->experiment)
        experiment_release(own->experiment);
    free(own->experiment);
    own->experiment = NULL;
}

/* Data that no combination before had are loaded here. A faulty one's are its
 * own: they don't wait for the rest of the chunk. */
static void find_data(struct planning *planning, struct combination *own) {
    if (interrupt_flag || !own->is_wanted ||
        (own->data_key && pool_share(&planning->pool, own->data_key,
                                     own->experiment, &own->data)))
        return;
    own->data = pool_load(&planning->pool, own->experiment, &own->problems);
    own->is_examined = true;
    if (own->problems.count)
        drop_experiment(own);
}

/* A job: is it right, which one is it. */
static void judge(size_t i, void *context) {
    struct chunk *chunk = context;
    struct combination *own = &chunk->combinations[i];
    struct experiment *experiment = own->experiment;
    if (interrupt_flag)
        return;
    if (own->is_wanted && !own->is_examined)
        examine(experiment, 0, &own->problems);
    if (own->is_wanted && own->problems.count == 0)
        plan_make_id(&experiment->config, experiment->data, own->id);
}

/* One without problems; the pool takes the experiment over where it is the
 * first of its group. */
static void enter(struct planning *planning, struct combination *own,
                  uint32_t index) {
    if (!plan_add(&planning->plan, own->id, index))
        return;
    struct plan_run *run = &planning->plan.runs[planning->plan.count - 1];
    run->data = (uint32_t)own->data;
    own->experiment = pool_enter(&planning->pool, own->experiment, &run->group);
}

static void tell(const struct planning *planning, struct combination *own,
                 uint64_t index, struct problems *problems) {
    struct text note = TEXT_INIT;
    if (planning->space.axis_count) {
        text_add(&note, " (in ");
        planning_describe(planning, index, &note);
        text_add(&note, ")");
    }
    problems_move(problems, &own->problems, text_string(&note));
    text_release(&note);
}

/* False if it has problems. */
static bool settle_one(struct planning *planning, struct combination *own,
                       uint64_t index, struct problems *problems) {
    bool good = own->problems.count == 0;
    if (!good)
        tell(planning, own, index, problems);
    else if (own->is_wanted)
        enter(planning, own, (uint32_t)index);
    else
        planning->plan.unwanted++;
    return good;
}

static void release(struct combination *own) {
    problems_release(&own->problems);
    drop_experiment(own);
    free(own->data_key);
}

/* Adds to `faulty` those with problems, up to the limit. After an interrupt,
 * which may have left out any step, none enters the plan. */
static void take_chunk(struct chunk *chunk, int threads, size_t *faulty,
                       struct problems *problems) {
    struct planning *planning = chunk->planning;
    jobs_run(chunk->count, threads, derive, chunk);
    for (size_t i = 0; i < chunk->count; i++)
        find_data(planning, &chunk->combinations[i]);
    jobs_run(chunk->count, threads, judge, chunk);
    for (size_t i = 0; i < chunk->count; i++) {
        struct combination *own = &chunk->combinations[i];
        if (*faulty < FAULTY_LIMIT && !interrupt_flag)
            *faulty += !settle_one(planning, own, chunk->first + i, problems);
        release(own);
    }
}

static void take_all(struct planning *planning, int threads,
                     struct problems *problems) {
    uint64_t count = planning->space.count;
    size_t faulty = 0;
    struct chunk *chunk = memory_zeroed(1, sizeof *chunk);
    chunk->planning = planning;
    while (chunk->first < count && faulty < FAULTY_LIMIT && !interrupt_flag) {
        uint64_t left = count - chunk->first;
        chunk->count = left < CHUNK ? (size_t)left : CHUNK;
        take_chunk(chunk, threads, &faulty, problems);
        if (!interrupt_flag)
            chunk->first += chunk->count;
    }
    if (interrupt_flag)
        problems_add_code(problems, STATUS_INTERRUPTED, (struct position){0},
                          "interrupted at combination %llu of %llu; nothing "
                          "was run",
                          (unsigned long long)chunk->first,
                          (unsigned long long)count);
    free(chunk);
}

/* What -j and the environment say; who runs jobs tells what is wrong there. */
static int threads_of(const struct invocation *invocation) {
    struct status ignored = STATUS_INIT;
    int threads;
    return jobs_threads(invocation->threads, &threads, &ignored) == STATUS_OK
               ? threads
               : 1;
}

/* Packed runs are known by their places: none is looked for by its id. */
static void settle(struct planning *planning) {
    planning->plan.config = &planning->pool.groups[0].first->config;
    if (planning->plan.config->output.runs == OUTPUT_PACKED)
        plan_forget_ids(&planning->plan);
}

void planning_init(struct planning *planning,
                   const struct invocation *invocation,
                   struct problems *problems) {
    size_t before = problems->count;
    *planning = (struct planning){.path = invocation->arguments[0],
                                  .places.data_folder = invocation->data};
    origin_init(&planning->origin, planning->path, &planning->places);
    bool understood = read_base(planning, invocation, problems);
    plan_init(&planning->plan, &planning->space);
    if (understood)
        take_all(planning, threads_of(invocation), problems);
    if (planning->pool.group_count)
        settle(planning);
    else if (understood && problems->count == before)
        problems_add(problems,
                     planning->space.where_node
                         ? planning->space.where_node->position
                         : (struct position){0},
                     "sweep.where: no combination is left to run");
}

void planning_release(struct planning *planning) {
    pool_release(&planning->pool);
    plan_release(&planning->plan);
    space_release(&planning->space);
    tree_release(&planning->base);
    origin_release(&planning->origin);
}

enum status_code planning_experiment(const struct planning *planning,
                                     const struct plan_run *run,
                                     struct experiment *experiment,
                                     struct status *status) {
    enum status_code code = STATUS_OK;
    struct problems problems = {0};
    struct space_point point;
    *experiment = (struct experiment){.path = planning->path};
    space_point_init(&point, &planning->space);
    space_point_set(&point, &planning->space, run->point);
    derive_config(&experiment->config, &planning->base, &planning->space,
                  &point, &planning->places, &problems);
    space_point_release(&point);
    experiment->data = planning->pool.data[run->data].data;
    examine(experiment, 0, &problems);
    if (problems.count)
        code = status_set(status, problems_code(&problems),
                          "run %016" PRIx64 ": %s", run->id,
                          problems.problem[0].message);
    problems_release(&problems);
    return code;
}
