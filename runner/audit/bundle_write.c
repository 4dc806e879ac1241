#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "runner/audit/bundle.h"
#include "runner/audit/bundle_parts.h"
#include "runner/audit/hash_tree.h"
#include "runner/audit/tar.h"

enum { END_BLOCKS = 2, FILE_MODE = 0666 };
static const uint64_t FILE_LIMIT = (UINT64_C(1) << 33) - 1; /* tar's */

/* ------------------------------------------------------------------- draft */

static struct bundle_entry *add(struct bundle_draft *draft, const char *path) {
    memory_grow(&draft->entries, draft->count, &draft->capacity,
                sizeof *draft->entries);
    struct bundle_entry *entry = &draft->entries[draft->count++];
    *entry = (struct bundle_entry){.path = memory_string(path)};
    return entry;
}

void bundle_add_file(struct bundle_draft *draft, const char *path,
                     const char *from) {
    add(draft, path)->from = memory_string(from);
}

void bundle_add_text(struct bundle_draft *draft, const char *path,
                     struct text *content) {
    add(draft, path)->content = *content;
    *content = TEXT_INIT;
}

void bundle_draft_release(struct bundle_draft *draft) {
    for (size_t i = 0; i < draft->count; i++) {
        free(draft->entries[i].path);
        free(draft->entries[i].from);
        text_release(&draft->entries[i].content);
    }
    free(draft->entries);
    *draft = (struct bundle_draft){0};
}

/* ---------------------------------------------------------------- contents */

/* Who gets an entry's bytes, piece by piece; false to stop. */
struct taker {
    bool (*take)(struct taker *taker, const void *bytes, size_t size);
    struct digest_state state;
    uint64_t size;
    int file, error; /* writing: to which, and what went wrong */
};

static bool take_digest(struct taker *taker, const void *bytes, size_t size) {
    digest_update(&taker->state, bytes, size);
    taker->size += size;
    return true;
}

static enum status_code read_file(const char *path, int file,
                                  struct taker *taker, struct status *status) {
    char piece[BUNDLE_PIECE];
    ssize_t size;
    while ((size = read(file, piece, sizeof piece)) != 0) {
        if (size < 0 && errno == EINTR)
            continue;
        STATUS_RETURN_IF(size < 0, status, STATUS_OUTPUT, "%s: %s", path,
                         strerror(errno));
        if (!taker->take(taker, piece, (size_t)size))
            break;
    }
    return STATUS_OK;
}

static enum status_code open_entry(const char *path, int *file,
                                   struct status *status) {
    struct stat about;
    *file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    STATUS_RETURN_IF(*file < 0, status, STATUS_OUTPUT, "%s: %s", path,
                     strerror(errno));
    if (fstat(*file, &about) == 0 && S_ISREG(about.st_mode))
        return STATUS_OK;
    close(*file);
    return status_set(status, STATUS_OUTPUT, "%s: is not a regular file", path);
}

static enum status_code read_entry(const struct bundle_entry *entry,
                                   struct taker *taker, struct status *status) {
    int file;
    digest_init(&taker->state);
    taker->size = 0;
    if (!entry->from) {
        taker->take(taker, text_string(&entry->content), entry->content.length);
        return STATUS_OK;
    }
    STATUS_TRY(open_entry(entry->from, &file, status));
    enum status_code code = read_file(entry->from, file, taker, status);
    close(file);
    return code;
}

static enum status_code measure(struct bundle_entry *entry,
                                struct status *status) {
    struct taker taker = {.take = take_digest};
    STATUS_TRY(read_entry(entry, &taker, status));
    entry->size = taker.size;
    digest_finish(&taker.state, entry->sha256);
    return STATUS_OK;
}

static int by_path(const void *a, const void *b) {
    const struct bundle_entry *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static enum status_code prepare(struct bundle_draft *draft,
                                struct status *status) {
    qsort(draft->entries, draft->count, sizeof *draft->entries, by_path);
    for (size_t i = 0; i < draft->count; i++) {
        struct bundle_entry *entry = &draft->entries[i];
        STATUS_RETURN_IF(!bundle_is_path(entry->path), status, STATUS_CONFIG,
                         "--bundle: '%s' is no path of a bundle: names are of "
                         "letters, digits, '.', '_' and '-'",
                         entry->path);
        STATUS_RETURN_IF(i > 0 && strcmp(entry[-1].path, entry->path) == 0,
                         status, STATUS_CONFIG,
                         "--bundle: two experiments would both be %s",
                         entry->path);
        STATUS_TRY(measure(entry, status));
    }
    return STATUS_OK;
}

/* ---------------------------------------------------------------- manifest */

static void find_root(const struct bundle_draft *draft,
                      char root[DIGEST_TEXT_SIZE]) {
    hash_tree_digest *leaves = memory_zeroed(draft->count, sizeof *leaves);
    for (size_t i = 0; i < draft->count; i++)
        hash_tree_leaf(draft->entries[i].path, draft->entries[i].sha256,
                       leaves[i]);
    hash_tree_root(leaves, draft->count, root);
    free(leaves);
}

static void write_manifest(const struct bundle_draft *draft, const char *root,
                           struct text *out) {
    struct json_writer writer = json_writer_new(out, 1);
    struct text line = TEXT_INIT;
    json_begin_object(&writer);
    json_key(&writer, "format");
    json_integer(&writer, BUNDLE_FORMAT);
    json_key(&writer, "tree");
    json_string(&writer, BUNDLE_TREE);
    json_key(&writer, "root");
    json_string(&writer, root);
    json_key(&writer, "files");
    json_begin_array(&writer);
    for (size_t i = 0; i < draft->count; i++) {
        const struct bundle_entry *entry = &draft->entries[i];
        struct json_writer one = json_writer_new(&line, 0);
        json_begin_object(&one);
        json_key(&one, "path");
        json_string(&one, entry->path);
        json_key(&one, "bytes");
        json_integer(&one, (int64_t)entry->size);
        json_key(&one, "sha256");
        json_string(&one, entry->sha256);
        json_end_object(&one);
        json_raw(&writer, line.bytes);
        text_clear(&line);
    }
    json_end_array(&writer);
    json_end_object(&writer);
    text_add_char(out, '\n');
    text_release(&line);
}

/* --------------------------------------------------------------------- tar */

static bool write_all(int file, const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        ssize_t wrote = write(file, at, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        at += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

static bool write_padding(int file, uint64_t size) {
    static const unsigned char ZEROS[TAR_BLOCK];
    return write_all(file, ZEROS, (size_t)tar_padding(size));
}

static bool write_header(int file, const char *path, uint64_t size) {
    unsigned char header[TAR_BLOCK];
    return tar_header_write(path, size, header) &&
           write_all(file, header, sizeof header);
}

static bool take_and_write(struct taker *taker, const void *bytes,
                           size_t size) {
    take_digest(taker, bytes, size);
    if (write_all(taker->file, bytes, size))
        return true;
    taker->error = errno;
    return false;
}

static enum status_code write_entry(const struct bundle_entry *entry, int file,
                                    const char *path, struct status *status) {
    struct taker taker = {.take = take_and_write, .file = file};
    char sha256[DIGEST_TEXT_SIZE];
    /* bundle_is_path() has seen to the path's length. */
    STATUS_RETURN_IF(entry->size > FILE_LIMIT, status, STATUS_OUTPUT,
                     "%s: has more bytes than a file in a tar can have",
                     entry->from);
    STATUS_RETURN_IF(!write_header(file, entry->path, entry->size), status,
                     STATUS_OUTPUT, "%s: %s", path, strerror(errno));
    STATUS_TRY(read_entry(entry, &taker, status));
    STATUS_RETURN_IF(taker.error, status, STATUS_OUTPUT, "%s: %s", path,
                     strerror(taker.error));
    digest_finish(&taker.state, sha256);
    STATUS_RETURN_IF(strcmp(sha256, entry->sha256) != 0, status, STATUS_OUTPUT,
                     "%s: changed while it was being read", entry->from);
    STATUS_RETURN_IF(!write_padding(file, entry->size), status, STATUS_OUTPUT,
                     "%s: %s", path, strerror(errno));
    return STATUS_OK;
}

static enum status_code write_tar(const struct bundle_draft *draft, int file,
                                  const char *path, const char *root,
                                  struct status *status) {
    static const unsigned char END[END_BLOCKS * TAR_BLOCK];
    struct text manifest = TEXT_INIT;
    write_manifest(draft, root, &manifest);
    bool is_written = write_header(file, BUNDLE_MANIFEST, manifest.length) &&
                      write_all(file, manifest.bytes, manifest.length) &&
                      write_padding(file, manifest.length);
    text_release(&manifest);
    STATUS_RETURN_IF(!is_written, status, STATUS_OUTPUT, "%s: %s", path,
                     strerror(errno));
    for (size_t i = 0; i < draft->count; i++)
        STATUS_TRY(write_entry(&draft->entries[i], file, path, status));
    STATUS_RETURN_IF(!write_all(file, END, sizeof END) || fsync(file) != 0,
                     status, STATUS_OUTPUT, "%s: %s", path, strerror(errno));
    return STATUS_OK;
}

enum status_code bundle_write(struct bundle_draft *draft, const char *path,
                              char root[DIGEST_TEXT_SIZE],
                              struct status *status) {
    struct text aside = TEXT_INIT;
    STATUS_TRY(prepare(draft, status));
    find_root(draft, root);
    text_print(&aside, "%s.%ld", path, (long)getpid());
    int file =
        open(aside.bytes, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
             FILE_MODE);
    enum status_code code = STATUS_OK;
    if (file < 0)
        code = status_set(status, STATUS_OUTPUT, "%s: %s", aside.bytes,
                          strerror(errno));
    else
        code = write_tar(draft, file, path, root, status);
    if (file >= 0 && close(file) != 0 && code == STATUS_OK)
        code =
            status_set(status, STATUS_OUTPUT, "%s: %s", path, strerror(errno));
    if (code == STATUS_OK && rename(aside.bytes, path) != 0)
        code =
            status_set(status, STATUS_OUTPUT, "%s: %s", path, strerror(errno));
    if (file >= 0 && code != STATUS_OK)
        unlink(aside.bytes);
    text_release(&aside);
    return code;
}
