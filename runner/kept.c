#include "runner/kept.h"

#include <stdlib.h>
#include <string.h>

#include "engine/io/json.h"
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

struct wanted {
    const struct plan *plan;
    size_t found;
};

static void count_wanted(const char *id, void *context) {
    struct wanted *wanted = context;
    wanted->found += plan_find(wanted->plan, id) != NULL;
}

bool kept_plan(const struct store *store, const struct plan *plan) {
    struct wanted wanted = {plan, 0};
    each_planned(store, count_wanted, &wanted);
    return wanted.found >= plan->count;
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

size_t kept_diverged(const struct store *store, const struct plan *plan) {
    size_t diverged = 0;
    for (size_t i = 0; i < plan->count; i++) {
        run_id id;
        plan_id(plan, i, id);
        struct json_value *record = record_read(store, id);
        diverged += json_is_object(json_member(record, "error"));
        json_free(record);
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

enum status_code kept_compare(const struct store *store, const char *id,
                              const struct measurement *measurement,
                              struct status *status) {
    struct json_value *record = record_read(store, id);
    const char *digest = differing_digest(record, measurement);
    json_free(record);
    STATUS_RETURN_IF(digest, status, STATUS_DIFFERS,
                     "%s/runs/%s: done again, it has another digest.%s than "
                     "its record; nothing was replaced",
                     store->path, id, digest);
    return STATUS_OK;
}
