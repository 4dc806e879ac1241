#include "runner/audit/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/utf8.h"

static const struct {
    const char *word;
    enum status_code code;
} KINDS[] = {
    [FINDING_MISSING] = {"missing", STATUS_DIFFERS},
    [FINDING_EXTRA] = {"extra", STATUS_DIFFERS},
    [FINDING_EDITED] = {"edited", STATUS_DIFFERS},
    [FINDING_CONFIG] = {"config", STATUS_DIFFERS},
    [FINDING_RECORD] = {"record", STATUS_DIFFERS},
    [FINDING_NUMERICS] = {"numerics", STATUS_DIFFERS},
    [FINDING_RESULT] = {"result", STATUS_DIFFERS},
    [FINDING_DATA] = {"data", STATUS_DIFFERS},
    [FINDING_BUNDLE] = {"bundle", STATUS_DIFFERS},
    [FINDING_SUMMARY] = {"summary", STATUS_DIFFERS},
    [FINDING_NO_DATA] = {"no data", STATUS_INPUT},
    [FINDING_FAST] = {"fast", STATUS_INPUT},
    [FINDING_REMARK] = {"remark", STATUS_OK},
};

void findings_add(struct findings *findings, enum finding_kind kind,
                  const char *file, const char *format, ...) {
    char message[STATUS_MESSAGE_SIZE];
    va_list arguments;
    findings->code = status_worse(findings->code, KINDS[kind].code);
    if (findings->count == FINDING_LIMIT) {
        findings->left_out++;
        return;
    }
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    memory_grow(&findings->finding, findings->count, &findings->capacity,
                sizeof *findings->finding);
    struct finding *finding = &findings->finding[findings->count++];
    *finding =
        (struct finding){kind, memory_string(file), memory_string(message)};
    /* A record may hold anything. */
    utf8_make_line(finding->file);
    utf8_make_line(finding->message);
}

void findings_release(struct findings *findings) {
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->finding[i].file);
        free(findings->finding[i].message);
    }
    free(findings->finding);
    *findings = (struct findings){0};
}

void findings_print(const struct findings *findings, struct text *out) {
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->finding[i];
        text_print(out, "  %s%s%s\n", finding->file, *finding->file ? ": " : "",
                   finding->message);
    }
    if (findings->left_out)
        text_print(out, "  and %zu more\n", findings->left_out);
}

void findings_write(const struct findings *findings,
                    struct json_writer *writer) {
    json_begin_array(writer);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->finding[i];
        json_begin_object(writer);
        json_key(writer, "kind");
        json_string(writer, KINDS[finding->kind].word);
        json_key(writer, "file");
        if (*finding->file)
            json_string(writer, finding->file);
        else
            json_null(writer);
        json_key(writer, "message");
        json_string(writer, finding->message);
        json_end_object(writer);
    }
    json_end_array(writer);
}
