#ifndef ENGINE_DATA_SPLIT_H
#define ENGINE_DATA_SPLIT_H

/* Cutting rows into parts: scikit-learn 1.2's train_test_split, row for row
 * (sklearn/model_selection/_split.py), the validation part cut second, from the
 * training rows, by a fresh RandomState of the same seed.
 *
 * A count is taken as it is, a fraction as ceil(fraction * rows); the training
 * part is the rest. Without `shuffle` the rows cut off are the last ones.
 */

#include "engine/data/dataset.h"

/* Whether `rows` rows can be cut so. Errors: STATUS_CONFIG with the key at
 * fault, "split.test_size", "split.validation_size" or "split.stratify". */
enum status_code split_check(const struct split_options *options, size_t rows,
                             struct status *status);

/* Cuts the rows 0 … rows - 1. `classes` ([row], finite) is what `stratify` goes
 * by, and may be NULL without it. The parts' rows are of the arena `lasting`.
 * Errors as split_check(), a class of one member, fewer rows in a part than
 * classes; STATUS_OUTPUT if an arena has failed. */
enum status_code split_rows(const struct split_options *options, size_t rows,
                            const double *classes, struct arena *lasting,
                            struct arena *scratch, struct data_part part[PARTS],
                            struct status *status);

#endif
