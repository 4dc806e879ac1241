#ifndef ENGINE_TRAIN_METRIC_PARTS_H
#define ENGINE_TRAIN_METRIC_PARTS_H

/* The metrics of the three tasks and what they share. Each value function is a
 * scikit-learn 1.2 function of the same outputs, named in its file. */

#include "engine/train/metric.h"

/* The sum of `count` numbers, pairwise: halves down to 128 numbers, those in
 * eight interleaved partial sums (numpy's add.reduce over contiguous numbers).
 */
double metric_sum(size_t count, const double *numbers);

/* The mean of one of `columns` columns of numbers [row][column]: rows
 * ascending, each added to the sum so far; pairwise where there is one column
 * (numpy's mean(axis=0)). */
double metric_column_mean(size_t rows, size_t columns, size_t column,
                          const double *numbers);

/* part / whole, and 0 for 0 / 0. */
double metric_share(double part, double whole);

/* 2 precision recall / (precision + recall), 0 where both are. */
double metric_f1(double precision, double recall);

/* All tasks. */
double metric_average_loss(struct outcome *outcome);
double metric_loss(struct outcome *outcome);

void binary_fill(struct outcome *outcome, const struct kernels *kernels);
double binary_accuracy(struct outcome *outcome);
double binary_accuracy_baseline(struct outcome *outcome);
double binary_auc(struct outcome *outcome);
double binary_auc_precision_recall(struct outcome *outcome);
double binary_label_mean(struct outcome *outcome);
double binary_prediction_mean(struct outcome *outcome);
double binary_precision(struct outcome *outcome);
double binary_recall(struct outcome *outcome);
double binary_f1(struct outcome *outcome);
double binary_brier(struct outcome *outcome);

void classes_fill(struct outcome *outcome);
double classes_accuracy(struct outcome *outcome);
double classes_accuracy_baseline(struct outcome *outcome);
double classes_precision(struct outcome *outcome);
double classes_recall(struct outcome *outcome);
double classes_f1(struct outcome *outcome);

void regression_fill(struct outcome *outcome);
double regression_mse(struct outcome *outcome);
double regression_rmse(struct outcome *outcome);
double regression_mae(struct outcome *outcome);
double regression_r2(struct outcome *outcome);
double regression_label_mean(struct outcome *outcome);
double regression_prediction_mean(struct outcome *outcome);

#endif
