#include "engine/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

static void make_room(struct text *text, size_t length) {
    size_t wanted = text->length + length + 1;
    if (wanted <= text->capacity)
        return;
    size_t capacity = 2 * text->capacity;
    text->capacity = wanted > capacity ? wanted : capacity;
    text->bytes = memory_resize(text->bytes, text->capacity, 1);
}

void text_append(struct text *text, const void *bytes, size_t length) {
    make_room(text, length);
    if (length)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string) {
    text_append(text, string, strlen(string));
}

void text_add_char(struct text *text, char character) {
    text_append(text, &character, 1);
}

void text_print(struct text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    make_room(text, (size_t)length);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
    va_end(again);
    va_end(arguments);
}

const char *text_string(const struct text *text) {
    return text->bytes ? text->bytes : "";
}

void text_clear(struct text *text) {
    text->length = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

char *text_take(struct text *text) {
    char *bytes = text->bytes ? text->bytes : memory_string("");
    *text = TEXT_INIT;
    return bytes;
}

void text_release(struct text *text) {
    free(text->bytes);
    *text = TEXT_INIT;
}
