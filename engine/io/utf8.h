#ifndef ENGINE_IO_UTF8_H
#define ENGINE_IO_UTF8_H

/* UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing over U+10FFFF. */

#include <stddef.h>
#include <stdint.h>

#include "engine/base/text.h"

/* The length (1 to 4) of the well-formed character at the start of `bytes`, of
 * which `length` > 0 are left, or 0 if there is none. */
size_t utf8_character(const char *bytes, size_t length);

/* The number of leading bytes that are well-formed: `length` if all are. */
size_t utf8_valid(const char *bytes, size_t length);

/* The number of characters in well-formed text. */
size_t utf8_count(const char *bytes, size_t length);

/* Appends a code point below 0x110000. */
void utf8_append(struct text *text, uint32_t code_point);

/* Appends at most `limit` characters of a text for a message: what is not
 * well-formed or printable becomes '?', and "..." stands for what is cut. */
void utf8_excerpt(struct text *text, const char *bytes, size_t length,
                  size_t limit);

/* Makes a text fit for a message, in place: what is not well-formed or
 * printable becomes '?'. */
void utf8_make_line(char *text);

#endif
