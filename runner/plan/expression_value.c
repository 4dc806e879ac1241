/* Between a config's nodes and an expression's values. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "engine/io/utf8.h"
#include "runner/config/merge.h"
#include "runner/plan/expression.h"

bool expression_is_in(const struct node *node) {
    const char *open = node->kind == NODE_SCALAR && node->quoted
                           ? strstr(node->text, "${")
                           : NULL;
    return open && strchr(open, '}');
}

/* The source's bytes at a position, of which `length` are left in its line. */
static const char *source_at(struct position position, size_t *length) {
    const char *line = source_line(position.source, position.line, length);
    for (size_t column = 1; column < position.column && *length; column++) {
        size_t size = utf8_character(line, *length);
        size = size ? size : 1;
        line += size;
        *length -= size;
    }
    return line;
}

struct position expression_position(const struct node *node,
                                    struct expression_place place) {
    struct position position = node->position;
    if (!position.source)
        return position;
    size_t left, length = strlen(node->text);
    const char *at = source_at(position, &left);
    size_t quote = node->quoted && left > 0;
    if (left < quote + length || memcmp(at + quote, node->text, length) != 0)
        return position;
    position.column += quote + place.column - 1;
    position.length = place.length;
    return position;
}

struct expression_value expression_value_of(const struct node *node) {
    struct expression_value value = {.type = EXPRESSION_OTHER};
    const struct node *type = node_member(node, "type");
    node = type ? type : node;
    if (node->kind != NODE_SCALAR)
        return value;
    static const enum expression_type TYPES[] = {
        [SCALAR_NULL] = EXPRESSION_NULL,
        [SCALAR_BOOLEAN] = EXPRESSION_BOOLEAN,
        [SCALAR_INTEGER] = EXPRESSION_NUMBER,
        [SCALAR_NUMBER] = EXPRESSION_NUMBER,
        [SCALAR_STRING] = EXPRESSION_TEXT,
    };
    struct scalar scalar = node_scalar(node);
    value.type = TYPES[scalar.type];
    value.number =
        scalar.type == SCALAR_BOOLEAN ? scalar.boolean : scalar.number;
    value.text = node->text;
    return value;
}

/* The bare KIND that `path` names the type of, or NULL. */
static struct node *kind_at(struct node *root, const char *path) {
    size_t length = strlen(path), suffix = strlen(".type");
    if (length <= suffix || strcmp(path + length - suffix, ".type") != 0)
        return NULL;
    char *owner = memory_string_of(path, length - suffix);
    bool exists;
    struct node *node = node_at(root, owner, &exists);
    free(owner);
    return exists && merge_is_kind(node) ? node : NULL;
}

bool expression_value_at(struct node *root, const char *path,
                         struct expression_value *value) {
    bool exists;
    struct node *node = node_at(root, path, &exists);
    if (!exists) {
        node = kind_at(root, path);
        if (!node)
            return false;
    }
    *value = expression_value_of(node);
    return true;
}

struct node *expression_node(struct tree *tree,
                             const struct expression_value *value,
                             struct position position) {
    assert(value->type != EXPRESSION_OTHER);
    char text[NUMBER_TEXT_SIZE];
    if (value->type == EXPRESSION_TEXT)
        return tree_new_scalar(tree, value->text, true, position);
    if (value->type == EXPRESSION_NULL)
        return tree_new_scalar(tree, "null", false, position);
    if (value->type == EXPRESSION_BOOLEAN)
        return tree_new_scalar(tree, value->number != 0 ? "true" : "false",
                               false, position);
    double number = value->number;
    if (number == floor(number) && fabs(number) < 9007199254740992.0)
        number_write_integer((int64_t)number, text);
    else
        number_write_double(number, text);
    return tree_new_scalar(tree, text, false, position);
}
