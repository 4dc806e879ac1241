#include "runner/plan/distribution.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/base/double_math.h"
#include "runner/plan/number_sequence.h"

/* Keys whose values are read elsewhere; here they are known. */
static const struct field CONSTANT_FIELDS[] = {
    {.key = "value", .type = FIELD_SECTION},
    {.key = NULL},
};

static const struct field CATEGORICAL_FIELDS[] = {
    {.key = "values", .type = FIELD_SECTION},
    {.key = "probabilities", .type = FIELD_SECTION},
    {.key = NULL},
};

#define NUMBER_ROW(name, member)                                               \
    {                                                                          \
        .key = (name), .type = FIELD_NUMBER, .flags = FIELD_REQUIRED,          \
        FIELD_AT(struct distribution, member)                                  \
    }
#define POSITIVE_ROW(name, member)                                             \
    {                                                                          \
        .key = (name), .type = FIELD_NUMBER,                                   \
        .flags = FIELD_REQUIRED | FIELD_POSITIVE,                              \
        FIELD_AT(struct distribution, member)                                  \
    }
#define DEFAULT_ROW(name, member, extra, text)                                 \
    {                                                                          \
        .key = (name), .type = FIELD_NUMBER, .flags = (extra),                 \
        FIELD_AT(struct distribution, member), .default_text = (text)          \
    }
#define NUM_ROW                                                                \
    {                                                                          \
        .key = "num", .type = FIELD_INTEGER,                                   \
        .flags = FIELD_NULLABLE | FIELD_HAS_MINIMUM, .minimum = 1,             \
        FIELD_OPTIONAL_AT(struct distribution, num), .default_text = "null"    \
    }

static const struct field INTEGER_FIELDS[] = {
    {.key = "min",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     FIELD_AT(struct distribution, low)},
    {.key = "max",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     FIELD_AT(struct distribution, high)},
    NUM_ROW,
    {.key = NULL},
};

static const struct field UNIFORM_FIELDS[] = {
    NUMBER_ROW("min", minimum),
    NUMBER_ROW("max", maximum),
    NUM_ROW,
    {.key = NULL},
};

static const struct field Q_UNIFORM_FIELDS[] = {
    NUMBER_ROW("min", minimum),
    NUMBER_ROW("max", maximum),
    DEFAULT_ROW("q", q, FIELD_POSITIVE, "1"),
    NUM_ROW,
    {.key = NULL},
};

static const struct field LOG_FIELDS[] = {
    POSITIVE_ROW("min", minimum),
    POSITIVE_ROW("max", maximum),
    NUM_ROW,
    {.key = NULL},
};

static const struct field Q_LOG_FIELDS[] = {
    POSITIVE_ROW("min", minimum),
    POSITIVE_ROW("max", maximum),
    DEFAULT_ROW("q", q, FIELD_POSITIVE, "1"),
    NUM_ROW,
    {.key = NULL},
};

static const struct field NORMAL_FIELDS[] = {
    DEFAULT_ROW("mu", mu, 0, "0"),
    DEFAULT_ROW("sigma", sigma, FIELD_NOT_NEGATIVE, "1"),
    {.key = NULL},
};

static const struct field Q_NORMAL_FIELDS[] = {
    DEFAULT_ROW("mu", mu, 0, "0"),
    DEFAULT_ROW("sigma", sigma, FIELD_NOT_NEGATIVE, "1"),
    DEFAULT_ROW("q", q, FIELD_POSITIVE, "1"),
    {.key = NULL},
};

#define EXPONENTS                                                              \
    "it takes exponents, where people write values; 'log_uniform_values' "     \
    "takes the values themselves"
#define INVERSE "'log_uniform_values' is the nearest to it"
#define BETA "'uniform' and 'normal' are near to it"

const struct distribution_kind DISTRIBUTIONS[] = {
    {"constant", SHAPE_VALUES, .fields = CONSTANT_FIELDS},
    {"categorical", SHAPE_VALUES, .fields = CATEGORICAL_FIELDS},
    {"uniform", SHAPE_UNIFORM, .fields = UNIFORM_FIELDS},
    {"int_uniform", SHAPE_UNIFORM, .is_integer = true,
     .fields = INTEGER_FIELDS},
    {"q_uniform", SHAPE_UNIFORM, .has_q = true, .fields = Q_UNIFORM_FIELDS},
    {"log_uniform_values", SHAPE_UNIFORM, .is_log = true, .fields = LOG_FIELDS},
    {"q_log_uniform_values", SHAPE_UNIFORM, .is_log = true, .has_q = true,
     .fields = Q_LOG_FIELDS},
    {"normal", SHAPE_NORMAL, .fields = NORMAL_FIELDS},
    {"q_normal", SHAPE_NORMAL, .has_q = true, .fields = Q_NORMAL_FIELDS},
    {"log_normal", SHAPE_NORMAL, .is_log = true, .fields = NORMAL_FIELDS},
    {"q_log_normal", SHAPE_NORMAL, .is_log = true, .has_q = true,
     .fields = Q_NORMAL_FIELDS},
    {"log_uniform", SHAPE_REFUSED, .hint = EXPONENTS},
    {"q_log_uniform", SHAPE_REFUSED,
     .hint = "it takes exponents, where people write values; "
             "'q_log_uniform_values' takes the values themselves"},
    {"inv_log_uniform", SHAPE_REFUSED, .hint = INVERSE},
    {"inv_log_uniform_values", SHAPE_REFUSED, .hint = INVERSE},
    {"beta", SHAPE_REFUSED, .hint = BETA},
    {"q_beta", SHAPE_REFUSED, .hint = BETA},
    {.name = NULL},
};

const struct distribution_kind *distribution_find(const char *name) {
    for (const struct distribution_kind *kind = DISTRIBUTIONS; kind->name;
         kind++)
        if (strcmp(kind->name, name) == 0)
            return kind;
    return NULL;
}

/* rint() rounds half to even, in the one rounding mode there is. */
static double round_to(const struct distribution *distribution, double x) {
    const struct distribution_kind *kind = distribution->kind;
    if (kind->is_integer)
        return rint(x);
    return kind->has_q ? distribution->q * rint(x / distribution->q) : x;
}

double distribution_draw(const struct distribution *distribution,
                         struct numpy_random *random) {
    const struct distribution_kind *kind = distribution->kind;
    assert(!kind->is_integer);
    double x;
    if (kind->shape == SHAPE_NORMAL)
        x = distribution->mu +
            distribution->sigma * numpy_random_normal(random);
    else if (kind->is_log)
        x = numpy_random_uniform(random, double_log(distribution->minimum),
                                 double_log(distribution->maximum));
    else
        x = numpy_random_uniform(random, distribution->minimum,
                                 distribution->maximum);
    return round_to(distribution, kind->is_log ? double_exp(x) : x);
}

void distribution_points(const struct distribution *distribution, size_t count,
                         double *numbers) {
    assert(distribution->kind->shape == SHAPE_UNIFORM);
    void (*space)(double, double, size_t, double *) =
        distribution->kind->is_log ? geomspace : linspace;
    space(distribution->minimum, distribution->maximum, count, numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = round_to(distribution, numbers[i]);
}
