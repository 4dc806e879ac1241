#include "runner/report/summary.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "engine/io/json.h"
#include "runner/store/record.h"

/* Parts as the summary's columns list them: what is judged on first. */
static const char *const PART_ORDER[] = {"test", "validation", "train"};
enum { PART_COUNT = sizeof PART_ORDER / sizeof *PART_ORDER };

/* A run of the plan with its record, if there is one. */
struct summary_run {
    const struct json_value *planned; /* {id, values} */
    struct json_value *record;        /* run.json, or NULL */
};

/* "test.accuracy": a column of summary.csv. */
struct column {
    const char *part, *metric;
};

struct summary {
    struct json_value *plan;
    struct summary_run *runs;
    size_t run_count;
    struct column *columns;
    size_t column_count, column_capacity;
};

/* ----------------------------------------------------------------- reading */

static void add_column(struct summary *summary, const char *part,
                       const char *metric) {
    for (size_t i = 0; i < summary->column_count; i++)
        if (strcmp(summary->columns[i].part, part) == 0 &&
            strcmp(summary->columns[i].metric, metric) == 0)
            return;
    memory_grow(&summary->columns, summary->column_count,
                &summary->column_capacity, sizeof *summary->columns);
    summary->columns[summary->column_count++] = (struct column){part, metric};
}

static void add_columns(struct summary *summary, const char *part,
                        const struct json_value *record) {
    const struct json_value *metrics =
        json_member(json_member(record, "metrics"), part);
    for (size_t i = 0; i < json_count(metrics); i++) {
        const struct json_value *value;
        add_column(summary, part, json_member_at(metrics, i, &value));
    }
}

static void find_columns(struct summary *summary) {
    for (size_t part = 0; part < PART_COUNT; part++)
        for (size_t i = 0; i < summary->run_count; i++)
            add_columns(summary, PART_ORDER[part], summary->runs[i].record);
}

static enum status_code read_plan(const struct store *store,
                                  struct summary *summary,
                                  struct status *status) {
    struct bytes bytes;
    STATUS_RETURN_IF(!store_get(store, "plan.json", &bytes), status,
                     STATUS_OUTPUT, "%s/plan.json can't be read", store->path);
    summary->plan = json_parse((const char *)bytes.data, bytes.size, status);
    bytes_release(&bytes);
    STATUS_RETURN_IF(!summary->plan, status, STATUS_OUTPUT,
                     "%s/plan.json: not JSON", store->path);
    return STATUS_OK;
}

static enum status_code summary_init(struct summary *summary,
                                     const struct store *store,
                                     struct status *status) {
    *summary = (struct summary){0};
    STATUS_TRY(read_plan(store, summary, status));
    const struct json_value *runs = json_member(summary->plan, "runs");
    summary->run_count = json_count(runs);
    summary->runs = memory_zeroed(summary->run_count, sizeof *summary->runs);
    for (size_t i = 0; i < summary->run_count; i++) {
        struct summary_run *run = &summary->runs[i];
        run->planned = json_element(runs, i);
        const char *id = json_get_string(json_member(run->planned, "id"), "");
        run->record = record_read(store, id);
        STATUS_RETURN_IF(!run->record && store_has_run(store, id), status,
                         STATUS_OUTPUT, "%s/runs/%s/run.json can't be read",
                         store->path, id);
    }
    find_columns(summary);
    return STATUS_OK;
}

static void summary_release(struct summary *summary) {
    for (size_t i = 0; i < summary->run_count; i++)
        json_free(summary->runs[i].record);
    free(summary->runs);
    free(summary->columns);
    json_free(summary->plan);
}

/* ----------------------------------------------------------------- writing */

static const char *run_status(const struct summary_run *run) {
    return json_get_string(json_member(run->record, "status"), "missing");
}

static const struct json_value *run_metric(const struct summary_run *run,
                                           const struct column *column) {
    return json_member(
        json_member(json_member(run->record, "metrics"), column->part),
        column->metric);
}

static void add_number(struct text *out, const struct json_value *value) {
    char digits[NUMBER_TEXT_SIZE];
    if (json_is_number(value))
        text_append(out, digits,
                    number_write_double(json_get_double(value, 0), digits));
}

static void write_csv_run(const struct summary *summary,
                          const struct summary_run *run, struct text *out) {
    const struct json_value *step = json_member(run->record, "global_step");
    text_print(out, "%s,%s,",
               json_get_string(json_member(run->planned, "id"), ""),
               run_status(run));
    if (json_is_number(step))
        text_print(out, "%lld", (long long)json_get_integer(step, 0));
    for (size_t i = 0; i < summary->column_count; i++) {
        text_add_char(out, ',');
        add_number(out, run_metric(run, &summary->columns[i]));
    }
    text_add_char(out, '\n');
}

static void write_csv(const struct summary *summary, struct text *out) {
    text_add(out, "id,status,global_step");
    for (size_t i = 0; i < summary->column_count; i++)
        text_print(out, ",%s.%s", summary->columns[i].part,
                   summary->columns[i].metric);
    text_add_char(out, '\n');
    for (size_t i = 0; i < summary->run_count; i++)
        write_csv_run(summary, &summary->runs[i], out);
}

static void write_number(struct json_writer *writer, const char *key,
                         const struct json_value *value, bool is_integer) {
    json_key(writer, key);
    if (!json_is_number(value))
        json_null(writer);
    else if (is_integer)
        json_integer(writer, json_get_integer(value, 0));
    else
        json_double(writer, json_get_double(value, 0));
}

static void write_metrics(const struct json_value *record,
                          struct json_writer *writer) {
    const struct json_value *parts = json_member(record, "metrics");
    json_key(writer, "metrics");
    json_begin_object(writer);
    for (size_t i = 0; i < json_count(parts); i++) {
        const struct json_value *metrics, *value;
        json_key(writer, json_member_at(parts, i, &metrics));
        json_begin_object(writer);
        for (size_t j = 0; j < json_count(metrics); j++) {
            const char *name = json_member_at(metrics, j, &value);
            write_number(writer, name, value, false);
        }
        json_end_object(writer);
    }
    json_end_object(writer);
}

static void write_json_run(const struct summary_run *run,
                           struct json_writer *writer) {
    json_begin_object(writer);
    json_key(writer, "id");
    json_string(writer, json_get_string(json_member(run->planned, "id"), ""));
    json_key(writer, "status");
    json_string(writer, run_status(run));
    json_key(writer, "values");
    json_begin_object(writer);
    json_end_object(writer);
    write_number(writer, "global_step", json_member(run->record, "global_step"),
                 true);
    write_number(writer, "best_step", json_member(run->record, "best_step"),
                 true);
    write_metrics(run->record, writer);
    json_end_object(writer);
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
        write_json_run(&summary->runs[i], &writer);
    json_end_array(&writer);
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
