/* `show RUN | EXPERIMENT`. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/whole_file.h"
#include "runner/command.h"
#include "runner/report/show.h"
#include "runner/report/top.h"
#include "runner/store/stored.h"
#include "runner/target.h"

enum { FILE_LIMIT = 1 << 30 };

/* ---------------------------------------------------------------- the runs */

/* `planned` is the number of the plan's runs where these are the plan's. */
static enum status_code find_runs(struct stored_reader *reader,
                                  const struct target *target, bool all,
                                  run_id **ids, size_t *count, size_t *planned,
                                  struct status *status) {
    *ids = NULL;
    *planned = 0;
    if (target->prefix)
        return target_find_run(reader, target->prefix, ids, count, status);
    *count = all ? stored_ids(reader, ids)
                 : stored_planned_ids(reader, ids, planned);
    STATUS_RETURN_IF(*count == 0, status, STATUS_CONFIG, "%s: no finished run",
                     reader->store->path);
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

static const char RECORD[] = "run.json", WEIGHTS[] = "weights.safetensors";

/* Says where it is, before what is wrong with it. */
static enum status_code blame_file(const char *place, const char *name,
                                   struct status *status) {
    struct status inner = *status;
    return status_set(status, STATUS_INPUT, "%s/%s: %s", place, name,
                      inner.message);
}

static enum status_code run_files_parse(struct run_files *files,
                                        const char *place,
                                        struct status *status) {
    files->record = json_parse((const char *)files->record_bytes.data,
                               files->record_bytes.size, status);
    if (!files->record)
        return blame_file(place, RECORD, status);
    if (files->weight_bytes.data &&
        safetensors_read(&files->weight_bytes, &files->weights, status) !=
            STATUS_OK)
        return blame_file(place, WEIGHTS, status);
    return STATUS_OK;
}

/* One run, as JSON if there is a writer. */
static enum status_code show_files(struct run_files *files, const char *place,
                                   struct json_writer *writer, struct text *out,
                                   struct status *status) {
    STATUS_TRY(run_files_parse(files, place, status));
    const struct safetensors *weights =
        files->weight_bytes.data ? &files->weights : NULL;
    if (writer)
        show_json((const char *)files->record_bytes.data, weights, writer);
    else
        print_run(place, files->record, weights, out);
    return STATUS_OK;
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

/* A run's folder, wherever it is. */
static enum status_code show_folder(const char *folder,
                                    struct json_writer *writer,
                                    struct text *out, struct status *status) {
    struct run_files files = {0};
    enum status_code code =
        read_file(folder, RECORD, &files.record_bytes, status);
    if (code == STATUS_OK && target_has_file(folder, WEIGHTS))
        code = read_file(folder, WEIGHTS, &files.weight_bytes, status);
    if (code == STATUS_OK)
        code = show_files(&files, folder, writer, out, status);
    run_files_release(&files);
    return code;
}

static enum status_code show_stored(struct stored_reader *reader,
                                    const char *id, struct json_writer *writer,
                                    struct text *out, struct status *status) {
    struct run_files files = {0};
    struct stored_run run;
    struct text place = TEXT_INIT;
    enum status_code code;
    enum stored_state state =
        stored_run_init(&run, reader, id, STORED_ANYWHERE);
    stored_run_place(&run, &place);
    if (state != STORED_THERE) {
        code =
            status_set(status, STATUS_INPUT, "%s: can't be read", place.bytes);
    } else {
        stored_run_file(&run, RECORD, &files.record_bytes);
        stored_run_file(&run, WEIGHTS, &files.weight_bytes);
        code = show_files(&files, place.bytes, writer, out, status);
    }
    run_files_release(&files);
    stored_run_release(&run);
    text_release(&place);
    return code;
}

/* Printed on the way, for there may be many. */
static enum status_code show_runs(struct stored_reader *reader, run_id *ids,
                                  size_t count, struct json_writer *writer,
                                  struct text *out, struct status *status) {
    enum { PIECE = 1 << 16 };
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < count && code == STATUS_OK; i++) {
        if (i > 0 && !writer)
            text_add_char(out, '\n');
        code = show_stored(reader, ids[i], writer, out, status);
        if (code == STATUS_OK && out->length > PIECE) {
            code = print_out(out);
            text_clear(out);
        }
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
    struct stored_reader reader;
    run_id *ids = NULL;
    size_t count = 0, planned = 0;
    bool is_array = writer && !target->prefix;
    STATUS_TRY(store_open(&store, target->out, target->name, false, status));
    enum status_code code = stored_reader_init(&reader, &store, status);
    if (code == STATUS_OK)
        code = find_runs(&reader, target, all, &ids, &count, &planned, status);
    if (is_array)
        json_begin_array(writer);
    if (code == STATUS_OK && planned > 1 && !writer)
        code = top_write(&store, out, status);
    else if (code == STATUS_OK)
        code = show_runs(&reader, ids, count, writer, out, status);
    if (is_array)
        json_end_array(writer);
    free(ids);
    stored_reader_release(&reader);
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
