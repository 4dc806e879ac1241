/* A config file and the chain of those that it extends. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/whole_file.h"
#include "runner/config/merge.h"
#include "runner/config/tree_memory.h"
#include "runner/config/yaml_reader.h"

/* A chain of more files behind the first is taken for a mistake. */
enum { EXTENDS_LIMIT = 16 };

static const char EXTENDS[] = "extends";

/* The files read so far: the config, then what each extends. */
struct chain {
    struct node *roots[EXTENDS_LIMIT + 1];
    char *paths[EXTENDS_LIMIT + 1]; /* without links and dots, for cycles */
    size_t count;
};

static void release_chain(struct chain *chain) {
    for (size_t i = 0; i < chain->count; i++)
        free(chain->paths[i]);
}

/* Reads one file; NULL and a problem if it can't be. `position` is where it was
 * asked for, nowhere for the config itself. */
static struct node *read_file(struct tree *tree, const char *path,
                              struct position position,
                              struct problems *problems) {
    struct status status = STATUS_INIT;
    struct bytes bytes;
    enum status_code code = whole_file_read(path, CONFIG_SIZE_LIMIT,
                                            STATUS_CONFIG, &bytes, &status);
    if (code != STATUS_OK) {
        problems_add_code(problems, code, position, "%s%s",
                          position.source ? "extends: " : "", status.message);
        return NULL;
    }
    const struct source *source =
        tree_new_source(tree, path, (const char *)bytes.data, bytes.size);
    bytes_release(&bytes);
    return yaml_read(tree, source, 0, problems);
}

/* The path that `extends` gives, relative to the file it stands in; NULL and a
 * problem if it is no path. */
static const char *extended_path(struct tree *tree, const struct node *value,
                                 struct problems *problems) {
    if (value->kind != NODE_SCALAR || !*value->text ||
        node_scalar(value).type == SCALAR_NULL) {
        problems_add(problems, value->position,
                     "extends: the path of one config is expected");
        return NULL;
    }
    const char *folder = value->position.source->folder;
    size_t length = strlen(folder);
    if (*value->text == '/' || !length)
        return value->text;
    struct text path = TEXT_INIT;
    text_add(&path, folder);
    if (folder[length - 1] != '/')
        text_add_char(&path, '/');
    text_add(&path, value->text);
    char *joined = tree_string(tree, path.bytes, path.length);
    text_release(&path);
    return joined;
}

/* Takes `extends` out of the map: its value, or NULL. */
static struct node *take_extends(struct node *root) {
    struct member *member = node_find(root, EXTENDS);
    if (!member)
        return NULL;
    struct node *value = member->value;
    node_remove(root, (size_t)(member - root->members));
    return value;
}

static bool check_chain(const struct chain *chain, const char *path,
                        struct position position, struct problems *problems) {
    if (chain->count > EXTENDS_LIMIT) {
        problems_add(problems, position,
                     "extends: a chain of more than %d files", EXTENDS_LIMIT);
        return false;
    }
    char *real = realpath(path, NULL);
    bool cycle = false;
    for (size_t i = 0; real && i < chain->count; i++)
        cycle |= chain->paths[i] && strcmp(chain->paths[i], real) == 0;
    free(real);
    if (cycle)
        problems_add(problems, position,
                     "extends: %s extends itself, here at last", path);
    return !cycle;
}

/* Reads the file and those below it; false if one of them can't be. */
static bool read_chain(struct tree *tree, struct chain *chain, const char *path,
                       struct problems *problems) {
    struct position position = {.source = NULL};
    while (path) {
        if (!check_chain(chain, path, position, problems))
            return false;
        struct node *root = read_file(tree, path, position, problems);
        if (!root)
            return false;
        chain->paths[chain->count] = realpath(path, NULL);
        chain->roots[chain->count++] = root;
        const struct node *extends = take_extends(root);
        path = NULL;
        if (!extends)
            break;
        position = extends->position;
        path = extended_path(tree, extends, problems);
        if (!path)
            return false;
    }
    return true;
}

void tree_read(struct tree *tree, const char *path, struct problems *problems) {
    tree_init(tree);
    struct chain chain = {.count = 0};
    if (read_chain(tree, &chain, path, problems)) {
        struct node *root = chain.roots[chain.count - 1];
        for (size_t i = chain.count - 1; i-- > 0;)
            root = merge_nodes(tree, root, chain.roots[i], "");
        tree->root = root;
    }
    release_chain(&chain);
}

void tree_read_text(struct tree *tree, const char *name, const char *text,
                    size_t length, struct problems *problems) {
    tree_init(tree);
    if (length > CONFIG_SIZE_LIMIT) {
        problems_add(problems, (struct position){.source = NULL},
                     "%s: has %zu bytes, more than the %d that are read", name,
                     length, CONFIG_SIZE_LIMIT);
        return;
    }
    const struct source *source = tree_new_source(tree, name, text, length);
    tree->root = yaml_read(tree, source, 0, problems);
    const struct node *extends = tree->root ? take_extends(tree->root) : NULL;
    if (extends)
        problems_add(problems, extends->position,
                     "extends: only a file can extend another");
}
