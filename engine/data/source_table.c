/* `table`: features and targets out of files. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/data/source.h"
#include "engine/data/table_columns.h"

/* Larger files are refused before they are read. */
#define DATA_FILE_LIMIT ((size_t)1 << 32)

const struct field TABLE_FIELDS[] = {
    {.key = "path",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     FIELD_AT(struct table_options, path),
     .help = "HDF5, npy or CSV file, relative to the config"},
    {.key = "key",
     .type = FIELD_TEXT,
     .flags = FIELD_NULLABLE,
     FIELD_AT(struct table_options, key),
     .present_offset = offsetof(struct table_options, has_key),
     .default_text = "null",
     .help = "which table of an HDF5 file that holds several"},
    {.key = "columns",
     .type = FIELD_SECTION,
     .help = "labels, or {start, stop}; left out: all that are not targets"},
    {.key = NULL},
};

static const struct field FIELDS[] = {
    {.key = "features",
     .type = FIELD_SECTION,
     .flags = FIELD_REQUIRED,
     .help = "the table that the network sees: {path, key, columns}"},
    {.key = "targets",
     .type = FIELD_SECTION,
     .flags = FIELD_REQUIRED,
     .help = "the table that it is to tell: {path, key, columns}"},
    {.key = NULL},
};

enum { FEATURES, TARGETS, SIDES };
static const char *const SIDE_KEYS[SIDES] = {"features", "targets"};

/* One side of the data set and the table it comes from. */
struct side {
    const struct table_options *options;
    struct table own;          /* empty where the other side's is shared */
    const struct table *table; /* own, or the other side's */
    struct columns columns;
    char digest[DIGEST_TEXT_SIZE];
};

/* What is read, and the rows of it that are used. */
struct tables {
    const struct source_call *call;
    struct side side[SIDES];
    size_t file_rows;
    bool *is_left_out; /* [file_rows] */
    size_t rows;       /* that are not left out */
};

/* Puts the side's key before the one at fault. */
static enum status_code blame(enum status_code code, int side,
                              struct status *status) {
    if (code != STATUS_OK)
        status_prefix_key(status, SIDE_KEYS[side]);
    return code;
}

/* ---- reading ---- */

static enum status_code read_file(const struct table_options *options,
                                  struct bytes *bytes,
                                  char digest[DIGEST_TEXT_SIZE],
                                  struct status *status) {
    enum status_code code = whole_file_read(options->path, DATA_FILE_LIMIT,
                                            STATUS_INPUT, bytes, status);
    if (code != STATUS_OK) {
        status_prefix_key(status, "path");
        return code;
    }
    digest_of(bytes->data, bytes->size, digest);
    return STATUS_OK;
}

static enum status_code read_own_table(struct side *side,
                                       const struct bytes *bytes,
                                       struct status *status) {
    STATUS_TRY(table_read(bytes, side->options->path, side->options->key,
                          &side->own, status));
    side->table = &side->own;
    return STATUS_OK;
}

/* HDF5 names the same table "df" and "/df". */
static const char *bare_key(const char *key) {
    return key && key[0] == '/' ? key + 1 : key;
}

static bool has_same_key(const struct tables *tables) {
    const char *a = bare_key(tables->side[FEATURES].options->key);
    const char *b = bare_key(tables->side[TARGETS].options->key);
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Sameness goes by content: what is read from a file does not depend on what
 * the file is called. A file read without a key holds one table only, which any
 * key that was found there names too. */
static bool is_same_table(const struct tables *tables) {
    const struct side *side = tables->side;
    bool is_only = !side[FEATURES].options->key || !side[TARGETS].options->key;
    return strcmp(side[FEATURES].digest, side[TARGETS].digest) == 0 &&
           (is_only || has_same_key(tables));
}

static bool has_same_path(const struct tables *tables) {
    return strcmp(tables->side[FEATURES].options->path,
                  tables->side[TARGETS].options->path) == 0;
}

/* The targets' table, when the features' has been read from `bytes`. */
static enum status_code read_targets(struct tables *tables, struct bytes *bytes,
                                     struct status *status) {
    struct side *features = &tables->side[FEATURES];
    struct side *targets = &tables->side[TARGETS];
    if (has_same_path(tables)) {
        memcpy(targets->digest, features->digest, sizeof targets->digest);
    } else {
        bytes_release(bytes);
        STATUS_TRY(read_file(targets->options, bytes, targets->digest, status));
    }
    if (is_same_table(tables) && has_same_key(tables)) {
        targets->table = features->table;
        return STATUS_OK;
    }
    return read_own_table(targets, bytes, status);
}

static enum status_code read_both(struct tables *tables, struct bytes *bytes,
                                  struct status *status) {
    struct side *features = &tables->side[FEATURES];
    enum status_code code =
        read_file(features->options, bytes, features->digest, status);
    if (code == STATUS_OK)
        code = read_own_table(features, bytes, status);
    STATUS_TRY(blame(code, FEATURES, status));
    return blame(read_targets(tables, bytes, status), TARGETS, status);
}

static enum status_code read_tables(struct tables *tables,
                                    struct status *status) {
    struct bytes bytes = {0};
    enum status_code code = read_both(tables, &bytes, status);
    bytes_release(&bytes);
    return code;
}

/* ---- choosing ---- */

static enum status_code pick_columns(struct tables *tables,
                                     struct status *status) {
    struct side *features = &tables->side[FEATURES];
    struct side *targets = &tables->side[TARGETS];
    STATUS_TRY(blame(columns_pick(targets->options, targets->table, NULL,
                                  &targets->columns, status),
                     TARGETS, status));
    const struct columns *taken =
        is_same_table(tables) ? &targets->columns : NULL;
    return blame(columns_pick(features->options, features->table, taken,
                              &features->columns, status),
                 FEATURES, status);
}

static enum status_code check_lengths(struct tables *tables,
                                      struct status *status) {
    const struct side *features = &tables->side[FEATURES];
    const struct side *targets = &tables->side[TARGETS];
    tables->file_rows = features->table->rows;
    if (targets->table->rows == tables->file_rows)
        return STATUS_OK;
    return status_set_key(status, STATUS_INPUT, SIDE_KEYS[TARGETS],
                          "features and targets belong together row by row, "
                          "but %s has %zu rows and %s %zu",
                          features->options->path, features->table->rows,
                          targets->options->path, targets->table->rows);
}

/* ---- missing values ---- */

static enum status_code refuse_value(const struct side *side,
                                     const struct table_column *column,
                                     size_t row, struct status *status) {
    char line[48] = "";
    if (side->table->line)
        snprintf(line, sizeof line, " (line %zu)", side->table->line[row]);
    return status_set(status, STATUS_INPUT,
                      "%s: row %zu%s, column '%.100s': %s; 'missing: drop' in "
                      "'data' leaves such rows out",
                      side->options->path, row, line, column->label,
                      isnan(column->values[row]) ? "the value is missing"
                                                 : "the value is infinite");
}

static enum status_code scan_column(struct tables *tables,
                                    const struct side *side,
                                    const struct table_column *column,
                                    struct status *status) {
    for (size_t row = 0; row < tables->file_rows; row++) {
        if (isfinite(column->values[row]))
            continue;
        if (!tables->call->drop_missing)
            return refuse_value(side, column, row, status);
        tables->is_left_out[row] = true;
    }
    return STATUS_OK;
}

static enum status_code scan_side(struct tables *tables,
                                  const struct side *side,
                                  struct status *status) {
    for (size_t i = 0; i < side->columns.count; i++)
        STATUS_TRY(scan_column(tables, side,
                               &side->table->column[side->columns.position[i]],
                               status));
    return STATUS_OK;
}

static enum status_code find_rows(struct tables *tables,
                                  struct status *status) {
    tables->is_left_out =
        arena_zeroed(tables->call->scratch, tables->file_rows, sizeof(bool));
    STATUS_TRY(arena_status(tables->call->scratch, "the data", status));
    for (int side = 0; side < SIDES; side++)
        STATUS_TRY(blame(scan_side(tables, &tables->side[side], status), side,
                         status));
    for (size_t row = 0; row < tables->file_rows; row++)
        tables->rows += !tables->is_left_out[row];
    if (tables->rows > 0)
        return STATUS_OK;
    return status_set_key(status, STATUS_INPUT, SIDE_KEYS[FEATURES],
                          "%s: no row is left, each has a missing value in a "
                          "column that is used",
                          tables->side[FEATURES].options->path);
}

/* ---- handing over ---- */

static double *copy_columns(const struct tables *tables,
                            const struct side *side) {
    double *values =
        arena_zeroed(tables->call->scratch, side->columns.count * tables->rows,
                     sizeof *values);
    double *next = values;
    for (size_t i = 0; values && i < side->columns.count; i++) {
        const double *from =
            side->table->column[side->columns.position[i]].values;
        for (size_t row = 0; row < tables->file_rows; row++)
            if (!tables->is_left_out[row])
                *next++ = from[row];
    }
    return values;
}

static const char *copy_text(const char *text, struct arena *arena) {
    size_t length = strlen(text);
    char *copy = arena_zeroed(arena, length + 1, 1);
    return copy ? memcpy(copy, text, length) : NULL;
}

static const char *const *copy_names(const struct tables *tables,
                                     const struct side *side) {
    struct arena *arena = tables->call->lasting;
    const char **names =
        arena_zeroed(arena, side->columns.count, sizeof *names);
    for (size_t i = 0; names && i < side->columns.count; i++)
        names[i] = copy_text(
            side->table->column[side->columns.position[i]].label, arena);
    return names;
}

static const int64_t *number_rows(const struct tables *tables) {
    int64_t *numbers =
        arena_zeroed(tables->call->lasting, tables->rows, sizeof *numbers);
    size_t next = 0;
    for (size_t row = 0; numbers && row < tables->file_rows; row++)
        if (!tables->is_left_out[row])
            numbers[next++] = (int64_t)row;
    return numbers;
}

static void hand_over(const struct tables *tables, struct raw_data *raw) {
    const struct side *features = &tables->side[FEATURES];
    const struct side *targets = &tables->side[TARGETS];
    *raw = (struct raw_data){
        .rows = tables->rows,
        .columns = features->columns.count,
        .target_columns = targets->columns.count,
        .features = copy_columns(tables, features),
        .targets = copy_columns(tables, targets),
        .column_names = copy_names(tables, features),
        .target_names = copy_names(tables, targets),
        .row_number = number_rows(tables),
        .input_count = has_same_path(tables) ? 1 : SIDES,
    };
    for (size_t i = 0; i < raw->input_count; i++) {
        const struct side *side = &tables->side[i];
        raw->input[i].path =
            copy_text(side->options->path, tables->call->lasting);
        memcpy(raw->input[i].digest, side->digest, sizeof side->digest);
    }
}

static enum status_code load_tables(struct tables *tables, struct raw_data *raw,
                                    struct status *status) {
    STATUS_TRY(read_tables(tables, status));
    STATUS_TRY(pick_columns(tables, status));
    STATUS_TRY(check_lengths(tables, status));
    STATUS_TRY(find_rows(tables, status));
    hand_over(tables, raw);
    return STATUS_OK;
}

static enum status_code load(const struct source_call *call,
                             struct raw_data *raw, struct status *status) {
    const struct table_source_options *options = call->options;
    struct tables tables = {.call = call};
    tables.side[FEATURES].options = &options->features;
    tables.side[TARGETS].options = &options->targets;
    enum status_code code = load_tables(&tables, raw, status);
    for (int side = 0; side < SIDES; side++) {
        columns_release(&tables.side[side].columns);
        table_release(&tables.side[side].own);
    }
    return code;
}

/* What is wrong with one side by itself. */
static size_t side_problems(const struct table_options *options,
                            struct status *problems, size_t limit) {
    struct side side = {.options = options};
    struct bytes bytes = {0};
    size_t count = 0;
    enum status_code code = read_file(options, &bytes, side.digest, problems);
    if (code == STATUS_OK)
        code = read_own_table(&side, &bytes, problems);
    if (code == STATUS_OK)
        count = columns_problems(options, side.table, problems, limit);
    else
        count = 1;
    table_release(&side.own);
    bytes_release(&bytes);
    return count;
}

static size_t find_problems(const struct source_call *call,
                            struct status *problems, size_t limit) {
    const struct table_source_options *options = call->options;
    const struct table_options *sides[] = {&options->features,
                                           &options->targets};
    bool has_one_path =
        strcmp(sides[FEATURES]->path, sides[TARGETS]->path) == 0;
    size_t count = 0;
    for (int side = 0; side < SIDES && count < limit; side++) {
        size_t before = count;
        if (has_one_path && count && problems[0].code == STATUS_INPUT)
            break; /* the file's fault: once is enough */
        count += side_problems(sides[side], problems + count, limit - count);
        for (size_t i = before; i < count; i++)
            status_prefix_key(&problems[i], SIDE_KEYS[side]);
    }
    return count;
}

static enum status_code check(const void *memory, struct status *status) {
    const struct table_source_options *options = memory;
    STATUS_TRY(
        blame(columns_check(&options->features, status), FEATURES, status));
    return blame(columns_check(&options->targets, status), TARGETS, status);
}

/* 0 where `targets` names no columns. */
static size_t count_targets(const void *memory) {
    const struct table_source_options *options = memory;
    const struct table_options *targets = &options->targets;
    if (targets->labels.values)
        return targets->labels.count;
    return targets->has_positions ? (size_t)(targets->stop - targets->start)
                                  : 0;
}

const struct source_kind SOURCE_TABLE = {
    .kind = {.name = "table",
             .help = "tables of numbers out of HDF5, npy or CSV files",
             .fields = FIELDS,
             .options_size = sizeof(struct table_source_options)},
    .target_columns = count_targets,
    .check = check,
    .load = load,
    .problems = find_problems,
};
