/* `show RUN | EXPERIMENT`. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/whole_file.h"
#include "runner/command.h"
#include "runner/report/show.h"
#include "runner/report/top.h"
#include "runner/target.h"

enum { FILE_LIMIT = 1 << 30 };

/* ---------------------------------------------------------------- the runs */

/* The runs of the plan on disk that have a folder; it has `planned` runs. */
static size_t planned_ids(const struct store *store, run_id **ids,
                          size_t *planned) {
    size_t count = 0;
    target_plan_ids(store, ids, planned);
    for (size_t i = 0; i < *planned; i++)
        if (store_has(store, (*ids)[i], "run.json"))
            memmove((*ids)[count++], (*ids)[i], sizeof **ids);
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
        return target_find_run(store, target->prefix, ids, count, status);
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
    if (!target_has_file(folder, WEIGHTS))
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
    struct target target;
    struct text out = TEXT_INIT;
    struct json_writer json = json_writer_new(&out, 0);
    struct json_writer *writer = invocation->json ? &json : NULL;
    const char *argument = invocation->arguments[0];
    target_init(&target, argument, invocation->out);
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
