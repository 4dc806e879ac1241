#include "runner/store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/store/folder.h"
#include "runner/store/put.h"

static enum status_code fail(struct status *status, const struct store *store,
                             const char *folder, const char *name) {
    return status_set(status, STATUS_OUTPUT, "%s/%s%s: %s", store->path, folder,
                      name, strerror(errno));
}

/* Puts the experiment's path before a message that begins with a file's name.
 */
static enum status_code at_store(struct status *status,
                                 const struct store *store) {
    struct status inner = *status;
    return status_set(status, inner.code, "%s/%s", store->path, inner.message);
}

/* -------------------------------------------------------------- a run */

static enum status_code write_files(const struct store *store, int folder,
                                    const struct store_files *files,
                                    struct status *status) {
    for (size_t i = 0; i < files->count; i++) {
        const struct text *content = &files->file[i].content;
        if (whole_file_create(folder, files->file[i].name, text_string(content),
                              content->length, status) != STATUS_OK)
            return at_store(status, store);
    }
    return STATUS_OK;
}

/* Exchanges two entries in one step; false with ENOSYS or EINVAL where the
 * system or the file system can't. */
static bool exchange(int from, const char *name, int to, const char *other) {
#ifdef SYS_renameat2
    const unsigned int rename_exchange = 2; /* linux/fs.h */
    return syscall(SYS_renameat2, from, name, to, other, rename_exchange) == 0;
#else
    (void)from, (void)name, (void)to, (void)other;
    errno = ENOSYS;
    return false;
#endif
}

/* Without an exchange there is a moment without runs/ID; what was there is put
 * back if the new folder can't take its place. */
static bool exchange_by_renames(const struct store *store, const char *id,
                                const char *name) {
    char old[WORK_NAME_SIZE];
    work_name("old", old);
    folder_remove(store->work, old);
    if (renameat(store->runs, id, store->work, old) != 0)
        return false;
    if (renameat(store->work, name, store->runs, id) != 0) {
        int error = errno;
        renameat(store->work, old, store->runs, id);
        errno = error;
        return false;
    }
    folder_remove(store->work, old);
    return true;
}

static bool replace_folder(const struct store *store, const char *id,
                           const char *name) {
    if (exchange(store->work, name, store->runs, id)) {
        folder_remove(store->work, name);
        return true;
    }
    return (errno == ENOSYS || errno == EINVAL) &&
           exchange_by_renames(store, id, name);
}

static bool put_in_place(const struct store *store, const char *id,
                         const char *name, bool replace) {
    if (renameat(store->work, name, store->runs, id) == 0)
        return true;
    if (errno != EEXIST && errno != ENOTEMPTY)
        return false;
    if (replace)
        return replace_folder(store, id, name);
    folder_remove(store->work, name);
    return true;
}

/* A new folder: what an earlier process of this name left is removed. */
static int make_anew(int parent, const char *name) {
    int folder = folder_make_new(parent, name);
    if (folder >= 0 || errno != EEXIST)
        return folder;
    folder_remove(parent, name);
    return folder_make_new(parent, name);
}

enum status_code store_commit(const struct store *store, const char *id,
                              const struct store_files *files, bool replace,
                              struct status *status) {
    assert(store->work >= 0 && store_is_id(id));
    char name[WORK_NAME_SIZE];
    work_name(id, name);
    int folder = make_anew(store->work, name);
    enum status_code code = folder < 0
                                ? fail(status, store, ".work/", name)
                                : write_files(store, folder, files, status);
    if (folder >= 0)
        close(folder);
    if (code == STATUS_OK && !put_in_place(store, id, name, replace))
        code = fail(status, store, "runs/", id);
    if (code != STATUS_OK)
        folder_remove(store->work, name);
    return code;
}

/* ---------------------------------------------------------- a single file */

enum status_code store_put(const struct store *store, const char *name,
                           const struct text *content, struct status *status) {
    struct put put;
    enum status_code code = put_begin(&put, store, store->folder, name, status);
    if (code == STATUS_OK) {
        text_append(&put.text, text_string(content), content->length);
        code = put_end(&put, status);
    }
    put_drop(&put);
    return code;
}

enum status_code store_sync(const struct store *store, struct status *status) {
#ifdef __linux__
    STATUS_RETURN_IF(syncfs(store->folder) != 0, status, STATUS_OUTPUT,
                     "%s: %s", store->path, strerror(errno));
#else
    (void)store, (void)status;
    sync();
#endif
    return STATUS_OK;
}
