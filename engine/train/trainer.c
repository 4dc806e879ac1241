#include "engine/train/trainer.h"

#include "engine/train/checkpoint.h"
#include "engine/train/history.h"

void measurement_release(struct measurement *measurement) {
    arena_release(&measurement->arena);
    *measurement = (struct measurement){0};
}

/* The update that all checkpoints stand at; 0 if they do not stand at one. */
static int64_t common_step(const struct pack *pack,
                           const struct trainer_checkpoints *checkpoints) {
    int64_t step = 0;
    for (size_t i = 0; checkpoints->from && i < pack->count; i++) {
        int64_t at =
            checkpoint_fits(pack, &pack->trainees[i], &checkpoints->from[i]);
        if (at == 0 || (i > 0 && at != step))
            return 0;
        step = at;
    }
    return step;
}

/* `step`: the update that all runs stand at then. */
static enum status_code go_on(struct pack *pack,
                              const struct trainer_checkpoints *checkpoints,
                              int64_t *step, struct status *status) {
    *step = common_step(pack, checkpoints);
    for (size_t i = 0; *step > 0 && i < pack->count; i++) {
        struct trainee *trainee = &pack->trainees[i];
        checkpoint_read(pack, trainee, &checkpoints->from[i]);
        if (trainee->measurement->arena.failed)
            return arena_status(&trainee->measurement->arena, "the history",
                                status);
    }
    return STATUS_OK;
}

static void keep(struct pack *pack, int64_t step,
                 const struct trainer_checkpoints *checkpoints) {
    struct text state = TEXT_INIT;
    for (size_t i = 0; i < pack->count; i++) {
        if (pack->trainees[i].ended)
            continue;
        text_clear(&state);
        checkpoint_write(pack, &pack->trainees[i], step, &state);
        checkpoints->keep(checkpoints->context, i, &state);
    }
    text_release(&state);
}

static enum status_code train(struct pack *pack,
                              const struct trainer_checkpoints *checkpoints,
                              const atomic_int *stop, struct status *status) {
    int64_t every = checkpoints->every, step, kept;
    enum status_code code = go_on(pack, checkpoints, &step, status);
    for (kept = step; pack->live && !code;) {
        if (stop && *stop) {
            if (every && step > kept)
                keep(pack, step, checkpoints);
            return status_set(status, STATUS_INTERRUPTED, "interrupted");
        }
        code = pack_advance(pack, ++step, status);
        if (!code && every && step % every == 0) {
            keep(pack, step, checkpoints);
            kept = step;
        }
    }
    return code;
}

enum status_code trainer_run_on(const struct kernels *kernels, size_t lanes,
                                const struct run *const *runs, size_t count,
                                const struct trainer_checkpoints *checkpoints,
                                const atomic_int *stop,
                                struct measurement *measurements,
                                struct status *status) {
    struct pack pack;
    for (size_t i = 0; i < count; i++)
        measurements[i] = (struct measurement){0};
    enum status_code code =
        pack_init(&pack, kernels, lanes, runs, count, measurements, status);
    if (!code) {
        code = train(&pack, checkpoints, stop, status);
        pack_release(&pack);
    }
    for (size_t i = 0; code && i < count; i++)
        measurement_release(&measurements[i]);
    return code;
}

enum status_code trainer_run(const struct kernels *kernels, size_t lanes,
                             const struct run *const *runs, size_t count,
                             const atomic_int *stop,
                             struct measurement *measurements,
                             struct status *status) {
    static const struct trainer_checkpoints NONE = {.every = 0};
    return trainer_run_on(kernels, lanes, runs, count, &NONE, stop,
                          measurements, status);
}

/* As if every run had come to its last update: all history rows, the last with
 * its metrics, and what a run keeps at its end. */
static enum status_code fill_to_the_end(struct pack *pack,
                                        struct status *status) {
    int64_t rows = (pack->updates + pack->every - 1) / pack->every;
    for (size_t i = 0; i < pack->count; i++)
        for (int64_t row = 1; row < rows; row++)
            if (!history_add_row(&pack->trainees[i]))
                return arena_status(&pack->trainees[i].measurement->arena,
                                    "the history", status);
    return history_take(pack, pack->updates, status);
}

size_t trainer_bytes(const struct kernels *kernels, size_t lanes,
                     const struct run *const *runs, size_t count) {
    struct pack pack;
    struct measurement measurements[KERNEL_WIDTH_LIMIT] = {0};
    struct status ignored = STATUS_INIT;
    if (pack_init(&pack, kernels, lanes, runs, count, measurements, &ignored))
        return 0;
    bool fits = fill_to_the_end(&pack, &ignored) == STATUS_OK;
    size_t bytes = pack.arena.total;
    pack_release(&pack);
    for (size_t i = 0; i < count; i++) {
        bytes += measurements[i].arena.total;
        measurement_release(&measurements[i]);
    }
    return fits ? bytes : 0;
}
