#include "runner/diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "runner/audit/difference.h"
#include "runner/audit/ulp.h"
#include "runner/report/run_view.h"

enum { ROWS_SHOWN = 40 };

/* ----------------------------------------------------------------- compare */

static void add_row(void *context, const char *path, const struct json_value *a,
                    const struct json_value *b) {
    struct diff_rows *rows = context;
    memory_grow(&rows->rows, rows->count, &rows->capacity, sizeof *rows->rows);
    rows->rows[rows->count++] = (struct diff_row){memory_string(path), {a, b}};
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

static bool same_digest(const struct diff *diff, const char *key) {
    const struct json_value *a = json_member(diff->records[0].json, "digest");
    const struct json_value *b = json_member(diff->records[1].json, "digest");
    return strcmp(json_get_string(json_member(a, key), "a"),
                  json_get_string(json_member(b, key), "b")) == 0;
}

static void compare_digests(struct diff *diff) {
    const struct json_value *entries[2];
    for (size_t i = 0; i < 2; i++) {
        entries[i] = json_member(json_member(diff->records[i].json, "digest"),
                                 "history");
        diff->history_rows[i] = json_count(entries[i]);
    }
    while (diff->history_alike < diff->history_rows[0] &&
           diff->history_alike < diff->history_rows[1] &&
           strcmp(json_get_string(json_element(entries[0], diff->history_alike),
                                  "a"),
                  json_get_string(json_element(entries[1], diff->history_alike),
                                  "b")) == 0)
        diff->history_alike++;
    diff->same_weights = same_digest(diff, "weights");
    diff->same_predictions = same_digest(diff, "predictions");
}

void diff_records(struct diff *diff) {
    static const char *const TOLD[] = {
        "id",      "name",   "seed",  "config",       "data",
        "metrics", "digest", "files", "model.layers", NULL};
    const struct json_value *a = diff->records[0].json;
    const struct json_value *b = diff->records[1].json;
    difference_walk(json_member(a, "config"), json_member(b, "config"), NULL,
                    add_row, &diff->config);
    difference_walk(json_member(a, "data"), json_member(b, "data"), NULL,
                    add_row, &diff->data);
    difference_walk(a, b, TOLD, add_row, &diff->record);
    difference_walk(json_member(a, "metrics"), json_member(b, "metrics"), NULL,
                    add_row, &diff->metrics);
    size_t all = count_metrics(json_member(a, "metrics"));
    diff->metrics_alike =
        all > diff->metrics.count ? all - diff->metrics.count : 0;
    compare_digests(diff);
}

static void release_rows(struct diff_rows *rows) {
    for (size_t i = 0; i < rows->count; i++)
        free(rows->rows[i].path);
    free(rows->rows);
}

void diff_release(struct diff *diff) {
    struct diff_rows *const all[] = {&diff->config, &diff->data, &diff->record,
                                     &diff->metrics};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        release_rows(all[i]);
    free(diff->reason);
    free(diff->tensor);
}

/* ------------------------------------------------------------------- table */

struct row_texts {
    struct text text[4];
};

static void fill_cells(const struct diff_row *row, bool has_delta,
                       struct row_texts *cells) {
    double a = json_get_double(row->values[0], NAN);
    double b = json_get_double(row->values[1], NAN);
    text_add(&cells->text[0], row->path);
    for (size_t i = 0; i < 2; i++)
        if (row->values[i])
            difference_write_value(row->values[i], &cells->text[1 + i]);
        else
            text_add_char(&cells->text[1 + i], '-');
    if (has_delta && isfinite(b - a))
        text_print(&cells->text[3], "%.6g", b - a);
}

static void print_cells(const struct row_texts *cells, const size_t widths[4],
                        struct text *out) {
    text_print(out, "  %-*s", (int)widths[0], text_string(&cells->text[0]));
    for (size_t i = 1; i < 4; i++)
        if (widths[i])
            text_print(out, "  %*s", (int)widths[i],
                       text_string(&cells->text[i]));
    text_add_char(out, '\n');
}

static void set_header(const char *title, bool has_delta,
                       struct row_texts *cells) {
    text_add(&cells->text[0], title);
    text_add(&cells->text[1], "a");
    text_add(&cells->text[2], "b");
    if (has_delta)
        text_add(&cells->text[3], "b - a");
}

/* A table of the rows, or a line that says there are none. */
static void print_rows(const char *title, const struct diff_rows *rows,
                       bool has_delta, struct text *out) {
    size_t widths[4] = {0};
    size_t shown = rows->count < ROWS_SHOWN ? rows->count : ROWS_SHOWN;
    if (shown == 0) {
        text_print(out, "%s: the same\n", title);
        return;
    }
    struct row_texts *cells = memory_zeroed(shown + 1, sizeof *cells);
    set_header("", has_delta, &cells[0]);
    for (size_t i = 0; i < shown; i++)
        fill_cells(&rows->rows[i], has_delta, &cells[i + 1]);
    for (size_t i = 0; i <= shown; i++)
        for (size_t j = 0; j < 4; j++)
            if (cells[i].text[j].length > widths[j])
                widths[j] = cells[i].text[j].length;
    text_print(out, "%s\n", title);
    for (size_t i = 0; i <= shown; i++) {
        print_cells(&cells[i], widths, out);
        for (size_t j = 0; j < 4; j++)
            text_release(&cells[i].text[j]);
    }
    if (rows->count > shown)
        text_print(out, "  and %zu more\n", rows->count - shown);
    free(cells);
}

/* ------------------------------------------------------------------ parting */

static void print_end(const struct diff *diff, struct text *out) {
    const struct parting *parting = &diff->parting;
    text_print(out, "run again: the same weights after each of %lld updates",
               (long long)parting->shared);
    if (parting->ended[0] != parting->ended[1])
        text_print(out, ", where %s ends", parting->ended[0] ? "a" : "b");
    text_add_char(out, '\n');
}

static void print_parting(const struct diff *diff, struct text *out) {
    const struct parting *parting = &diff->parting;
    if (diff->reason) {
        text_print(out, "records only: %s\n", diff->reason);
        return;
    }
    if (!parting->found) {
        print_end(diff, out);
        return;
    }
    if (parting->step == 0)
        text_add(out, "run again: they part as drawn, before the first update");
    else
        text_print(out, "run again: they part at update %lld",
                   (long long)parting->step);
    text_print(out, ", in %s: ", diff->tensor);
    ulp_write_floats(parting->values[0], " and ", parting->values[1], out);
    text_print(out, "; %zu of its %zu elements, %zu of %zu tensors\n",
               parting->elements, diff->tensor_elements, parting->tensors,
               diff->tensor_count);
}

static void print_digests(const struct diff *diff, struct text *out) {
    text_print(out, "weights: %s; predictions: %s; history: ",
               diff->same_weights ? "the same" : "differ",
               diff->same_predictions ? "the same" : "differ");
    if (diff->history_alike == diff->history_rows[0] &&
        diff->history_alike == diff->history_rows[1])
        text_print(out, "all %zu rows of the same weights\n",
                   diff->history_alike);
    else
        text_print(out,
                   "the first %zu of %zu and %zu rows of the same "
                   "weights\n",
                   diff->history_alike, diff->history_rows[0],
                   diff->history_rows[1]);
}

void diff_print(const struct diff *diff, struct text *out) {
    text_print(out, "a: %s\nb: %s\n\n", diff->places[0], diff->places[1]);
    print_rows("config", &diff->config, false, out);
    print_rows("data", &diff->data, false, out);
    print_rows("numerics, status, updates", &diff->record, true, out);
    print_rows("metrics", &diff->metrics, true, out);
    if (diff->metrics.count && diff->metrics_alike)
        text_print(out, "  %zu others are the same\n", diff->metrics_alike);
    print_digests(diff, out);
    print_parting(diff, out);
}

/* -------------------------------------------------------------------- JSON */

static void write_value(const struct json_value *value,
                        struct json_writer *writer) {
    if (value)
        json_write_typed(value, writer);
    else
        json_null(writer);
}

static void write_rows(const char *key, const struct diff_rows *rows,
                       struct json_writer *writer) {
    json_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < rows->count; i++) {
        const struct diff_row *row = &rows->rows[i];
        double a = json_get_double(row->values[0], NAN);
        double b = json_get_double(row->values[1], NAN);
        json_begin_object(writer);
        json_key(writer, "path");
        json_string(writer, row->path);
        json_key(writer, "a");
        write_value(row->values[0], writer);
        json_key(writer, "b");
        write_value(row->values[1], writer);
        json_key(writer, "delta");
        json_double(writer, b - a);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_parting(const struct diff *diff, struct json_writer *writer) {
    const struct parting *parting = &diff->parting;
    const struct {
        const char *key;
        int64_t value;
    } counts[] = {{"element", (int64_t)parting->element},
                  {"elements", (int64_t)parting->elements},
                  {"tensors", (int64_t)parting->tensors}};
    json_key(writer, "parting");
    if (diff->reason || !parting->found) {
        json_null(writer);
        return;
    }
    json_begin_object(writer);
    json_key(writer, "update");
    json_integer(writer, parting->step);
    json_key(writer, "tensor");
    json_string(writer, diff->tensor);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_key(writer, counts[i].key);
        json_integer(writer, counts[i].value);
    }
    json_key(writer, "a");
    json_float(writer, parting->values[0]);
    json_key(writer, "b");
    json_float(writer, parting->values[1]);
    json_end_object(writer);
}

static void write_digests(const struct diff *diff, struct json_writer *writer) {
    json_key(writer, "same_weights");
    json_boolean(writer, diff->same_weights);
    json_key(writer, "same_predictions");
    json_boolean(writer, diff->same_predictions);
    json_key(writer, "history_rows_alike");
    json_integer(writer, (int64_t)diff->history_alike);
}

/* Whether they were run again, and how far they are the same where they do not
 * part. */
static void write_rerun(const struct diff *diff, struct json_writer *writer) {
    json_key(writer, "records_only");
    if (diff->reason)
        json_string(writer, diff->reason);
    else
        json_null(writer);
    json_key(writer, "updates_alike");
    if (diff->reason)
        json_null(writer);
    else
        json_integer(writer, diff->parting.found && diff->parting.step
                                 ? diff->parting.step - 1
                                 : diff->parting.shared);
}

void diff_write(const struct diff *diff, struct text *out) {
    struct json_writer writer = json_writer_new(out, 1);
    json_begin_object(&writer);
    json_key(&writer, "a");
    json_string(&writer, diff->places[0]);
    json_key(&writer, "b");
    json_string(&writer, diff->places[1]);
    write_rows("config", &diff->config, &writer);
    write_rows("data", &diff->data, &writer);
    write_rows("record", &diff->record, &writer);
    write_rows("metrics", &diff->metrics, &writer);
    write_digests(diff, &writer);
    write_rerun(diff, &writer);
    write_parting(diff, &writer);
    json_end_object(&writer);
    text_add_char(out, '\n');
}
