/* `show RUN | EXPERIMENT`. */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/memory.h"
#include "runner/command.h"
#include "runner/report/show.h"
#include "runner/store/store.h"

static const char DEFAULT_OUT[] = "experiments";

/* What an argument names: an experiment, and in it a run or all of the plan. */
struct target {
    char *out, *name;
    char *prefix; /* of a run's id, or NULL */
};

static void target_release(struct target *target) {
    free(target->out);
    free(target->name);
    free(target->prefix);
}

static bool is_file(const char *folder, const char *name) {
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

/* OUT/NAME/runs/ID or OUT/NAME, as a folder that exists. */
static bool from_folder(const char *argument, struct target *target) {
    bool is_run = is_file(argument, "run.json");
    if (!is_run && !is_file(argument, "plan.json"))
        return false;
    char *path = realpath(argument, NULL);
    if (!path)
        return false;
    if (is_run) {
        target->prefix = cut_last(path);
        free(cut_last(path));
    }
    target->name = cut_last(path);
    target->out = path;
    return true;
}

static void from_name(const char *argument, const char *out,
                      struct target *target) {
    const char *slash = strchr(argument, '/');
    target->out = memory_string(out ? out : DEFAULT_OUT);
    target->name = slash ? memory_string_of(argument, (size_t)(slash - argument))
                         : memory_string(argument);
    target->prefix = slash ? memory_string(slash + 1) : NULL;
}

/* ---------------------------------------------------------------- the runs */

static size_t keep_matching(run_id *ids, size_t count, const char *prefix) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(ids[i], prefix, strlen(prefix)) == 0)
            memmove(ids[kept++], ids[i], sizeof *ids);
    return kept;
}

static enum status_code find_one(const struct store *store, const char *prefix,
                                 run_id **ids, size_t *count,
                                 struct status *status) {
    size_t all = store_ids(store, ids);
    *count = keep_matching(*ids, all, prefix);
    STATUS_RETURN_IF(*count == 0 || !*prefix, status, STATUS_CONFIG,
                     "%s: no run '%s'", store->path, prefix);
    STATUS_RETURN_IF(*count > 1, status, STATUS_CONFIG,
                     "%s: '%s' is the start of %zu runs (%s, %s, ...)",
                     store->path, prefix, *count, (*ids)[0], (*ids)[1]);
    return STATUS_OK;
}

/* The runs of the plan on disk that have a folder. */
static size_t planned_ids(const struct store *store, run_id **ids) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    size_t count = 0;
    if (!store_get(store, "plan.json", &bytes))
        return 0;
    struct json_value *plan =
        json_parse((const char *)bytes.data, bytes.size, &status);
    const struct json_value *runs = json_member(plan, "runs");
    *ids = memory_zeroed(json_count(runs), sizeof **ids);
    for (size_t i = 0; i < json_count(runs); i++) {
        const char *id =
            json_get_string(json_member(json_element(runs, i), "id"), "");
        if (strlen(id) == RUN_ID_SIZE - 1 && store_has(store, id, "run.json"))
            memcpy((*ids)[count++], id, RUN_ID_SIZE);
    }
    json_free(plan);
    bytes_release(&bytes);
    return count;
}

static enum status_code find_runs(const struct store *store,
                                  const struct target *target, bool all,
                                  run_id **ids, size_t *count,
                                  struct status *status) {
    *ids = NULL;
    if (target->prefix)
        return find_one(store, target->prefix, ids, count, status);
    *count = all ? store_ids(store, ids) : planned_ids(store, ids);
    STATUS_RETURN_IF(*count == 0, status, STATUS_CONFIG,
                     "%s: no finished run", store->path);
    return STATUS_OK;
}

/* ------------------------------------------------------------------- print */

static void print_run(const struct store *store, const struct json_value *record,
                      const struct safetensors *weights, struct text *out) {
    const struct json_value *error = json_member(record, "error");
    text_print(out, "%s/runs/%s: %s", store->path,
               json_get_string(json_member(record, "id"), "?"),
               json_get_string(json_member(record, "status"), "?"));
    if (json_is_object(error))
        text_print(out, " at update %lld: layer %s: %s",
                   (long long)json_get_integer(json_member(error, "step"), 0),
                   json_get_string(json_member(error, "layer"), "?"),
                   json_get_string(json_member(error, "what"), "?"));
    text_print(out, ", %lld updates, seed %lld\n\n",
               (long long)json_get_integer(json_member(record, "global_step"),
                                           0),
               (long long)json_get_integer(json_member(record, "seed"), 0));
    show_metrics(record, out);
    text_add_char(out, '\n');
    if (weights)
        show_weights(record, weights, out);
    else
        text_add(out, "no weights.safetensors (output.weights: false)\n");
}

static enum status_code show_run(const struct store *store, const char *id,
                                 struct json_writer *writer, struct text *out,
                                 struct status *status) {
    struct bytes record_bytes, weight_bytes;
    struct safetensors weights;
    enum status_code code = STATUS_INPUT;
    bool has_weights = false;
    if (!store_get_run(store, id, "run.json", &record_bytes))
        return status_set(status, STATUS_INPUT, "%s/runs/%s/run.json: not there",
                          store->path, id);
    struct json_value *record = json_parse((const char *)record_bytes.data,
                                           record_bytes.size, status);
    if (store_get_run(store, id, "weights.safetensors", &weight_bytes))
        has_weights =
            safetensors_read(&weight_bytes, &weights, status) == STATUS_OK;
    if (!record || (weight_bytes.data && !has_weights))
        goto out;
    if (writer)
        show_json((const char *)record_bytes.data,
                  has_weights ? &weights : NULL, writer);
    else
        print_run(store, record, has_weights ? &weights : NULL, out);
    code = STATUS_OK;
out:
    if (has_weights)
        safetensors_release(&weights);
    json_free(record);
    bytes_release(&weight_bytes);
    bytes_release(&record_bytes);
    return code;
}

static enum status_code show_runs(const struct store *store, run_id *ids,
                                  size_t count, bool json, struct text *out,
                                  struct status *status) {
    struct json_writer writer = json_writer_new(out, 0);
    enum status_code code = STATUS_OK;
    if (json && count > 1)
        json_begin_array(&writer);
    for (size_t i = 0; i < count && code == STATUS_OK; i++) {
        if (i > 0 && !json)
            text_add_char(out, '\n');
        code = show_run(store, ids[i], json ? &writer : NULL, out, status);
    }
    if (json && count > 1)
        json_end_array(&writer);
    if (json)
        text_add_char(out, '\n');
    return code;
}

enum status_code command_show(const struct invocation *invocation) {
    struct status status = STATUS_INIT;
    struct target target = {0};
    struct store store;
    struct text out = TEXT_INIT;
    run_id *ids = NULL;
    size_t count = 0;
    const char *argument = invocation->arguments[0];
    if (!from_folder(argument, &target))
        from_name(argument, invocation->out, &target);
    enum status_code code =
        store_open(&store, target.out, target.name, false, &status);
    if (code != STATUS_OK)
        goto out;
    code = find_runs(&store, &target, invocation->all, &ids, &count, &status);
    if (code == STATUS_OK)
        code = show_runs(&store, ids, count, invocation->json, &out, &status);
    store_close(&store);
out:
    code = code == STATUS_OK ? print_out(&out)
                             : print_error(invocation, &status);
    free(ids);
    text_release(&out);
    target_release(&target);
    return code;
}
