#ifndef TESTS_UNIT_OPTION_SETS_H
#define TESTS_UNIT_OPTION_SETS_H

/* Options of any registered kind, made from its table of fields: all defaults,
 * then one field after another with other values. So a new kind is tested on
 * the day it is registered. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/field.h"
#include "engine/base/memory.h"

typedef void option_visitor(const struct kind *kind, const void *options,
                            void *context);

/* Whole and half numbers, as gradient_check.h asks for. */
static const double OPTION_NUMBERS[] = {0.5, 1.5, 1, 3, 0, -0.5};
static const double OPTION_LIST[] = {0.5,  1.5, 2,   0.25, 1, 3, 0.75,
                                     1.25, 2.5, 0.5, 1,    2, 3, 4,
                                     5,    6,   0.5, 1.5,  2};
enum { OPTION_NUMBER_COUNT = sizeof OPTION_NUMBERS / sizeof *OPTION_NUMBERS };

static inline bool option_in_range(const struct field *field, double value) {
    unsigned flags = field->flags;
    if (flags & FIELD_HAS_MINIMUM &&
        (value < field->minimum ||
         (flags & FIELD_MINIMUM_OPEN && value == field->minimum)))
        return false;
    return !(flags & FIELD_HAS_MAXIMUM &&
             (value > field->maximum ||
              (flags & FIELD_MAXIMUM_OPEN && value == field->maximum)));
}

static inline void option_set_present(const struct field *field, void *options,
                                      bool present) {
    if (field->flags & (FIELD_NULLABLE | FIELD_DERIVED))
        *(bool *)((char *)options + field->present_offset) = present;
}

static inline void option_put(const struct field *field, void *options,
                              double value, size_t list_length) {
    void *at = (char *)options + field->offset;
    size_t length = list_length < field->least ? field->least : list_length;
    if (field->most && length > field->most)
        length = field->most;
    option_set_present(field, options, true);
    switch (field->type) {
    case FIELD_BOOLEAN:
        *(bool *)at = value != 0;
        break;
    case FIELD_INTEGER:
        *(int64_t *)at = (int64_t)value;
        break;
    case FIELD_NUMBER:
        *(double *)at = value;
        break;
    case FIELD_WORD:
        *(int *)at = (int)value;
        break;
    case FIELD_NUMBERS:
        *(struct field_numbers *)at =
            (struct field_numbers){OPTION_LIST, length};
        break;
    case FIELD_SIZES:
        *(struct field_sizes *)at = (struct field_sizes){.word = 0};
        for (size_t i = 0; i < field->most; i++)
            ((struct field_sizes *)at)->values[i] = (int64_t)value;
        break;
    case FIELD_INTEGERS:
    case FIELD_SECTION:
        break; /* the caller's to fill in */
    default:
        abort(); /* a type that no layer or loss has had so far */
    }
}

/* "[0.9, 0.999]": each text is read once and kept. */
static inline struct field_numbers option_list(const char *text) {
    static struct {
        const char *text;
        double values[4];
        size_t count;
    } known[8];
    size_t i = 0;
    while (known[i].text && known[i].text != text)
        i++;
    for (const char *at = text; !known[i].text && *at != ']';) {
        char *end;
        known[i].values[known[i].count++] = strtod(at + 1, &end);
        at = end;
    }
    known[i].text = text;
    return (struct field_numbers){known[i].values, known[i].count};
}

/* A required field gets a small whole number, or numbers. */
static inline void option_put_default(const struct field *field, void *options,
                                      size_t list_length) {
    const char *text = field->default_text;
    double value = 3;
    if (field->flags & FIELD_DERIVED || (text && strcmp(text, "null") == 0)) {
        option_set_present(field, options, false);
        return;
    }
    if (text && text[0] == '[') {
        *(struct field_numbers *)((char *)options + field->offset) =
            option_list(text);
        return;
    }
    if (text)
        value =
            field->type == FIELD_BOOLEAN ? text[0] == 't' : strtod(text, NULL);
    for (int i = 0; field->type == FIELD_WORD && field->words[i]; i++)
        if (strcmp(field->words[i], text) == 0)
            value = i;
    option_put(field, options, value, list_length);
}

static inline void *option_defaults(const struct kind *kind,
                                    size_t list_length) {
    void *options = memory_zeroed(1, kind->options_size + 1);
    for (const struct field *field = kind->fields; field && field->key; field++)
        option_put_default(field, options, list_length);
    return options;
}

static inline int option_words(const struct field *field) {
    int words = 0;
    while (field->words && field->words[words])
        words++;
    return words;
}

/* How many other values a field takes here. */
static inline int option_variants(const struct field *field) {
    return field->type == FIELD_WORD      ? option_words(field)
           : field->type == FIELD_BOOLEAN ? 2
           : field->type == FIELD_NUMBERS ? 1
                                          : OPTION_NUMBER_COUNT;
}

static inline void option_visit_checked(const struct kind *kind, void *options,
                                        option_visitor *visit, void *context) {
    const char *key;
    if (!kind->check || !kind->check(options, &key))
        visit(kind, options, context);
}

/* The words that stand for sizes. */
static inline void option_visit_words(const struct kind *kind,
                                      const struct field *field,
                                      size_t list_length, option_visitor *visit,
                                      void *context) {
    for (int i = 0; i < option_words(field); i++) {
        char *options = option_defaults(kind, list_length);
        *(struct field_sizes *)(options + field->offset) =
            (struct field_sizes){.is_word = true, .word = i};
        option_visit_checked(kind, options, visit, context);
        free(options);
    }
}

static inline void option_visit_field(const struct kind *kind,
                                      const struct field *field,
                                      size_t list_length, option_visitor *visit,
                                      void *context) {
    for (int i = 0; i < option_variants(field); i++) {
        bool is_whole =
            field->type == FIELD_INTEGER || field->type == FIELD_SIZES;
        bool is_number = field->type == FIELD_NUMBER || is_whole;
        double value = is_number ? OPTION_NUMBERS[i] : i;
        void *options = option_defaults(kind, list_length);
        if (is_whole)
            value = (double)(int64_t)(value * 2);
        if (!is_number || option_in_range(field, value)) {
            option_put(field, options, value, list_length);
            option_visit_checked(kind, options, visit, context);
        }
        free(options);
    }
    if (field->type == FIELD_SIZES)
        option_visit_words(kind, field, list_length, visit, context);
}

/* Visits every set; lists of numbers get `list_length` of them. */
static inline void option_each(const struct kind *kind, size_t list_length,
                               option_visitor *visit, void *context) {
    void *options = option_defaults(kind, list_length);
    visit(kind, options, context);
    free(options);
    for (const struct field *field = kind->fields; field && field->key; field++)
        option_visit_field(kind, field, list_length, visit, context);
}

#endif
