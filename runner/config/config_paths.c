#include "runner/config/config_paths.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "runner/config/tree_memory.h"

static bool exists(const struct text *path) {
    return access(text_string(path), F_OK) == 0;
}

static void join(const char *folder, const char *path, struct text *out) {
    text_clear(out);
    size_t length = strlen(folder);
    if (*path != '/' && length) {
        text_add(out, folder);
        if (folder[length - 1] != '/')
            text_add_char(out, '/');
    }
    text_add(out, path);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ------------------------------------------------------------------ rewrite */

/* Appends the parts of a path to an absolute one: "/a" and "../b/./c" give
 * "/b/c". The root is "". */
static void append_parts(const char *path, struct text *out) {
    if (*path == '/')
        text_clear(out);
    while (*path) {
        size_t length = strcspn(path, "/");
        bool is_up = length == 2 && strncmp(path, "..", 2) == 0;
        bool is_here = length == 0 || (length == 1 && *path == '.');
        while (is_up && out->length && out->bytes[--out->length] != '/')
            continue;
        if (!is_up && !is_here) {
            text_add_char(out, '/');
            text_append(out, path, length);
        }
        path += length + (path[length] == '/');
    }
    text_append(out, "", 0);
}

/* The absolute form of a folder; false if the system won't tell where we are.
 */
static bool make_absolute(const char *folder, struct text *out) {
    char here[PATH_MAX];
    text_clear(out);
    if (*folder != '/' && !getcwd(here, sizeof here))
        return false;
    append_parts(*folder == '/' ? folder : here, out);
    if (*folder != '/')
        append_parts(folder, out);
    return true;
}

/* Both begin with '/' or are "". */
static void write_relative(const char *to, const char *target,
                           struct text *out) {
    size_t common = 0;
    for (size_t i = 0;; i++) {
        bool ends =
            (to[i] == '/' || !to[i]) && (target[i] == '/' || !target[i]);
        if (ends)
            common = i;
        if (to[i] != target[i] || !to[i])
            break;
    }
    for (const char *at = to + common; *at; at++)
        if (*at == '/')
            text_add(out, "../");
    target += common;
    text_add(out, *target == '/' ? target + 1 : target);
}

void path_rewrite(const char *path, const char *from, const char *to,
                  struct text *out) {
    struct text target = TEXT_INIT, folder = TEXT_INIT;
    bool known = *path != '/' && make_absolute(from, &target) &&
                 make_absolute(to, &folder);
    if (known && strcmp(from, to) != 0) {
        append_parts(path, &target);
        write_relative(text_string(&folder), text_string(&target), out);
    } else {
        text_add(out, path);
    }
    text_release(&target);
    text_release(&folder);
}

/* ------------------------------------------------------------------ resolve */

/* Where the file is: beside its text, else in the data folder, by its path or
 * its last part. Absent everywhere, it is asked for beside its text. */
static void find_file(const char *path, const char *folder,
                      const char *data_folder, struct text *found) {
    join(folder, path, found);
    if (!data_folder || exists(found))
        return;
    struct text other = TEXT_INIT;
    join(data_folder, path, &other);
    if (!exists(&other))
        join(data_folder, base_name(path), &other);
    if (exists(&other)) {
        text_clear(found);
        text_add(found, text_string(&other));
    }
    text_release(&other);
}

static void resolve(struct config *config, const char *key, const char **path,
                    const char *data_folder) {
    bool is_there;
    struct text where = TEXT_INIT, found = TEXT_INIT, written = TEXT_INIT;
    text_print(&where, "data.source.%s.path", key);
    const struct source *source =
        node_at(config->tree.root, text_string(&where), &is_there)
            ->position.source;
    const struct source *main_source = config->tree.root->position.source;
    const char *folder = source ? source->folder : "";
    find_file(*path, folder, data_folder, &found);
    path_rewrite(*path, folder, main_source ? main_source->folder : "",
                 &written);
    struct config_path *row = &config->paths[config->path_count++];
    row->opened = tree_string(&config->tree, text_string(&found), found.length);
    row->written =
        tree_string(&config->tree, text_string(&written), written.length);
    *path = row->opened;
    text_release(&where);
    text_release(&found);
    text_release(&written);
}

void config_resolve_paths(struct config *config, const char *data_folder) {
    const struct kind *kind = config->data.source.kind;
    if (!kind || strcmp(kind->name, "table") != 0)
        return;
    struct table_source_options *tables = (void *)config->data.source.options;
    resolve(config, "features", &tables->features.path, data_folder);
    resolve(config, "targets", &tables->targets.path, data_folder);
}
