#include <string.h>

#include "engine/train/metric_parts.h"

/* The first of the largest. */
static size_t predicted_class(size_t units, const float *y) {
    size_t largest = 0;
    for (size_t unit = 1; unit < units; unit++)
        if (y[unit] > y[largest])
            largest = unit;
    return largest;
}

/* A label without an output (cross_entropy's ignore_index may be one) is never
 * predicted. */
static size_t label_class(size_t units, float label) {
    return label >= 0 && label < (float)units ? (size_t)label : units;
}

void classes_fill(struct outcome *outcome) {
    const struct loss_kind *loss =
        (const struct loss_kind *)outcome->loss->kind;
    size_t classes = outcome->classes, *labels = outcome->tallies;
    size_t *predictions = labels + classes, *hits = predictions + classes;
    memset(labels, 0, 3 * classes * sizeof *labels);
    for (size_t row = 0; row < outcome->rows; row++) {
        size_t label = label_class(outcome->units, outcome->t[row]);
        size_t prediction =
            predicted_class(outcome->units, outcome->y + row * outcome->units);
        labels[label]++;
        predictions[prediction]++;
        hits[label] += label == prediction;
    }
    outcome->labels = labels;
    outcome->predictions = predictions;
    outcome->hits = hits;
    outcome->average_loss =
        loss->average(outcome->loss->options, outcome->rows, outcome->units,
                      outcome->y, outcome->t);
}

/* accuracy_score */
double classes_accuracy(struct outcome *outcome) {
    size_t hits = 0;
    for (size_t i = 0; i < outcome->classes; i++)
        hits += outcome->hits[i];
    return (double)hits / (double)outcome->rows;
}

double classes_accuracy_baseline(struct outcome *outcome) {
    size_t most = 0;
    for (size_t i = 0; i < outcome->classes; i++)
        most = outcome->labels[i] > most ? outcome->labels[i] : most;
    return (double)most / (double)outcome->rows;
}

static double precision_of(const struct outcome *outcome, size_t i) {
    return metric_share((double)outcome->hits[i],
                        (double)outcome->predictions[i]);
}

static double recall_of(const struct outcome *outcome, size_t i) {
    return metric_share((double)outcome->hits[i], (double)outcome->labels[i]);
}

static double f1_of(const struct outcome *outcome, size_t i) {
    return metric_f1(precision_of(outcome, i), recall_of(outcome, i));
}

/* The mean over the classes among the labels or the predictions. */
static double macro(const struct outcome *outcome,
                    double (*value)(const struct outcome *, size_t)) {
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < outcome->classes; i++)
        if (outcome->labels[i] || outcome->predictions[i]) {
            sum += value(outcome, i);
            count++;
        }
    return sum / (double)count;
}

/* precision_score, average "macro"; and so on. */
double classes_precision(struct outcome *outcome) {
    return macro(outcome, precision_of);
}

double classes_recall(struct outcome *outcome) {
    return macro(outcome, recall_of);
}

double classes_f1(struct outcome *outcome) {
    return macro(outcome, f1_of);
}
