#include "runner/report/compare.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/utf8.h"
#include "runner/report/compare_parts.h"

static const char GAP[] = "  ";

/* ------------------------------------------------------------------- table */

static size_t width_of(const struct text *cell) {
    return utf8_count(text_string(cell), cell->length);
}

/* Cells are made twice, to be measured and to be printed, instead of kept. */
static void measure(const struct report_columns *columns,
                    const struct grouping *grouping, size_t shown,
                    size_t *widths) {
    struct text cell = TEXT_INIT;
    for (size_t j = 0; j < columns->count; j++)
        widths[j] = utf8_count(columns->columns[j].title,
                               strlen(columns->columns[j].title));
    for (size_t i = 0; i < shown; i++) {
        const struct run_group group = grouping_describe(grouping, i);
        for (size_t j = 0; j < columns->count; j++) {
            const struct report_column *column = &columns->columns[j];
            text_clear(&cell);
            column->write(grouping, &group, column->argument, &cell);
            size_t width = width_of(&cell);
            widths[j] = width > widths[j] ? width : widths[j];
        }
    }
    text_release(&cell);
}

static void pad(struct text *out, size_t count) {
    while (count-- > 0)
        text_add_char(out, ' ');
}

static void add_cell(const struct text *cell, bool is_left, size_t width,
                     struct text *out) {
    size_t room = width - width_of(cell);
    pad(out, is_left ? 0 : room);
    text_append(out, text_string(cell), cell->length);
    pad(out, is_left ? room : 0);
}

/* The title's row where there is no group. */
static void add_row(const struct report_columns *columns, const size_t *widths,
                    const struct grouping *grouping,
                    const struct run_group *group, struct text *out) {
    struct text cell = TEXT_INIT;
    for (size_t i = 0; i < columns->count; i++) {
        const struct report_column *column = &columns->columns[i];
        text_clear(&cell);
        if (group)
            column->write(grouping, group, column->argument, &cell);
        else
            text_add(&cell, column->title);
        text_add(out, i ? GAP : "");
        add_cell(&cell, column->is_left, widths[i], out);
    }
    while (out->length && out->bytes[out->length - 1] == ' ')
        out->bytes[--out->length] = '\0';
    text_add_char(out, '\n');
    text_release(&cell);
}

static enum status_code add_rows(const struct report_columns *columns,
                                 const struct grouping *grouping, size_t shown,
                                 const struct report_sink *sink,
                                 struct status *status) {
    size_t *widths = memory_zeroed(columns->count, sizeof *widths);
    enum status_code code = STATUS_OK;
    measure(columns, grouping, shown, widths);
    add_row(columns, widths, grouping, NULL, sink->text);
    for (size_t i = 0; i < shown && code == STATUS_OK; i++) {
        const struct run_group group = grouping_describe(grouping, i);
        add_row(columns, widths, grouping, &group, sink->text);
        code = report_flush(sink, status);
    }
    free(widths);
    return code;
}

enum status_code compare_write_table(const struct grouping *grouping,
                                     size_t top, const struct report_sink *sink,
                                     struct status *status) {
    struct report_columns columns;
    size_t shown = report_shown(grouping, top);
    report_columns_init(&columns, grouping);
    report_title(grouping, sink->text);
    text_add(sink->text, "\n\n");
    enum status_code code = add_rows(&columns, grouping, shown, sink, status);
    text_add_char(sink->text, '\n');
    report_notes(grouping, shown, "", sink->text);
    report_columns_release(&columns);
    return code;
}
