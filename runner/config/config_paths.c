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

/* The search for one file. */
struct search {
    const char *path;   /* as written */
    const char *digest; /* that it must have, or NULL */
    struct file_digests *digests;
    bool is_found;
    struct text found; /* until it is found, the first file that is there */
    char other_digest[DIGEST_TEXT_SIZE]; /* that file's */
};

/* Whether the file is as recorded. What can't be read is left to those who
 * will say why. */
static bool has_digest(const struct search *search, const char *path,
                       char found[DIGEST_TEXT_SIZE]) {
    *found = '\0';
    return !file_digests_get(search->digests, path, found) ||
           strcmp(found, search->digest) == 0;
}

static void try_place(struct search *search, const char *folder,
                      const char *path) {
    struct text place = TEXT_INIT;
    char digest[DIGEST_TEXT_SIZE];
    if (search->is_found)
        return;
    join(folder, path, &place);
    if (exists(&place)) {
        search->is_found =
            !search->digest || has_digest(search, text_string(&place), digest);
        if (search->is_found || !*search->other_digest) {
            text_clear(&search->found);
            text_add(&search->found, text_string(&place));
            if (!search->is_found)
                memcpy(search->other_digest, digest, sizeof digest);
        }
    }
    text_release(&place);
}

/* Where the file is: beside its text, where the text itself came from, in the
 * data folder by its path or its last part. Absent everywhere, it is asked for
 * beside its text. */
static void find_file(struct search *search, const char *folder,
                      const struct data_places *places, bool is_recorded) {
    join(folder, search->path, &search->found);
    try_place(search, folder, search->path);
    for (size_t i = 0; is_recorded && i < places->folder_count; i++)
        try_place(search, places->folders[i], search->path);
    if (places->data_folder) {
        try_place(search, places->data_folder, search->path);
        try_place(search, places->data_folder, base_name(search->path));
    }
}

static void complain(const struct search *search, const char *key,
                     struct position position, struct problems *problems) {
    problems_add_code(problems, STATUS_INPUT, position,
                      "%s: %s is not the file that was recorded: expected "
                      "SHA-256 %.16s..., found %.16s...",
                      key, search->found.bytes, search->digest,
                      search->other_digest);
}

/* One of the two tables. What a run's record says holds for the paths that
 * stand in that record, not for those of the command line. */
static void resolve(struct config *config, int table, const char **path,
                    const struct data_places *places,
                    struct problems *problems) {
    static const char *const KEYS[] = {"data.source.features.path",
                                       "data.source.targets.path"};
    bool is_there;
    struct text written = TEXT_INIT;
    struct position position =
        node_at(config->tree.root, KEYS[table], &is_there)->position;
    const struct source *main_source = config->tree.root->position.source;
    bool is_recorded = position.source == main_source;
    const char *folder = position.source ? position.source->folder : "";
    struct search search = {.path = *path,
                            .digest =
                                is_recorded ? places->digests[table] : NULL,
                            .digests = places->file_digests};
    find_file(&search, folder, places, is_recorded);
    if (*search.other_digest && !search.is_found)
        complain(&search, KEYS[table], position, problems);
    path_rewrite(*path, folder, main_source ? main_source->folder : "",
                 &written);
    struct config_path *row = &config->paths[config->path_count++];
    row->opened = tree_string(&config->tree, text_string(&search.found),
                              search.found.length);
    row->written =
        tree_string(&config->tree, text_string(&written), written.length);
    *path = row->opened;
    text_release(&search.found);
    text_release(&written);
}

void config_resolve_paths(struct config *config,
                          const struct data_places *places,
                          struct problems *problems) {
    const struct kind *kind = config->data.source.kind;
    if (!kind || strcmp(kind->name, "table") != 0)
        return;
    struct table_source_options *tables = (void *)config->data.source.options;
    resolve(config, 0, &tables->features.path, places, problems);
    resolve(config, 1, &tables->targets.path, places, problems);
}
