#include "runner/store/checkpoint_file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "engine/base/numerics.h"
#include "engine/io/json.h"
#include "engine/train/trainer.h"
#include "runner/store/folder.h"
#include "runner/store/machine.h"

static const char ENDING[] = ".checkpoint";
enum { FORMAT = 1, NAME_SIZE = RUN_ID_SIZE + sizeof ENDING };

static void file_name(const char *id, char name[NAME_SIZE]) {
    assert(store_is_id(id));
    snprintf(name, NAME_SIZE, "%s%s", id, ENDING);
}

/* --------------------------------------------------------------- first line
 */

static void write_machine(const char *isa, struct json_writer *writer) {
    struct machine machine;
    machine_read(&machine);
    const char *const words[][2] = {{"host", machine.host},
                                    {"cpu", machine.cpu},
                                    {"isa", isa},
                                    {"source", machine.source},
                                    {"build", machine.build}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        json_key(writer, words[i][0]);
        json_string(writer, words[i][1]);
    }
}

static void write_head(const struct checkpoint_owner *owner, struct text *out) {
    struct json_writer writer = json_writer_new(out, 0);
    json_begin_object(&writer);
    json_key(&writer, "format");
    json_integer(&writer, FORMAT);
    json_key(&writer, "version");
    json_string(&writer, RUNNER_VERSION);
    json_key(&writer, "numerics");
    json_integer(&writer, NUMERICS_VERSION);
    json_key(&writer, "id");
    json_string(&writer, owner->id);
    if (owner->is_fast)
        write_machine(owner->isa, &writer);
    json_end_object(&writer);
    text_add_char(out, '\n');
}

/* -------------------------------------------------------------------- files
 */

/* Leaves the state alone in `bytes`. */
static enum checkpoint_answer judge(const struct text *head,
                                    struct bytes *bytes) {
    if (bytes->size < head->length ||
        memcmp(bytes->data, head->bytes, head->length) != 0)
        return CHECKPOINT_FOREIGN;
    bytes->size -= head->length;
    memmove(bytes->data, bytes->data + head->length, bytes->size);
    return checkpoint_step(bytes) > 0 ? CHECKPOINT_THERE : CHECKPOINT_DAMAGED;
}

enum checkpoint_answer
checkpoint_file_read(const struct store *store,
                     const struct checkpoint_owner *owner,
                     struct bytes *state) {
    char name[NAME_SIZE];
    struct text head = TEXT_INIT;
    file_name(owner->id, name);
    if (!store_get_work(store, name, state))
        return CHECKPOINT_NONE;
    write_head(owner, &head);
    enum checkpoint_answer answer = judge(&head, state);
    text_release(&head);
    if (answer != CHECKPOINT_THERE)
        bytes_release(state);
    return answer;
}

static enum status_code put(const struct store *store, const char *name,
                            const struct text *content, struct status *status) {
    char aside[WORK_NAME_SIZE];
    struct status cause = STATUS_INIT;
    work_name(name, aside);
    folder_remove(store->work, aside);
    STATUS_RETURN_IF(whole_file_create(store->work, aside, content->bytes,
                                       content->length, &cause) != STATUS_OK,
                     status, STATUS_OUTPUT, "%s/.work/%s", store->path,
                     cause.message);
    if (renameat(store->work, aside, store->work, name) == 0)
        return STATUS_OK;
    status_set(status, STATUS_OUTPUT, "%s/.work/%s: %s", store->path, name,
               strerror(errno));
    folder_remove(store->work, aside);
    return STATUS_OUTPUT;
}

enum status_code checkpoint_file_write(const struct store *store,
                                       const struct checkpoint_owner *owner,
                                       const struct text *state,
                                       struct status *status) {
    char name[NAME_SIZE];
    struct text content = TEXT_INIT;
    file_name(owner->id, name);
    write_head(owner, &content);
    text_append(&content, state->bytes, state->length);
    enum status_code code = put(store, name, &content, status);
    text_release(&content);
    return code;
}

void checkpoint_file_remove(const struct store *store, const char *id) {
    char name[NAME_SIZE];
    file_name(id, name);
    folder_remove(store->work, name);
}

/* The id in the name of a checkpoint, or "". */
static void id_of(const char *name, run_id id) {
    memset(id, 0, sizeof(run_id));
    if (strlen(name) == RUN_ID_SIZE - 1 + strlen(ENDING) &&
        strcmp(name + RUN_ID_SIZE - 1, ENDING) == 0)
        memcpy(id, name, RUN_ID_SIZE - 1);
}

size_t checkpoint_file_ids(const struct store *store, run_id **ids) {
    size_t count = 0, capacity = 0;
    int copy = folder_open(store->work, ".");
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    *ids = NULL;
    if (!stream) {
        if (copy >= 0)
            close(copy);
        return 0;
    }
    for (struct dirent *entry; (entry = readdir(stream));) {
        run_id id;
        id_of(entry->d_name, id);
        if (!store_is_id(id))
            continue;
        memory_grow(ids, count, &capacity, sizeof **ids);
        memcpy((*ids)[count++], id, sizeof id);
    }
    closedir(stream);
    return count;
}
