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
    return pack->count > 1 && 5 * pack->count >= 3 * packing->kernels->width;
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

static enum status_code train(const struct session_owner *owner,
                              const struct session_pack *pack,
                              const struct experiment *experiments,
                              struct status *status) {
    struct measurement measurements[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT];
    double start = session_seconds();
    for (size_t i = 0; i < pack->count; i++)
        runs[i] = &experiments[i].run;
    STATUS_TRY(trainer_run(owner->kernels, pack->lanes, runs, pack->count,
                           &interrupt_flag, measurements, status));
    double seconds = (session_seconds() - start) / (double)pack->count;
    for (size_t i = 0; i < pack->count; i++) {
        owner->finish(owner->context, pack->runs[i], &experiments[i],
                      &measurements[i], seconds);
        measurement_release(&measurements[i]);
    }
    return STATUS_OK;
}

enum status_code session_train_pack(const struct session_owner *owner,
                                    const struct session_pack *pack,
                                    struct status *status) {
    struct experiment experiments[KERNEL_WIDTH_LIMIT];
    enum status_code code = STATUS_OK;
    size_t count = 0;
    while (count < pack->count && code == STATUS_OK) {
        code = owner->prepare(owner->context, pack->runs[count],
                              &experiments[count], status);
        count++;
    }
    if (code == STATUS_OK)
        code = train(owner, pack, experiments, status);
    for (size_t i = 0; i < count; i++)
        experiment_release(&experiments[i]);
    return code;
}
