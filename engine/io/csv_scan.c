#include "engine/io/csv_scan.h"

#include <string.h>

#include "engine/io/utf8.h"

struct csv_scanner csv_scanner_new(const char *path, const char *text,
                                   size_t length) {
    size_t mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    return (struct csv_scanner){.path = path,
                                .at = text + mark,
                                .end = text + length,
                                .line_start = text + mark,
                                .line = 1};
}

void csv_scanner_release(struct csv_scanner *scanner) {
    text_release(&scanner->unquoted);
}

static bool ends_line(char character) {
    return character == '\n' || character == '\r';
}

/* Steps over the line end at `at`. */
static void next_line(struct csv_scanner *scanner) {
    bool pair = scanner->end - scanner->at >= 2 && scanner->at[0] == '\r' &&
                scanner->at[1] == '\n';
    scanner->at += pair ? 2 : 1;
    scanner->line++;
    scanner->line_start = scanner->at;
}

bool csv_next_record(struct csv_scanner *scanner) {
    while (scanner->at < scanner->end) {
        const char *at = scanner->at;
        while (at < scanner->end && (*at == ' ' || *at == '\t'))
            at++;
        if (at < scanner->end && !ends_line(*at))
            return true;
        scanner->at = at;
        if (at < scanner->end)
            next_line(scanner);
    }
    return false;
}

static void read_plain(struct csv_scanner *scanner, struct csv_cell *cell) {
    const char *at = scanner->at;
    while (at < scanner->end && *at != ',' && !ends_line(*at))
        at++;
    cell->text = scanner->at;
    cell->length = (size_t)(at - scanner->at);
    scanner->at = at;
}

/* Copies up to the closing quote; line ends inside are the cell's. */
static enum status_code read_quoted(struct csv_scanner *scanner,
                                    struct csv_cell *cell,
                                    struct status *status) {
    text_clear(&scanner->unquoted);
    scanner->at++;
    for (;;) {
        STATUS_RETURN_IF(scanner->at == scanner->end, status, STATUS_INPUT,
                         "%s:%zu:%zu: the quote is never closed", scanner->path,
                         cell->line, csv_cell_column(cell));
        const char *from = scanner->at;
        bool doubled = scanner->end - from >= 2 && from[1] == '"';
        if (*from == '"' && !doubled)
            break;
        if (ends_line(*from))
            next_line(scanner);
        else
            scanner->at += *from == '"' ? 2 : 1;
        size_t length = *from == '"' ? 1 : (size_t)(scanner->at - from);
        text_append(&scanner->unquoted, from, length);
    }
    scanner->at++;
    cell->text = text_string(&scanner->unquoted);
    cell->length = scanner->unquoted.length;
    bool ended = scanner->at == scanner->end || *scanner->at == ',' ||
                 ends_line(*scanner->at);
    STATUS_RETURN_IF(!ended, status, STATUS_INPUT,
                     "%s:%zu:%zu: text behind the closing quote of a cell",
                     scanner->path, scanner->line,
                     utf8_count(scanner->line_start,
                                (size_t)(scanner->at - scanner->line_start)) +
                         1);
    return STATUS_OK;
}

enum status_code csv_next_cell(struct csv_scanner *scanner,
                               struct csv_cell *cell, struct status *status) {
    *cell =
        (struct csv_cell){.line = scanner->line,
                          .column = (size_t)(scanner->at - scanner->line_start),
                          .line_start = scanner->line_start};
    if (scanner->at < scanner->end && *scanner->at == '"')
        STATUS_TRY(read_quoted(scanner, cell, status));
    else
        read_plain(scanner, cell);
    cell->last = scanner->at == scanner->end || *scanner->at != ',';
    if (!cell->last)
        scanner->at++;
    else if (scanner->at < scanner->end)
        next_line(scanner);
    return STATUS_OK;
}

size_t csv_cell_column(const struct csv_cell *cell) {
    return utf8_count(cell->line_start, cell->column) + 1;
}
