/* What a block has, and whether it is what its digests say. */

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/io/json.h"
#include "engine/io/json_slices.h"
#include "runner/store/block.h"
#include "runner/store/folder.h"

/* ------------------------------------------------------------------ anything
 */

/* "000012.jsonl" and the like, whatever the number. */
static bool is_block_name(const char *name) {
    static const char *const ENDINGS[] = {".jsonl", ".safetensors", ".part"};
    size_t digits = strspn(name, "0123456789");
    for (size_t i = 0; digits && i < sizeof ENDINGS / sizeof *ENDINGS; i++)
        if (strcmp(name + digits, ENDINGS[i]) == 0)
            return true;
    return false;
}

static bool holds_block(int folder) {
    int copy = folder >= 0 ? folder_open(folder, ".") : -1;
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    bool any = false;
    if (!stream) {
        if (copy >= 0)
            close(copy);
        return false;
    }
    for (struct dirent *entry; !any && (entry = readdir(stream));)
        any = is_block_name(entry->d_name);
    closedir(stream);
    return any;
}

bool block_is_any(const struct store *store) {
    return holds_block(store->runs) || holds_block(store->work);
}

/* ------------------------------------------------------------------- digests
 */

static bool records_agree(const struct block_lines *lines,
                          const struct block_tensors *tensors) {
    struct digest_state state;
    char hex[DIGEST_TEXT_SIZE];
    digest_init(&state);
    for (size_t i = 0; i < lines->count; i++) {
        struct bytes line;
        if (!block_lines_read(lines, i, &line))
            return false;
        digest_update(&state, line.data, line.size);
        digest_update(&state, "\n", 1);
        bytes_release(&line);
    }
    digest_finish(&state, hex);
    return strcmp(hex, tensors->records_digest) == 0;
}

/* Whether these bytes are what the record's digest.NAME says. */
static bool has_digest(struct json_slice digests, const char *name,
                       const void *bytes, size_t size) {
    struct json_slice value;
    char hex[DIGEST_TEXT_SIZE];
    digest_of(bytes, size, hex);
    return json_slice_member(digests, name, &value) &&
           value.length == DIGEST_TEXT_SIZE + 1 &&
           memcmp(value.bytes + 1, hex, DIGEST_TEXT_SIZE - 1) == 0;
}

/* A run's tensors against its record. */
static bool run_agrees(const struct bytes *record,
                       const struct block_tensors *tensors, size_t line) {
    struct bytes weights, outputs;
    struct json_slice digests;
    const struct json_slice text = {(const char *)record->data, record->size};
    uint64_t length = 0;
    bool good = json_slice_member(text, "digest", &digests);
    if (block_tensors_weights(tensors, line, &weights)) {
        memcpy(&length, weights.data, sizeof length);
        length += sizeof length;
        good = good && has_digest(digests, "weights", weights.data + length,
                                  weights.size - (size_t)length);
    }
    if (block_tensors_outputs(tensors, line, &outputs))
        good = good &&
               has_digest(digests, "predictions", outputs.data, outputs.size);
    bytes_release(&weights);
    bytes_release(&outputs);
    return good;
}

static bool agrees(const struct block_lines *lines,
                   const struct block_tensors *tensors) {
    bool good = records_agree(lines, tensors);
    for (size_t i = 0; good && i < lines->count; i++) {
        struct bytes record;
        good = block_lines_read(lines, i, &record) &&
               run_agrees(&record, tensors, i);
        bytes_release(&record);
    }
    return good;
}

/* ------------------------------------------------------------------ finished
 */

static bool has_tensors(const struct block_tensors *tensors,
                        const struct output_options *output) {
    bool good = true;
    for (size_t i = 0; good && i < tensors->count; i++) {
        const struct block_place *place = &tensors->places[i];
        const struct block_group *group = place->group < tensors->group_count
                                              ? &tensors->groups[place->group]
                                              : NULL;
        good = (!output->weights || (group && group->count > 0)) &&
               (!output->predictions || (group && group->predictions.name));
    }
    return good;
}

/* Every line, and every tensor against its line. Takes the file over. */
static bool verify_lines(const struct block_file *records,
                         const struct block_tensors *tensors) {
    struct block_lines lines;
    bool good = block_lines_init(&lines, records) &&
                lines.count == tensors->count && agrees(&lines, tensors);
    block_lines_close(&lines);
    return good;
}

bool block_agrees(const struct block_file *records,
                  const struct block_file *tensors, size_t count) {
    struct block_tensors read;
    bool good = block_tensors_init(&read, tensors, count);
    good = verify_lines(records, &read) && good &&
           records->size == read.records_bytes;
    block_tensors_close(&read);
    return good;
}

bool block_is_finished(const struct store *store, size_t number, size_t count,
                       const struct output_options *output, bool verify) {
    struct block_tensors tensors;
    struct block_file records;
    if (!block_file_open(store, number, ".jsonl", &records))
        return false;
    bool good = block_tensors_open(&tensors, store, number, count) &&
                records.size == tensors.records_bytes &&
                has_tensors(&tensors, output);
    if (good && verify)
        good = verify_lines(&records, &tensors);
    else
        close(records.file);
    block_tensors_close(&tensors);
    return good;
}
