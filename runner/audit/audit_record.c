#include "runner/audit/audit_record.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/memory.h"
#include "engine/io/json_slices.h"
#include "runner/store/record.h"

enum { FILE_LIMIT = 1 << 30 };

static struct audit_file *add(struct audit_record *record, const char *name) {
    memory_grow(&record->files, record->count, &record->capacity,
                sizeof *record->files);
    struct audit_file *file = &record->files[record->count++];
    *file = (struct audit_file){.name = memory_string(name),
                                .is_record = record_is_file(name),
                                .agrees = true};
    return file;
}

/* ------------------------------------------------------------------ folder */

static void read_entry(struct audit_record *record, const char *folder,
                       const char *name) {
    struct status ignored = STATUS_INIT;
    struct text path = TEXT_INIT;
    struct stat about;
    struct audit_file *file = add(record, name);
    text_print(&path, "%s/%s", folder, name);
    if (file->is_record && lstat(path.bytes, &about) == 0 &&
        S_ISREG(about.st_mode))
        file->is_read = whole_file_read(path.bytes, FILE_LIMIT, STATUS_INPUT,
                                        &file->bytes, &ignored) == STATUS_OK;
    text_release(&path);
}

static void read_folder(struct audit_record *record, const char *folder) {
    DIR *stream = opendir(folder);
    if (!stream)
        return;
    for (struct dirent *entry; (entry = readdir(stream));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            read_entry(record, folder, entry->d_name);
    closedir(stream);
}

/* ------------------------------------------------------------------ bundle */

static bool is_within(const char *path, const char *within) {
    size_t length = strlen(within);
    return strncmp(path, within, length) == 0 && path[length] == '/';
}

static void read_bundle(struct audit_record *record,
                        const struct audit_place *place) {
    const struct bundle *bundle = place->bundle;
    for (size_t i = bundle_first(bundle, place->within);
         i < bundle->count && is_within(bundle->files[i].path, place->within);
         i++) {
        const struct bundle_file *entry = &bundle->files[i];
        struct audit_file *file =
            add(record, entry->path + strlen(place->within) + 1);
        file->is_read = bundle_get(bundle, entry, &file->bytes, &file->agrees);
    }
}

/* ------------------------------------------------------------------ packed */

static void take(struct audit_record *record, const char *name,
                 struct bytes bytes) {
    struct audit_file *file = add(record, name);
    file->is_read = true;
    file->bytes = bytes;
}

/* The config as the line has it: JSON is YAML. */
static bool copy_config(const struct stored_run *run, struct bytes *bytes) {
    const struct json_slice line = {(const char *)run->record.data,
                                    run->record.size};
    struct json_slice config;
    if (!json_slice_member(line, "config", &config))
        return false;
    *bytes = (struct bytes){
        (unsigned char *)memory_string_of(config.bytes, config.length),
        config.length};
    return true;
}

/* Under the lock: the line and the tensors. */
static bool read_block(struct audit_record *record,
                       const struct audit_place *place,
                       struct stored_run *run) {
    struct audit_packed *packed = place->packed;
    struct bytes weights;
    if (stored_run_init(run, &packed->reader, place->folder_id,
                        place->position) != STORED_THERE)
        return false;
    add(record, "run.json")->agrees =
        !packed->bundle ||
        audit_packed_has_digest(packed, place->position, &run->record,
                                place->folder_id);
    if (stored_run_file(run, "weights.safetensors", &weights))
        take(record, "weights.safetensors", weights);
    record->has_outputs = stored_run_outputs(run, &record->outputs);
    return true;
}

/* The run's line, and what its folder would hold of what the line does not. */
static void read_packed(struct audit_record *record,
                        const struct audit_place *place) {
    struct stored_run run;
    struct bytes bytes;
    record->is_packed = true;
    pthread_mutex_lock(&place->packed->lock);
    bool is_there = read_block(record, place, &run);
    pthread_mutex_unlock(&place->packed->lock);
    if (!is_there)
        return;
    if (copy_config(&run, &bytes))
        take(record, "config.yaml", bytes);
    if (stored_run_file(&run, "history.csv", &bytes))
        take(record, "history.csv", bytes);
    record->files[0].bytes = run.record; /* taken over */
    record->files[0].is_read = true;
}

/* ---------------------------------------------------------------- the record
 */

static int by_name(const void *a, const void *b) {
    const struct audit_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

void audit_record_read(struct audit_record *record,
                       const struct audit_place *place) {
    *record = (struct audit_record){.json_status = STATUS_INIT};
    if (place->packed)
        read_packed(record, place);
    else if (place->bundle)
        read_bundle(record, place);
    else
        read_folder(record, place->path);
    if (record->count)
        qsort(record->files, record->count, sizeof *record->files, by_name);
    for (size_t i = 0; i < record->count; i++)
        record->size += record->files[i].bytes.size;
}

static bool is_left_out(struct json_slice key, enum audit_parts parts) {
    static const char *const MEMBERS[] = {"history", "metrics", "digest",
                                          "model", "config"};
    size_t count = parts == AUDIT_HEAD ? sizeof MEMBERS / sizeof *MEMBERS : 1;
    for (size_t i = 0; i < count; i++)
        if (json_slice_is(key, MEMBERS[i]))
            return true;
    return false;
}

/* The line without some members; nothing where it is no object. */
static void write_parts(struct json_slice line, enum audit_parts parts,
                        struct text *out) {
    struct json_walk walk;
    struct json_slice key, value;
    if (!json_walk_begin(&walk, line) || !walk.is_object)
        return;
    while (json_walk_next(&walk, &key, &value)) {
        if (is_left_out(key, parts))
            continue;
        text_print(out, "%s\"%.*s\":", out->length ? "," : "{", (int)key.length,
                   key.bytes);
        text_append(out, value.bytes, value.length);
    }
    text_add_char(out, '}');
    if (!walk.is_whole)
        text_clear(out);
}

void audit_record_parse(struct audit_record *record, enum audit_parts parts) {
    const struct audit_file *file = audit_record_file(record, "run.json");
    struct text text = TEXT_INIT;
    audit_record_forget(record);
    if (!file)
        return;
    struct json_slice line = {(const char *)file->bytes.data, file->bytes.size};
    if (parts == AUDIT_HEAD || (record->is_packed && parts != AUDIT_ALL))
        write_parts(line, parts, &text);
    if (text.length)
        line = (struct json_slice){text.bytes, text.length};
    record->json = json_parse(line.bytes, line.length, &record->json_status);
    text_release(&text);
}

void audit_record_forget(struct audit_record *record) {
    json_free(record->json);
    record->json = NULL;
    record->json_status = (struct status)STATUS_INIT;
}

void audit_record_release(struct audit_record *record) {
    for (size_t i = 0; i < record->count; i++) {
        free(record->files[i].name);
        bytes_release(&record->files[i].bytes);
    }
    free(record->files);
    bytes_release(&record->outputs);
    json_free(record->json);
    *record = (struct audit_record){.json_status = STATUS_INIT};
}

const struct audit_file *audit_record_file(const struct audit_record *record,
                                           const char *name) {
    for (size_t i = 0; i < record->count; i++)
        if (record->files[i].is_read &&
            strcmp(record->files[i].name, name) == 0)
            return &record->files[i];
    return NULL;
}
