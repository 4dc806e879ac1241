#include "engine/train/history.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- divergence ---- */

enum divergent { DIVERGENT_LOSS, DIVERGENT_WEIGHT };

static const char *not_finite(enum divergent what, float value) {
    static const char *const texts[][3] = {
        {"loss is nan", "loss is inf", "loss is -inf"},
        {"weight is nan", "weight is inf", "weight is -inf"},
    };
    return texts[what][isnan(value) ? 0 : value > 0 ? 1 : 2];
}

/* A layer's name, or its position and kind; "loss" behind the last. */
static const char *layer_label(struct trainee *trainee, size_t index) {
    const struct network *network = trainee->run->network;
    if (index == network->layer_count)
        return "loss";
    const struct network_layer *layer = &network->layers[index];
    const char *word = layer->name ? layer->name : layer->kind->kind.name;
    size_t size = strlen(word) + strlen(layer->path) + 8;
    char *label = arena_zeroed(&trainee->measurement->arena, size, 1);
    if (!label)
        return NULL;
    if (layer->name)
        snprintf(label, size, "%s", word);
    else
        snprintf(label, size, "%s (%s)", layer->path, word);
    return label;
}

static enum status_code diverge(struct pack *pack, struct trainee *trainee,
                                int64_t step, int64_t global_step, size_t layer,
                                const char *what, struct status *status) {
    struct measurement *measurement = trainee->measurement;
    measurement->divergence.step = step;
    measurement->divergence.layer = layer_label(trainee, layer);
    measurement->divergence.what = what;
    return trainee_end(pack, trainee, RUN_DIVERGED, global_step, status);
}

/* Ends the runs whose loss of this update is not finite. */
static enum status_code end_divergent(struct pack *pack, int64_t step,
                                      struct status *status) {
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < pack->count && !code; i++) {
        struct trainee *trainee = &pack->trainees[i];
        float loss = pack->loss.value[trainee->lane];
        if (trainee->ended || isfinite(loss))
            continue;
        pack_take_weights(pack, trainee);
        code = diverge(pack, trainee, step, step - 1,
                       pass_first_not_finite(&pack->pass, trainee->lane),
                       not_finite(DIVERGENT_LOSS, loss), status);
    }
    return code;
}

enum status_code history_losses(struct pack *pack, int64_t step,
                                struct status *status) {
    const float *losses = pack->loss.value;
    int all_finite = 1;
    for (size_t lane = 0; lane < pack->count; lane++) {
        pack->loss_sums[lane] += (double)losses[lane];
        all_finite &= isfinite(losses[lane]) != 0;
    }
    return all_finite ? STATUS_OK : end_divergent(pack, step, status);
}

/* The first of the evaluator's tensors that holds a number that is not finite,
 * and that number; tensor_count if there is none. */
static size_t first_bad_tensor(const struct pack *pack, float *value) {
    const struct network *network = pack->network;
    size_t index = 0;
    for (; index < network->tensor_count; index++) {
        const struct network_tensor *tensor = &network->tensors[index];
        const float *values =
            tensor->offset + (tensor->is_buffer ? pack->evaluator.buffers
                                                : pack->evaluator.parameters);
        for (size_t i = 0; i < tensor->count; i++)
            if (!isfinite(values[i])) {
                *value = values[i];
                return index;
            }
    }
    return index;
}

/* ---- a row ---- */

struct history_row *history_add_row(struct trainee *trainee) {
    struct measurement *measurement = trainee->measurement;
    struct arena *arena = &measurement->arena;
    if (measurement->history_count == trainee->history_capacity) {
        size_t capacity =
            trainee->history_capacity ? 2 * trainee->history_capacity : 32;
        struct history_row *rows = arena_zeroed(arena, capacity, sizeof *rows);
        if (rows && measurement->history_count)
            memcpy(rows, measurement->history,
                   measurement->history_count * sizeof *rows);
        measurement->history = rows;
        trainee->history_capacity = capacity;
    }
    double *metrics =
        arena_zeroed(arena, trainee->column_count, sizeof *metrics);
    if (arena->failed)
        return NULL;
    struct history_row *row =
        &measurement->history[measurement->history_count++];
    row->metrics = metrics;
    return row;
}

/* The row's digest goes on from the one before. */
static void digest_row(const struct pack *pack,
                       const struct measurement *measurement,
                       struct history_row *row) {
    bool first = measurement->history_count == 1;
    char hex[DIGEST_TEXT_SIZE];
    digest_tensors(pack->network, first ? "" : row[-1].digest,
                   pack->evaluator.parameters, pack->evaluator.buffers,
                   row->step, hex);
    snprintf(row->digest, sizeof row->digest, "%.16s", hex);
}

static bool wants_part(const struct trainee *trainee, enum part part) {
    const struct training *training = trainee->run->training;
    for (size_t i = 0; i < trainee->column_count; i++)
        if (trainee->columns[i].part == part)
            return true;
    return training->has_early_stopping &&
           training->early_stopping.metric.part == part &&
           !training_is_train_loss(training->early_stopping.metric);
}

/* The row's columns of one part, and `watched` if early stopping's metric is
 * of it. */
static enum status_code measure_part(struct pack *pack, struct trainee *trainee,
                                     enum part part, struct history_row *row,
                                     double *watched, struct status *status) {
    const struct training *training = trainee->run->training;
    struct outcome *outcome;
    enum status_code code = evaluator_outcome(&pack->evaluator, trainee->run,
                                              part, &outcome, status);
    if (code)
        return code;
    for (size_t i = 0; i < trainee->column_count; i++)
        if (trainee->columns[i].part == part)
            row->metrics[i] = metric_value(trainee->columns[i].metric, outcome);
    if (training->has_early_stopping &&
        training->early_stopping.metric.part == part)
        *watched =
            metric_value(training->early_stopping.metric.metric, outcome);
    return STATUS_OK;
}

static enum status_code fill_row(struct pack *pack, struct trainee *trainee,
                                 int64_t step, struct history_row *row,
                                 double *watched, struct status *status) {
    enum status_code code = STATUS_OK;
    row->step = step;
    row->epoch = (step + pack->batches - 1) / pack->batches;
    row->lr = trainee->lr;
    double *loss_sum = &pack->loss_sums[trainee->lane];
    row->train_loss = *loss_sum / (double)(step - pack->rows_from);
    *loss_sum = 0;
    digest_row(pack, trainee->measurement, row);
    for (int part = 0; part < PARTS && !code; part++)
        if (wants_part(trainee, (enum part)part))
            code = measure_part(pack, trainee, (enum part)part, row, watched,
                                status);
    return code;
}

/* ---- early stopping ---- */

/* Better by more than min_delta; NaN never is, and never was. */
static bool is_better(const struct early_stopping *stopping, double value,
                      double best) {
    if (isnan(best) || isnan(value))
        return !isnan(value);
    return stopping->metric.metric->higher_is_better
               ? value - stopping->min_delta > best
               : value + stopping->min_delta < best;
}

/* True if the run shall end. As Keras', the first row is put back where no row
 * was better, even if it is null; a null row is one without a better value. */
static bool watch(struct pack *pack, struct trainee *trainee, int64_t step,
                  double value) {
    const struct early_stopping *stopping =
        &trainee->run->training->early_stopping;
    struct measurement *measurement = trainee->measurement;
    bool first = measurement->best_step == 0;
    bool better =
        first ? !isnan(value) : is_better(stopping, value, trainee->best);
    trainee->rows_without = better ? 0 : trainee->rows_without + 1;
    bool over = trainee->rows_without >= stopping->patience;
    if (!first && !better)
        return over;
    trainee->best = value;
    measurement->best_step = step;
    const struct network *network = pack->network;
    memcpy(trainee->best_parameters, pack->evaluator.parameters,
           network->parameter_count * sizeof(float));
    memcpy(trainee->best_buffers, pack->evaluator.buffers,
           network->buffer_count * sizeof(float));
    return over;
}

static void restore_best(struct pack *pack, const struct trainee *trainee) {
    const struct training *training = trainee->run->training;
    if (!training->has_early_stopping || !training->early_stopping.restore_best)
        return;
    const struct network *network = pack->network;
    memcpy(pack->evaluator.parameters, trainee->best_parameters,
           network->parameter_count * sizeof(float));
    memcpy(pack->evaluator.buffers, trainee->best_buffers,
           network->buffer_count * sizeof(float));
}

/* ---- all runs ---- */

static enum status_code take_row(struct pack *pack, struct trainee *trainee,
                                 int64_t step, struct status *status) {
    float value;
    pack_take_weights(pack, trainee);
    size_t bad = first_bad_tensor(pack, &value);
    if (bad < pack->network->tensor_count)
        return diverge(pack, trainee, step, step,
                       pack->network->tensors[bad].layer,
                       not_finite(DIVERGENT_WEIGHT, value), status);
    struct history_row *row = history_add_row(trainee);
    if (!row)
        return arena_status(&trainee->measurement->arena, "the history",
                            status);
    const struct training *training = trainee->run->training;
    double watched = NAN;
    enum status_code code =
        fill_row(pack, trainee, step, row, &watched, status);
    if (code)
        return code;
    if (training_is_train_loss(training->early_stopping.metric))
        watched = row->train_loss;
    bool over = step == pack->updates;
    if (training->has_early_stopping)
        over |= watch(pack, trainee, step, watched);
    if (!over)
        return STATUS_OK;
    restore_best(pack, trainee);
    return trainee_end(pack, trainee, RUN_FINISHED, step, status);
}

enum status_code history_take(struct pack *pack, int64_t step,
                              struct status *status) {
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < pack->count && !code; i++)
        if (!pack->trainees[i].ended)
            code = take_row(pack, &pack->trainees[i], step, status);
    pack->rows_from = step;
    return code;
}

enum status_code pack_advance(struct pack *pack, int64_t step,
                              struct status *status) {
    pack_forward(pack);
    enum status_code code = history_losses(pack, step, status);
    if (code || !pack->live)
        return code;
    pack_update(pack, step);
    if (step - pack->rows_from == pack->every || step == pack->updates)
        code = history_take(pack, step, status);
    return code;
}
