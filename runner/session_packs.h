#ifndef RUNNER_SESSION_PACKS_H
#define RUNNER_SESSION_PACKS_H

/* Which runs share a pack, and a pack trained. */

#include "engine/kernel/kernel.h"
#include "runner/pool.h"

/* The kernels that the environment asks for; a wrong RUNNER_LANES is found. */
enum status_code session_select_kernels(const struct kernels **kernels,
                                        struct status *status);

/* Runs of one pack, by the numbers that their owner knows them by. */
struct session_pack {
    uint32_t runs[KERNEL_WIDTH_LIMIT];
    size_t count, lanes;
    double work; /* updates x parameters x rows, to order packs by */
};

/* A run to be packed: its number, and its group in the pool. */
struct session_run {
    uint32_t run, group;
};

/* Fills packs with runs of one group, in the order given; the longest packs
 * come first. The caller frees `packs`. Returns how many there are. */
size_t session_pack_runs(const struct kernels *kernels, const struct pool *pool,
                         const struct session_run *runs, size_t count,
                         struct session_pack **packs);

/* Whether runs like this one are packed several at a time. */
bool session_packs_several(const struct run *run);

/* Where runs go on from, and what is kept of them on their way, for those whose
 * config has train.checkpoint_every. */
struct session_keeper {
    void *context;
    /* Fills `state`, which is empty, if the run can go on from one (trainer.h).
     * The pack releases it. */
    void (*find)(void *context, uint32_t run,
                 const struct experiment *experiment, struct bytes *state);
    void (*keep)(void *context, uint32_t run,
                 const struct experiment *experiment, const struct text *state);
    /* The run's result is kept. */
    void (*drop)(void *context, uint32_t run);
};

/* Who owns the runs of a pack. */
struct session_owner {
    const struct kernels *kernels;
    void *context;
    /* A run's config, network and data, ready for the trainer. The pack
     * releases it in any case. */
    enum status_code (*prepare)(void *context, uint32_t run,
                                struct experiment *experiment,
                                struct status *status);
    /* A run is done; whether its result is kept. `seconds` is its share of the
     * pack's. */
    bool (*finish)(void *context, uint32_t run,
                   const struct experiment *experiment,
                   const struct measurement *measurement, double seconds);
    const struct session_keeper *keeper; /* NULL: no checkpoints */
};

/* Prepares, trains and finishes the runs of a pack, those together whose
 * checkpoints are of one update. Packs may do this on several threads at once.
 * STATUS_INTERRUPTED: stopped by interrupt_flag; what is not finished has its
 * state kept. */
enum status_code session_train_pack(const struct session_owner *owner,
                                    const struct session_pack *pack,
                                    struct status *status);

double session_seconds(void);

#endif
