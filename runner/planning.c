#include "runner/planning.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/config/config_document.h"
#include "runner/examine.h"
#include "runner/interrupt.h"
#include "runner/plan/derive.h"

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

/* Enters a combination that has no problems; takes the experiment over where
 * it is the first of its group. */
static struct experiment *enter(struct planning *planning,
                                struct experiment *experiment, size_t data,
                                uint32_t index) {
    char id[RUN_ID_SIZE];
    plan_make_id(&experiment->config, experiment->data, id);
    if (!plan_add(&planning->plan, id, index))
        return experiment;
    struct plan_run *run = &planning->plan.runs[planning->plan.count - 1];
    run->data = (uint32_t)data;
    return pool_enter(&planning->pool, experiment, &run->group);
}

/* One combination; false if it has problems. */
static bool take_combination(struct planning *planning,
                             struct space_point *point, uint32_t index,
                             struct problems *problems) {
    struct problems own = {0};
    struct experiment *experiment = memory_zeroed(1, sizeof *experiment);
    experiment->path = planning->path;
    space_point_set(point, &planning->space, index);
    derive_config(&experiment->config, &planning->base, &planning->space, point,
                  &planning->places, &own);
    bool is_wanted = own.count > 0 || derive_is_wanted(&experiment->config,
                                                       &planning->space, &own);
    if (is_wanted) {
        size_t data = pool_load(&planning->pool, experiment, &own);
        if (own.count == 0)
            experiment = enter(planning, experiment, data, index);
    } else {
        planning->plan.unwanted += own.count == 0;
    }
    bool good = own.count == 0;
    if (!good) {
        struct text note = TEXT_INIT;
        if (planning->space.axis_count) {
            text_add(&note, " (in ");
            planning_describe(planning, index, &note);
            text_add(&note, ")");
        }
        problems_move(problems, &own, text_string(&note));
        text_release(&note);
    }
    if (experiment)
        experiment_release(experiment);
    free(experiment);
    return good;
}

static void take_all(struct planning *planning, struct problems *problems) {
    struct space_point point;
    size_t faulty = 0;
    uint64_t i = 0;
    space_point_init(&point, &planning->space);
    for (; i < planning->space.count && faulty < FAULTY_LIMIT; i++) {
        if (interrupt_flag)
            break;
        faulty += !take_combination(planning, &point, (uint32_t)i, problems);
    }
    if (interrupt_flag)
        problems_add_code(problems, STATUS_INTERRUPTED, (struct position){0},
                          "interrupted at combination %llu of %llu; nothing "
                          "was run",
                          (unsigned long long)i,
                          (unsigned long long)planning->space.count);
    space_point_release(&point);
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
        take_all(planning, problems);
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
