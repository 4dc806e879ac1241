#ifndef ENGINE_DATA_DATASET_H
#define ENGINE_DATA_DATASET_H

/* A data set: read or generated, cut into parts, scaled, cast to float32; not
 * changed once made. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/arena.h"
#include "engine/base/digest.h"
#include "engine/base/field.h"
#include "engine/base/status.h"

enum part { PART_TRAIN, PART_VALIDATION, PART_TEST, PARTS };

/* "train", "validation", "test". */
extern const char *const PART_NAMES[PARTS];

/* One table of a `table` source. */
struct table_options {
    const char *path; /* as the process can open it */
    const char *key;  /* NULL: the file holds one table */
    bool has_key;     /* false: `key` is NULL */
    /* Columns: labels, or positions [start, stop), or (neither) all that the
     * targets do not take from the same table. A list of no label is told from
     * no list by `labels.values`, which is NULL only where there is no list. */
    struct field_texts labels;
    bool has_positions;
    int64_t start, stop;
};

struct table_source_options {
    struct table_options features, targets;
};

struct split_options {
    struct field_share test_size;
    struct {
        bool present;
        struct field_share value;
    } validation_size;
    int64_t random_state;
    bool shuffle, stratify;
};

/* What `data` says. Owned by the config. */
struct data_options {
    struct choice source; /* kind of SOURCE_FAMILY */
    struct split_options split;
    const struct choice *feature_scalers, *target_scalers; /* SCALER_FAMILY */
    size_t feature_scaler_count, target_scaler_count;
    bool drop_missing; /* data.missing: drop */
};

/* The kinds of SOURCE_FAMILY are members of a struct source_kind (source.h),
 * those of SCALER_FAMILY of a struct scaler_kind (scaler.h). The options of
 * `table` are a struct table_source_options; its fields `features` and
 * `targets` are FIELD_SECTIONs, each read by TABLE_FIELDS. */
extern const struct kind_family SOURCE_FAMILY, SCALER_FAMILY;
extern const struct field SPLIT_FIELDS[];
/* {path, key, columns} of a table. `columns` is a FIELD_SECTION without a
 * default: left out, the options say so by themselves. */
extern const struct field TABLE_FIELDS[];

/* The numbers that a scaler fitted, by scikit-learn's names: standard_scaler
 * mean_, var_, scale_; min_max_scaler data_min_, data_max_, scale_, min_. */
struct fitted_scaler {
    const struct kind *kind;
    size_t columns;
    size_t numbers;
    const char *const *names;    /* [numbers] */
    const double *const *values; /* [numbers][columns] */
};

struct input_file {
    const char *path; /* as given in the options */
    char digest[DIGEST_TEXT_SIZE];
};

struct data_part {
    size_t rows;
    const uint32_t *row; /* positions in features and targets, in split order */
};

struct dataset {
    size_t rows; /* rows that are used */
    size_t columns, target_columns;
    const char *const *column_names, *const *target_names;
    const float *features; /* [column][row], scaled, finite */
    const float *targets;  /* [target][row], scaled, finite */
    /* The row's number in the file, from 0 (differs from the position where
     * rows with missing values were dropped). */
    const int64_t *row_number; /* [row] */
    struct data_part part[PARTS];
    const struct fitted_scaler *feature_scalers, *target_scalers;
    size_t feature_scaler_count, target_scaler_count;
    struct input_file input[2]; /* features, targets; same path: one entry */
    size_t input_count;         /* 0 for generated data */
    struct arena arena;         /* owns all of the above */
};

/* Reads or makes the data, cuts and scales it. Errors: STATUS_INPUT for the
 * file's fault; STATUS_CONFIG for a line that does not suit the data; both with
 * the key at fault relative to `data` ("split.test_size",
 * "source.features.columns"). STATUS_OUTPUT if there is not enough memory.
 * After an error the data set is empty and need not be released.
 *
 * A value that binary32 cannot hold after scaling is an error too. Of the
 * options nothing but the kinds has to outlive the call. */
enum status_code dataset_init(struct dataset *dataset,
                              const struct data_options *options,
                              struct status *status);
void dataset_release(struct dataset *dataset);

/* After dataset_init() has failed with a key inside "source": all that is wrong
 * with the source, up to `limit`, keys relative to `data`. Returns how many; 0
 * where there is nothing to add to that error. */
size_t dataset_source_problems(const struct data_options *options,
                               struct status *problems, size_t limit);

/* Undoes the target scalers, last first, on `value` of target column `column`,
 * as scikit-learn's inverse_transform. */
double dataset_restore_target(const struct dataset *dataset, size_t column,
                              double value);

/* What a config can be told without opening a file: counts against n_samples
 * of generated data, labels given twice, what `stratify` needs, and what the
 * kinds check of their own options. Same errors; dataset_init() begins with
 * it. */
enum status_code data_options_check(const struct data_options *options,
                                    struct status *status);

#endif
