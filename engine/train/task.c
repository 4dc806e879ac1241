/* What a run's parts must have of each other, found before training. */

#include "engine/train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/number.h"

static const struct loss_kind *loss_of(const struct run *run) {
    return (const struct loss_kind *)run->training->loss.kind;
}

/* ---- the batches ---- */

static enum status_code check_batches(const struct run *run,
                                      struct status *status) {
    size_t rows = run->data->part[PART_TRAIN].rows;
    if (training_batches(run->training, rows) > 0)
        return STATUS_OK;
    return status_set_key(status, STATUS_CONFIG, "train.drop_last",
                          "drop_last leaves no batch: the %zu training rows "
                          "are fewer than batch_size %lld",
                          rows, (long long)run->training->batch_size);
}

/* ---- the last layer against the loss ---- */

static enum status_code check_range(const struct run *run,
                                    struct status *status) {
    const struct network *network = run->network;
    const struct loss_kind *loss = loss_of(run);
    const struct layer_kind *last =
        network->layers[network->layer_count - 1].kind;
    enum layer_range range = last->range;
    bool fits =
        loss->required_range == RANGE_ANY || loss->required_range == range;
    for (size_t i = 0; i < 2; i++)
        if (range != RANGE_ANY && loss->refused_range[i] == range)
            fits = false;
    if (fits)
        return STATUS_OK;
    return status_set_key(status, STATUS_CONFIG, "train.loss",
                          "%s, but the last layer is %s", loss->pairs,
                          last->kind.name);
}

/* The key that sets the length of the output: out_features of the last layer
 * that has it. */
static void output_key(const struct network *network,
                       char key[STATUS_KEY_SIZE]) {
    snprintf(key, STATUS_KEY_SIZE, "model.layers");
    for (size_t i = 0; i < network->layer_count; i++)
        if (field_find(network->layers[i].kind->kind.fields, "out_features"))
            snprintf(key, STATUS_KEY_SIZE, "model.layers.%zu.out_features", i);
}

static enum status_code check_rank(const struct run *run,
                                   struct status *status) {
    const struct network *network = run->network;
    char key[STATUS_KEY_SIZE], shape[SHAPE_TEXT_SIZE];
    if (network->output.rank == 1)
        return STATUS_OK;
    snprintf(key, sizeof key, "model.layers.%zu", network->layer_count - 1);
    return status_set_key(status, STATUS_CONFIG, key,
                          "the last layer must give one sample a vector; "
                          "found shape %s",
                          shape_text(network->output, shape));
}

static enum status_code check_units(const struct run *run,
                                    struct status *status) {
    int64_t units = shape_units(run->network->output);
    size_t targets = run->data->target_columns;
    const char *name = loss_of(run)->kind.name;
    char key[STATUS_KEY_SIZE];
    output_key(run->network, key);
    if (loss_of(run)->task == TASK_REGRESSION && units != (int64_t)targets)
        return status_set_key(status, STATUS_CONFIG, key,
                              "%s needs an output for each target column: "
                              "expected %zu, found %lld",
                              name, targets, (long long)units);
    if (loss_of(run)->task == TASK_BINARY && units != 1)
        return status_set_key(status, STATUS_CONFIG, key,
                              "%s needs 1 output, found %lld", name,
                              (long long)units);
    return STATUS_OK;
}

static enum status_code check_class_weight(const struct run *run,
                                           struct status *status) {
    const struct loss_kind *loss = loss_of(run);
    const struct field_numbers *weight =
        loss->class_weight ? loss->class_weight(run->training->loss.options)
                           : NULL;
    int64_t units = shape_units(run->network->output);
    if (!weight || (int64_t)weight->count == units)
        return STATUS_OK;
    return status_set_key(status, STATUS_CONFIG, "train.loss.weight",
                          "weight needs a number for each output: expected "
                          "%lld, found %zu",
                          (long long)units, weight->count);
}

/* ---- the targets against the loss ---- */

static enum status_code check_target_table(const struct run *run,
                                           struct status *status) {
    const struct dataset *data = run->data;
    const char *name = loss_of(run)->kind.name;
    if (loss_of(run)->task == TASK_REGRESSION)
        return STATUS_OK;
    if (data->target_columns != 1)
        return status_set_key(status, STATUS_CONFIG, "train.loss",
                              "%s takes one target column, found %zu", name,
                              data->target_columns);
    if (data->target_scaler_count)
        return status_set_key(status, STATUS_CONFIG, "data.preprocess.targets",
                              "targets are scaled for regression losses only; "
                              "%s takes labels as they are",
                              name);
    return STATUS_OK;
}

static bool is_label(enum task task, float value) {
    if (task == TASK_BINARY)
        return value == 0 || value == 1;
    return value >= 0 && value == floorf(value);
}

static enum status_code blame_label(const struct run *run, size_t position,
                                    struct status *status) {
    const struct dataset *data = run->data;
    const struct loss_kind *loss = loss_of(run);
    char value[NUMBER_TEXT_SIZE];
    number_write_float(data->targets[position], value);
    return status_set_key(
        status, STATUS_CONFIG, "train.loss",
        "%s takes labels that are %s; found %s in column '%s', row %lld",
        loss->kind.name,
        loss->task == TASK_BINARY ? "0 or 1" : "whole numbers from 0", value,
        data->target_names[0], (long long)data->row_number[position]);
}

/* Every row that some part uses; `largest` is the largest label. */
static enum status_code check_labels(const struct run *run, float *largest,
                                     struct status *status) {
    const struct dataset *data = run->data;
    enum task task = loss_of(run)->task;
    *largest = 0;
    if (task == TASK_REGRESSION)
        return STATUS_OK;
    for (int part = 0; part < PARTS; part++)
        for (size_t i = 0; i < data->part[part].rows; i++) {
            uint32_t position = data->part[part].row[i];
            float label = data->targets[position];
            if (!is_label(task, label))
                return blame_label(run, position, status);
            *largest = label > *largest ? label : *largest;
        }
    return STATUS_OK;
}

static enum status_code check_class_count(const struct run *run, float largest,
                                          struct status *status) {
    int64_t units = shape_units(run->network->output);
    char key[STATUS_KEY_SIZE];
    if (loss_of(run)->task != TASK_CLASSES || (double)largest < (double)units)
        return STATUS_OK;
    output_key(run->network, key);
    return status_set_key(status, STATUS_CONFIG, key,
                          "%s needs an output for each class: labels go up to "
                          "%.0f, so at least %.0f, found %lld",
                          loss_of(run)->kind.name, (double)largest,
                          (double)largest + 1, (long long)units);
}

/* ---- the schedule ---- */

static enum status_code check_schedule(const struct run *run,
                                       struct status *status) {
    const struct choice *choice = &run->training->schedule;
    const struct schedule_kind *schedule =
        (const struct schedule_kind *)choice->kind;
    if (!schedule || !schedule->check)
        return STATUS_OK;
    if (schedule->check(
            choice->options,
            training_updates(run->training, run->data->part[PART_TRAIN].rows),
            (const struct optimizer_kind *)run->training->optimizer.kind,
            status))
        return status_prefix_key(status, "train.lr_schedule");
    return STATUS_OK;
}

/* ---- the metrics ---- */

static enum status_code check_metric(const struct run *run,
                                     struct part_metric wanted, const char *key,
                                     struct status *status) {
    const struct loss_kind *loss = loss_of(run);
    const char *part = PART_NAMES[wanted.part];
    if (!metric_has_task(wanted.metric, loss->task))
        return status_set_key(status, STATUS_CONFIG, key,
                              "%s.%s is no metric of a run with the loss %s",
                              part, wanted.metric->name, loss->kind.name);
    if (run->data->part[wanted.part].rows == 0)
        return status_set_key(status, STATUS_CONFIG, key,
                              "%s.%s needs a %s part, and data.split has no "
                              "%s_size",
                              part, wanted.metric->name, part, part);
    return STATUS_OK;
}

static enum status_code check_metrics(const struct run *run,
                                      struct status *status) {
    const struct training *training = run->training;
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < training->history_metric_count && !code; i++) {
        char key[STATUS_KEY_SIZE];
        snprintf(key, sizeof key, "evaluate.metrics.%zu", i);
        code = check_metric(run, training->history_metrics[i], key, status);
    }
    if (!code && training->has_early_stopping)
        code = check_metric(run, training->early_stopping.metric,
                            "train.early_stopping.metric", status);
    return code;
}

enum status_code run_check(const struct run *run, struct status *status) {
    static enum status_code (*const before_labels[])(const struct run *,
                                                     struct status *) = {
        check_batches, check_range,        check_rank,
        check_units,   check_class_weight, check_target_table,
    };
    enum status_code code = STATUS_OK;
    float largest;
    for (size_t i = 0;
         i < sizeof before_labels / sizeof *before_labels && !code; i++)
        code = before_labels[i](run, status);
    if (!code)
        code = check_labels(run, &largest, status);
    if (!code)
        code = check_class_count(run, largest, status);
    if (!code)
        code = check_schedule(run, status);
    if (!code)
        code = check_metrics(run, status);
    return code;
}
