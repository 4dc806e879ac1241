/* make_circles, make_moons, make_blobs as sources: their options, and what the
 * generators made, with names. */

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/data/generators.h"
#include "engine/data/source.h"

static_assert(offsetof(struct circles_options, common) == 0 &&
                  offsetof(struct moons_options, common) == 0 &&
                  offsetof(struct blobs_options, common) == 0,
              "common options stand first");

/* The rows that every generator has: its options begin with the common ones. */
#define COMMON_AT(member) FIELD_AT(struct generator_options, member)
#define COMMON_FIELDS                                                          \
    {.key = "n_samples",                                                       \
     .type = FIELD_INTEGER,                                                    \
     .flags = FIELD_RANGE,                                                     \
     COMMON_AT(n_samples),                                                     \
     .default_text = "100",                                                    \
     FIELD_BETWEEN(1, GENERATED_ROWS_LIMIT),                                   \
     .unit = "rows",                                                           \
     .help = "points in all, shared out evenly"},                              \
        {.key = "shuffle",                                                     \
         .type = FIELD_BOOLEAN,                                                \
         COMMON_AT(shuffle),                                                   \
         .default_text = "true",                                               \
         .help = "mix the rows"},                                              \
        {.key = "random_state",                                                \
         .type = FIELD_INTEGER,                                                \
         .flags = FIELD_RANGE,                                                 \
         COMMON_AT(random_state),                                              \
         .default_text = "0",                                                  \
         FIELD_BETWEEN(0, 4294967295),                                         \
         .help = "seed of the points and of their order"},                     \
    {                                                                          \
        .key = "scale", .type = FIELD_NUMBER, COMMON_AT(scale),                \
        .default_text = "1.0", .help = "factor for the features, applied last" \
    }

#define NOISE_FIELD(options)                                                   \
    {                                                                          \
        .key = "noise", .type = FIELD_NUMBER,                                  \
        .flags = FIELD_NULLABLE | FIELD_NOT_NEGATIVE,                          \
        FIELD_OPTIONAL_AT(options, noise), .default_text = "null",             \
        FIELD_AT_LEAST(0),                                                     \
        .help = "standard deviation of what is added to each number"           \
    }

static const struct field CIRCLES_FIELDS[] = {
    COMMON_FIELDS,
    NOISE_FIELD(struct circles_options),
    {.key = "factor",
     .type = FIELD_NUMBER,
     .flags = FIELD_HALF_OPEN,
     FIELD_AT(struct circles_options, factor),
     .default_text = "0.8",
     FIELD_BETWEEN(0, 1),
     .help = "inner radius / outer radius"},
    {.key = NULL},
};

static const struct field MOONS_FIELDS[] = {
    COMMON_FIELDS,
    NOISE_FIELD(struct moons_options),
    {.key = NULL},
};

static const struct field BLOBS_FIELDS[] = {
    COMMON_FIELDS,
    {.key = "n_features",
     .type = FIELD_INTEGER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct blobs_options, n_features),
     .default_text = "2",
     FIELD_BETWEEN(1, 1000000),
     .unit = "columns",
     .help = "numbers a point has"},
    {.key = "centers",
     .type = FIELD_INTEGER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct blobs_options, centers),
     .default_text = "3",
     FIELD_BETWEEN(1, GENERATED_ROWS_LIMIT),
     .unit = "classes",
     .help = "number of clusters, drawn inside center_box"},
    {.key = "cluster_std",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct blobs_options, cluster_std),
     .default_text = "1.0",
     FIELD_AT_LEAST(0),
     .help = "standard deviation of every cluster"},
    {.key = "center_box",
     .type = FIELD_NUMBERS,
     FIELD_AT(struct blobs_options, center_box),
     .default_text = "[-10.0, 10.0]",
     .least = 2,
     .most = 2,
     .help = "range of the centres' coordinates, low and high"},
    {.key = NULL},
};

static const struct field_refused BLOBS_REFUSED[] = {
    {"return_centers", "a data set is features and targets"},
    {NULL, NULL},
};

static const char *check_blobs(const void *memory, const char **key) {
    const struct blobs_options *options = memory;
    const double *box = options->center_box.values;
    *key = "center_box";
    if (!isfinite(box[1] - box[0]))
        return "center_box is too wide: high - low must be finite";
    *key = "n_features";
    if (options->n_features > GENERATED_CELLS_LIMIT / options->common.n_samples)
        return "n_samples x n_features must be at most 268435456";
    *key = "centers";
    if (options->n_features > GENERATED_CELLS_LIMIT / options->centers)
        return "centers x n_features must be at most 268435456";
    return NULL;
}

/* ---- from points to a data set ---- */

static const char *number_name(const char *letter, size_t number,
                               struct arena *arena) {
    char digits[NUMBER_TEXT_SIZE];
    size_t length = number_write_integer((int64_t)number, digits);
    char *name = arena_zeroed(arena, length + 2, 1);
    if (!name)
        return NULL;
    name[0] = letter[0];
    memcpy(name + 1, digits, length);
    return name;
}

static const char *const *name_columns(size_t count, struct arena *arena) {
    const char **names = arena_zeroed(arena, count, sizeof *names);
    for (size_t i = 0; names && i < count; i++)
        names[i] = number_name("x", i, arena);
    return names;
}

static const int64_t *number_rows(size_t count, struct arena *arena) {
    int64_t *numbers = arena_zeroed(arena, count, sizeof *numbers);
    for (size_t i = 0; numbers && i < count; i++)
        numbers[i] = (int64_t)i;
    return numbers;
}

static enum status_code hand_over(const struct generated *made,
                                  const struct source_call *call,
                                  struct raw_data *raw) {
    static const char *const TARGET_NAMES[] = {"y"};
    *raw = (struct raw_data){
        .rows = made->rows,
        .columns = made->columns,
        .target_columns = 1,
        .features = made->features,
        .targets = made->targets,
        .column_names = name_columns(made->columns, call->lasting),
        .target_names = TARGET_NAMES,
        .row_number = number_rows(made->rows, call->lasting),
    };
    return STATUS_OK;
}

static enum status_code load_circles(const struct source_call *call,
                                     struct raw_data *raw,
                                     struct status *status) {
    (void)status; /* the options were checked, memory is the caller's */
    struct generated made;
    make_circles(call->options, call->scratch, &made);
    return hand_over(&made, call, raw);
}

static enum status_code load_moons(const struct source_call *call,
                                   struct raw_data *raw,
                                   struct status *status) {
    (void)status;
    struct generated made;
    make_moons(call->options, call->scratch, &made);
    return hand_over(&made, call, raw);
}

static enum status_code load_blobs(const struct source_call *call,
                                   struct raw_data *raw,
                                   struct status *status) {
    (void)status;
    struct generated made;
    make_blobs(call->options, call->scratch, &made);
    return hand_over(&made, call, raw);
}

static size_t count_rows(const void *memory) {
    const struct generator_options *options = memory;
    return (size_t)options->n_samples;
}

static size_t one_target(const void *options) {
    (void)options;
    return 1;
}

const struct source_kind SOURCE_MAKE_CIRCLES = {
    .kind = {.name = "make_circles",
             .help = "a circle in a circle, two classes",
             .fields = CIRCLES_FIELDS,
             .options_size = sizeof(struct circles_options)},
    .rows = count_rows,
    .target_columns = one_target,
    .load = load_circles,
};

const struct source_kind SOURCE_MAKE_MOONS = {
    .kind = {.name = "make_moons",
             .help = "two half circles in each other, two classes",
             .fields = MOONS_FIELDS,
             .options_size = sizeof(struct moons_options)},
    .rows = count_rows,
    .target_columns = one_target,
    .load = load_moons,
};

const struct source_kind SOURCE_MAKE_BLOBS = {
    .kind = {.name = "make_blobs",
             .help = "normal clusters, a class each",
             .fields = BLOBS_FIELDS,
             .options_size = sizeof(struct blobs_options),
             .refused = BLOBS_REFUSED,
             .check = check_blobs},
    .rows = count_rows,
    .target_columns = one_target,
    .load = load_blobs,
};
