#ifndef RUNNER_PLANNING_H
#define RUNNER_PLANNING_H

/* From a command line to a plan: every combination derived, checked against its
 * data, and given its id, before the first update. */

#include "runner/plan/plan.h"
#include "runner/pool.h"
#include "runner/store/origin.h"

struct planning {
    const char *path; /* of the config */
    struct tree base; /* the config without its sweep */
    struct space space;
    struct plan plan;
    struct origin origin;
    struct data_places places;
    struct pool pool; /* data sets, and groups of runs that are alike */
};

/* Reads the invocation's config, overrides and axes. Problems are added, those
 * of a sweep with the combination in which each was seen first. The planning
 * may be used only if there are none, and must be released always. */
void planning_init(struct planning *planning,
                   const struct invocation *invocation,
                   struct problems *problems);
void planning_release(struct planning *planning);

/* One run's config, network and shared data, ready for the trainer; release it
 * with experiment_release() in any case. Several threads may do this at once.
 * It was checked before: only memory can fail. */
enum status_code planning_experiment(const struct planning *planning,
                                     const struct plan_run *run,
                                     struct experiment *experiment,
                                     struct status *status);

/* "train.optimizer.lr=0.1, seed=3": a combination for people. */
void planning_describe(const struct planning *planning, uint64_t index,
                       struct text *out);

#endif
