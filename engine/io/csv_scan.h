#ifndef ENGINE_IO_CSV_SCAN_H
#define ENGINE_IO_CSV_SCAN_H

/* CSV text cut into records and cells: RFC 4180, with what pandas takes
 * besides: a line may end in CR LF, LF or CR, the last one may lack its end,
 * and lines of nothing but blanks are no records. A quote opens a quoted cell
 * only as its first character; elsewhere in an unquoted cell it is a character
 * like another. Text behind a closing quote is an error. */

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/status.h"
#include "engine/base/text.h"

struct csv_scanner {
    const char *path; /* for messages */
    const char *at, *end;
    const char *line_start; /* of the line that `at` is on */
    size_t line;            /* its number, from 1 */
    struct text unquoted;   /* the cell's text, where it had doubled quotes */
};

/* A cell's text lies in the file or in the scanner, until the next cell. */
struct csv_cell {
    const char *text;
    size_t length;
    size_t line, column; /* of its first character; columns are bytes from 0 */
    const char *line_start;
    bool last; /* of its record */
};

/* `text` must be UTF-8 without NULs; a byte order mark is skipped. */
struct csv_scanner csv_scanner_new(const char *path, const char *text,
                                   size_t length);
void csv_scanner_release(struct csv_scanner *scanner);

/* Goes to the next record; false at the end of the text. */
bool csv_next_record(struct csv_scanner *scanner);

/* The next cell of the record. Errors: STATUS_INPUT. */
enum status_code csv_next_cell(struct csv_scanner *scanner,
                               struct csv_cell *cell, struct status *status);

/* The cell's position as people count it: characters from 1. */
size_t csv_cell_column(const struct csv_cell *cell);

#endif
