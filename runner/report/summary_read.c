/* A plan's runs, each reduced to a few hundred bytes as soon as it is read. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/json_slices.h"
#include "runner/report/summary_parts.h"

static bool is_column(const struct column *column, const char *part,
                      const char *metric) {
    return strcmp(column->metric, metric) == 0 &&
           strcmp(column->part, part) == 0;
}

/* Records mostly have the same metrics in the same order: the one expected is
 * looked at first. */
static uint32_t find_column(struct summary *summary, size_t expected,
                            const char *part, const char *metric) {
    if (expected < summary->column_count &&
        is_column(&summary->columns[expected], part, metric))
        return (uint32_t)expected;
    for (size_t i = 0; i < summary->column_count; i++)
        if (is_column(&summary->columns[i], part, metric))
            return (uint32_t)i;
    memory_grow(&summary->columns, summary->column_count,
                &summary->column_capacity, sizeof *summary->columns);
    summary->columns[summary->column_count++] =
        (struct column){memory_string(part), memory_string(metric)};
    return (uint32_t)summary->column_count - 1;
}

static size_t count_metrics(const struct json_value *parts) {
    const struct json_value *metrics;
    size_t count = 0;
    for (size_t i = 0; i < json_count(parts); i++) {
        json_member_at(parts, i, &metrics);
        count += json_count(metrics);
    }
    return count;
}

static void take_metrics(struct summary *summary, struct summary_run *run,
                         const struct json_value *parts) {
    const struct json_value *metrics, *value;
    size_t expected = 0;
    run->cells = memory_zeroed(count_metrics(parts), sizeof *run->cells);
    for (size_t i = 0; i < json_count(parts); i++) {
        const char *part = json_member_at(parts, i, &metrics);
        for (size_t j = 0; j < json_count(metrics); j++) {
            const char *metric = json_member_at(metrics, j, &value);
            uint32_t column = find_column(summary, expected, part, metric);
            run->cells[run->cell_count++] =
                (struct cell){column, json_get_double(value, NAN)};
            expected = column + 1;
        }
    }
}

static struct field_optional_integer take_step(const struct json_value *step) {
    return (struct field_optional_integer){json_is_number(step),
                                           json_get_integer(step, 0)};
}

/* The members of a record that are summed up, as JSON; false if the record is
 * not whole. */
static bool cut_record(struct json_slice record, struct text *out) {
    static const char *const WANTED[] = {"status", "global_step", "best_step",
                                         "metrics"};
    struct json_walk walk;
    struct json_slice key, value;
    if (!json_walk_begin(&walk, record))
        return false;
    text_add_char(out, '{');
    while (json_walk_next(&walk, &key, &value))
        for (size_t i = 0; i < sizeof WANTED / sizeof *WANTED; i++)
            if (json_slice_is(key, WANTED[i])) {
                text_print(out, "%s\"%s\":", out->length > 1 ? "," : "",
                           WANTED[i]);
                text_append(out, value.bytes, value.length);
            }
    text_add_char(out, '}');
    return walk.is_whole && walk.is_object;
}

static struct json_value *read_record(const struct store *store,
                                      const char *id) {
    struct bytes bytes;
    struct text text = TEXT_INIT;
    struct status ignored = STATUS_INIT;
    struct json_value *record = NULL;
    if (!store_get_run(store, id, "run.json", &bytes))
        return NULL;
    if (cut_record((struct json_slice){(const char *)bytes.data, bytes.size},
                   &text))
        record = json_parse(text_string(&text), text.length, &ignored);
    text_release(&text);
    bytes_release(&bytes);
    return record;
}

static enum status_code read_run(struct summary *summary,
                                 struct summary_run *run,
                                 const struct store *store,
                                 struct status *status) {
    const char *id = json_get_string(json_member(run->planned, "id"), "");
    struct json_value *record = read_record(store, id);
    STATUS_RETURN_IF(!record && store_has_run(store, id), status, STATUS_OUTPUT,
                     "%s/runs/%s/run.json can't be read", store->path, id);
    if (!record)
        return STATUS_OK;
    run->status = memory_string(
        json_get_string(json_member(record, "status"), "missing"));
    run->global_step = take_step(json_member(record, "global_step"));
    run->best_step = take_step(json_member(record, "best_step"));
    take_metrics(summary, run, json_member(record, "metrics"));
    json_free(record);
    return STATUS_OK;
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

enum status_code summary_init(struct summary *summary,
                              const struct store *store,
                              struct status *status) {
    *summary = (struct summary){0};
    STATUS_TRY(read_plan(store, summary, status));
    const struct json_value *runs = json_member(summary->plan, "runs");
    summary->run_count = json_count(runs);
    summary->runs = memory_zeroed(summary->run_count, sizeof *summary->runs);
    for (size_t i = 0; i < summary->run_count; i++) {
        summary->runs[i].planned = json_element(runs, i);
        STATUS_TRY(read_run(summary, &summary->runs[i], store, status));
    }
    return STATUS_OK;
}

void summary_release(struct summary *summary) {
    for (size_t i = 0; i < summary->run_count; i++) {
        free(summary->runs[i].status);
        free(summary->runs[i].cells);
    }
    for (size_t i = 0; i < summary->column_count; i++) {
        free(summary->columns[i].part);
        free(summary->columns[i].metric);
    }
    free(summary->runs);
    free(summary->columns);
    json_free(summary->plan);
}
