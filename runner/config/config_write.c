/* A config as JSON, as YAML, and as the line that its id is made of. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/config/config_document.h"
#include "runner/config/yaml_writer.h"

/* What it means, however it was written: 1E-3, .5, True, relu. */
static void write_scalar(const struct node *node, struct json_writer *writer) {
    static const double EXACT = 9007199254740992.0; /* integers below it */
    const struct scalar scalar = node_scalar(node);
    if (scalar.type == SCALAR_NULL)
        json_null(writer);
    else if (scalar.type == SCALAR_BOOLEAN)
        json_boolean(writer, scalar.boolean);
    else if (scalar.type == SCALAR_STRING)
        json_string(writer, node->text);
    else if (scalar.type == SCALAR_INTEGER && fabs(scalar.number) < EXACT)
        json_integer(writer, (int64_t)scalar.number);
    else
        json_double(writer, scalar.number);
}

void node_write_json(const struct node *node, struct json_writer *writer) {
    if (node->kind == NODE_SCALAR) {
        write_scalar(node, writer);
        return;
    }
    bool is_map = node->kind == NODE_MAP;
    (is_map ? json_begin_object : json_begin_array)(writer);
    for (size_t i = 0; i < node->count; i++) {
        if (is_map)
            json_key(writer, node->members[i].key);
        node_write_json(node->members[i].value, writer);
    }
    (is_map ? json_end_object : json_end_array)(writer);
}

void config_write_json(const struct config *config,
                       struct json_writer *writer) {
    struct config_document document = {.config = config};
    config_document_build(&document);
    node_write_json(document.tree.root, writer);
    tree_release(&document.tree);
}

void config_write_yaml(const struct config *config, struct text *out) {
    struct config_document document = {.config = config};
    config_document_build(&document);
    yaml_write(document.tree.root, out);
    tree_release(&document.tree);
}

static int compare_keys(const void *left, const void *right) {
    const struct member *a = left, *b = right;
    return strcmp(a->key, b->key);
}

static void sort_keys(struct node *node) {
    if (node->kind == NODE_MAP)
        qsort(node->members, node->count, sizeof *node->members, compare_keys);
    for (size_t i = 0; node->kind != NODE_SCALAR && i < node->count; i++)
        sort_keys(node->members[i].value);
}

void config_write_canonical(const struct config *config, int numerics,
                            const struct path_digest *digests, size_t count,
                            struct text *out) {
    struct config_document document = {.config = config,
                                       .canonical = true,
                                       .digests = digests,
                                       .digest_count = count};
    struct json_writer writer = json_writer_new(out, 0);
    config_document_build(&document);
    sort_keys(document.tree.root);
    json_begin_object(&writer);
    json_key(&writer, "config");
    node_write_json(document.tree.root, &writer);
    json_key(&writer, "numerics");
    json_integer(&writer, numerics);
    json_end_object(&writer);
    tree_release(&document.tree);
}
