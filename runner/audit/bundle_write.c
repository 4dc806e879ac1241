#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "runner/audit/bundle.h"
#include "runner/audit/bundle_parts.h"
#include "runner/audit/hash_tree.h"
#include "runner/audit/tar.h"

enum { FILE_LIMIT = 1 << 30, END_BLOCKS = 2, FILE_MODE = 0666 };

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

/* The entry's bytes; the caller releases them. */
static enum status_code read_entry(const struct bundle_entry *entry,
                                   struct bytes *bytes, struct status *status) {
    if (entry->from)
        return whole_file_read(entry->from, FILE_LIMIT, STATUS_OUTPUT, bytes,
                               status);
    size_t size = entry->content.length;
    *bytes = (struct bytes){
        (unsigned char *)memory_string_of(text_string(&entry->content), size),
        size};
    return STATUS_OK;
}

static enum status_code measure(struct bundle_entry *entry,
                                struct status *status) {
    struct bytes bytes;
    STATUS_TRY(read_entry(entry, &bytes, status));
    entry->size = bytes.size;
    digest_of(bytes.data, bytes.size, entry->sha256);
    bytes_release(&bytes);
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

static bool write_member(int file, const char *path, const void *data,
                         size_t size) {
    static const unsigned char ZEROS[TAR_BLOCK];
    unsigned char header[TAR_BLOCK];
    /* bundle_is_path() has seen to the length. */
    return tar_header_write(path, size, header) &&
           write_all(file, header, sizeof header) &&
           write_all(file, data, size) &&
           write_all(file, ZEROS, (size_t)tar_padding(size));
}

static enum status_code write_entries(const struct bundle_draft *draft,
                                      int file, const char *path,
                                      struct status *status) {
    for (size_t i = 0; i < draft->count; i++) {
        const struct bundle_entry *entry = &draft->entries[i];
        struct bytes bytes;
        char sha256[DIGEST_TEXT_SIZE];
        STATUS_TRY(read_entry(entry, &bytes, status));
        digest_of(bytes.data, bytes.size, sha256);
        bool is_same = strcmp(sha256, entry->sha256) == 0;
        bool is_written =
            is_same && write_member(file, entry->path, bytes.data, bytes.size);
        bytes_release(&bytes);
        STATUS_RETURN_IF(!is_same, status, STATUS_OUTPUT,
                         "%s: changed while it was being read", entry->from);
        STATUS_RETURN_IF(!is_written, status, STATUS_OUTPUT, "%s: %s", path,
                         strerror(errno));
    }
    return STATUS_OK;
}

static enum status_code write_tar(const struct bundle_draft *draft, int file,
                                  const char *path, const char *root,
                                  struct status *status) {
    static const unsigned char END[END_BLOCKS * TAR_BLOCK];
    struct text manifest = TEXT_INIT;
    write_manifest(draft, root, &manifest);
    bool is_written =
        write_member(file, BUNDLE_MANIFEST, manifest.bytes, manifest.length);
    text_release(&manifest);
    STATUS_RETURN_IF(!is_written, status, STATUS_OUTPUT, "%s: %s", path,
                     strerror(errno));
    STATUS_TRY(write_entries(draft, file, path, status));
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
