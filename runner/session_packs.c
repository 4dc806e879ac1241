/* Which runs share a pack. */

#include <stdlib.h>

#include "engine/base/memory.h"
#include "runner/session.h"
#include "runner/store/record.h"

/* Lanes pay up to about so many parameters (measured: engine/README.md); a
 * larger network fills vectors by itself. */
enum { LANES_PARAMETERS = 4000 };

/* A group's runs that wait for their pack to fill. */
struct waiting {
    struct session_pack pack;
};

static double work_of(const struct run *run) {
    size_t rows = run->data->part[PART_TRAIN].rows;
    size_t batch = (size_t)run->training->batch_size;
    return (double)training_updates(run->training, rows) *
           (double)run->network->parameter_count *
           (double)(batch < rows ? batch : rows);
}

static void close_pack(struct session *session, struct session_pack *pack,
                       const struct run *first) {
    /* A pack costs the same however full it is; so many pay (measured). */
    size_t width = session->kernels->width;
    bool side_by_side = 5 * pack->count >= 3 * width && pack->count > 1;
    size_t share = side_by_side ? pack->count : 1;
    for (size_t i = 0; i < pack->count; i += share) {
        struct session_pack *made = &session->packs[session->pack_count++];
        made->count = share;
        made->lanes = side_by_side ? width : 1;
        made->work = work_of(first) * (side_by_side ? 4 : 1);
        for (size_t j = 0; j < share; j++)
            made->runs[j] = pack->runs[i + j];
    }
    pack->count = 0;
}

static bool is_done(struct session *session, const struct plan_run *run,
                    const struct output_options *output) {
    return !session->invocation->force &&
           record_is_finished(&session->store, run->id, output,
                              session->verify);
}

static int longest_first(const void *a, const void *b) {
    const struct session_pack *x = a, *y = b;
    if (x->work != y->work)
        return x->work < y->work ? 1 : -1;
    return (x->runs[0] > y->runs[0]) - (x->runs[0] < y->runs[0]);
}

void session_make_packs(struct session *session) {
    const struct planning *planning = session->planning;
    const struct plan *plan = &planning->plan;
    const size_t width = session->kernels->width;
    struct waiting *waiting =
        memory_zeroed(planning->group_count, sizeof *waiting);
    session->packs = memory_zeroed(plan->count, sizeof *session->packs);
    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_run *run = &plan->runs[i];
        const struct experiment *first = planning->groups[run->group].first;
        if (is_done(session, run, &first->config.output)) {
            session->kept++;
            continue;
        }
        struct session_pack *pack = &waiting[run->group].pack;
        pack->runs[pack->count++] = (uint32_t)i;
        if (pack->count == width ||
            first->network.parameter_count > LANES_PARAMETERS)
            close_pack(session, pack, &first->run);
    }
    for (size_t i = 0; i < planning->group_count; i++)
        if (waiting[i].pack.count)
            close_pack(session, &waiting[i].pack,
                       &planning->groups[i].first->run);
    free(waiting);
    if (session->pack_count)
        qsort(session->packs, session->pack_count, sizeof *session->packs,
              longest_first);
}
