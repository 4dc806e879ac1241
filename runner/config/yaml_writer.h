#ifndef RUNNER_CONFIG_YAML_WRITER_H
#define RUNNER_CONFIG_YAML_WRITER_H

/* Nodes as YAML 1.2 in block style, for people; lists of scalars in brackets.
 * What is read back is the same, by readers of YAML 1.1 too as far as strings
 * go. */

#include "engine/base/text.h"
#include "runner/config/tree.h"

/* A whole document: a map. */
void yaml_write(const struct node *map, struct text *out);

/* A scalar, or a list of scalars in brackets, on the line that there is. */
void yaml_write_inline(const struct node *node, struct text *out);

#endif
