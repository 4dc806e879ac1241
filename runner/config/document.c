#include "runner/config/document.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/config/text_check.h"

static int compare_members(const void *left, const void *right) {
    const struct member *const *a = left, *const *b = right;
    int order = strcmp((*a)->key, (*b)->key);
    return order ? order : (*a > *b) - (*a < *b);
}

static void complain_of_duplicate(struct problems *problems,
                                  const struct member *first,
                                  const struct member *again) {
    size_t line = first->key_position.line;
    if (line == again->key_position.line)
        problems_add(problems, again->key_position,
                     "key '%s' is given twice, in columns %zu and %zu of line "
                     "%zu",
                     again->key, first->key_position.column,
                     again->key_position.column, line);
    else
        problems_add(problems, again->key_position,
                     "key '%s' is given twice, on lines %zu and %zu",
                     again->key, line, again->key_position.line);
}

/* Sorted, so that many keys take no square of time. */
void document_drop_duplicates(struct node *map, struct problems *problems) {
    struct member **sorted = memory_zeroed(map->count, sizeof(*sorted));
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = &map->members[i];
    qsort(sorted, map->count, sizeof(*sorted), compare_members);
    struct member *first = NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (first && strcmp(first->key, sorted[i]->key) == 0) {
            complain_of_duplicate(problems, first, sorted[i]);
            sorted[i]->value = NULL;
        } else {
            first = sorted[i];
        }
    }
    free(sorted);
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++)
        if (map->members[i].value)
            map->members[kept++] = map->members[i];
    map->count = kept;
}

/* The first byte behind `at` that is neither blank nor comment nor the mark of
 * a document's end. */
static size_t skip_nothing(const struct source *source, size_t at) {
    while (at < source->length) {
        const char *text = source->text + at;
        if (*text == '#')
            at += strcspn(text, "\r\n");
        else if (strchr(" \t\r\n", *text))
            at++;
        else if (strncmp(text, "...", 3) == 0 && strcspn(text, " \t\r\n") == 3)
            at += 3;
        else
            break;
    }
    return at;
}

bool document_check_rest(const struct source *source, size_t offset,
                         struct problems *problems) {
    size_t at = skip_nothing(source, offset);
    if (at == source->length)
        return true;
    bool second =
        strncmp(source->text + at, "---", 3) == 0 || source->text[at] == '%';
    problems_add(problems, text_position(source, at), "%s",
                 second ? "a second document begins here; exactly one is read"
                        : "nothing can follow the end of the document");
    return false;
}

static bool is_blank(const struct source *source) {
    for (size_t i = 0; i < source->length; i++)
        if (!strchr(" \t\r\n", source->text[i]))
            return false;
    return true;
}

/* What a root is that is no map, in words. */
static const char *describe(const struct source *source,
                            const struct node *root) {
    if (!root)
        return is_blank(source) ? "the config is empty"
                                : "the config holds nothing but comments";
    if (root->kind == NODE_LIST)
        return "the config is a list; a map ('key: value') is expected";
    if (node_scalar(root).type == SCALAR_NULL)
        return "the config is empty";
    return "the config is a single value; a map ('key: value') is expected";
}

bool document_check_root(const struct source *source, const struct node *root,
                         struct problems *problems) {
    if (root && root->kind == NODE_MAP)
        return true;
    bool is_something =
        root && (root->kind == NODE_LIST || *root->text || root->quoted);
    struct position top = {source, 1, 1, 1};
    problems_add(problems, is_something ? root->position : top, "%s",
                 describe(source, root));
    return false;
}
