/* What comes of an audit: a bundle of its records. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "engine/base/numerics.h"
#include "engine/io/json_slices.h"
#include "runner/audit.h"
#include "runner/store/plan_file.h"

static const char ABOUT[] = "about.json", PLAN[] = "plan.json";

/* Texts, each once, for a list that depends on no order. */
struct words {
    char **words;
    size_t count, capacity;
};

static void add_word(struct words *words, const char *word) {
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->words[i], word) == 0)
            return;
    memory_grow(&words->words, words->count, &words->capacity,
                sizeof *words->words);
    words->words[words->count++] = memory_string(word);
}

static int compare_words(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* As a list under `key`; the words are gone afterwards. */
static void write_words(struct words *words, const char *key,
                        struct json_writer *writer) {
    if (words->count)
        qsort(words->words, words->count, sizeof *words->words, compare_words);
    json_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < words->count; i++) {
        json_string(writer, words->words[i]);
        free(words->words[i]);
    }
    json_end_array(writer);
    free(words->words);
    *words = (struct words){0};
}

static void add_digests(const struct audit_record *record,
                        struct words *digests) {
    const struct json_value *inputs =
        json_member(json_member(record->json, "data"), "inputs");
    for (size_t i = 0; i < json_count(inputs); i++) {
        const struct json_value *digest;
        json_member_at(inputs, i, &digest);
        add_word(digests, json_get_string(digest, ""));
    }
}

/* Folders in or below the working directory, relative to it: they mean the same
 * wherever the project lies. Others are this machine's own, and left out. */
static void add_folders(const struct audit *audit, struct words *folders) {
    char *here = realpath(".", NULL);
    size_t length = here ? strlen(here) : 0;
    for (size_t i = 0; here && i < audit->experiment_count; i++) {
        const struct origin *origin = &audit->experiments[i].origin;
        for (size_t j = 0; j < origin->folder_count; j++) {
            const char *folder = origin->folders[j];
            if (strncmp(folder, here, length) == 0 &&
                (!folder[length] || folder[length] == '/'))
                add_word(folders, folder[length] ? folder + length + 1 : ".");
        }
    }
    free(here);
}

static size_t count_runs(const struct audit *audit) {
    size_t runs = 0;
    for (size_t i = 0; i < audit->count; i++)
        runs += audit->items[i].is_run;
    return runs;
}

static void write_about(const struct audit *audit, struct words *digests,
                        struct text *out) {
    struct words folders = {0};
    struct json_writer writer = json_writer_new(out, 1);
    const struct machine *machine = &audit->here;
    json_begin_object(&writer);
    json_key(&writer, "version");
    json_string(&writer, machine->version);
    json_key(&writer, "source");
    json_string(&writer, machine->source);
    json_key(&writer, "build");
    json_string(&writer, machine->build);
    json_key(&writer, "numerics");
    json_integer(&writer, NUMERICS_VERSION);
    json_key(&writer, "runs");
    json_integer(&writer, (int64_t)count_runs(audit));
    write_words(digests, "data", &writer);
    add_folders(audit, &folders);
    write_words(&folders, "folders", &writer);
    json_end_object(&writer);
    text_add_char(out, '\n');
}

static void add_files(const struct audit_item *item, struct words *digests,
                      struct bundle_draft *draft) {
    struct audit_record record;
    audit_record_read(&record, &item->place);
    audit_record_parse(&record, AUDIT_HEAD);
    add_digests(&record, digests);
    for (size_t i = 0; !item->place.packed && i < record.count; i++) {
        struct text path = TEXT_INIT, from = TEXT_INIT;
        const char *name = record.files[i].name;
        text_print(&path, "%s/runs/%s/%s", item->name, item->id, name);
        text_print(&from, "%s/%s", item->place.path, name);
        bundle_add_file(draft, path.bytes, from.bytes);
        text_release(&path);
        text_release(&from);
    }
    audit_record_release(&record);
}

static void add_block(const struct audit_experiment *experiment,
                      const char *name, size_t number,
                      struct bundle_draft *draft) {
    static const char *const ENDINGS[] = {".jsonl", ".safetensors"};
    char block[BLOCK_NAME_SIZE];
    for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++) {
        struct text path = TEXT_INIT, from = TEXT_INIT;
        block_name(number, ENDINGS[i], block);
        text_print(&path, "%s/runs/%s", name, block);
        text_print(&from, "%s/runs/%s", experiment->path, block);
        bundle_add_file(draft, path.bytes, from.bytes);
        text_release(&path);
        text_release(&from);
    }
}

/* The list of a block's records. */
static void add_block_digests(const struct audit_experiment *experiment,
                              const char *name, size_t number,
                              struct bundle_draft *draft) {
    char block[BLOCK_NAME_SIZE];
    struct block_lines lines;
    struct bytes line;
    struct text path = TEXT_INIT, list = TEXT_INIT;
    bool is_open = block_lines_open(&lines, &experiment->packed->store, number);
    for (size_t i = 0; is_open && block_lines_read(&lines, i, &line); i++) {
        const struct json_slice record = {(const char *)line.data, line.size};
        run_id id = "";
        plan_file_id(record, id);
        audit_packed_add_digest(&line, id, &list);
        bytes_release(&line);
    }
    block_lines_close(&lines);
    block_name(number, ".sha256", block);
    text_print(&path, "%s/runs/%s", name, block);
    bundle_add_text(draft, path.bytes, &list);
    text_release(&path);
}

/* The plan of an experiment that is there as a whole, and its blocks where it
 * is packed, by the name that its runs have. */
static void add_whole(const struct audit *audit, size_t experiment,
                      struct bundle_draft *draft) {
    const struct audit_experiment *whole = &audit->experiments[experiment];
    size_t i = 0;
    while (i < audit->count && (!audit->items[i].is_run ||
                                audit->items[i].experiment != experiment))
        i++;
    if (!whole->is_whole || i == audit->count)
        return;
    const char *name = audit->items[i].name;
    struct text path = TEXT_INIT, from = TEXT_INIT;
    text_print(&path, "%s/%s", name, PLAN);
    text_print(&from, "%s/%s", whole->path, PLAN);
    if (access(from.bytes, F_OK) == 0)
        bundle_add_file(draft, path.bytes, from.bytes);
    text_release(&path);
    text_release(&from);
    size_t planned = whole->packed ? whole->packed->reader.planned : 0;
    for (size_t number = 0; number * BLOCK_RUNS < planned; number++) {
        add_block(whole, name, number, draft);
        add_block_digests(whole, name, number, draft);
    }
}

enum status_code audit_bundle(const struct audit *audit, const char *path,
                              char root[DIGEST_TEXT_SIZE],
                              struct status *status) {
    struct bundle_draft draft = {0};
    struct words digests = {0};
    struct text about = TEXT_INIT;
    for (size_t i = 0; i < audit->experiment_count; i++)
        add_whole(audit, i, &draft);
    for (size_t i = 0; i < audit->count; i++)
        if (audit->items[i].is_run)
            add_files(&audit->items[i], &digests, &draft);
    write_about(audit, &digests, &about);
    bundle_add_text(&draft, ABOUT, &about);
    enum status_code code = bundle_write(&draft, path, root, status);
    bundle_draft_release(&draft);
    return code;
}
