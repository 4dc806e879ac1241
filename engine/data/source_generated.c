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
#define COMMON_FIELDS(n_samples_list)                                          \
    {.key = "n_samples",                                                       \
     .type = FIELD_INTEGER,                                                    \
     .flags = FIELD_RANGE,                                                     \
     COMMON_AT(n_samples),                                                     \
     .default_text = "100",                                                    \
     FIELD_BETWEEN(1, GENERATED_ROWS_LIMIT),                                   \
     .list = (n_samples_list),                                                 \
     .unit = "rows",                                                           \
     .help = "points in all, shared out evenly, or of each class"},            \
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

#define N_SAMPLES_LIST(shortest, longest)                                      \
    {                                                                          \
        .key = "n_samples", .type = FIELD_INTEGERS, .flags = FIELD_RANGE,      \
        COMMON_AT(n_samples_each), FIELD_BETWEEN(0, GENERATED_ROWS_LIMIT),     \
        .least = (shortest), .most = (longest)                                 \
    }

static const struct field N_SAMPLES_OF_TWO = N_SAMPLES_LIST(2, 2);
static const struct field N_SAMPLES_OF_EACH = N_SAMPLES_LIST(1, 0);

#define NOISE_FIELD(options)                                                   \
    {                                                                          \
        .key = "noise", .type = FIELD_NUMBER,                                  \
        .flags = FIELD_NULLABLE | FIELD_NOT_NEGATIVE,                          \
        FIELD_OPTIONAL_AT(options, noise), .default_text = "null",             \
        FIELD_AT_LEAST(0),                                                     \
        .help = "standard deviation of what is added to each number"           \
    }

static const struct field CIRCLES_FIELDS[] = {
    COMMON_FIELDS(&N_SAMPLES_OF_TWO),
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
    COMMON_FIELDS(&N_SAMPLES_OF_TWO),
    NOISE_FIELD(struct moons_options),
    {.key = NULL},
};

static const struct field CENTER_POINTS = {
    .key = "centers",
    .type = FIELD_POINTS,
    FIELD_AT(struct blobs_options, center_points),
    .least = 1,
};

static const struct field CLUSTER_STD_OF_EACH = {
    .key = "cluster_std",
    .type = FIELD_NUMBERS,
    .flags = FIELD_NOT_NEGATIVE,
    FIELD_AT(struct blobs_options, cluster_std_each),
    FIELD_AT_LEAST(0),
    .least = 1,
};

static const struct field BLOBS_FIELDS[] = {
    COMMON_FIELDS(&N_SAMPLES_OF_EACH),
    {.key = "n_features",
     .type = FIELD_INTEGER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct blobs_options, n_features),
     .default_text = "2",
     FIELD_BETWEEN(1, 1000000),
     .unit = "columns",
     .help = "numbers a point has, unless centers are points"},
    {.key = "centers",
     .type = FIELD_INTEGER,
     .flags = FIELD_RANGE | FIELD_DERIVED | FIELD_NULLABLE,
     FIELD_OPTIONAL_AT(struct blobs_options, centers),
     .default_text = "3, or as n_samples",
     FIELD_BETWEEN(1, GENERATED_ROWS_LIMIT),
     .list = &CENTER_POINTS,
     .unit = "classes",
     .help = "number of clusters, drawn inside center_box, or their centres"},
    {.key = "cluster_std",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct blobs_options, cluster_std),
     .default_text = "1.0",
     FIELD_AT_LEAST(0),
     .list = &CLUSTER_STD_OF_EACH,
     .help = "standard deviation of every cluster, or of each"},
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

static const char *check_rows(const void *memory, const char **key) {
    int64_t rows = generated_rows(memory);
    *key = "n_samples";
    if (rows < 1 || rows > GENERATED_ROWS_LIMIT)
        return "n_samples must add up to 1 to 10000000 rows";
    return NULL;
}

/* One count, one centre, one deviation a cluster. */
static const char *check_clusters(const struct blobs_options *options,
                                  const char **key) {
    size_t clusters = blobs_count_centers(options);
    const struct field_integers *each = &options->common.n_samples_each;
    const struct field_numbers *deviations = &options->cluster_std_each;
    *key = "centers";
    if (each->values && options->centers.present &&
        !options->center_points.values)
        return "centers must be a list of points, or left out, where n_samples "
               "is a list";
    if (each->values && clusters != each->count)
        return "centers must have a point for each count of n_samples";
    *key = "cluster_std";
    if (deviations->values && clusters != deviations->count)
        return "cluster_std must have a number for each center";
    return NULL;
}

static const char *check_drawn_centers(const struct blobs_options *options,
                                       const char **key) {
    const double *box = options->center_box.values;
    *key = "center_box";
    if (!isfinite(box[1] - box[0]))
        return "center_box is too wide: high - low must be finite";
    *key = "centers";
    if ((size_t)options->n_features >
        GENERATED_CELLS_LIMIT / blobs_count_centers(options))
        return "centers x n_features must be at most 268435456";
    return NULL;
}

/* What is not given is not there yet; what follows from it is. */
static struct blobs_options with_centers(const struct blobs_options *given) {
    struct blobs_options options = *given;
    if (!options.centers.present && !options.common.n_samples_each.values)
        options.centers = (struct field_optional_integer){true, BLOBS_CENTERS};
    return options;
}

static const char *check_blobs(const void *memory, const char **key) {
    const struct blobs_options options = with_centers(memory);
    const char *message = check_rows(memory, key);
    if (!message)
        message = check_clusters(&options, key);
    if (message)
        return message;
    bool is_given = options.center_points.values;
    *key = is_given ? "centers" : "n_features";
    if ((int64_t)blobs_count_columns(&options) >
        GENERATED_CELLS_LIMIT / generated_rows(&options.common))
        return is_given ? "n_samples x the numbers of a point must be at most "
                          "268435456"
                        : "n_samples x n_features must be at most 268435456";
    return is_given ? NULL : check_drawn_centers(&options, key);
}

static void settle_blobs(void *memory) {
    struct blobs_options *options = memory;
    *options = with_centers(options);
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
    return (size_t)generated_rows(memory);
}

static size_t one_target(const void *options) {
    (void)options;
    return 1;
}

const struct source_kind SOURCE_MAKE_CIRCLES = {
    .kind = {.name = "make_circles",
             .help = "a circle in a circle, two classes",
             .fields = CIRCLES_FIELDS,
             .check = check_rows,
             .options_size = sizeof(struct circles_options)},
    .rows = count_rows,
    .target_columns = one_target,
    .load = load_circles,
};

const struct source_kind SOURCE_MAKE_MOONS = {
    .kind = {.name = "make_moons",
             .help = "two half circles in each other, two classes",
             .fields = MOONS_FIELDS,
             .check = check_rows,
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
             .check = check_blobs,
             .settle = settle_blobs},
    .rows = count_rows,
    .target_columns = one_target,
    .load = load_blobs,
};
