/* The runs of experiments on disk, one at a time. Records are cut into slices,
 * and only what is asked for is parsed. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "engine/io/json_slices.h"
#include "runner/report/run_table.h"
#include "runner/store/plan_file.h"
#include "runner/store/stored.h"

/* Where run after run of one experiment is added. */
struct run_reader {
    struct run_table *table;
    const struct labelled_store *experiment;
    struct plan_file *plan;
    struct stored_reader stored;
    bool needs_config; /* by every run, swept there or not */
};

static struct json_slice slice_of(const struct bytes *bytes) {
    return (struct json_slice){(const char *)bytes->data, bytes->size};
}

static struct json_value *parse_slice(struct json_slice slice) {
    struct status ignored = STATUS_INIT;
    return slice.bytes ? json_parse(slice.bytes, slice.length, &ignored) : NULL;
}

/* ------------------------------------------------------------------- record */

/* The members of a run.json that matter here. */
struct record_slices {
    struct json_slice id, status, config, metrics;
};

/* False for what is no record of this run. */
static bool cut_record(struct json_slice text, const char *id,
                       struct record_slices *record) {
    struct json_walk walk;
    struct json_slice key, value;
    const struct {
        const char *name;
        struct json_slice *slice;
    } WANTED[] = {{"id", &record->id},
                  {"status", &record->status},
                  {"config", &record->config},
                  {"metrics", &record->metrics}};
    *record = (struct record_slices){{0}, {0}, {0}, {0}};
    if (!json_walk_begin(&walk, text))
        return false;
    while (json_walk_next(&walk, &key, &value))
        for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++)
            if (json_slice_is(key, WANTED[i].name))
                *WANTED[i].slice = value;
    return walk.is_whole && record->id.length == RUN_ID_SIZE + 1 &&
           memcmp(record->id.bytes + 1, id, RUN_ID_SIZE - 1) == 0 &&
           record->status.length > 0;
}

static bool read_from_slice(const void *context, const char *name,
                            double *value) {
    const struct json_slice *metrics = context;
    struct json_slice members, found;
    char *part = memory_string_of(name, strcspn(name, "."));
    const char *metric = name + strlen(part);
    bool is_there = *metric && metrics->bytes &&
                    json_slice_member(*metrics, part, &members) &&
                    json_slice_member(members, metric + 1, &found);
    free(part);
    if (is_there && !number_read(found.bytes, found.length, value))
        *value = NAN;
    return is_there;
}

/* The words that this program writes; any other is a failure. */
static const char *status_word(struct json_slice status) {
    static const char *const WORDS[] = {"finished", "diverged", "missing"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (status.length == strlen(WORDS[i]) + 2 &&
            memcmp(status.bytes + 1, WORDS[i], status.length - 2) == 0)
            return WORDS[i];
    return "failed";
}

/* Whether the plan's values don't say all that the columns ask. */
static bool needs_config(const struct run_reader *reader,
                         const struct run_view *view) {
    const struct run_table *table = reader->table;
    size_t i = table->has_experiments ? 1 : 0;
    for (; !reader->needs_config && i < table->columns.count; i++)
        if (!json_member(view->values, table->columns.names[i]))
            return true;
    return reader->needs_config;
}

static void note_part(struct run_table *table, struct json_slice part,
                      struct json_slice metrics) {
    struct json_walk walk;
    struct json_slice metric, value;
    if (!json_walk_begin(&walk, metrics))
        return;
    while (json_walk_next(&walk, &metric, &value)) {
        struct text name = TEXT_INIT;
        text_print(&name, "%.*s.%.*s", (int)part.length, part.bytes,
                   (int)metric.length, metric.bytes);
        run_table_note_metric(table, text_string(&name));
        text_release(&name);
    }
}

static void note_metrics(struct run_table *table, struct json_slice parts) {
    struct json_walk walk;
    struct json_slice part, metrics;
    if (table->metrics.count > 0 || !parts.bytes ||
        !json_walk_begin(&walk, parts))
        return;
    while (json_walk_next(&walk, &part, &metrics))
        note_part(table, part, metrics);
}

static enum status_code add_recorded(const struct run_reader *reader,
                                     struct run_view *view,
                                     const struct json_value *same_as,
                                     const struct record_slices *record,
                                     struct status *status) {
    struct json_value *config = NULL, *metrics = NULL;
    if (needs_config(reader, view))
        config = parse_slice(record->config);
    if (reader->table->request->filter)
        metrics = parse_slice(record->metrics);
    view->status = status_word(record->status);
    view->config = config;
    view->metrics = metrics;
    note_metrics(reader->table, record->metrics);
    enum status_code code =
        run_table_add_view(reader->table, reader->experiment->label, view,
                           same_as, read_from_slice, &record->metrics, status);
    json_free(config);
    json_free(metrics);
    return code;
}

/* `position` in the plan, or STORED_ANYWHERE. */
static enum status_code add_run(struct run_reader *reader, const char *id,
                                size_t position,
                                const struct json_value *planned,
                                struct status *status) {
    static const struct json_slice NO_METRICS = {0};
    struct run_view view = {.id = id,
                            .values = json_member(planned, "values"),
                            .base = json_member(reader->plan->head, "config"),
                            .is_config_first = reader->table->request->all};
    const struct json_value *same_as = json_member(planned, "same_as");
    struct record_slices record;
    struct stored_run run;
    enum status_code code;
    bool is_there =
        stored_run_init(&run, &reader->stored, id, position) == STORED_THERE;
    if (is_there && cut_record(slice_of(&run.record), id, &record))
        code = add_recorded(reader, &view, same_as, &record, status);
    else
        code =
            run_table_add_view(reader->table, reader->experiment->label, &view,
                               same_as, read_from_slice, &NO_METRICS, status);
    stored_run_release(&run);
    return code;
}

/* --------------------------------------------------------------- experiment */

/* `ids`: of the runs of the plan, or NULL if they are not needed. */
static enum status_code add_all_planned(struct run_reader *reader,
                                        struct text_set *ids,
                                        struct status *status) {
    const char *path = reader->experiment->store->path;
    struct json_value *planned;
    struct status cause = STATUS_INIT;
    enum status_code code = STATUS_OK;
    size_t position = 0;
    while (code == STATUS_OK &&
           (planned = plan_file_next_tree(reader->plan, &cause)) != NULL) {
        const char *id = json_get_string(json_member(planned, "id"), "");
        if (ids)
            text_set_add(ids, id, strlen(id));
        code = add_run(reader, id, position++, planned, status);
        json_free(planned);
    }
    if (code != STATUS_OK)
        return code;
    STATUS_RETURN_IF(cause.code != STATUS_OK, status, STATUS_INPUT,
                     "%s/plan.json: a run is %s", path, cause.message);
    STATUS_TRY(
        plan_file_check(reader->plan, reader->experiment->store, status));
    STATUS_RETURN_IF(!reader->plan->is_whole, status, STATUS_INPUT,
                     "%s/plan.json: the list of runs is not JSON", path);
    return STATUS_OK;
}

/* Runs of earlier plans, by id. */
static enum status_code add_others(struct run_reader *reader,
                                   struct text_set *planned,
                                   struct status *status) {
    run_id *ids;
    enum status_code code = STATUS_OK;
    size_t count = stored_ids(&reader->stored, &ids);
    for (size_t i = 0; i < count && code == STATUS_OK; i++) {
        size_t before = planned->count;
        text_set_add(planned, ids[i], strlen(ids[i]));
        if (planned->count > before)
            code = add_run(reader, ids[i], STORED_ANYWHERE, NULL, status);
    }
    free(ids);
    return code;
}

static enum status_code add_experiment(struct run_table *table,
                                       const struct labelled_store *experiment,
                                       struct plan_file *plan,
                                       struct status *status) {
    const struct compare_request *request = table->request;
    struct run_reader reader = {.table = table,
                                .experiment = experiment,
                                .plan = plan,
                                .needs_config =
                                    request->all || request->filter != NULL};
    struct text_set ids = TEXT_SET_INIT;
    enum status_code code =
        stored_reader_init(&reader.stored, experiment->store, status);
    if (code == STATUS_OK)
        code = add_all_planned(&reader, request->all ? &ids : NULL, status);
    if (code == STATUS_OK && request->all)
        code = add_others(&reader, &ids, status);
    stored_reader_release(&reader.stored);
    text_set_release(&ids);
    return code;
}

enum status_code run_table_read(struct run_table *table,
                                const struct compare_request *request,
                                const struct labelled_store *experiments,
                                size_t count, struct status *status) {
    struct plan_file *plans = memory_zeroed(count, sizeof *plans);
    enum status_code code = STATUS_OK;
    size_t opened = 0;
    run_table_init(table, request, count);
    while (opened < count && code == STATUS_OK) {
        struct plan_file *plan = &plans[opened];
        code = plan_file_open(plan, experiments[opened].store, status);
        if (code == STATUS_OK)
            code = run_table_add_plan(table, experiments[opened].label,
                                      plan->head, status);
        opened++;
    }
    for (size_t i = 0; i < count && code == STATUS_OK; i++)
        code = add_experiment(table, &experiments[i], &plans[i], status);
    if (code == STATUS_OK)
        code = run_table_finish(table, status);
    for (size_t i = 0; i < opened; i++)
        plan_file_close(&plans[i]);
    free(plans);
    return code;
}
