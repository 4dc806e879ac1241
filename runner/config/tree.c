#include "runner/config/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/config/tree_memory.h"

enum { POOL_BLOCK_SIZE = 1 << 14, POOL_ALIGNMENT = 16 };

struct pool_block {
    struct pool_block *next;
    _Alignas(POOL_ALIGNMENT) unsigned char bytes[];
};

void tree_init(struct tree *tree) {
    *tree = (struct tree){.memory = memory_zeroed(1, sizeof *tree->memory)};
}

void tree_release(struct tree *tree) {
    struct pool_block *block = tree->memory ? tree->memory->blocks : NULL;
    while (block) {
        struct pool_block *next = block->next;
        free(block);
        block = next;
    }
    free(tree->memory);
    *tree = (struct tree){0};
}

static struct pool_block *new_block(size_t size) {
    return memory_zeroed(sizeof(struct pool_block) + size, 1);
}

/* A large piece gets a block of its own behind the newest one, whose room stays
 * in use. */
static void *allocate_large(struct tree_memory *memory, size_t size) {
    struct pool_block *block = new_block(size);
    if (memory->blocks) {
        block->next = memory->blocks->next;
        memory->blocks->next = block;
    } else {
        memory->blocks = block;
    }
    return block->bytes;
}

void *tree_allocate(struct tree *tree, size_t size) {
    struct tree_memory *memory = tree->memory;
    size = (size + POOL_ALIGNMENT - 1) / POOL_ALIGNMENT * POOL_ALIGNMENT;
    if (size > POOL_BLOCK_SIZE / 4)
        return allocate_large(memory, size);
    if (size > memory->capacity - memory->used) {
        struct pool_block *block = new_block(POOL_BLOCK_SIZE);
        block->next = memory->blocks;
        memory->blocks = block;
        memory->used = 0;
        memory->capacity = POOL_BLOCK_SIZE;
    }
    void *piece = memory->blocks->bytes + memory->used;
    memory->used += size;
    return piece;
}

char *tree_string(struct tree *tree, const char *bytes, size_t length) {
    char *copy = tree_allocate(tree, length + 1);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

static struct node *new_node(struct tree *tree, enum node_kind kind,
                             struct position position) {
    struct node *node = tree_allocate(tree, sizeof *node);
    node->kind = kind;
    node->position = position;
    return node;
}

struct node *tree_new_scalar(struct tree *tree, const char *text, bool quoted,
                             struct position position) {
    struct node *node = new_node(tree, NODE_SCALAR, position);
    node->text = tree_string(tree, text, strlen(text));
    node->quoted = quoted;
    return node;
}

struct node *tree_new_map(struct tree *tree, struct position position) {
    return new_node(tree, NODE_MAP, position);
}

struct node *tree_new_list(struct tree *tree, struct position position) {
    return new_node(tree, NODE_LIST, position);
}

static void grow(struct tree *tree, struct node *parent) {
    size_t capacity = parent->capacity ? 2 * parent->capacity : 4;
    struct member *members =
        tree_allocate(tree, capacity * sizeof *parent->members);
    if (parent->count)
        memcpy(members, parent->members, parent->count * sizeof *members);
    parent->members = members;
    parent->capacity = capacity;
}

void tree_add(struct tree *tree, struct node *parent, const char *key,
              struct position key_position, struct node *value) {
    assert(parent->kind != NODE_SCALAR);
    assert((key != NULL) == (parent->kind == NODE_MAP));
    if (parent->count == parent->capacity)
        grow(tree, parent);
    parent->members[parent->count++] = (struct member){
        .key = key ? tree_string(tree, key, strlen(key)) : NULL,
        .key_position = key_position,
        .value = value,
    };
}

void node_remove(struct node *parent, size_t index) {
    assert(index < parent->count);
    struct member *member = parent->members + index;
    parent->count--;
    memmove(member, member + 1, (parent->count - index) * sizeof *member);
}

/* As deep as what was read and what overrides added to it. */
struct node *tree_copy(struct tree *tree, const struct node *node) {
    if (node->kind == NODE_SCALAR)
        return tree_new_scalar(tree, node->text, node->quoted, node->position);
    struct node *copy = new_node(tree, node->kind, node->position);
    for (size_t i = 0; i < node->count; i++) {
        const struct member *member = &node->members[i];
        tree_add(tree, copy, member->key, member->key_position,
                 tree_copy(tree, member->value));
    }
    return copy;
}

struct member *node_find(const struct node *map, const char *key) {
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->members[i].key, key) == 0)
            return &map->members[i];
    return NULL;
}

struct node *node_member(const struct node *map, const char *key) {
    struct member *member = node_find(map, key);
    return member ? member->value : NULL;
}
