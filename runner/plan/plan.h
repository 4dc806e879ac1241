#ifndef RUNNER_PLAN_PLAN_H
#define RUNNER_PLAN_PLAN_H

/* What a command is to run: the runs in order, with their ids. */

#include "engine/base/text.h"
#include "runner/config/config.h"

/* A run's id: 16 hex digits and a NUL. */
enum { RUN_ID_SIZE = 17 };

struct plan_run {
    char id[RUN_ID_SIZE];
};

struct plan {
    const struct config *config; /* of the experiment */
    struct plan_run *runs;       /* [count], in order */
    size_t count;
};

/* The plan of one config: one run. The id needs the data's digests. */
void plan_init(struct plan *plan, const struct config *config,
               const struct dataset *data);
void plan_release(struct plan *plan);

/* plan.json: base config, axes, and the runs in order. */
void plan_write(const struct plan *plan, struct text *out);

#endif
