/* A run's record, reduced to what is summed up. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "engine/io/json_slices.h"
#include "runner/report/summary_parts.h"

/* ----------------------------------------------------------------- columns */

static bool is_column(const struct column *column, struct json_slice part,
                      struct json_slice metric) {
    return json_slice_is(metric, column->metric) &&
           json_slice_is(part, column->part);
}

/* Records mostly have the same metrics in the same order: the one expected is
 * looked at first. */
static uint32_t find_column(struct summary_columns *columns, size_t expected,
                            struct json_slice part, struct json_slice metric) {
    if (expected < columns->count &&
        is_column(&columns->columns[expected], part, metric))
        return (uint32_t)expected;
    for (size_t i = 0; i < columns->count; i++)
        if (is_column(&columns->columns[i], part, metric))
            return (uint32_t)i;
    memory_grow(&columns->columns, columns->count, &columns->capacity,
                sizeof *columns->columns);
    columns->columns[columns->count++] =
        (struct column){memory_string_of(part.bytes, part.length),
                        memory_string_of(metric.bytes, metric.length)};
    return (uint32_t)columns->count - 1;
}

void summary_columns_release(struct summary_columns *columns) {
    for (size_t i = 0; i < columns->count; i++) {
        free(columns->columns[i].part);
        free(columns->columns[i].metric);
    }
    free(columns->columns);
    *columns = (struct summary_columns){0};
}

/* ------------------------------------------------------------------ record */

static double number_of(struct json_slice value) {
    double number;
    return number_read(value.bytes, value.length, &number) ? number : NAN;
}

static bool take_part(struct summary_run *run, struct summary_columns *columns,
                      struct json_slice part, struct json_slice metrics) {
    struct json_walk walk;
    struct json_slice metric, value;
    if (!json_walk_begin(&walk, metrics))
        return false;
    while (json_walk_next(&walk, &metric, &value)) {
        size_t expected =
            run->cell_count ? run->cells[run->cell_count - 1].column + 1 : 0;
        memory_grow(&run->cells, run->cell_count, &run->cell_capacity,
                    sizeof *run->cells);
        run->cells[run->cell_count++] = (struct cell){
            find_column(columns, expected, part, metric), number_of(value)};
    }
    return walk.is_whole;
}

static bool take_metrics(struct summary_run *run,
                         struct summary_columns *columns,
                         struct json_slice parts) {
    struct json_walk walk;
    struct json_slice part, metrics;
    if (!json_walk_begin(&walk, parts))
        return false;
    while (json_walk_next(&walk, &part, &metrics))
        if (!take_part(run, columns, part, metrics))
            return false;
    return walk.is_whole;
}

static struct field_optional_integer take_step(struct json_slice step) {
    double number = number_of(step);
    return isfinite(number)
               ? (struct field_optional_integer){true, (int64_t)number}
               : (struct field_optional_integer){false, 0};
}

/* A text without its quotes; ours has no escapes. */
static char *take_text(struct json_slice text) {
    return text.length >= 2 && *text.bytes == '"'
               ? memory_string_of(text.bytes + 1, text.length - 2)
               : NULL;
}

/* False if the record is not whole. */
static bool take_record(struct summary_run *run,
                        struct summary_columns *columns,
                        struct json_slice record) {
    struct json_walk walk;
    struct json_slice key, value;
    bool good = json_walk_begin(&walk, record) && walk.is_object;
    while (good && json_walk_next(&walk, &key, &value)) {
        if (json_slice_is(key, "status") && !run->status)
            run->status = take_text(value);
        else if (json_slice_is(key, "global_step"))
            run->global_step = take_step(value);
        else if (json_slice_is(key, "best_step"))
            run->best_step = take_step(value);
        else if (json_slice_is(key, "metrics"))
            good = take_metrics(run, columns, value);
    }
    if (!good || !walk.is_whole)
        return false;
    if (!run->status)
        run->status = memory_string("missing");
    return true;
}

static enum status_code unreadable(const struct stored_run *run,
                                   struct status *status) {
    struct text place = TEXT_INIT;
    stored_run_place(run, &place);
    status_set(status, STATUS_OUTPUT, "%s%s can't be read", text_string(&place),
               run->reader->is_packed ? "" : "/run.json");
    text_release(&place);
    return STATUS_OUTPUT;
}

enum status_code summary_run_read(struct summary_run *run,
                                  struct summary_columns *columns,
                                  struct stored_reader *reader,
                                  struct json_value *planned, size_t position,
                                  struct status *status) {
    struct stored_run stored;
    run->planned = planned;
    run->id = json_get_string(json_member(planned, "id"), "");
    enum stored_state state =
        stored_run_init(&stored, reader, run->id, position);
    if (state == STORED_MISSING)
        return STATUS_OK;
    const struct json_slice record = {(const char *)stored.record.data,
                                      stored.record.size};
    bool good = state == STORED_THERE && take_record(run, columns, record);
    enum status_code code = good ? STATUS_OK : unreadable(&stored, status);
    stored_run_release(&stored);
    return code;
}

void summary_run_clear(struct summary_run *run) {
    json_free(run->planned);
    free(run->status);
    *run = (struct summary_run){.cells = run->cells,
                                .cell_capacity = run->cell_capacity};
}

void summary_run_release(struct summary_run *run) {
    summary_run_clear(run);
    free(run->cells);
    *run = (struct summary_run){0};
}
