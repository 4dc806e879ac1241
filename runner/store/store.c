#include "runner/store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "runner/store/claim.h"
#include "runner/store/folder.h"

enum { FILE_LIMIT = 1 << 30 };

struct text *store_files_add(struct store_files *files, const char *name) {
    struct store_file *file = &files->file[files->count++];
    *file = (struct store_file){.name = name};
    return &file->content;
}

void store_files_release(struct store_files *files) {
    for (size_t i = 0; i < files->count; i++)
        text_release(&files->file[i].content);
    files->count = 0;
}

/* ---------------------------------------------------------- open and close */

static bool is_plain(const char *name) {
    if (!*name || *name == '-' || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return false;
    for (const char *c = name; *c; c++)
        if (*c == '/' || *c == 0x7f || (unsigned char)*c < 0x20)
            return false;
    return true;
}

/* Opens a part of the store; a part that is missing is only an error of the
 * world's where it was to be made. */
static enum status_code open_part(const struct store *store, int parent,
                                  const char *name, bool create, int *folder,
                                  struct status *status) {
    *folder = create ? folder_make(parent, name) : folder_open(parent, name);
    if (*folder >= 0)
        return STATUS_OK;
    STATUS_RETURN_IF(!create && (errno == ENOENT || errno == ENOTDIR), status,
                     STATUS_CONFIG, "%s: no such experiment", store->path);
    bool is_self = parent != store->folder;
    return status_set(status, STATUS_OUTPUT, "%s%s%s: %s", store->path,
                      is_self ? "" : "/", is_self ? "" : name,
                      errno == ELOOP || errno == ENOTDIR ? "is not a folder"
                                                         : strerror(errno));
}

static enum status_code open_parts(struct store *store, bool create,
                                   struct status *status) {
    STATUS_TRY(
        open_part(store, store->folder, "runs", create, &store->runs, status));
    if (!create)
        return STATUS_OK;
    STATUS_TRY(
        open_part(store, store->folder, ".work", true, &store->work, status));
    store_tidy(store);
    return STATUS_OK;
}

void store_tidy(const struct store *store) {
    work_remove_stale(store->work);
    claims_remove_stale(store->work);
}

/* OUT is the user's own path: its links are followed, this once. */
static int open_out(const char *out) {
    int folder;
    do
        folder = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (folder < 0 && errno == EINTR);
    return folder;
}

static enum status_code open_experiment(struct store *store, const char *out,
                                        const char *name, bool create,
                                        struct status *status) {
    STATUS_RETURN_IF(!is_plain(name), status, STATUS_CONFIG,
                     "'%s' is not the name of an experiment", name);
    STATUS_RETURN_IF(create && !folder_make_path(out), status, STATUS_OUTPUT,
                     "%s: %s", out, strerror(errno));
    int parent = open_out(out);
    STATUS_RETURN_IF(parent < 0 && create, status, STATUS_OUTPUT, "%s: %s", out,
                     strerror(errno));
    STATUS_RETURN_IF(parent < 0, status, STATUS_CONFIG,
                     "%s: no such experiment", store->path);
    enum status_code code =
        open_part(store, parent, name, create, &store->folder, status);
    close(parent);
    return code;
}

enum status_code store_open(struct store *store, const char *out,
                            const char *name, bool create,
                            struct status *status) {
    struct text path = TEXT_INIT;
    text_print(&path, "%s/%s", out, name);
    *store = (struct store){
        .path = text_take(&path), .folder = -1, .runs = -1, .work = -1};
    enum status_code code = open_experiment(store, out, name, create, status);
    if (code == STATUS_OK)
        code = open_parts(store, create, status);
    if (code != STATUS_OK)
        store_close(store);
    return code;
}

void store_close(struct store *store) {
    const int folders[] = {store->folder, store->runs, store->work};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (folders[i] >= 0)
            close(folders[i]);
    free(store->path);
    *store = (struct store){.folder = -1, .runs = -1, .work = -1};
}

/* ----------------------------------------------------------------- reading */

static bool read_all(int file, struct bytes *bytes) {
    struct stat about;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_size > FILE_LIMIT)
        return false;
    size_t size = (size_t)about.st_size;
    bytes->data = memory_zeroed(size + 1, 1);
    while (bytes->size < size) {
        ssize_t got = read(file, bytes->data + bytes->size, size - bytes->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes->size += (size_t)got;
    }
    return true;
}

static bool get_at(int folder, const char *name, struct bytes *bytes) {
    *bytes = (struct bytes){0};
    /* A FIFO must not make us wait. */
    int file = folder_open_file(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return false;
    bool got = read_all(file, bytes);
    close(file);
    if (!got)
        bytes_release(bytes);
    return got;
}

bool store_get(const struct store *store, const char *name,
               struct bytes *bytes) {
    return get_at(store->folder, name, bytes);
}

bool store_get_work(const struct store *store, const char *name,
                    struct bytes *bytes) {
    return get_at(store->work, name, bytes);
}

static int open_run(const struct store *store, const char *id) {
    return store_is_id(id) ? folder_open(store->runs, id) : -1;
}

bool store_get_run(const struct store *store, const char *id, const char *name,
                   struct bytes *bytes) {
    *bytes = (struct bytes){0};
    int folder = open_run(store, id);
    if (folder < 0)
        return false;
    bool got = get_at(folder, name, bytes);
    close(folder);
    return got;
}

bool store_has_run(const struct store *store, const char *id) {
    struct stat about;
    return store_is_id(id) &&
           fstatat(store->runs, id, &about, AT_SYMLINK_NOFOLLOW) == 0;
}

bool store_has(const struct store *store, const char *id, const char *name) {
    struct stat about;
    int folder = open_run(store, id);
    if (folder < 0)
        return false;
    bool has = fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISREG(about.st_mode);
    close(folder);
    return has;
}

bool store_is_id(const char *name) {
    return strlen(name) == RUN_ID_SIZE - 1 &&
           strspn(name, "0123456789abcdef") == RUN_ID_SIZE - 1;
}

static int compare_ids(const void *a, const void *b) {
    return strcmp(a, b);
}

size_t store_ids(const struct store *store, run_id **ids) {
    size_t count = 0, capacity = 0;
    *ids = NULL;
    int copy = folder_open(store->runs, ".");
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    if (!stream) {
        if (copy >= 0)
            close(copy);
        return 0;
    }
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (!store_is_id(entry->d_name))
            continue;
        memory_grow(ids, count, &capacity, sizeof **ids);
        memcpy((*ids)[count++], entry->d_name, RUN_ID_SIZE);
    }
    closedir(stream);
    if (count)
        qsort(*ids, count, sizeof **ids, compare_ids);
    return count;
}
