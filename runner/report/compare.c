#include "runner/report/compare.h"

#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/io/utf8.h"
#include "runner/report/compare_parts.h"

static const char GAP[] = "  ";

/* ------------------------------------------------------------------- table */

static size_t width_of(const struct text *cell) {
    return utf8_count(text_string(cell), cell->length);
}

/* Cells are made twice, to be measured and to be printed, instead of kept. */
static size_t measure(const struct report_column *column,
                      const struct grouping *grouping, size_t shown) {
    struct text cell = TEXT_INIT;
    text_add(&cell, column->title);
    size_t widest = width_of(&cell);
    for (size_t i = 0; i < shown; i++) {
        text_clear(&cell);
        column->write(grouping, &grouping->groups[i], column->argument, &cell);
        size_t width = width_of(&cell);
        widest = width > widest ? width : widest;
    }
    text_release(&cell);
    return widest;
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

void compare_write_table(const struct grouping *grouping, size_t top,
                         struct text *out) {
    struct report_columns columns;
    size_t shown = report_shown(grouping, top);
    report_columns_init(&columns, grouping);
    size_t *widths = memory_zeroed(columns.count, sizeof *widths);
    for (size_t i = 0; i < columns.count; i++)
        widths[i] = measure(&columns.columns[i], grouping, shown);
    report_title(grouping, out);
    text_add(out, "\n\n");
    add_row(&columns, widths, grouping, NULL, out);
    for (size_t i = 0; i < shown; i++)
        add_row(&columns, widths, grouping, &grouping->groups[i], out);
    text_add_char(out, '\n');
    report_notes(grouping, shown, "", out);
    free(widths);
    report_columns_release(&columns);
}
