#include "runner/report/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "runner/report/compare_parts.h"
#include "runner/report/summary_parts.h"

/* Parts as the summary's columns list them: what is judged on first. */
static const char *const PART_ORDER[] = {"test", "validation", "train"};
enum { PART_COUNT = sizeof PART_ORDER / sizeof *PART_ORDER };

/* --------------------------------------------------------------------- CSV */

static const char *run_status(const struct summary_run *run) {
    return run->status ? run->status : "missing";
}

static const char *axis_path(const struct json_value *axes, size_t index) {
    return json_get_string(json_member(json_element(axes, index), "path"), "");
}

/* Each with a comma behind it. */
static void write_csv_values(const struct summary *summary,
                             const struct summary_run *run, struct text *out) {
    const struct json_value *axes = json_member(summary->plan, "axes");
    const struct json_value *values = json_member(run->planned, "values");
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

static void write_csv_metrics(const struct summary *summary,
                              const struct summary_run *run,
                              const uint32_t *order, size_t count,
                              double *values, struct text *out) {
    char digits[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < summary->column_count; i++)
        values[i] = NAN;
    for (size_t i = 0; i < run->cell_count; i++)
        values[run->cells[i].column] = run->cells[i].value;
    for (size_t i = 0; i < count; i++) {
        double value = values[order[i]];
        text_add_char(out, ',');
        if (isfinite(value))
            text_append(out, digits, number_write_double(value, digits));
    }
}

static void write_csv_run(const struct summary *summary,
                          const struct summary_run *run, struct text *out) {
    text_print(out, "%s,%s,",
               json_get_string(json_member(run->planned, "id"), ""),
               run_status(run));
    write_csv_values(summary, run, out);
    if (run->global_step.present)
        text_print(out, "%lld", (long long)run->global_step.value);
}

/* The columns by part, in each as they came; returns their number. */
static size_t order_columns(const struct summary *summary, uint32_t *order) {
    size_t count = 0;
    for (size_t part = 0; part < PART_COUNT; part++)
        for (size_t i = 0; i < summary->column_count; i++)
            if (strcmp(summary->columns[i].part, PART_ORDER[part]) == 0)
                order[count++] = (uint32_t)i;
    return count;
}

static void write_csv_head(const struct summary *summary, const uint32_t *order,
                           size_t count, struct text *out) {
    const struct json_value *axes = json_member(summary->plan, "axes");
    text_add(out, "id,status,");
    for (size_t i = 0; i < json_count(axes); i++) {
        const char *path = axis_path(axes, i);
        report_csv_text(path, strlen(path), out);
        text_add_char(out, ',');
    }
    text_add(out, "global_step");
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &summary->columns[order[i]];
        text_print(out, ",%s.%s", column->part, column->metric);
    }
    text_add_char(out, '\n');
}

static void write_csv(const struct summary *summary, struct text *out) {
    uint32_t *order = memory_zeroed(summary->column_count, sizeof *order);
    double *values = memory_zeroed(summary->column_count, sizeof *values);
    size_t count = order_columns(summary, order);
    write_csv_head(summary, order, count, out);
    for (size_t i = 0; i < summary->run_count; i++) {
        write_csv_run(summary, &summary->runs[i], out);
        write_csv_metrics(summary, &summary->runs[i], order, count, values,
                          out);
        text_add_char(out, '\n');
    }
    free(order);
    free(values);
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
                          const struct summary_run *run,
                          struct json_writer *writer) {
    const char *part = NULL;
    json_key(writer, "metrics");
    json_begin_object(writer);
    for (size_t i = 0; i < run->cell_count; i++) {
        const struct column *column = &summary->columns[run->cells[i].column];
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

static void write_json_run(const struct summary *summary,
                           const struct summary_run *run,
                           struct json_writer *writer) {
    json_begin_object(writer);
    json_key(writer, "id");
    json_string(writer, json_get_string(json_member(run->planned, "id"), ""));
    json_key(writer, "status");
    json_string(writer, run_status(run));
    write_values(json_member(run->planned, "values"), writer);
    write_step(writer, "global_step", run->global_step);
    write_step(writer, "best_step", run->best_step);
    write_metrics(summary, run, writer);
    json_end_object(writer);
}

/* The records as the statistics want them, one at a time. */
struct record_source {
    const struct summary *summary;
    struct json_value **last;
};

static const struct json_value *give_record(const void *context, size_t index) {
    const struct record_source *source = context;
    const struct summary_run *run = &source->summary->runs[index];
    struct text text = TEXT_INIT;
    struct status ignored = STATUS_INIT;
    struct json_writer writer = json_writer_new(&text, 0);
    json_free(*source->last);
    *source->last = NULL;
    if (run->status) {
        write_json_run(source->summary, run, &writer);
        *source->last = json_parse(text_string(&text), text.length, &ignored);
    }
    text_release(&text);
    return *source->last;
}

static void write_statistics(const struct summary *summary,
                             struct json_writer *writer) {
    struct json_value *last = NULL;
    const struct record_source source = {summary, &last};
    json_key(writer, "statistics");
    compare_write_statistics(summary->plan, give_record, &source, writer);
    json_free(last);
}

static void write_json(const struct summary *summary, struct text *out) {
    struct json_writer writer = json_writer_new(out, 1);
    json_begin_object(&writer);
    json_key(&writer, "format");
    json_integer(&writer, 1);
    json_key(&writer, "name");
    json_string(&writer,
                json_get_string(json_member(summary->plan, "name"), ""));
    json_key(&writer, "runs");
    json_begin_array(&writer);
    for (size_t i = 0; i < summary->run_count; i++)
        write_json_run(summary, &summary->runs[i], &writer);
    json_end_array(&writer);
    write_statistics(summary, &writer);
    json_end_object(&writer);
    text_add_char(out, '\n');
}

enum status_code summary_write(const struct store *store,
                               struct status *status) {
    struct summary summary;
    struct text csv = TEXT_INIT, json = TEXT_INIT;
    enum status_code code = summary_init(&summary, store, status);
    if (code != STATUS_OK)
        goto out;
    write_csv(&summary, &csv);
    write_json(&summary, &json);
    code = store_put(store, "summary.csv", &csv, status);
    if (code == STATUS_OK)
        code = store_put(store, "summary.json", &json, status);
out:
    text_release(&csv);
    text_release(&json);
    summary_release(&summary);
    return code;
}
