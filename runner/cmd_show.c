/* `show RUN | EXPERIMENT`. */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/memory.h"
#include "engine/io/whole_file.h"
#include "runner/command.h"
#include "runner/report/show.h"
#include "runner/report/top.h"
#include "runner/store/store.h"

static const char DEFAULT_OUT[] = "experiments";
enum { FILE_LIMIT = 1 << 30 };

/* What an argument names: a run's folder wherever it is, or an experiment and
 * in it a run or all of the plan. */
struct target {
    bool is_run_folder; /* the argument itself */
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

/* A run's folder, or OUT/NAME as a folder that exists. */
static bool from_folder(const char *argument, struct target *target) {
    target->is_run_folder = is_file(argument, "run.json");
    if (target->is_run_folder)
        return true;
    if (!is_file(argument, "plan.json"))
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
    STATUS_RETURN_IF(*count == 0, status, STATUS_CONFIG, "%s: no run '%s'",
                     store->path, prefix);
    STATUS_RETURN_IF(*count > 1, status, STATUS_CONFIG,
                     "%s: '%s' is the start of %zu runs (%s, %s, ...)",
                     store->path, prefix, *count, (*ids)[0], (*ids)[1]);
    return STATUS_OK;
}

/* The runs of the plan on disk that have a folder; it has `planned` runs. */
static size_t planned_ids(const struct store *store, run_id **ids,
                          size_t *planned) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    size_t count = 0;
    *planned = 0;
    if (!store_get(store, "plan.json", &bytes))
        return 0;
    struct json_value *plan =
        json_parse((const char *)bytes.data, bytes.size, &status);
    const struct json_value *runs = json_member(plan, "runs");
    *planned = json_count(runs);
    *ids = memory_zeroed(*planned, sizeof **ids);
    for (size_t i = 0; i < json_count(runs); i++) {
        const char *id =
            json_get_string(json_member(json_element(runs, i), "id"), "");
        if (store_is_id(id) && store_has(store, id, "run.json"))
            memcpy((*ids)[count++], id, RUN_ID_SIZE);
    }
    json_free(plan);
    bytes_release(&bytes);
    return count;
}

/* `planned` is the number of the plan's runs where these are the plan's. */
static enum status_code find_runs(const struct store *store,
                                  const struct target *target, bool all,
                                  run_id **ids, size_t *count, size_t *planned,
                                  struct status *status) {
    *ids = NULL;
    *planned = 0;
    if (target->prefix)
        return find_one(store, target->prefix, ids, count, status);
    *count = all ? store_ids(store, ids) : planned_ids(store, ids, planned);
    STATUS_RETURN_IF(*count == 0, status, STATUS_CONFIG, "%s: no finished run",
                     store->path);
    return STATUS_OK;
}

/* ------------------------------------------------------------------- print */

static void print_run(const char *folder, const struct json_value *record,
                      const struct safetensors *weights, struct text *out) {
    const struct json_value *error = json_member(record, "error");
    text_print(out, "%s: %s", folder,
               json_get_string(json_member(record, "status"), "?"));
    if (json_is_object(error))
        text_print(out, " at update %lld: layer %s: %s",
                   (long long)json_get_integer(json_member(error, "step"), 0),
                   json_get_string(json_member(error, "layer"), "?"),
                   json_get_string(json_member(error, "what"), "?"));
    text_print(
        out, ", %lld updates, seed %lld\n\n",
        (long long)json_get_integer(json_member(record, "global_step"), 0),
        (long long)json_get_integer(json_member(record, "seed"), 0));
    show_metrics(record, out);
    text_add_char(out, '\n');
    if (weights)
        show_weights(record, weights, out);
    else
        text_add(out, "no weights.safetensors (output.weights: false)\n");
}

/* A run's files; `weights` are empty where it has none. */
struct run_files {
    struct bytes record_bytes, weight_bytes;
    struct json_value *record;
    struct safetensors weights;
};

static void run_files_release(struct run_files *files) {
    safetensors_release(&files->weights);
    json_free(files->record);
    bytes_release(&files->weight_bytes);
    bytes_release(&files->record_bytes);
}

/* Says where it is, before what is wrong with it. */
static enum status_code blame_file(const char *folder, const char *name,
                                   struct status *status) {
    struct status inner = *status;
    return status_set(status, STATUS_INPUT, "%s/%s: %s", folder, name,
                      inner.message);
}

static enum status_code read_file(const char *folder, const char *name,
                                  struct bytes *bytes, struct status *status) {
    struct text path = TEXT_INIT;
    text_print(&path, "%s/%s", folder, name);
    enum status_code code =
        whole_file_read(path.bytes, FILE_LIMIT, STATUS_INPUT, bytes, status);
    text_release(&path);
    return code;
}

static enum status_code run_files_read(struct run_files *files,
                                       const char *folder,
                                       struct status *status) {
    static const char RECORD[] = "run.json", WEIGHTS[] = "weights.safetensors";
    STATUS_TRY(read_file(folder, RECORD, &files->record_bytes, status));
    files->record = json_parse((const char *)files->record_bytes.data,
                               files->record_bytes.size, status);
    if (!files->record)
        return blame_file(folder, RECORD, status);
    if (!is_file(folder, WEIGHTS))
        return STATUS_OK;
    STATUS_TRY(read_file(folder, WEIGHTS, &files->weight_bytes, status));
    if (safetensors_read(&files->weight_bytes, &files->weights, status) !=
        STATUS_OK)
        return blame_file(folder, WEIGHTS, status);
    return STATUS_OK;
}

/* One run's folder, as JSON if there is a writer. */
static enum status_code show_folder(const char *folder,
                                    struct json_writer *writer,
                                    struct text *out, struct status *status) {
    struct run_files files = {0};
    enum status_code code = run_files_read(&files, folder, status);
    const struct safetensors *weights =
        files.weight_bytes.data ? &files.weights : NULL;
    if (code == STATUS_OK && writer)
        show_json((const char *)files.record_bytes.data, weights, writer);
    else if (code == STATUS_OK)
        print_run(folder, files.record, weights, out);
    run_files_release(&files);
    return code;
}

static enum status_code show_runs(const struct store *store, run_id *ids,
                                  size_t count, struct json_writer *writer,
                                  struct text *out, struct status *status) {
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < count && code == STATUS_OK; i++) {
        struct text folder = TEXT_INIT;
        if (i > 0 && !writer)
            text_add_char(out, '\n');
        text_print(&folder, "%s/runs/%s", store->path, ids[i]);
        code = show_folder(folder.bytes, writer, out, status);
        text_release(&folder);
    }
    return code;
}

/* A run is one JSON object; an experiment is an array of them. For people only
 * the best runs of a plan of several. */
static enum status_code show_experiment(const struct target *target, bool all,
                                        struct json_writer *writer,
                                        struct text *out,
                                        struct status *status) {
    struct store store;
    run_id *ids;
    size_t count, planned;
    bool is_array = writer && !target->prefix;
    STATUS_TRY(store_open(&store, target->out, target->name, false, status));
    enum status_code code =
        find_runs(&store, target, all, &ids, &count, &planned, status);
    if (is_array)
        json_begin_array(writer);
    if (code == STATUS_OK && planned > 1 && !writer)
        code = top_write(&store, out, status);
    else if (code == STATUS_OK)
        code = show_runs(&store, ids, count, writer, out, status);
    if (is_array)
        json_end_array(writer);
    free(ids);
    store_close(&store);
    return code;
}

enum status_code command_show(const struct invocation *invocation) {
    struct status status = STATUS_INIT;
    struct target target = {0};
    struct text out = TEXT_INIT;
    struct json_writer json = json_writer_new(&out, 0);
    struct json_writer *writer = invocation->json ? &json : NULL;
    const char *argument = invocation->arguments[0];
    if (!from_folder(argument, &target))
        from_name(argument, invocation->out, &target);
    enum status_code code =
        target.is_run_folder
            ? show_folder(argument, writer, &out, &status)
            : show_experiment(&target, invocation->all, writer, &out, &status);
    if (writer)
        text_add_char(&out, '\n');
    code = code == STATUS_OK ? print_out(&out)
                             : print_failure(invocation, &status);
    text_release(&out);
    target_release(&target);
    return code;
}
