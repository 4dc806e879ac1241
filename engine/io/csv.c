/* CSV: one pass over the text, columns growing row by row. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/csv_header.h"
#include "engine/io/csv_scan.h"
#include "engine/io/csv_value.h"
#include "engine/io/table.h"
#include "engine/io/utf8.h"

/* What a column has held so far. A boolean is a defect only beside a number. */
struct column_state {
    bool has_number;
    char *boolean_defect; /* the message, should a number come; or NULL */
};

struct reader {
    struct csv_scanner scanner;
    struct csv_header header;
    struct table table;
    struct column_state *states; /* [table.columns] */
    size_t capacity;             /* rows there is room for */
};

static void make_room(struct reader *reader) {
    struct table *table = &reader->table;
    if (table->rows < reader->capacity)
        return;
    /* A file of very many columns need not have a second row. */
    size_t start = table->columns < 4096 ? 64 : 1;
    reader->capacity = reader->capacity ? 2 * reader->capacity : start;
    for (size_t i = 0; i < table->columns; i++) {
        struct table_column *column = &table->column[i];
        if (!column->defect)
            column->values = memory_resize(column->values, reader->capacity,
                                           sizeof *column->values);
    }
    table->line =
        memory_resize(table->line, reader->capacity, sizeof *table->line);
}

static char *describe(const struct reader *reader, const struct csv_cell *cell,
                      const char *label) {
    struct text text = TEXT_INIT;
    text_print(&text, "%s:%zu:%zu: '", reader->scanner.path, cell->line,
               csv_cell_column(cell));
    utf8_excerpt(&text, cell->text, cell->length, 40);
    text_add(&text, "' is not a number (column '");
    utf8_excerpt(&text, label, strlen(label), 60);
    text_add(&text, "')");
    return text_take(&text);
}

static void spoil(struct table_column *column, char *defect) {
    free(column->values);
    column->values = NULL;
    column->defect = defect;
}

static void store(struct reader *reader, size_t index,
                  const struct csv_cell *cell) {
    struct table_column *column = &reader->table.column[index];
    struct column_state *state = &reader->states[index];
    if (column->defect)
        return;
    double value = NAN;
    enum csv_kind kind = csv_classify(cell->text, cell->length, &value);
    column->values[reader->table.rows] = value;
    state->has_number = state->has_number || kind == CSV_NUMBER;
    if (kind == CSV_BOOLEAN && !state->boolean_defect)
        state->boolean_defect = describe(reader, cell, column->label);
    if (state->has_number && state->boolean_defect) {
        spoil(column, state->boolean_defect);
        state->boolean_defect = NULL;
    } else if (kind == CSV_WORD) {
        spoil(column, describe(reader, cell, column->label));
    }
}

static enum status_code read_row(struct reader *reader, struct status *status) {
    struct table *table = &reader->table;
    STATUS_TRY(table_check_size(reader->scanner.path, table->rows + 1,
                                table->columns, status));
    make_room(reader);
    size_t line = reader->scanner.line, count = 0;
    struct csv_cell cell;
    do {
        STATUS_TRY(csv_next_cell(&reader->scanner, &cell, status));
        if (count < table->columns)
            store(reader, count, &cell);
        count++;
    } while (!cell.last);
    STATUS_RETURN_IF(count != table->columns, status, STATUS_INPUT,
                     "%s:%zu: %zu %s, where the header has %zu",
                     reader->scanner.path, line, count,
                     count == 1 ? "cell" : "cells", table->columns);
    table->line[table->rows++] = line;
    return STATUS_OK;
}

/* The header's labels become the table's. */
static void start_table(struct reader *reader) {
    struct csv_header *header = &reader->header;
    reader->table.columns = header->count;
    reader->table.column =
        memory_zeroed(header->count, sizeof *reader->table.column);
    reader->states = memory_zeroed(header->count, sizeof *reader->states);
    for (size_t i = 0; i < header->count; i++) {
        reader->table.column[i].label = header->labels[i];
        header->labels[i] = NULL;
    }
}

static enum status_code read_records(struct reader *reader,
                                     struct status *status) {
    STATUS_RETURN_IF(!csv_next_record(&reader->scanner), status, STATUS_INPUT,
                     "%s: the file holds blank lines only",
                     reader->scanner.path);
    STATUS_TRY(csv_header_read(&reader->scanner, &reader->header, status));
    start_table(reader);
    while (csv_next_record(&reader->scanner))
        STATUS_TRY(read_row(reader, status));
    STATUS_RETURN_IF(reader->table.rows == 0, status, STATUS_INPUT,
                     "%s: the file has a header and no rows",
                     reader->scanner.path);
    return STATUS_OK;
}

static size_t line_of(const char *text, size_t offset) {
    size_t line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

/* Whatever is neither HDF5 nor npy ends here: say so where it is no text. */
static enum status_code check_text(const struct bytes *bytes, const char *path,
                                   struct status *status) {
    const char *text = (const char *)bytes->data;
    bool utf16 = bytes->size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
                                      memcmp(text, "\xfe\xff", 2) == 0);
    STATUS_RETURN_IF(utf16, status, STATUS_INPUT,
                     "%s: the text is UTF-16; save it as UTF-8", path);
    const char *nul = memchr(text, '\0', bytes->size);
    STATUS_RETURN_IF(nul, status, STATUS_INPUT,
                     "%s:%zu: a NUL byte at offset %zu: the file is neither "
                     "HDF5 nor npy nor CSV",
                     path, line_of(text, (size_t)(nul - text)),
                     (size_t)(nul - text));
    size_t valid = utf8_valid(text, bytes->size);
    STATUS_RETURN_IF(valid < bytes->size, status, STATUS_INPUT,
                     "%s:%zu: the byte 0x%02x at offset %zu is not UTF-8", path,
                     line_of(text, valid), bytes->data[valid], valid);
    return STATUS_OK;
}

static void reader_release(struct reader *reader) {
    if (reader->states)
        for (size_t i = 0; i < reader->table.columns; i++)
            free(reader->states[i].boolean_defect);
    free(reader->states);
    csv_header_release(&reader->header);
    csv_scanner_release(&reader->scanner);
}

static enum status_code csv_read(const struct bytes *bytes, const char *path,
                                 const char *key, struct table *table,
                                 struct status *status) {
    STATUS_TRY(table_refuse_key(path, "CSV", key, status));
    STATUS_TRY(check_text(bytes, path, status));
    struct reader reader = {.scanner = csv_scanner_new(
                                path, (const char *)bytes->data, bytes->size)};
    enum status_code code = read_records(&reader, status);
    reader_release(&reader);
    if (code == STATUS_OK)
        *table = reader.table;
    else
        table_release(&reader.table);
    return code;
}

static bool csv_recognise(const struct bytes *bytes) {
    (void)bytes;
    return true;
}

const struct table_format TABLE_CSV = {"CSV", csv_recognise, csv_read};
