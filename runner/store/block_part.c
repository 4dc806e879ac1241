#include "runner/store/block_part.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/digest.h"
#include "engine/base/memory.h"
#include "engine/base/numerics.h"
#include "engine/io/json.h"
#include "runner/store/block.h"
#include "runner/store/folder.h"

/* An entry's line: "%08x %016x %016x %.32s\n". */
enum { LINE_SIZE = 8 + 1 + 16 + 1 + 16 + 1 + 32 + 1, PIECE = 1 << 16 };
enum { LENGTH_BYTES = 8, HEADER_LIMIT = 100000000 };

static enum status_code fail(const struct block_part *part, int error,
                             struct status *status) {
    return status_set(status, STATUS_OUTPUT, "%s/.work/%s: %s",
                      part->store->path, part->name, strerror(error));
}

/* --------------------------------------------------------------- first line
 */

static void write_head(const struct block_part *part, const struct plan *plan,
                       struct text *out) {
    const struct output_options *output = &plan->config->output;
    struct json_writer writer = json_writer_new(out, 0);
    struct digest_state state;
    char ids[DIGEST_TEXT_SIZE], id[RUN_ID_SIZE];
    digest_init(&state);
    for (size_t i = 0; i < part->runs; i++) {
        plan_id(plan, part->number * BLOCK_RUNS + i, id);
        digest_update(&state, id, sizeof id);
    }
    digest_finish(&state, ids);
    json_begin_object(&writer);
    json_key(&writer, "format");
    json_integer(&writer, 1);
    json_key(&writer, "version");
    json_string(&writer, RUNNER_VERSION);
    json_key(&writer, "numerics");
    json_integer(&writer, NUMERICS_VERSION);
    json_key(&writer, "weights");
    json_boolean(&writer, output->weights);
    json_key(&writer, "predictions");
    json_boolean(&writer, output->predictions);
    json_key(&writer, "ids");
    json_string(&writer, ids);
    json_end_object(&writer);
    text_add_char(out, '\n');
}

/* -------------------------------------------------------------------- groups
 */

static void add_group(struct block_part *part, char *header, uint64_t length) {
    memory_grow(&part->groups, part->group_count, &part->group_capacity,
                sizeof *part->groups);
    part->groups[part->group_count++] = (struct part_group){header, length};
}

/* The group of a run whose safetensors file begins so; takes nothing. Runs in
 * a row mostly are alike. */
static uint32_t group_of(struct block_part *part, const char *header,
                         uint64_t length) {
    for (size_t i = part->group_count; i-- > 0;)
        if (part->groups[i].length == length &&
            memcmp(part->groups[i].header, header, (size_t)length) == 0)
            return (uint32_t)i;
    add_group(part, memory_string_of(header, (size_t)length), length);
    return (uint32_t)part->group_count - 1;
}

/* ------------------------------------------------------------------- entries
 */

static void entry_line(size_t line, uint64_t record, uint64_t tensors,
                       const char *digest, char text[LINE_SIZE + 1]) {
    snprintf(text, LINE_SIZE + 1,
             "%08" PRIx32 " %016" PRIx64 " %016" PRIx64 " %.32s\n",
             (uint32_t)line, record, tensors, digest);
}

/* The digest covers the line's own numbers too. */
static void digest_line(struct digest_state *state, size_t line,
                        uint64_t record, uint64_t tensors) {
    const uint64_t numbers[] = {line, record, tensors};
    digest_init(state);
    digest_update(state, numbers, sizeof numbers);
}

static bool digest_contents(const struct block_part *part,
                            struct digest_state *state, uint64_t at,
                            uint64_t size) {
    char piece[PIECE];
    while (size > 0) {
        size_t length = size < sizeof piece ? (size_t)size : sizeof piece;
        if (file_read_at(part->file, at, piece, length) != 0)
            return false;
        digest_update(state, piece, length);
        at += length;
        size -= length;
    }
    return true;
}

static bool read_group(struct block_part *part, const struct part_entry *entry,
                       uint32_t *group) {
    uint64_t length, at = entry->at + entry->record;
    if (entry->tensors < LENGTH_BYTES ||
        file_read_at(part->file, at, &length, LENGTH_BYTES) != 0 ||
        length > entry->tensors - LENGTH_BYTES || length > HEADER_LIMIT)
        return false;
    char *header = memory_zeroed((size_t)length + 1, 1);
    bool good = file_read_at(part->file, at + LENGTH_BYTES, header,
                             (size_t)length) == 0;
    if (good)
        *group = group_of(part, header, length);
    free(header);
    return good;
}

static void note(struct block_part *part, size_t line,
                 const struct part_entry *entry) {
    part->done += part->entries[line].record == 0;
    part->entries[line] = *entry;
    part->end = entry->at + entry->record + entry->tensors;
}

/* The entry at the end of what was read so far; false if there is none that is
 * whole. */
static bool read_entry(struct block_part *part, uint64_t size) {
    char text[LINE_SIZE + 1] = "", again[LINE_SIZE + 1];
    char digest[DIGEST_TEXT_SIZE];
    struct digest_state state;
    struct part_entry entry = {.at = part->end + LINE_SIZE};
    uint64_t line = 0;
    if (entry.at > size ||
        file_read_at(part->file, part->end, text, LINE_SIZE) != 0 ||
        sscanf(text, "%8" SCNx64 " %16" SCNx64 " %16" SCNx64, &line,
               &entry.record, &entry.tensors) != 3 ||
        line >= part->runs || entry.record == 0 ||
        entry.record > size - entry.at ||
        entry.tensors > size - entry.at - entry.record)
        return false;
    digest_line(&state, (size_t)line, entry.record, entry.tensors);
    if (!digest_contents(part, &state, entry.at, entry.record + entry.tensors))
        return false;
    digest_finish(&state, digest);
    entry_line((size_t)line, entry.record, entry.tensors, digest, again);
    if (memcmp(text, again, LINE_SIZE) != 0 ||
        !read_group(part, &entry, &entry.group))
        return false;
    note(part, (size_t)line, &entry);
    return true;
}

/* False if the file is of another plan, program or output. */
static bool read_part(struct block_part *part, const struct text *head) {
    off_t size = lseek(part->file, 0, SEEK_END);
    char *found = memory_zeroed(head->length, 1);
    bool good = size >= (off_t)head->length &&
                file_read_at(part->file, 0, found, head->length) == 0 &&
                memcmp(found, head->bytes, head->length) == 0;
    free(found);
    part->end = head->length;
    while (good && read_entry(part, (uint64_t)size))
        continue;
    return good;
}

/* ------------------------------------------------------------ open and close
 */

static enum status_code begin(struct block_part *part, const struct text *head,
                              bool is_there, struct status *status) {
    if (is_there)
        return ftruncate(part->file, (off_t)part->end) == 0
                   ? STATUS_OK
                   : fail(part, errno, status);
    if (ftruncate(part->file, 0) != 0 || lseek(part->file, 0, SEEK_SET) != 0)
        return fail(part, errno, status);
    int error = file_write_all(part->file, head->bytes, head->length);
    part->end = head->length;
    return error ? fail(part, error, status) : STATUS_OK;
}

static void name_part(struct block_part *part, bool is_shared) {
    char name[BLOCK_NAME_SIZE];
    block_name(part->number, ".part", name);
    if (is_shared)
        snprintf(part->name, sizeof part->name, "%s", name);
    else
        work_name(name, part->name);
}

enum status_code block_part_open(struct block_part *part,
                                 const struct store *store,
                                 const struct plan *plan, size_t number,
                                 bool is_shared, bool fresh,
                                 struct status *status) {
    struct text head = TEXT_INIT;
    *part = (struct block_part){.store = store,
                                .number = number,
                                .runs = block_runs(plan->count, number)};
    part->entries = memory_zeroed(part->runs, sizeof *part->entries);
    name_part(part, is_shared);
    write_head(part, plan, &head);
    if (fresh)
        folder_remove(store->work, part->name);
    part->file = folder_open_file(store->work, part->name, O_RDWR | O_CREAT);
    enum status_code code =
        part->file < 0 ? fail(part, errno, status)
                       : begin(part, &head, read_part(part, &head), status);
    text_release(&head);
    return code;
}

void block_part_close(struct block_part *part) {
    if (part->file >= 0)
        close(part->file);
    part->file = -1;
    for (size_t i = 0; i < part->group_count; i++)
        free(part->groups[i].header);
    free(part->groups);
    free(part->entries);
    part->groups = NULL;
    part->entries = NULL;
    part->group_count = part->group_capacity = 0;
}

void block_part_remove(struct block_part *part) {
    block_part_close(part);
    folder_remove(part->store->work, part->name);
}

void block_part_forget(const struct store *store, size_t number) {
    char name[BLOCK_NAME_SIZE];
    block_name(number, ".part", name);
    if (store->work >= 0)
        folder_remove(store->work, name);
}

bool block_part_has(const struct block_part *part, size_t line) {
    return part->entries[line].record > 0;
}

/* In one write, as far as the system goes along. */
static int append(struct block_part *part, const char *line,
                  const struct text *record, const struct text *tensors) {
    struct text all = TEXT_INIT;
    text_append(&all, line, LINE_SIZE);
    text_append(&all, record->bytes, record->length);
    text_append(&all, tensors->bytes, tensors->length);
    int error = lseek(part->file, (off_t)part->end, SEEK_SET) < 0
                    ? errno
                    : file_write_all(part->file, all.bytes, all.length);
    text_release(&all);
    return error;
}

enum status_code block_part_add(struct block_part *part, size_t line,
                                const struct text *record,
                                const struct text *tensors,
                                struct status *status) {
    char text[LINE_SIZE + 1], digest[DIGEST_TEXT_SIZE];
    struct digest_state state;
    struct part_entry entry = {.at = part->end + LINE_SIZE,
                               .record = record->length,
                               .tensors = tensors->length};
    assert(line < part->runs && record->length > 0);
    digest_line(&state, line, entry.record, entry.tensors);
    digest_update(&state, record->bytes, record->length);
    digest_update(&state, tensors->bytes, tensors->length);
    digest_finish(&state, digest);
    entry_line(line, entry.record, entry.tensors, digest, text);
    int error = append(part, text, record, tensors);
    if (error)
        return fail(part, error, status);
    uint64_t length;
    memcpy(&length, tensors->bytes, LENGTH_BYTES);
    entry.group = group_of(part, tensors->bytes + LENGTH_BYTES, length);
    note(part, line, &entry);
    return STATUS_OK;
}
