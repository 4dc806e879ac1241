#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/digest.h"
#include "engine/base/numerics.h"
#include "runner/store/record_parts.h"

enum { RECORD_FORMAT = 1 };

/* ------------------------------------------------------------------ result */

static void write_error(const struct measurement *measurement,
                        struct json_writer *writer) {
    json_key(writer, "error");
    if (measurement->outcome != RUN_DIVERGED) {
        json_null(writer);
        return;
    }
    json_begin_object(writer);
    json_key(writer, "step");
    json_integer(writer, measurement->divergence.step);
    json_key(writer, "layer");
    json_string(writer, measurement->divergence.layer);
    json_key(writer, "what");
    json_string(writer, measurement->divergence.what);
    json_end_object(writer);
}

static void write_metrics(const struct record *record,
                          struct json_writer *writer) {
    json_key(writer, "metrics");
    json_begin_object(writer);
    for (int part = 0; part < PARTS; part++) {
        const struct metric_kind *const *metric = record_metrics(record, part);
        if (!metric)
            continue;
        json_key(writer, PART_NAMES[part]);
        json_begin_object(writer);
        for (; *metric; metric++) {
            json_key(writer, (*metric)->name);
            json_double(
                writer,
                record->measurement->metrics[part][metric_index(*metric)]);
        }
        json_end_object(writer);
    }
    json_end_object(writer);
}

static void write_steps(const struct record *record,
                        struct json_writer *writer) {
    const struct measurement *measurement = record->measurement;
    json_key(writer, "global_step");
    json_integer(writer, measurement->global_step);
    json_key(writer, "best_step");
    if (record->config->training.has_early_stopping &&
        measurement->best_step > 0)
        json_integer(writer, measurement->best_step);
    else
        json_null(writer);
}

/* ------------------------------------------------------------------- model */

/* Of a container: its own and those inside. */
static size_t count_parameters(const struct network *network,
                               const struct network_layer *layer) {
    size_t count = 0;
    for (size_t i = 0; i < network->tensor_count; i++) {
        const struct network_tensor *tensor = &network->tensors[i];
        if (tensor->layer >= layer->first && tensor->layer <= layer->last)
            count += tensor->is_buffer ? 0 : tensor->count;
    }
    return count;
}

static void write_layer(const struct network *network,
                        const struct network_layer *layer,
                        struct json_writer *writer) {
    json_begin_object(writer);
    json_key(writer, "name");
    if (layer->name)
        json_string(writer, layer->name);
    else
        json_null(writer);
    json_key(writer, "type");
    json_string(writer, layer->kind->kind.name);
    json_key(writer, "output_shape");
    json_begin_array(writer);
    for (int axis = 0; axis < layer->output.rank; axis++)
        json_integer(writer, layer->output.size[axis]);
    json_end_array(writer);
    json_key(writer, "parameters");
    json_integer(writer, (int64_t)count_parameters(network, layer));
    json_end_object(writer);
}

static void write_model(const struct network *network,
                        struct json_writer *writer) {
    json_key(writer, "model");
    json_begin_object(writer);
    json_key(writer, "parameters");
    json_integer(writer, (int64_t)network->parameter_count);
    json_key(writer, "layers");
    json_begin_array(writer);
    for (size_t i = 0; i < network->layer_count;
         i = network->layers[i].last + 1)
        write_layer(network, &network->layers[i], writer);
    json_end_array(writer);
    json_end_object(writer);
}

/* -------------------------------------------------------------------- data */

static void write_names(const char *key, const char *const *names, size_t count,
                        struct json_writer *writer) {
    json_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++)
        json_string(writer, names[i]);
    json_end_array(writer);
}

static void write_inputs(const struct dataset *data,
                         struct json_writer *writer) {
    static const char *const ROLES[] = {"features", "targets"};
    json_key(writer, "inputs");
    json_begin_object(writer);
    for (size_t i = 0; i < 2 && data->input_count > 0; i++) {
        json_key(writer, ROLES[i]);
        json_string(writer, data->input[i % data->input_count].digest);
    }
    json_end_object(writer);
}

static void write_part(const struct dataset *data, const struct data_part *part,
                       struct json_writer *writer) {
    struct digest_state state;
    char hex[DIGEST_TEXT_SIZE];
    digest_init(&state);
    for (size_t i = 0; i < part->rows; i++)
        digest_update(&state, &data->row_number[part->row[i]],
                      sizeof *data->row_number);
    digest_finish(&state, hex);
    json_begin_object(writer);
    json_key(writer, "rows");
    json_integer(writer, (int64_t)part->rows);
    json_key(writer, "sha256");
    json_string(writer, hex);
    json_end_object(writer);
}

static void write_parts(const struct dataset *data,
                        struct json_writer *writer) {
    json_key(writer, "parts");
    json_begin_object(writer);
    for (int part = 0; part < PARTS; part++) {
        if (data->part[part].rows == 0)
            continue;
        json_key(writer, PART_NAMES[part]);
        write_part(data, &data->part[part], writer);
    }
    json_end_object(writer);
}

static void write_scaler(const struct fitted_scaler *scaler,
                         const char *const *columns,
                         struct json_writer *writer) {
    json_begin_object(writer);
    json_key(writer, "type");
    json_string(writer, scaler->kind->name);
    json_key(writer, "columns");
    json_begin_object(writer);
    for (size_t column = 0; column < scaler->columns; column++) {
        json_key(writer, columns[column]);
        json_begin_object(writer);
        for (size_t i = 0; i < scaler->numbers; i++) {
            json_key(writer, scaler->names[i]);
            json_double(writer, scaler->values[i][column]);
        }
        json_end_object(writer);
    }
    json_end_object(writer);
    json_end_object(writer);
}

static void write_scalers(const char *key, const struct fitted_scaler *scalers,
                          size_t count, const char *const *columns,
                          struct json_writer *writer) {
    json_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++)
        write_scaler(&scalers[i], columns, writer);
    json_end_array(writer);
}

static void write_data(const struct dataset *data, struct json_writer *writer) {
    json_key(writer, "data");
    json_begin_object(writer);
    json_key(writer, "rows");
    json_integer(writer, (int64_t)data->rows);
    write_names("columns", data->column_names, data->columns, writer);
    write_names("targets", data->target_names, data->target_columns, writer);
    write_inputs(data, writer);
    write_parts(data, writer);
    json_key(writer, "scalers");
    json_begin_object(writer);
    write_scalers("features", data->feature_scalers, data->feature_scaler_count,
                  data->column_names, writer);
    write_scalers("targets", data->target_scalers, data->target_scaler_count,
                  data->target_names, writer);
    json_end_object(writer);
    json_end_object(writer);
}

/* ------------------------------------------------------- digests and files */

static void write_digest(const struct measurement *measurement,
                         struct json_writer *writer) {
    json_key(writer, "digest");
    json_begin_object(writer);
    json_key(writer, "weights");
    json_string(writer, measurement->digest_weights);
    json_key(writer, "predictions");
    json_string(writer, measurement->digest_predictions);
    json_key(writer, "history");
    json_begin_array(writer);
    for (size_t i = 0; i < measurement->history_count; i++)
        json_string(writer, measurement->history[i].digest);
    json_end_array(writer);
    json_end_object(writer);
}

static void write_files(const struct store_files *files,
                        struct json_writer *writer) {
    json_key(writer, "files");
    json_begin_array(writer);
    for (size_t i = 0; i < files->count; i++) {
        const struct store_file *file = &files->file[i];
        char hex[DIGEST_TEXT_SIZE];
        digest_of(file->content.bytes, file->content.length, hex);
        json_begin_object(writer);
        json_key(writer, "name");
        json_string(writer, file->name);
        json_key(writer, "bytes");
        json_integer(writer, (int64_t)file->content.length);
        json_key(writer, "sha256");
        json_string(writer, hex);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_head(const struct record *record,
                       struct json_writer *writer) {
    bool diverged = record->measurement->outcome == RUN_DIVERGED;
    json_key(writer, "format");
    json_integer(writer, RECORD_FORMAT);
    json_key(writer, "id");
    json_string(writer, record->id);
    json_key(writer, "name");
    json_string(writer, record->config->name);
    json_key(writer, "status");
    json_string(writer, diverged ? "diverged" : "finished");
    write_error(record->measurement, writer);
    json_key(writer, "seed");
    json_integer(writer, record->config->seed);
    json_key(writer, "config");
    config_write_json(record->config, writer);
}

/* history.csv as one list a column, so that its columns stand there even where
 * it has no rows. */
static void write_history_column(const struct measurement *measurement,
                                 double (*cell)(const struct history_row *row,
                                                size_t metric),
                                 size_t metric, struct json_writer *writer) {
    json_begin_array(writer);
    for (size_t i = 0; i < measurement->history_count; i++)
        json_double(writer, cell(&measurement->history[i], metric));
    json_end_array(writer);
}

static double lr_of(const struct history_row *row, size_t metric) {
    (void)metric;
    return row->lr;
}

static double train_loss_of(const struct history_row *row, size_t metric) {
    (void)metric;
    return row->train_loss;
}

static double metric_of(const struct history_row *row, size_t metric) {
    return row->metrics[metric];
}

static void write_counts(const struct measurement *measurement, bool epochs,
                         struct json_writer *writer) {
    json_key(writer, epochs ? "epoch" : "step");
    json_begin_array(writer);
    for (size_t i = 0; i < measurement->history_count; i++)
        json_integer(writer, epochs ? measurement->history[i].epoch
                                    : measurement->history[i].step);
    json_end_array(writer);
}

static void write_history(const struct record *record,
                          struct json_writer *writer) {
    const struct measurement *measurement = record->measurement;
    struct part_metric columns[HISTORY_LIMIT];
    size_t count = history_columns(record->run, columns);
    json_key(writer, "history");
    json_begin_object(writer);
    write_counts(measurement, false, writer);
    write_counts(measurement, true, writer);
    json_key(writer, "lr");
    write_history_column(measurement, lr_of, 0, writer);
    json_key(writer, "train.loss");
    write_history_column(measurement, train_loss_of, 0, writer);
    for (size_t i = 0; i < count; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s.%s", PART_NAMES[columns[i].part],
                 columns[i].metric->name);
        json_key(writer, name);
        write_history_column(measurement, metric_of, i, writer);
    }
    json_end_object(writer);
}

/* `files` NULL: on one line, with the history. */
static void write_record(const struct record *record,
                         const struct store_files *files,
                         struct json_writer *writer) {
    static const struct store_files NONE;
    json_begin_object(writer);
    write_head(record, writer);
    write_metrics(record, writer);
    write_steps(record, writer);
    if (!files)
        write_history(record, writer);
    write_model(record->run->network, writer);
    write_data(record->run->data, writer);
    write_digest(record->measurement, writer);
    write_files(files ? files : &NONE, writer);
    json_key(writer, "numerics");
    json_integer(writer, NUMERICS_VERSION);
    json_end_object(writer);
}

void run_json_write(const struct record *record,
                    const struct store_files *files, struct text *out) {
    struct json_writer writer = json_writer_new(out, RECORD_JSON_INDENT);
    write_record(record, files, &writer);
    text_add_char(out, '\n');
}

void run_line_write(const struct record *record, struct text *out) {
    struct json_writer writer = json_writer_new(out, 0);
    write_record(record, NULL, &writer);
}
