/* A record's config.yaml: is it the config of the id, are its data there. */

#include <string.h>
#include <unistd.h>

#include "engine/base/digest.h"
#include "engine/base/memory.h"
#include "engine/base/numerics.h"
#include "engine/io/json_slices.h"
#include "runner/audit/audit_check.h"
#include "runner/audit/difference.h"
#include "runner/store/record.h"

static const char CONFIG_YAML[] = "config.yaml";
static const char *const ROLES[2] = {"features", "targets"};

/* ----------------------------------------------------------------- reading */

static const struct json_value *input_of(const struct audit_record *record,
                                         size_t role) {
    const struct json_value *data = json_member(record->json, "data");
    return json_member(json_member(data, "inputs"), ROLES[role]);
}

static void read_config(const struct audit_place *place,
                        const struct audit_record *record,
                        const struct data_places *places, bool with_digests,
                        struct config *config, struct problems *problems) {
    const struct audit_file *file = audit_record_file(record, CONFIG_YAML);
    struct data_places own = *places;
    struct tree tree;
    struct text name = TEXT_INIT;
    for (size_t role = 0; role < 2; role++)
        own.digests[role] =
            with_digests ? json_get_string(input_of(record, role), NULL) : NULL;
    text_print(&name, "%s/%s", place->path, CONFIG_YAML);
    tree_read_text(&tree, name.bytes, (const char *)file->bytes.data,
                   file->bytes.size, problems);
    config_init(config, &tree, &own, problems);
    text_release(&name);
}

void audit_read_config(const struct audit_place *place,
                       const struct audit_record *record,
                       const struct data_places *places, struct config *config,
                       struct problems *problems) {
    read_config(place, record, places, true, config, problems);
}

void audit_write_problem(const struct problem *problem, struct text *out) {
    if (problem->line)
        text_print(out, "%zu:%zu: ", problem->line, problem->column);
    text_add(out, problem->message);
}

static bool tell_problems(const struct problems *problems,
                          struct findings *findings) {
    bool any = false;
    for (size_t i = 0; i < problems->count; i++) {
        struct text message = TEXT_INIT;
        if (problems->problem[i].code == STATUS_INPUT)
            continue;
        any = true;
        audit_write_problem(&problems->problem[i], &message);
        findings_add(findings, FINDING_CONFIG, CONFIG_YAML,
                     "no config that runs: %s", message.bytes);
        text_release(&message);
    }
    return any;
}

/* -------------------------------------------------------------------- data */

/* Names each data file that is not there, or not the one recorded. */
static void check_data(const struct audit_record *record,
                       const struct data_places *places,
                       const struct config *config, struct findings *findings) {
    for (size_t role = 0; role < config->path_count; role++) {
        const char *path = config->paths[role].opened;
        const char *recorded = json_get_string(input_of(record, role), NULL);
        char hex[DIGEST_TEXT_SIZE];
        if (access(path, F_OK) != 0) {
            findings_add(findings, FINDING_NO_DATA, "",
                         "data.source.%s.path: %s: no such file; --data DIR "
                         "looks in DIR too",
                         ROLES[role], path);
        } else if (recorded &&
                   file_digests_get(places->file_digests, path, hex) &&
                   strcmp(hex, recorded) != 0) {
            findings_add(findings, FINDING_DATA, "",
                         "data.source.%s.path: %s is not the data that were "
                         "recorded: SHA-256 %.16s..., run.json has %.16s...",
                         ROLES[role], path, hex, recorded);
        }
    }
}

/* ---------------------------------------------------------------------- id */

/* The id of the config with data of these digests. */
static void make_id(const struct config *config, const char *const hex[2],
                    run_id id) {
    struct path_digest digests[2];
    for (size_t role = 0; role < config->path_count; role++)
        digests[role] = (struct path_digest){config->paths[role].opened,
                                             hex[role] ? hex[role] : ""};
    plan_make_id_of(config, digests, config->path_count, id);
}

/* The same with the data that lie where the config says. */
static void make_id_of_found(const struct config *config,
                             const struct data_places *places, run_id id) {
    char hex[2][DIGEST_TEXT_SIZE] = {"", ""};
    const char *const digests[2] = {hex[0], hex[1]};
    for (size_t role = 0; role < config->path_count; role++)
        if (!file_digests_get(places->file_digests, config->paths[role].opened,
                              hex[role]))
            *hex[role] = '\0';
    make_id(config, digests, id);
}

struct telling {
    struct findings *findings;
    bool is_yaml_at_fault;
    size_t count;
};

static void tell_key(void *context, const char *path,
                     const struct json_value *recorded,
                     const struct json_value *now) {
    struct telling *telling = context;
    struct text message = TEXT_INIT;
    /* A record from before there was such an option. */
    if (!recorded && !telling->is_yaml_at_fault)
        return;
    telling->count++;
    if (telling->is_yaml_at_fault)
        text_add(&message, "changed after the fact: ");
    text_print(&message, "%s%s is ", telling->is_yaml_at_fault ? "" : "config.",
               path);
    const struct json_value *own = telling->is_yaml_at_fault ? now : recorded;
    const struct json_value *other = telling->is_yaml_at_fault ? recorded : now;
    if (own)
        difference_write_value(own, &message);
    else
        text_add(&message, "missing");
    text_print(&message, ", %s ",
               telling->is_yaml_at_fault ? "run.json says"
                                         : "config.yaml, which the id is of, "
                                           "says");
    if (other)
        difference_write_value(other, &message);
    else
        text_add(&message, "nothing");
    findings_add(telling->findings, FINDING_CONFIG,
                 telling->is_yaml_at_fault ? CONFIG_YAML : "run.json", "%s",
                 message.bytes);
    text_release(&message);
}

/* Whether run.json holds the config to the byte, as a record is written. */
static bool is_config_text(const struct audit_record *record,
                           const struct config *config) {
    const struct audit_file *file = audit_record_file(record, "run.json");
    struct json_slice slice = {(const char *)file->bytes.data,
                               file->bytes.size};
    struct text text = TEXT_INIT;
    struct json_writer writer = json_writer_new(&text, RECORD_JSON_INDENT);
    json_begin_object(&writer);
    json_key(&writer, "config");
    size_t from = text.length;
    config_write_json(config, &writer);
    bool is_same = json_slice_member(slice, "config", &slice) &&
                   slice.length == text.length - from &&
                   memcmp(slice.bytes, text.bytes + from, slice.length) == 0;
    text_release(&text);
    return is_same;
}

/* Names the keys in which run.json and config.yaml differ, which of a packed
 * run are one. */
static size_t compare_configs(const struct audit_record *record,
                              const struct config *config,
                              bool is_yaml_at_fault,
                              struct findings *findings) {
    struct telling telling = {findings, is_yaml_at_fault, 0};
    struct text text = TEXT_INIT;
    struct status ignored = STATUS_INIT;
    struct json_writer writer = json_writer_new(&text, 0);
    if (record->is_packed || is_config_text(record, config))
        return 0;
    const struct bytes *bytes = &audit_record_file(record, "run.json")->bytes;
    config_write_json(config, &writer);
    struct json_value *now = json_parse(text.bytes, text.length, &ignored);
    struct json_value *recorded =
        json_parse((const char *)bytes->data, bytes->size, &ignored);
    difference_walk(json_member(recorded, "config"), now, NULL, tell_key,
                    &telling);
    json_free(recorded);
    json_free(now);
    text_release(&text);
    return telling.count;
}

enum verdict { IS_OF_THE_ID, IS_OF_OTHER_DATA, IS_ANOTHER };

/* Whether the config with the recorded data is that of the id. */
static enum verdict check_id(const struct audit_place *place,
                             const struct audit_record *record,
                             const struct data_places *places,
                             const struct config *config,
                             struct findings *findings) {
    run_id id, found;
    const char *const digests[2] = {json_get_string(input_of(record, 0), NULL),
                                    json_get_string(input_of(record, 1), NULL)};
    const char *own = json_get_string(json_member(record->json, "id"), "");
    const char *recorded = *place->folder_id ? place->folder_id : own;
    make_id(config, digests, id);
    /* A folder of another name has been told. */
    bool is_same = strcmp(id, recorded) == 0 || strcmp(id, own) == 0;
    if (!is_same && places && config->path_count) {
        make_id_of_found(config, places, found);
        if (strcmp(found, recorded) == 0) {
            findings_add(findings, FINDING_RECORD, "run.json",
                         "data.inputs: edited: the id is of the data that lie "
                         "where the config says, not of these digests");
            return IS_OF_OTHER_DATA;
        }
    }
    size_t keys = compare_configs(record, config, !is_same, findings);
    if (!is_same && keys == 0)
        findings_add(findings, FINDING_CONFIG, CONFIG_YAML,
                     "with the recorded data it makes the id %s, this is %s: "
                     "what the id was made of was changed",
                     id, recorded);
    return is_same ? IS_OF_THE_ID : IS_ANOTHER;
}

/* --------------------------------------------------------------------- all */

bool audit_check_config(const struct audit_place *place,
                        const struct audit_record *record,
                        const struct data_places *places, struct config *config,
                        struct findings *findings) {
    const struct data_places nowhere = {0};
    struct problems problems = {0};
    read_config(place, record, places ? places : &nowhere, places != NULL,
                config, &problems);
    bool good = !tell_problems(&problems, findings);
    bool lacks_data = good && problems.count > 0;
    problems_release(&problems);
    if (!good)
        return false;
    if (lacks_data) {
        /* Whatever lies there, to say what is wrong with it. */
        config_release(config);
        read_config(place, record, places, false, config, &problems);
        problems_release(&problems);
    }
    enum verdict verdict = check_id(place, record, places, config, findings);
    if (lacks_data && verdict != IS_OF_OTHER_DATA)
        check_data(record, places, config, findings);
    return verdict == IS_OF_THE_ID && !lacks_data;
}
