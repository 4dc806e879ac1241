#ifndef RUNNER_PLAN_DISTRIBUTION_H
#define RUNNER_PLAN_DISTRIBUTION_H

/* W&B's distributions of numbers: a range or a normal, in the logarithm or not,
 * in steps of q or not. */

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/field.h"
#include "engine/random/numpy_random.h"

enum distribution_shape {
    SHAPE_VALUES,  /* constant, categorical: no numbers */
    SHAPE_UNIFORM, /* minimum, maximum */
    SHAPE_NORMAL,  /* mu, sigma */
    SHAPE_REFUSED, /* W&B has it, here is none */
};

struct distribution_kind {
    const char *name;
    enum distribution_shape shape;
    bool is_integer; /* int_uniform */
    bool is_log;     /* min and max are values, mu and sigma of the log */
    bool has_q;
    const struct field *fields; /* keys, besides `distribution` */
    const char *hint;           /* SHAPE_REFUSED: what serves instead */
};

/* NULL-name-terminated. */
extern const struct distribution_kind DISTRIBUTIONS[];

/* The row, or NULL. */
const struct distribution_kind *distribution_find(const char *name);

struct distribution {
    const struct distribution_kind *kind;
    double minimum, maximum, mu, sigma, q;
    int64_t low, high; /* int_uniform's minimum and maximum */
    struct field_optional_integer num;
};

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
