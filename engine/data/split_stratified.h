#ifndef ENGINE_DATA_SPLIT_STRATIFIED_H
#define ENGINE_DATA_SPLIT_STRATIFIED_H

/* scikit-learn 1.2's StratifiedShuffleSplit, one split. */

#include <stddef.h>
#include <stdint.h>

#include "engine/base/arena.h"

struct stratified_cut {
    const double *classes;    /* [rows], finite */
    size_t rows, train, test; /* train + test = rows */
    uint32_t seed;
    const char *key; /* the size's, for messages */
};

/* Writes the positions of the training rows, then of the rest, into `order`
 * ([rows]) and how many there are of each: as asked, but where the rounding of
 * a class' share runs over its members, as in scikit-learn, fewer. Errors:
 * STATUS_CONFIG, key "split.stratify" for a class of one member, the size's for
 * a part with fewer rows than there are classes; a failed arena. */
enum status_code split_stratified(const struct stratified_cut *cut,
                                  struct arena *scratch, int64_t *order,
                                  size_t *train, size_t *test,
                                  struct status *status);

#endif
