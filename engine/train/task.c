/* What a run's parts must have of each other, found before training. */

#include "engine/train/task_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/number.h"

static const struct loss_kind *loss_of(const struct run *run) {
    return (const struct loss_kind *)run->training->loss.kind;
}

/* ---- the batches ---- */

/* 0 where it is not known. */
static int64_t updates_of(const struct run *run) {
    const struct training *training = run->training;
    if (training->steps.present)
        return training->steps.value;
    if (!training->epochs.present || training->batch_size == 0 || !run->data)
        return 0;
    return training_updates(training, run->data->part[PART_TRAIN].rows);
}

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

/* ---- layers that mix the rows of a batch ---- */

/* The rows of the smallest batch that the run has. `is_last`: the last of an
 * epoch alone is so small. */
static size_t smallest_batch(const struct run *run, bool *is_last) {
    const struct training *training = run->training;
    size_t rows = run->data->part[PART_TRAIN].rows;
    size_t batch = (size_t)training->batch_size, rest = rows % batch;
    int64_t updates = updates_of(run);
    *is_last = rows > batch && rest > 0 && !training->drop_last &&
               (updates == 0 || updates >= training_batches(training, rows));
    return *is_last ? rest : rows < batch ? rows : batch;
}

static enum status_code blame_batch(const struct run *run, const char *key,
                                    const char *kind, size_t least,
                                    struct status *status) {
    bool is_last;
    size_t found = smallest_batch(run, &is_last);
    size_t rows = run->data->part[PART_TRAIN].rows;
    long long batch_size = (long long)run->training->batch_size;
    if (is_last)
        return status_set_key(status, STATUS_CONFIG, key,
                              "%s needs at least %zu rows in every batch; the "
                              "last batch has %zu (%zu training rows, "
                              "batch_size %lld): set train.drop_last, or "
                              "another train.batch_size",
                              kind, least, found, rows, batch_size);
    return status_set_key(status, STATUS_CONFIG, key,
                          "%s needs at least %zu rows in every batch; found "
                          "%zu (%zu training rows, batch_size %lld)",
                          kind, least, found, rows, batch_size);
}

/* Of a layer that mixes the rows of what it evaluates. */
static enum status_code check_parts(const struct run *run, const char *key,
                                    const char *kind, size_t least,
                                    struct status *status) {
    for (int part = 0; part < PARTS; part++) {
        size_t rows = run->data->part[part].rows;
        if (rows > 0 && rows < least)
            return status_set_key(
                status, STATUS_CONFIG, key,
                "%s without running statistics needs at least %zu rows in "
                "every part of the data; the %s part has %zu",
                kind, least, PART_NAMES[part], rows);
    }
    return STATUS_OK;
}

static enum status_code check_mixed_rows(const struct run *run,
                                         struct status *status) {
    bool ignored;
    for (size_t i = 0; i < run->network->layer_count; i++) {
        const struct network_layer *layer = &run->network->layers[i];
        const struct layer_kind *kind = layer->kind;
        if (!kind->least_rows)
            continue;
        size_t least = kind->least_rows(layer->options, layer->input);
        char key[STATUS_KEY_SIZE];
        snprintf(key, sizeof key, "model.layers.%s", layer->path);
        if (smallest_batch(run, &ignored) < least)
            return blame_batch(run, key, kind->kind.name, least, status);
        if (kind->is_whole && kind->is_whole(layer->options))
            STATUS_TRY(check_parts(run, key, kind->kind.name, least, status));
    }
    return STATUS_OK;
}

/* ---- the last layer against the loss ---- */

static enum status_code check_range(const struct run *run,
                                    struct status *status) {
    const struct network *network = run->network;
    if (loss_check_last(loss_of(run), network_ending(network),
                        network->layers[network->layer_count - 1].kind, status))
        return status_prefix_key(status, "train.loss");
    return STATUS_OK;
}

/* The key that sets the length of the output: out_features of the last layer
 * that has it, those inside a container apart. */
static void output_key(const struct network *network,
                       char key[STATUS_KEY_SIZE]) {
    snprintf(key, STATUS_KEY_SIZE, "model.layers");
    for (size_t i = 0; i < network->layer_count;
         i = network->layers[i].last + 1)
        if (field_find(network->layers[i].kind->kind.fields, "out_features"))
            snprintf(key, STATUS_KEY_SIZE, "model.layers.%s.out_features",
                     network->layers[i].path);
}

static enum status_code check_rank(const struct run *run,
                                   struct status *status) {
    const struct network *network = run->network;
    char key[STATUS_KEY_SIZE], shape[SHAPE_TEXT_SIZE];
    if (network->output.rank == 1)
        return STATUS_OK;
    snprintf(key, sizeof key, "model.layers.%s",
             network->layers[network->layer_count - 1].path);
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

/* Every row that some part uses. */
static enum status_code check_labels(const struct run *run,
                                     struct status *status) {
    const struct dataset *data = run->data;
    enum task task = loss_of(run)->task;
    if (task == TASK_REGRESSION)
        return STATUS_OK;
    for (int part = 0; part < PARTS; part++)
        for (size_t i = 0; i < data->part[part].rows; i++) {
            uint32_t position = data->part[part].row[i];
            if (!is_label(task, data->targets[position]))
                return blame_label(run, position, status);
        }
    return STATUS_OK;
}

static float largest_label(const struct dataset *data) {
    float largest = 0;
    for (int part = 0; part < PARTS; part++)
        for (size_t i = 0; i < data->part[part].rows; i++) {
            float label = data->targets[data->part[part].row[i]];
            largest = label > largest ? label : largest;
        }
    return largest;
}

static enum status_code check_class_count(const struct run *run,
                                          struct status *status) {
    int64_t units = shape_units(run->network->output);
    char key[STATUS_KEY_SIZE];
    if (loss_of(run)->task != TASK_CLASSES)
        return STATUS_OK;
    float largest = largest_label(run->data);
    if ((double)largest < (double)units)
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
            choice->options, updates_of(run),
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

/* Makes room for a problem if there was one. */
static void keep(enum status_code code, size_t *count) {
    *count += code != STATUS_OK;
}

static size_t check_metrics(const struct run *run, struct status *problems,
                            size_t limit) {
    const struct training *training = run->training;
    size_t count = 0;
    for (size_t i = 0; i < training->history_metric_count && count < limit;
         i++) {
        char key[STATUS_KEY_SIZE];
        snprintf(key, sizeof key, "evaluate.metrics.%zu", i);
        keep(check_metric(run, training->history_metrics[i], key,
                          &problems[count]),
             &count);
    }
    if (count < limit && training->has_early_stopping)
        keep(check_metric(run, training->early_stopping.metric,
                          "train.early_stopping.metric", &problems[count]),
             &count);
    return count;
}

/* ---- the initializers ---- */

static size_t check_initializers(const struct run *run, struct status *problems,
                                 size_t limit) {
    size_t count = network_initializer_problems(run->network, problems, limit);
    for (size_t i = 0; i < count; i++)
        status_prefix_key(&problems[i], "model");
    return count;
}

/* ---- all of it ---- */

/* What a check must know of the run. */
enum {
    LOSS = 1,
    LOSS_OPTIONS = 2,
    NETWORK = 4,
    DATA = 8,
    LABELS = 16, /* the targets are what the loss takes */
    BATCHES = 32,
    LENGTH = 64,
    SCHEDULE = 128,
};

static const struct check {
    enum status_code (*check)(const struct run *run, struct status *status);
    unsigned needs;
    unsigned spoils; /* what is not known after it has failed */
} CHECKS[] = {
    {check_batches, DATA | BATCHES, BATCHES},
    {check_mixed_rows, NETWORK | DATA | BATCHES, 0},
    {task_check_indices, NETWORK | DATA, 0},
    {check_range, LOSS | NETWORK, 0},
    {check_rank, NETWORK, NETWORK},
    {check_units, LOSS | NETWORK | DATA, 0},
    {check_target_table, LOSS | DATA, LABELS},
    {check_labels, LOSS | DATA | LABELS, LABELS},
    {check_class_count, LOSS | NETWORK | DATA | LABELS, NETWORK},
    {check_class_weight, LOSS | LOSS_OPTIONS | NETWORK, 0},
    {check_schedule, LENGTH | SCHEDULE, 0},
};

static unsigned what_is_known(const struct run *run) {
    const struct training *training = run->training;
    bool has_schedule = training->schedule.kind && training->optimizer.kind;
    return (training->loss.kind ? LOSS : 0u) |
           (training->loss.options ? LOSS_OPTIONS : 0u) |
           (run->network ? NETWORK : 0u) | (run->data ? DATA | LABELS : 0u) |
           (training->batch_size > 0 ? BATCHES : 0u) |
           (updates_of(run) > 0 ? LENGTH : 0u) | (has_schedule ? SCHEDULE : 0u);
}

size_t run_problems(const struct run *run, struct status *problems,
                    size_t limit) {
    unsigned known = what_is_known(run);
    size_t count = 0;
    for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS && count < limit;
         i++) {
        const struct check *row = &CHECKS[i];
        if ((row->needs & ~known) ||
            row->check(run, &problems[count]) == STATUS_OK)
            continue;
        known &= ~row->spoils;
        count++;
    }
    if (known & LOSS && known & DATA)
        count += check_metrics(run, problems + count, limit - count);
    if (run->network)
        count += check_initializers(run, problems + count, limit - count);
    return count;
}

enum status_code run_check(const struct run *run, struct status *status) {
    return run_problems(run, status, 1) ? status->code : STATUS_OK;
}
