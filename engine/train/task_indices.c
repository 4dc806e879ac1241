/* Features against a first layer that takes whole numbers. */

#include <math.h>
#include <stdio.h>

#include "engine/base/number.h"
#include "engine/train/task_parts.h"

/* A value that is used. */
struct used_value {
    float value;
    size_t column, position;
};

static bool is_index(float value) {
    return value >= 0 && value == floorf(value);
}

/* The first value that is no whole number from 0; else the largest. */
static struct used_value worst_index(const struct dataset *data) {
    struct used_value worst = {.value = 0};
    for (size_t column = 0; column < data->columns; column++)
        for (int part = 0; part < PARTS; part++)
            for (size_t i = 0; i < data->part[part].rows; i++) {
                size_t position = data->part[part].row[i];
                float value = data->features[column * data->rows + position];
                if (value > worst.value || !is_index(value))
                    worst = (struct used_value){value, column, position};
                if (!is_index(value))
                    return worst;
            }
    return worst;
}

/* The layer, or what it is that scales its numbers. */
static enum status_code blame_no_index(const struct run *run,
                                       const struct network_layer *layer,
                                       struct used_value found,
                                       struct status *status) {
    const struct dataset *data = run->data;
    bool scaled = data->feature_scaler_count > 0;
    char key[STATUS_KEY_SIZE], value[NUMBER_TEXT_SIZE];
    number_write_float(found.value, value);
    snprintf(key, sizeof key, "model.layers.%s", layer->path);
    return status_set_key(
        status, STATUS_CONFIG, scaled ? "data.preprocess.features" : key,
        "%s takes whole numbers from 0 to %lld%s; found %s in column '%s', "
        "row %lld",
        layer->kind->kind.name,
        (long long)layer->kind->indices(layer->options) - 1,
        scaled ? ", as they are" : "", value, data->column_names[found.column],
        (long long)data->row_number[found.position]);
}

enum status_code task_check_indices(const struct run *run,
                                    struct status *status) {
    const struct network_layer *layer = network_of_indices(run->network);
    const struct dataset *data = run->data;
    char key[STATUS_KEY_SIZE];
    if (!layer)
        return STATUS_OK;
    const int64_t limit = layer->kind->indices(layer->options);
    const struct used_value worst = worst_index(data);
    if (!is_index(worst.value))
        return blame_no_index(run, layer, worst, status);
    if ((double)worst.value < (double)limit)
        return STATUS_OK;
    snprintf(key, sizeof key, "model.layers.%s.num_embeddings", layer->path);
    return status_set_key(status, STATUS_CONFIG, key,
                          "the numbers go up to %.0f, in column '%s', row "
                          "%lld: expected at least %.0f, found %lld",
                          (double)worst.value, data->column_names[worst.column],
                          (long long)data->row_number[worst.position],
                          (double)worst.value + 1, (long long)limit);
}
