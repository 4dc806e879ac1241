#include "runner/audit/audit_compare.h"

#include <string.h>

#include "engine/base/digest.h"
#include "engine/base/number.h"
#include "runner/audit/difference.h"
#include "runner/audit/ulp.h"

static const char RUN_JSON[] = "run.json", CONFIG_YAML[] = "config.yaml";

static const struct text *content_of(const struct store_files *files,
                                     const char *name) {
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->file[i].name, name) == 0)
            return &files->file[i].content;
    return NULL;
}

static bool same_bytes(const struct bytes *stored, const struct text *made) {
    return stored->size == made->length &&
           memcmp(stored->data, text_string(made), made->length) == 0;
}

/* ----------------------------------------------------------- weights' path */

/* The update of a row of history.csv, from 1 on; 0 is the start. */
static int64_t step_of_row(const struct text *history, size_t row) {
    const char *line = text_string(history);
    double step = 0;
    for (size_t i = 0; i < row && line; i++) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    if (row == 0 || !line || !number_read(line, strcspn(line, ","), &step))
        return 0;
    return (int64_t)step;
}

static size_t first_other(const struct json_value *stored,
                          const struct json_value *made) {
    size_t i = 0;
    while (i < json_count(stored) && i < json_count(made) &&
           strcmp(json_get_string(json_element(stored, i), ""),
                  json_get_string(json_element(made, i), "")) == 0)
        i++;
    return i;
}

/* Each entry of digest.history goes on from the one before and has the weights'
 * bytes: from the first that differs on all do. */
static size_t compare_paths(const struct json_value *stored,
                            const struct json_value *made,
                            const struct text *history,
                            struct findings *findings) {
    static const char KEY[] = "digest.history";
    const struct json_value *old =
        json_member(json_member(stored, "digest"), "history");
    const struct json_value *new =
        json_member(json_member(made, "digest"), "history");
    size_t row = first_other(old, new), count = json_count(new);
    if (row == count && row == json_count(old))
        return 0;
    int64_t before = step_of_row(history, row);
    int64_t after = step_of_row(history, row + 1);
    if (row == json_count(old) || row == count)
        findings_add(findings, FINDING_RESULT, RUN_JSON,
                     "%s: recorded %zu rows, run again %zu", KEY,
                     json_count(old), count);
    else if (after == before + 1)
        findings_add(findings, FINDING_RESULT, RUN_JSON,
                     "%s: the weights part at update %lld", KEY,
                     (long long)after);
    else if (row == 0)
        findings_add(findings, FINDING_RESULT, RUN_JSON,
                     "%s: the weights part between the start and row 1 (update "
                     "%lld)",
                     KEY, (long long)after);
    else
        findings_add(findings, FINDING_RESULT, RUN_JSON,
                     "%s: the weights part between rows %zu (update %lld) and "
                     "%zu (update %lld)",
                     KEY, row, (long long)before, row + 1, (long long)after);
    return 1;
}

/* ---------------------------------------------------------------- run.json */

static size_t compare_json(const struct audit_record *record,
                           const struct text *text, const struct text *history,
                           struct findings *findings) {
    /* Id and config have been judged; a packed run's history is told of as
     * history.csv. */
    static const char *const PASSED[] = {
        "id", "config", "history", "digest.history", "files.config.yaml", NULL};
    struct status ignored = STATUS_INIT;
    struct json_value *made = json_parse(text->bytes, text->length, &ignored);
    size_t count = compare_paths(record->json, made, history, findings);
    count += difference_json(RUN_JSON, record->json, made, PASSED, findings);
    json_free(made);
    return count;
}

/* Whether `text` is as this version writes it, its config and the list's entry
 * of config.yaml apart: those two depend on which options there are. */
static bool is_only_config(const struct audit_record *record,
                           const struct text *made) {
    static const char *const PASSED[] = {"id", "config", "files.config.yaml",
                                         NULL};
    static const char *const NOTHING[] = {NULL};
    struct findings none = {0};
    struct status ignored = STATUS_INIT;
    struct json_value *json = json_parse(made->bytes, made->length, &ignored);
    bool is_only =
        difference_json(RUN_JSON, record->json, json, PASSED, &none) == 0 &&
        difference_json(RUN_JSON, record->json, json, NOTHING, &none) > 0;
    json_free(json);
    findings_release(&none);
    return is_only;
}

static void compare_record(struct audit_record *record, const struct text *text,
                           const struct text *history,
                           struct findings *findings) {
    const struct audit_file *file = audit_record_file(record, RUN_JSON);
    if (same_bytes(&file->bytes, text))
        return;
    audit_record_parse(record, AUDIT_ALL);
    if (!record->json) {
        findings_add(findings, FINDING_RECORD, RUN_JSON, "%s",
                     record->json_status.message);
        return;
    }
    if (compare_json(record, text, history, findings) > 0 ||
        findings->code != STATUS_OK)
        return;
    if (is_only_config(record, text))
        findings_add(findings, FINDING_REMARK, RUN_JSON,
                     "holds the config as another version writes it");
    else
        difference_lines(RUN_JSON, "the same values in other bytes, from ",
                         &file->bytes, text, findings);
}

/* --------------------------------------------------------------------- all */

static void compare_file(const struct audit_record *record,
                         const struct store_file *made,
                         struct findings *findings) {
    const struct audit_file *file = audit_record_file(record, made->name);
    /* One that is missing has been told, or run.json's list lacks it. */
    if (!file || same_bytes(&file->bytes, &made->content))
        return;
    if (strcmp(made->name, CONFIG_YAML) == 0)
        findings_add(findings, FINDING_REMARK, CONFIG_YAML,
                     "this version would write it otherwise; it means the "
                     "same");
    else
        difference_add(made->name, &file->bytes, &made->content, findings);
}

static void compare_folder(struct audit_record *record,
                           const struct record *made,
                           struct findings *findings) {
    struct store_files files = {.count = 0};
    record_write(made, &files);
    for (size_t i = 0; i < files.count; i++)
        if (strcmp(files.file[i].name, RUN_JSON) != 0)
            compare_file(record, &files.file[i], findings);
    compare_record(record, content_of(&files, RUN_JSON),
                   content_of(&files, "history.csv"), findings);
    store_files_release(&files);
}

/* ------------------------------------------------------------------ packed */

static void compare_outputs(const struct audit_record *record,
                            const struct record *made,
                            struct findings *findings) {
    static const char KEY[] = "predictions";
    size_t rows = made->run->data->part[PART_TEST].rows;
    size_t units = (size_t)shape_units(made->run->network->output);
    const float *values = made->measurement->test_outputs;
    if (!made->config->output.predictions)
        return;
    if (!record->has_outputs ||
        record->outputs.size != rows * units * sizeof *values) {
        findings_add(findings, FINDING_MISSING, KEY,
                     "missing, or of other rows, and the config asks for them");
        return;
    }
    for (size_t i = 0; i < rows * units; i++) {
        struct text message = TEXT_INIT;
        float stored;
        memcpy(&stored, record->outputs.data + i * sizeof stored,
               sizeof stored);
        if (memcmp(&stored, &values[i], sizeof stored) == 0)
            continue;
        text_print(&message, "row %zu, output %zu: recorded ", i / units,
                   i % units);
        ulp_write_floats(stored, DIFFERENCE_AGAIN, values[i], &message);
        findings_add(findings, FINDING_RESULT, KEY, "%s", message.bytes);
        text_release(&message);
        return;
    }
}

static void compare_made(const struct audit_record *record,
                         const struct record *made, const char *name,
                         struct text *content, struct findings *findings) {
    const struct audit_file *file = audit_record_file(record, name);
    if (!record_write_file(made, name, content))
        return;
    if (!file)
        findings_add(findings, FINDING_MISSING, name,
                     "missing, and the config asks for it");
    else if (!same_bytes(&file->bytes, content))
        difference_add(name, &file->bytes, content, findings);
}

/* Its line, and what is told better of its files than of the line. */
static void compare_packed(struct audit_record *record,
                           const struct record *made,
                           struct findings *findings) {
    struct text line = TEXT_INIT, tensors = TEXT_INIT;
    struct text weights = TEXT_INIT, history = TEXT_INIT;
    record_write_packed(made, &line, &tensors);
    compare_made(record, made, "weights.safetensors", &weights, findings);
    compare_outputs(record, made, findings);
    if (!same_bytes(&audit_record_file(record, RUN_JSON)->bytes, &line)) {
        compare_made(record, made, "history.csv", &history, findings);
        compare_record(record, &line, &history, findings);
    }
    text_release(&line);
    text_release(&tensors);
    text_release(&weights);
    text_release(&history);
}

void audit_compare(struct audit_record *record, const struct record *made,
                   struct findings *findings) {
    if (record->is_packed)
        compare_packed(record, made, findings);
    else
        compare_folder(record, made, findings);
}
