/* A part whose runs are all done, put into plan order: the two files of its
 * block. */

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/digest.h"
#include "engine/base/memory.h"
#include "engine/io/json.h"
#include "engine/io/json_slices.h"
#include "runner/store/block.h"
#include "runner/store/block_part.h"
#include "runner/store/safetensors.h"

enum { LENGTH_BYTES = 8, PIECE = 1 << 14 };

/* Adds a stretch of the part to what is put; `state` may be NULL. */
static enum status_code copy(const struct block_part *part, uint64_t at,
                             uint64_t size, struct digest_state *state,
                             struct put *put, struct status *status) {
    char piece[PIECE];
    while (size > 0) {
        size_t length = size < sizeof piece ? (size_t)size : sizeof piece;
        int error = file_read_at(part->file, at, piece, length);
        STATUS_RETURN_IF(error, status, STATUS_OUTPUT, "%s/.work/%s: %s",
                         part->store->path, part->name, strerror(error));
        if (state)
            digest_update(state, piece, length);
        text_append(&put->text, piece, length);
        STATUS_TRY(put_some(put, status));
        at += length;
        size -= length;
    }
    return STATUS_OK;
}

/* ----------------------------------------------------------------- records */

/* What the metadata say of the records. */
struct records {
    uint64_t bytes;
    char digest[DIGEST_TEXT_SIZE];
};

static enum status_code write_records(const struct block_part *part,
                                      struct put *put, struct records *records,
                                      struct status *status) {
    struct digest_state state;
    digest_init(&state);
    records->bytes = 0;
    for (size_t i = 0; i < part->runs; i++) {
        const struct part_entry *entry = &part->entries[i];
        STATUS_TRY(copy(part, entry->at, entry->record, &state, put, status));
        digest_update(&state, "\n", 1);
        text_add_char(&put->text, '\n');
        records->bytes += entry->record + 1;
    }
    digest_finish(&state, records->digest);
    return put_close(put, status);
}

/* ----------------------------------------------------------------- tensors */

/* One tensor of the runs of a group, as their headers have it. */
struct tensor {
    struct json_slice name, type, shape;
    uint64_t from, size; /* in a run's tensors, behind the header */
};

struct group {
    const struct part_group *in_part;
    struct tensor *tensors;
    size_t count, capacity;
    size_t *lines; /* [run_count], of the block, ascending */
    size_t run_count, run_capacity;
};

struct groups {
    struct group *groups; /* in the order of their first runs */
    size_t count;
};

static void add_tensor(struct group *group, struct json_slice key,
                       struct json_slice value) {
    struct tensor tensor = {.name = key};
    struct json_slice offsets;
    unsigned long long from = 0, to = 0;
    bool good = json_slice_member(value, "dtype", &tensor.type) &&
                json_slice_member(value, "shape", &tensor.shape) &&
                json_slice_member(value, "data_offsets", &offsets);
    assert(good);
    if (good)
        from = strtoull(offsets.bytes + 1, NULL, 10);
    if (good)
        to = strtoull(strchr(offsets.bytes, ',') + 1, NULL, 10);
    tensor.from = from;
    tensor.size = to - from;
    memory_grow(&group->tensors, group->count, &group->capacity,
                sizeof *group->tensors);
    group->tensors[group->count++] = tensor;
}

static void read_header(struct group *group) {
    struct json_walk walk;
    struct json_slice key, value;
    const struct json_slice header = {group->in_part->header,
                                      (size_t)group->in_part->length};
    if (json_walk_begin(&walk, header))
        while (json_walk_next(&walk, &key, &value))
            add_tensor(group, key, value);
}

/* A group without a tensor is left out: its runs have nothing to be written. */
static void find_groups(const struct block_part *part, struct groups *groups) {
    size_t *numbers = memory_zeroed(part->group_count, sizeof *numbers);
    *groups = (struct groups){
        .groups = memory_zeroed(part->group_count, sizeof *groups->groups)};
    for (size_t i = 0; i < part->runs; i++) {
        uint32_t in_part = part->entries[i].group;
        if (numbers[in_part] == 0) {
            numbers[in_part] = ++groups->count;
            groups->groups[groups->count - 1].in_part = &part->groups[in_part];
            read_header(&groups->groups[groups->count - 1]);
        }
        struct group *group = &groups->groups[numbers[in_part] - 1];
        memory_grow(&group->lines, group->run_count, &group->run_capacity,
                    sizeof *group->lines);
        group->lines[group->run_count++] = i;
    }
    if (groups->count && groups->groups[0].count == 0)
        groups->count = 0;
    free(numbers);
}

static void release_groups(const struct block_part *part,
                           struct groups *groups) {
    for (size_t i = 0; i < part->group_count; i++) {
        free(groups->groups[i].tensors);
        free(groups->groups[i].lines);
    }
    free(groups->groups);
}

static void write_metadata(const struct block_part *part,
                           const struct records *records,
                           struct json_writer *writer) {
    char number[32];
    json_key(writer, "__metadata__");
    json_begin_object(writer);
    json_key(writer, "runs");
    snprintf(number, sizeof number, "%zu", part->runs);
    json_string(writer, number);
    json_key(writer, "records_bytes");
    snprintf(number, sizeof number, "%" PRIu64, records->bytes);
    json_string(writer, number);
    json_key(writer, "records_sha256");
    json_string(writer, records->digest);
    json_end_object(writer);
}

/* "G/NAME"; the shape's text is that of a run, [] or [a,b], behind the number
 * of runs. */
static void write_entry(size_t number, struct json_slice name,
                        struct json_slice type, size_t runs,
                        struct json_slice shape, uint64_t size,
                        uint64_t *offset, struct json_writer *writer) {
    struct text text = TEXT_INIT;
    text_print(&text, "%zu/%.*s", number, (int)name.length, name.bytes);
    json_key(writer, text.bytes);
    text_clear(&text);
    text_print(&text, "{\"dtype\":%.*s,\"shape\":[%zu", (int)type.length,
               type.bytes, runs);
    if (shape.length > 2)
        text_print(&text, ",%.*s", (int)shape.length - 2, shape.bytes + 1);
    text_print(&text, "],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}", *offset,
               *offset + size);
    json_raw(writer, text.bytes);
    text_release(&text);
    *offset += size;
}

/* The whole numbers first: so they stay aligned. */
static void write_header(const struct block_part *part,
                         const struct groups *groups,
                         const struct records *records, struct text *out) {
    static const struct json_slice RUNS = {"runs", 4}, WHOLE = {"\"I64\"", 5},
                                   SCALAR = {"[]", 2};
    struct text header = TEXT_INIT;
    struct json_writer writer = json_writer_new(&header, 0);
    uint64_t offset = 0;
    json_begin_object(&writer);
    write_metadata(part, records, &writer);
    for (size_t i = 0; i < groups->count; i++) {
        size_t runs = groups->groups[i].run_count;
        write_entry(i, RUNS, WHOLE, runs, SCALAR, runs * sizeof(int64_t),
                    &offset, &writer);
    }
    for (size_t i = 0; i < groups->count; i++) {
        const struct group *group = &groups->groups[i];
        for (size_t j = 0; j < group->count; j++)
            write_entry(i, group->tensors[j].name, group->tensors[j].type,
                        group->run_count, group->tensors[j].shape,
                        group->run_count * group->tensors[j].size, &offset,
                        &writer);
    }
    json_end_object(&writer);
    safetensors_end_header(&header, out);
    text_release(&header);
}

static void write_lines(const struct group *group, struct text *out) {
    for (size_t i = 0; i < group->run_count; i++) {
        int64_t line = (int64_t)group->lines[i];
        text_append(out, &line, sizeof line);
    }
}

static enum status_code write_group(const struct block_part *part,
                                    const struct group *group, struct put *put,
                                    struct status *status) {
    uint64_t before = LENGTH_BYTES + group->in_part->length;
    for (size_t j = 0; j < group->count; j++)
        for (size_t i = 0; i < group->run_count; i++) {
            const struct part_entry *entry = &part->entries[group->lines[i]];
            uint64_t at = entry->at + entry->record + before;
            STATUS_TRY(copy(part, at + group->tensors[j].from,
                            group->tensors[j].size, NULL, put, status));
        }
    return STATUS_OK;
}

static enum status_code write_tensors(const struct block_part *part,
                                      const struct records *records,
                                      struct put *put, struct status *status) {
    struct groups groups;
    enum status_code code = STATUS_OK;
    find_groups(part, &groups);
    write_header(part, &groups, records, &put->text);
    for (size_t i = 0; i < groups.count; i++)
        write_lines(&groups.groups[i], &put->text);
    for (size_t i = 0; i < groups.count && code == STATUS_OK; i++)
        code = write_group(part, &groups.groups[i], put, status);
    release_groups(part, &groups);
    return code == STATUS_OK ? put_end(put, status) : code;
}

/* ------------------------------------------------------------------- commit */

enum status_code block_part_commit(const struct block_part *part,
                                   struct status *status) {
    const struct store *store = part->store;
    char lines_name[BLOCK_NAME_SIZE], tensors_name[BLOCK_NAME_SIZE];
    struct put lines, tensors;
    struct records records;
    assert(part->done == part->runs);
    block_name(part->number, ".jsonl", lines_name);
    block_name(part->number, ".safetensors", tensors_name);
    enum status_code code =
        put_begin(&lines, store, store->runs, lines_name, status);
    if (code == STATUS_OK)
        code = write_records(part, &lines, &records, status);
    if (code == STATUS_OK) {
        code = put_begin(&tensors, store, store->runs, tensors_name, status);
        if (code == STATUS_OK)
            code = write_tensors(part, &records, &tensors, status);
        put_drop(&tensors);
    }
    if (code == STATUS_OK)
        code = put_rename(&lines, status);
    put_drop(&lines);
    return code;
}
