#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "engine/base/number.h"
#include "runner/report/compare_parts.h"

void report_csv_text(const char *bytes, size_t length, struct text *out) {
    size_t plain = 0;
    while (plain < length && !strchr(",\"\r\n", bytes[plain]))
        plain++;
    if (plain == length) {
        text_append(out, bytes, length);
        return;
    }
    text_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '"')
            text_add_char(out, '"');
        text_add_char(out, bytes[i]);
    }
    text_add_char(out, '"');
}

void report_csv_value(const char *json, struct text *out) {
    struct text value = TEXT_INIT;
    report_value(json, &value);
    report_csv_text(text_string(&value), value.length, out);
    text_release(&value);
}

static void add_number(double value, struct text *out) {
    char digits[NUMBER_TEXT_SIZE];
    if (isfinite(value))
        text_append(out, digits, number_write_double(value, digits));
    text_add_char(out, ',');
}

static void add_run(const struct grouping *grouping, const struct run_row *row,
                    struct text *out) {
    run_id id = "";
    if (row)
        run_id_text(row->id, id);
    text_print(out, "%s,", id);
    add_number(row ? grouping_value(grouping, row) : NAN, out);
}

static void add_group(const struct grouping *grouping,
                      const struct run_group *group, struct text *out) {
    const struct sample_summary *summary = &group->summary;
    const double numbers[] = {summary->mean, summary->sd, summary->low,
                              summary->high, summary->median};
    const char *mark = report_mark(group);
    for (size_t i = 0; i < grouping->table->columns.count; i++) {
        report_csv_value(group_value(grouping, group, i), out);
        text_add_char(out, ',');
    }
    text_print(out, "%zu,", summary->count);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        add_number(numbers[i], out);
    add_run(grouping, group->best, out);
    add_run(grouping, group->worst, out);
    for (size_t i = OUTCOME_FINISHED + 1; i < OUTCOMES; i++)
        text_print(out, "%" PRIu32 ",", group->outcomes[i]);
    text_print(out, "%" PRIu32 ",", group->unmeasured);
    add_number(group->p, out);
    text_print(out, "%s\n", mark ? mark : "");
}

static void add_head(const struct name_list *columns, struct text *out) {
    for (size_t i = 0; i < columns->count; i++) {
        report_csv_text(columns->names[i], strlen(columns->names[i]), out);
        text_add_char(out, ',');
    }
    text_add(out, "n,mean,sd,low,high,median,best_id,best,worst_id,worst,"
                  "diverged,failed,missing,unmeasured,p,mark\n");
}

enum status_code compare_write_csv(const struct grouping *grouping, size_t top,
                                   const struct report_sink *sink,
                                   struct status *status) {
    add_head(&grouping->table->columns, sink->text);
    for (size_t i = 0; i < report_shown(grouping, top); i++) {
        const struct run_group group = grouping_describe(grouping, i);
        add_group(grouping, &group, sink->text);
        STATUS_TRY(report_flush(sink, status));
    }
    return STATUS_OK;
}
