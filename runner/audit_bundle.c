/* A bundle as an audit's subject, and as what comes of one. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "engine/base/numerics.h"
#include "runner/audit.h"
#include "runner/store/record.h"

static const char ABOUT[] = "about.json", PLAN[] = "plan.json";

/* ------------------------------------------------------------- what is in it
 */

static struct audit_item *add_run(struct audit *audit, size_t experiment,
                                  const char *path) {
    struct bundle *bundle = audit->experiments[experiment].bundle;
    struct text label = TEXT_INIT;
    text_print(&label, "%s:%s", bundle->path, path);
    struct audit_item *item = audit_add(audit, experiment, text_take(&label));
    item->place.bundle = bundle;
    item->place.within = item->place.path + strlen(bundle->path) + 1;
    return item;
}

/* Runs stand together, each with some files. */
static void add_runs(struct audit *audit, size_t experiment) {
    const struct bundle *bundle = audit->experiments[experiment].bundle;
    const char *before = "";
    for (size_t i = 0; i < bundle->count; i++) {
        const char *path = bundle->files[i].path;
        size_t run;
        if (!bundle_is_run_path(path, &run))
            continue;
        if (strncmp(path, before, run + 1) == 0)
            continue;
        char *within = memory_string_of(path, run);
        add_run(audit, experiment, within);
        free(within);
        before = path;
    }
}

/* Runs that a plan in the bundle has and the bundle has not. */
static void add_missing(struct audit *audit, size_t experiment,
                        const char *plan_path, const struct bytes *bytes) {
    const struct bundle *bundle = audit->experiments[experiment].bundle;
    struct status ignored = STATUS_INIT;
    struct json_value *plan =
        json_parse((const char *)bytes->data, bytes->size, &ignored);
    const struct json_value *runs = json_member(plan, "runs");
    int name = (int)(strrchr(plan_path, '/') - plan_path);
    for (size_t i = 0; i < json_count(runs); i++) {
        const char *id =
            json_get_string(json_member(json_element(runs, i), "id"), "");
        struct text path = TEXT_INIT;
        text_print(&path, "%.*s/runs/%.16s", name, plan_path, id);
        struct audit_place place = {.bundle = bundle, .within = path.bytes};
        if (store_is_id(id) && !audit_place_exists(&place))
            add_run(audit, experiment, path.bytes);
        text_release(&path);
    }
    json_free(plan);
}

/* The files that are no run's. */
static void look_at_others(struct audit *audit, size_t experiment,
                           size_t bundle_item) {
    const struct bundle *bundle = audit->experiments[experiment].bundle;
    for (size_t i = 0; i < bundle->count; i++) {
        const struct bundle_file *file = &bundle->files[i];
        struct bytes bytes;
        size_t run;
        bool agrees = false;
        if (bundle_is_run_path(file->path, &run) ||
            !bundle_get(bundle, file, &bytes, &agrees))
            continue;
        if (!agrees)
            findings_add(&audit->items[bundle_item].findings, FINDING_BUNDLE,
                         file->path, "not the file in the manifest");
        else if (strcmp(file->path, ABOUT) != 0)
            add_missing(audit, experiment, file->path, &bytes);
        bytes_release(&bytes);
    }
}

static void take_places(struct audit *audit,
                        struct audit_experiment *experiment) {
    const struct json_value *folders =
        json_member(experiment->bundle->about, "folders");
    experiment->folders =
        memory_zeroed(json_count(folders), sizeof *experiment->folders);
    for (size_t i = 0; json_is_array(folders) && i < json_count(folders); i++)
        experiment->folders[experiment->folder_count++] =
            memory_string(json_get_string(json_element(folders, i), "."));
    experiment->places = (struct data_places){
        .folders = (const char *const *)experiment->folders,
        .folder_count = experiment->folder_count,
        .data_folder = audit->invocation->data,
        .file_digests = &audit->file_digests};
}

void audit_add_bundle(struct audit *audit, const char *path) {
    struct status status = STATUS_INIT;
    memory_grow(&audit->experiments, audit->experiment_count,
                &audit->experiment_capacity, sizeof *audit->experiments);
    size_t index = audit->experiment_count++;
    struct audit_experiment *experiment = &audit->experiments[index];
    *experiment = (struct audit_experiment){
        .path = memory_string(path),
        .bundle = memory_zeroed(1, sizeof *experiment->bundle)};
    size_t item = audit->count;
    audit_add(audit, index, memory_string(path))->is_run = false;
    if (bundle_open(experiment->bundle, path, &status) != STATUS_OK) {
        findings_add(&audit->items[item].findings, FINDING_BUNDLE, "", "%s",
                     status.message + strlen(path) + strlen(": "));
        return;
    }
    take_places(audit, experiment);
    add_runs(audit, index);
    look_at_others(audit, index, item);
}

/* ----------------------------------------------------------- what comes of it
 */

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
    add_digests(&record, digests);
    for (size_t i = 0; i < record.count; i++) {
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

/* The plan of an experiment that is there as a whole, by the name that its runs
 * have. */
static void add_plan(const struct audit *audit, size_t experiment,
                     struct bundle_draft *draft) {
    const struct audit_experiment *whole = &audit->experiments[experiment];
    size_t i = 0;
    while (i < audit->count && audit->items[i].experiment != experiment)
        i++;
    if (!whole->is_whole || i == audit->count)
        return;
    struct text path = TEXT_INIT, from = TEXT_INIT;
    text_print(&path, "%s/%s", audit->items[i].name, PLAN);
    text_print(&from, "%s/%s", whole->path, PLAN);
    if (access(from.bytes, F_OK) == 0)
        bundle_add_file(draft, path.bytes, from.bytes);
    text_release(&path);
    text_release(&from);
}

enum status_code audit_bundle(const struct audit *audit, const char *path,
                              char root[DIGEST_TEXT_SIZE],
                              struct status *status) {
    struct bundle_draft draft = {0};
    struct words digests = {0};
    struct text about = TEXT_INIT;
    for (size_t i = 0; i < audit->experiment_count; i++)
        add_plan(audit, i, &draft);
    for (size_t i = 0; i < audit->count; i++)
        add_files(&audit->items[i], &digests, &draft);
    write_about(audit, &digests, &about);
    bundle_add_text(&draft, ABOUT, &about);
    enum status_code code = bundle_write(&draft, path, root, status);
    bundle_draft_release(&draft);
    return code;
}
