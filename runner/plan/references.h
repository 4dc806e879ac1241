#ifndef RUNNER_PLAN_REFERENCES_H
#define RUNNER_PLAN_REFERENCES_H

/* Values of one run's config that are computed from others: quoted scalars with
 * ${PATH} in them, and the condition `sweep.where`. */

#include "runner/plan/expression.h"

/* The value of a path that is not written in the tree (a default); false if the
 * path has none. */
typedef bool reference_default(void *data, const char *path,
                               struct expression_value *value);

/* Puts its value in the place of every expression in the tree, each after
 * those that it refers to; the nodes stay and keep their positions. What can't
 * be parsed or evaluated, paths that are not set and values that depend on
 * themselves are problems; their nodes are left as they are. `defaults` may be
 * NULL. A key `sweep` at the top is left alone. */
void references_resolve(struct tree *tree, reference_default *defaults,
                        void *data, struct problems *problems);

/* Whether the condition holds in a resolved tree. False, too, where it can't be
 * told, which is a problem at its node, under `name` ("sweep.where"). */
bool references_hold(struct node *root, const char *name,
                     const struct expression *condition,
                     const struct node *node, reference_default *defaults,
                     void *data, struct problems *problems);

#endif
