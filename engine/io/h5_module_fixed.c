/* pandas `fixed`: a group of arrays. A DataFrame has its column labels in axis0
 * and, for each dtype N, the labels in blockN_items and the values in
 * blockN_values, a row a row; a Series has its values in `values`. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/h5_module.h"

/* A frame on its way into a table. */
struct frame {
    const struct h5_file *file;
    const char *path;
    struct h5_labels labels;
    struct table *table;
    bool *filled; /* [columns] */
    size_t rows;
};

static char *member_path(const char *path, const char *name) {
    struct text text = TEXT_INIT;
    text_print(&text, "%s/%s", path, name);
    return text_take(&text);
}

static char *block_path(const char *path, size_t block, const char *name) {
    struct text text = TEXT_INIT;
    text_print(&text, "%s/block%zu_%s", path, block, name);
    return text_take(&text);
}

/* Dates and spans of time are stored as whole numbers of nanoseconds. */
static const char *describe_defect(const struct h5_dataset *dataset) {
    if (h5_attribute_begins(dataset->id, "value_type", "datetime64"))
        return "dates";
    if (h5_attribute_begins(dataset->id, "value_type", "timedelta64"))
        return "time differences";
    switch (dataset->element) {
    case H5_NUMBERS:
    case H5_BOOLEANS:
        return NULL;
    case H5_OBJECTS:
        return "pickled Python objects (text, or a mixture)";
    case H5_STRINGS:
        return "text";
    default:
        return "values of a type that is neither number nor boolean";
    }
}

/* pandas stores an array without elements as one of a single element, with the
 * true shape beside it. */
static bool is_empty(const struct h5_dataset *dataset) {
    return h5_has_attribute(dataset->id, "shape");
}

static enum status_code check_block(const struct h5_dataset *values,
                                    size_t columns, struct status *status) {
    STATUS_RETURN_IF(is_empty(values), status, STATUS_INPUT, "%s: has no rows",
                     values->where);
    STATUS_RETURN_IF(values->rank != 2 || values->shape[1] != columns, status,
                     STATUS_INPUT,
                     "%s: an array of shape %s, expected (rows, %zu)",
                     values->where, values->shape_text, columns);
    return table_check_size(values->where, values->shape[0], columns, status);
}

/* Where the block's columns stand in the frame; each stands in one block. */
static enum status_code place_labels(struct frame *frame,
                                     const struct h5_labels *items,
                                     const char *where, size_t *positions,
                                     struct status *status) {
    for (size_t i = 0; i < items->count; i++) {
        positions[i] = h5_labels_find(&frame->labels, items->label[i]);
        bool known = positions[i] < frame->labels.count;
        STATUS_RETURN_IF(
            !known || frame->filled[positions[i]], status, STATUS_INPUT,
            "%s: the column '%.100s' %s", where, items->label[i],
            known ? "stands in two blocks" : "is not among the frame's");
        frame->filled[positions[i]] = true;
    }
    return STATUS_OK;
}

static void spoil_block(struct frame *frame, const struct h5_dataset *values,
                        const size_t *positions, size_t count,
                        const char *defect) {
    for (size_t i = 0; i < count; i++)
        table_spoil(&frame->table->column[positions[i]],
                    "%s: column '%.100s' holds %s", values->where,
                    frame->labels.label[positions[i]], defect);
}

static enum status_code fill_block(struct frame *frame,
                                   const struct h5_dataset *values,
                                   const size_t *positions, size_t count,
                                   struct status *status) {
    const char *defect = describe_defect(values);
    if (defect) {
        spoil_block(frame, values, positions, count, defect);
        return STATUS_OK;
    }
    STATUS_TRY(check_block(values, count, status));
    STATUS_RETURN_IF(values->shape[0] != frame->rows, status, STATUS_INPUT,
                     "%s: %llu rows, where another block has %zu",
                     values->where, (unsigned long long)values->shape[0],
                     frame->rows);
    double **columns = memory_zeroed(count, sizeof *columns);
    for (size_t i = 0; i < count; i++)
        columns[i] = frame->table->column[positions[i]].values;
    enum status_code code = h5_read_numbers(values, columns, status);
    free(columns);
    return code;
}

static enum status_code read_block(struct frame *frame, size_t block,
                                   struct status *status) {
    struct h5_labels items;
    struct h5_dataset values;
    char *items_path = block_path(frame->path, block, "items");
    char *values_path = block_path(frame->path, block, "values");
    size_t *positions = NULL;
    enum status_code code =
        h5_labels_read(frame->file, items_path, &items, status);
    if (code != STATUS_OK)
        goto out_paths;
    code = h5_dataset_open(frame->file, values_path, &values, status);
    if (code != STATUS_OK)
        goto out_labels;
    positions = memory_zeroed(items.count, sizeof *positions);
    code = place_labels(frame, &items, values.where, positions, status);
    if (code == STATUS_OK)
        code = fill_block(frame, &values, positions, items.count, status);
    free(positions);
    h5_dataset_close(&values);
out_labels:
    h5_labels_release(&items);
out_paths:
    free(items_path);
    free(values_path);
    return code;
}

/* The rows of one array: of the first block of numbers, or of axis1 where there
 * is none. */
static enum status_code take_rows(struct frame *frame, const char *path,
                                  bool is_axis, struct status *status) {
    struct h5_dataset dataset;
    STATUS_TRY(h5_dataset_open(frame->file, path, &dataset, status));
    bool is_empty_array = is_empty(&dataset);
    bool counts = is_axis ? dataset.rank == 1 : !describe_defect(&dataset);
    if (counts && dataset.rank > 0 && dataset.shape[0] <= TABLE_CELLS_LIMIT)
        frame->rows = (size_t)dataset.shape[0];
    enum status_code code = STATUS_OK;
    if (is_empty_array)
        code =
            status_set(status, STATUS_INPUT, "%s: has no rows", dataset.where);
    else if (counts && frame->rows == 0)
        code = status_set(status, STATUS_INPUT,
                          "%s: an array of shape %s, expected rows",
                          dataset.where, dataset.shape_text);
    h5_dataset_close(&dataset);
    return code;
}

static enum status_code count_rows(struct frame *frame, size_t blocks,
                                   struct status *status) {
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < blocks && frame->rows == 0 && !code; i++) {
        char *path = block_path(frame->path, i, "values");
        code = take_rows(frame, path, false, status);
        free(path);
    }
    if (frame->rows == 0 && code == STATUS_OK) {
        char *path = member_path(frame->path, "axis1");
        code = take_rows(frame, path, true, status);
        free(path);
    }
    return code;
}

static enum status_code check_frame(const struct h5_file *file,
                                    const char *path, size_t *blocks,
                                    struct status *status) {
    hid_t group = H5Oopen(file->id, path, H5P_DEFAULT);
    int64_t count = 0;
    bool regular = h5_attribute_begins(group, "axis0_variety", "regular");
    bool counted = h5_attribute_integer(group, "nblocks", &count);
    H5Oclose(group);
    STATUS_RETURN_IF(!regular, status, STATUS_INPUT,
                     "%s: %s: the columns have several levels of labels, "
                     "expected one",
                     file->path, path);
    STATUS_RETURN_IF(!counted || count < 1, status, STATUS_INPUT,
                     "%s: %s: the DataFrame has no columns", file->path, path);
    *blocks = (size_t)count;
    return STATUS_OK;
}

/* Takes the labels over from the frame. */
static void start_table(struct frame *frame) {
    table_init(frame->table, frame->rows, frame->labels.count);
    for (size_t i = 0; i < frame->labels.count; i++)
        frame->table->column[i].label = memory_string(frame->labels.label[i]);
    frame->filled = memory_zeroed(frame->labels.count, sizeof *frame->filled);
}

static enum status_code read_blocks(struct frame *frame, size_t blocks,
                                    struct status *status) {
    char where[256];
    snprintf(where, sizeof where, "%.120s: %.120s", frame->file->path,
             frame->path);
    STATUS_TRY(h5_labels_sort(&frame->labels, where, status));
    STATUS_RETURN_IF(blocks > frame->labels.count, status, STATUS_INPUT,
                     "%s: %zu blocks of values for %zu columns", where, blocks,
                     frame->labels.count);
    STATUS_TRY(count_rows(frame, blocks, status));
    STATUS_TRY(
        table_check_size(where, frame->rows, frame->labels.count, status));
    start_table(frame);
    for (size_t i = 0; i < blocks; i++)
        STATUS_TRY(read_block(frame, i, status));
    for (size_t i = 0; i < frame->labels.count; i++)
        STATUS_RETURN_IF(!frame->filled[i], status, STATUS_INPUT,
                         "%s: no block holds the column '%.100s'", where,
                         frame->labels.label[i]);
    return STATUS_OK;
}

enum status_code h5_read_frame(const struct h5_file *file, const char *path,
                               struct table *table, struct status *status) {
    size_t blocks = 0;
    struct frame frame = {.file = file, .path = path, .table = table};
    STATUS_TRY(check_frame(file, path, &blocks, status));
    char *axis = member_path(path, "axis0");
    enum status_code code = h5_labels_read(file, axis, &frame.labels, status);
    free(axis);
    if (code == STATUS_OK)
        code = read_blocks(&frame, blocks, status);
    free(frame.filled);
    h5_labels_release(&frame.labels);
    return code;
}

/* ---- Series ---- */

/* A string is stored as it is, in UTF-8; None as a pickle, in plain bytes;
 * other names as their values. Without a name pandas' to_frame() says 0. */
static char *series_name(const struct h5_file *file, const char *path) {
    struct text text = TEXT_INIT;
    bool is_utf8 = false;
    int64_t number;
    char label[24] = "0";
    hid_t group = H5Oopen(file->id, path, H5P_DEFAULT);
    bool is_text = h5_attribute_text(group, "name", &text, &is_utf8);
    if (!is_text && h5_attribute_integer(group, "name", &number))
        snprintf(label, sizeof label, "%lld", (long long)number);
    H5Oclose(group);
    bool named = is_text && text.length > 0 &&
                 strcmp(text_string(&text), "N.") != 0 &&
                 h5_is_label(text.bytes, text.length);
    char *name = memory_string(named ? text_string(&text) : label);
    text_release(&text);
    return name;
}

static enum status_code fill_series(const struct h5_dataset *values,
                                    struct table *table,
                                    struct status *status) {
    STATUS_RETURN_IF(is_empty(values), status, STATUS_INPUT, "%s: has no rows",
                     values->where);
    STATUS_RETURN_IF(values->rank != 1, status, STATUS_INPUT,
                     "%s: an array of shape %s, expected (rows,)",
                     values->where, values->shape_text);
    STATUS_TRY(table_check_size(values->where, values->shape[0], 1, status));
    const char *defect = describe_defect(values);
    table_init(table, (size_t)values->shape[0], 1);
    if (!defect)
        return h5_read_numbers(values, &table->column[0].values, status);
    table_spoil(&table->column[0], "%s: the series holds %s", values->where,
                defect);
    return STATUS_OK;
}

enum status_code h5_read_series(const struct h5_file *file, const char *path,
                                struct table *table, struct status *status) {
    struct h5_dataset values;
    char *values_path = member_path(path, "values");
    enum status_code code = h5_dataset_open(file, values_path, &values, status);
    free(values_path);
    if (code != STATUS_OK)
        return code;
    code = fill_series(&values, table, status);
    if (code == STATUS_OK)
        table->column[0].label = series_name(file, path);
    h5_dataset_close(&values);
    return code;
}
