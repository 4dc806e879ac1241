#ifndef ENGINE_BASE_TEXT_H
#define ENGINE_BASE_TEXT_H

/* A growing string. `bytes` is NUL-terminated once anything was appended (use
 * text_string() where it may be empty) and may hold NULs of its own. The caller
 * owns the struct; text_release() frees the bytes. */

#include <stddef.h>

#include "engine/base/status.h"

struct text {
    char *bytes;
    size_t length, capacity;
};

#define TEXT_INIT ((struct text){0})

void text_append(struct text *text, const void *bytes, size_t length);
void text_add(struct text *text, const char *string);
void text_add_char(struct text *text, char character);
void text_print(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Called by who writes a long text, after every part of it: may take out what
 * the text holds. Its error ends the writing. */
typedef enum status_code text_flush(void *context, struct status *status);

/* The bytes as a C string: "" if nothing was appended. */
const char *text_string(const struct text *text);

/* Empties the text and keeps its memory. */
void text_clear(struct text *text);

/* The bytes for the caller to free(); the text is empty afterwards. */
char *text_take(struct text *text);

void text_release(struct text *text);

#endif
