#include "runner/report/run_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"

enum { PLAN_FORMAT = 1 };

/* Where nothing says which: first the part that is there to choose on. */
static const char *const DEFAULT_METRICS[CANDIDATES] = {
    "validation.average_loss", "test.average_loss"};

/* Of which more is better. */
static const char *const HIGHER_IS_BETTER[] = {
    "accuracy", "auc", "auc_precision_recall", "precision", "recall",
    "f1",       "r2"};

static bool is_higher_better(const char *metric) {
    const char *dot = strchr(metric, '.');
    const char *name = dot ? dot + 1 : metric;
    for (size_t i = 0; i < sizeof HIGHER_IS_BETTER / sizeof *HIGHER_IS_BETTER;
         i++)
        if (strcmp(name, HIGHER_IS_BETTER[i]) == 0)
            return true;
    return false;
}

/* ------------------------------------------------------------------ columns */

static bool is_seed(const char *path) {
    const char *dot = strrchr(path, '.');
    const char *last = dot ? dot + 1 : path;
    return strcmp(last, "seed") == 0 || strcmp(last, "random_state") == 0;
}

static void add_name(struct name_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->names[i], name) == 0)
            return;
    memory_grow(&list->names, list->count, &list->capacity,
                sizeof *list->names);
    list->names[list->count++] = memory_string(name);
}

void run_table_init(struct run_table *table,
                    const struct compare_request *request, size_t experiments) {
    *table = (struct run_table){.request = request,
                                .has_experiments = experiments > 1};
    if (table->has_experiments)
        add_name(&table->columns, "experiment");
    for (size_t i = 0; i < request->by_count; i++)
        add_name(&table->columns, request->by[i]);
    if (request->metric) {
        table->metric = memory_string(request->metric);
        table->maximize = is_higher_better(request->metric);
    }
}

static void release_names(struct name_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
}

void run_table_release(struct run_table *table) {
    release_names(&table->columns);
    release_names(&table->axes);
    release_names(&table->metrics);
    free(table->is_found);
    text_set_release(&table->values);
    text_set_release(&table->groups);
    free(table->rows);
    free(table->metric);
    *table = (struct run_table){0};
}

/* -------------------------------------------------------------------- plans */

/* A metric of the request's stands, with the plan's goal if it is the plan's
 * too. */
static enum status_code add_metric(struct run_table *table, const char *label,
                                   const struct json_value *metric,
                                   struct status *status) {
    const char *name = json_get_string(json_member(metric, "name"), NULL);
    const char *goal = json_get_string(json_member(metric, "goal"), "minimize");
    bool maximize = strcmp(goal, "maximize") == 0;
    if (!name)
        return STATUS_OK;
    bool is_same = table->metric && strcmp(table->metric, name) == 0;
    if (table->request->metric) {
        table->maximize = is_same ? maximize : table->maximize;
        return STATUS_OK;
    }
    STATUS_RETURN_IF(
        table->metric && (!is_same || table->maximize != maximize), status,
        STATUS_CONFIG,
        "%s: sweep.metric is %s (%s), that of another experiment %s (%s)",
        label, name, goal, table->metric,
        table->maximize ? "maximize" : "minimize");
    if (!table->metric)
        table->metric = memory_string(name);
    table->maximize = maximize;
    return STATUS_OK;
}

enum status_code run_table_add_plan(struct run_table *table, const char *label,
                                    const struct json_value *plan,
                                    struct status *status) {
    int64_t format = json_get_integer(json_member(plan, "format"), PLAN_FORMAT);
    STATUS_RETURN_IF(format != PLAN_FORMAT, status, STATUS_INPUT,
                     "%s/plan.json: expected format %d, found %lld", label,
                     PLAN_FORMAT, (long long)format);
    const struct json_value *axes = json_member(plan, "axes");
    for (size_t i = 0; i < json_count(axes); i++) {
        const char *path =
            json_get_string(json_member(json_element(axes, i), "path"), "seed");
        add_name(&table->axes, path);
        if (table->request->by_count == 0 && !is_seed(path))
            add_name(&table->columns, path);
    }
    return add_metric(table, label, json_member(plan, "metric"), status);
}

/* --------------------------------------------------------------------- runs */

static uint32_t add_value(struct run_table *table,
                          const struct json_value *value) {
    struct text text = TEXT_INIT;
    struct json_writer writer = json_writer_new(&text, 0);
    json_write_value(value, &writer);
    uint32_t number = text_set_add(&table->values, text.bytes, text.length);
    text_release(&text);
    return number;
}

static uint32_t add_label(struct run_table *table, const char *label) {
    struct text text = TEXT_INIT;
    struct json_writer writer = json_writer_new(&text, 0);
    json_string(&writer, label);
    uint32_t number = text_set_add(&table->values, text.bytes, text.length);
    text_release(&text);
    return number;
}

static uint32_t group_of(struct run_table *table, const char *label,
                         const struct run_view *view) {
    uint32_t *cells = memory_zeroed(table->columns.count + 1, sizeof *cells);
    for (size_t i = 0; i < table->columns.count; i++) {
        if (i == 0 && table->has_experiments) {
            cells[i] = add_label(table, label);
            table->is_found[i] = true;
            continue;
        }
        const struct json_value *value =
            run_view_value(view, table->columns.names[i]);
        table->is_found[i] |= value != NULL;
        cells[i] = add_value(table, value);
    }
    uint32_t group = text_set_add(&table->groups, cells,
                                  table->columns.count * sizeof *cells);
    free(cells);
    return group;
}

enum row_outcome run_view_outcome(const struct run_view *view) {
    if (!view->status || strcmp(view->status, "missing") == 0)
        return OUTCOME_MISSING;
    if (strcmp(view->status, "finished") == 0)
        return OUTCOME_FINISHED;
    return strcmp(view->status, "diverged") == 0 ? OUTCOME_DIVERGED
                                                 : OUTCOME_FAILED;
}

/* A run and its duplicates stand together, and it counts once in a group. */
static bool is_in_group(const struct run_table *table, size_t first,
                        uint32_t group) {
    for (size_t i = first; i < table->count; i++)
        if (table->rows[i].group == group)
            return true;
    return false;
}

/* `first`: of the rows of this run. */
static void add_row(struct run_table *table, const char *label,
                    const struct run_view *view, const double *values,
                    size_t first) {
    struct run_row row = {.id = run_id_number(view->id),
                          .outcome = (unsigned char)run_view_outcome(view)};
    row.group = group_of(table, label, view);
    memcpy(row.value, values, sizeof row.value);
    if (is_in_group(table, first, row.group))
        return;
    memory_grow(&table->rows, table->count, &table->capacity,
                sizeof *table->rows);
    table->rows[table->count++] = row;
}

static void read_candidates(struct run_table *table, metric_reader *read,
                            const void *context, double *values) {
    for (size_t i = 0; i < CANDIDATES; i++) {
        const char *name = table->metric ? table->metric : DEFAULT_METRICS[i];
        values[i] = NAN;
        table->present[i] += read(context, name, &values[i]);
        if (!isfinite(values[i]))
            values[i] = NAN;
    }
}

/* One view of a run, if the filter wants it. */
static enum status_code add_wanted(struct run_table *table, const char *label,
                                   const struct run_view *view,
                                   const double *values, size_t first,
                                   struct status *status) {
    const struct compare_request *request = table->request;
    bool keep = true;
    if (request->filter)
        STATUS_TRY(
            request->filter(view, request->filter_context, &keep, status));
    if (keep)
        add_row(table, label, view, values, first);
    return STATUS_OK;
}

enum status_code run_table_add_view(struct run_table *table, const char *label,
                                    const struct run_view *view,
                                    const struct json_value *same_as,
                                    metric_reader *read, const void *context,
                                    struct status *status) {
    double values[CANDIDATES];
    struct run_view duplicate = *view;
    size_t first = table->count;
    if (!table->is_found)
        table->is_found =
            memory_zeroed(table->columns.count + 1, sizeof *table->is_found);
    read_candidates(table, read, context, values);
    STATUS_TRY(add_wanted(table, label, view, values, first, status));
    for (size_t i = 0; i < json_count(same_as); i++) {
        duplicate.values = json_element(same_as, i);
        STATUS_TRY(add_wanted(table, label, &duplicate, values, first, status));
    }
    return STATUS_OK;
}

/* ------------------------------------------------------------------- finish */

void run_table_note_metric(struct run_table *table, const char *name) {
    add_name(&table->metrics, name);
}

/* "WHAT 'name'", and the nearest of those there are. */
static enum status_code no_such(const char *what, const char *name,
                                const struct name_list *known,
                                struct status *status) {
    const char **names = memory_zeroed(known->count + 1, sizeof *names);
    for (size_t i = 0; i < known->count; i++)
        names[i] = known->names[i];
    const char *near = names_nearest(name, names);
    free(names);
    STATUS_RETURN_IF(near, status, STATUS_CONFIG, "%s '%s'; did you mean '%s'?",
                     what, name, near);
    return status_set(status, STATUS_CONFIG, "%s '%s'", what, name);
}

static void settle_metric(struct run_table *table) {
    const size_t *present = table->present;
    table->is_default = !table->metric;
    if (table->metric)
        return;
    bool has_validation = present[0] > 0 && present[0] >= present[1];
    table->candidate = has_validation ? 0 : 1;
    table->metric = memory_string(DEFAULT_METRICS[table->candidate]);
}

enum status_code run_table_finish(struct run_table *table,
                                  struct status *status) {
    STATUS_RETURN_IF(table->count == 0, status, STATUS_CONFIG, "%s",
                     table->request->filter ? "no run satisfies the condition"
                                            : "there are no runs to compare");
    settle_metric(table);
    text_set_close(&table->values);
    text_set_close(&table->groups);
    memory_trim();
    size_t first = table->has_experiments ? 1 : 0;
    for (size_t i = first; table->request->by_count && i < table->columns.count;
         i++)
        if (!table->is_found[i])
            return no_such("--by: no run has", table->columns.names[i],
                           &table->axes, status);
    if (table->metrics.count > 0 && table->present[table->candidate] == 0)
        return no_such("no run has the metric", table->metric, &table->metrics,
                       status);
    return STATUS_OK;
}
