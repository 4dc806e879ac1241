#ifndef RUNNER_CONFIG_TREE_PATH_H
#define RUNNER_CONFIG_TREE_PATH_H

/* Walking a tree along a dotted path. */

#include "runner/config/tree.h"

/* A path's first segment: its length, and the rest behind the dot, NULL if it
 * is the last. */
size_t path_segment(const char *path, const char **rest);

enum { PATH_NOT_FOUND = -1 };

/* The index of the member that the segment names, a key in a map, a position or
 * an item's `name` in a list, or PATH_NOT_FOUND. */
long path_step(const struct node *node, const char *segment, size_t length);

/* The deepest existing map or list that holds the path's end, and which member
 * of it that is; false if there is none. */
bool path_find(struct node *root, const char *path, struct node **parent,
               size_t *index);

#endif
