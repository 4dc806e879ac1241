#include "runner/config/sweep_fields.h"

#include <string.h>

static const char *const METHODS[] = {"grid", "random", NULL};

const struct field SWEEP_VALUES[] = {
    {.key = "method",
     .type = FIELD_WORD,
     FIELD_AT(struct sweep_options, method),
     .default_text = "grid",
     .words = METHODS,
     .help = "every combination, or max_runs draws"},
    {.key = "max_runs",
     .type = FIELD_INTEGER,
     .flags = FIELD_NULLABLE | FIELD_HAS_MINIMUM,
     .minimum = 1,
     FIELD_OPTIONAL_AT(struct sweep_options, max_runs),
     .default_text = "null",
     .unit = "draws",
     .help = "how many draws; random must have it, a grid has none"},
    {.key = "random_state",
     .type = FIELD_INTEGER,
     .flags = FIELD_RANGE,
     FIELD_BETWEEN(0, 4294967295.0),
     FIELD_AT(struct sweep_options, random_state),
     .default_text = "0",
     .help = "seed of the draws"},
    {.key = NULL},
};

const struct field SWEEP_SECTIONS[] = {
    {.key = "parameters",
     .type = FIELD_SECTION,
     .help = "dotted paths, each with its values: a list, min and max, "
             "or a distribution"},
    {.key = "metric",
     .type = FIELD_SECTION,
     .help = "what the best run is judged by: name and goal"},
    {.key = "zip",
     .type = FIELD_SECTION,
     .help = "lists of paths whose values advance together"},
    {.key = "where",
     .type = FIELD_SECTION,
     .help = "combinations for which this expression is false are left out"},
    {.key = NULL},
};

static const char *const GOALS[] = {
    [SWEEP_MINIMIZE] = "minimize", [SWEEP_MAXIMIZE] = "maximize", NULL};

const struct field SWEEP_METRIC_VALUES[] = {
    {.key = "goal",
     .type = FIELD_WORD,
     FIELD_AT(struct sweep_metric_options, goal),
     .default_text = "minimize",
     .words = GOALS,
     .help = "must be given where more is better"},
    {.key = NULL},
};

/* ------------------------------------------------------------ distributions */

/* Keys whose values are nodes of the config. */
static const struct field CONSTANT_FIELDS[] = {
    {.key = "value",
     .type = FIELD_SECTION,
     .flags = FIELD_REQUIRED,
     .help = "the one value"},
    {.key = NULL},
};

static const struct field CATEGORICAL_FIELDS[] = {
    {.key = "values",
     .type = FIELD_SECTION,
     .flags = FIELD_REQUIRED,
     .help = "a list of values of any kind"},
    {.key = "probabilities",
     .type = FIELD_SECTION,
     .help = "of each value, for method random; their sum is 1"},
    {.key = NULL},
};

#define NUMBER_ROW(name, member, says)                                         \
    {                                                                          \
        .key = (name), .type = FIELD_NUMBER, .flags = FIELD_REQUIRED,          \
        FIELD_AT(struct distribution, member), .help = (says)                  \
    }
#define POSITIVE_ROW(name, member, says)                                       \
    {                                                                          \
        .key = (name), .type = FIELD_NUMBER,                                   \
        .flags = FIELD_REQUIRED | FIELD_POSITIVE,                              \
        FIELD_AT(struct distribution, member), .help = (says)                  \
    }
#define DEFAULT_ROW(name, member, extra, text, says)                           \
    {                                                                          \
        .key = (name), .type = FIELD_NUMBER, .flags = (extra),                 \
        FIELD_AT(struct distribution, member), .default_text = (text),         \
        .help = (says)                                                         \
    }
#define INTEGER_ROW(name, member, says)                                        \
    {                                                                          \
        .key = (name), .type = FIELD_INTEGER, .flags = FIELD_REQUIRED,         \
        FIELD_AT(struct distribution, member), .help = (says)                  \
    }
#define LOW "the least value"
#define HIGH "the largest value"
#define Q_ROW                                                                  \
    DEFAULT_ROW("q", q, FIELD_POSITIVE, "1", "values are multiples of this")
#define MU_ROW DEFAULT_ROW("mu", mu, 0, "0", "mean")
#define SIGMA_ROW                                                              \
    DEFAULT_ROW("sigma", sigma, FIELD_NOT_NEGATIVE, "1", "standard deviation")
#define NUM_ROW                                                                \
    {                                                                          \
        .key = "num", .type = FIELD_INTEGER,                                   \
        .flags = FIELD_NULLABLE | FIELD_HAS_MINIMUM, .minimum = 1,             \
        FIELD_OPTIONAL_AT(struct distribution, num), .default_text = "null",   \
        .unit = "points", .help = "points of a grid, evenly spaced"            \
    }

static const struct field INTEGER_FIELDS[] = {
    INTEGER_ROW("min", low, LOW),
    INTEGER_ROW("max", high, HIGH),
    NUM_ROW,
    {.key = NULL},
};

static const struct field UNIFORM_FIELDS[] = {
    NUMBER_ROW("min", minimum, LOW),
    NUMBER_ROW("max", maximum, HIGH),
    NUM_ROW,
    {.key = NULL},
};

static const struct field Q_UNIFORM_FIELDS[] = {
    NUMBER_ROW("min", minimum, LOW),
    NUMBER_ROW("max", maximum, HIGH),
    Q_ROW,
    NUM_ROW,
    {.key = NULL},
};

static const struct field LOG_FIELDS[] = {
    POSITIVE_ROW("min", minimum, LOW),
    POSITIVE_ROW("max", maximum, HIGH),
    NUM_ROW,
    {.key = NULL},
};

static const struct field Q_LOG_FIELDS[] = {
    POSITIVE_ROW("min", minimum, LOW),
    POSITIVE_ROW("max", maximum, HIGH),
    Q_ROW,
    NUM_ROW,
    {.key = NULL},
};

static const struct field NORMAL_FIELDS[] = {
    MU_ROW,
    SIGMA_ROW,
    {.key = NULL},
};

static const struct field Q_NORMAL_FIELDS[] = {
    MU_ROW,
    SIGMA_ROW,
    Q_ROW,
    {.key = NULL},
};

static const struct distribution_kind CONSTANT = {
    {"constant", "one value", .fields = CONSTANT_FIELDS},
    .shape = SHAPE_VALUES};
static const struct distribution_kind CATEGORICAL = {
    {"categorical", "values of a list", .fields = CATEGORICAL_FIELDS},
    .shape = SHAPE_VALUES};
static const struct distribution_kind UNIFORM = {
    {"uniform", "numbers from min to max", .fields = UNIFORM_FIELDS},
    .shape = SHAPE_UNIFORM};
static const struct distribution_kind INT_UNIFORM = {
    {"int_uniform", "whole numbers from min to max, both included",
     .fields = INTEGER_FIELDS},
    .shape = SHAPE_UNIFORM,
    .is_integer = true};
static const struct distribution_kind Q_UNIFORM = {
    {"q_uniform", "multiples of q from min to max", .fields = Q_UNIFORM_FIELDS},
    .shape = SHAPE_UNIFORM,
    .has_q = true};
static const struct distribution_kind LOG_UNIFORM_VALUES = {
    {"log_uniform_values", "numbers whose logarithm is uniform",
     .fields = LOG_FIELDS},
    .shape = SHAPE_UNIFORM,
    .is_log = true};
static const struct distribution_kind Q_LOG_UNIFORM_VALUES = {
    {"q_log_uniform_values", "the same in multiples of q",
     .fields = Q_LOG_FIELDS},
    .shape = SHAPE_UNIFORM,
    .is_log = true,
    .has_q = true};
static const struct distribution_kind NORMAL = {
    {"normal", "method random only", .fields = NORMAL_FIELDS},
    .shape = SHAPE_NORMAL};
static const struct distribution_kind Q_NORMAL = {
    {"q_normal", "the same in multiples of q", .fields = Q_NORMAL_FIELDS},
    .shape = SHAPE_NORMAL,
    .has_q = true};
static const struct distribution_kind LOG_NORMAL = {
    {"log_normal", "mu and sigma are of the logarithm",
     .fields = NORMAL_FIELDS},
    .shape = SHAPE_NORMAL,
    .is_log = true};
static const struct distribution_kind Q_LOG_NORMAL = {
    {"q_log_normal", "the same in multiples of q", .fields = Q_NORMAL_FIELDS},
    .shape = SHAPE_NORMAL,
    .is_log = true,
    .has_q = true};

static const struct kind *const KINDS[] = {
    &CONSTANT.kind,
    &CATEGORICAL.kind,
    &UNIFORM.kind,
    &INT_UNIFORM.kind,
    &Q_UNIFORM.kind,
    &LOG_UNIFORM_VALUES.kind,
    &Q_LOG_UNIFORM_VALUES.kind,
    &NORMAL.kind,
    &Q_NORMAL.kind,
    &LOG_NORMAL.kind,
    &Q_LOG_NORMAL.kind,
    NULL,
};

const struct kind_family DISTRIBUTION_FAMILY = {"distributions", "distribution",
                                                KINDS};

/* A distribution begins with its kind. */
const struct distribution_kind *distribution_find(const char *name) {
    return (const struct distribution_kind *)kind_find(&DISTRIBUTION_FAMILY,
                                                       name);
}

#define INVERSE "'log_uniform_values' is the nearest to it"
#define BETA "'uniform' and 'normal' are near to it"
#define EXPONENTS "it takes exponents, where people write values; "

static const struct field_refused REFUSED[] = {
    {"log_uniform",
     EXPONENTS "'log_uniform_values' takes the values themselves"},
    {"q_log_uniform",
     EXPONENTS "'q_log_uniform_values' takes the values themselves"},
    {"inv_log_uniform", INVERSE},
    {"inv_log_uniform_values", INVERSE},
    {"beta", BETA},
    {"q_beta", BETA},
    {NULL, NULL},
};

const char *distribution_refusal(const char *name) {
    for (const struct field_refused *row = REFUSED; row->key; row++)
        if (strcmp(row->key, name) == 0)
            return row->reason;
    return NULL;
}
