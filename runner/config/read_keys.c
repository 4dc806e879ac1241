/* Maps against tables: which keys there may be, which must be. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "runner/config/reader.h"

static const struct field_refused *
find_refused(const struct field_refused *refused, const char *key) {
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

static size_t count_fields(const struct field *fields) {
    size_t count = 0;
    while (fields && fields[count].key)
        count++;
    return count;
}

/* Keys at the top that are taken out before the rest is read. */
static const char *const TAKEN_BEFORE[] = {"extends", "sweep"};
enum { TAKEN_COUNT = sizeof TAKEN_BEFORE / sizeof *TAKEN_BEFORE };

/* The known keys as names_nearest() wants them; the caller frees the list. */
static const char **list_keys(const struct known_keys *known) {
    size_t count =
        count_fields(known->tables[0]) + count_fields(known->tables[1]);
    const char **keys = memory_zeroed(count + TAKEN_COUNT + 2, sizeof *keys);
    size_t used = 0;
    for (int table = 0; table < 2; table++)
        for (const struct field *field = known->tables[table];
             field && field->key; field++)
            keys[used++] = field->key;
    for (size_t i = 0; known->tables[0] == TOP_FIELDS && i < TAKEN_COUNT; i++)
        keys[used++] = TAKEN_BEFORE[i];
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

/* The key that was meant, or NULL. */
static const char *find_meant(struct reader *reader, struct known_keys *known,
                              const char *const *keys, const char *key) {
    enum { LIMIT = sizeof known->meant / sizeof *known->meant };
    const char *nearest =
        reader_may_search(reader) ? names_nearest(key, keys) : NULL;
    if (nearest && known->meant_count < LIMIT)
        known->meant[known->meant_count++] = nearest;
    return nearest;
}

/* What helps: the nearest key, where the key belongs, or all keys. */
static void refuse_unknown(struct reader *reader, const struct place *place,
                           struct known_keys *known,
                           const struct member *member) {
    struct text hint = TEXT_INIT;
    const char **keys = list_keys(known);
    const char *section = section_with_key(member->key);
    const char *nearest = find_meant(reader, known, keys, member->key);
    if (nearest)
        text_print(&hint, "; did you mean '%s'?", nearest);
    else if (section)
        text_print(&hint, "; it belongs %s", section);
    else
        list_them(keys, &hint);
    reader_complain(reader, place, member->key_position,
                    "unknown option '%s'%s", member->key, text_string(&hint));
    free(keys);
    text_release(&hint);
}

static void check_key(struct reader *reader, const struct place *place,
                      struct known_keys *known, const struct member *member) {
    const char *key = member->key;
    const struct field_refused *refused = find_refused(known->refused, key);
    if (is_known(known, key))
        return;
    if (refused)
        reader_complain(reader, place, member->key_position,
                        "'%s' is not taken: %s", key, refused->reason);
    else
        refuse_unknown(reader, place, known, member);
}

void read_check_keys(struct reader *reader, const struct place *place,
                     struct known_keys *known, const struct node *map) {
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

/* One mistake, one problem: a misspelt key isn't missing as well. */
static void require(struct reader *reader, const struct place *place,
                    const struct known_keys *known, const char *key) {
    for (size_t i = 0; i < known->meant_count; i++)
        if (strcmp(known->meant[i], key) == 0)
            return;
    reader_complain(reader, place, place->position, "'%s' is required", key);
}

static void read_field(struct reader *reader, const struct place *place,
                       const struct known_keys *known,
                       const struct field *fields, const struct field *field,
                       void *base, const struct node *map) {
    const struct member *member = node_find(map, field->key);
    struct place at = place_member(place, member, field->key);
    if (!member && field->flags & FIELD_REQUIRED)
        require(reader, place, known, field->key);
    else if (field->type == FIELD_SECTION)
        read_section(reader, &at, field, section_of(fields, field), base,
                     member ? member->value : NULL);
    else
        read_value(reader, &at, field, base, member ? member->value : NULL);
}

void read_fields(struct reader *reader, const struct place *place,
                 const struct known_keys *known, const struct field *fields,
                 void *base, const struct node *map) {
    for (const struct field *field = fields; field && field->key; field++)
        read_field(reader, place, known, fields, field, base, map);
}
