#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/train/metric_parts.h"

/* ---- filling ---- */

/* The probabilities' float32 sigmoid is the engine's own kernel, so that their
 * bits are those of a last layer `sigmoid`. */
static const float *probabilities(struct outcome *outcome,
                                  const struct kernels *kernels) {
    const struct loss_kind *loss =
        (const struct loss_kind *)outcome->loss->kind;
    if (loss->required_range == RANGE_PROBABILITY)
        return outcome->y;
    struct cells cells = {
        .rows = outcome->rows,
        .lanes = 1,
        .stride = kernels_stride(outcome->rows, 1, kernels->width),
    };
    memcpy(outcome->logits, outcome->y, outcome->rows * sizeof *outcome->y);
    kernels->activation[ACTIVATION_sigmoid].forward(
        1, cells, NULL, outcome->logits, outcome->sigmoids);
    return outcome->sigmoids;
}

static bool is_positive(const struct outcome *outcome, size_t row) {
    return outcome->t[row] == 1;
}

/* The mean cross-entropy with probabilities clipped so that a certain wrong
 * answer costs 16.1 and not infinity. */
static double cross_entropy(struct outcome *outcome,
                            const struct kernels *kernels) {
    const double least = 1e-7, most = 1 - 1e-7;
    for (size_t row = 0; row < outcome->rows; row++) {
        double probability = (double)outcome->probability[row];
        probability = probability < least  ? least
                      : probability > most ? most
                                           : probability;
        outcome->terms[row] =
            is_positive(outcome, row) ? probability : 1 - probability;
    }
    kernels->double_logs(outcome->rows, outcome->terms, outcome->terms);
    return -metric_sum(outcome->rows, outcome->terms) / (double)outcome->rows;
}

void binary_fill(struct outcome *outcome, const struct kernels *kernels) {
    assert(outcome->units == 1 && outcome->targets == 1);
    outcome->probability = probabilities(outcome, kernels);
    outcome->keys_are_sorted = false;
    memset(outcome->count, 0, sizeof outcome->count);
    for (size_t row = 0; row < outcome->rows; row++)
        outcome->count[is_positive(outcome, row)]
                      [outcome->probability[row] >= 0.5f]++;
    outcome->average_loss = cross_entropy(outcome, kernels);
}

/* ---- of counts ---- */

static double positives(const struct outcome *outcome) {
    return (double)(outcome->count[1][0] + outcome->count[1][1]);
}

/* accuracy_score */
double binary_accuracy(struct outcome *outcome) {
    return (double)(outcome->count[0][0] + outcome->count[1][1]) /
           (double)outcome->rows;
}

double binary_accuracy_baseline(struct outcome *outcome) {
    double share = binary_label_mean(outcome);
    return share > 1 - share ? share : 1 - share;
}

double binary_label_mean(struct outcome *outcome) {
    return positives(outcome) / (double)outcome->rows;
}

/* precision_score */
double binary_precision(struct outcome *outcome) {
    double hits = (double)outcome->count[1][1];
    return metric_share(hits, hits + (double)outcome->count[0][1]);
}

/* recall_score */
double binary_recall(struct outcome *outcome) {
    return metric_share((double)outcome->count[1][1], positives(outcome));
}

/* f1_score */
double binary_f1(struct outcome *outcome) {
    return metric_f1(binary_precision(outcome), binary_recall(outcome));
}

/* ---- of probabilities ---- */

double binary_prediction_mean(struct outcome *outcome) {
    for (size_t row = 0; row < outcome->rows; row++)
        outcome->terms[row] = (double)outcome->probability[row];
    return metric_sum(outcome->rows, outcome->terms) / (double)outcome->rows;
}

/* brier_score_loss */
double binary_brier(struct outcome *outcome) {
    for (size_t row = 0; row < outcome->rows; row++) {
        double error =
            (double)outcome->probability[row] - (double)outcome->t[row];
        outcome->terms[row] = error * error;
    }
    return metric_sum(outcome->rows, outcome->terms) / (double)outcome->rows;
}

/* ---- of the order of probabilities ---- */

/* A row's key: its probability's bits, which order numbers in [0, 1] as the
 * numbers do and leave the highest bit free, then its label. */
static uint32_t key_of(const struct outcome *outcome, size_t row) {
    float probability = outcome->probability[row] + 0.0f; /* no -0 */
    assert(probability >= 0 && probability <= 1);
    uint32_t bits;
    memcpy(&bits, &probability, sizeof bits);
    return bits << 1 | is_positive(outcome, row);
}

enum { DIGIT_BITS = 8, DIGITS = 4, DIGIT_VALUES = 1 << DIGIT_BITS };

static size_t digit_of(uint32_t key, int digit) {
    return key >> (digit * DIGIT_BITS) & (DIGIT_VALUES - 1);
}

/* Moves the keys to `spare` in the order of one digit, equal ones as they
 * stand; false if all have the same digit and nothing was moved. */
static bool sort_by_digit(size_t count, int digit, const uint32_t *keys,
                          const size_t *tally, uint32_t *spare) {
    if (tally[digit_of(keys[0], digit)] == count)
        return false;
    size_t place[DIGIT_VALUES], sum = 0;
    for (size_t value = 0; value < DIGIT_VALUES; value++) {
        place[value] = sum;
        sum += tally[value];
    }
    for (size_t i = 0; i < count; i++)
        spare[place[digit_of(keys[i], digit)]++] = keys[i];
    return true;
}

/* Ascending keys, made once for both areas. */
static const uint32_t *sorted_keys(struct outcome *outcome) {
    if (outcome->keys_are_sorted)
        return outcome->keys;
    size_t tally[DIGITS][DIGIT_VALUES] = {{0}};
    for (size_t row = 0; row < outcome->rows; row++) {
        uint32_t key = outcome->keys[row] = key_of(outcome, row);
        for (int digit = 0; digit < DIGITS; digit++)
            tally[digit][digit_of(key, digit)]++;
    }
    for (int digit = 0; digit < DIGITS; digit++)
        if (sort_by_digit(outcome->rows, digit, outcome->keys, tally[digit],
                          outcome->spare)) {
            uint32_t *swap = outcome->keys;
            outcome->keys = outcome->spare;
            outcome->spare = swap;
        }
    outcome->keys_are_sorted = true;
    return outcome->keys;
}

/* Rows of one probability. */
struct ties {
    size_t rows[2]; /* by label */
};

/* Takes the group of the highest probability from the end of ascending keys;
 * `*left` keys remain. */
static struct ties take_ties(const uint32_t *keys, size_t *left) {
    struct ties ties = {{0, 0}};
    uint32_t bits = keys[*left - 1] >> 1;
    while (*left && keys[*left - 1] >> 1 == bits)
        ties.rows[keys[--*left] & 1]++;
    return ties;
}

static bool has_both_labels(const struct outcome *outcome) {
    double count = positives(outcome);
    return count > 0 && count < (double)outcome->rows;
}

/* roc_auc_score: the share of pairs of a positive and a negative row in which
 * the positive has the higher probability, ties counting half. */
double binary_auc(struct outcome *outcome) {
    if (!has_both_labels(outcome))
        return NAN;
    const uint32_t *keys = sorted_keys(outcome);
    uint64_t above = 0, half_pairs = 0;
    for (size_t left = outcome->rows; left;) {
        struct ties ties = take_ties(keys, &left);
        half_pairs += ties.rows[0] * (2 * above + ties.rows[1]);
        above += ties.rows[1];
    }
    uint64_t negatives = outcome->rows - above;
    return (double)half_pairs / (2 * (double)above * (double)negatives);
}

/* average_precision_score: the precision at every threshold, weighted with the
 * recall that it adds. */
double binary_auc_precision_recall(struct outcome *outcome) {
    if (!has_both_labels(outcome))
        return NAN;
    const uint32_t *keys = sorted_keys(outcome);
    size_t thresholds = 0, hits = 0;
    for (size_t left = outcome->rows; left;) {
        struct ties ties = take_ties(keys, &left);
        hits += ties.rows[1];
        double precision = (double)hits / (double)(outcome->rows - left);
        outcome->terms[thresholds++] = (double)ties.rows[1] * precision;
    }
    return metric_sum(thresholds, outcome->terms) / positives(outcome);
}
