#include "runner/audit/audit_place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/digest.h"
#include "engine/base/memory.h"

/* ------------------------------------------------------------------ packed */

struct audit_packed *audit_packed_open(const char *out, const char *name) {
    struct audit_packed *packed = memory_zeroed(1, sizeof *packed);
    struct status ignored = STATUS_INIT;
    if (store_open(&packed->store, out, name, false, &ignored) != STATUS_OK) {
        free(packed);
        return NULL;
    }
    pthread_mutex_init(&packed->lock, NULL);
    if (stored_reader_init(&packed->reader, &packed->store, &ignored) ==
            STATUS_OK &&
        packed->reader.is_packed)
        return packed;
    audit_packed_free(packed);
    return NULL;
}

/* A stored_open. */
static bool open_in_bundle(const void *place, size_t number, const char *ending,
                           struct block_file *file) {
    const struct audit_packed *packed = place;
    char name[BLOCK_NAME_SIZE];
    struct text path = TEXT_INIT;
    block_name(number, ending, name);
    text_print(&path, "%s/runs/%s", packed->name, name);
    const struct bundle_file *found = bundle_find(packed->bundle, path.bytes);
    text_release(&path);
    if (!found)
        return false;
    *file = (struct block_file){.file = dup(packed->bundle->file),
                                .at = found->at,
                                .size = found->size};
    return file->file >= 0;
}

struct audit_packed *audit_packed_in_bundle(const struct bundle *bundle,
                                            const char *name, size_t planned) {
    struct audit_packed *packed = memory_zeroed(1, sizeof *packed);
    packed->bundle = bundle;
    packed->name = memory_string(name);
    packed->store = (struct store){.folder = -1, .runs = -1, .work = -1};
    packed->digests.number = SIZE_MAX;
    pthread_mutex_init(&packed->lock, NULL);
    stored_reader_init_packed(&packed->reader, open_in_bundle, packed, planned);
    return packed;
}

void audit_packed_free(struct audit_packed *packed) {
    while (packed) {
        struct audit_packed *next = packed->next;
        stored_reader_release(&packed->reader);
        store_close(&packed->store);
        bytes_release(&packed->digests.bytes);
        pthread_mutex_destroy(&packed->lock);
        free(packed->name);
        free(packed);
        packed = next;
    }
}

static bool open_block_file(const struct audit_packed *packed, size_t number,
                            const char *ending, struct block_file *file) {
    return packed->bundle
               ? open_in_bundle(packed, number, ending, file)
               : block_file_open(&packed->store, number, ending, file);
}

static bool has_block(const struct audit_packed *packed, size_t number) {
    struct block_file file;
    if (!open_block_file(packed, number, ".jsonl", &file))
        return false;
    close(file.file);
    return true;
}

/* A block that is there, against its own digests. */
static bool is_whole(const struct audit_packed *packed, size_t number) {
    size_t runs = block_runs(packed->reader.planned, number);
    struct block_file records, tensors;
    if (!open_block_file(packed, number, ".jsonl", &records))
        return true;
    if (open_block_file(packed, number, ".safetensors", &tensors))
        return block_agrees(&records, &tensors, runs);
    close(records.file);
    return false;
}

static void check_blocks(const struct audit_packed *packed,
                         struct findings *findings) {
    size_t planned = packed->reader.planned;
    for (size_t number = 0; number * BLOCK_RUNS < planned; number++) {
        char name[BLOCK_NAME_SIZE];
        struct text path = TEXT_INIT;
        if (is_whole(packed, number))
            continue;
        block_name(number, ".jsonl", name);
        if (packed->bundle)
            text_print(&path, "%s/runs/", packed->name);
        text_add(&path, name);
        findings_add(findings, FINDING_EDITED, path.bytes,
                     "this block and its .safetensors are not as their "
                     "digests of each other say");
        text_release(&path);
    }
}

void audit_packed_check(struct audit_packed *packed,
                        struct findings *findings) {
    for (; packed; packed = packed->next)
        check_blocks(packed, findings);
}

/* ----------------------------------------------------------------- digests */

void audit_packed_add_digest(const struct bytes *line, const char *id,
                             struct text *out) {
    char hex[DIGEST_TEXT_SIZE];
    digest_of(line->data, line->size, hex);
    text_print(out, "%s  %s\n", hex, id);
}

/* The list of a block, read whole: a few hundred kilobytes. */
static void read_digests(struct audit_packed *packed, size_t number) {
    struct block_digests *digests = &packed->digests;
    struct block_file file;
    bytes_release(&digests->bytes);
    digests->number = number;
    if (!open_in_bundle(packed, number, ".sha256", &file))
        return;
    size_t most = (size_t)BLOCK_RUNS * (DIGEST_TEXT_SIZE + RUN_ID_SIZE + 2);
    if (file.size <= most) {
        digests->bytes.data = memory_zeroed((size_t)file.size + 1, 1);
        digests->bytes.size = (size_t)file.size;
        if (file_read_at(file.file, file.at, digests->bytes.data,
                         digests->bytes.size) != 0)
            bytes_release(&digests->bytes);
    }
    close(file.file);
}

bool audit_packed_has_digest(struct audit_packed *packed, size_t position,
                             const struct bytes *line, const char *id) {
    const struct bytes *bytes = &packed->digests.bytes;
    struct text expected = TEXT_INIT;
    if (packed->digests.number != position / BLOCK_RUNS)
        read_digests(packed, position / BLOCK_RUNS);
    audit_packed_add_digest(line, id, &expected);
    size_t at = position % BLOCK_RUNS * expected.length;
    bool has = at + expected.length <= bytes->size &&
               memcmp(bytes->data + at, expected.bytes, expected.length) == 0;
    text_release(&expected);
    return has;
}

/* ------------------------------------------------------------------- places */

static bool is_in_bundle(const struct audit_place *place) {
    size_t first = bundle_first(place->bundle, place->within);
    size_t length = strlen(place->within);
    if (first == place->bundle->count)
        return false;
    const char *path = place->bundle->files[first].path;
    return strncmp(path, place->within, length) == 0 && path[length] == '/';
}

bool audit_place_exists(const struct audit_place *place) {
    struct stat about;
    if (place->packed)
        return has_block(place->packed, place->position / BLOCK_RUNS);
    if (place->bundle)
        return is_in_bundle(place);
    return stat(place->path, &about) == 0 && S_ISDIR(about.st_mode);
}
