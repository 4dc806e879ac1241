#include "engine/data/dataset.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "engine/base/number.h"
#include "engine/data/scaler.h"
#include "engine/data/source.h"
#include "engine/data/split.h"

/* Every kind of SOURCE_FAMILY is the first member of its struct. */
static const struct source_kind *source_of(const struct kind *kind) {
    return (const struct source_kind *)(const void *)kind;
}

/* ---- what the options alone tell ---- */

static enum status_code check_choice(const struct choice *choice,
                                     const char *prefix,
                                     struct status *status) {
    const struct kind *kind = choice->kind;
    const char *key = NULL;
    const char *message =
        kind->check ? kind->check(choice->options, &key) : NULL;
    if (!message)
        return STATUS_OK;
    status_set_key(status, STATUS_CONFIG, key ? key : "", "%s", message);
    return status_prefix_key(status, prefix);
}

static enum status_code check_scalers(const struct choice *scalers,
                                      size_t count, const char *side,
                                      struct status *status) {
    for (size_t i = 0; i < count; i++) {
        char prefix[64];
        snprintf(prefix, sizeof prefix, "preprocess.%s.%zu", side, i);
        STATUS_TRY(check_choice(&scalers[i], prefix, status));
    }
    return STATUS_OK;
}

static enum status_code check_source(const struct choice *source,
                                     struct status *status) {
    STATUS_TRY(check_choice(source, "source", status));
    const struct source_kind *kind = source_of(source->kind);
    if (!kind->check || kind->check(source->options, status) == STATUS_OK)
        return STATUS_OK;
    return status_prefix_key(status, "source");
}

static enum status_code check_target_columns(size_t count,
                                             struct status *status) {
    return status_set_key(status, STATUS_CONFIG, "split.stratify",
                          "stratify needs one target column, the classes; "
                          "there are %zu",
                          count);
}

static enum status_code check_stratify(const struct data_options *options,
                                       struct status *status) {
    if (!options->split.stratify)
        return STATUS_OK;
    if (!options->split.shuffle)
        return status_set_key(status, STATUS_CONFIG, "split.stratify",
                              "stratify needs shuffle: true");
    const struct source_kind *kind = source_of(options->source.kind);
    size_t targets = kind->target_columns(options->source.options);
    return targets > 1 ? check_target_columns(targets, status) : STATUS_OK;
}

enum status_code data_options_check(const struct data_options *options,
                                    struct status *status) {
    STATUS_TRY(check_source(&options->source, status));
    STATUS_TRY(check_scalers(options->feature_scalers,
                             options->feature_scaler_count, "features",
                             status));
    STATUS_TRY(check_scalers(options->target_scalers,
                             options->target_scaler_count, "targets", status));
    STATUS_TRY(check_stratify(options, status));
    const struct source_kind *kind = source_of(options->source.kind);
    if (!kind->rows)
        return STATUS_OK;
    return split_check(&options->split, kind->rows(options->source.options),
                       status);
}

/* ---- the data set ---- */

static enum status_code load(struct dataset *dataset,
                             const struct data_options *options,
                             struct arena *scratch, struct raw_data *raw,
                             struct status *status) {
    struct source_call call = {
        .options = options->source.options,
        .drop_missing = options->drop_missing,
        .lasting = &dataset->arena,
        .scratch = scratch,
    };
    if (source_of(options->source.kind)->load(&call, raw, status) != STATUS_OK)
        return status_prefix_key(status, "source");
    STATUS_TRY(arena_status(scratch, "the data", status));
    STATUS_TRY(arena_status(&dataset->arena, "the data", status));
    dataset->rows = raw->rows;
    dataset->columns = raw->columns;
    dataset->target_columns = raw->target_columns;
    dataset->column_names = raw->column_names;
    dataset->target_names = raw->target_names;
    dataset->row_number = raw->row_number;
    dataset->input_count = raw->input_count;
    for (size_t i = 0; i < raw->input_count; i++)
        dataset->input[i] = raw->input[i];
    return STATUS_OK;
}

static enum status_code cut(struct dataset *dataset,
                            const struct data_options *options,
                            const struct raw_data *raw, struct arena *scratch,
                            struct status *status) {
    if (options->split.stratify && raw->target_columns != 1)
        return check_target_columns(raw->target_columns, status);
    return split_rows(&options->split, raw->rows, raw->targets, &dataset->arena,
                      scratch, dataset->part, status);
}

static enum status_code scale(struct dataset *dataset,
                              const struct data_options *options,
                              const struct raw_data *raw, struct arena *scratch,
                              struct status *status) {
    const struct data_part *train = &dataset->part[PART_TRAIN];
    dataset->feature_scaler_count = options->feature_scaler_count;
    dataset->target_scaler_count = options->target_scaler_count;
    dataset->feature_scalers = scalers_fit(
        options->feature_scalers, options->feature_scaler_count, raw->columns,
        raw->rows, train, raw->features, &dataset->arena, scratch);
    dataset->target_scalers =
        scalers_fit(options->target_scalers, options->target_scaler_count,
                    raw->target_columns, raw->rows, train, raw->targets,
                    &dataset->arena, scratch);
    STATUS_TRY(arena_status(scratch, "the scalers", status));
    return arena_status(&dataset->arena, "the scalers", status);
}

/* `cell` counts through the columns that have these names. */
static enum status_code refuse_size(const struct dataset *dataset,
                                    const char *const *names, size_t cell,
                                    double value, struct status *status) {
    char text[NUMBER_TEXT_SIZE];
    number_write_double(value, text);
    bool is_file = dataset->input_count > 0;
    bool is_second = names == dataset->target_names && dataset->input_count > 1;
    return status_set_key(
        status, is_file ? STATUS_INPUT : STATUS_CONFIG, "source",
        "%s%srow %" PRId64 ", column '%.100s': after preprocessing the value "
        "is %s, which is not finite as a 32-bit float",
        is_file ? dataset->input[is_second].path : "", is_file ? ": " : "",
        dataset->row_number[cell % dataset->rows], names[cell / dataset->rows],
        text);
}

/* Binary64 to binary32, column by column. */
static enum status_code cast(struct dataset *dataset, const double *values,
                             size_t columns, const char *const *names,
                             const float **result, struct status *status) {
    size_t rows = dataset->rows;
    float *cells = arena_zeroed(&dataset->arena, columns * rows, sizeof *cells);
    STATUS_TRY(arena_status(&dataset->arena, "the data", status));
    for (size_t i = 0; i < columns * rows; i++) {
        cells[i] = (float)values[i];
        if (!isfinite(cells[i]))
            return refuse_size(dataset, names, i, values[i], status);
    }
    *result = cells;
    return STATUS_OK;
}

static enum status_code assemble(struct dataset *dataset,
                                 const struct data_options *options,
                                 struct arena *scratch, struct status *status) {
    struct raw_data raw;
    STATUS_TRY(data_options_check(options, status));
    STATUS_TRY(load(dataset, options, scratch, &raw, status));
    STATUS_TRY(cut(dataset, options, &raw, scratch, status));
    STATUS_TRY(scale(dataset, options, &raw, scratch, status));
    STATUS_TRY(cast(dataset, raw.features, raw.columns, raw.column_names,
                    &dataset->features, status));
    return cast(dataset, raw.targets, raw.target_columns, raw.target_names,
                &dataset->targets, status);
}

enum status_code dataset_init(struct dataset *dataset,
                              const struct data_options *options,
                              struct status *status) {
    *dataset = (struct dataset){.arena = ARENA_INIT};
    struct arena scratch = ARENA_INIT;
    enum status_code code = assemble(dataset, options, &scratch, status);
    arena_release(&scratch);
    if (code != STATUS_OK)
        dataset_release(dataset);
    return code;
}

size_t dataset_source_problems(const struct data_options *options,
                               struct status *problems, size_t limit) {
    const struct source_kind *kind = source_of(options->source.kind);
    struct source_call call = {.options = options->source.options,
                               .drop_missing = options->drop_missing};
    size_t count = kind->problems ? kind->problems(&call, problems, limit) : 0;
    for (size_t i = 0; i < count; i++)
        status_prefix_key(&problems[i], "source");
    return count;
}

void dataset_release(struct dataset *dataset) {
    arena_release(&dataset->arena);
    *dataset = (struct dataset){.arena = ARENA_INIT};
}

double dataset_restore_target(const struct dataset *dataset, size_t column,
                              double value) {
    return scalers_restore(dataset->target_scalers,
                           dataset->target_scaler_count, column, value);
}
