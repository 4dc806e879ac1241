#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "runner/audit/bundle.h"
#include "runner/audit/bundle_parts.h"
#include "runner/audit/hash_tree.h"
#include "runner/audit/tar.h"
#include "runner/store/record.h"

enum { FILE_LIMIT = 1 << 30, NAME_LIMIT = 100, END_BLOCKS = 2 };

/* ------------------------------------------------------------------- paths */

static const char NAME_CHARACTERS[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

/* The length of a NAME and its slash at the start of a path, or 0. */
static size_t name_length(const char *path) {
    size_t length = strspn(path, NAME_CHARACTERS);
    bool is_name = length > 0 && length <= NAME_LIMIT &&
                   !strchr("._-", path[0]) && path[length] == '/';
    return is_name ? length + 1 : 0;
}

bool bundle_is_run_path(const char *path, size_t *run) {
    static const char RUNS[] = "runs/";
    char id[RUN_ID_SIZE] = "";
    size_t name = name_length(path);
    if (name == 0 || strncmp(path + name, RUNS, strlen(RUNS)) != 0)
        return false;
    const char *at = path + name + strlen(RUNS);
    if (strlen(at) <= RUN_ID_SIZE || at[RUN_ID_SIZE - 1] != '/')
        return false;
    memcpy(id, at, RUN_ID_SIZE - 1);
    *run = (size_t)(at - path) + RUN_ID_SIZE - 1;
    return store_is_id(id) && record_is_file(at + RUN_ID_SIZE);
}

bool bundle_is_block_path(const char *path, size_t *name, size_t *number) {
    static const char RUNS[] = "runs/";
    static const char *const ENDINGS[] = {".jsonl", ".safetensors", ".sha256"};
    enum { DIGITS = 6 };
    size_t length = name_length(path);
    if (length == 0 || strncmp(path + length, RUNS, strlen(RUNS)) != 0)
        return false;
    const char *at = path + length + strlen(RUNS);
    if (strspn(at, "0123456789") != DIGITS)
        return false;
    *name = length - 1;
    *number = strtoul(at, NULL, 10);
    for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++)
        if (strcmp(at + DIGITS, ENDINGS[i]) == 0)
            return true;
    return false;
}

bool bundle_is_path(const char *path) {
    size_t run, number, block, name = name_length(path);
    return strcmp(path, BUNDLE_ABOUT) == 0 ||
           (name && strcmp(path + name, "plan.json") == 0) ||
           bundle_is_run_path(path, &run) ||
           bundle_is_block_path(path, &block, &number);
}

/* ------------------------------------------------------------------- bytes */

static bool read_at(int file, void *data, uint64_t size, uint64_t at) {
    char *to = data;
    while (size > 0) {
        ssize_t got = pread(file, to, size, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        at += (uint64_t)got;
        size -= (uint64_t)got;
    }
    return true;
}

/* Where reading stands. */
struct walk {
    int file;
    uint64_t at, size; /* of the tar */
};

static bool is_zero(const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

/* The next member, whose contents lie at `at` of what is set; false where there
 * is none as it should be. */
static bool next_member(struct walk *walk, char path[TAR_PATH_SIZE],
                        uint64_t *size, uint64_t *at) {
    unsigned char block[TAR_BLOCK];
    if (walk->size - walk->at < TAR_BLOCK ||
        !read_at(walk->file, block, TAR_BLOCK, walk->at) ||
        !tar_header_read(block, path, size))
        return false;
    uint64_t padding = tar_padding(*size);
    size_t name, number;
    *at = walk->at + TAR_BLOCK;
    if ((*size > FILE_LIMIT && !bundle_is_block_path(path, &name, &number)) ||
        *size + padding > walk->size - *at ||
        !read_at(walk->file, block, padding, *at + *size))
        return false;
    walk->at = *at + *size + padding;
    return is_zero(block, (size_t)padding);
}

static bool is_end(const struct walk *walk) {
    unsigned char blocks[END_BLOCKS * TAR_BLOCK];
    return walk->size - walk->at == sizeof blocks &&
           read_at(walk->file, blocks, sizeof blocks, walk->at) &&
           is_zero(blocks, sizeof blocks);
}

static bool get(int file, uint64_t size, uint64_t at, struct bytes *bytes) {
    *bytes = (struct bytes){.data = memory_zeroed(size + 1, 1), .size = size};
    if (read_at(file, bytes->data, size, at))
        return true;
    bytes_release(bytes);
    return false;
}

/* ---------------------------------------------------------------- manifest */

static bool is_digest(const char *text) {
    return strlen(text) == DIGEST_TEXT_SIZE - 1 &&
           strspn(text, "0123456789abcdef") == DIGEST_TEXT_SIZE - 1;
}

/* Fills the files' paths, sizes and digests; false if some is none, or they are
 * not sorted. */
static bool read_files(struct bundle *bundle, const struct json_value *files) {
    size_t count = json_is_array(files) ? json_count(files) : 0;
    bundle->files = memory_zeroed(count, sizeof *bundle->files);
    for (size_t i = 0; i < count; i++) {
        const struct json_value *entry = json_element(files, i);
        const char *path = json_get_string(json_member(entry, "path"), "");
        const char *hex = json_get_string(json_member(entry, "sha256"), "");
        int64_t size = json_get_integer(json_member(entry, "bytes"), -1);
        struct bundle_file *file = &bundle->files[i];
        if (!bundle_is_path(path) || !is_digest(hex) || size < 0 ||
            (i > 0 && strcmp(file[-1].path, path) >= 0))
            return false;
        file->path = memory_string(path);
        bundle->count++;
        file->size = (uint64_t)size;
        memcpy(file->sha256, hex, DIGEST_TEXT_SIZE);
    }
    return json_is_array(files);
}

static bool has_root(const struct bundle *bundle, const char *root) {
    hash_tree_digest *leaves = memory_zeroed(bundle->count, sizeof *leaves);
    char found[DIGEST_TEXT_SIZE];
    for (size_t i = 0; i < bundle->count; i++)
        hash_tree_leaf(bundle->files[i].path, bundle->files[i].sha256,
                       leaves[i]);
    hash_tree_root(leaves, bundle->count, found);
    free(leaves);
    return strcmp(root, found) == 0;
}

static enum status_code take_manifest(struct bundle *bundle,
                                      const struct json_value *manifest,
                                      struct status *status) {
    const char *root = json_get_string(json_member(manifest, "root"), "");
    int64_t format = json_get_integer(json_member(manifest, "format"), 0);
    STATUS_RETURN_IF(format != BUNDLE_FORMAT, status, STATUS_DIFFERS,
                     "%s: %s is of no format that this version reads",
                     bundle->path, BUNDLE_MANIFEST);
    STATUS_RETURN_IF(
        !read_files(bundle, json_member(manifest, "files")) || !is_digest(root),
        status, STATUS_DIFFERS, "%s: %s is not as a manifest is written",
        bundle->path, BUNDLE_MANIFEST);
    STATUS_RETURN_IF(!has_root(bundle, root), status, STATUS_DIFFERS,
                     "%s: %s is not the one that was written: its root is not "
                     "that of its files",
                     bundle->path, BUNDLE_MANIFEST);
    memcpy(bundle->root, root, DIGEST_TEXT_SIZE);
    return STATUS_OK;
}

static enum status_code read_manifest(struct bundle *bundle, struct walk *walk,
                                      struct status *status) {
    char path[TAR_PATH_SIZE];
    uint64_t size, at;
    struct bytes bytes = {0};
    struct status reason = STATUS_INIT;
    STATUS_RETURN_IF(!next_member(walk, path, &size, &at) ||
                         strcmp(path, BUNDLE_MANIFEST) != 0 ||
                         !get(walk->file, size, at, &bytes),
                     status, STATUS_DIFFERS,
                     "%s: does not begin with a whole %s", bundle->path,
                     BUNDLE_MANIFEST);
    struct json_value *manifest =
        json_parse((const char *)bytes.data, bytes.size, &reason);
    enum status_code code =
        manifest ? take_manifest(bundle, manifest, status)
                 : status_set(status, STATUS_DIFFERS, "%s: %s: %s",
                              bundle->path, BUNDLE_MANIFEST, reason.message);
    json_free(manifest);
    bytes_release(&bytes);
    return code;
}

/* Every file of the manifest in its order, and nothing else. */
static enum status_code find_members(struct bundle *bundle, struct walk *walk,
                                     struct status *status) {
    char path[TAR_PATH_SIZE];
    for (size_t i = 0; i < bundle->count; i++) {
        struct bundle_file *file = &bundle->files[i];
        uint64_t size;
        STATUS_RETURN_IF(
            !next_member(walk, path, &size, &file->at) ||
                strcmp(path, file->path) != 0 || size != file->size,
            status, STATUS_DIFFERS,
            "%s: %s of the manifest is not whole where it should "
            "be, at byte %llu",
            bundle->path, file->path, (unsigned long long)walk->at);
    }
    STATUS_RETURN_IF(!is_end(walk), status, STATUS_DIFFERS,
                     "%s: does not end behind the manifest's last file",
                     bundle->path);
    return STATUS_OK;
}

/* -------------------------------------------------------------- the bundle */

static int open_file(const char *path, uint64_t *size) {
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode)) {
        *size = (uint64_t)about.st_size;
        return file;
    }
    if (file >= 0)
        close(file);
    return -1;
}

bool bundle_is_one(const char *path) {
    unsigned char block[TAR_BLOCK];
    char first[TAR_PATH_SIZE];
    uint64_t size, length;
    int file = open_file(path, &size);
    bool is_one = file >= 0 && size >= TAR_BLOCK &&
                  read_at(file, block, TAR_BLOCK, 0) &&
                  tar_header_read(block, first, &length) &&
                  strcmp(first, BUNDLE_MANIFEST) == 0;
    if (file >= 0)
        close(file);
    return is_one;
}

static void read_about(struct bundle *bundle) {
    struct bytes bytes;
    struct status ignored = STATUS_INIT;
    bool agrees;
    const struct bundle_file *file = bundle_find(bundle, BUNDLE_ABOUT);
    if (!file || !bundle_get(bundle, file, &bytes, &agrees))
        return;
    if (agrees)
        bundle->about =
            json_parse((const char *)bytes.data, bytes.size, &ignored);
    bytes_release(&bytes);
}

enum status_code bundle_open(struct bundle *bundle, const char *path,
                             struct status *status) {
    struct walk walk = {.at = 0};
    *bundle = (struct bundle){.path = memory_string(path)};
    bundle->file = walk.file = open_file(path, &walk.size);
    STATUS_RETURN_IF(bundle->file < 0, status, STATUS_INPUT, "%s: %s", path,
                     strerror(errno));
    STATUS_TRY(read_manifest(bundle, &walk, status));
    STATUS_TRY(find_members(bundle, &walk, status));
    read_about(bundle);
    return STATUS_OK;
}

void bundle_release(struct bundle *bundle) {
    for (size_t i = 0; i < bundle->count; i++)
        free(bundle->files[i].path);
    free(bundle->files);
    free(bundle->path);
    json_free(bundle->about);
    if (bundle->file >= 0)
        close(bundle->file);
    *bundle = (struct bundle){.file = -1};
}

static int compare_paths(const void *path, const void *file) {
    return strcmp(path, ((const struct bundle_file *)file)->path);
}

const struct bundle_file *bundle_find(const struct bundle *bundle,
                                      const char *path) {
    if (bundle->count == 0)
        return NULL;
    return bsearch(path, bundle->files, bundle->count, sizeof *bundle->files,
                   compare_paths);
}

size_t bundle_first(const struct bundle *bundle, const char *path) {
    size_t low = 0, high = bundle->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(bundle->files[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool bundle_get(const struct bundle *bundle, const struct bundle_file *file,
                struct bytes *bytes, bool *agrees) {
    char hex[DIGEST_TEXT_SIZE];
    if (!get(bundle->file, file->size, file->at, bytes))
        return false;
    digest_of(bytes->data, bytes->size, hex);
    *agrees = strcmp(hex, file->sha256) == 0;
    return true;
}

bool bundle_agrees(const struct bundle *bundle,
                   const struct bundle_file *file) {
    char piece[BUNDLE_PIECE], hex[DIGEST_TEXT_SIZE];
    struct digest_state state;
    digest_init(&state);
    for (uint64_t at = 0; at < file->size; at += sizeof piece) {
        uint64_t rest = file->size - at;
        size_t size = rest < sizeof piece ? (size_t)rest : sizeof piece;
        if (!read_at(bundle->file, piece, size, file->at + at))
            return false;
        digest_update(&state, piece, size);
    }
    digest_finish(&state, hex);
    return strcmp(hex, file->sha256) == 0;
}
