#include "engine/io/json.h"
#include "runner/report/compare_parts.h"

static void add_number(struct json_writer *writer, const char *key,
                       double value) {
    json_key(writer, key);
    json_double(writer, value);
}

static void add_count(struct json_writer *writer, const char *key,
                      size_t count) {
    json_key(writer, key);
    json_integer(writer, (int64_t)count);
}

static void add_string(struct json_writer *writer, const char *key,
                       const char *string) {
    json_key(writer, key);
    if (string)
        json_string(writer, string);
    else
        json_null(writer);
}

static void add_run(const struct grouping *grouping, const char *key,
                    const struct run_row *row, struct json_writer *writer) {
    json_key(writer, key);
    if (!row) {
        json_null(writer);
        return;
    }
    run_id id;
    run_id_text(row->id, id);
    json_begin_object(writer);
    add_string(writer, "id", id);
    add_number(writer, "value", grouping_value(grouping, row));
    json_end_object(writer);
}

static void add_values(const struct grouping *grouping,
                       const struct run_group *group,
                       struct json_writer *writer) {
    const struct name_list *columns = &grouping->table->columns;
    json_key(writer, "values");
    json_begin_object(writer);
    for (size_t i = 0; i < columns->count; i++) {
        json_key(writer, columns->names[i]);
        json_raw(writer, group_value(grouping, group, i));
    }
    json_end_object(writer);
}

static void add_summary(const struct sample_summary *summary,
                        struct json_writer *writer) {
    add_count(writer, "n", summary->count);
    add_number(writer, "mean", summary->mean);
    add_number(writer, "sd", summary->sd);
    json_key(writer, "interval");
    if (summary->count < 2)
        json_null(writer);
    else {
        json_begin_array(writer);
        json_double(writer, summary->low);
        json_double(writer, summary->high);
        json_end_array(writer);
    }
    add_number(writer, "median", summary->median);
}

static void add_group(const struct grouping *grouping,
                      const struct run_group *group,
                      struct json_writer *writer) {
    json_begin_object(writer);
    add_values(grouping, group, writer);
    add_summary(&group->summary, writer);
    add_run(grouping, "best", group->best, writer);
    add_run(grouping, "worst", group->worst, writer);
    add_count(writer, "diverged", group->outcomes[OUTCOME_DIVERGED]);
    add_count(writer, "failed", group->outcomes[OUTCOME_FAILED]);
    add_count(writer, "missing", group->outcomes[OUTCOME_MISSING]);
    add_count(writer, "unmeasured", group->unmeasured);
    add_number(writer, "p", group->p);
    add_string(writer, "mark", report_mark(group));
    json_end_object(writer);
}

static void add_metric(const struct run_table *table,
                       struct json_writer *writer) {
    json_key(writer, "metric");
    json_begin_object(writer);
    add_string(writer, "name", table->metric);
    add_string(writer, "goal", table->maximize ? "maximize" : "minimize");
    json_end_object(writer);
}

static enum status_code write_groups(const struct grouping *grouping,
                                     size_t top, struct json_writer *writer,
                                     const struct report_sink *sink,
                                     struct status *status) {
    json_key(writer, "groups");
    json_begin_array(writer);
    for (size_t i = 0; i < report_shown(grouping, top); i++) {
        const struct run_group group = grouping_describe(grouping, i);
        add_group(grouping, &group, writer);
        STATUS_TRY(report_flush(sink, status));
    }
    json_end_array(writer);
    return STATUS_OK;
}

static enum status_code write_grouping(const struct grouping *grouping,
                                       size_t top, struct json_writer *writer,
                                       const struct report_sink *sink,
                                       struct status *status) {
    const struct name_list *columns = &grouping->table->columns;
    json_begin_object(writer);
    add_metric(grouping->table, writer);
    json_key(writer, "by");
    json_begin_array(writer);
    for (size_t i = 0; i < columns->count; i++)
        json_string(writer, columns->names[i]);
    json_end_array(writer);
    add_number(writer, "level", STATISTICS_LEVEL);
    add_count(writer, "comparisons", grouping->comparisons);
    enum status_code code = write_groups(grouping, top, writer, sink, status);
    json_end_object(writer);
    return code;
}

enum status_code compare_write_json(const struct grouping *grouping, size_t top,
                                    const struct report_sink *sink,
                                    struct status *status) {
    struct json_writer writer = json_writer_new(sink->text, 0);
    enum status_code code =
        write_grouping(grouping, top, &writer, sink, status);
    text_add_char(sink->text, '\n');
    return code;
}

enum status_code compare_write_statistics(struct run_table *table,
                                          struct json_writer *writer,
                                          const struct report_sink *sink,
                                          struct status *status) {
    struct status ignored = STATUS_INIT;
    struct grouping grouping;
    if (run_table_finish(table, &ignored) != STATUS_OK) {
        json_null(writer);
        return STATUS_OK;
    }
    grouping_init(&grouping, table);
    enum status_code code = write_grouping(&grouping, 0, writer, sink, status);
    grouping_release(&grouping);
    return code;
}
