#include "runner/target.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/memory.h"
#include "engine/io/json.h"

static const char DEFAULT_OUT[] = "experiments";

void target_release(struct target *target) {
    free(target->out);
    free(target->name);
    free(target->prefix);
}

bool target_has_file(const char *folder, const char *name) {
    struct text path = TEXT_INIT;
    struct stat about;
    text_print(&path, "%s/%s", folder, name);
    bool there = stat(path.bytes, &about) == 0 && S_ISREG(about.st_mode);
    text_release(&path);
    return there;
}

/* Cuts the last component off a path, which it returns; the path becomes "."
 * where nothing is left. */
static char *cut_last(char *path) {
    char *slash = strrchr(path, '/');
    char *last = memory_string(slash ? slash + 1 : path);
    if (slash)
        *(slash == path ? slash + 1 : slash) = '\0';
    else
        strcpy(path, ".");
    return last;
}

/* A run's folder, or OUT/NAME as a folder that exists. */
static bool from_folder(const char *argument, struct target *target) {
    target->is_run_folder = target_has_file(argument, "run.json");
    if (target->is_run_folder)
        return true;
    if (!target_has_file(argument, "plan.json"))
        return false;
    char *path = realpath(argument, NULL);
    if (!path)
        return false;
    target->name = cut_last(path);
    target->out = path;
    return true;
}

static void from_name(const char *argument, const char *out,
                      struct target *target) {
    const char *slash = strchr(argument, '/');
    target->out = memory_string(out ? out : DEFAULT_OUT);
    target->name = slash
                       ? memory_string_of(argument, (size_t)(slash - argument))
                       : memory_string(argument);
    target->prefix = slash && slash[1] ? memory_string(slash + 1) : NULL;
}

void target_init(struct target *target, const char *argument, const char *out) {
    *target = (struct target){.is_run_folder = false};
    if (!from_folder(argument, target))
        from_name(argument, out, target);
}

/* ---------------------------------------------------------------- the runs */

static size_t keep_matching(run_id *ids, size_t count, const char *prefix) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(ids[i], prefix, strlen(prefix)) == 0)
            memmove(ids[kept++], ids[i], sizeof *ids);
    return kept;
}

enum status_code target_find_run(struct stored_reader *reader,
                                 const char *prefix, run_id **ids,
                                 size_t *count, struct status *status) {
    const struct store *store = reader->store;
    size_t all = stored_ids(reader, ids);
    *count = keep_matching(*ids, all, prefix);
    STATUS_RETURN_IF(*count == 0, status, STATUS_CONFIG, "%s: no run '%s'",
                     store->path, prefix);
    STATUS_RETURN_IF(*count > 1, status, STATUS_CONFIG,
                     "%s: '%s' is the start of %zu runs (%s, %s, ...)",
                     store->path, prefix, *count, (*ids)[0], (*ids)[1]);
    return STATUS_OK;
}

bool target_plan_ids(const struct store *store, run_id **ids, size_t *count) {
    struct bytes bytes;
    struct status ignored = STATUS_INIT;
    *ids = NULL;
    *count = 0;
    if (!store_get(store, "plan.json", &bytes))
        return false;
    struct json_value *plan =
        json_parse((const char *)bytes.data, bytes.size, &ignored);
    const struct json_value *runs = json_member(plan, "runs");
    bool is_plan = json_is_array(runs);
    *ids = memory_zeroed(json_count(runs), sizeof **ids);
    for (size_t i = 0; is_plan && i < json_count(runs); i++) {
        const char *id =
            json_get_string(json_member(json_element(runs, i), "id"), "");
        is_plan = store_is_id(id);
        if (is_plan)
            memcpy((*ids)[(*count)++], id, RUN_ID_SIZE);
    }
    json_free(plan);
    bytes_release(&bytes);
    return is_plan;
}
