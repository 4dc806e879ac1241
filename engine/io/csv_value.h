#ifndef ENGINE_IO_CSV_VALUE_H
#define ENGINE_IO_CSV_VALUE_H

/* What a CSV cell means, as pandas 1.5's read_csv() sees it. */

#include <stddef.h>

enum csv_kind { CSV_NUMBER, CSV_BOOLEAN, CSV_MISSING, CSV_WORD };

/* The kind of a cell and through `value` its number: 1 or 0 for a boolean, NaN
 * for a missing value. A number is decimal, correctly rounded, with blanks
 * around it or not; beyond the range it is an infinity, and so are "inf" and
 * "Infinity" in any case. Booleans are True, TRUE, true, False, FALSE, false.
 * Missing are the empty cell and pandas' words; "None" became one of those only
 * in pandas 2 and is a word here. */
enum csv_kind csv_classify(const char *text, size_t length, double *value);

#endif
