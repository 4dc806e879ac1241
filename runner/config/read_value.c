/* One value by its row: type, range, default. */

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/names.h"
#include "runner/config/describe.h"
#include "runner/config/reader.h"
#include "runner/config/tree_memory.h"

/* Whole numbers up to here are exact in binary64, and so is their neighbour. */
#define INTEGER_LIMIT 9007199254740991.0

/* ---------------------------------------------------------------- messages */

void place_path(const struct place *place, struct text *out) {
    if (!place || (!place->parent && !place->key))
        return;
    place_path(place->parent, out);
    if (out->length)
        text_add_char(out, '.');
    if (place->key)
        text_add(out, place->key);
    else
        text_print(out, "%zu", place->index);
}

struct place place_member(const struct place *map, const struct member *member,
                          const char *key) {
    return (struct place){
        .parent = map,
        .key = key,
        .position = member ? member->key_position : map->position,
    };
}

struct place place_item(const struct place *list, size_t index,
                        const struct node *item) {
    return (struct place){
        .parent = list, .index = index, .position = item->position};
}

void reader_complain(struct reader *reader, const struct place *place,
                     struct position position, const char *format, ...) {
    struct text path = TEXT_INIT;
    char buffer[STATUS_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    place_path(place, &path);
    problems_add_path(reader->problems, STATUS_CONFIG, position,
                      text_string(&path), "%s", buffer);
    text_release(&path);
}

void reader_expected(struct reader *reader, const struct place *place,
                     const struct node *node, const char *expected) {
    struct text found = TEXT_INIT;
    describe_found(node, &found);
    reader_complain(reader, place, node->position, "expected %s, found %s",
                    expected, text_string(&found));
    text_release(&found);
}

bool reader_may_search(const struct reader *reader) {
    enum { SEARCHES = 100 };
    return reader->problems->count < SEARCHES;
}

static bool refuse(struct reader *reader, const struct place *place,
                   const struct field *field, const struct node *node) {
    struct text expected = TEXT_INIT;
    bool may_be_quoted =
        field->type == FIELD_TEXT && node->kind == NODE_SCALAR && *node->text;
    describe_expected(field, &expected);
    if (may_be_quoted)
        text_add(&expected, " (in quotes)");
    reader_expected(reader, place, node, text_string(&expected));
    text_release(&expected);
    return false;
}

static bool refuse_element(struct reader *reader, const struct place *place,
                           const struct field *field, const struct node *node) {
    struct text expected = TEXT_INIT;
    describe_element(field, &expected);
    reader_expected(reader, place, node, text_string(&expected));
    text_release(&expected);
    return false;
}

/* A quoted scalar with ${PATH} in it computes its value, in a later version.
 * Left unquoted it would be one in a run's config.yaml. */
static bool is_expression(struct reader *reader, const struct place *place,
                          const struct node *node) {
    const char *open =
        node->kind == NODE_SCALAR ? strstr(node->text, "${") : NULL;
    if (!open || !strchr(open, '}'))
        return false;
    reader_complain(reader, place, node->position,
                    "an expression ('${…}') is not in this version");
    return true;
}

/* ----------------------------------------------------------------- scalars */

static bool in_range(const struct field *field, double value) {
    bool low_open = field->flags & FIELD_MINIMUM_OPEN;
    bool high_open = field->flags & FIELD_MAXIMUM_OPEN;
    if (field->flags & FIELD_HAS_MINIMUM &&
        (low_open ? value <= field->minimum : value < field->minimum))
        return false;
    if (field->flags & FIELD_HAS_MAXIMUM &&
        (high_open ? value >= field->maximum : value > field->maximum))
        return false;
    return true;
}

static bool is_number(const struct node *node, double *value) {
    if (node->kind != NODE_SCALAR)
        return false;
    struct scalar scalar = node_scalar(node);
    *value = scalar.number;
    return (scalar.type == SCALAR_NUMBER || scalar.type == SCALAR_INTEGER) &&
           isfinite(scalar.number);
}

/* 5 and 1e4, not 5.0. */
static bool is_whole_number(const struct node *node, double *value) {
    return is_number(node, value) && !node_scalar(node).has_point &&
           *value == floor(*value) && fabs(*value) <= INTEGER_LIMIT;
}

static bool read_boolean(const struct field *field, const struct node *node,
                         void *to) {
    (void)field;
    if (node->kind != NODE_SCALAR || node_scalar(node).type != SCALAR_BOOLEAN)
        return false;
    *(bool *)to = node_scalar(node).boolean;
    return true;
}

static bool read_integer(const struct field *field, const struct node *node,
                         void *to) {
    double value;
    if (!is_whole_number(node, &value) || !in_range(field, value))
        return false;
    *(int64_t *)to = (int64_t)value;
    return true;
}

static bool read_number(const struct field *field, const struct node *node,
                        void *to) {
    double value;
    if (!is_number(node, &value) || !in_range(field, value))
        return false;
    *(double *)to = value == 0 ? 0 : value; /* -0 is 0, also in an id */
    return true;
}

static bool read_share(const struct field *field, const struct node *node,
                       void *to) {
    struct field_share *share = to;
    double value;
    (void)field;
    *share = (struct field_share){0};
    if (!is_number(node, &value))
        return false;
    share->is_count = is_whole_number(node, &value);
    if (share->is_count)
        share->count = (int64_t)value;
    else
        share->fraction = value;
    return share->is_count ? value >= 1 : value > 0 && value < 1;
}

static bool read_word(const struct field *field, const struct node *node,
                      void *to) {
    for (int i = 0; node->kind == NODE_SCALAR && field->words[i]; i++) {
        if (strcmp(field->words[i], node->text) == 0) {
            *(int *)to = i;
            return true;
        }
    }
    return false;
}

/* One number stands for every axis. */
static bool read_sizes(const struct field *field, const struct node *node,
                       void *to) {
    struct field_sizes *sizes = to;
    *sizes = (struct field_sizes){.word = 0};
    if (field->words && read_word(field, node, &sizes->word))
        return sizes->is_word = true;
    if (node->kind == NODE_LIST && node->count != field->most)
        return false;
    for (size_t i = 0; i < field->most; i++) {
        const struct node *item =
            node->kind == NODE_LIST ? node->members[i].value : node;
        if (!read_integer(field, item, &sizes->values[i]))
            return false;
    }
    return true;
}

static bool read_text(const struct field *field, const struct node *node,
                      void *to) {
    bool any = field->flags & FIELD_ANY_SCALAR;
    if (node->kind != NODE_SCALAR)
        return false;
    enum scalar_type type = node_scalar(node).type;
    if (!*node->text ||
        (type != SCALAR_STRING && (!any || type == SCALAR_NULL)))
        return false;
    *(const char **)to = node->text;
    return true;
}

/* ------------------------------------------------------------------- lists */

static const struct list_type {
    size_t size;
    bool (*read)(const struct field *field, const struct node *node, void *to);
} LIST_TYPES[] = {
    [FIELD_NUMBERS] = {sizeof(double), read_number},
    [FIELD_INTEGERS] = {sizeof(int64_t), read_integer},
    [FIELD_TEXTS] = {sizeof(const char *), read_text},
};

static void set_list(enum field_type type, void *to, const void *values,
                     size_t count) {
    if (type == FIELD_NUMBERS)
        *(struct field_numbers *)to = (struct field_numbers){values, count};
    else if (type == FIELD_INTEGERS)
        *(struct field_integers *)to = (struct field_integers){values, count};
    else
        *(struct field_texts *)to = (struct field_texts){values, count};
}

static bool read_list(struct reader *reader, const struct place *place,
                      const struct field *field, const struct node *node,
                      void *to) {
    if (node->kind != NODE_LIST || node->count < field->least ||
        (field->most && node->count > field->most))
        return refuse(reader, place, field, node);
    const struct list_type *type = &LIST_TYPES[field->type];
    char *values = tree_allocate(reader->tree, (node->count + 1) * type->size);
    bool good = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->members[i].value;
        struct place at = place_item(place, i, item);
        if (is_expression(reader, &at, item))
            good = false;
        else if (!type->read(field, item, values + i * type->size))
            good = refuse_element(reader, &at, field, item);
    }
    set_list(field->type, to, values, node->count);
    return good;
}

/* ------------------------------------------------------------------ points */

/* A list of `width` numbers, or, where that is 0, of any number of them. */
static bool read_point(struct reader *reader, const struct place *place,
                       const struct node *node, size_t width, double *values) {
    static const struct field NUMBER = {.type = FIELD_NUMBER};
    struct field row = {.type = FIELD_NUMBERS, .least = width, .most = width};
    if (node->kind != NODE_LIST || node->count == 0 ||
        (width && node->count != width))
        return refuse(reader, place, &row, node);
    bool good = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->members[i].value;
        struct place at = place_item(place, i, item);
        good &= read_value(reader, &at, &NUMBER, &values[i], item);
    }
    return good;
}

static bool read_points(struct reader *reader, const struct place *place,
                        const struct field *field, const struct node *node,
                        void *to) {
    if (node->kind != NODE_LIST || node->count < field->least)
        return refuse(reader, place, field, node);
    const struct node *first = node->members[0].value;
    size_t width = first->kind == NODE_LIST ? first->count : 0;
    double *values =
        tree_allocate(reader->tree, (node->count * width + 1) * sizeof *values);
    bool good = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->members[i].value;
        struct place at = place_item(place, i, item);
        good &= read_point(reader, &at, item, width, values + i * width);
    }
    *(struct field_points *)to =
        (struct field_points){values, node->count, width};
    return good;
}

/* ------------------------------------------------------------------ values */

static bool (*const SCALAR_READERS[])(const struct field *, const struct node *,
                                      void *) = {
    [FIELD_BOOLEAN] = read_boolean, [FIELD_INTEGER] = read_integer,
    [FIELD_NUMBER] = read_number,   [FIELD_WORD] = read_word,
    [FIELD_TEXT] = read_text,       [FIELD_SHARE] = read_share,
    [FIELD_SIZES] = read_sizes,
};

static bool refuse_word(struct reader *reader, const struct place *place,
                        const struct field *field, const struct node *node) {
    bool may_search = node->kind == NODE_SCALAR && reader_may_search(reader);
    const char *nearest =
        may_search ? names_nearest(node->text, field->words) : NULL;
    if (!nearest)
        return refuse(reader, place, field, node);
    struct text expected = TEXT_INIT;
    describe_expected(field, &expected);
    reader_complain(reader, place, node->position,
                    "expected %s, found '%s'; did you mean '%s'?",
                    text_string(&expected), node->text, nearest);
    text_release(&expected);
    return false;
}

static void set_presence(const struct field *field, void *base, bool present) {
    bool may_lack = field->flags & (FIELD_NULLABLE | FIELD_DERIVED);
    if (may_lack && (field->type != FIELD_TEXT || field->present_offset))
        *(bool *)((char *)base + field->present_offset) = present;
}

static bool is_null(const struct node *node) {
    return node->kind == NODE_SCALAR && node_scalar(node).type == SCALAR_NULL;
}

/* What is not there, or null: the struct keeps zeros. */
static bool is_absent(const struct field *field, const struct node *node) {
    if (!node)
        return field->flags & FIELD_DERIVED;
    return field->flags & FIELD_NULLABLE && is_null(node);
}

bool read_value(struct reader *reader, const struct place *place,
                const struct field *field, void *base,
                const struct node *node) {
    bool present = !is_absent(field, node);
    if (present && !node) {
        node = default_node(reader->tree, field);
        present = !is_absent(field, node);
    }
    set_presence(field, base, present);
    if (!present)
        return true;
    if (is_expression(reader, place, node))
        return false;
    if (field->list && node->kind == NODE_LIST)
        field = field->list;
    void *to = (char *)base + field->offset;
    if (field->type == FIELD_NUMBERS || field->type == FIELD_INTEGERS ||
        field->type == FIELD_TEXTS)
        return read_list(reader, place, field, node, to);
    if (field->type == FIELD_POINTS)
        return read_points(reader, place, field, node, to);
    if (SCALAR_READERS[field->type](field, node, to))
        return true;
    return field->type == FIELD_WORD ? refuse_word(reader, place, field, node)
                                     : refuse(reader, place, field, node);
}

const char *read_string(struct reader *reader, const struct place *place,
                        const struct node *node, const char *expected) {
    if (is_expression(reader, place, node))
        return NULL;
    if (node->kind == NODE_SCALAR && *node->text &&
        node_scalar(node).type == SCALAR_STRING)
        return node->text;
    reader_expected(reader, place, node, expected);
    return NULL;
}

/* ---------------------------------------------------------------- defaults */

/* Ours are scalars and lists of scalars: "0.5", "null", "[0.9, 0.999]". */
static struct node *default_list(struct tree *tree, const char *text) {
    struct position nowhere = {0};
    struct node *list = tree_new_list(tree, nowhere);
    for (const char *at = text + 1; *at && *at != ']';) {
        at += strspn(at, ", ");
        size_t length = strcspn(at, ", ]");
        char *item = tree_string(tree, at, length);
        if (length)
            tree_add(tree, list, NULL, nowhere,
                     tree_new_scalar(tree, item, false, nowhere));
        at += length;
    }
    return list;
}

const struct node *default_node(struct tree *tree, const struct field *field) {
    assert(field->default_text && !(field->flags & FIELD_REQUIRED));
    if (field->default_text[0] == '[')
        return default_list(tree, field->default_text);
    return tree_new_scalar(tree, field->default_text, false,
                           (struct position){0});
}
