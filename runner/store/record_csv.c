#include <math.h>
#include <string.h>

#include "engine/base/number.h"
#include "runner/store/record_parts.h"

/* ------------------------------------------------------------------- cells */

void csv_add_double(struct text *out, double value) {
    char digits[NUMBER_TEXT_SIZE];
    if (isfinite(value))
        text_append(out, digits, number_write_double(value, digits));
}

void csv_add_float(struct text *out, float value) {
    char digits[NUMBER_TEXT_SIZE];
    if (isfinite(value))
        text_append(out, digits, number_write_float(value, digits));
}

static void add_integer(struct text *out, int64_t value) {
    char digits[NUMBER_TEXT_SIZE];
    text_append(out, digits, number_write_integer(value, digits));
}

void csv_add_text(struct text *out, const char *text) {
    if (!strpbrk(text, ",\"\r\n")) {
        text_add(out, text);
        return;
    }
    text_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            text_add_char(out, '"');
        text_add_char(out, *text);
    }
    text_add_char(out, '"');
}

/* ----------------------------------------------------------------- metrics */

enum task record_task(const struct record *record) {
    const struct choice *loss = &record->config->training.loss;
    return ((const struct loss_kind *)loss->kind)->task;
}

const struct metric_kind *const *record_metrics(const struct record *record,
                                                enum part part) {
    if (record->run->data->part[part].rows == 0)
        return NULL;
    return METRICS_OF_TASK[record_task(record)];
}

void metrics_csv_write(const struct record *record, struct text *out) {
    text_add(out, "part,metric,value\n");
    for (int part = 0; part < PARTS; part++) {
        const struct metric_kind *const *metric = record_metrics(record, part);
        for (; metric && *metric; metric++) {
            text_print(out, "%s,%s,", PART_NAMES[part], (*metric)->name);
            csv_add_double(
                out, record->measurement->metrics[part][metric_index(*metric)]);
            text_add_char(out, '\n');
        }
    }
}

/* ----------------------------------------------------------------- history */

static void add_history_row(const struct history_row *row, size_t columns,
                            struct text *out) {
    add_integer(out, row->step);
    text_add_char(out, ',');
    add_integer(out, row->epoch);
    text_add_char(out, ',');
    csv_add_double(out, row->lr);
    text_add_char(out, ',');
    csv_add_double(out, row->train_loss);
    for (size_t i = 0; i < columns; i++) {
        text_add_char(out, ',');
        csv_add_double(out, row->metrics[i]);
    }
    text_add_char(out, '\n');
}

void history_csv_write(const struct record *record, struct text *out) {
    struct part_metric columns[HISTORY_LIMIT];
    size_t count = history_columns(record->run, columns);
    text_add(out, "step,epoch,lr,train.loss");
    for (size_t i = 0; i < count; i++)
        text_print(out, ",%s.%s", PART_NAMES[columns[i].part],
                   columns[i].metric->name);
    text_add_char(out, '\n');
    const struct measurement *measurement = record->measurement;
    for (size_t i = 0; i < measurement->history_count; i++)
        add_history_row(&measurement->history[i], count, out);
}

/* ------------------------------------------------------------- predictions */

static bool has_logits(const struct record *record) {
    return strcmp(record->config->training.loss.kind->name,
                  "bce_with_logits") == 0;
}

static void add_target_names(const struct dataset *data, const char *prefix,
                             struct text *out) {
    for (size_t i = 0; i < data->target_columns; i++) {
        struct text name = TEXT_INIT;
        text_print(&name, "%s.%s", prefix, data->target_names[i]);
        text_add_char(out, ',');
        csv_add_text(out, text_string(&name));
        text_release(&name);
    }
}

static void add_predictions_header(const struct record *record, size_t units,
                                   struct text *out) {
    const struct dataset *data = record->run->data;
    text_add(out, "row");
    add_target_names(data, "target", out);
    switch (record_task(record)) {
    case TASK_BINARY:
        text_add(out,
                 has_logits(record) ? ",logit,probability" : ",probability");
        break;
    case TASK_CLASSES:
        for (size_t unit = 0; unit < units; unit++)
            text_print(out, ",output.%zu", unit);
        text_add(out, ",class");
        break;
    case TASK_REGRESSION:
        add_target_names(data, "output", out);
        break;
    }
    text_add_char(out, '\n');
}

static size_t first_maximum(const float *y, size_t units) {
    size_t best = 0;
    for (size_t unit = 1; unit < units; unit++)
        if (y[unit] > y[best])
            best = unit;
    return best;
}

static void add_outputs(const struct record *record, const float *y,
                        float probability, size_t units, struct text *out) {
    const struct dataset *data = record->run->data;
    enum task task = record_task(record);
    for (size_t unit = 0; unit < units; unit++) {
        text_add_char(out, ',');
        if (task == TASK_REGRESSION)
            csv_add_double(out,
                           dataset_restore_target(data, unit, (double)y[unit]));
        else
            csv_add_float(out, y[unit]);
    }
    if (task == TASK_CLASSES)
        text_print(out, ",%zu", first_maximum(y, units));
    if (has_logits(record)) {
        text_add_char(out, ',');
        csv_add_float(out, probability);
    }
}

static void add_targets(const struct record *record, size_t position,
                        struct text *out) {
    const struct dataset *data = record->run->data;
    for (size_t i = 0; i < data->target_columns; i++) {
        float value = data->targets[i * data->rows + position];
        text_add_char(out, ',');
        if (record_task(record) == TASK_REGRESSION)
            csv_add_double(out, dataset_restore_target(data, i, (double)value));
        else
            add_integer(out, (int64_t)value);
    }
}

void predictions_csv_write(const struct record *record, struct text *out) {
    const struct dataset *data = record->run->data;
    const struct data_part *part = &data->part[PART_TEST];
    const struct measurement *measurement = record->measurement;
    size_t units = (size_t)shape_units(record->run->network->output);
    add_predictions_header(record, units, out);
    for (size_t i = 0; i < part->rows; i++) {
        add_integer(out, data->row_number[part->row[i]]);
        add_targets(record, part->row[i], out);
        float probability = measurement->test_probabilities
                                ? measurement->test_probabilities[i]
                                : 0.0f;
        add_outputs(record, measurement->test_outputs + i * units, probability,
                    units, out);
        text_add_char(out, '\n');
    }
}
