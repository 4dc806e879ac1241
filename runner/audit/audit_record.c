#include "runner/audit/audit_record.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/memory.h"
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

/* The files of NAME/runs/ID stand together: the first of them, or the first
 * behind where they would be. */
static size_t first_within(const struct bundle *bundle, const char *within) {
    size_t low = 0, high = bundle->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(bundle->files[middle].path, within) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_within(const char *path, const char *within) {
    size_t length = strlen(within);
    return strncmp(path, within, length) == 0 && path[length] == '/';
}

static void read_bundle(struct audit_record *record,
                        const struct audit_place *place) {
    const struct bundle *bundle = place->bundle;
    for (size_t i = first_within(bundle, place->within);
         i < bundle->count && is_within(bundle->files[i].path, place->within);
         i++) {
        const struct bundle_file *entry = &bundle->files[i];
        struct audit_file *file =
            add(record, entry->path + strlen(place->within) + 1);
        file->is_read = bundle_get(bundle, entry, &file->bytes, &file->agrees);
    }
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
    if (place->bundle)
        read_bundle(record, place);
    else
        read_folder(record, place->path);
    if (record->count)
        qsort(record->files, record->count, sizeof *record->files, by_name);
    for (size_t i = 0; i < record->count; i++)
        record->size += record->files[i].bytes.size;
    const struct audit_file *json = audit_record_file(record, "run.json");
    if (json)
        record->json = json_parse((const char *)json->bytes.data,
                                  json->bytes.size, &record->json_status);
}

void audit_record_release(struct audit_record *record) {
    for (size_t i = 0; i < record->count; i++) {
        free(record->files[i].name);
        bytes_release(&record->files[i].bytes);
    }
    free(record->files);
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

bool audit_place_exists(const struct audit_place *place) {
    struct stat about;
    if (!place->bundle)
        return stat(place->path, &about) == 0 && S_ISDIR(about.st_mode);
    size_t first = first_within(place->bundle, place->within);
    return first < place->bundle->count &&
           is_within(place->bundle->files[first].path, place->within);
}
