#include "runner/config/file_digests.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/whole_file.h"

enum { DATA_FILE_LIMIT = INT_MAX };

struct file_digest {
    char *path;
    char hex[DIGEST_TEXT_SIZE];
};

void file_digests_init(struct file_digests *digests) {
    *digests = (struct file_digests){.count = 0};
    pthread_mutex_init(&digests->lock, NULL);
}

void file_digests_release(struct file_digests *digests) {
    for (size_t i = 0; i < digests->count; i++)
        free(digests->files[i].path);
    free(digests->files);
    pthread_mutex_destroy(&digests->lock);
}

static bool compute(const char *path, char hex[DIGEST_TEXT_SIZE]) {
    struct bytes bytes;
    struct status ignored = STATUS_INIT;
    if (whole_file_read(path, DATA_FILE_LIMIT, STATUS_INPUT, &bytes,
                        &ignored) != STATUS_OK)
        return false;
    digest_of(bytes.data, bytes.size, hex);
    bytes_release(&bytes);
    return true;
}

/* Held while a file is read, so that nobody reads it a second time. */
static bool look_up(struct file_digests *digests, const char *path,
                    char hex[DIGEST_TEXT_SIZE]) {
    for (size_t i = 0; i < digests->count; i++) {
        const struct file_digest *file = &digests->files[i];
        if (strcmp(file->path, path) != 0)
            continue;
        memcpy(hex, file->hex, DIGEST_TEXT_SIZE);
        return true;
    }
    if (!compute(path, hex))
        return false;
    memory_grow(&digests->files, digests->count, &digests->capacity,
                sizeof *digests->files);
    struct file_digest *file = &digests->files[digests->count++];
    file->path = memory_string(path);
    memcpy(file->hex, hex, DIGEST_TEXT_SIZE);
    return true;
}

bool file_digests_get(struct file_digests *digests, const char *path,
                      char hex[DIGEST_TEXT_SIZE]) {
    if (!digests)
        return compute(path, hex);
    pthread_mutex_lock(&digests->lock);
    bool is_known = look_up(digests, path, hex);
    pthread_mutex_unlock(&digests->lock);
    return is_known;
}
