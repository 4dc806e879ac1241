#ifndef RUNNER_PLAN_PLAN_H
#define RUNNER_PLAN_PLAN_H

/* What a command is to run: the runs in order, with their ids. */

#include "engine/base/text.h"
#include "runner/config/config.h"
#include "runner/plan/space.h"

/* A run's id: 16 hex digits and a NUL. */
enum { RUN_ID_SIZE = 17 };

/* One run: the first combination that has its id. Configs are not kept, but
 * derived from the combination's number when they are needed. */
struct plan_run {
    char id[RUN_ID_SIZE];
    uint32_t point; /* the combination's number in the space */
    uint32_t group; /* runs of a group may share a pack */
    uint32_t data;  /* which of the plan's data sets */
};

/* A later combination that has a run's id. */
struct plan_twin {
    uint32_t run, point;
};

struct plan {
    const struct config *config; /* of the first run; base of plan.json */
    const struct space *space;
    struct plan_run *runs; /* [count], in plan order */
    size_t count, capacity;
    struct plan_twin *twins; /* in plan order */
    size_t twin_count, twin_capacity;
    uint64_t unwanted; /* combinations that sweep.where leaves out */
    uint32_t *slots;   /* of runs by id; 0: empty, else the run's number + 1 */
    size_t slot_count;
};

/* An empty plan; `space` must live as long. */
void plan_init(struct plan *plan, const struct space *space);
void plan_release(struct plan *plan);

/* A config's id. It needs the digests of its data. */
void plan_make_id(const struct config *config, const struct dataset *data,
                  char id[RUN_ID_SIZE]);
/* The same where the digests alone are known. */
void plan_make_id_of(const struct config *config,
                     const struct path_digest *digests, size_t count,
                     char id[RUN_ID_SIZE]);

/* Adds a combination: a run, or a twin of the run with this id. True if it is a
 * new run, whose group and data the caller fills in. */
bool plan_add(struct plan *plan, const char id[RUN_ID_SIZE], uint32_t point);

/* The run of this id, or NULL. */
const struct plan_run *plan_find(const struct plan *plan, const char *id);

/* plan.json: base config, axes, and the runs in order with their values. */
void plan_write(const struct plan *plan, struct text *out);

#endif
