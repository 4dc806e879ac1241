#include "runner/config/merge.h"

#include <stdio.h>
#include <string.h>

static const char PREPROCESS[] = "data.preprocess";

/* Keys of which a map holds one: setting one drops the other. */
static const struct rival_row {
    const char *path, *key, *rival;
} RIVALS[] = {
    {"train", "steps", "epochs"},
    {"train", "epochs", "steps"},
};

bool merge_is_kind(const struct node *node) {
    return node->kind == NODE_SCALAR && node_scalar(node).type == SCALAR_STRING;
}

void merge_join(char path[MERGE_PATH_SIZE], const char *parent,
                const char *key) {
    snprintf(path, MERGE_PATH_SIZE, "%s%s%s", parent, *parent ? "." : "", key);
}

static bool is_null(const struct node *node) {
    return node->kind == NODE_SCALAR && node_scalar(node).type == SCALAR_NULL;
}

static bool from_override(struct position position) {
    return position.source && position.source->is_override;
}

/* A map with `value` under `key` in place of it. */
static struct node *wrap(struct tree *tree, const char *key,
                         struct node *value) {
    struct node *map = tree_new_map(tree, value->position);
    tree_add(tree, map, key, value->position, value);
    return map;
}

/* What lies below as the map that it is short for, or as it is. */
static struct node *as_map(struct tree *tree, struct node *base,
                           const char *path) {
    if (merge_is_kind(base))
        return wrap(tree, "type", base);
    if (base->kind == NODE_LIST && strcmp(path, PREPROCESS) == 0)
        return wrap(tree, "features", base);
    return base;
}

static bool names_other_type(const struct node *base, const struct node *over) {
    const struct node *below = node_member(base, "type");
    const struct node *above = node_member(over, "type");
    if (!below || !above)
        return false;
    if (below->kind != NODE_SCALAR || above->kind != NODE_SCALAR)
        return true;
    return strcmp(below->text, above->text) != 0;
}

static void drop_rival(struct node *base, const struct member *member,
                       const char *path) {
    for (size_t i = 0; i < sizeof RIVALS / sizeof RIVALS[0]; i++) {
        const struct rival_row *row = &RIVALS[i];
        if (strcmp(row->path, path) != 0 || is_null(member->value) ||
            strcmp(row->key, member->key) != 0)
            continue;
        struct member *rival = node_find(base, row->rival);
        if (rival)
            node_remove(base, (size_t)(rival - base->members));
    }
}

static void merge_member(struct tree *tree, struct node *base,
                         const struct member *over, const char *path) {
    struct member *below = node_find(base, over->key);
    if (!below) {
        tree_add(tree, base, over->key, over->key_position, over->value);
        return;
    }
    char inner[MERGE_PATH_SIZE];
    merge_join(inner, path, over->key);
    struct node *before = below->value;
    below->value = merge_nodes(tree, before, over->value, inner);
    if (below->value != before || !from_override(over->key_position))
        below->key_position = over->key_position;
}

static struct node *merge_maps(struct tree *tree, struct node *base,
                               struct node *over, const char *path) {
    /* Rivals go first: a map above may set both, and that is an error. */
    for (size_t i = 0; i < over->count; i++)
        drop_rival(base, &over->members[i], path);
    for (size_t i = 0; i < over->count; i++)
        merge_member(tree, base, &over->members[i], path);
    if (!from_override(over->position))
        base->position = over->position;
    return base;
}

struct node *merge_nodes(struct tree *tree, struct node *base,
                         struct node *over, const char *path) {
    if (over->kind == NODE_MAP) {
        base = as_map(tree, base, path);
        if (base->kind != NODE_MAP || names_other_type(base, over))
            return over;
        return merge_maps(tree, base, over, path);
    }
    if (merge_is_kind(over) && base->kind == NODE_MAP) {
        const struct node *type = node_member(base, "type");
        if (type && type->kind == NODE_SCALAR &&
            strcmp(type->text, over->text) == 0)
            return base;
    }
    return over;
}

void merge_spell_out(struct tree *tree, const char *path) {
    size_t length = strlen(PREPROCESS);
    bool inside = strncmp(path, PREPROCESS, length) == 0 &&
                  path[length] == '.' &&
                  !strchr("0123456789", path[length + 1]);
    struct member *member = node_find(node_member(tree->root, "data"),
                                      strrchr(PREPROCESS, '.') + 1);
    if (inside && member && member->value->kind == NODE_LIST)
        member->value = as_map(tree, member->value, PREPROCESS);
}
