/* Kinds: KIND or {type: KIND, option: value, …}. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "runner/config/describe.h"
#include "runner/config/reader.h"
#include "runner/config/tree_memory.h"

/* The family's names; the caller frees the list. */
static const char **list_names(const struct kind_family *family) {
    size_t count = 0;
    while (family->kinds[count])
        count++;
    const char **names = memory_zeroed(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = family->kinds[i]->name;
    return names;
}

static void suggest_kind(const struct kind_family *family, const char *name,
                         bool may_search, struct text *out) {
    const char **names = list_names(family);
    const char *nearest = may_search ? names_nearest(name, names) : NULL;
    if (nearest) {
        text_print(out, "; did you mean '%s'?", nearest);
    } else {
        text_add(out, "; there are ");
        describe_kinds(family, out);
    }
    free(names);
}

static const struct kind *find_kind(struct reader *reader,
                                    const struct place *place,
                                    const struct kind_family *family,
                                    const struct node *node, const char *name) {
    const struct kind *kind = kind_find(family, name);
    struct text hint = TEXT_INIT;
    if (kind)
        return kind;
    suggest_kind(family, name, reader_may_search(reader), &hint);
    reader_complain(reader, place, node->position, "unknown %s '%s'%s",
                    family->singular, name, text_string(&hint));
    text_release(&hint);
    return NULL;
}

/* The node that names the kind; NULL and a problem if there is none. */
static const struct node *find_type(struct reader *reader,
                                    const struct place *place,
                                    const struct kind_family *family,
                                    const struct node *node) {
    if (node->kind != NODE_MAP)
        return node;
    const struct node *type = node_member(node, "type");
    struct text kinds = TEXT_INIT;
    if (type)
        return type;
    describe_kinds(family, &kinds);
    reader_complain(reader, place, place->position,
                    "'type' is required: one of %s", text_string(&kinds));
    text_release(&kinds);
    return NULL;
}

static const struct kind *read_kind(struct reader *reader,
                                    const struct place *place,
                                    const struct kind_family *family,
                                    const struct node *node) {
    const struct node *type = find_type(reader, place, family, node);
    const char *name =
        type ? read_string(reader, place, type, "a name or {type: NAME, …}")
             : NULL;
    return name ? find_kind(reader, place, family, type, name) : NULL;
}

/* What no single option can say: asked only where each of them is good. */
static void check_options(struct reader *reader, const struct place *place,
                          const struct kind *kind, void *options,
                          const struct node *map) {
    const char *key = NULL;
    const char *message = kind->check ? kind->check(options, &key) : NULL;
    if (!message && kind->settle)
        kind->settle(options);
    if (!message)
        return;
    const struct node *value = key ? node_member(map, key) : NULL;
    reader_complain(reader, place, value ? value->position : place->position,
                    "%s", message);
}

bool read_choice(struct reader *reader, const struct place *place,
                 const struct kind_family *family, const struct field *common,
                 void *common_base, const struct node *node,
                 struct choice *choice) {
    size_t before = reader->problems->count;
    const struct kind *kind = read_kind(reader, place, family, node);
    const struct node *map = node->kind == NODE_MAP ? node : NULL;
    if (!kind)
        return false;
    void *options = kind->options_size
                        ? tree_allocate(reader->tree, kind->options_size)
                        : NULL;
    struct known_keys known = {
        .tables = {kind->fields, common},
        .refused = kind->refused,
        .has_type = true,
    };
    read_check_keys(reader, place, &known, map);
    read_fields(reader, place, &known, kind->fields, options, map);
    read_fields(reader, place, &known, common, common_base, map);
    if (reader->problems->count == before)
        check_options(reader, place, kind, options, map);
    *choice = (struct choice){kind, options};
    return reader->problems->count == before;
}
