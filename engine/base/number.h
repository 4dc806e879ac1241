#ifndef ENGINE_BASE_NUMBER_H
#define ENGINE_BASE_NUMBER_H

/* Numbers to text and back, independent of locale. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_TEXT_SIZE = 32 };

/* Python's repr of a float (of a numpy.float32 read as Python prints a float of
 * that shortest text: 0.1f is "0.1"): the shortest digits that read back as the
 * same value in its own type, the nearest to it among those; "1.0", "1e-05",
 * "1e+16" as Python writes them; "nan", "inf", "-inf", "-0.0". Returns the
 * length. */
size_t number_write_double(double value, char text[NUMBER_TEXT_SIZE]);
size_t number_write_float(float value, char text[NUMBER_TEXT_SIZE]);
size_t number_write_integer(int64_t value, char text[NUMBER_TEXT_SIZE]);

/* A decimal number as JSON and CSV know them ("-1.5e3", ".5", "5."), correctly
 * rounded, all of `length` bytes; false if it is anything else (hex, "nan",
 * "inf", blanks, empty) . Beyond the range the result is an infinity and the
 * answer true: the caller judges. */
bool number_read(const char *text, size_t length, double *value);

#endif
