#ifndef RUNNER_PLAN_DISTRIBUTION_H
#define RUNNER_PLAN_DISTRIBUTION_H

/* The numbers of W&B's distributions (sweep_fields.h): drawn, or as points. */

#include <stddef.h>

#include "engine/random/numpy_random.h"
#include "runner/config/sweep_fields.h"

/* One draw, by numpy's RandomState: uniform(minimum, maximum), mu + sigma *
 * randn(), exp() of either for the log kinds (uniform between the ends'
 * logarithms), then q * round-half-even(x / q). Not int_uniform. */
double distribution_draw(const struct distribution *distribution,
                         struct numpy_random *random);

/* `count` evenly spaced points, in the log for the log kinds, each rounded to a
 * multiple of q, or to whole numbers for int_uniform. SHAPE_UNIFORM only. */
void distribution_points(const struct distribution *distribution, size_t count,
                         double *numbers);

#endif
