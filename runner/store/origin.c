#include "runner/store/origin.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/json.h"
#include "engine/io/whole_file.h"

/* A journal that names more configs than anyone looks through is not walked to
 * its end. */
enum { FOLDER_LIMIT = 64, FILE_LIMIT = 1 << 30 };

static const char CONFIG_YAML[] = "config.yaml";
static const char JOURNAL_ABOVE[] = "../../journal.jsonl";
static const char *const ROLES[2] = {"features", "targets"};

/* ------------------------------------------------------------------- files */

static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return memory_string(".");
    return memory_string_of(path, slash == path ? 1 : (size_t)(slash - path));
}

static bool is_config_yaml(const char *path) {
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, CONFIG_YAML) == 0;
}

static bool read_file(const char *folder, const char *name,
                      struct bytes *bytes) {
    struct text path = TEXT_INIT;
    struct status ignored = STATUS_INIT;
    text_print(&path, "%s/%s", folder, name);
    bool is_read = whole_file_read(text_string(&path), FILE_LIMIT, STATUS_INPUT,
                                   bytes, &ignored) == STATUS_OK;
    text_release(&path);
    return is_read;
}

/* The run.json that makes a config.yaml a run's, or NULL. */
static struct json_value *read_record(const char *folder) {
    struct bytes bytes;
    struct status ignored = STATUS_INIT;
    if (!read_file(folder, "run.json", &bytes))
        return NULL;
    struct json_value *record =
        json_parse((const char *)bytes.data, bytes.size, &ignored);
    bytes_release(&bytes);
    return record;
}

/* ----------------------------------------------------------------- journal */

static void add_folder(struct origin *origin, const char *config_path) {
    char *folder = folder_of(config_path);
    bool is_known = origin->folder_count == FOLDER_LIMIT;
    for (size_t i = 0; i < origin->folder_count; i++)
        is_known = is_known || strcmp(origin->folders[i], folder) == 0;
    if (is_known) {
        free(folder);
        return;
    }
    memory_grow(&origin->folders, origin->folder_count, &origin->capacity,
                sizeof *origin->folders);
    origin->folders[origin->folder_count++] = folder;
}

static void read_line(struct origin *origin, const char *line, size_t length) {
    struct status ignored = STATUS_INIT;
    struct json_value *event = json_parse(line, length, &ignored);
    const char *kind = json_get_string(json_member(event, "event"), "");
    const char *path = json_get_string(json_member(event, "config"), NULL);
    if (path && strcmp(kind, "start") == 0)
        add_folder(origin, path);
    json_free(event);
}

/* Adds where the sessions of a journal had their config, the last session
 * first. */
static void read_journal(struct origin *origin, const char *folder,
                         const char *name) {
    struct bytes bytes;
    if (!read_file(folder, name, &bytes))
        return;
    const char *text = (const char *)bytes.data, *end = text + bytes.size;
    while (end > text) {
        const char *line = end;
        while (line > text && line[-1] != '\n')
            line--;
        if (end > line)
            read_line(origin, line, (size_t)(end - line));
        end = line > text ? line - 1 : text;
    }
    bytes_release(&bytes);
}

/* A folder that was a run's itself leads on to the journal of the experiment
 * above it; the list grows as it is walked, and holds no folder twice. */
static void follow(struct origin *origin) {
    for (size_t i = 0; i < origin->folder_count; i++) {
        struct json_value *record = read_record(origin->folders[i]);
        if (record)
            read_journal(origin, origin->folders[i], JOURNAL_ABOVE);
        json_free(record);
    }
}

/* ------------------------------------------------------------------ origin */

void origin_add_journal(struct origin *origin, const char *folder,
                        const char *name) {
    read_journal(origin, folder, name);
    follow(origin);
}

void origin_init(struct origin *origin, const char *config_path,
                 struct data_places *places) {
    *origin = (struct origin){0};
    if (!is_config_yaml(config_path))
        return;
    char *folder = folder_of(config_path);
    struct json_value *record = read_record(folder);
    const struct json_value *inputs =
        json_member(json_member(record, "data"), "inputs");
    for (size_t i = 0; i < 2; i++) {
        const char *digest =
            json_get_string(json_member(inputs, ROLES[i]), NULL);
        origin->digests[i] = digest ? memory_string(digest) : NULL;
        places->digests[i] = origin->digests[i];
    }
    if (origin->digests[0] || origin->digests[1])
        origin_add_journal(origin, folder, JOURNAL_ABOVE);
    places->folders = (const char *const *)origin->folders;
    places->folder_count = origin->folder_count;
    json_free(record);
    free(folder);
}

void origin_release(struct origin *origin) {
    for (size_t i = 0; i < origin->folder_count; i++)
        free(origin->folders[i]);
    free(origin->folders);
    for (size_t i = 0; i < 2; i++)
        free(origin->digests[i]);
    *origin = (struct origin){0};
}
