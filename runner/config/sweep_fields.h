#ifndef RUNNER_CONFIG_SWEEP_FIELDS_H
#define RUNNER_CONFIG_SWEEP_FIELDS_H

/* The keys of `sweep`, as tables. runner/plan reads a sweep against them, and
 * takes it out of the config before that is typed; `list`, `schema` and the
 * reference config show them. */

#include "engine/base/field.h"
#include "engine/base/text.h"

/* The keys that are one value each. */
struct sweep_options {
    int method; /* grid, random: enum space_method */
    struct field_optional_integer max_runs;
    int64_t random_state;
};
extern const struct field SWEEP_VALUES[];

/* Those that runner/plan reads by itself; sweep_fields.c says which there are
 * for people. section_of() does not know them. */
extern const struct field SWEEP_SECTIONS[];

/* sweep.metric: `goal`; its `name` is a PART.METRIC. */
enum { SWEEP_MINIMIZE, SWEEP_MAXIMIZE };
struct sweep_metric_options {
    int goal;
};
extern const struct field SWEEP_METRIC_VALUES[];

/* W&B's distributions of numbers: a range or a normal, in the logarithm or not,
 * in steps of q or not. */
enum distribution_shape {
    SHAPE_VALUES,  /* constant, categorical: no numbers */
    SHAPE_UNIFORM, /* minimum, maximum */
    SHAPE_NORMAL,  /* mu, sigma */
};

struct distribution {
    const struct distribution_kind *kind;
    double minimum, maximum, mu, sigma, q;
    int64_t low, high; /* int_uniform's minimum and maximum */
    struct field_optional_integer num;
};

/* The kind's fields are the keys besides `distribution`, of a struct
 * distribution. */
struct distribution_kind {
    struct kind kind;
    enum distribution_shape shape;
    bool is_integer; /* int_uniform */
    bool is_log;     /* min and max are values, mu and sigma of the log */
    bool has_q;
};

/* Those that are taken. */
extern const struct kind_family DISTRIBUTION_FAMILY;

/* The distribution, or NULL. */
const struct distribution_kind *distribution_find(const char *name);

/* Of a distribution of W&B's that is not taken what serves instead, or NULL. */
const char *distribution_refusal(const char *name);

/* The commented section of configs/reference.yaml. */
void sweep_reference_print(struct text *out);

#endif
