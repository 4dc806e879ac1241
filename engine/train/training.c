#include "engine/train/pack.h"

#include <string.h>

static int64_t divide_up(int64_t value, int64_t by) {
    return value / by + (value % by != 0);
}

int64_t training_batches(const struct training *training, size_t train_rows) {
    int64_t rows = (int64_t)train_rows;
    return training->drop_last ? rows / training->batch_size
                               : divide_up(rows, training->batch_size);
}

int64_t training_updates(const struct training *training, size_t train_rows) {
    if (training->steps.present)
        return training->steps.value;
    return training->epochs.value * training_batches(training, train_rows);
}

int64_t training_evaluate_every(const struct training *training,
                                int64_t updates) {
    if (training->evaluate_every.present)
        return training->evaluate_every.value;
    return updates > 0 ? divide_up(updates, 20) : 1;
}

bool training_is_train_loss(struct part_metric metric) {
    return metric.metric && metric.part == PART_TRAIN &&
           strcmp(metric.metric->name, "loss") == 0;
}

/* Adds a column unless it is there, or its part has no rows. */
static size_t add_column(const struct run *run, struct part_metric wanted,
                         struct part_metric *metrics, size_t count) {
    if (run->data->part[wanted.part].rows == 0 || count == HISTORY_LIMIT ||
        training_is_train_loss(wanted))
        return count;
    for (size_t i = 0; i < count; i++)
        if (metrics[i].part == wanted.part &&
            metrics[i].metric == wanted.metric)
            return count;
    metrics[count] = wanted;
    return count + 1;
}

size_t history_columns(const struct run *run,
                       struct part_metric metrics[HISTORY_LIMIT]) {
    const struct training *training = run->training;
    const struct loss_kind *loss =
        (const struct loss_kind *)training->loss.kind;
    const struct metric_kind *usual[] = {
        metric_find("average_loss"),
        metric_find(loss->task == TASK_REGRESSION ? "rmse" : "accuracy"),
    };
    const enum part parts[] = {PART_VALIDATION, PART_TEST};
    size_t count = 0;
    for (size_t part = 0; part < 2; part++)
        for (size_t i = 0; i < 2; i++)
            count = add_column(run, (struct part_metric){parts[part], usual[i]},
                               metrics, count);
    for (size_t i = 0; i < training->history_metric_count; i++)
        count = add_column(run, training->history_metrics[i], metrics, count);
    return count;
}

/* ---- packs ---- */

static bool layers_alike(const struct network *a, const struct network *b,
                         size_t index) {
    const struct network_layer *one = &a->layers[index];
    const struct network_layer *other = &b->layers[index];
    if (one->kind != other->kind || !shape_equal(one->output, other->output) ||
        one->tensor_count != other->tensor_count)
        return false;
    for (size_t i = 0; i < one->tensor_count; i++)
        if (!shape_equal(a->tensors[one->first_tensor + i].shape,
                         b->tensors[other->first_tensor + i].shape))
            return false;
    return !one->kind->alike || one->kind->alike(one->options, other->options);
}

static bool networks_alike(const struct network *a, const struct network *b) {
    bool alike =
        a->layer_count == b->layer_count && shape_equal(a->input, b->input);
    for (size_t i = 0; alike && i < a->layer_count; i++)
        alike = layers_alike(a, b, i);
    return alike;
}

static bool data_alike(const struct dataset *a, const struct dataset *b) {
    bool alike =
        a->columns == b->columns && a->target_columns == b->target_columns;
    for (int part = 0; part < PARTS; part++)
        alike = alike && a->part[part].rows == b->part[part].rows;
    return alike;
}

static bool losses_alike(const struct choice *a, const struct choice *b) {
    const struct loss_kind *kind = (const struct loss_kind *)a->kind;
    return a->kind == b->kind &&
           (!kind->alike || kind->alike(a->options, b->options));
}

bool training_cycles_momentum(const struct training *training) {
    const struct schedule_kind *schedule =
        (const struct schedule_kind *)training->schedule.kind;
    return schedule && schedule->has_momentum &&
           schedule->has_momentum(training->schedule.options);
}

enum optimizer_kernel training_kernel(const struct training *training) {
    const struct optimizer_kind *optimizer =
        (const struct optimizer_kind *)training->optimizer.kind;
    return optimizer->kernel(training->optimizer.options,
                             training_cycles_momentum(training));
}

static bool lengths_alike(const struct run *a, const struct run *b) {
    size_t rows = a->data->part[PART_TRAIN].rows;
    int64_t updates = training_updates(a->training, rows);
    return a->training->batch_size == b->training->batch_size &&
           a->training->drop_last == b->training->drop_last &&
           updates == training_updates(b->training, rows) &&
           training_evaluate_every(a->training, updates) ==
               training_evaluate_every(b->training, updates);
}

bool run_alike(const struct run *a, const struct run *b) {
    const struct training *one = a->training, *other = b->training;
    return one->optimizer.kind == other->optimizer.kind &&
           one->schedule.kind == other->schedule.kind &&
           training_kernel(one) == training_kernel(other) &&
           one->numerics == other->numerics &&
           losses_alike(&one->loss, &other->loss) &&
           data_alike(a->data, b->data) && lengths_alike(a, b) &&
           networks_alike(a->network, b->network);
}
