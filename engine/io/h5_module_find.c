/* Which tables a file holds: pandas' groups, and datasets outside of them. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "engine/io/h5_module.h"

struct keys {
    const char **list; /* NULL-terminated; names_nearest() reads it */
    size_t count, capacity;
    char *group; /* the pandas group that the visit is in, with a '/' behind */
    bool failed;
};

static void add_key(struct keys *keys, const char *name) {
    struct text key = TEXT_INIT;
    text_print(&key, "/%s", name);
    memory_grow(&keys->list, keys->count + 1, &keys->capacity,
                sizeof *keys->list);
    keys->list[keys->count++] = text_take(&key);
    keys->list[keys->count] = NULL;
}

static void keys_release(struct keys *keys) {
    for (size_t i = 0; i < keys->count; i++)
        free((char *)(uintptr_t)keys->list[i]);
    free(keys->list);
    free(keys->group);
}

static bool is_inside(const struct keys *keys, const char *name) {
    return keys->group && strncmp(name, keys->group, strlen(keys->group)) == 0;
}

/* pandas keeps the words of categories in tables of their own, in "meta". */
static bool is_meta(const struct keys *keys, const char *name) {
    const char *rest = name + strlen(keys->group);
    return strncmp(rest, "meta/", 5) == 0 || strstr(rest, "/meta/");
}

/* PyTables names what users should not see "_i_…" and "_p_…". */
static bool is_hidden(const char *name) {
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "_i_", 3) == 0 || strncmp(part, "_p_", 3) == 0)
            return true;
    }
    return false;
}

static void visit_group(struct keys *keys, hid_t group, const char *name) {
    if (!h5_has_attribute(group, "pandas_type"))
        return;
    if (is_inside(keys, name)) {
        if (!is_meta(keys, name))
            add_key(keys, name);
        return;
    }
    add_key(keys, name);
    struct text prefix = TEXT_INIT;
    text_print(&prefix, "%s/", name);
    free(keys->group);
    keys->group = text_take(&prefix);
}

/* A single value outside of any table is a remark, not a table. */
static void visit_dataset(struct keys *keys, hid_t dataset, const char *name) {
    hid_t space = H5Dget_space(dataset);
    bool is_array = H5Sget_simple_extent_ndims(space) > 0;
    keys->failed = keys->failed || space < 0;
    H5Sclose(space);
    if (is_array && !is_inside(keys, name))
        add_key(keys, name);
}

static herr_t visit(hid_t root, const char *name, const H5L_info_t *link,
                    void *context) {
    struct keys *keys = context;
    if (link->type != H5L_TYPE_HARD || is_hidden(name))
        return 0;
    hid_t object = H5Oopen(root, name, H5P_DEFAULT);
    if (object < 0) {
        keys->failed = true;
        return -1;
    }
    H5I_type_t type = H5Iget_type(object);
    if (type == H5I_GROUP)
        visit_group(keys, object, name);
    else if (type == H5I_DATASET)
        visit_dataset(keys, object, name);
    H5Oclose(object);
    return keys->failed ? -1 : 0;
}

/* "/a, /b, … and 3 more". */
static void list_keys(struct text *text, const struct keys *keys) {
    enum { SHOWN = 8 };
    for (size_t i = 0; i < keys->count && i < SHOWN; i++)
        text_print(text, "%s%.60s", i ? ", " : "", keys->list[i]);
    if (keys->count > SHOWN)
        text_print(text, " and %zu more", keys->count - SHOWN);
}

static enum status_code choose_only(const struct h5_file *file,
                                    const struct keys *keys, char **found,
                                    struct status *status) {
    STATUS_RETURN_IF(keys->count == 0, status, STATUS_INPUT,
                     "%s: the file holds no table: neither a pandas object nor "
                     "a dataset",
                     file->path);
    if (keys->count == 1) {
        *found = memory_string(keys->list[0]);
        return STATUS_OK;
    }
    struct text list = TEXT_INIT;
    list_keys(&list, keys);
    status_set_key(status, STATUS_CONFIG, "key",
                   "%s holds %zu tables; name one of them by 'key': %s",
                   file->path, keys->count, text_string(&list));
    text_release(&list);
    return STATUS_CONFIG;
}

static enum status_code refuse_key(const struct h5_file *file,
                                   const struct keys *keys, const char *key,
                                   struct status *status) {
    const char *nearest = names_nearest(key, keys->list);
    struct text words = TEXT_INIT;
    if (nearest)
        text_print(&words, "did you mean '%s'? It ", nearest);
    else
        text_add(&words, "it ");
    text_add(&words, keys->count ? "holds " : "holds no table");
    list_keys(&words, keys);
    status_set_key(status, STATUS_CONFIG, "key", "%s has no table '%.100s'; %s",
                   file->path, key, text_string(&words));
    text_release(&words);
    return STATUS_CONFIG;
}

/* "df", "/df" and "/df/" are one key. */
static char *normal_key(const char *key) {
    size_t length = strlen(key);
    while (length > 0 && key[length - 1] == '/')
        length--;
    size_t skipped = length > 0 && *key == '/' ? 1 : 0;
    struct text text = TEXT_INIT;
    text_add_char(&text, '/');
    text_append(&text, key + skipped, length - skipped);
    return text_take(&text);
}

static enum status_code choose_named(const struct h5_file *file,
                                     const struct keys *keys, const char *key,
                                     char **found, struct status *status) {
    char *wanted = normal_key(key);
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < keys->count && !*found; i++)
        if (strcmp(keys->list[i], wanted) == 0)
            *found = memory_string(wanted);
    if (!*found)
        code = refuse_key(file, keys, wanted, status);
    free(wanted);
    return code;
}

enum status_code h5_find(const struct h5_file *file, const char *key,
                         char **found, struct status *status) {
    struct keys keys = {.list = memory_zeroed(1, sizeof *keys.list),
                        .capacity = 1};
    *found = NULL;
    enum status_code code;
    if (H5Lvisit(file->id, H5_INDEX_NAME, H5_ITER_INC, visit, &keys) < 0)
        code = h5_fail(file->path, "HDF5 can't list what it holds", status);
    else
        code = key ? choose_named(file, &keys, key, found, status)
                   : choose_only(file, &keys, found, status);
    keys_release(&keys);
    return code;
}
