/* Maps against tables: which keys there may be, which must be. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "runner/config/reader.h"

static const struct field_refused *find_refused(
    const struct field_refused *refused, const char *key) {
    for (; refused && refused->key; refused++)
        if (strcmp(refused->key, key) == 0)
            return refused;
    return NULL;
}

static bool is_known(const struct known_keys *known, const char *key) {
    return field_find(known->tables[0], key) ||
           field_find(known->tables[1], key) ||
           (known->has_type && strcmp(key, "type") == 0);
}

static bool is_not_yet(const struct known_keys *known, const char *key) {
    return (known->tables[0] && key_is_not_yet(known->tables[0], key)) ||
           (known->tables[1] && key_is_not_yet(known->tables[1], key));
}

static size_t count_fields(const struct field *fields) {
    size_t count = 0;
    while (fields && fields[count].key)
        count++;
    return count;
}

/* The known keys as names_nearest() wants them; the caller frees the list. */
static const char **list_keys(const struct known_keys *known) {
    size_t count =
        count_fields(known->tables[0]) + count_fields(known->tables[1]);
    const char **keys = memory_zeroed(count + 2, sizeof *keys);
    size_t used = 0;
    for (int table = 0; table < 2; table++)
        for (const struct field *field = known->tables[table];
             field && field->key; field++)
            keys[used++] = field->key;
    if (known->has_type)
        keys[used] = "type";
    return keys;
}

static void list_them(const char *const *keys, struct text *out) {
    if (!keys[0])
        text_add(out, "; there are none");
    else
        text_add(out, keys[1] ? "; there are " : "; there is ");
    for (size_t i = 0; keys[i]; i++)
        text_print(out, "%s%s", i ? ", " : "", keys[i]);
}

/* What helps: the nearest key, where the key belongs, or all keys. */
static void suggest(const struct known_keys *known, const char *key,
                    bool may_search, struct text *out) {
    const char **keys = list_keys(known);
    const char *section = section_with_key(key);
    const char *nearest = may_search ? names_nearest(key, keys) : NULL;
    if (nearest)
        text_print(out, "; did you mean '%s'?", nearest);
    else if (section)
        text_print(out, "; it belongs %s", section);
    else
        list_them(keys, out);
    free(keys);
}

static void refuse_unknown(struct reader *reader, const struct place *place,
                           const struct known_keys *known,
                           const struct member *member) {
    struct text hint = TEXT_INIT;
    suggest(known, member->key, reader_may_search(reader), &hint);
    reader_complain(reader, place, member->key_position, "unknown %s '%s'%s",
                    known->noun, member->key, text_string(&hint));
    text_release(&hint);
}

static void check_key(struct reader *reader, const struct place *place,
                      const struct known_keys *known,
                      const struct member *member) {
    const char *key = member->key;
    const struct field_refused *refused = find_refused(known->refused, key);
    if (is_known(known, key))
        return;
    if (is_not_yet(known, key))
        reader_complain(reader, place, member->key_position,
                        "'%s' is not in this version", key);
    else if (refused)
        reader_complain(reader, place, member->key_position,
                        "'%s' is not taken: %s", key, refused->reason);
    else
        refuse_unknown(reader, place, known, member);
}

void read_check_keys(struct reader *reader, const struct place *place,
                     const struct known_keys *known, const struct node *map) {
    for (size_t i = 0; map && i < map->count; i++)
        check_key(reader, place, known, &map->members[i]);
}

static int compare_names(const void *left, const void *right) {
    const struct named *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

void read_check_unique(struct reader *reader, const struct place *place,
                       const char *noun, struct named *names, size_t count) {
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i].name, names[i - 1].name) == 0)
            reader_complain(reader, place, names[i].position,
                            "%s '%s' is given twice", noun, names[i].name);
}

/* True if some unknown key was meant to be this one: one mistake, one problem. */
static bool is_misspelt(const struct field *fields, const char *key,
                        const struct node *map) {
    enum { SEARCHES = 100 };
    const char *const wanted[] = {key, NULL};
    size_t count = map && map->kind == NODE_MAP ? map->count : 0;
    for (size_t i = 0; i < count && i < SEARCHES; i++)
        if (!field_find(fields, map->members[i].key) &&
            names_nearest(map->members[i].key, wanted))
            return true;
    return false;
}

static void require(struct reader *reader, const struct place *place,
                    const struct field *fields, const struct field *field,
                    const struct node *map) {
    if (!is_misspelt(fields, field->key, map))
        reader_complain(reader, place, place->position, "'%s' is required",
                        field->key);
}

static void read_field(struct reader *reader, const struct place *place,
                       const struct field *fields, const struct field *field,
                       void *base, const struct node *map) {
    const struct member *member = node_find(map, field->key);
    struct place at = place_member(place, member, field->key);
    if (!member && field->flags & FIELD_REQUIRED)
        require(reader, place, fields, field, map);
    else if (field->type == FIELD_SECTION)
        read_section(reader, &at, field, section_of(fields, field), base,
                     member ? member->value : NULL);
    else if (field->type == FIELD_WORD && member &&
             member->value->kind == NODE_SCALAR &&
             word_is_not_yet(fields, field->key, member->value->text))
        reader_complain(reader, &at, member->value->position,
                        "'%s' is not in this version", member->value->text);
    else
        read_value(reader, &at, field, base, member ? member->value : NULL);
}

void read_fields(struct reader *reader, const struct place *place,
                 const struct field *fields, void *base,
                 const struct node *map) {
    for (const struct field *field = fields; field && field->key; field++)
        read_field(reader, place, fields, field, base, map);
}
