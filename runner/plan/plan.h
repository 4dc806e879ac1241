#ifndef RUNNER_PLAN_PLAN_H
#define RUNNER_PLAN_PLAN_H

/* What a command is to run: the runs in order, with their ids. */

#include "engine/base/text.h"
#include "runner/config/config.h"
#include "runner/plan/space.h"

/* A run's id: 16 hex digits and a NUL. */
enum { RUN_ID_SIZE = 17 };

/* The number that an id's digits write, and the id of a number. */
uint64_t run_id_number(const char *id);
void run_id_text(uint64_t number, char id[RUN_ID_SIZE]);

/* Runs of a block, where they are packed (output.runs). */
enum { BLOCK_RUNS = 4096 };

/* One run: the first combination that has its id. Configs are not kept, but
 * derived from the combination's number when they are needed. A plan of a
 * million takes 24 bytes each, and 4 to 8 to find them by their ids. */
struct plan_run {
    uint64_t id;    /* run_id_number(); see plan_id() */
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

/* The id of a run by its number. */
void plan_id(const struct plan *plan, size_t run, char id[RUN_ID_SIZE]);

/* The run of this id, or NULL. */
const struct plan_run *plan_find(const struct plan *plan, const char *id);

/* Does without the table of ids; plan_find() finds nothing any more. */
void plan_forget_ids(struct plan *plan);

/* plan.json: base config, axes, and the runs in order with their values.
 * `flush`, unless NULL, is called after every run and may take out what `out`
 * holds; its error ends the writing. */
enum status_code plan_write(const struct plan *plan, struct text *out,
                            text_flush *flush, void *context,
                            struct status *status);

#endif
