/* The runs of experiments on disk. plan.json and each run.json are cut into
 * slices, and only what is asked for is parsed: neither the plan nor the
 * records are ever held as trees. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "engine/io/json_slices.h"
#include "runner/report/run_table.h"

/* An experiment's plan: its text, and all but its runs as a tree. */
struct plan_text {
    struct bytes bytes;
    struct json_slice runs;
    struct json_value *head;
};

/* Where run after run of one experiment is added. */
struct run_reader {
    struct run_table *table;
    const struct labelled_store *experiment;
    const struct plan_text *plan;
    bool needs_config; /* by every run, swept there or not */
};

static struct json_slice slice_of(const struct bytes *bytes) {
    return (struct json_slice){(const char *)bytes->data, bytes->size};
}

static struct json_value *parse_slice(struct json_slice slice) {
    struct status ignored = STATUS_INIT;
    return slice.bytes ? json_parse(slice.bytes, slice.length, &ignored) : NULL;
}

/* --------------------------------------------------------------------- plan */

/* The plan with [] in the place of its runs. */
static enum status_code parse_head(struct plan_text *plan, const char *path,
                                   struct status *status) {
    struct json_slice whole = slice_of(&plan->bytes);
    struct text head = TEXT_INIT;
    size_t before = (size_t)(plan->runs.bytes - whole.bytes);
    size_t behind = before + plan->runs.length;
    text_append(&head, whole.bytes, before);
    text_add(&head, "[]");
    text_append(&head, whole.bytes + behind, whole.length - behind);
    struct status cause = STATUS_INIT;
    plan->head = json_parse(head.bytes, head.length, &cause);
    text_release(&head);
    STATUS_RETURN_IF(!plan->head, status, STATUS_INPUT, "%s/plan.json: %s",
                     path, cause.message);
    return STATUS_OK;
}

static enum status_code plan_read(struct plan_text *plan,
                                  const struct store *store,
                                  struct status *status) {
    STATUS_RETURN_IF(!store_get(store, "plan.json", &plan->bytes), status,
                     STATUS_CONFIG, "%s: no plan.json to compare by",
                     store->path);
    STATUS_RETURN_IF(
        !json_slice_member(slice_of(&plan->bytes), "runs", &plan->runs) ||
            *plan->runs.bytes != '[',
        status, STATUS_INPUT, "%s/plan.json: not JSON with a list of runs",
        store->path);
    return parse_head(plan, store->path, status);
}

static void plan_text_release(struct plan_text *plan) {
    json_free(plan->head);
    bytes_release(&plan->bytes);
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

static void note_metrics(struct run_table *table, struct json_slice metrics) {
    if (table->metrics.count > 0)
        return;
    struct json_value *tree = parse_slice(metrics);
    run_table_note_metrics(table, tree);
    json_free(tree);
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

static enum status_code add_run(const struct run_reader *reader, const char *id,
                                const struct json_value *planned,
                                struct status *status) {
    static const struct json_slice NO_METRICS = {0};
    struct run_view view = {.id = id,
                            .values = json_member(planned, "values"),
                            .base = json_member(reader->plan->head, "config"),
                            .is_config_first = reader->table->request->all};
    const struct json_value *same_as = json_member(planned, "same_as");
    struct record_slices record;
    struct bytes bytes = {0};
    enum status_code code;
    if (store_get_run(reader->experiment->store, id, "run.json", &bytes) &&
        cut_record(slice_of(&bytes), id, &record))
        code = add_recorded(reader, &view, same_as, &record, status);
    else
        code =
            run_table_add_view(reader->table, reader->experiment->label, &view,
                               same_as, read_from_slice, &NO_METRICS, status);
    bytes_release(&bytes);
    return code;
}

/* --------------------------------------------------------------- experiment */

static enum status_code add_planned(const struct run_reader *reader,
                                    struct json_slice slice,
                                    struct text_set *ids,
                                    struct status *status) {
    struct json_value *planned = json_parse(slice.bytes, slice.length, status);
    if (!planned) {
        struct status cause = *status;
        return status_set(status, STATUS_INPUT, "%s/plan.json: a run is %s",
                          reader->experiment->store->path, cause.message);
    }
    const char *id = json_get_string(json_member(planned, "id"), "");
    text_set_add(ids, id, strlen(id));
    enum status_code code = add_run(reader, id, planned, status);
    json_free(planned);
    return code;
}

static enum status_code add_all_planned(const struct run_reader *reader,
                                        struct text_set *ids,
                                        struct status *status) {
    struct json_walk walk;
    struct json_slice key, value;
    json_walk_begin(&walk, reader->plan->runs);
    while (json_walk_next(&walk, &key, &value))
        STATUS_TRY(add_planned(reader, value, ids, status));
    STATUS_RETURN_IF(!walk.is_whole, status, STATUS_INPUT,
                     "%s/plan.json: the list of runs is not JSON",
                     reader->experiment->store->path);
    return STATUS_OK;
}

/* Folders of earlier plans, by id. */
static enum status_code add_others(const struct run_reader *reader,
                                   struct text_set *planned,
                                   struct status *status) {
    run_id *ids;
    enum status_code code = STATUS_OK;
    size_t count = store_ids(reader->experiment->store, &ids);
    for (size_t i = 0; i < count && code == STATUS_OK; i++) {
        size_t before = planned->count;
        text_set_add(planned, ids[i], strlen(ids[i]));
        if (planned->count > before)
            code = add_run(reader, ids[i], NULL, status);
    }
    free(ids);
    return code;
}

static enum status_code add_experiment(struct run_table *table,
                                       const struct labelled_store *experiment,
                                       const struct plan_text *plan,
                                       struct status *status) {
    const struct compare_request *request = table->request;
    struct run_reader reader = {.table = table,
                                .experiment = experiment,
                                .plan = plan,
                                .needs_config =
                                    request->all || request->filter != NULL};
    struct text_set ids = TEXT_SET_INIT;
    enum status_code code = add_all_planned(&reader, &ids, status);
    if (code == STATUS_OK && request->all)
        code = add_others(&reader, &ids, status);
    text_set_release(&ids);
    return code;
}

enum status_code run_table_read(struct run_table *table,
                                const struct compare_request *request,
                                const struct labelled_store *experiments,
                                size_t count, struct status *status) {
    struct plan_text *plans = memory_zeroed(count, sizeof *plans);
    enum status_code code = STATUS_OK;
    run_table_init(table, request, count);
    for (size_t i = 0; i < count && code == STATUS_OK; i++) {
        code = plan_read(&plans[i], experiments[i].store, status);
        if (code == STATUS_OK)
            code = run_table_add_plan(table, experiments[i].label,
                                      plans[i].head, status);
    }
    for (size_t i = 0; i < count && code == STATUS_OK; i++)
        code = add_experiment(table, &experiments[i], &plans[i], status);
    if (code == STATUS_OK)
        code = run_table_finish(table, status);
    for (size_t i = 0; i < count; i++)
        plan_text_release(&plans[i]);
    free(plans);
    return code;
}
