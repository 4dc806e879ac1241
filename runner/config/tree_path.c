#include "runner/config/tree_path.h"

#include <stdlib.h>
#include <string.h>

#include "engine/io/utf8.h"
#include "runner/config/merge.h"
#include "runner/config/tree_memory.h"

size_t path_segment(const char *path, const char **rest) {
    size_t length = strcspn(path, ".");
    *rest = path[length] ? path + length + 1 : NULL;
    return length;
}

static bool equal(const char *string, const char *segment, size_t length) {
    return strlen(string) == length && memcmp(string, segment, length) == 0;
}

static bool is_position(const char *segment, size_t length) {
    return length > 0 && strspn(segment, "0123456789") >= length;
}

/* More digits than any list has items count as beyond its end. */
static long list_step(const struct node *list, const char *segment,
                      size_t length) {
    if (is_position(segment, length)) {
        unsigned long index = strtoul(segment, NULL, 10);
        return length < 10 && index < list->count ? (long)index
                                                  : PATH_NOT_FOUND;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct node *name = node_member(list->members[i].value, "name");
        if (name && name->kind == NODE_SCALAR &&
            equal(name->text, segment, length))
            return (long)i;
    }
    return PATH_NOT_FOUND;
}

long path_step(const struct node *node, const char *segment, size_t length) {
    if (node->kind == NODE_LIST)
        return list_step(node, segment, length);
    for (size_t i = 0; node->kind == NODE_MAP && i < node->count; i++)
        if (equal(node->members[i].key, segment, length))
            return (long)i;
    return PATH_NOT_FOUND;
}

bool path_find(struct node *root, const char *path, struct node **parent,
               size_t *index) {
    struct node *node = root;
    while (path) {
        const char *segment = path;
        size_t length = path_segment(segment, &path);
        long step = path_step(node, segment, length);
        *parent = node;
        if (step == PATH_NOT_FOUND)
            return false;
        *index = (size_t)step;
        node = node->members[step].value;
    }
    return true;
}

struct node *node_at(struct node *root, const char *path, bool *found) {
    struct node *parent = root;
    size_t index = 0;
    *found = !*path || path_find(root, path, &parent, &index);
    return *found && *path ? parent->members[index].value : parent;
}

/* What tree_set() was asked for, as it goes down. */
struct setting {
    struct tree *tree;
    const char *path; /* whole */
    struct position position;
    struct node *value;
    struct problems *problems;
};

/* Where a segment of the path stands. */
static struct position segment_position(const struct setting *setting,
                                        const char *segment, size_t length) {
    struct position position = setting->position;
    position.column +=
        utf8_count(setting->path, (size_t)(segment - setting->path));
    position.length = utf8_count(segment, length);
    return position;
}

/* The value inside maps for every segment of `path`; NULL for none. */
static struct node *nest(const struct setting *setting, const char *path) {
    if (!path)
        return setting->value;
    const char *rest;
    size_t length = path_segment(path, &rest);
    struct position position = segment_position(setting, path, length);
    struct node *map = tree_new_map(setting->tree, position);
    const char *key = tree_string(setting->tree, path, length);
    tree_add(setting->tree, map, key, position, nest(setting, rest));
    return map;
}

static void complain_of_list(const struct setting *setting,
                             const struct node *list, const char *segment,
                             size_t length) {
    struct position position = segment_position(setting, segment, length);
    int shown = length < 100 ? (int)length : 100;
    int before = (int)(segment - setting->path);
    before = before ? before - 1 : 0;
    if (is_position(segment, length))
        problems_add(setting->problems, position,
                     "position %.*s is outside the list '%.*s' of length %zu; "
                     "positions count from 0, '+' appends",
                     shown, segment, before, setting->path, list->count);
    else
        problems_add(setting->problems, position,
                     "'%.*s' is a list of length %zu: a position from 0 or an "
                     "item's name is expected, not '%.*s'",
                     before, setting->path, list->count, shown, segment);
}

/* A step at a time while the path exists. `place` is the dotted path of `slot`,
 * `path` what is left. The recursion is as deep as the tree. */
static bool set(const struct setting *setting, struct node **slot,
                const char *place, const char *path) {
    struct node *node = *slot;
    if (!path) {
        *slot = merge_nodes(setting->tree, node, setting->value, place);
        return true;
    }
    const char *rest;
    size_t length = path_segment(path, &rest);
    long step = path_step(node, path, length);
    if (node->kind == NODE_LIST && step == PATH_NOT_FOUND) {
        complain_of_list(setting, node, path, length);
        return false;
    }
    if (step == PATH_NOT_FOUND || (!rest && node->kind == NODE_MAP)) {
        *slot = merge_nodes(setting->tree, node, nest(setting, path), place);
        return true;
    }
    char inner[MERGE_PATH_SIZE];
    const char *key = tree_string(setting->tree, path, length);
    merge_join(inner, place, key);
    return set(setting, &node->members[step].value, inner, rest);
}

bool tree_set(struct tree *tree, const char *path, struct position position,
              struct node *value, struct problems *problems) {
    struct setting setting = {tree, path, position, value, problems};
    merge_spell_out(tree, path);
    return set(&setting, &tree->root, "", path);
}
