#include "engine/io/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Our words for the everyday errors; strerror's follow the locale. */
static const char *error_words(int error) {
    static const struct error_row {
        int error;
        const char *words;
    } ROWS[] = {
        {ENOENT, "no such file"},
        {ENOTDIR, "a part of the path is not a directory"},
        {EISDIR, "is a directory"},
        {EACCES, "permission denied"},
        {EPERM, "permission denied"},
        {ELOOP, "too many symbolic links"},
        {ENAMETOOLONG, "the name is too long"},
        {EMFILE, "too many open files"},
        {ENFILE, "too many open files"},
        {ENOMEM, "not enough memory"},
        {EIO, "input/output error"},
        {ENOSPC, "no space left on the device"},
        {EDQUOT, "disk quota exceeded"},
        {EROFS, "the file system is read-only"},
        {EFBIG, "the file would be too large"},
        {EEXIST, "exists already"},
        {ESTALE, "stale file handle"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        if (ROWS[i].error == error)
            return ROWS[i].words;
    return strerror(error);
}

/* Opening a FIFO or a device could wait for ever or do something: O_NONBLOCK
 * until we know what it is. */
static int open_to_read(const char *path) {
    int file;
    do
        file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    while (file < 0 && errno == EINTR);
    return file;
}

static enum status_code check_file(const char *path, const struct stat *info,
                                   size_t limit, enum status_code code,
                                   struct status *status) {
    STATUS_RETURN_IF(S_ISDIR(info->st_mode), status, code,
                     "%s: is a directory, not a file", path);
    STATUS_RETURN_IF(!S_ISREG(info->st_mode), status, code,
                     "%s: is not a regular file", path);
    STATUS_RETURN_IF((unsigned long long)info->st_size > limit, status, code,
                     "%s: has %lld bytes, more than the %zu that are read",
                     path, (long long)info->st_size, limit);
    return STATUS_OK;
}

/* read() until `size` bytes are there or the file ends; -1 and errno. */
static ssize_t read_fully(int file, unsigned char *data, size_t size) {
    size_t got = 0;
    while (got < size) {
        ssize_t count = read(file, data + got, size - got);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        got += (size_t)count;
    }
    return (ssize_t)got;
}

/* The size may change while we read: one byte more is asked for than was
 * promised, and anything but exactly the promised bytes is an error. */
static enum status_code read_contents(int file, const char *path, size_t size,
                                      enum status_code code,
                                      struct bytes *bytes,
                                      struct status *status) {
    unsigned char *data = malloc(size + 1);
    STATUS_RETURN_IF(!data, status, STATUS_OUTPUT,
                     "%s: not enough memory for its %zu bytes", path, size);
    ssize_t count = read_fully(file, data, size + 1);
    if (count < 0 || (size_t)count != size) {
        const char *words = count < 0 ? error_words(errno)
                                      : "the file changes while it is read";
        free(data);
        return status_set(status, code, "%s: %s", path, words);
    }
    data[size] = '\0';
    *bytes = (struct bytes){data, size};
    return STATUS_OK;
}

enum status_code whole_file_read(const char *path, size_t limit,
                                 enum status_code code, struct bytes *bytes,
                                 struct status *status) {
    *bytes = (struct bytes){0};
    int file = open_to_read(path);
    STATUS_RETURN_IF(file < 0, status, code, "%s: %s", path,
                     error_words(errno));
    struct stat info;
    enum status_code result;
    if (fstat(file, &info) != 0)
        result = status_set(status, code, "%s: %s", path, error_words(errno));
    else
        result = check_file(path, &info, limit, code, status);
    if (result == STATUS_OK)
        result = read_contents(file, path, (size_t)info.st_size, code, bytes,
                               status);
    close(file);
    return result;
}

void bytes_release(struct bytes *bytes) {
    free(bytes->data);
    *bytes = (struct bytes){0};
}

int file_write_all(int file, const void *data, size_t size) {
    const unsigned char *at = data;
    while (size > 0) {
        ssize_t count = write(file, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno;
        if (count == 0)
            return EIO;
        at += count;
        size -= (size_t)count;
    }
    return 0;
}

int file_read_at(int file, uint64_t offset, void *data, size_t size) {
    unsigned char *at = data;
    while (size > 0) {
        ssize_t count = pread(file, at, size, (off_t)offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? errno : EIO;
        at += count;
        offset += (uint64_t)count;
        size -= (size_t)count;
    }
    return 0;
}

/* Creates a file with these bytes; 0, or the first error with nothing left
 * behind. close() can be the first to hear of an error (NFS, quotas). */
static int create_file(int folder, const char *name, const void *data,
                       size_t size) {
    int file;
    do
        file =
            openat(folder, name,
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    while (file < 0 && errno == EINTR);
    if (file < 0)
        return errno;
    int error = file_write_all(file, data, size);
    if (close(file) != 0 && errno != EINTR && !error)
        error = errno;
    if (error)
        unlinkat(folder, name, 0);
    return error;
}

enum status_code whole_file_create(int folder, const char *name,
                                   const void *data, size_t size,
                                   struct status *status) {
    int error = create_file(folder, name, data, size);
    STATUS_RETURN_IF(error, status, STATUS_OUTPUT, "%s: %s", name,
                     error_words(error));
    return STATUS_OK;
}
