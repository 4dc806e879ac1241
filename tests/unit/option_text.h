#ifndef TESTS_UNIT_OPTION_TEXT_H
#define TESTS_UNIT_OPTION_TEXT_H

/* Options of a kind from "key=value key=[1,2] …", the form of the golden files,
 * with the defaults of its table for the rest. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "engine/base/field.h"
#include "engine/base/memory.h"
#include "engine/base/number.h"

static inline double option_text_number(const char *text, size_t length) {
    double value;
    if (!number_read(text, length, &value))
        fail_msg("not a number: '%.*s'", (int)length, text);
    return value;
}

/* The numbers of "[1, 2]"; the caller frees them. */
static inline double *option_text_list(const char *text, size_t length,
                                       size_t *count) {
    double *values = memory_zeroed(length, sizeof *values);
    const char *end = text + length - 1;
    assert_true(length > 2 && text[0] == '[' && *end == ']');
    for (*count = 0; text < end; text += strcspn(text, ",]")) {
        text += 1 + strspn(text + 1, " ");
        values[(*count)++] = option_text_number(text, strcspn(text, ",]"));
    }
    return values;
}

static inline void option_text_put_list(const struct field *field,
                                        const char *text, size_t length,
                                        void *at) {
    size_t count;
    double *values = option_text_list(text, length, &count);
    if (field->type == FIELD_NUMBERS) {
        *(struct field_numbers *)at = (struct field_numbers){values, count};
        return;
    }
    int64_t *integers = memory_zeroed(count, sizeof *integers);
    for (size_t i = 0; i < count; i++)
        integers[i] = (int64_t)values[i];
    free(values);
    *(struct field_integers *)at = (struct field_integers){integers, count};
}

static inline int option_text_word(const struct field *field, const char *text,
                                   size_t length) {
    for (int i = 0; field->words[i]; i++)
        if (strlen(field->words[i]) == length &&
            memcmp(field->words[i], text, length) == 0)
            return i;
    fail_msg("'%.*s' is no %s", (int)length, text, field->key);
    return 0;
}

static inline void option_text_put(const struct field *field, const char *text,
                                   size_t length, char *options) {
    void *at = options + field->offset;
    if (field->flags & (FIELD_NULLABLE | FIELD_DERIVED))
        *(bool *)(options + field->present_offset) = true;
    if (field->type == FIELD_BOOLEAN)
        *(bool *)at = length == 4;
    else if (field->type == FIELD_INTEGER)
        *(int64_t *)at = (int64_t)option_text_number(text, length);
    else if (field->type == FIELD_NUMBER)
        *(double *)at = option_text_number(text, length);
    else if (field->type == FIELD_WORD)
        *(int *)at = option_text_word(field, text, length);
    else
        option_text_put_list(field, text, length, at);
}

/* The value's place in `text`, or NULL. */
static inline const char *option_text_find(const char *text, const char *key) {
    size_t length = strlen(key);
    for (; *text; text += strspn(text, " ")) {
        if (strncmp(text, key, length) == 0 && text[length] == '=')
            return text + length + 1;
        text += strcspn(text, " ");
    }
    return NULL;
}

/* Freed by option_text_free(). */
static inline void *option_text(const struct kind *kind, const char *text) {
    char *options = memory_zeroed(1, kind->options_size + 1);
    for (const struct field *field = kind->fields; field && field->key;
         field++) {
        const char *given = option_text_find(text, field->key);
        const char *standard = field->default_text;
        if (given)
            option_text_put(field, given, strcspn(given, " "), options);
        else if (standard && strcmp(standard, "null") != 0 &&
                 !(field->flags & FIELD_DERIVED))
            option_text_put(field, standard, strlen(standard), options);
    }
    return options;
}

static inline void option_text_free(const struct kind *kind, void *options) {
    for (const struct field *field = kind->fields; field && field->key;
         field++) {
        void *at = (char *)options + field->offset;
        if (field->type == FIELD_NUMBERS)
            free((void *)((struct field_numbers *)at)->values);
        if (field->type == FIELD_INTEGERS)
            free((void *)((struct field_integers *)at)->values);
    }
    free(options);
}

#endif
