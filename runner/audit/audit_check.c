#include "runner/audit/audit_check.h"

#include <inttypes.h>
#include <string.h>

#include "engine/base/digest.h"
#include "engine/base/numerics.h"
#include "engine/io/json_slices.h"

enum { RECORD_FORMAT = 1 };

static const char RUN_JSON[] = "run.json";

/* ----------------------------------------------------------- the file list */

static bool is_listed(const struct json_value *files, const char *name) {
    for (size_t i = 0; i < json_count(files); i++)
        if (strcmp(json_get_string(json_member(json_element(files, i), "name"),
                                   ""),
                   name) == 0)
            return true;
    return false;
}

static void check_listed(const struct audit_record *record,
                         const struct json_value *entry,
                         struct findings *findings) {
    const char *name = json_get_string(json_member(entry, "name"), "");
    const char *listed = json_get_string(json_member(entry, "sha256"), "");
    int64_t bytes = json_get_integer(json_member(entry, "bytes"), -1);
    const struct audit_file *file = audit_record_file(record, name);
    char hex[DIGEST_TEXT_SIZE];
    if (!file) {
        findings_add(findings, FINDING_MISSING, name,
                     "missing, or no file that can be read");
        return;
    }
    digest_of(file->bytes.data, file->bytes.size, hex);
    if (strcmp(hex, listed) != 0)
        findings_add(findings, FINDING_EDITED, name,
                     "not the file that was recorded: SHA-256 %.16s..., "
                     "run.json lists %.16s...",
                     hex, *listed ? listed : "none");
    else if (bytes != (int64_t)file->bytes.size)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "files: %s has %zu bytes, the list says %" PRId64, name,
                     file->bytes.size, bytes);
}

static void check_list(const struct audit_record *record,
                       struct findings *findings) {
    const struct json_value *files = json_member(record->json, "files");
    if (!json_is_array(files))
        findings_add(findings, FINDING_RECORD, RUN_JSON, "files: missing");
    for (size_t i = 0; i < json_count(files); i++)
        check_listed(record, json_element(files, i), findings);
    for (size_t i = 0; i < record->count; i++) {
        const char *name = record->files[i].name;
        if (strcmp(name, RUN_JSON) != 0 && !is_listed(files, name))
            findings_add(findings, FINDING_EXTRA, name,
                         "no file of this record");
    }
}

static void check_manifest(const struct audit_record *record,
                           struct findings *findings) {
    for (size_t i = 0; i < record->count; i++)
        if (!record->files[i].agrees)
            findings_add(findings, FINDING_BUNDLE, record->files[i].name,
                         record->is_packed
                             ? "not the line in its block's .sha256"
                             : "not the file in the bundle's manifest");
}

/* ------------------------------------------------------------ what it is of */

static bool check_format(const struct audit_record *record,
                         struct findings *findings) {
    int64_t format = json_get_integer(json_member(record->json, "format"), 0);
    int64_t numerics =
        json_get_integer(json_member(record->json, "numerics"), 0);
    if (format != RECORD_FORMAT)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "format: expected %d, found %" PRId64, RECORD_FORMAT,
                     format);
    else if (numerics != NUMERICS_VERSION)
        findings_add(findings, FINDING_NUMERICS, "",
                     "made by numerics %" PRId64 ", this is %d; not run again",
                     numerics, NUMERICS_VERSION);
    return format == RECORD_FORMAT && numerics == NUMERICS_VERSION;
}

static void check_id(const struct audit_place *place,
                     const struct audit_record *record,
                     struct findings *findings) {
    const char *id = json_get_string(json_member(record->json, "id"), "");
    if (!store_is_id(id))
        findings_add(findings, FINDING_RECORD, RUN_JSON, "id: is none");
    else if (*place->folder_id && strcmp(id, place->folder_id) != 0)
        findings_add(findings, FINDING_RECORD, RUN_JSON,
                     "id: %s, but the folder is called %s", id,
                     place->folder_id);
}

/* `fast` results are those of one machine and build. */
static bool check_fast(const struct audit_record *record,
                       const struct maker *maker, const struct machine *here,
                       struct findings *findings) {
    const struct audit_file *file = audit_record_file(record, RUN_JSON);
    struct json_slice at = {(const char *)file->bytes.data, file->bytes.size};
    if (!json_slice_member(at, "config", &at) ||
        !json_slice_member(at, "train", &at) ||
        !json_slice_member(at, "numerics", &at) ||
        !json_slice_is(at, "\"fast\"") ||
        (maker && maker_is_same_machine(maker, here)))
        return true;
    findings_add(findings, FINDING_FAST, "",
                 "not comparable: made with train.numerics 'fast' by another "
                 "machine or build, or by one that is not known");
    return false;
}

bool audit_check_files(const struct audit_place *place,
                       const struct audit_record *record,
                       const struct maker *maker, const struct machine *here,
                       struct findings *findings) {
    check_manifest(record, findings);
    if (!record->json) {
        bool is_there = audit_record_file(record, RUN_JSON) != NULL;
        findings_add(findings, is_there ? FINDING_RECORD : FINDING_MISSING,
                     RUN_JSON, "%s",
                     is_there ? record->json_status.message
                              : "missing, or no file that can be read");
        return false;
    }
    check_id(place, record, findings);
    if (!check_format(record, findings))
        return false;
    if (!record->is_packed)
        check_list(record, findings);
    return check_fast(record, maker, here, findings) &&
           audit_record_file(record, "config.yaml");
}
