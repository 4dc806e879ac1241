#ifndef ENGINE_DATA_SCALER_H
#define ENGINE_DATA_SCALER_H

/* Scalers: columns moved and stretched in binary64 by numbers that were fitted
 * on the training rows, as in scikit-learn 1.2 (sklearn/preprocessing/_data.py,
 * its rules for constant columns included): the same operations in the same
 * order, so the same bits. That holds for sums too, whose order in numpy
 * follows from how the training rows lie in memory: scaler_sum().
 */

#include "engine/data/dataset.h"

enum { SCALER_NUMBERS_MOST = 4 };

struct scaler_kind {
    struct kind kind;
    size_t numbers;
    const char *const *names; /* [numbers], scikit-learn's */
    /* Fits one column on the `count` (at least 1) values of its training rows,
     * which it may change. `is_alone`: the table has no other column. */
    void (*fit)(const void *options, double *values, size_t count,
                bool is_alone, double numbers[]);
    double (*apply)(const double numbers[], double value);
    double (*restore)(const double numbers[], double value);
};

extern const struct scaler_kind SCALER_STANDARD, SCALER_MIN_MAX;

/* numpy.sum(table, axis=0) of a table in row order, for one column of it: row
 * after row. A table of one column is summed in buffers of 8192 rows, each
 * pairwise: in halves down to blocks of 128, those by eight interleaved partial
 * sums (numpy/core/src/umath/loops_utils.h.src). */
double scaler_sum(const double *values, size_t count, bool is_alone);

/* Fits the scalers one after another on the rows of `train`, each on what those
 * before it made of `values` ([column][row], changed in place), and gives what
 * they fitted; NULL if an arena failed. */
const struct fitted_scaler *
scalers_fit(const struct choice *choices, size_t count, size_t columns,
            size_t rows, const struct data_part *train, double *values,
            struct arena *lasting, struct arena *scratch);

/* Undoes the scalers on a value of a column, last first. */
double scalers_restore(const struct fitted_scaler *scalers, size_t count,
                       size_t column, double value);

#endif
