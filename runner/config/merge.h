#ifndef RUNNER_CONFIG_MERGE_H
#define RUNNER_CONFIG_MERGE_H

/* One config over another: maps merge, lists and scalars replace.
 *
 * A map that names another `type` than the one below replaces it whole. A bare
 * KIND counts as {type: KIND} on either side, and the list of data.preprocess
 * as {features: LIST} under a map. In train, `steps` and `epochs` replace each
 * other. Keys keep the order of the config below, new ones follow.
 */

#include "runner/config/tree.h"

/* `over` merged over `base`, both of the tree; either may become part of the
 * result and is changed. `path` is the dotted path of both ("" for the root).
 * Positions are those of the text that set a value; of merged maps those of
 * `over`, unless that is an override. */
struct node *merge_nodes(struct tree *tree, struct node *base,
                         struct node *over, const char *path);

/* A bare KIND, which may stand for {type: KIND}. */
bool merge_is_kind(const struct node *node);

/* Makes {features: LIST} of the bare list of data.preprocess where `path` leads
 * to a key inside it. */
void merge_spell_out(struct tree *tree, const char *path);

/* The path of a member. Cut where it is longer than that, which no path with
 * a meaning of its own is. */
enum { MERGE_PATH_SIZE = 64 };
void merge_join(char path[MERGE_PATH_SIZE], const char *parent,
                const char *key);

#endif
