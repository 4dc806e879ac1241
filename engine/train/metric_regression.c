#include <assert.h>
#include <math.h>

#include "engine/train/metric_parts.h"

void regression_fill(struct outcome *outcome) {
    assert(outcome->units == outcome->targets);
    const struct loss_kind *loss =
        (const struct loss_kind *)outcome->loss->kind;
    size_t targets = outcome->targets;
    for (size_t i = 0; i < outcome->rows * targets; i++)
        outcome->own[i] = dataset_restore_target(outcome->data, i % targets,
                                                 (double)outcome->y[i]);
    outcome->y_own = outcome->own;
    outcome->average_loss =
        loss->average(outcome->loss->options, outcome->rows, outcome->units,
                      outcome->y, outcome->t);
}

static double squared_error(double target, double output) {
    return (target - output) * (target - output);
}

static double absolute_error(double target, double output) {
    return fabs(target - output);
}

/* Leaves every element's error in outcome->terms. */
static void fill_errors(struct outcome *outcome,
                        double (*error)(double, double)) {
    for (size_t i = 0; i < outcome->rows * outcome->targets; i++)
        outcome->terms[i] = error(outcome->t_own[i], outcome->y_own[i]);
}

/* The mean over the columns of their mean errors. */
static double mean_error(struct outcome *outcome,
                         double (*error)(double, double)) {
    fill_errors(outcome, error);
    double sum = 0;
    for (size_t column = 0; column < outcome->targets; column++)
        sum += metric_column_mean(outcome->rows, outcome->targets, column,
                                  outcome->terms);
    return sum / (double)outcome->targets;
}

/* mean_squared_error */
double regression_mse(struct outcome *outcome) {
    return mean_error(outcome, squared_error);
}

double regression_rmse(struct outcome *outcome) {
    return sqrt(regression_mse(outcome));
}

/* mean_absolute_error */
double regression_mae(struct outcome *outcome) {
    return mean_error(outcome, absolute_error);
}

/* A column's variance; its terms take the place of its errors. */
static double variance(struct outcome *outcome, size_t column) {
    double mean = metric_column_mean(outcome->rows, outcome->targets, column,
                                     outcome->t_own);
    for (size_t row = 0; row < outcome->rows; row++) {
        size_t i = row * outcome->targets + column;
        outcome->terms[i] = squared_error(outcome->t_own[i], mean);
    }
    return metric_column_mean(outcome->rows, outcome->targets, column,
                              outcome->terms);
}

/* r2_score: a column that does not vary counts 1 if it is met and else 0. */
double regression_r2(struct outcome *outcome) {
    if (outcome->rows < 2)
        return NAN;
    fill_errors(outcome, squared_error);
    double sum = 0;
    for (size_t column = 0; column < outcome->targets; column++) {
        double error = metric_column_mean(outcome->rows, outcome->targets,
                                          column, outcome->terms);
        double whole = variance(outcome, column);
        sum += error == 0 ? 1 : whole == 0 ? 0 : 1 - error / whole;
    }
    return sum / (double)outcome->targets;
}

static double mean(const struct outcome *outcome, const double *values) {
    size_t count = outcome->rows * outcome->targets;
    return metric_sum(count, values) / (double)count;
}

double regression_label_mean(struct outcome *outcome) {
    return mean(outcome, outcome->t_own);
}

double regression_prediction_mean(struct outcome *outcome) {
    return mean(outcome, outcome->y_own);
}
