#include "runner/kept.h"

#include <stdlib.h>
#include <string.h>

#include "engine/io/json.h"
#include "runner/store/record.h"

/* The plan on disk, or NULL where there is none that is JSON. */
static struct json_value *read_plan(const struct store *store) {
    struct bytes bytes;
    struct status ignored = STATUS_INIT;
    if (!store_get(store, "plan.json", &bytes))
        return NULL;
    struct json_value *plan =
        json_parse((const char *)bytes.data, bytes.size, &ignored);
    bytes_release(&bytes);
    return plan;
}

bool kept_plan(const struct store *store, const struct plan *plan) {
    struct json_value *disk = read_plan(store);
    const struct json_value *runs = json_member(disk, "runs");
    size_t found = 0;
    for (size_t i = 0; i < json_count(runs); i++)
        found +=
            plan_find(plan,
                      json_get_string(json_member(json_element(runs, i), "id"),
                                      "")) != NULL;
    json_free(disk);
    return found >= plan->count;
}

static int compare_ids(const void *a, const void *b) {
    return memcmp(a, b, RUN_ID_SIZE);
}

size_t kept_earlier(const struct store *store) {
    run_id *ids;
    size_t count = store_ids(store, &ids), earlier = count;
    struct json_value *disk = read_plan(store);
    const struct json_value *runs = json_member(disk, "runs");
    for (size_t i = 0; i < json_count(runs); i++) {
        run_id id;
        const char *planned =
            json_get_string(json_member(json_element(runs, i), "id"), "");
        if (!store_is_id(planned))
            continue;
        memcpy(id, planned, sizeof id);
        earlier -= count > 0 &&
                   bsearch(id, ids, count, sizeof *ids, compare_ids) != NULL;
    }
    json_free(disk);
    free(ids);
    return earlier;
}

size_t kept_diverged(const struct store *store, const struct plan *plan) {
    size_t diverged = 0;
    for (size_t i = 0; i < plan->count; i++) {
        struct json_value *record = record_read(store, plan->runs[i].id);
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
