/* run.json against itself and against the other files. */

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "engine/base/digest.h"
#include "engine/base/number.h"
#include "runner/audit/audit_check.h"

static const char RUN_JSON[] = "run.json";

/* ------------------------------------------------------------------ status */

static void check_status(const struct json_value *json,
                         const struct config *config,
                         struct findings *findings) {
    const char *status = json_get_string(json_member(json, "status"), "");
    bool diverged = strcmp(status, "diverged") == 0;
    if (!diverged && strcmp(status, "finished") != 0)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "status: expected finished or diverged");
    else if (json_is_object(json_member(json, "error")) != diverged)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "status %s and error contradict each other", status);
    if (json_get_integer(json_member(json, "seed"), -1) != config->seed)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "seed: expected %" PRId64 ", as in config.yaml",
                     config->seed);
    if (strcmp(json_get_string(json_member(json, "name"), ""), config->name) !=
        0)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "name: expected '%s', as in config.yaml", config->name);
}

/* ----------------------------------------------------------------- metrics */

static void add_metric(const char *part, const char *metric, double value,
                       struct text *out) {
    char digits[NUMBER_TEXT_SIZE] = "";
    if (isfinite(value))
        number_write_double(value, digits);
    text_print(out, "%s,%s,%s\n", part, metric, digits);
}

/* metrics.csv as these metrics make it. */
static void write_metrics(const struct json_value *parts, struct text *out) {
    const struct json_value *metrics, *value;
    text_add(out, "part,metric,value\n");
    for (size_t i = 0; i < json_count(parts); i++) {
        const char *part = json_member_at(parts, i, &metrics);
        for (size_t j = 0; j < json_count(metrics); j++) {
            const char *metric = json_member_at(metrics, j, &value);
            add_metric(part, metric, json_get_double(value, NAN), out);
        }
    }
}

static void check_metrics(const struct audit_record *record,
                          struct findings *findings) {
    const struct audit_file *file = audit_record_file(record, "metrics.csv");
    struct text made = TEXT_INIT;
    write_metrics(json_member(record->json, "metrics"), &made);
    if (file && (file->bytes.size != made.length ||
                 memcmp(file->bytes.data, made.bytes, made.length) != 0))
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "metrics: not those of metrics.csv");
    text_release(&made);
}

/* ----------------------------------------------------------------- history */

/* Rows below the header, and the first number of the last. */
static size_t count_rows(const struct bytes *bytes, double *last) {
    const char *at = (const char *)bytes->data, *end = at + bytes->size;
    size_t lines = 0;
    *last = NAN;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        if (!number_read(at, strcspn(at, ",\n"), last))
            *last = NAN;
        lines++;
        at = stop + 1;
    }
    return lines ? lines - 1 : 0;
}

static void check_history(const struct audit_record *record,
                          struct findings *findings) {
    const struct audit_file *file = audit_record_file(record, "history.csv");
    const struct json_value *json = record->json;
    const struct json_value *digest =
        json_member(json_member(json, "digest"), "history");
    int64_t steps = json_get_integer(json_member(json, "global_step"), -1);
    double last;
    if (!file)
        return;
    size_t rows = count_rows(&file->bytes, &last);
    if (rows != json_count(digest))
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "digest.history: %zu entries, history.csv has %zu rows",
                     json_count(digest), rows);
    if (json_is_null(json_member(json, "error")) && last != (double)steps)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "global_step: %" PRId64 ", not the last row's in "
                     "history.csv",
                     steps);
}

/* ----------------------------------------------------------------- weights */

/* The tensors of a safetensors file lie behind its header. */
static void check_weights(const struct audit_record *record,
                          struct findings *findings) {
    const struct audit_file *file =
        audit_record_file(record, "weights.safetensors");
    uint64_t header = 0;
    char hex[DIGEST_TEXT_SIZE] = "";
    if (!file)
        return;
    const struct bytes *bytes = &file->bytes;
    if (bytes->size >= sizeof header)
        memcpy(&header, bytes->data, sizeof header);
    if (bytes->size >= sizeof header && header <= bytes->size - sizeof header)
        digest_of(bytes->data + sizeof header + header,
                  bytes->size - sizeof header - header, hex);
    const struct json_value *digest = json_member(record->json, "digest");
    if (strcmp(hex, json_get_string(json_member(digest, "weights"), "")) != 0)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "digest.weights: not that of the tensors in "
                     "weights.safetensors");
}

/* The raw outputs of a packed run. */
static void check_outputs(const struct audit_record *record,
                          struct findings *findings) {
    const struct json_value *digest = json_member(record->json, "digest");
    char hex[DIGEST_TEXT_SIZE];
    if (!record->has_outputs)
        return;
    digest_of(record->outputs.data, record->outputs.size, hex);
    if (strcmp(hex, json_get_string(json_member(digest, "predictions"), "")) !=
        0)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "digest.predictions: not that of the stored predictions");
}

/* ------------------------------------------------------------------ counts */

static int64_t sum_of(const struct json_value *values, const char *key) {
    int64_t sum = 0;
    for (size_t i = 0; i < json_count(values); i++) {
        const struct json_value *value = json_element(values, i);
        if (json_is_object(values))
            json_member_at(values, i, &value);
        sum += json_get_integer(json_member(value, key), 0);
    }
    return sum;
}

static void check_sum(const struct json_value *whole, const char *total,
                      const struct json_value *parts, const char *key,
                      const char *what, struct findings *findings) {
    int64_t expected = json_get_integer(json_member(whole, total), -1);
    if (sum_of(parts, key) != expected)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "%s: %" PRId64 ", but its parts sum up to %" PRId64, what,
                     expected, sum_of(parts, key));
}

static void check_counts(const struct json_value *json,
                         struct findings *findings) {
    const struct json_value *model = json_member(json, "model");
    const struct json_value *data = json_member(json, "data");
    check_sum(model, "parameters", json_member(model, "layers"), "parameters",
              "model.parameters", findings);
    check_sum(data, "rows", json_member(data, "parts"), "rows", "data.rows",
              findings);
}

static bool is_listed(const struct json_value *files, const char *name) {
    for (size_t i = 0; i < json_count(files); i++)
        if (strcmp(json_get_string(json_member(json_element(files, i), "name"),
                                   ""),
                   name) == 0)
            return true;
    return false;
}

/* A packed run lists no files: it has them, or not. */
static bool has_file(const struct audit_record *record, const char *name) {
    if (!record->is_packed)
        return is_listed(json_member(record->json, "files"), name);
    if (strcmp(name, "predictions.csv") == 0)
        return record->has_outputs;
    return strcmp(name, "metrics.csv") == 0 || audit_record_file(record, name);
}

/* Files that the config asks for and that the record has not. */
static void check_asked(const struct audit_record *record,
                        const struct config *config,
                        struct findings *findings) {
    const struct {
        const char *name;
        bool is_asked;
    } files[] = {{"metrics.csv", true},
                 {"history.csv", true},
                 {"weights.safetensors", config->output.weights},
                 {"predictions.csv", config->output.predictions}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i].is_asked && !has_file(record, files[i].name))
            findings_add(findings, FINDING_MISSING, files[i].name,
                         "missing, and the config asks for it");
}

void audit_check_contents(const struct audit_record *record,
                          const struct config *config,
                          struct findings *findings) {
    check_status(record->json, config, findings);
    check_asked(record, config, findings);
    check_metrics(record, findings);
    check_history(record, findings);
    check_weights(record, findings);
    check_outputs(record, findings);
    check_counts(record->json, findings);
}
