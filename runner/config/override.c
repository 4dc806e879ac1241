/* Changes typed on the command line. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "engine/io/utf8.h"
#include "runner/config/axis_check.h"
#include "runner/config/merge.h"
#include "runner/config/text_check.h"
#include "runner/config/tree_memory.h"
#include "runner/config/tree_path.h"
#include "runner/config/yaml_reader.h"

enum { PATH_SEGMENTS_LIMIT = 64 };

enum operation { OPERATION_SET, OPERATION_APPEND, OPERATION_DROP };

/* An argument taken apart. */
struct override {
    struct tree *tree;
    struct problems *problems;
    const struct source *source;
    enum operation operation;
    const char *path;
    struct position position; /* of the path */
    size_t value;             /* offset behind the '=' */
};

/* The position of `length` bytes of the argument. */
static struct position position_of(const struct override *override,
                                   const char *at, size_t length) {
    const struct source *source = override->source;
    struct position position =
        text_position(source, (size_t)(at - source->text));
    size_t characters = utf8_count(at, length);
    position.length = characters ? characters : 1;
    return position;
}

static bool is_path_character(unsigned char byte) {
    return byte > ' ' && byte != 0x7f && !strchr("=[]{}\"'", byte);
}

/* Says what is wrong with a path: an empty segment, a character that no key
 * has, too many segments. */
static const char *judge_path(const char *path, size_t length, size_t *at) {
    size_t segments = 1;
    for (*at = 0; *at < length; (*at)++) {
        bool dot = path[*at] == '.';
        if (dot && (*at == 0 || path[*at - 1] == '.' || *at + 1 == length))
            return "a path is keys with single dots between";
        if (!is_path_character((unsigned char)path[*at]))
            return "a path can't have this character";
        segments += dot;
        if (segments > PATH_SEGMENTS_LIMIT)
            return "a path of more than 64 keys";
    }
    return NULL;
}

static bool check_path(struct override *override, const char *path,
                       size_t length) {
    size_t at;
    if (length == 0) {
        problems_add(override->problems, position_of(override, path, 1),
                     "a path is expected, as in 'train.optimizer.lr=0.1'");
        return false;
    }
    const char *message = judge_path(path, length, &at);
    if (message) {
        problems_add(override->problems, position_of(override, path + at, 1),
                     "%s", message);
        return false;
    }
    override->path = tree_string(override->tree, path, length);
    override->position = position_of(override, path, length);
    if (strcmp(override->path, "extends") == 0) {
        problems_add(override->problems, override->position,
                     "extends: only a file can extend another");
        return false;
    }
    return true;
}

/* Takes the argument apart: its operation, its path, where the value begins. */
static bool parse(struct override *override) {
    const char *text = override->source->text;
    size_t first = *text == '+' || *text == '~';
    override->operation = *text == '+'   ? OPERATION_APPEND
                          : *text == '~' ? OPERATION_DROP
                                         : OPERATION_SET;
    size_t length = strcspn(text + first, "=");
    bool has_value = text[first + length] == '=';
    override->value = first + length + 1;
    if (has_value != (override->operation != OPERATION_DROP)) {
        problems_add(override->problems, position_of(override, text, 1),
                     has_value
                         ? "'~PATH' takes no value"
                         : "PATH=VALUE, +LIST=VALUE or ~PATH is expected");
        return false;
    }
    return check_path(override, text + first, length);
}

/* The value as YAML has it; NULL and a problem if it is no single value. */
static struct node *read_value(const struct override *override) {
    const char *text = override->source->text + override->value;
    size_t at, length;
    const char *message = axis_find(text, &at, &length);
    if (message) {
        problems_add(override->problems,
                     position_of(override, text + at, length), "%s", message);
        return NULL;
    }
    return yaml_read(override->tree, override->source, override->value,
                     override->problems);
}

/* The key of the map, or the name in the list, that the path's missing segment
 * was most likely meant to be, or NULL. */
static const char *nearest(const struct node *parent, const char *segment) {
    if (parent->kind != NODE_MAP)
        return NULL;
    const char **keys = memory_zeroed(parent->count + 1, sizeof *keys);
    for (size_t i = 0; i < parent->count; i++)
        keys[i] = parent->members[i].key;
    const char *found = names_nearest(segment, keys);
    free(keys);
    return found;
}

static void complain_of_missing(const struct override *override,
                                const struct node *parent) {
    const char *last = strrchr(override->path, '.');
    const char *found = nearest(parent, last ? last + 1 : override->path);
    problems_add(override->problems, override->position,
                 "nothing to drop: '%s' is not set%s%s%s", override->path,
                 found ? "; did you mean '" : "", found ? found : "",
                 found ? "'?" : "");
}

static void drop(const struct override *override) {
    struct node *parent;
    size_t index;
    if (path_find(override->tree->root, override->path, &parent, &index))
        node_remove(parent, index);
    else
        complain_of_missing(override, parent);
}

static void append(const struct override *override, struct node *value) {
    struct tree *tree = override->tree;
    bool found;
    struct node *list = node_at(tree->root, override->path, &found);
    bool missing = !found || (list->kind == NODE_SCALAR &&
                              node_scalar(list).type == SCALAR_NULL);
    if (missing) {
        list = tree_new_list(tree, override->position);
        tree_add(tree, list, NULL, value->position, value);
        tree_set(tree, override->path, override->position, list,
                 override->problems);
    } else if (list->kind == NODE_LIST) {
        tree_add(tree, list, NULL, value->position, value);
    } else {
        problems_add(override->problems, override->position,
                     "'%s' is %s; '+' appends to a list", override->path,
                     list->kind == NODE_MAP ? "a map" : "a single value");
    }
}

static void apply(const struct override *override) {
    struct tree *tree = override->tree;
    if (tree->root)
        merge_spell_out(tree, override->path);
    if (override->operation == OPERATION_DROP) {
        if (tree->root)
            drop(override);
        return;
    }
    struct node *value = read_value(override);
    if (!value || !tree->root)
        return;
    if (override->operation == OPERATION_APPEND)
        append(override, value);
    else
        tree_set(tree, override->path, override->position, value,
                 override->problems);
}

void tree_override(struct tree *tree, const char *argument,
                   struct problems *problems) {
    struct override override = {.tree = tree, .problems = problems};
    size_t length = strlen(argument);
    if (length > CONFIG_SIZE_LIMIT) {
        problems_add(problems, (struct position){.source = NULL},
                     "an override of %zu bytes; at most %d are read", length,
                     CONFIG_SIZE_LIMIT);
        return;
    }
    override.source = tree_new_override(tree, argument);
    if (text_check(override.source, problems) && parse(&override))
        apply(&override);
}
