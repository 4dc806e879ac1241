#include "engine/train/trainer.h"

#include "engine/train/history.h"

void measurement_release(struct measurement *measurement) {
    arena_release(&measurement->arena);
    *measurement = (struct measurement){0};
}

static enum status_code train(struct pack *pack, const atomic_int *stop,
                              struct status *status) {
    enum status_code code = STATUS_OK;
    for (int64_t step = 1; pack->live && !code; step++) {
        STATUS_RETURN_IF(stop && *stop, status, STATUS_INTERRUPTED,
                         "interrupted");
        code = pack_advance(pack, step, status);
    }
    return code;
}

enum status_code trainer_run(const struct kernels *kernels, size_t lanes,
                             const struct run *const *runs, size_t count,
                             const atomic_int *stop,
                             struct measurement *measurements,
                             struct status *status) {
    struct pack pack;
    for (size_t i = 0; i < count; i++)
        measurements[i] = (struct measurement){0};
    enum status_code code =
        pack_init(&pack, kernels, lanes, runs, count, measurements, status);
    if (!code) {
        code = train(&pack, stop, status);
        pack_release(&pack);
    }
    for (size_t i = 0; code && i < count; i++)
        measurement_release(&measurements[i]);
    return code;
}

size_t trainer_bytes(const struct kernels *kernels, size_t lanes,
                     const struct run *run) {
    struct pack pack;
    struct measurement measurement = {0};
    struct status ignored = STATUS_INIT;
    size_t bytes = 0;
    if (pack_init(&pack, kernels, lanes, &run, 1, &measurement, &ignored) ==
        STATUS_OK) {
        bytes = pack.arena.total;
        pack_release(&pack);
    }
    measurement_release(&measurement);
    return bytes;
}
