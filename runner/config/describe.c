#include "runner/config/describe.h"

#include <math.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/io/utf8.h"

enum { FOUND_LIMIT = 60 }; /* characters of a value in a message */

void describe_number(double value, struct text *out) {
    char number[NUMBER_TEXT_SIZE];
    if (value == floor(value) && fabs(value) < 1e15)
        number_write_integer((int64_t)value, number);
    else
        number_write_double(value, number);
    text_add(out, number);
}

static bool is_whole(const struct field *field) {
    return field->type == FIELD_INTEGER || field->type == FIELD_INTEGERS ||
           field->type == FIELD_SIZES;
}

/* " from 1 to 10", " in [0, 1)", " >= 0". */
static void describe_range(const struct field *field, struct text *out) {
    bool low = field->flags & FIELD_HAS_MINIMUM;
    bool high = field->flags & FIELD_HAS_MAXIMUM;
    bool low_open = field->flags & FIELD_MINIMUM_OPEN;
    bool high_open = field->flags & FIELD_MAXIMUM_OPEN;
    bool plain = is_whole(field) && !low_open && !high_open;
    if (low && high)
        text_add(out, plain ? " from " : low_open ? " in (" : " in [");
    else if (low || high)
        text_add(out, low         ? low_open ? " > " : " >= "
                      : high_open ? " < "
                                  : " <= ");
    if (low)
        describe_number(field->minimum, out);
    if (low && high)
        text_add(out, plain ? " to " : ", ");
    if (high)
        describe_number(field->maximum, out);
    if (low && high && !plain)
        text_add_char(out, high_open ? ')' : ']');
}

void describe_words(const char *const *words, struct text *out) {
    for (size_t i = 0; words[i]; i++)
        text_print(out, "%s%s", i ? ", " : "", words[i]);
}

void describe_kinds(const struct kind_family *family, struct text *out) {
    for (size_t i = 0; family->kinds[i]; i++)
        text_print(out, "%s%s", i ? ", " : "", family->kinds[i]->name);
}

static void describe_word_choice(const struct field *field, struct text *out) {
    if (field->words[1])
        text_add(out, "one of ");
    describe_words(field->words, out);
}

static void describe_length(const struct field *field, struct text *out) {
    if (field->least == field->most || (!field->least && !field->most))
        return;
    text_print(out, field->most ? " (%zu to %zu of them)" : " (at least %zu)",
               field->least, field->most);
}

/* `elements` is the element's plural. */
static void describe_list(const struct field *field, const char *elements,
                          struct text *out) {
    text_add(out, "a list of ");
    if (field->least && field->least == field->most)
        text_print(out, "%zu ", field->least);
    text_add(out, elements);
    if (field->most == 1)
        out->length--; /* the plural's s */
    describe_range(field, out);
    describe_length(field, out);
    text_append(out, "", 0);
}

void describe_element(const struct field *field, struct text *out) {
    text_add(out, field->type == FIELD_INTEGERS ? "a whole number"
                  : field->type == FIELD_TEXTS  ? "text"
                                                : "a number");
    if (field->type != FIELD_TEXTS)
        describe_range(field, out);
}

/* What sizes may be besides a number. */
static void describe_sizes(const struct field *field, struct text *out) {
    if (field->type != FIELD_SIZES)
        return;
    if (field->most > 1)
        text_print(out, " or a list of %zu", field->most);
    if (!field->words)
        return;
    text_add(out, " or one of ");
    describe_words(field->words, out);
}

static void describe_value(const struct field *field, struct text *out) {
    static const char *const NOUNS[] = {
        [FIELD_BOOLEAN] = "true or false",
        [FIELD_INTEGER] = "a whole number",
        [FIELD_NUMBER] = "a number",
        [FIELD_TEXT] = "text",
        [FIELD_NUMBERS] = "numbers",
        [FIELD_INTEGERS] = "whole numbers",
        [FIELD_TEXTS] = "texts",
        [FIELD_POINTS] = "lists of numbers, all of one length",
        [FIELD_SHARE] = "a count of at least 1 or a fraction inside (0, 1)",
        [FIELD_SIZES] = "a whole number",
        [FIELD_SECTION] = "a section",
    };
    if (field->type == FIELD_WORD) {
        describe_word_choice(field, out);
    } else if (field->type == FIELD_NUMBERS || field->type == FIELD_INTEGERS ||
               field->type == FIELD_TEXTS || field->type == FIELD_POINTS) {
        describe_list(field, NOUNS[field->type], out);
    } else {
        text_add(out, NOUNS[field->type]);
        describe_range(field, out);
        describe_sizes(field, out);
    }
}

void describe_expected(const struct field *field, struct text *out) {
    describe_value(field, out);
    if (field->list) {
        text_add(out, " or ");
        describe_value(field->list, out);
    }
    if (field->flags & FIELD_NULLABLE)
        text_add(out, " or null");
}

static void describe_collection(const struct node *node, struct text *out) {
    if (node->count == 0)
        text_add(out,
                 node->kind == NODE_MAP ? "an empty map" : "an empty list");
    else if (node->kind == NODE_MAP)
        text_add(out, "a map");
    else
        text_print(out, "a list of %zu", node->count);
}

static void describe_scalar(const struct node *node, struct text *out) {
    bool is_string = node_scalar(node).type == SCALAR_STRING;
    text_add(out, is_string ? "'" : "");
    utf8_excerpt(out, node->text, strlen(node->text), FOUND_LIMIT);
    text_add(out, is_string ? "'" : "");
    struct node plain = *node;
    plain.quoted = false;
    if (is_string && *node->text && node_scalar(&plain).type != SCALAR_STRING)
        text_add(out, " (a string: it is in quotes)");
}

void describe_found(const struct node *node, struct text *out) {
    if (node->kind != NODE_SCALAR)
        describe_collection(node, out);
    else if (!node->quoted && !*node->text)
        text_add(out, "nothing");
    else
        describe_scalar(node, out);
}
