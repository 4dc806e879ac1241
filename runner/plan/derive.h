#ifndef RUNNER_PLAN_DERIVE_H
#define RUNNER_PLAN_DERIVE_H

/* The config of one combination: the base with its values set, expressions
 * (${PATH}) computed. */

#include "runner/config/config.h"
#include "runner/plan/space.h"

/* Makes the config of the combination that `point` stands at. `base` is the
 * tree without its `sweep`, and must live as long as the config, whose
 * positions point into it. Problems are added, as by config_init(); the config
 * must be released always. */
void derive_config(struct config *config, const struct tree *base,
                   const struct space *space, const struct space_point *point,
                   const struct data_places *places, struct problems *problems);

/* Whether sweep.where wants a config that has no problems; an expression that
 * has no answer is a problem, and not wanted. */
bool derive_is_wanted(const struct config *config, const struct space *space,
                      struct problems *problems);

#endif
