#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/train/metric_parts.h"

enum {
    ACCURACY,
    ACCURACY_BASELINE,
    AUC,
    AUC_PRECISION_RECALL,
    AVERAGE_LOSS,
    LABEL_MEAN,
    LOSS,
    PRECISION,
    PREDICTION_MEAN,
    RECALL,
    F1,
    BRIER,
    MSE,
    RMSE,
    MAE,
    R2,
    METRIC_COUNT
};
_Static_assert((int)METRIC_COUNT <= (int)METRIC_LIMIT, "METRIC_LIMIT");

#define BINARY(function) [TASK_BINARY] = (function)
#define CLASSES(function) [TASK_CLASSES] = (function)
#define REGRESSION(function) [TASK_REGRESSION] = (function)

const struct metric_kind METRICS[] = {
    [ACCURACY] = {.name = "accuracy",
                  .help = "share of rows whose prediction is their label",
                  .higher_is_better = true,
                  .value = {BINARY(binary_accuracy),
                            CLASSES(classes_accuracy)}},
    [ACCURACY_BASELINE] = {.name = "accuracy_baseline",
                           .help = "share of the most frequent label",
                           .is_of_labels = true,
                           .value = {BINARY(binary_accuracy_baseline),
                                     CLASSES(classes_accuracy_baseline)}},
    [AUC] = {.name = "auc",
             .help = "area under the ROC curve",
             .higher_is_better = true,
             .value = {BINARY(binary_auc)}},
    [AUC_PRECISION_RECALL] = {.name = "auc_precision_recall",
                              .help = "average precision",
                              .higher_is_better = true,
                              .value = {BINARY(binary_auc_precision_recall)}},
    [AVERAGE_LOSS] = {.name = "average_loss",
                      .help = "mean loss of a row (binary: cross-entropy)",
                      .value = {metric_average_loss, metric_average_loss,
                                metric_average_loss}},
    [LABEL_MEAN] = {.name = "label/mean",
                    .help = "mean target",
                    .is_of_labels = true,
                    .value = {BINARY(binary_label_mean),
                              REGRESSION(regression_label_mean)}},
    [LOSS] = {.name = "loss",
              .help = "average_loss x rows",
              .value = {metric_loss, metric_loss, metric_loss}},
    [PRECISION] = {.name = "precision",
                   .help = "hits of what was predicted (classes: macro)",
                   .higher_is_better = true,
                   .value = {BINARY(binary_precision),
                             CLASSES(classes_precision)}},
    [PREDICTION_MEAN] = {.name = "prediction/mean",
                         .help = "mean output (binary: probability)",
                         .value = {BINARY(binary_prediction_mean),
                                   REGRESSION(regression_prediction_mean)}},
    [RECALL] = {.name = "recall",
                .help = "hits of what was there (classes: macro)",
                .higher_is_better = true,
                .value = {BINARY(binary_recall), CLASSES(classes_recall)}},
    [F1] = {.name = "f1",
            .help = "harmonic mean of precision and recall (classes: macro)",
            .higher_is_better = true,
            .value = {BINARY(binary_f1), CLASSES(classes_f1)}},
    [BRIER] = {.name = "brier",
               .help = "mean squared error of the probability",
               .value = {BINARY(binary_brier)}},
    [MSE] = {.name = "mse",
             .help = "mean squared error, in the targets' own units",
             .value = {REGRESSION(regression_mse)}},
    [RMSE] = {.name = "rmse",
              .help = "root of mse",
              .value = {REGRESSION(regression_rmse)}},
    [MAE] = {.name = "mae",
             .help = "mean absolute error, in the targets' own units",
             .value = {REGRESSION(regression_mae)}},
    [R2] = {.name = "r2",
            .help = "share of the targets' variance that is explained",
            .higher_is_better = true,
            .value = {REGRESSION(regression_r2)}},
    [METRIC_COUNT] = {.name = NULL},
};

#define LIST(name, ...)                                                        \
    static const struct metric_kind *const name[] = {__VA_ARGS__, NULL}
LIST(BINARY_METRICS, &METRICS[ACCURACY], &METRICS[ACCURACY_BASELINE],
     &METRICS[AUC], &METRICS[AUC_PRECISION_RECALL], &METRICS[AVERAGE_LOSS],
     &METRICS[LABEL_MEAN], &METRICS[LOSS], &METRICS[PRECISION],
     &METRICS[PREDICTION_MEAN], &METRICS[RECALL], &METRICS[F1],
     &METRICS[BRIER]);
LIST(CLASSES_METRICS, &METRICS[AVERAGE_LOSS], &METRICS[LOSS],
     &METRICS[ACCURACY], &METRICS[ACCURACY_BASELINE], &METRICS[PRECISION],
     &METRICS[RECALL], &METRICS[F1]);
LIST(REGRESSION_METRICS, &METRICS[AVERAGE_LOSS], &METRICS[LOSS], &METRICS[MSE],
     &METRICS[RMSE], &METRICS[MAE], &METRICS[R2], &METRICS[LABEL_MEAN],
     &METRICS[PREDICTION_MEAN]);

const struct metric_kind *const *const METRICS_OF_TASK[METRIC_TASKS] = {
    [TASK_BINARY] = BINARY_METRICS,
    [TASK_CLASSES] = CLASSES_METRICS,
    [TASK_REGRESSION] = REGRESSION_METRICS,
};

const struct metric_kind *metric_find(const char *name) {
    for (const struct metric_kind *metric = METRICS; metric->name; metric++)
        if (strcmp(metric->name, name) == 0)
            return metric;
    return NULL;
}

size_t metric_index(const struct metric_kind *metric) {
    return (size_t)(metric - METRICS);
}

bool metric_has_task(const struct metric_kind *metric, enum task task) {
    return metric->value[task] != NULL;
}

double metric_value(const struct metric_kind *metric, struct outcome *outcome) {
    assert(metric_has_task(metric, outcome->task));
    if (outcome->has_nan && !metric->is_of_labels)
        return NAN;
    return metric->value[outcome->task](outcome);
}
