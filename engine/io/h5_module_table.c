/* pandas' `table` format: a dataset of records.
 *
 * pandas keeps its columns in fields: a data column in one of its own, the
 * others in values_block_N, an array of as many items as there are columns of
 * that dtype. FIELD_kind is the pickled list of a field's labels, FIELD_dtype
 * and FIELD_meta say what its bits mean; the group's non_index_axes is the
 * pickled [(1, labels in order)]. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/h5_module.h"

/* The labels of all columns in order. */
static enum status_code read_order(const struct h5_file *file, const char *path,
                                   struct h5_labels *labels,
                                   struct status *status) {
    char where[256];
    struct pickle pickle;
    snprintf(where, sizeof where, "%.120s: %.120s", file->path, path);
    hid_t group = H5Oopen(file->id, path, H5P_DEFAULT);
    bool is_multi =
        h5_attribute_begins(group, "table_type", "appendable_multi");
    enum status_code code =
        is_multi ? status_set(status, STATUS_INPUT,
                              "%s: the rows have several levels of labels, "
                              "expected one",
                              where)
                 : h5_attribute_pickle(group, "non_index_axes", where, &pickle,
                                       status);
    H5Oclose(group);
    if (code != STATUS_OK)
        return code;
    const struct pickle_value *axis = pickle_item(pickle.value, 0);
    code = h5_labels_of_pickle(pickle_item(axis, 1), where, labels, status);
    if (code == STATUS_OK)
        code = h5_labels_sort(labels, where, status);
    pickle_release(&pickle);
    return code;
}

static enum status_code place_items(const struct h5_records *records,
                                    struct h5_field *field,
                                    const struct h5_labels *items,
                                    const struct h5_labels *labels,
                                    bool *filled, struct status *status) {
    const char *where = records->dataset.where;
    STATUS_RETURN_IF(items->count != field->items, status, STATUS_INPUT,
                     "%s: field '%.60s' holds %zu columns and has labels for "
                     "%zu",
                     where, field->name, field->items, items->count);
    field->columns = memory_zeroed(items->count, sizeof *field->columns);
    for (size_t i = 0; i < items->count; i++) {
        size_t position = h5_labels_find(labels, items->label[i]);
        STATUS_RETURN_IF(position == labels->count || filled[position], status,
                         STATUS_INPUT,
                         "%s: the column '%.100s' of field '%.60s' is not "
                         "among the frame's, or twice",
                         where, items->label[i], field->name);
        filled[position] = true;
        field->columns[i] = position;
    }
    return STATUS_OK;
}

/* A field without labels is the index. */
static enum status_code place_field(const struct h5_records *records,
                                    struct h5_field *field,
                                    const struct h5_labels *labels,
                                    bool *filled, struct status *status) {
    char kind[300];
    struct pickle pickle;
    struct h5_labels items;
    snprintf(kind, sizeof kind, "%.250s_kind", field->name);
    if (strcmp(field->name, "index") == 0 ||
        !h5_has_attribute(records->dataset.id, kind))
        return STATUS_OK;
    STATUS_TRY(h5_attribute_pickle(records->dataset.id, kind,
                                   records->dataset.where, &pickle, status));
    enum status_code code = h5_labels_of_pickle(
        pickle.value, records->dataset.where, &items, status);
    if (code == STATUS_OK)
        code = place_items(records, field, &items, labels, filled, status);
    h5_labels_release(&items);
    pickle_release(&pickle);
    return code;
}

static enum status_code place_fields(struct h5_records *records,
                                     const struct h5_labels *labels,
                                     struct status *status) {
    bool *filled = memory_zeroed(labels->count, sizeof *filled);
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < records->count && code == STATUS_OK; i++)
        code =
            place_field(records, &records->fields[i], labels, filled, status);
    for (size_t i = 0; i < labels->count && code == STATUS_OK; i++)
        if (!filled[i])
            code = status_set(status, STATUS_INPUT,
                              "%s: no field holds the column '%.100s'",
                              records->dataset.where, labels->label[i]);
    free(filled);
    return code;
}

/* pandas calls the column of a Series without a name `values`; its to_frame()
 * calls it 0. */
static void name_columns(struct table *table, const struct h5_labels *labels,
                         bool is_series) {
    for (size_t i = 0; i < labels->count; i++) {
        bool unnamed = is_series && strcmp(labels->label[i], "values") == 0;
        table->column[i].label =
            memory_string(unnamed ? "0" : labels->label[i]);
    }
}

static enum status_code fill_pandas(struct h5_records *records,
                                    const char *path,
                                    const struct h5_labels *labels,
                                    struct table *table,
                                    struct status *status) {
    hid_t group = H5Oopen(records->file->id, path, H5P_DEFAULT);
    bool is_series = h5_attribute_begins(group, "pandas_type", "series");
    H5Oclose(group);
    STATUS_TRY(h5_records_start(records, labels->count, table, status));
    name_columns(table, labels, is_series);
    STATUS_TRY(place_fields(records, labels, status));
    return h5_records_fill(records, table, status);
}

enum status_code h5_read_pandas_table(const struct h5_file *file,
                                      const char *path, struct table *table,
                                      struct status *status) {
    struct h5_labels labels = {0};
    struct h5_records records;
    struct text dataset = TEXT_INIT;
    text_print(&dataset, "%s/table", path);
    enum status_code code = read_order(file, path, &labels, status);
    if (code == STATUS_OK)
        code = h5_records_open(file, text_string(&dataset), &records, status);
    if (code == STATUS_OK) {
        code = fill_pandas(&records, path, &labels, table, status);
        h5_records_close(&records);
    }
    text_release(&dataset);
    h5_labels_release(&labels);
    return code;
}
