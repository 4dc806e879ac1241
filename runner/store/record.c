#include "runner/store/record.h"

#include <string.h>

#include "engine/base/digest.h"
#include "runner/store/record_parts.h"
#include "runner/store/safetensors.h"

static const char RUN_JSON[] = "run.json";

/* A run's file other than run.json: when it is asked for, and who writes it. */
struct file_row {
    const char *name;
    bool (*asked)(const struct output_options *output);
    void (*write)(const struct record *record, struct text *out);
};

static bool asked_always(const struct output_options *output) {
    (void)output;
    return true;
}

static bool asked_weights(const struct output_options *output) {
    return output->weights;
}

static bool asked_predictions(const struct output_options *output) {
    return output->predictions;
}

static void write_config(const struct record *record, struct text *out) {
    config_write_yaml(record->config, out);
}

static void write_weights(const struct record *record, struct text *out) {
    const struct measurement *measurement = record->measurement;
    safetensors_write(record->run->network, measurement->parameters,
                      measurement->buffers, measurement->batches, out);
}

static const struct file_row FILE_ROWS[] = {
    {"config.yaml", asked_always, write_config},
    {"metrics.csv", asked_always, metrics_csv_write},
    {"history.csv", asked_always, history_csv_write},
    {"weights.safetensors", asked_weights, write_weights},
    {"predictions.csv", asked_predictions, predictions_csv_write},
};
enum { FILE_ROW_COUNT = sizeof FILE_ROWS / sizeof *FILE_ROWS };

bool record_is_file(const char *name) {
    bool is_file = strcmp(name, RUN_JSON) == 0;
    for (size_t i = 0; i < FILE_ROW_COUNT; i++)
        is_file = is_file || strcmp(name, FILE_ROWS[i].name) == 0;
    return is_file;
}

bool record_write_file(const struct record *record, const char *name,
                       struct text *out) {
    for (size_t i = 0; i < FILE_ROW_COUNT; i++) {
        if (strcmp(name, FILE_ROWS[i].name) != 0 ||
            !FILE_ROWS[i].asked(&record->config->output))
            continue;
        FILE_ROWS[i].write(record, out);
        return true;
    }
    return false;
}

void record_write(const struct record *record, struct store_files *files) {
    files->count = 0;
    for (size_t i = 0; i < FILE_ROW_COUNT; i++)
        if (FILE_ROWS[i].asked(&record->config->output))
            FILE_ROWS[i].write(record,
                               store_files_add(files, FILE_ROWS[i].name));
    struct text json = TEXT_INIT;
    run_json_write(record, files, &json);
    *store_files_add(files, RUN_JSON) = json;
}

void record_write_packed(const struct record *record, struct text *line,
                         struct text *tensors) {
    const struct measurement *measurement = record->measurement;
    const struct output_options *output = &record->config->output;
    const struct network *network = record->run->network;
    size_t rows = record->run->data->part[PART_TEST].rows;
    size_t units = (size_t)shape_units(network->output);
    const struct safetensor predictions = {
        .name = "predictions",
        .rank = 2,
        .size = {rows, units},
        .count = rows * units,
        .values = (const unsigned char *)measurement->test_outputs};
    run_line_write(record, line);
    safetensors_write_more(output->weights ? network : NULL,
                           measurement->parameters, measurement->buffers,
                           measurement->batches,
                           output->predictions ? &predictions : NULL, tensors);
}

/* ---------------------------------------------------------------- finished */

static bool agrees(const struct store *store, const char *id,
                   const struct json_value *file) {
    struct bytes bytes;
    char hex[DIGEST_TEXT_SIZE] = "";
    const char *name = json_get_string(json_member(file, "name"), "");
    if (!*name || strchr(name, '/') || !store_get_run(store, id, name, &bytes))
        return false;
    digest_of(bytes.data, bytes.size, hex);
    bytes_release(&bytes);
    return strcmp(hex, json_get_string(json_member(file, "sha256"), "")) == 0;
}

static bool agrees_with_files(const struct store *store, const char *id,
                              const struct json_value *files) {
    bool good = json_is_array(files);
    for (size_t i = 0; good && i < json_count(files); i++)
        good = agrees(store, id, json_element(files, i));
    return good;
}

struct json_value *record_read(const struct store *store, const char *id) {
    struct bytes bytes;
    struct status ignored = STATUS_INIT;
    if (!store_get_run(store, id, RUN_JSON, &bytes))
        return NULL;
    struct json_value *record =
        json_parse((const char *)bytes.data, bytes.size, &ignored);
    bytes_release(&bytes);
    return record;
}

bool record_is_finished(const struct store *store, const char *id,
                        const struct output_options *output, bool verify) {
    for (size_t i = 0; i < FILE_ROW_COUNT; i++)
        if (FILE_ROWS[i].asked(output) &&
            !store_has(store, id, FILE_ROWS[i].name))
            return false;
    struct json_value *record = record_read(store, id);
    const char *found = json_get_string(json_member(record, "id"), "");
    bool finished =
        strcmp(found, id) == 0 &&
        (!verify || agrees_with_files(store, id, json_member(record, "files")));
    json_free(record);
    return finished;
}
