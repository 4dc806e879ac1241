#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/json.h"
#include "engine/io/utf8.h"
#include "runner/report/compare_parts.h"

enum { VALUE_LIMIT = 40 }; /* characters of a swept value */

/* A string with escapes in it, without them. */
static void add_unescaped(const char *json, struct text *out) {
    struct status ignored = STATUS_INIT;
    struct json_value *value = json_parse(json, strlen(json), &ignored);
    text_add(out, json_get_string(value, json));
    json_free(value);
}

void report_value(const char *json, struct text *out) {
    if (strcmp(json, "null") == 0)
        return;
    if (*json != '"')
        text_add(out, json);
    else if (strchr(json, '\\'))
        add_unescaped(json, out);
    else
        text_append(out, json + 1, strlen(json) - 2);
}

/* ------------------------------------------------------------------- cells */

static void add_number(double value, struct text *out) {
    if (!isfinite(value))
        text_add_char(out, '-');
    else
        text_print(out, "%.6g", value);
}

static void write_mark(const struct grouping *grouping,
                       const struct run_group *group, size_t argument,
                       struct text *out) {
    static const char *const MARKS[] = {[MARK_NONE] = "",
                                        [MARK_BEST] = "*",
                                        [MARK_SAME] = "=",
                                        [MARK_UNTESTED] = "?"};
    (void)grouping, (void)argument;
    text_add(out, MARKS[group->mark]);
}

static void write_value(const struct grouping *grouping,
                        const struct run_group *group, size_t argument,
                        struct text *out) {
    struct text value = TEXT_INIT;
    report_value(group_value(grouping, group, argument), &value);
    if (value.length > 0)
        utf8_excerpt(out, value.bytes, value.length, VALUE_LIMIT);
    else
        text_add_char(out, '-');
    text_release(&value);
}

static void write_count(const struct grouping *grouping,
                        const struct run_group *group, size_t argument,
                        struct text *out) {
    (void)grouping, (void)argument;
    text_print(out, "%zu", group->summary.count);
}

/* One of the summary's numbers, by its offset. */
static void write_number(const struct grouping *grouping,
                         const struct run_group *group, size_t argument,
                         struct text *out) {
    double value;
    (void)grouping;
    memcpy(&value, (const char *)&group->summary + argument, sizeof value);
    add_number(value, out);
}

static void write_interval(const struct grouping *grouping,
                           const struct run_group *group, size_t argument,
                           struct text *out) {
    (void)grouping, (void)argument;
    if (isnan(group->summary.low)) {
        text_add_char(out, '-');
        return;
    }
    text_print(out, "[%.6g, %.6g]", group->summary.low, group->summary.high);
}

/* argument: 0 the best, 1 the worst. */
static void write_run(const struct grouping *grouping,
                      const struct run_group *group, size_t argument,
                      struct text *out) {
    const struct run_row *row = argument == 0 ? group->best : group->worst;
    if (!row) {
        text_add_char(out, '-');
        return;
    }
    run_id id;
    run_id_text(row->id, id);
    text_print(out, "%s ", id);
    add_number(grouping_value(grouping, row), out);
}

static void write_p(const struct grouping *grouping,
                    const struct run_group *group, size_t argument,
                    struct text *out) {
    (void)grouping, (void)argument;
    if (isnan(group->p))
        text_add_char(out, '-');
    else
        text_print(out, "%.3g", group->p);
}

static void write_outcome(const struct grouping *grouping,
                          const struct run_group *group, size_t argument,
                          struct text *out) {
    (void)grouping;
    text_print(out, "%" PRIu32, group->outcomes[argument]);
}

static void write_unmeasured(const struct grouping *grouping,
                             const struct run_group *group, size_t argument,
                             struct text *out) {
    (void)grouping, (void)argument;
    text_print(out, "%" PRIu32, group->unmeasured);
}

/* ----------------------------------------------------------------- columns */

static void add(struct report_columns *columns, const char *title, bool is_left,
                cell_writer *write, size_t argument) {
    memory_grow(&columns->columns, columns->count, &columns->capacity,
                sizeof *columns->columns);
    columns->columns[columns->count++] =
        (struct report_column){memory_string(title), is_left, write, argument};
}

static bool ends_with(const char *path, const char *end) {
    size_t length = strlen(path), tail = strlen(end);
    return length >= tail && strcmp(path + length - tail, end) == 0 &&
           (length == tail || path[length - tail - 1] == '.');
}

static size_t count_ending(const struct name_list *paths, const char *end) {
    size_t count = 0;
    for (size_t i = 0; i < paths->count; i++)
        count += ends_with(paths->names[i], end);
    return count;
}

/* A layer's option keeps the layer, whichever others are swept: it alone does
 * not say where it belongs. */
static const char *short_title(const struct name_list *paths,
                               const char *path) {
    const char *shortest = path;
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
        if (count_ending(paths, dot + 1) > 1)
            break;
        shortest = dot + 1;
        if (dot[1] >= '0' && dot[1] <= '9')
            break;
    }
    return shortest;
}

static void add_swept(struct report_columns *columns,
                      const struct grouping *grouping) {
    const struct name_list *paths = &grouping->table->columns;
    for (size_t i = 0; i < paths->count; i++)
        add(columns, short_title(paths, paths->names[i]), true, write_value, i);
}

static void add_counts(struct report_columns *columns,
                       const struct grouping *grouping) {
    static const char *const TITLES[] = {[OUTCOME_DIVERGED] = "diverged",
                                         [OUTCOME_FAILED] = "failed",
                                         [OUTCOME_MISSING] = "missing"};
    for (size_t i = OUTCOME_FINISHED + 1; i < OUTCOMES; i++)
        if (grouping->outcomes[i] > 0)
            add(columns, TITLES[i], false, write_outcome, i);
    if (grouping->unmeasured > 0)
        add(columns, "no value", false, write_unmeasured, 0);
}

void report_columns_init(struct report_columns *columns,
                         const struct grouping *grouping) {
    *columns = (struct report_columns){0};
    add(columns, "", true, write_mark, 0);
    add_swept(columns, grouping);
    add(columns, "n", false, write_count, 0);
    add(columns, "mean", false, write_number,
        offsetof(struct sample_summary, mean));
    add(columns, "sd", false, write_number,
        offsetof(struct sample_summary, sd));
    add(columns, "95 % interval", true, write_interval, 0);
    add(columns, "median", false, write_number,
        offsetof(struct sample_summary, median));
    add(columns, "best run", true, write_run, 0);
    add(columns, "worst run", true, write_run, 1);
    if (grouping->comparisons > 0)
        add(columns, "p", false, write_p, 0);
    add_counts(columns, grouping);
}

void report_columns_release(struct report_columns *columns) {
    for (size_t i = 0; i < columns->count; i++)
        free(columns->columns[i].title);
    free(columns->columns);
    *columns = (struct report_columns){0};
}
