#include "runner/session_packs.h"

#include <stdlib.h>
#include <time.h>

#include "engine/base/memory.h"
#include "runner/interrupt.h"

/* Lanes pay up to about so many parameters (measured: engine/README.md); a
 * larger network fills vectors by itself. */
enum { LANES_PARAMETERS = 4000 };

double session_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ----------------------------------------------------------------- packing */

/* Packs being made, and each group's runs that wait for theirs to fill. */
struct packing {
    const struct kernels *kernels;
    size_t forced_lanes; /* by the environment; 0: as is fastest */
    struct session_pack *packs;
    size_t count;
    struct session_pack *waiting; /* [groups] */
};

enum status_code session_select_kernels(const struct kernels **kernels,
                                        struct status *status) {
    size_t forced;
    STATUS_TRY(kernels_select(kernels, status));
    return kernels_forced_lanes(*kernels, &forced, status);
}

bool session_packs_several(const struct run *run) {
    return run->network->parameter_count <= LANES_PARAMETERS;
}

static double work_of(const struct run *run) {
    size_t rows = run->data->part[PART_TRAIN].rows;
    size_t batch = (size_t)run->training->batch_size;
    return (double)training_updates(run->training, rows) *
           (double)run->network->parameter_count *
           (double)(batch < rows ? batch : rows);
}

/* Whether runs of this kind go side by side. A pack costs the same however full
 * it is; so many pay (measured). `fast` runs go alone: only there are products
 * OpenBLAS's, and a run must not depend on its neighbours. */
static bool is_side_by_side(const struct packing *packing,
                            const struct session_pack *pack,
                            const struct run *first) {
    if (first->training->numerics == NUMERICS_FAST)
        return false;
    if (packing->forced_lanes)
        return packing->forced_lanes > 1;
    return pack->count > 1 && 2 * pack->count >= packing->kernels->width;
}

static void close_pack(struct packing *packing, struct session_pack *pack,
                       const struct run *first) {
    size_t width = packing->kernels->width;
    bool side_by_side = is_side_by_side(packing, pack, first);
    size_t share = side_by_side ? pack->count : 1;
    for (size_t i = 0; i < pack->count; i += share) {
        struct session_pack *made = &packing->packs[packing->count++];
        made->count = share;
        made->lanes = side_by_side ? width : 1;
        made->work = work_of(first) * (side_by_side ? 4 : 1);
        for (size_t j = 0; j < share; j++)
            made->runs[j] = pack->runs[i + j];
    }
    pack->count = 0;
}

static int longest_first(const void *a, const void *b) {
    const struct session_pack *x = a, *y = b;
    if (x->work != y->work)
        return x->work < y->work ? 1 : -1;
    return (x->runs[0] > y->runs[0]) - (x->runs[0] < y->runs[0]);
}

size_t session_pack_runs(const struct kernels *kernels, const struct pool *pool,
                         const struct session_run *runs, size_t count,
                         struct session_pack **packs) {
    struct packing packing = {
        .kernels = kernels,
        .packs = memory_zeroed(count, sizeof *packing.packs),
        .waiting = memory_zeroed(pool->group_count, sizeof *packing.waiting)};
    struct status checked = STATUS_INIT; /* by session_select_kernels() */
    kernels_forced_lanes(kernels, &packing.forced_lanes, &checked);
    for (size_t i = 0; i < count; i++) {
        const struct run *first = &pool->groups[runs[i].group].first->run;
        struct session_pack *pack = &packing.waiting[runs[i].group];
        pack->runs[pack->count++] = runs[i].run;
        if (pack->count == kernels->width || !session_packs_several(first))
            close_pack(&packing, pack, first);
    }
    for (size_t i = 0; i < pool->group_count; i++)
        if (packing.waiting[i].count)
            close_pack(&packing, &packing.waiting[i],
                       &pool->groups[i].first->run);
    free(packing.waiting);
    if (packing.count)
        qsort(packing.packs, packing.count, sizeof *packing.packs,
              longest_first);
    *packs = packing.packs;
    return packing.count;
}

/* ---------------------------------------------------------------- training */

/* A pack at work: its runs, and the states that they go on from. */
struct pack_work {
    const struct session_owner *owner;
    const struct session_pack *pack;
    struct experiment experiments[KERNEL_WIDTH_LIMIT];
    struct bytes states[KERNEL_WIDTH_LIMIT];
    int64_t steps[KERNEL_WIDTH_LIMIT]; /* the updates they are of; DONE */
};
enum { DONE = -1 };

/* Runs of a pack that stand at one update: by their positions in the pack. */
struct pack_part {
    struct pack_work *work;
    size_t members[KERNEL_WIDTH_LIMIT], count;
};

static bool asks(const struct pack_work *work, size_t member) {
    return work->owner->keeper &&
           work->experiments[member].config.checkpoint_every.present;
}

static int64_t smallest_every(const struct pack_part *part) {
    int64_t every = 0;
    for (size_t i = 0; i < part->count; i++) {
        size_t member = part->members[i];
        int64_t own =
            part->work->experiments[member].config.checkpoint_every.value;
        if (asks(part->work, member) && (every == 0 || own < every))
            every = own;
    }
    return every;
}

static void keep(void *context, size_t index, const struct text *state) {
    const struct pack_part *part = context;
    const struct pack_work *work = part->work;
    size_t member = part->members[index];
    if (asks(work, member))
        work->owner->keeper->keep(work->owner->keeper->context,
                                  work->pack->runs[member],
                                  &work->experiments[member], state);
}

static void finish(struct pack_work *work, size_t member,
                   struct measurement *measurement, double seconds) {
    const struct session_owner *owner = work->owner;
    uint32_t run = work->pack->runs[member];
    bool is_kept = owner->finish(
        owner->context, run, &work->experiments[member], measurement, seconds);
    measurement_release(measurement);
    if (is_kept && asks(work, member))
        owner->keeper->drop(owner->keeper->context, run);
    work->steps[member] = DONE;
}

static enum status_code train(struct pack_part *part, struct status *status) {
    struct pack_work *work = part->work;
    struct measurement measurements[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT];
    struct bytes from[KERNEL_WIDTH_LIMIT];
    double start = session_seconds();
    for (size_t i = 0; i < part->count; i++) {
        runs[i] = &work->experiments[part->members[i]].run;
        from[i] = work->states[part->members[i]];
    }
    const struct trainer_checkpoints checkpoints = {.from = from,
                                                    .every =
                                                        smallest_every(part),
                                                    .keep = keep,
                                                    .context = part};
    bool is_alone = part->count == 1 && work->pack->count > 1;
    STATUS_TRY(trainer_run_on(
        work->owner->kernels, is_alone ? 1 : work->pack->lanes, runs,
        part->count, &checkpoints, &interrupt_flag, measurements, status));
    double seconds = (session_seconds() - start) / (double)part->count;
    for (size_t i = 0; i < part->count; i++)
        finish(work, part->members[i], &measurements[i], seconds);
    return STATUS_OK;
}

/* The runs that stand where the first one does that is not done; false if all
 * are done. */
static bool next_part(struct pack_work *work, struct pack_part *part) {
    *part = (struct pack_part){.work = work};
    for (size_t i = 0; i < work->pack->count; i++)
        if (work->steps[i] != DONE &&
            (part->count == 0 ||
             work->steps[i] == work->steps[part->members[0]]))
            part->members[part->count++] = i;
    return part->count > 0;
}

static void find_states(struct pack_work *work) {
    const struct session_keeper *keeper = work->owner->keeper;
    for (size_t i = 0; i < work->pack->count; i++) {
        if (!asks(work, i))
            continue;
        keeper->find(keeper->context, work->pack->runs[i],
                     &work->experiments[i], &work->states[i]);
        work->steps[i] = checkpoint_step(&work->states[i]);
    }
}

static enum status_code train_parts(struct pack_work *work,
                                    struct status *status) {
    enum status_code code = STATUS_OK;
    struct pack_part part;
    find_states(work);
    while (code == STATUS_OK && next_part(work, &part))
        code = train(&part, status);
    for (size_t i = 0; i < work->pack->count; i++)
        bytes_release(&work->states[i]);
    return code;
}

enum status_code session_train_pack(const struct session_owner *owner,
                                    const struct session_pack *pack,
                                    struct status *status) {
    struct pack_work *work = memory_zeroed(1, sizeof *work);
    enum status_code code = STATUS_OK;
    size_t count = 0;
    work->owner = owner;
    work->pack = pack;
    while (count < pack->count && code == STATUS_OK) {
        code = owner->prepare(owner->context, pack->runs[count],
                              &work->experiments[count], status);
        count++;
    }
    if (code == STATUS_OK)
        code = train_parts(work, status);
    for (size_t i = 0; i < count; i++)
        experiment_release(&work->experiments[i]);
    free(work);
    return code;
}
