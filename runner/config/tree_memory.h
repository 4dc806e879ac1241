#ifndef RUNNER_CONFIG_TREE_MEMORY_H
#define RUNNER_CONFIG_TREE_MEMORY_H

/* What the files that build trees share: the pool behind a tree, and the
 * sources in it. */

#include "runner/config/tree.h"

struct pool_block;

struct tree_memory {
    struct pool_block *blocks; /* newest first */
    size_t used, capacity;     /* of the newest block */
    size_t sources;
    size_t nodes_read; /* out of texts, all files together: has a limit */
};

/* Zeroed, and freed with the tree. */
void *tree_allocate(struct tree *tree, size_t size);
char *tree_string(struct tree *tree, const char *bytes, size_t length);

/* A source with a copy of these bytes; a byte order mark is left out. The
 * folder is that of `name`. */
struct source *tree_new_source(struct tree *tree, const char *name,
                               const char *bytes, size_t length);
struct source *tree_new_override(struct tree *tree, const char *argument);

#endif
