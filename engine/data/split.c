#include "engine/data/split.h"

#include <inttypes.h>
#include <math.h>

#include "engine/base/number.h"
#include "engine/data/split_stratified.h"
#include "engine/random/numpy_random.h"

const char *const PART_NAMES[PARTS] = {"train", "validation", "test"};

const struct field SPLIT_FIELDS[] = {
    {.key = "test_size",
     .type = FIELD_SHARE,
     FIELD_AT(struct split_options, test_size),
     .default_text = "0.25",
     .unit = "rows, or a fraction of all",
     .help = "rows kept for the final test"},
    {.key = "validation_size",
     .type = FIELD_SHARE,
     .flags = FIELD_NULLABLE,
     FIELD_OPTIONAL_AT(struct split_options, validation_size),
     .default_text = "null",
     .unit = "rows, or a fraction of the training rows",
     .help = "rows cut from the training rows to watch the run by"},
    {.key = "random_state",
     .type = FIELD_INTEGER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct split_options, random_state),
     .default_text = "0",
     FIELD_BETWEEN(0, 4294967295),
     .help = "seed of the cut"},
    {.key = "shuffle",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct split_options, shuffle),
     .default_text = "true",
     .help = "draw the test rows; false takes the last ones"},
    {.key = "stratify",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct split_options, stratify),
     .default_text = "false",
     .help = "keep the shares of the classes; one target column"},
    {.key = NULL},
};

/* One cut of the two: what goes by the names "test" and "validation". */
struct cut {
    const char *key, *name; /* "split.test_size", "test_size" */
    const char *rows_name;  /* of what is cut: "rows", "training rows" */
    struct field_share size;
};

static struct cut test_cut(const struct split_options *options) {
    return (struct cut){"split.test_size", "test_size", "rows",
                        options->test_size};
}

static struct cut validation_cut(const struct split_options *options) {
    return (struct cut){"split.validation_size", "validation_size",
                        "training rows", options->validation_size.value};
}

static enum status_code refuse_count(const struct cut *cut, size_t rows,
                                     struct status *status) {
    return status_set_key(
        status, STATUS_CONFIG, cut->key,
        "%s must be at least 1 and smaller than the number of %s, which is "
        "%zu, or a fraction between 0 and 1; found %" PRId64,
        cut->name, cut->rows_name, rows, cut->size.count);
}

static enum status_code refuse_fraction(const struct cut *cut, size_t rows,
                                        struct status *status) {
    char text[NUMBER_TEXT_SIZE];
    number_write_double(cut->size.fraction, text);
    if (!(cut->size.fraction > 0 && cut->size.fraction < 1))
        return status_set_key(status, STATUS_CONFIG, cut->key,
                              "%s must be a fraction between 0 and 1, or a "
                              "count; found %s",
                              cut->name, text);
    return status_set_key(status, STATUS_CONFIG, cut->key,
                          "%s %s of %zu %s, rounded up, leaves no training "
                          "row",
                          cut->name, text, rows, cut->rows_name);
}

/* How many rows the cut takes off. */
static enum status_code count_cut(const struct cut *cut, size_t rows,
                                  size_t *count, struct status *status) {
    const struct field_share *size = &cut->size;
    if (size->is_count) {
        if (size->count < 1 || (uint64_t)size->count >= rows)
            return refuse_count(cut, rows, status);
        *count = (size_t)size->count;
        return STATUS_OK;
    }
    double exact = ceil(size->fraction * (double)rows);
    if (!(size->fraction > 0 && size->fraction < 1) || exact >= (double)rows)
        return refuse_fraction(cut, rows, status);
    *count = (size_t)exact;
    return STATUS_OK;
}

enum status_code split_check(const struct split_options *options, size_t rows,
                             struct status *status) {
    struct cut test = test_cut(options), validation = validation_cut(options);
    size_t count;
    STATUS_TRY(count_cut(&test, rows, &count, status));
    if (options->validation_size.present)
        return count_cut(&validation, rows - count, &count, status);
    return STATUS_OK;
}

/* ShuffleSplit: one permutation, of which the test part is the head. */
static void draw_order(uint32_t seed, size_t rows, size_t test,
                       int64_t *permutation, int64_t *order) {
    struct numpy_random random;
    numpy_random_seed(&random, seed);
    numpy_random_permutation(&random, permutation, rows);
    for (size_t i = 0; i < rows; i++)
        order[i] = permutation[(i + test) % rows];
}

struct split {
    const struct split_options *options;
    const double *classes; /* of all rows */
    struct arena *lasting, *scratch;
};

/* The classes of the rows that are cut, in their order. */
static const double *gather_classes(const struct split *split,
                                    const struct data_part *whole) {
    double *classes =
        arena_zeroed(split->scratch, whole->rows, sizeof *classes);
    for (size_t i = 0; classes && i < whole->rows; i++)
        classes[i] = split->classes[whole->row[i]];
    return classes;
}

/* Positions among the rows that are cut: training rows, then the others. */
static enum status_code find_order(const struct split *split,
                                   const struct cut *cut,
                                   const struct data_part *whole, size_t *train,
                                   size_t *test, int64_t *order,
                                   struct status *status) {
    const struct split_options *options = split->options;
    size_t rows = whole->rows;
    uint32_t seed = (uint32_t)options->random_state;
    if (options->shuffle && options->stratify) {
        struct stratified_cut stratified = {
            gather_classes(split, whole), rows, *train, *test, seed, cut->key};
        return split_stratified(&stratified, split->scratch, order, train, test,
                                status);
    }
    int64_t *permutation = arena_zeroed(split->scratch, rows, sizeof *order);
    STATUS_TRY(arena_status(split->scratch, "the split", status));
    if (options->shuffle)
        draw_order(seed, rows, *test, permutation, order);
    else
        for (size_t i = 0; i < rows; i++)
            order[i] = (int64_t)i;
    return STATUS_OK;
}

static struct data_part take(const struct data_part *whole,
                             const int64_t *order, size_t count,
                             struct arena *arena) {
    uint32_t *row = arena_zeroed(arena, count, sizeof *row);
    for (size_t i = 0; row && i < count; i++)
        row[i] = whole->row[order[i]];
    return (struct data_part){.rows = count, .row = row};
}

static enum status_code
cut_part(const struct split *split, const struct cut *cut,
         const struct data_part *whole, struct data_part *train,
         struct data_part *test, struct status *status) {
    size_t test_rows;
    STATUS_TRY(count_cut(cut, whole->rows, &test_rows, status));
    size_t train_rows = whole->rows - test_rows;
    int64_t *order = arena_zeroed(split->scratch, whole->rows, sizeof *order);
    STATUS_TRY(arena_status(split->scratch, "the split", status));
    STATUS_TRY(
        find_order(split, cut, whole, &train_rows, &test_rows, order, status));
    *train = take(whole, order, train_rows, split->lasting);
    *test = take(whole, order + train_rows, test_rows, split->lasting);
    return arena_status(split->lasting, "the split", status);
}

static const uint32_t *all_rows(size_t rows, struct arena *arena) {
    uint32_t *row = arena_zeroed(arena, rows, sizeof *row);
    for (size_t i = 0; row && i < rows; i++)
        row[i] = (uint32_t)i;
    return row;
}

enum status_code split_rows(const struct split_options *options, size_t rows,
                            const double *classes, struct arena *lasting,
                            struct arena *scratch, struct data_part part[PARTS],
                            struct status *status) {
    struct split split = {options, classes, lasting, scratch};
    struct cut test = test_cut(options), validation = validation_cut(options);
    struct data_part whole = {rows, all_rows(rows, scratch)};
    STATUS_TRY(arena_status(scratch, "the split", status));
    part[PART_VALIDATION] = (struct data_part){0};
    STATUS_TRY(cut_part(&split, &test, &whole, &part[PART_TRAIN],
                        &part[PART_TEST], status));
    if (!options->validation_size.present)
        return STATUS_OK;
    whole = part[PART_TRAIN];
    return cut_part(&split, &validation, &whole, &part[PART_TRAIN],
                    &part[PART_VALIDATION], status);
}
