/* Datasets that are not pandas': PyTables' tables and plain arrays. */

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/io/h5_module.h"

/* ---- a column for each field ---- */

static enum status_code fill_plain(struct h5_records *records,
                                   struct table *table, struct status *status) {
    STATUS_TRY(h5_records_start(records, records->count, table, status));
    for (size_t i = 0; i < records->count; i++) {
        struct h5_field *field = &records->fields[i];
        table->column[i].label = memory_string(field->name);
        if (field->is_array) {
            field->defect = "arrays";
            field->items = 1;
        }
        field->columns = memory_zeroed(1, sizeof *field->columns);
        field->columns[0] = i;
    }
    return h5_records_fill(records, table, status);
}

static enum status_code read_records(const struct h5_file *file,
                                     const char *path, struct table *table,
                                     struct status *status) {
    struct h5_records records;
    STATUS_TRY(h5_records_open(file, path, &records, status));
    enum status_code code = fill_plain(&records, table, status);
    h5_records_close(&records);
    return code;
}

/* ---- arrays of one or two axes ---- */

static enum status_code fill_array(const struct h5_dataset *dataset,
                                   struct table *table, struct status *status) {
    STATUS_RETURN_IF(dataset->element != H5_NUMBERS &&
                         dataset->element != H5_BOOLEANS,
                     status, STATUS_INPUT,
                     "%s: an array of shape %s that holds neither numbers nor "
                     "booleans",
                     dataset->where, dataset->shape_text);
    STATUS_RETURN_IF(dataset->rank != 1 && dataset->rank != 2, status,
                     STATUS_INPUT,
                     "%s: an array of shape %s, expected one or two axes",
                     dataset->where, dataset->shape_text);
    hsize_t columns = dataset->rank == 2 ? dataset->shape[1] : 1;
    STATUS_TRY(
        table_check_size(dataset->where, dataset->shape[0], columns, status));
    table_init(table, (size_t)dataset->shape[0], (size_t)columns);
    double **values = memory_zeroed(table->columns, sizeof *values);
    for (size_t i = 0; i < table->columns; i++) {
        char label[24];
        snprintf(label, sizeof label, "%zu", i);
        table->column[i].label = memory_string(label);
        values[i] = table->column[i].values;
    }
    enum status_code code = h5_read_numbers(dataset, values, status);
    free(values);
    return code;
}

enum status_code h5_read_plain(const struct h5_file *file, const char *path,
                               struct table *table, struct status *status) {
    struct h5_dataset dataset;
    STATUS_TRY(h5_dataset_open(file, path, &dataset, status));
    bool is_records = dataset.element == H5_RECORDS;
    enum status_code code =
        is_records ? STATUS_OK : fill_array(&dataset, table, status);
    h5_dataset_close(&dataset);
    return is_records ? read_records(file, path, table, status) : code;
}
