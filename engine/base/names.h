#ifndef ENGINE_BASE_NAMES_H
#define ENGINE_BASE_NAMES_H

/* "Did you mean": the nearest known name. */

#include <stddef.h>

/* The candidate (NULL-terminated list) that `name` was most likely meant to be,
 * or NULL if none is near. Near is: the same thing in another library
 * ("learning_rate" for lr, "hidden_units" for out_features, "SGD", "ReLU",
 * "BCEWithLogitsLoss" …), an edit distance (with transpositions, case and '-'
 * against '_' free) of at most a third of the longer name, or one of at most a
 * quarter to another library's word ("learning_rte" for lr). */
const char *names_nearest(const char *name, const char *const *candidates);

#endif
