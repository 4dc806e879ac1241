/* A bundle as an audit's subject. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "engine/io/json_slices.h"
#include "runner/audit.h"
#include "runner/store/plan_file.h"
#include "runner/store/record.h"

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
                        const char *name, const struct bytes *bytes) {
    const struct bundle *bundle = audit->experiments[experiment].bundle;
    struct status ignored = STATUS_INIT;
    struct json_value *plan =
        json_parse((const char *)bytes->data, bytes->size, &ignored);
    const struct json_value *runs = json_member(plan, "runs");
    for (size_t i = 0; i < json_count(runs); i++) {
        const char *id =
            json_get_string(json_member(json_element(runs, i), "id"), "");
        struct text path = TEXT_INIT;
        text_print(&path, "%s/runs/%.16s", name, id);
        struct audit_place place = {.bundle = bundle, .within = path.bytes};
        if (store_is_id(id) && !audit_place_exists(&place))
            add_run(audit, experiment, path.bytes);
        text_release(&path);
    }
    json_free(plan);
}

/* ------------------------------------------------------------------ packed */

/* The list of runs in plan.json, where they are packed. */
static bool has_packed_runs(const struct bytes *plan, struct json_slice *runs) {
    const struct json_slice text = {(const char *)plan->data, plan->size};
    struct json_slice packed;
    char expected[NUMBER_TEXT_SIZE];
    number_write_integer(BLOCK_RUNS, expected);
    return json_slice_member(text, "packed", &packed) &&
           json_slice_is(packed, expected) &&
           json_slice_member(text, "runs", runs);
}

static size_t count_elements(struct json_slice list) {
    struct json_walk walk;
    struct json_slice key, value;
    size_t count = 0;
    if (json_walk_begin(&walk, list))
        while (json_walk_next(&walk, &key, &value))
            count++;
    return count;
}

/* "BUNDLE:NAME/runs/000000.jsonl, ID". */
static void add_packed_run(struct audit *audit, size_t experiment,
                           struct audit_packed *packed, size_t position,
                           const char *id) {
    struct bundle *bundle = audit->experiments[experiment].bundle;
    char block[BLOCK_NAME_SIZE];
    struct text label = TEXT_INIT;
    block_name(position / BLOCK_RUNS, ".jsonl", block);
    text_print(&label, "%s:%s/runs/%s, %s", bundle->path, packed->name, block,
               id);
    struct audit_item *item = audit_add(audit, experiment, text_take(&label));
    item->place.bundle = bundle;
    item->place.packed = packed;
    item->place.position = position;
    memcpy(item->place.folder_id, id, sizeof(run_id));
}

static void add_packed(struct audit *audit, size_t experiment,
                       size_t bundle_item, const char *name,
                       struct json_slice runs) {
    struct audit_experiment *of = &audit->experiments[experiment];
    struct audit_packed *packed =
        audit_packed_in_bundle(of->bundle, name, count_elements(runs));
    struct json_walk walk;
    struct json_slice key, run;
    size_t position = 0;
    packed->next = of->packed;
    of->packed = packed;
    if (!json_walk_begin(&walk, runs))
        return;
    for (; json_walk_next(&walk, &key, &run); position++) {
        run_id id;
        if (plan_file_id(run, id))
            add_packed_run(audit, experiment, packed, position, id);
        else
            findings_add(&audit->items[bundle_item].findings, FINDING_RECORD,
                         "plan.json", "%s: run %zu has no id", name, position);
    }
}

/* Blocks that no plan in the bundle has. */
static bool is_planned(const struct audit_experiment *experiment,
                       const char *path, size_t name, size_t number) {
    const struct audit_packed *packed = experiment->packed;
    while (packed && (strncmp(packed->name, path, name) != 0 ||
                      packed->name[name] != '\0'))
        packed = packed->next;
    return packed && number * BLOCK_RUNS < packed->reader.planned;
}

/* ---------------------------------------------------------- no run's files */

static void look_at_block(struct audit *audit, size_t experiment,
                          const struct bundle_file *file, size_t bundle_item) {
    const struct audit_experiment *of = &audit->experiments[experiment];
    struct findings *findings = &audit->items[bundle_item].findings;
    size_t name, number;
    bundle_is_block_path(file->path, &name, &number);
    if (!bundle_agrees(of->bundle, file))
        findings_add(findings, FINDING_BUNDLE, file->path,
                     "not the file in the manifest");
    if (!is_planned(of, file->path, name, number))
        findings_add(findings, FINDING_EXTRA, file->path,
                     "no block of a plan in the bundle");
}

static void look_at_plan(struct audit *audit, size_t experiment,
                         const struct bundle_file *file, size_t bundle_item) {
    const struct bundle *bundle = audit->experiments[experiment].bundle;
    struct bytes bytes;
    struct json_slice runs;
    bool agrees = false;
    if (!bundle_get(bundle, file, &bytes, &agrees))
        return;
    if (!agrees)
        findings_add(&audit->items[bundle_item].findings, FINDING_BUNDLE,
                     file->path, "not the file in the manifest");
    const char *slash = strrchr(file->path, '/');
    char *name =
        slash ? memory_string_of(file->path, (size_t)(slash - file->path))
              : NULL;
    /* Without its plan nothing is known of packed runs. */
    if (name && has_packed_runs(&bytes, &runs))
        add_packed(audit, experiment, bundle_item, name, runs);
    else if (name && agrees)
        add_missing(audit, experiment, name, &bytes);
    free(name);
    bytes_release(&bytes);
}

/* Plans first: they say what blocks there should be. */
static void look_at_others(struct audit *audit, size_t experiment,
                           size_t bundle_item) {
    const struct bundle *bundle = audit->experiments[experiment].bundle;
    size_t length, number;
    for (size_t i = 0; i < bundle->count; i++)
        if (!bundle_is_run_path(bundle->files[i].path, &length) &&
            !bundle_is_block_path(bundle->files[i].path, &length, &number))
            look_at_plan(audit, experiment, &bundle->files[i], bundle_item);
    for (size_t i = 0; i < bundle->count; i++)
        if (bundle_is_block_path(bundle->files[i].path, &length, &number))
            look_at_block(audit, experiment, &bundle->files[i], bundle_item);
    audit->items[bundle_item].place.packed =
        audit->experiments[experiment].packed;
    audit->items[bundle_item].place.bundle = bundle;
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
