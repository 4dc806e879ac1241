/* Datasets of records: their fields, and reading those into columns. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/h5_module.h"

/* ---- what fields there are ---- */

/* Takes over `type`: a scalar's, or that of a one-dimensional array's items. */
static bool split_type(struct h5_field *field, hid_t type) {
    hsize_t extent = 1;
    field->type = type;
    field->items = 1;
    field->is_array = H5Tget_class(type) == H5T_ARRAY;
    if (field->is_array) {
        bool is_list = H5Tget_array_ndims(type) == 1 &&
                       H5Tget_array_dims2(type, &extent) >= 0;
        field->type = is_list ? H5Tget_super(type) : -1;
        field->items = (size_t)extent;
        H5Tclose(type);
    }
    if (field->type < 0 || extent > TABLE_CELLS_LIMIT)
        return false;
    field->element = h5_element_of(field->type);
    return true;
}

static const char *describe_defect(const struct h5_records *records,
                                   const struct h5_field *field) {
    char dtype[300], meta[300];
    snprintf(dtype, sizeof dtype, "%.250s_dtype", field->name);
    snprintf(meta, sizeof meta, "%.250s_meta", field->name);
    if (h5_attribute_begins(records->dataset.id, dtype, "datetime64"))
        return "dates";
    if (h5_attribute_begins(records->dataset.id, dtype, "timedelta64"))
        return "time differences";
    if (h5_attribute_begins(records->dataset.id, meta, "category"))
        return "categories";
    switch (field->element) {
    case H5_NUMBERS:
    case H5_BOOLEANS:
        return NULL;
    case H5_STRINGS:
        return "text";
    default:
        return "values of a type that is neither number nor boolean";
    }
}

static enum status_code read_field(const struct h5_records *records,
                                   unsigned index, struct h5_field *field,
                                   struct status *status) {
    *field = (struct h5_field){.type = -1};
    char *name = H5Tget_member_name(records->dataset.type, index);
    hid_t type = H5Tget_member_type(records->dataset.type, index);
    bool good = name && type >= 0 && h5_is_label(name, strlen(name));
    field->name = memory_string(good ? name : "");
    if (name)
        H5free_memory(name);
    STATUS_RETURN_IF(!good || !split_type(field, type), status, STATUS_INPUT,
                     "%s: field %u has a type that is not read",
                     records->dataset.where, index);
    field->defect = describe_defect(records, field);
    return STATUS_OK;
}

void h5_records_close(struct h5_records *records) {
    for (size_t i = 0; i < records->count; i++) {
        free(records->fields[i].name);
        free(records->fields[i].columns);
        if (records->fields[i].type >= 0)
            H5Tclose(records->fields[i].type);
    }
    free(records->fields);
    h5_dataset_close(&records->dataset);
}

enum status_code h5_records_open(const struct h5_file *file, const char *path,
                                 struct h5_records *records,
                                 struct status *status) {
    *records = (struct h5_records){.file = file};
    STATUS_TRY(h5_dataset_open(file, path, &records->dataset, status));
    const struct h5_dataset *dataset = &records->dataset;
    int count = H5Tget_nmembers(dataset->type);
    enum status_code code = STATUS_OK;
    if (dataset->element != H5_RECORDS || dataset->rank != 1 || count < 1)
        code = status_set(status, STATUS_INPUT,
                          "%s: an array of shape %s, expected a list of "
                          "records",
                          dataset->where, dataset->shape_text);
    else
        records->fields = memory_zeroed((size_t)count, sizeof(struct h5_field));
    for (int i = 0; i < count && code == STATUS_OK; i++) {
        code = read_field(records, (unsigned)i, &records->fields[i], status);
        records->count++;
    }
    if (code != STATUS_OK)
        h5_records_close(records);
    return code;
}

/* ---- their values ---- */

static bool is_read(const struct h5_field *field) {
    return field->columns && !field->defect;
}

/* A record in memory: doubles for numbers, a byte for a boolean. */
static hid_t item_type(const struct h5_field *field) {
    return field->element == H5_NUMBERS ? H5T_NATIVE_DOUBLE : field->type;
}

static size_t lay_out(struct h5_records *records) {
    size_t size = 0;
    for (size_t i = 0; i < records->count; i++) {
        struct h5_field *field = &records->fields[i];
        if (!is_read(field))
            continue;
        field->offset = size;
        size += field->items * H5Tget_size(item_type(field));
    }
    return size;
}

static bool insert_field(hid_t record, const struct h5_field *field) {
    hsize_t extent = field->items;
    hid_t type = field->is_array
                     ? H5Tarray_create2(item_type(field), 1, &extent)
                     : H5Tcopy(item_type(field));
    bool inserted =
        type >= 0 && H5Tinsert(record, field->name, field->offset, type) >= 0;
    if (type >= 0)
        H5Tclose(type);
    return inserted;
}

static hid_t make_record_type(const struct h5_records *records, size_t size) {
    hid_t record = H5Tcreate(H5T_COMPOUND, size);
    for (size_t i = 0; i < records->count; i++)
        if (is_read(&records->fields[i]) &&
            !insert_field(record, &records->fields[i])) {
            H5Tclose(record);
            return -1;
        }
    return record;
}

static void scatter_field(const struct h5_field *field, const char *record,
                          size_t row, struct table *table) {
    const char *at = record + field->offset;
    for (size_t i = 0; i < field->items; i++) {
        double value;
        if (field->element == H5_NUMBERS)
            memcpy(&value, at + i * sizeof value, sizeof value);
        else
            value = at[i] != 0;
        table->column[field->columns[i]].values[row] = value;
    }
}

static enum status_code read_slices(const struct h5_records *records,
                                    hid_t type, size_t size,
                                    struct table *table,
                                    struct status *status) {
    hsize_t slice = h5_slice_rows(&records->dataset, size);
    char *buffer = memory_zeroed((size_t)slice, size);
    enum status_code code = STATUS_OK;
    for (size_t first = 0; first < table->rows && code == STATUS_OK;
         first += (size_t)slice) {
        size_t left = table->rows - first;
        size_t rows = left < slice ? left : (size_t)slice;
        code =
            h5_read_rows(&records->dataset, type, first, rows, buffer, status);
        for (size_t row = 0; row < rows && code == STATUS_OK; row++)
            for (size_t i = 0; i < records->count; i++)
                if (is_read(&records->fields[i]))
                    scatter_field(&records->fields[i], buffer + row * size,
                                  first + row, table);
    }
    free(buffer);
    return code;
}

enum status_code h5_records_fill(struct h5_records *records,
                                 struct table *table, struct status *status) {
    for (size_t i = 0; i < records->count; i++) {
        const struct h5_field *field = &records->fields[i];
        for (size_t j = 0; field->columns && field->defect && j < field->items;
             j++) {
            struct table_column *column = &table->column[field->columns[j]];
            table_spoil(column, "%s: column '%.100s' holds %s",
                        records->dataset.where, column->label, field->defect);
        }
    }
    size_t size = lay_out(records);
    if (size == 0)
        return STATUS_OK;
    hid_t type = make_record_type(records, size);
    if (type < 0)
        return h5_fail(records->dataset.where, "HDF5 can't read its fields",
                       status);
    enum status_code code = read_slices(records, type, size, table, status);
    H5Tclose(type);
    return code;
}

enum status_code h5_records_start(const struct h5_records *records,
                                  size_t columns, struct table *table,
                                  struct status *status) {
    STATUS_TRY(table_check_size(records->dataset.where,
                                records->dataset.shape[0], columns, status));
    table_init(table, (size_t)records->dataset.shape[0], columns);
    return STATUS_OK;
}
