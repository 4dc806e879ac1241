#include "runner/store/stored.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "engine/io/json_slices.h"
#include "runner/store/packed_files.h"
#include "runner/store/plan_file.h"

/* ------------------------------------------------------------------- reader
 */

/* What is no plan says nothing; one that can't be read might have. */
static enum status_code read_form(struct stored_reader *reader,
                                  struct status *status) {
    struct plan_file plan;
    struct status cause = STATUS_INIT;
    enum status_code code = plan_file_open(&plan, reader->store, &cause);
    const struct json_value *packed = json_member(plan.head, "packed");
    reader->is_packed = json_get_integer(packed, 0) == BLOCK_RUNS;
    if (reader->is_packed) {
        reader->planned = plan_file_count(&plan);
        code = plan_file_check(&plan, reader->store, &cause);
    }
    plan_file_close(&plan);
    if (code != STATUS_OUTPUT)
        return STATUS_OK;
    *status = cause;
    return code;
}

enum status_code stored_reader_init(struct stored_reader *reader,
                                    const struct store *store,
                                    struct status *status) {
    *reader = (struct stored_reader){
        .store = store, .lines = {.file = -1}, .tensors = {.file = -1}};
    return read_form(reader, status);
}

void stored_reader_init_packed(struct stored_reader *reader, stored_open *open,
                               const void *place, size_t planned) {
    *reader = (struct stored_reader){.open = open,
                                     .place = place,
                                     .is_packed = true,
                                     .planned = planned,
                                     .lines = {.file = -1},
                                     .tensors = {.file = -1}};
}

static void close_block(struct stored_reader *reader) {
    if (reader->has_lines)
        block_lines_close(&reader->lines);
    if (reader->has_tensors)
        block_tensors_close(&reader->tensors);
    reader->has_lines = reader->has_tensors = false;
}

void stored_reader_release(struct stored_reader *reader) {
    close_block(reader);
    free(reader->index);
    reader->index = NULL;
}

static bool open_file(const struct stored_reader *reader, size_t number,
                      const char *ending, struct block_file *file) {
    return reader->open ? reader->open(reader->place, number, ending, file)
                        : block_file_open(reader->store, number, ending, file);
}

static bool has_block(const struct stored_reader *reader, size_t number) {
    struct block_file file;
    if (!reader->open)
        return block_is_there(reader->store, number);
    if (!open_file(reader, number, ".jsonl", &file))
        return false;
    close(file.file);
    return true;
}

static bool open_block(struct stored_reader *reader, size_t number) {
    struct block_file file;
    if (reader->has_lines && reader->number == number)
        return true;
    close_block(reader);
    reader->number = number;
    reader->has_lines = open_file(reader, number, ".jsonl", &file) &&
                        block_lines_init(&reader->lines, &file);
    return reader->has_lines;
}

static bool open_tensors(struct stored_reader *reader, size_t number) {
    struct block_file file;
    if (!open_block(reader, number))
        return false;
    if (!reader->has_tensors)
        reader->has_tensors =
            open_file(reader, number, ".safetensors", &file) &&
            block_tensors_init(&reader->tensors, &file,
                               block_runs(reader->planned, number));
    return reader->has_tensors;
}

/* --------------------------------------------------------------------- runs
 */

static enum stored_state read_folder(struct stored_run *run) {
    const struct store *store = run->reader->store;
    if (store_get_run(store, run->id, "run.json", &run->record))
        return STORED_THERE;
    return store_has_run(store, run->id) ? STORED_UNREADABLE : STORED_MISSING;
}

static int compare_positions(const void *a, const void *b) {
    const struct stored_position *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static void make_index(struct stored_reader *reader) {
    struct plan_file plan;
    struct status ignored = STATUS_INIT;
    struct json_slice run;
    run_id id;
    size_t i = 0;
    reader->index = memory_zeroed(reader->planned, sizeof *reader->index);
    if (plan_file_open(&plan, reader->store, &ignored) == STATUS_OK)
        for (; i < reader->planned && plan_file_next(&plan, &run); i++)
            reader->index[i] = (struct stored_position){
                plan_file_id(run, id) ? run_id_number(id) : 0, (uint32_t)i};
    plan_file_close(&plan);
    qsort(reader->index, reader->planned, sizeof *reader->index,
          compare_positions);
}

static size_t find_position(struct stored_reader *reader, const char *id) {
    const struct stored_position wanted = {.id = run_id_number(id)};
    if (!reader->index)
        make_index(reader);
    const struct stored_position *found =
        bsearch(&wanted, reader->index, reader->planned, sizeof wanted,
                compare_positions);
    return found ? found->position : STORED_ANYWHERE;
}

/* Whether a line is the record of this run. */
static bool is_of(const struct bytes *record, const char *id) {
    const struct json_slice text = {(const char *)record->data, record->size};
    run_id found;
    return plan_file_id(text, found) && strcmp(found, id) == 0;
}

static enum stored_state read_line(struct stored_run *run) {
    struct stored_reader *reader = run->reader;
    size_t number = run->position / BLOCK_RUNS;
    if (run->position == STORED_ANYWHERE || run->position >= reader->planned ||
        !has_block(reader, number))
        return STORED_MISSING;
    if (open_block(reader, number) &&
        block_lines_read(&reader->lines, run->position % BLOCK_RUNS,
                         &run->record)) {
        if (is_of(&run->record, run->id))
            return STORED_THERE;
        bytes_release(&run->record);
    }
    return STORED_UNREADABLE;
}

enum stored_state stored_run_init(struct stored_run *run,
                                  struct stored_reader *reader, const char *id,
                                  size_t position) {
    *run = (struct stored_run){.reader = reader, .position = position};
    if (!store_is_id(id))
        return STORED_MISSING;
    memcpy(run->id, id, sizeof run->id);
    if (!reader->is_packed)
        return read_folder(run);
    if (position == STORED_ANYWHERE)
        run->position = find_position(reader, id);
    return read_line(run);
}

void stored_run_release(struct stored_run *run) {
    bytes_release(&run->record);
}

void stored_run_place(const struct stored_run *run, struct text *out) {
    const struct stored_reader *reader = run->reader;
    char name[BLOCK_NAME_SIZE];
    block_name(run->position / BLOCK_RUNS, ".jsonl", name);
    if (reader->is_packed)
        text_print(out, "%s/runs/%s, %s", reader->store->path, name, run->id);
    else
        text_print(out, "%s/runs/%s", reader->store->path, run->id);
}

/* -------------------------------------------------------------------- files
 */

static bool give(const struct bytes *from, struct bytes *bytes) {
    *bytes = (struct bytes){memory_zeroed(from->size + 1, 1), from->size};
    memcpy(bytes->data, from->data, from->size);
    return true;
}

static bool packed_file(const struct stored_run *run, const char *name,
                        struct bytes *bytes) {
    struct text text = TEXT_INIT;
    const struct json_slice record = {(const char *)run->record.data,
                                      run->record.size};
    if (!packed_file_write(record, name, &text)) {
        text_release(&text);
        return false;
    }
    size_t length = text.length;
    *bytes = (struct bytes){(unsigned char *)text_take(&text), length};
    return true;
}

bool stored_run_file(const struct stored_run *run, const char *name,
                     struct bytes *bytes) {
    struct stored_reader *reader = run->reader;
    *bytes = (struct bytes){0};
    if (strcmp(name, "run.json") == 0)
        return give(&run->record, bytes);
    if (!reader->is_packed)
        return store_get_run(reader->store, run->id, name, bytes);
    if (strcmp(name, "weights.safetensors") == 0)
        return open_tensors(reader, run->position / BLOCK_RUNS) &&
               block_tensors_weights(&reader->tensors,
                                     run->position % BLOCK_RUNS, bytes);
    return packed_file(run, name, bytes);
}

bool stored_run_outputs(const struct stored_run *run, struct bytes *bytes) {
    struct stored_reader *reader = run->reader;
    *bytes = (struct bytes){0};
    return reader->is_packed &&
           open_tensors(reader, run->position / BLOCK_RUNS) &&
           block_tensors_outputs(&reader->tensors, run->position % BLOCK_RUNS,
                                 bytes);
}

/* ---------------------------------------------------------------------- ids
 */

static int compare_ids(const void *a, const void *b) {
    return strcmp(a, b);
}

/* Whether there is a record at all. */
static bool is_there(const struct stored_reader *reader, size_t position,
                     const char *id) {
    return reader->is_packed
               ? block_is_there(reader->store, position / BLOCK_RUNS)
               : store_has(reader->store, id, "run.json");
}

size_t stored_planned_ids(struct stored_reader *reader, run_id **ids,
                          size_t *planned) {
    struct plan_file plan;
    struct status ignored = STATUS_INIT;
    struct json_slice slice;
    size_t count = 0, capacity = 0;
    bool is_block = false;
    *ids = NULL;
    *planned = 0;
    if (plan_file_open(&plan, reader->store, &ignored) == STATUS_OK)
        for (; plan_file_next(&plan, &slice); ++*planned) {
            memory_grow(ids, count, &capacity, sizeof **ids);
            if (!plan_file_id(slice, (*ids)[count]))
                continue;
            if (!reader->is_packed || *planned % BLOCK_RUNS == 0)
                is_block = is_there(reader, *planned, (*ids)[count]);
            count += is_block;
        }
    plan_file_close(&plan);
    return count;
}

size_t stored_ids(struct stored_reader *reader, run_id **ids) {
    size_t planned;
    if (!reader->is_packed)
        return store_ids(reader->store, ids);
    size_t count = stored_planned_ids(reader, ids, &planned);
    if (count)
        qsort(*ids, count, sizeof **ids, compare_ids);
    return count;
}
