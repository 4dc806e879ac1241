/* Fuzzing the reading of configs: any bytes as a config, and as an override of
 * a small one. With clang: -fsanitize=fuzzer,address and the runner's sources;
 * without, fuzz_corpus.c calls it on files. */

/* The checks here are asserts, whatever the build. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/config/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char SMALL[] =
    "data: {source: make_moons, preprocess: [standard_scaler]}\n"
    "model:\n  layers:\n    - {type: linear, out_features: 4, name: first}\n"
    "    - relu\n"
    "train: {optimizer: {type: sgd, lr: 0.1}, steps: 10}\n";

/* What is printed must be text on lines, whatever was read. */
static void check_print(struct problems *problems) {
    struct text text = TEXT_INIT, json = TEXT_INIT;
    problems_print(problems, &text);
    problems_print_json(problems, &json);
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        assert((byte >= ' ' && byte != 0x7f) || byte == '\n' || byte == '\t');
    }
    assert(json.length >= 2 && json.bytes[json.length - 1] == ']');
    text_release(&text);
    text_release(&json);
}

/* Every scalar has a meaning, every node a place and a copy. */
static void check_node(const struct node *node) {
    assert(node->position.source && node->position.line > 0);
    assert(node->position.column > 0 && node->position.length > 0);
    if (node->kind == NODE_SCALAR)
        (void)node_scalar(node);
    for (size_t i = 0; i < node->count; i++) {
        assert((node->members[i].key != NULL) == (node->kind == NODE_MAP));
        check_node(node->members[i].value);
    }
}

static void check_tree(struct tree *tree, struct problems *problems) {
    assert(tree->root || problems->count > 0);
    if (tree->root) {
        check_node(tree->root);
        struct tree copy;
        tree_init(&copy);
        copy.root = tree_copy(&copy, tree->root);
        check_node(copy.root);
        tree_release(&copy);
    }
    tree_release(tree);
    check_print(problems);
    problems_release(problems);
}

static void try_config(const char *bytes, size_t size) {
    struct problems problems = {0};
    struct tree tree;
    tree_read_text(&tree, "fuzz.yaml", bytes, size, &problems);
    check_tree(&tree, &problems);
}

/* A line is an override; they are applied one after the other. */
static void try_overrides(const char *bytes, size_t size) {
    struct problems problems = {0};
    struct tree tree;
    tree_read_text(&tree, "small.yaml", SMALL, strlen(SMALL), &problems);
    assert(tree.root && problems.count == 0);
    char *copy = memory_string_of(bytes, size), *rest = copy;
    for (int i = 0; i < 16 && rest; i++)
        tree_override(&tree, strsep(&rest, "\n"), &problems);
    free(copy);
    check_tree(&tree, &problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try_config((const char *)data, size);
    try_overrides((const char *)data, size);
    return 0;
}
