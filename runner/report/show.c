#include "runner/report/show.h"

#include <stdio.h>
#include <string.h>

#include "engine/io/utf8.h"

enum {
    METRIC_WIDTH = 22, /* of the metrics' names */
    ROW_WIDTH = 8,     /* of a matrix' row numbers */
    NUMBER_WIDTH = 13,
    COLUMN_LIMIT = 10, /* of a printed matrix; the file has all */
    ROW_LIMIT = 32,
};

static void add_number(struct text *out, double value) {
    char digits[40];
    snprintf(digits, sizeof digits, "%.6g", value);
    text_print(out, "%*s", NUMBER_WIDTH, digits);
}

/* ----------------------------------------------------------------- metrics */

static void add_metric_row(const struct json_value *parts, const char *name,
                           struct text *out) {
    text_print(out, "%-*s", METRIC_WIDTH, name);
    for (size_t part = 0; part < json_count(parts); part++) {
        const struct json_value *metrics, *value;
        json_member_at(parts, part, &metrics);
        value = json_member(metrics, name);
        if (json_is_number(value))
            add_number(out, json_get_double(value, 0));
        else
            text_print(out, "%*s", NUMBER_WIDTH, "-");
    }
    text_add_char(out, '\n');
}

void show_metrics(const struct json_value *record, struct text *out) {
    const struct json_value *parts = json_member(record, "metrics");
    const struct json_value *first, *value;
    if (json_count(parts) == 0)
        return;
    text_print(out, "%-*s", METRIC_WIDTH, "");
    for (size_t part = 0; part < json_count(parts); part++)
        text_print(out, "%*s", NUMBER_WIDTH,
                   json_member_at(parts, part, &first));
    text_add_char(out, '\n');
    json_member_at(parts, 0, &first);
    for (size_t i = 0; i < json_count(first); i++)
        add_metric_row(parts, json_member_at(first, i, &value), out);
}

/* ----------------------------------------------------------------- weights */

/* A label of the data, which may be any text: its first characters, against
 * the right edge of a column. */
static void add_label(struct text *out, const char *label) {
    struct text shown = TEXT_INIT;
    size_t length = strlen(label), room = NUMBER_WIDTH - 1;
    if (utf8_count(label, length) > room)
        room -= strlen("...");
    utf8_excerpt(&shown, label, length, room);
    size_t width = utf8_count(text_string(&shown), shown.length);
    for (; width < NUMBER_WIDTH; width++)
        text_add_char(out, ' ');
    text_add(out, text_string(&shown));
    text_release(&shown);
}

/* A tensor as a matrix: its last axis across, all others down. */
static size_t columns_of(const struct safetensor *tensor) {
    return tensor->rank ? tensor->size[tensor->rank - 1] : 1;
}

static void add_column_names(const struct json_value *names, size_t columns,
                             struct text *out) {
    text_print(out, "%*s", ROW_WIDTH, "");
    for (size_t i = 0; i < columns; i++)
        add_label(out, json_get_string(json_element(names, i), "?"));
    text_add_char(out, '\n');
}

static void add_tensor_row(const struct safetensor *tensor, size_t row,
                           size_t shown, struct text *out) {
    size_t columns = columns_of(tensor);
    if (tensor->rank > 1)
        text_print(out, "%*zu", ROW_WIDTH, row);
    else
        text_print(out, "%*s", ROW_WIDTH, "");
    if (tensor->is_counter) {
        text_print(out, "%*lld\n", NUMBER_WIDTH,
                   (long long)safetensor_counter(tensor));
        return;
    }
    for (size_t i = 0; i < shown; i++)
        add_number(out, (double)safetensor_value(tensor, row * columns + i));
    text_add(out, columns > shown ? " ...\n" : "\n");
}

static void add_tensor(const struct safetensor *tensor,
                       const struct json_value *names, struct text *out) {
    size_t columns = columns_of(tensor);
    size_t rows = tensor->count / columns;
    size_t shown = columns < COLUMN_LIMIT ? columns : COLUMN_LIMIT;
    text_print(out, "  %s", tensor->name);
    for (size_t axis = 0; axis < tensor->rank; axis++)
        text_print(out, "%s%zu", axis ? ", " : " (", tensor->size[axis]);
    text_add(out, tensor->rank ? ")\n" : "\n");
    if (names && tensor->rank == 2 && json_count(names) == columns)
        add_column_names(names, shown, out);
    for (size_t row = 0; row < rows && row < ROW_LIMIT; row++)
        add_tensor_row(tensor, row, shown, out);
    if (rows > ROW_LIMIT || columns > shown)
        text_print(out, "%*s all %zu values: weights.safetensors\n", ROW_WIDTH,
                   "...", tensor->count);
}

static void add_layer_title(const struct json_value *layer, size_t index,
                            struct text *out) {
    const char *name = json_get_string(json_member(layer, "name"), NULL);
    text_print(out, "layer %zu: %s", index,
               json_get_string(json_member(layer, "type"), "?"));
    if (name)
        text_print(out, " '%s'", name);
    text_add_char(out, '\n');
}

static bool belongs(const struct safetensor *tensor, size_t layer) {
    char prefix[32];
    int length = snprintf(prefix, sizeof prefix, "%zu.", layer);
    return strncmp(tensor->name, prefix, (size_t)length) == 0;
}

static bool add_layer(const struct json_value *record, size_t index,
                      const struct safetensors *weights,
                      const struct json_value *names, struct text *out) {
    const struct json_value *layers =
        json_member(json_member(record, "model"), "layers");
    bool any = false;
    for (size_t i = 0; i < weights->count; i++) {
        if (!belongs(&weights->tensors[i], index))
            continue;
        if (!any)
            add_layer_title(json_element(layers, index), index, out);
        any = true;
        add_tensor(&weights->tensors[i], names, out);
    }
    return any;
}

/* A layer that keeps a row of so many numbers as it is, or number by number;
 * what is in a residual is not looked at. */
static bool keeps_columns(const struct json_value *layer, size_t columns) {
    const struct json_value *shape = json_member(layer, "output_shape");
    const char *type = json_get_string(json_member(layer, "type"), "");
    return json_count(shape) == 1 && strcmp(type, "residual") != 0 &&
           json_get_double(json_element(shape, 0), 0) == (double)columns;
}

/* Whether each column of a layer's matrix is for a column of the data. */
static bool sees_columns(const struct json_value *layers, size_t index,
                         size_t columns) {
    const char *type =
        json_get_string(json_member(json_element(layers, index), "type"), "");
    bool sees = strcmp(type, "linear") == 0;
    for (size_t i = 0; i < index && sees; i++)
        sees = keeps_columns(json_element(layers, i), columns);
    return sees;
}

void show_weights(const struct json_value *record,
                  const struct safetensors *weights, struct text *out) {
    const struct json_value *layers =
        json_member(json_member(record, "model"), "layers");
    const struct json_value *names =
        json_member(json_member(record, "data"), "columns");
    bool is_first = true;
    for (size_t i = 0; i < json_count(layers); i++) {
        bool sees = is_first && sees_columns(layers, i, json_count(names));
        if (add_layer(record, i, weights, sees ? names : NULL, out))
            is_first = false;
    }
}

/* -------------------------------------------------------------------- JSON */

static void write_axis(const struct safetensor *tensor, size_t axis,
                       size_t *next, struct json_writer *writer) {
    if (tensor->is_counter) {
        json_integer(writer, safetensor_counter(tensor));
        return;
    }
    if (axis >= tensor->rank || axis >= SHAPE_RANK_LIMIT) {
        json_float(writer, safetensor_value(tensor, (*next)++));
        return;
    }
    json_begin_array(writer);
    for (size_t i = 0; i < tensor->size[axis]; i++)
        write_axis(tensor, axis + 1, next, writer);
    json_end_array(writer);
}

void show_json(const char *record_text, const struct safetensors *weights,
               struct json_writer *writer) {
    json_begin_object(writer);
    json_key(writer, "run");
    json_raw(writer, record_text);
    json_key(writer, "weights");
    json_begin_object(writer);
    for (size_t i = 0; weights && i < weights->count; i++) {
        size_t next = 0;
        json_key(writer, weights->tensors[i].name);
        write_axis(&weights->tensors[i], 0, &next, writer);
    }
    json_end_object(writer);
    json_end_object(writer);
}
