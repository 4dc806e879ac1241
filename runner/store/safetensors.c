#include "runner/store/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

/* The longest header is the format's own limit. */
enum { LENGTH_BYTES = 8, HEADER_LIMIT = 100000000 };

static size_t tensor_bytes(bool is_counter, size_t count) {
    return is_counter ? sizeof(int64_t) : count * sizeof(float);
}

static void write_entry(const struct safetensor *tensor, size_t *offset,
                        struct json_writer *writer) {
    json_key(writer, tensor->name);
    json_begin_object(writer);
    json_key(writer, "dtype");
    json_string(writer, tensor->is_counter ? "I64" : "F32");
    json_key(writer, "shape");
    json_begin_array(writer);
    for (size_t axis = 0; axis < tensor->rank; axis++)
        json_integer(writer, (int64_t)tensor->size[axis]);
    json_end_array(writer);
    json_key(writer, "data_offsets");
    json_begin_array(writer);
    json_integer(writer, (int64_t)*offset);
    *offset += tensor_bytes(tensor->is_counter, tensor->count);
    json_integer(writer, (int64_t)*offset);
    json_end_array(writer);
    json_end_object(writer);
}

void safetensors_write_header(const struct safetensor *tensors, size_t count,
                              struct text *out) {
    struct text header = TEXT_INIT;
    struct json_writer writer = json_writer_new(&header, 0);
    size_t offset = 0;
    json_begin_object(&writer);
    for (size_t i = 0; i < count; i++)
        write_entry(&tensors[i], &offset, &writer);
    json_end_object(&writer);
    safetensors_end_header(&header, out);
    text_release(&header);
}

void safetensors_end_header(struct text *header, struct text *out) {
    while (header->length % LENGTH_BYTES)
        text_add_char(header, ' ');
    uint64_t length = header->length;
    text_append(out, &length, LENGTH_BYTES);
    text_append(out, header->bytes, header->length);
}

static struct safetensor describe(const struct network_tensor *tensor) {
    struct safetensor described = {.name = tensor->name,
                                   .is_counter = tensor->is_counter,
                                   .rank = (size_t)tensor->shape.rank,
                                   .count = tensor->count};
    for (size_t axis = 0; axis < described.rank; axis++)
        described.size[axis] = (size_t)tensor->shape.size[axis];
    return described;
}

void safetensors_write(const struct network *network, const float *parameters,
                       const float *buffers, int64_t batches,
                       struct text *out) {
    safetensors_write_more(network, parameters, buffers, batches, NULL, out);
}

void safetensors_write_more(const struct network *network,
                            const float *parameters, const float *buffers,
                            int64_t batches, const struct safetensor *more,
                            struct text *out) {
    size_t count = network ? network->tensor_count : 0;
    struct safetensor *tensors = memory_zeroed(count + 1, sizeof *tensors);
    for (size_t i = 0; i < count; i++)
        tensors[i] = describe(&network->tensors[i]);
    if (more)
        tensors[count] = *more;
    safetensors_write_header(tensors, count + (more != NULL), out);
    free(tensors);
    for (size_t i = 0; i < count; i++) {
        const struct network_tensor *tensor = &network->tensors[i];
        const float *from = tensor->is_buffer ? buffers : parameters;
        if (tensor->is_counter)
            text_append(out, &batches, sizeof batches);
        else
            text_append(out, from + tensor->offset,
                        tensor->count * sizeof *from);
    }
    if (more)
        text_append(out, more->values, more->count * sizeof(float));
}

float safetensor_value(const struct safetensor *tensor, size_t index) {
    float value;
    memcpy(&value, tensor->values + index * sizeof value, sizeof value);
    return value;
}

int64_t safetensor_counter(const struct safetensor *tensor) {
    int64_t value;
    memcpy(&value, tensor->values, sizeof value);
    return value;
}

static bool read_shape(const struct json_value *shape,
                       struct safetensor *tensor) {
    tensor->rank = json_count(shape);
    tensor->count = 1;
    if (!json_is_array(shape) || tensor->rank > SHAPE_RANK_LIMIT)
        return false;
    for (size_t axis = 0; axis < tensor->rank; axis++) {
        int64_t size = json_get_integer(json_element(shape, axis), 0);
        if (size <= 0 || (uint64_t)size > SIZE_MAX / tensor->count)
            return false;
        tensor->size[axis] = (size_t)size;
        tensor->count *= (size_t)size;
    }
    return true;
}

/* The tensors' bytes: `size` of them from `first` on. */
struct contents {
    const unsigned char *first;
    size_t size;
};

static bool read_entry(const struct json_value *entry,
                       const struct contents *contents,
                       struct safetensor *tensor) {
    const struct json_value *offsets = json_member(entry, "data_offsets");
    int64_t from = json_get_integer(json_element(offsets, 0), -1);
    int64_t to = json_get_integer(json_element(offsets, 1), -1);
    const char *type = json_get_string(json_member(entry, "dtype"), "");
    tensor->is_counter = strcmp(type, "I64") == 0;
    if ((strcmp(type, "F32") != 0 && !tensor->is_counter) ||
        json_count(offsets) != 2 || from < 0 || to < from ||
        (uint64_t)to > contents->size ||
        !read_shape(json_member(entry, "shape"), tensor))
        return false;
    uint64_t length = (uint64_t)(to - from);
    tensor->values = contents->first + from;
    if (tensor->is_counter)
        return tensor->rank == 0 && length == sizeof(int64_t);
    return length % sizeof(float) == 0 &&
           length / sizeof(float) == tensor->count;
}

static bool read_entries(const struct contents *contents,
                         struct safetensors *file) {
    size_t entries = json_count(file->header);
    file->tensors = memory_zeroed(entries, sizeof *file->tensors);
    for (size_t i = 0; i < entries; i++) {
        const struct json_value *entry;
        const char *name = json_member_at(file->header, i, &entry);
        if (strcmp(name, "__metadata__") == 0)
            continue;
        struct safetensor *tensor = &file->tensors[file->count];
        if (!read_entry(entry, contents, tensor))
            return false;
        tensor->name = name;
        file->count++;
    }
    return true;
}

static int compare_places(const void *a, const void *b) {
    const struct safetensor *const *first = a, *const *second = b;
    return ((*first)->values > (*second)->values) -
           ((*first)->values < (*second)->values);
}

/* Whether the tensors fill the contents: no byte twice, none left over. */
static bool fills(const struct safetensors *file,
                  const struct contents *contents) {
    const struct safetensor **sorted =
        memory_zeroed(file->count, sizeof *sorted);
    const unsigned char *next = contents->first;
    bool good = true;
    for (size_t i = 0; i < file->count; i++)
        sorted[i] = &file->tensors[i];
    qsort(sorted, file->count, sizeof *sorted, compare_places);
    for (size_t i = 0; good && i < file->count; i++) {
        good = sorted[i]->values == next;
        next += tensor_bytes(sorted[i]->is_counter, sorted[i]->count);
    }
    free(sorted);
    return good && next == contents->first + contents->size;
}

enum status_code safetensors_read(const struct bytes *bytes,
                                  struct safetensors *file,
                                  struct status *status) {
    *file = (struct safetensors){0};
    uint64_t length = 0;
    if (bytes->size >= LENGTH_BYTES)
        memcpy(&length, bytes->data, LENGTH_BYTES);
    STATUS_RETURN_IF(bytes->size < LENGTH_BYTES ||
                         length > bytes->size - LENGTH_BYTES ||
                         length > HEADER_LIMIT,
                     status, STATUS_INPUT, "not a safetensors file");
    const unsigned char *header = bytes->data + LENGTH_BYTES;
    file->header = json_parse((const char *)header, (size_t)length, status);
    if (!file->header)
        return STATUS_INPUT;
    const struct contents contents = {.first = header + length,
                                      .size = bytes->size - LENGTH_BYTES -
                                              (size_t)length};
    if (json_is_object(file->header) && read_entries(&contents, file) &&
        fills(file, &contents))
        return STATUS_OK;
    safetensors_release(file);
    return status_set(status, STATUS_INPUT,
                      "not a safetensors file of float32 tensors");
}

void safetensors_release(struct safetensors *file) {
    free(file->tensors);
    json_free(file->header);
    *file = (struct safetensors){0};
}
