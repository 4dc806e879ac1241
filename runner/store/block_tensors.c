#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "engine/io/json.h"
#include "engine/io/json_slices.h"
#include "runner/store/block.h"
#include "runner/store/safetensors.h"

enum { LENGTH_BYTES = 8, HEADER_LIMIT = 100000000 };

/* ---------------------------------------------------------------- the header
 */

/* A tensor as the header has it: with its leading axis. */
struct entry {
    bool is_whole; /* I64 */
    size_t rank, size[SHAPE_RANK_LIMIT + 1], count;
    uint64_t from, to; /* in the contents */
};

static bool read_shape(const struct json_value *shape, struct entry *entry) {
    entry->rank = json_count(shape);
    entry->count = 1;
    if (entry->rank == 0 || entry->rank > SHAPE_RANK_LIMIT + 1)
        return false;
    for (size_t axis = 0; axis < entry->rank; axis++) {
        int64_t size = json_get_integer(json_element(shape, axis), 0);
        if (size <= 0 || (uint64_t)size > SIZE_MAX / 8 / entry->count)
            return false;
        entry->size[axis] = (size_t)size;
        entry->count *= (size_t)size;
    }
    return true;
}

static bool read_entry(struct json_slice text, uint64_t contents,
                       struct entry *entry) {
    struct status ignored = STATUS_INIT;
    struct json_value *tree = json_parse(text.bytes, text.length, &ignored);
    const struct json_value *offsets = json_member(tree, "data_offsets");
    const char *type = json_get_string(json_member(tree, "dtype"), "");
    int64_t from = json_get_integer(json_element(offsets, 0), -1);
    int64_t to = json_get_integer(json_element(offsets, 1), -1);
    entry->is_whole = strcmp(type, "I64") == 0;
    size_t width = entry->is_whole ? sizeof(int64_t) : sizeof(float);
    bool good = (entry->is_whole || strcmp(type, "F32") == 0) &&
                read_shape(json_member(tree, "shape"), entry) && from >= 0 &&
                to >= from && (uint64_t)to <= contents &&
                (uint64_t)(to - from) == entry->count * width;
    entry->from = (uint64_t)from;
    entry->to = (uint64_t)to;
    json_free(tree);
    return good;
}

/* The metadata are texts, as the format has them. */
static bool read_metadata(struct json_slice text,
                          struct block_tensors *tensors) {
    struct status ignored = STATUS_INIT;
    struct json_value *tree = json_parse(text.bytes, text.length, &ignored);
    const char *digest =
        json_get_string(json_member(tree, "records_sha256"), "");
    const char *bytes = json_get_string(json_member(tree, "records_bytes"), "");
    const char *runs = json_get_string(json_member(tree, "runs"), "");
    bool good = strlen(digest) == DIGEST_TEXT_SIZE - 1 &&
                strtoull(runs, NULL, 10) == tensors->count;
    if (good)
        memcpy(tensors->records_digest, digest, DIGEST_TEXT_SIZE);
    tensors->records_bytes = strtoull(bytes, NULL, 10);
    json_free(tree);
    return good;
}

/* ------------------------------------------------------------------- groups */

static bool read_places(struct block_tensors *tensors,
                        const struct entry *entry, uint64_t at) {
    int64_t *lines = memory_zeroed(entry->count, sizeof *lines);
    bool good = entry->rank == 1 && entry->count <= tensors->count &&
                file_read_at(tensors->file, at + entry->from, lines,
                             entry->count * sizeof *lines) == 0;
    for (size_t i = 0; good && i < entry->count; i++) {
        good = lines[i] >= 0 && (uint64_t)lines[i] < tensors->count &&
               tensors->places[lines[i]].group == UINT32_MAX;
        if (good)
            tensors->places[lines[i]] = (struct block_place){
                (uint32_t)tensors->group_count, (uint32_t)i};
    }
    free(lines);
    if (!good)
        return false;
    memory_grow(&tensors->groups, tensors->group_count,
                &tensors->group_capacity, sizeof *tensors->groups);
    tensors->groups[tensors->group_count++] = (struct block_group){0};
    return true;
}

/* Tensors of a group stand together. */
static bool add_tensor(struct block_tensors *tensors, size_t group,
                       const char *name, const struct entry *entry,
                       uint64_t at) {
    if (group >= tensors->group_count)
        return false;
    struct block_group *of = &tensors->groups[group];
    struct block_tensor tensor = {.name = memory_string(name),
                                  .is_counter = entry->is_whole,
                                  .rank = entry->rank - 1,
                                  .count = entry->count / entry->size[0],
                                  .at = at + entry->from};
    memcpy(tensor.size, entry->size + 1, tensor.rank * sizeof *tensor.size);
    if (strcmp(name, "predictions") == 0 && !of->predictions.name) {
        of->predictions = tensor;
        return true;
    }
    memory_grow(&tensors->tensors, tensors->tensor_count,
                &tensors->tensor_capacity, sizeof *tensors->tensors);
    of->first = of->count ? of->first : tensors->tensor_count;
    bool good = of->first + of->count == tensors->tensor_count;
    of->count++;
    tensors->tensors[tensors->tensor_count++] = tensor;
    return good;
}

/* "G/NAME". */
static bool take_member(struct block_tensors *tensors, struct json_slice key,
                        struct json_slice value, uint64_t at,
                        uint64_t contents) {
    struct entry entry;
    if (json_slice_is(key, "__metadata__"))
        return read_metadata(value, tensors);
    char *name = memory_string_of(key.bytes, key.length), *slash;
    unsigned long group = strtoul(name, &slash, 10);
    bool is_runs = strcmp(slash, "/runs") == 0;
    bool good =
        slash > name && *slash == '/' && read_entry(value, contents, &entry) &&
        (!entry.is_whole || entry.rank == 1) && (!is_runs || entry.is_whole);
    if (good && is_runs)
        good =
            group == tensors->group_count && read_places(tensors, &entry, at);
    else if (good)
        good = add_tensor(tensors, group, slash + 1, &entry, at);
    free(name);
    return good;
}

static bool read_members(struct block_tensors *tensors, struct json_slice text,
                         uint64_t at, uint64_t contents) {
    struct json_walk walk;
    struct json_slice key, value;
    if (!json_walk_begin(&walk, text) || !walk.is_object)
        return false;
    while (json_walk_next(&walk, &key, &value))
        if (!take_member(tensors, key, value, at, contents))
            return false;
    return walk.is_whole && tensors->records_digest[0] != '\0';
}

static bool read_header(struct block_tensors *tensors,
                        const struct block_file *file) {
    uint64_t length, size = file->size - LENGTH_BYTES;
    if (file->size < LENGTH_BYTES ||
        file_read_at(file->file, file->at, &length, LENGTH_BYTES) != 0 ||
        length > size || length > HEADER_LIMIT)
        return false;
    uint64_t at = file->at + LENGTH_BYTES;
    char *text = memory_zeroed((size_t)length + 1, 1);
    bool good = file_read_at(file->file, at, text, (size_t)length) == 0 &&
                read_members(tensors, (struct json_slice){text, (size_t)length},
                             at + length, size - length);
    free(text);
    return good;
}

bool block_tensors_init(struct block_tensors *tensors,
                        const struct block_file *file, size_t count) {
    *tensors = (struct block_tensors){.file = file->file, .count = count};
    tensors->places = memory_zeroed(count, sizeof *tensors->places);
    for (size_t i = 0; i < count; i++)
        tensors->places[i].group = UINT32_MAX;
    if (read_header(tensors, file))
        return true;
    block_tensors_close(tensors);
    return false;
}

bool block_tensors_open(struct block_tensors *tensors,
                        const struct store *store, size_t number,
                        size_t count) {
    struct block_file file;
    *tensors = (struct block_tensors){.file = -1};
    return block_file_open(store, number, ".safetensors", &file) &&
           block_tensors_init(tensors, &file, count);
}

void block_tensors_close(struct block_tensors *tensors) {
    if (tensors->file >= 0)
        close(tensors->file);
    for (size_t i = 0; i < tensors->tensor_count; i++)
        free(tensors->tensors[i].name);
    for (size_t i = 0; i < tensors->group_count; i++)
        free(tensors->groups[i].predictions.name);
    free(tensors->tensors);
    free(tensors->groups);
    free(tensors->places);
    *tensors = (struct block_tensors){.file = -1};
}

/* -------------------------------------------------------------------- a run */

static bool read_run(const struct block_tensors *tensors,
                     const struct block_tensor *tensor, size_t row,
                     struct text *out) {
    size_t size =
        tensor->is_counter ? sizeof(int64_t) : tensor->count * sizeof(float);
    unsigned char *bytes = memory_zeroed(size, 1);
    bool good =
        file_read_at(tensors->file, tensor->at + row * size, bytes, size) == 0;
    if (good)
        text_append(out, bytes, size);
    free(bytes);
    return good;
}

/* NULL for a run without tensors. */
static const struct block_group *group_of(const struct block_tensors *tensors,
                                          size_t line) {
    if (line >= tensors->count ||
        tensors->places[line].group >= tensors->group_count)
        return NULL;
    return &tensors->groups[tensors->places[line].group];
}

static void write_header(const struct block_tensors *tensors,
                         const struct block_group *group, struct text *out) {
    struct safetensor *described =
        memory_zeroed(group->count, sizeof *described);
    for (size_t i = 0; i < group->count; i++) {
        const struct block_tensor *from = &tensors->tensors[group->first + i];
        described[i] = (struct safetensor){.name = from->name,
                                           .is_counter = from->is_counter,
                                           .rank = from->rank,
                                           .count = from->count};
        memcpy(described[i].size, from->size, sizeof from->size);
    }
    safetensors_write_header(described, group->count, out);
    free(described);
}

/* A text's bytes, which are always followed by a NUL. */
static bool hand_over(struct text *text, bool good, struct bytes *bytes) {
    if (good)
        *bytes = (struct bytes){.size = text->length};
    if (good)
        bytes->data = (unsigned char *)text_take(text);
    text_release(text);
    return good;
}

bool block_tensors_weights(const struct block_tensors *tensors, size_t line,
                           struct bytes *bytes) {
    const struct block_group *group = group_of(tensors, line);
    struct text text = TEXT_INIT;
    *bytes = (struct bytes){0};
    if (!group || group->count == 0)
        return false;
    bool good = true;
    write_header(tensors, group, &text);
    for (size_t i = 0; good && i < group->count; i++)
        good = read_run(tensors, &tensors->tensors[group->first + i],
                        tensors->places[line].row, &text);
    return hand_over(&text, good, bytes);
}

bool block_tensors_outputs(const struct block_tensors *tensors, size_t line,
                           struct bytes *bytes) {
    const struct block_group *group = group_of(tensors, line);
    struct text text = TEXT_INIT;
    *bytes = (struct bytes){0};
    if (!group || !group->predictions.name)
        return false;
    bool good = read_run(tensors, &group->predictions,
                         tensors->places[line].row, &text);
    return hand_over(&text, good, bytes);
}
