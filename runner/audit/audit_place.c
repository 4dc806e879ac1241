#include "runner/audit/audit_place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

void audit_packed_free(struct audit_packed *packed) {
    if (!packed)
        return;
    stored_reader_release(&packed->reader);
    store_close(&packed->store);
    pthread_mutex_destroy(&packed->lock);
    free(packed);
}

void audit_packed_check(struct audit_packed *packed,
                        struct findings *findings) {
    const struct output_options nothing = {.weights = false};
    size_t planned = packed->reader.planned;
    for (size_t number = 0; number * BLOCK_RUNS < planned; number++) {
        char name[BLOCK_NAME_SIZE];
        if (!block_is_there(&packed->store, number) ||
            block_is_finished(&packed->store, number,
                              block_runs(planned, number), &nothing, true))
            continue;
        block_name(number, ".jsonl", name);
        findings_add(findings, FINDING_EDITED, name,
                     "this block and its .safetensors are not as their "
                     "digests of each other say");
    }
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
    if (place->bundle)
        return is_in_bundle(place);
    if (place->packed)
        return block_is_there(&place->packed->store,
                              place->position / BLOCK_RUNS);
    return stat(place->path, &about) == 0 && S_ISDIR(about.st_mode);
}
