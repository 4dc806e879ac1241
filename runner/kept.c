#include "runner/kept.h"

#include <stdlib.h>
#include <string.h>

#include "engine/io/json.h"
#include "engine/io/json_slices.h"
#include "runner/store/plan_file.h"
#include "runner/store/record.h"

/* Calls back with every id of the plan on disk that is one. */
static void each_planned(const struct store *store,
                         void (*take)(const char *id, void *context),
                         void *context) {
    struct plan_file disk;
    struct json_slice run;
    struct status ignored = STATUS_INIT;
    run_id id;
    if (plan_file_open(&disk, store, &ignored) == STATUS_OK)
        while (plan_file_next(&disk, &run))
            if (plan_file_id(run, id))
                take(id, context);
    plan_file_close(&disk);
}

/* Whether the plan on disk has the same runs in the same order. */
static bool is_same_plan(struct plan_file *disk, const struct plan *plan) {
    struct json_slice run;
    run_id id;
    size_t i = 0;
    bool same = true;
    while (same && plan_file_next(disk, &run)) {
        same = i < plan->count && plan_file_id(run, id) &&
               plan->runs[i].id == run_id_number(id);
        i++;
    }
    return same && i == plan->count;
}

/* Whether it has every run of this one. */
static bool has_all(struct plan_file *disk, const struct plan *plan) {
    struct json_slice run;
    run_id id;
    size_t found = 0;
    while (plan_file_next(disk, &run))
        found += plan_file_id(run, id) && plan_find(plan, id);
    return found >= plan->count;
}

enum status_code kept_plan(const struct store *store, const struct plan *plan,
                           struct kept_plan *kept, struct status *status) {
    struct plan_file disk;
    struct status cause = STATUS_INIT;
    bool packed = plan->config->output.runs == OUTPUT_PACKED;
    enum status_code code = plan_file_open(&disk, store, &cause);
    *kept = (struct kept_plan){.is_there = code == STATUS_OK};
    kept->is_packed = !json_is_null(json_member(disk.head, "packed"));
    if (kept->is_there && kept->is_packed == packed) {
        kept->stands = (packed ? is_same_plan : has_all)(&disk, plan);
        code = plan_file_check(&disk, store, &cause);
    }
    plan_file_close(&disk);
    /* None, or none that is JSON. */
    if (code != STATUS_OUTPUT)
        return STATUS_OK;
    *status = cause;
    return code;
}

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, RUN_ID_SIZE);
}

struct folders {
    run_id *ids; /* sorted */
    size_t count, planned;
};

static void count_planned(const char *id, void *context) {
    struct folders *folders = context;
    folders->planned +=
        folders->count > 0 && bsearch(id, folders->ids, folders->count,
                                      sizeof *folders->ids, compare_ids);
}

size_t kept_earlier(const struct store *store) {
    struct folders folders = {0};
    folders.count = store_ids(store, &folders.ids);
    each_planned(store, count_planned, &folders);
    free(folders.ids);
    return folders.count - folders.planned;
}

/* Looks no further into a record than it must. */
static bool is_diverged(const struct store *store, const char *id) {
    struct bytes bytes;
    struct json_slice value;
    if (!store_get_run(store, id, "run.json", &bytes))
        return false;
    const struct json_slice record = {(const char *)bytes.data, bytes.size};
    bool diverged = json_slice_member(record, "status", &value) &&
                    json_slice_is(value, "\"diverged\"");
    bytes_release(&bytes);
    return diverged;
}

size_t kept_diverged(const struct store *store, const struct plan *plan) {
    size_t diverged = 0;
    for (size_t i = 0; i < plan->count; i++) {
        run_id id;
        plan_id(plan, i, id);
        diverged += is_diverged(store, id);
    }
    return diverged;
}

static bool history_differs(const struct json_value *old,
                            const struct measurement *measurement) {
    if (json_count(old) != measurement->history_count)
        return true;
    for (size_t i = 0; i < measurement->history_count; i++)
        if (strcmp(json_get_string(json_element(old, i), ""),
                   measurement->history[i].digest) != 0)
            return true;
    return false;
}

/* The digest in which they differ, or NULL. */
static const char *differing_digest(const struct json_value *record,
                                    const struct measurement *measurement) {
    const struct json_value *digest = json_member(record, "digest");
    if (!json_is_object(digest))
        return NULL;
    if (strcmp(json_get_string(json_member(digest, "weights"), ""),
               measurement->digest_weights) != 0)
        return "weights";
    if (strcmp(json_get_string(json_member(digest, "predictions"), ""),
               measurement->digest_predictions) != 0)
        return "predictions";
    if (history_differs(json_member(digest, "history"), measurement))
        return "history";
    return NULL;
}

static enum status_code compare(const struct json_value *record,
                                const char *place,
                                const struct measurement *measurement,
                                struct status *status) {
    const char *digest = differing_digest(record, measurement);
    STATUS_RETURN_IF(digest, status, STATUS_DIFFERS,
                     "%s: done again, it has another digest.%s than its "
                     "record; nothing was replaced",
                     place, digest);
    return STATUS_OK;
}

enum status_code kept_compare(const struct store *store, const char *id,
                              const struct measurement *measurement,
                              struct status *status) {
    struct json_value *record = record_read(store, id);
    struct text place = TEXT_INIT;
    if (!record)
        return STATUS_OK;
    text_print(&place, "%s/runs/%s", store->path, id);
    enum status_code code = compare(record, place.bytes, measurement, status);
    text_release(&place);
    json_free(record);
    return code;
}

enum status_code kept_compare_line(const struct store *store,
                                   const struct block_lines *lines, size_t line,
                                   const char *id,
                                   const struct measurement *measurement,
                                   struct status *status) {
    struct bytes bytes;
    struct status ignored = STATUS_INIT;
    struct text place = TEXT_INIT;
    if (!block_lines_read(lines, line, &bytes))
        return STATUS_OK;
    struct json_value *record =
        json_parse((const char *)bytes.data, bytes.size, &ignored);
    bool is_same_run =
        strcmp(json_get_string(json_member(record, "id"), ""), id) == 0;
    text_print(&place, "%s, run %s", store->path, id);
    enum status_code code =
        is_same_run ? compare(record, place.bytes, measurement, status)
                    : STATUS_OK;
    text_release(&place);
    json_free(record);
    bytes_release(&bytes);
    return code;
}

/* ------------------------------------------------------------------- packed
 */

static bool has_folders(const struct store *store) {
    run_id *ids;
    size_t count = store_ids(store, &ids);
    free(ids);
    return count > 0;
}

enum status_code kept_form(const struct store *store, const struct plan *plan,
                           const struct kept_plan *kept,
                           struct status *status) {
    bool packed = plan->config->output.runs == OUTPUT_PACKED;
    if (kept->is_there && (packed ? kept->stands : !kept->is_packed))
        return STATUS_OK;
    STATUS_RETURN_IF(packed && has_folders(store), status, STATUS_CONFIG,
                     "%s holds runs in folders; packed ones need a name of "
                     "their own (name=...)",
                     store->path);
    bool has_blocks = block_is_any(store);
    STATUS_RETURN_IF(!packed && has_blocks, status, STATUS_CONFIG,
                     "%s holds packed runs; those in folders need a name of "
                     "their own (name=...)",
                     store->path);
    STATUS_RETURN_IF(kept->is_there && has_blocks, status, STATUS_CONFIG,
                     "%s holds packed runs of another plan, which stays as it "
                     "is; a changed plan needs a new name (name=...)",
                     store->path);
    return STATUS_OK;
}
