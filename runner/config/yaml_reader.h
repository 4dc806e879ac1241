#ifndef RUNNER_CONFIG_YAML_READER_H
#define RUNNER_CONFIG_YAML_READER_H

/* One YAML document as nodes, within limits: 64 levels, 100,000 nodes in a
 * tree, 4,096 keys in a map, 64 KiB in a scalar. Anchors, aliases, merge keys,
 * tags, duplicate keys, a second document are problems. */

#include "runner/config/tree.h"

/* Files larger than this are not read. */
enum { CONFIG_SIZE_LIMIT = 1 << 20 };

/* Reads the text from byte `start` on. A config's document must be a map; an
 * override's value may be anything, nothing being null. NULL, and a problem, if
 * it can't be read or means what nobody knows (an alias). */
struct node *yaml_read(struct tree *tree, const struct source *source,
                       size_t start, struct problems *problems);

#endif
