#include "engine/io/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/memory.h"

static const struct table_format *const FORMATS[] = {&TABLE_H5, &TABLE_NPY,
                                                     &TABLE_CSV};

enum status_code table_read(const struct bytes *bytes, const char *path,
                            const char *key, struct table *table,
                            struct status *status) {
    *table = (struct table){0};
    STATUS_RETURN_IF(bytes->size == 0, status, STATUS_INPUT,
                     "%s: the file is empty", path);
    const struct table_format *const *format = FORMATS;
    while (!(*format)->recognise(bytes))
        format++;
    enum status_code code = (*format)->read(bytes, path, key, table, status);
    if (code != STATUS_OK)
        table_release(table);
    return code;
}

void table_init(struct table *table, size_t rows, size_t columns) {
    assert(columns == 0 || rows <= TABLE_CELLS_LIMIT / columns);
    *table = (struct table){.rows = rows, .columns = columns};
    table->column = memory_zeroed(columns, sizeof *table->column);
    for (size_t i = 0; i < columns; i++)
        table->column[i].values = memory_zeroed(rows, sizeof(double));
}

void table_release(struct table *table) {
    for (size_t i = 0; i < table->columns; i++) {
        free(table->column[i].label);
        free(table->column[i].values);
        free(table->column[i].defect);
    }
    free(table->column);
    free(table->line);
    *table = (struct table){0};
}

void table_spoil(struct table_column *column, const char *format, ...) {
    char defect[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(defect, sizeof defect, format, arguments);
    va_end(arguments);
    free(column->values);
    free(column->defect);
    column->values = NULL;
    column->defect = memory_string(defect);
}

enum status_code table_check_size(const char *where, uint64_t rows,
                                  uint64_t columns, struct status *status) {
    STATUS_RETURN_IF(rows == 0, status, STATUS_INPUT, "%s: has no rows", where);
    STATUS_RETURN_IF(columns == 0, status, STATUS_INPUT, "%s: has no columns",
                     where);
    STATUS_RETURN_IF(rows > TABLE_CELLS_LIMIT / columns, status, STATUS_INPUT,
                     "%s: %llu rows of %llu columns are too large a table "
                     "(more than %zu numbers)",
                     where, (unsigned long long)rows,
                     (unsigned long long)columns, TABLE_CELLS_LIMIT);
    return STATUS_OK;
}

enum status_code table_refuse_key(const char *path, const char *format,
                                  const char *key, struct status *status) {
    if (!key)
        return STATUS_OK;
    return status_set_key(status, STATUS_CONFIG, "key",
                          "%s is %s, which holds one table without a name; "
                          "leave out 'key: %s'",
                          path, format, key);
}
