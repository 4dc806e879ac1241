#include "runner/report/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "runner/report/compare_parts.h"
#include "runner/report/summary_parts.h"
#include "runner/store/plan_file.h"
#include "runner/store/put.h"

/* Parts as the summary's columns list them: what is judged on first. */
static const char *const PART_ORDER[] = {"test", "validation", "train"};
enum { PART_COUNT = sizeof PART_ORDER / sizeof *PART_ORDER };

/* Everything that a run is added to. */
struct summary {
    const struct store *store;
    bool (*is_late)(void);
    struct plan_file plan;
    struct stored_reader reader;
    struct summary_columns columns;
    struct summary_run run; /* the one at hand */
    struct run_table table;
    struct put csv, json;
    struct summary_difference *differences; /* [2], to compare; or NULL */
    struct json_writer writer;              /* of json */
    struct summary_counts counts;
    /* Of the CSV: the columns in their order, as many as were known when its
     * first line was written. */
    uint32_t *order;
    size_t ordered, column_count;
    double *values;
};

/* --------------------------------------------------------------------- CSV */

static const char *run_status(const struct summary_run *run) {
    return run->status ? run->status : "missing";
}

static const char *axis_path(const struct json_value *axes, size_t index) {
    return json_get_string(json_member(json_element(axes, index), "path"), "");
}

/* Each with a comma behind it. */
static void write_csv_values(const struct summary *summary, struct text *out) {
    const struct json_value *axes = json_member(summary->plan.head, "axes");
    const struct json_value *values =
        json_member(summary->run.planned, "values");
    struct text json = TEXT_INIT;
    for (size_t i = 0; i < json_count(axes); i++) {
        struct json_writer writer = json_writer_new(&json, 0);
        json_write_typed(json_member(values, axis_path(axes, i)), &writer);
        report_csv_value(text_string(&json), out);
        text_add_char(out, ',');
        text_clear(&json);
    }
    text_release(&json);
}

static void write_csv_metrics(const struct summary *summary, struct text *out) {
    const struct summary_run *run = &summary->run;
    char digits[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < summary->column_count; i++)
        summary->values[i] = NAN;
    for (size_t i = 0; i < run->cell_count; i++)
        if (run->cells[i].column < summary->column_count)
            summary->values[run->cells[i].column] = run->cells[i].value;
    for (size_t i = 0; i < summary->ordered; i++) {
        double value = summary->values[summary->order[i]];
        text_add_char(out, ',');
        if (isfinite(value))
            text_append(out, digits, number_write_double(value, digits));
    }
}

static void write_csv_run(const struct summary *summary, struct text *out) {
    const struct summary_run *run = &summary->run;
    char digits[NUMBER_TEXT_SIZE];
    text_add(out, run->id);
    text_add_char(out, ',');
    text_add(out, run_status(run));
    text_add_char(out, ',');
    write_csv_values(summary, out);
    if (run->global_step.present)
        text_append(out, digits,
                    number_write_integer(run->global_step.value, digits));
    write_csv_metrics(summary, out);
    text_add_char(out, '\n');
}

/* The columns by part, in each as they came. */
static void order_columns(struct summary *summary) {
    const struct summary_columns *columns = &summary->columns;
    free(summary->order);
    free(summary->values);
    summary->order = memory_zeroed(columns->count, sizeof *summary->order);
    summary->values = memory_zeroed(columns->count, sizeof *summary->values);
    summary->column_count = columns->count;
    summary->ordered = 0;
    for (size_t part = 0; part < PART_COUNT; part++)
        for (size_t i = 0; i < columns->count; i++)
            if (strcmp(columns->columns[i].part, PART_ORDER[part]) == 0)
                summary->order[summary->ordered++] = (uint32_t)i;
}

static void write_csv_head(const struct summary *summary, struct text *out) {
    const struct json_value *axes = json_member(summary->plan.head, "axes");
    text_add(out, "id,status,");
    for (size_t i = 0; i < json_count(axes); i++) {
        const char *path = axis_path(axes, i);
        report_csv_text(path, strlen(path), out);
        text_add_char(out, ',');
    }
    text_add(out, "global_step");
    for (size_t i = 0; i < summary->ordered; i++) {
        const struct column *column =
            &summary->columns.columns[summary->order[i]];
        text_print(out, ",%s.%s", column->part, column->metric);
    }
    text_add_char(out, '\n');
}

/* -------------------------------------------------------------------- JSON */
static void write_step(struct json_writer *writer, const char *key,
                       struct field_optional_integer step) {
    json_key(writer, key);
    if (step.present)
        json_integer(writer, step.value);
    else
        json_null(writer);
}

static void write_values(const struct json_value *values,
                         struct json_writer *writer) {
    struct text text = TEXT_INIT;
    json_key(writer, "values");
    json_begin_object(writer);
    for (size_t i = 0; i < json_count(values); i++) {
        const struct json_value *value;
        struct json_writer line = json_writer_new(&text, 0);
        json_key(writer, json_member_at(values, i, &value));
        json_write_typed(value, &line);
        json_raw(writer, text_string(&text));
        text_clear(&text);
    }
    json_end_object(writer);
    text_release(&text);
}

/* A part's metrics stand together in a record. */
static void write_metrics(const struct summary *summary,
                          struct json_writer *writer) {
    const struct summary_run *run = &summary->run;
    const char *part = NULL;
    json_key(writer, "metrics");
    json_begin_object(writer);
    for (size_t i = 0; i < run->cell_count; i++) {
        const struct column *column =
            &summary->columns.columns[run->cells[i].column];
        bool is_next = !part || strcmp(part, column->part) != 0;
        if (is_next && part)
            json_end_object(writer);
        if (is_next) {
            json_key(writer, column->part);
            json_begin_object(writer);
        }
        part = column->part;
        json_key(writer, column->metric);
        json_double(writer, run->cells[i].value);
    }
    if (part)
        json_end_object(writer);
    json_end_object(writer);
}

static void write_json_run(struct summary *summary) {
    const struct summary_run *run = &summary->run;
    struct json_writer *writer = &summary->writer;
    json_begin_object(writer);
    json_key(writer, "id");
    json_string(writer, run->id);
    json_key(writer, "status");
    json_string(writer, run_status(run));
    write_values(json_member(run->planned, "values"), writer);
    write_step(writer, "global_step", run->global_step);
    write_step(writer, "best_step", run->best_step);
    write_metrics(summary, writer);
    json_end_object(writer);
}

static void write_json_head(struct summary *summary) {
    struct json_writer *writer = &summary->writer;
    json_begin_object(writer);
    json_key(writer, "format");
    json_integer(writer, 1);
    json_key(writer, "name");
    json_string(writer,
                json_get_string(json_member(summary->plan.head, "name"), ""));
    json_key(writer, "runs");
    json_begin_array(writer);
}

static enum status_code flush_put(void *context, struct status *status) {
    return put_some(context, status);
}

static enum status_code write_json_end(struct summary *summary,
                                       struct status *status) {
    struct json_writer *writer = &summary->writer;
    const struct report_sink sink = {&summary->json.text, flush_put,
                                     &summary->json};
    json_end_array(writer);
    json_key(writer, "statistics");
    STATUS_TRY(
        compare_write_statistics(&summary->table, writer, &sink, status));
    json_end_object(writer);
    text_add_char(&summary->json.text, '\n');
    return STATUS_OK;
}

/* --------------------------------------------------------------- statistics */

static bool read_cell(const void *context, const char *name, double *value) {
    const struct summary *summary = context;
    size_t length = strcspn(name, ".");
    for (size_t i = 0; i < summary->run.cell_count; i++) {
        const struct cell *cell = &summary->run.cells[i];
        const struct column *column = &summary->columns.columns[cell->column];
        if (strncmp(column->part, name, length) != 0 ||
            column->part[length] != '\0' || name[length] != '.' ||
            strcmp(column->metric, name + length + 1) != 0)
            continue;
        *value = cell->value;
        return true;
    }
    return false;
}

static void note_metrics(struct summary *summary) {
    for (size_t i = 0; i < summary->run.cell_count; i++) {
        const struct column *column =
            &summary->columns.columns[summary->run.cells[i].column];
        struct text name = TEXT_INIT;
        text_print(&name, "%s.%s", column->part, column->metric);
        run_table_note_metric(&summary->table, text_string(&name));
        text_release(&name);
    }
}

static enum status_code add_to_table(struct summary *summary,
                                     struct status *status) {
    const struct summary_run *run = &summary->run;
    const struct run_view view = {
        .id = run->id,
        .status = run->status,
        .values = json_member(run->planned, "values"),
        .base = json_member(summary->plan.head, "config"),
    };
    summary->counts.outcomes[run_view_outcome(&view)]++;
    if (summary->table.metrics.count == 0)
        note_metrics(summary);
    return run_table_add_view(&summary->table, "", &view,
                              json_member(run->planned, "same_as"), read_cell,
                              summary, status);
}

/* -------------------------------------------------------------------- passes
 */

/* Which of the two, and where it is to stand. */
static const char *const NAMES[] = {"summary.csv", "summary.json"};

static enum status_code begin_put(struct summary *summary, size_t which,
                                  struct status *status) {
    struct put *put = which ? &summary->json : &summary->csv;
    const struct store *store = summary->store;
    if (!summary->differences)
        return put_begin(put, store, store->folder, NAMES[which], status);
    /* One that is not there differs in nothing. */
    put->difference.is_there =
        !put_begin_compare(put, store, store->folder, NAMES[which]);
    summary->differences[which].is_there = put->difference.is_there;
    return STATUS_OK;
}

/* Takes the difference of the run at hand over, when it is found. */
static void note_difference(struct summary *summary, size_t which) {
    const struct put *put = which ? &summary->json : &summary->csv;
    struct summary_difference *found = &summary->differences[which];
    if (!put->difference.is_there || found->is_there)
        return;
    *found = (struct summary_difference){
        .is_there = true, .file = NAMES[which], .line = put->difference.line};
    snprintf(found->id, sizeof found->id, "%s",
             summary->run.id ? summary->run.id : "");
    snprintf(found->stored, sizeof found->stored, "%s", put->difference.stored);
    snprintf(found->made, sizeof found->made, "%s", put->difference.made);
}

static void note_differences(struct summary *summary) {
    for (size_t which = 0; summary->differences && which < 2; which++)
        note_difference(summary, which);
}

/* What was written so far. */
static enum status_code put_both(struct summary *summary,
                                 struct status *status) {
    STATUS_TRY(put_some(&summary->csv, status));
    STATUS_TRY(put_some(&summary->json, status));
    note_differences(summary);
    return STATUS_OK;
}

/* The plan's next run; `is_end` after the last. */
static enum status_code next_run(struct summary *summary, size_t position,
                                 bool *is_end, struct status *status) {
    struct status cause = STATUS_INIT;
    summary_run_clear(&summary->run);
    struct json_value *planned = plan_file_next_tree(&summary->plan, &cause);
    *is_end = planned == NULL;
    if (planned)
        return summary_run_read(&summary->run, &summary->columns,
                                &summary->reader, planned, position, status);
    STATUS_RETURN_IF(!summary->plan.is_whole, status, STATUS_OUTPUT,
                     "%s/plan.json: not JSON", summary->store->path);
    return STATUS_OK;
}

static enum status_code check_time(const struct summary *summary,
                                   size_t position, struct status *status) {
    enum { EVERY = 64 };
    STATUS_RETURN_IF(
        position % EVERY == 0 && summary->is_late && summary->is_late(), status,
        STATUS_INTERRUPTED, "%s: interrupted before the summaries were written",
        summary->store->path);
    return STATUS_OK;
}

/* The columns of the first record that there is: nearly always those of all. */
static enum status_code guess_columns(struct summary *summary,
                                      struct status *status) {
    bool is_end = false;
    for (size_t i = 0; !is_end && summary->columns.count == 0; i++) {
        STATUS_TRY(check_time(summary, i, status));
        STATUS_TRY(next_run(summary, i, &is_end, status));
    }
    plan_file_rewind(&summary->plan);
    order_columns(summary);
    write_csv_head(summary, &summary->csv.text);
    return STATUS_OK;
}

static enum status_code write_runs(struct summary *summary,
                                   struct status *status) {
    bool is_end = false;
    write_json_head(summary);
    summary_run_clear(&summary->run);
    STATUS_TRY(put_both(summary, status));
    for (size_t i = 0;; i++) {
        STATUS_TRY(check_time(summary, i, status));
        STATUS_TRY(next_run(summary, i, &is_end, status));
        if (is_end)
            return write_json_end(summary, status);
        write_csv_run(summary, &summary->csv.text);
        write_json_run(summary);
        STATUS_TRY(add_to_table(summary, status));
        STATUS_TRY(put_both(summary, status));
    }
}

/* A record had a column that the first one had not: the CSV once more. */
static enum status_code write_csv_again(struct summary *summary,
                                        struct status *status) {
    bool is_end = false;
    put_drop(&summary->csv);
    if (summary->differences)
        summary->differences[0] = (struct summary_difference){0};
    STATUS_TRY(begin_put(summary, 0, status));
    plan_file_rewind(&summary->plan);
    order_columns(summary);
    write_csv_head(summary, &summary->csv.text);
    summary_run_clear(&summary->run);
    STATUS_TRY(put_some(&summary->csv, status));
    note_differences(summary);
    for (size_t i = 0;; i++) {
        STATUS_TRY(check_time(summary, i, status));
        STATUS_TRY(next_run(summary, i, &is_end, status));
        if (is_end)
            return STATUS_OK;
        write_csv_run(summary, &summary->csv.text);
        STATUS_TRY(put_some(&summary->csv, status));
        note_differences(summary);
    }
}

static enum status_code write_all(struct summary *summary,
                                  struct status *status) {
    STATUS_TRY(begin_put(summary, 0, status));
    STATUS_TRY(begin_put(summary, 1, status));
    STATUS_TRY(
        run_table_add_plan(&summary->table, "", summary->plan.head, status));
    STATUS_TRY(guess_columns(summary, status));
    STATUS_TRY(write_runs(summary, status));
    if (summary->columns.count > summary->column_count)
        STATUS_TRY(write_csv_again(summary, status));
    STATUS_TRY(put_end(&summary->csv, status));
    STATUS_TRY(put_end(&summary->json, status));
    note_differences(summary);
    return STATUS_OK;
}

static void summary_release(struct summary *summary) {
    put_drop(&summary->csv);
    put_drop(&summary->json);
    run_table_release(&summary->table);
    summary_run_release(&summary->run);
    summary_columns_release(&summary->columns);
    stored_reader_release(&summary->reader);
    plan_file_close(&summary->plan);
    free(summary->order);
    free(summary->values);
}

static enum status_code go_through(struct summary *summary,
                                   struct status *status) {
    static const struct compare_request REQUEST;
    struct status cause = STATUS_INIT;
    put_init(&summary->csv);
    put_init(&summary->json);
    summary->writer = json_writer_new(&summary->json.text, 1);
    run_table_init(&summary->table, &REQUEST, 1);
    enum status_code code =
        stored_reader_init(&summary->reader, summary->store, status);
    if (plan_file_open(&summary->plan, summary->store, &cause) != STATUS_OK)
        code = status_set(status, STATUS_OUTPUT, "%s/plan.json can't be read",
                          summary->store->path);
    else if (code == STATUS_OK)
        code = write_all(summary, status);
    summary_release(summary);
    return code;
}

enum status_code summary_write(const struct store *store, bool (*is_late)(void),
                               struct summary_counts *counts,
                               struct status *status) {
    struct summary summary = {.store = store, .is_late = is_late};
    enum status_code code = go_through(&summary, status);
    if (counts)
        *counts = summary.counts;
    return code;
}

enum status_code summary_compare(const struct store *store,
                                 bool (*is_late)(void),
                                 struct summary_difference differences[2],
                                 struct status *status) {
    struct summary summary = {
        .store = store, .is_late = is_late, .differences = differences};
    differences[0] = differences[1] = (struct summary_difference){0};
    enum status_code code = go_through(&summary, status);
    for (size_t i = 0; i < 2; i++)
        differences[i].is_there = differences[i].file != NULL;
    return code;
}
