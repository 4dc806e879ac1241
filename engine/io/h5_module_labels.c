/* Names of columns, as pandas stores them. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "engine/io/h5_module.h"
#include "engine/io/utf8.h"

static void start_labels(struct h5_labels *labels, size_t count) {
    *labels = (struct h5_labels){.count = count};
    labels->label = memory_zeroed(count, sizeof *labels->label);
}

void h5_labels_release(struct h5_labels *labels) {
    for (size_t i = 0; i < labels->count; i++)
        free(labels->label[i]);
    free(labels->label);
    free(labels->sorted);
    *labels = (struct h5_labels){0};
}

bool h5_is_label(const char *bytes, size_t length) {
    return utf8_valid(bytes, length) == length && !memchr(bytes, '\0', length);
}

static enum status_code read_strings(const struct h5_dataset *dataset,
                                     struct h5_labels *labels,
                                     struct status *status) {
    size_t size = H5Tget_size(dataset->type);
    char *bytes = memory_zeroed(labels->count, size);
    enum status_code code =
        h5_read_rows(dataset, dataset->type, 0, labels->count, bytes, status);
    for (size_t i = 0; code == STATUS_OK && i < labels->count; i++) {
        const char *label = bytes + i * size;
        size_t length = strnlen(label, size);
        if (!h5_is_label(label, length))
            code = status_set(status, STATUS_INPUT,
                              "%s: label %zu is not UTF-8", dataset->where, i);
        else
            labels->label[i] = memory_string_of(label, length);
    }
    free(bytes);
    return code;
}

static char *integer_text(int64_t value) {
    char text[NUMBER_TEXT_SIZE];
    number_write_integer(value, text);
    return memory_string(text);
}

static char *double_text(double value) {
    char text[NUMBER_TEXT_SIZE];
    number_write_double(value, text);
    return memory_string(text);
}

static enum status_code read_integers(const struct h5_dataset *dataset,
                                      struct h5_labels *labels,
                                      struct status *status) {
    int64_t *values = memory_zeroed(labels->count, sizeof *values);
    enum status_code code = h5_read_rows(dataset, H5T_NATIVE_INT64, 0,
                                         labels->count, values, status);
    for (size_t i = 0; code == STATUS_OK && i < labels->count; i++)
        labels->label[i] = integer_text(values[i]);
    free(values);
    return code;
}

static enum status_code read_floats(const struct h5_dataset *dataset,
                                    struct h5_labels *labels,
                                    struct status *status) {
    double *values = memory_zeroed(labels->count, sizeof *values);
    enum status_code code = h5_read_rows(dataset, H5T_NATIVE_DOUBLE, 0,
                                         labels->count, values, status);
    for (size_t i = 0; code == STATUS_OK && i < labels->count; i++)
        labels->label[i] = double_text(values[i]);
    free(values);
    return code;
}

/* pandas' attribute `kind` says what the array means: dates are integers too.
 */
static enum status_code read_kind(const struct h5_dataset *dataset,
                                  struct h5_labels *labels,
                                  struct status *status) {
    static const struct kind_row {
        const char *kind;
        enum h5_element element;
        enum status_code (*read)(const struct h5_dataset *dataset,
                                 struct h5_labels *labels,
                                 struct status *status);
    } ROWS[] = {{"string", H5_STRINGS, read_strings},
                {"integer", H5_NUMBERS, read_integers},
                {"float", H5_NUMBERS, read_floats}};
    struct text kind = TEXT_INIT;
    bool is_utf8;
    h5_attribute_text(dataset->id, "kind", &kind, &is_utf8);
    size_t row = 0, count = sizeof ROWS / sizeof ROWS[0];
    while (row < count && (strcmp(text_string(&kind), ROWS[row].kind) != 0 ||
                           dataset->element != ROWS[row].element))
        row++;
    enum status_code code =
        row < count
            ? ROWS[row].read(dataset, labels, status)
            : status_set(status, STATUS_INPUT,
                         "%s: column labels of kind '%.40s', expected strings "
                         "or numbers",
                         dataset->where, text_string(&kind));
    text_release(&kind);
    return code;
}

static enum status_code read_labels(const struct h5_dataset *dataset,
                                    struct h5_labels *labels,
                                    struct status *status) {
    STATUS_RETURN_IF(h5_has_attribute(dataset->id, "shape"), status,
                     STATUS_INPUT, "%s: the table has no columns",
                     dataset->where);
    STATUS_RETURN_IF(dataset->rank != 1 || dataset->shape[0] == 0, status,
                     STATUS_INPUT,
                     "%s: an array of shape %s, expected a list of labels",
                     dataset->where, dataset->shape_text);
    start_labels(labels, (size_t)dataset->shape[0]);
    return read_kind(dataset, labels, status);
}

enum status_code h5_labels_read(const struct h5_file *file, const char *path,
                                struct h5_labels *labels,
                                struct status *status) {
    struct h5_dataset dataset;
    *labels = (struct h5_labels){0};
    STATUS_TRY(h5_dataset_open(file, path, &dataset, status));
    enum status_code code = read_labels(&dataset, labels, status);
    if (code != STATUS_OK)
        h5_labels_release(labels);
    h5_dataset_close(&dataset);
    return code;
}

char *h5_label_text(const struct pickle_value *value) {
    switch (value->type) {
    case PICKLE_STRING:
        return memory_string(value->string);
    case PICKLE_INTEGER:
        return integer_text(value->integer);
    case PICKLE_FLOAT:
        return double_text(value->number);
    case PICKLE_BOOLEAN:
        return memory_string(value->integer ? "True" : "False");
    default:
        return NULL;
    }
}

enum status_code h5_labels_of_pickle(const struct pickle_value *list,
                                     const char *where,
                                     struct h5_labels *labels,
                                     struct status *status) {
    *labels = (struct h5_labels){0};
    STATUS_RETURN_IF(!list || list->type != PICKLE_LIST, status, STATUS_INPUT,
                     "%s: the column labels are not a list", where);
    start_labels(labels, list->count);
    for (size_t i = 0; i < list->count; i++) {
        labels->label[i] = h5_label_text(list->items[i]);
        if (labels->label[i])
            continue;
        h5_labels_release(labels);
        return status_set(status, STATUS_INPUT,
                          "%s: column label %zu is neither a string nor a "
                          "number (several levels of labels?)",
                          where, i);
    }
    return STATUS_OK;
}

/* qsort() hands on no context: pairs are sorted. */
struct sort_pair {
    const char *label;
    size_t position;
};

static int compare_pairs(const void *a, const void *b) {
    return strcmp(((const struct sort_pair *)a)->label,
                  ((const struct sort_pair *)b)->label);
}

enum status_code h5_labels_sort(struct h5_labels *labels, const char *where,
                                struct status *status) {
    size_t count = labels->count, twin = 0;
    struct sort_pair *pairs = memory_zeroed(count, sizeof *pairs);
    labels->sorted = memory_zeroed(count, sizeof *labels->sorted);
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct sort_pair){labels->label[i], i};
    qsort(pairs, count, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < count; i++) {
        labels->sorted[i] = pairs[i].position;
        if (i > 0 && compare_pairs(&pairs[i - 1], &pairs[i]) == 0)
            twin = i;
    }
    const char *label = twin ? pairs[twin].label : NULL;
    free(pairs);
    STATUS_RETURN_IF(label, status, STATUS_INPUT,
                     "%s: two columns have the label '%.100s'", where, label);
    return STATUS_OK;
}

size_t h5_labels_find(const struct h5_labels *labels, const char *label) {
    size_t first = 0, last = labels->count;
    while (first < last) {
        size_t middle = first + (last - first) / 2;
        size_t position = labels->sorted[middle];
        int order = strcmp(label, labels->label[position]);
        if (order == 0)
            return position;
        if (order < 0)
            last = middle;
        else
            first = middle + 1;
    }
    return labels->count;
}
