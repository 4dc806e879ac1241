#ifndef RUNNER_CONFIG_DOCUMENT_H
#define RUNNER_CONFIG_DOCUMENT_H

/* What must hold of a document once YAML has been read. */

#include "runner/config/tree.h"

/* Drops all but the first of equal keys, each with a problem. */
void document_drop_duplicates(struct node *map, struct problems *problems);

/* False, and a problem, if a config's root is no map; `root` is NULL where
 * there was no node at all. */
bool document_check_root(const struct source *source, const struct node *root,
                         struct problems *problems);

/* False, and a problem, if anything but blanks and comments follows the
 * document that ends at the offset. libyaml isn't asked, since the directives
 * of a second document could cost it seconds. */
bool document_check_rest(const struct source *source, size_t offset,
                         struct problems *problems);

#endif
