#include "engine/train/parting.h"

#include <assert.h>
#include <string.h>

#include "engine/train/history.h"

static bool same_tensor(const struct network_tensor *a,
                        const struct network_tensor *b) {
    return strcmp(a->name, b->name) == 0 && a->is_buffer == b->is_buffer &&
           a->shape.rank == b->shape.rank &&
           memcmp(a->shape.size, b->shape.size,
                  (size_t)a->shape.rank * sizeof a->shape.size[0]) == 0;
}

bool parting_is_possible(const struct network *a, const struct network *b) {
    bool same = a->tensor_count == b->tensor_count;
    for (size_t i = 0; same && i < a->tensor_count; i++)
        same = same_tensor(&a->tensors[i], &b->tensors[i]);
    return same;
}

/* In rows form the one run's tensors lie as the network says. */
static const float *values_of(const struct pack *pack, size_t tensor) {
    const struct network_tensor *which = &pack->network->tensors[tensor];
    return (which->is_buffer ? pack->buffers : pack->parameters) +
           which->offset;
}

static bool same_bits(float a, float b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

static void note_elements(struct parting *parting, const float *a,
                          const float *b, size_t count) {
    for (size_t i = count; i-- > 0;) {
        if (same_bits(a[i], b[i]))
            continue;
        parting->element = i;
        parting->elements++;
        parting->values[0] = a[i];
        parting->values[1] = b[i];
    }
}

static void compare(const struct pack packs[2], int64_t step,
                    struct parting *parting) {
    const struct network *network = packs[0].network;
    for (size_t i = 0; i < network->tensor_count; i++) {
        size_t count = network->tensors[i].count;
        const float *a = values_of(&packs[0], i), *b = values_of(&packs[1], i);
        if (memcmp(a, b, count * sizeof *a) == 0)
            continue;
        if (parting->tensors++ > 0)
            continue;
        parting->found = true;
        parting->step = step;
        parting->tensor = i;
        note_elements(parting, a, b, count);
    }
}

/* One update of each. */
static enum status_code advance(struct pack packs[2], int64_t step,
                                struct status *status) {
    enum status_code code = pack_advance(&packs[0], step, status);
    return code ? code : pack_advance(&packs[1], step, status);
}

/* A loss that is not finite ends a run before its update. */
static bool has_made(const struct pack *pack, int64_t step) {
    return pack->live || pack->trainees[0].measurement->global_step >= step;
}

static enum status_code search(struct pack packs[2], const atomic_int *stop,
                               struct parting *parting, struct status *status) {
    compare(packs, 0, parting);
    for (int64_t step = 1; !parting->found && packs[0].live && packs[1].live;
         step++) {
        STATUS_RETURN_IF(stop && *stop, status, STATUS_INTERRUPTED,
                         "interrupted");
        STATUS_TRY(advance(packs, step, status));
        if (!has_made(&packs[0], step) || !has_made(&packs[1], step))
            break;
        compare(packs, step, parting);
        parting->shared = step;
    }
    for (int i = 0; i < 2; i++)
        parting->ended[i] = !has_made(&packs[i], parting->shared + 1);
    return STATUS_OK;
}

enum status_code parting_find(const struct kernels *kernels,
                              const struct run *const runs[2],
                              const atomic_int *stop, struct parting *parting,
                              struct status *status) {
    struct pack packs[2] = {{0}};
    struct measurement measurements[2] = {{0}};
    enum status_code code = STATUS_OK;
    assert(parting_is_possible(runs[0]->network, runs[1]->network));
    *parting = (struct parting){.found = false};
    for (int i = 0; i < 2 && !code; i++)
        code = pack_init(&packs[i], kernels, 1, &runs[i], 1, &measurements[i],
                         status);
    if (!code)
        code = search(packs, stop, parting, status);
    for (int i = 0; i < 2; i++) {
        pack_release(&packs[i]);
        measurement_release(&measurements[i]);
    }
    return code;
}
