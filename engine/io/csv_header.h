#ifndef ENGINE_IO_CSV_HEADER_H
#define ENGINE_IO_CSV_HEADER_H

/* A CSV file's first record: the labels of its columns.
 *
 * As in pandas, an empty cell becomes "Unnamed: N" (N: its position from 0) and
 * a label that stood before becomes "label.1", "label.2", … Refused, each with
 * a hint: an empty first cell, numbers other than 0, 1, 2, …, and a single
 * label with another separator in it. */

#include <stddef.h>

#include "engine/io/csv_scan.h"

struct csv_header {
    char **labels; /* [count] */
    size_t count, capacity;
    size_t line; /* it began on */
};

/* Reads the record at the scanner. Errors: STATUS_INPUT. */
enum status_code csv_header_read(struct csv_scanner *scanner,
                                 struct csv_header *header,
                                 struct status *status);
void csv_header_release(struct csv_header *header);

#endif
