#include "runner/report/compare_parts.h"

/* A cell's text with what would end the cell or change the text escaped. */
static void add_cell(const struct text *cell, struct text *out) {
    text_add_char(out, ' ');
    for (size_t i = 0; i < cell->length; i++) {
        char c = cell->bytes[i];
        if (c == '|' || c == '\\' || c == '*' || c == '_' || c == '`' ||
            c == '<' || c == '[')
            text_add_char(out, '\\');
        text_add_char(out, c);
    }
    text_add(out, " |");
}

static void add_row(const struct report_columns *columns,
                    const struct grouping *grouping,
                    const struct run_group *group, struct text *out) {
    struct text cell = TEXT_INIT;
    text_add_char(out, '|');
    for (size_t i = 0; i < columns->count; i++) {
        const struct report_column *column = &columns->columns[i];
        text_clear(&cell);
        if (group)
            column->write(grouping, group, column->argument, &cell);
        else
            text_add(&cell, column->title);
        add_cell(&cell, out);
    }
    text_add_char(out, '\n');
    text_release(&cell);
}

static void add_rule(const struct report_columns *columns, struct text *out) {
    text_add_char(out, '|');
    for (size_t i = 0; i < columns->count; i++)
        text_add(out, columns->columns[i].is_left ? ":--|" : "--:|");
    text_add_char(out, '\n');
}

static enum status_code add_rows(const struct report_columns *columns,
                                 const struct grouping *grouping, size_t shown,
                                 const struct report_sink *sink,
                                 struct status *status) {
    for (size_t i = 0; i < shown; i++) {
        const struct run_group group = grouping_describe(grouping, i);
        add_row(columns, grouping, &group, sink->text);
        STATUS_TRY(report_flush(sink, status));
    }
    return STATUS_OK;
}

enum status_code compare_write_markdown(const struct grouping *grouping,
                                        size_t top,
                                        const struct report_sink *sink,
                                        struct status *status) {
    struct report_columns columns;
    size_t shown = report_shown(grouping, top);
    report_columns_init(&columns, grouping);
    report_title(grouping, sink->text);
    text_add(sink->text, "\n\n");
    add_row(&columns, grouping, NULL, sink->text);
    add_rule(&columns, sink->text);
    enum status_code code = add_rows(&columns, grouping, shown, sink, status);
    text_add_char(sink->text, '\n');
    report_notes(grouping, shown, "- ", sink->text);
    report_columns_release(&columns);
    return code;
}
