#include "runner/plan/references.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "runner/config/tree_memory.h"

/* One expression of the tree. */
struct reference {
    struct node *node;
    char *path;
    struct expression expression;
    size_t order;    /* in the document */
    size_t waiting;  /* for so many others without a value */
    bool is_settled; /* has its value, or has been complained about */
};

/* `from` must have its value before `to`. */
struct edge {
    size_t from, to;
};

struct resolver {
    struct tree *tree;
    struct node *root;
    reference_default *defaults;
    void *data;
    struct problems *problems;
    struct reference *references; /* in the order of the nodes' addresses */
    size_t count, capacity;
    struct edge *edges; /* in the order of `from` */
    size_t edge_count, edge_capacity;
    const struct expression *expression; /* being evaluated */
};

/* ------------------------------------------------------------------- lookup */

/* "; did you mean 'train.batch_size'?" from the keys beside the missing one. */
static void suggest(struct node *root, const char *path, struct text *out) {
    const char *dot = strrchr(path, '.');
    size_t length = dot ? (size_t)(dot - path) : 0;
    char *parent_path = memory_string_of(path, length);
    bool exists;
    const struct node *parent = node_at(root, parent_path, &exists);
    if (exists && parent->kind == NODE_MAP) {
        const char **keys = memory_zeroed(parent->count + 1, sizeof *keys);
        for (size_t i = 0; i < parent->count; i++)
            keys[i] = parent->members[i].key;
        const char *nearest = names_nearest(dot ? dot + 1 : path, keys);
        if (nearest)
            text_print(out, "; did you mean '%s%s%s'?", parent_path,
                       length ? "." : "", nearest);
        free(keys);
    }
    free(parent_path);
}

static bool look_up(void *data, size_t index, struct expression_value *value,
                    struct status *status) {
    struct resolver *resolver = data;
    const char *path = resolver->expression->paths[index].path;
    if (resolver->root && expression_value_at(resolver->root, path, value))
        return true;
    if (resolver->defaults && resolver->defaults(resolver->data, path, value))
        return true;
    struct text hint = TEXT_INIT;
    if (resolver->root)
        suggest(resolver->root, path, &hint);
    status_set(status, STATUS_CONFIG, "'%s' is not set%s", path,
               text_string(&hint));
    text_release(&hint);
    return false;
}

static void complain(const struct resolver *resolver, const char *path,
                     const struct node *node,
                     const struct expression_error *error) {
    problems_add(resolver->problems, expression_position(node, error->place),
                 "%s: %s (column %zu of the expression)", path,
                 error->status.message, error->place.column);
}

/* ------------------------------------------------------------------ finding */

static void add_reference(struct resolver *resolver, struct node *node,
                          const struct text *path) {
    struct expression_error error;
    memory_grow(&resolver->references, resolver->count, &resolver->capacity,
                sizeof *resolver->references);
    struct reference *reference = &resolver->references[resolver->count];
    *reference = (struct reference){
        .node = node,
        .path = memory_string(text_string(path)),
        .order = resolver->count++,
    };
    if (expression_init(&reference->expression, node->text,
                        EXPRESSION_REFERENCES, &error) == STATUS_OK)
        return;
    complain(resolver, reference->path, node, &error);
    reference->is_settled = true;
}

/* As deep as the tree. */
static void find(struct resolver *resolver, struct node *node,
                 struct text *path) {
    if (expression_is_in(node))
        add_reference(resolver, node, path);
    size_t length = path->length;
    for (size_t i = 0; node->kind != NODE_SCALAR && i < node->count; i++) {
        const struct member *member = &node->members[i];
        if (!length && member->key && strcmp(member->key, "sweep") == 0)
            continue;
        text_add(path, length ? "." : "");
        if (member->key)
            text_add(path, member->key);
        else
            text_print(path, "%zu", i);
        find(resolver, member->value, path);
        path->length = length;
    }
}

/* ----------------------------------------------------------------- ordering */

static int compare_nodes(const void *left, const void *right) {
    const struct reference *a = left, *b = right;
    uintptr_t x = (uintptr_t)a->node, y = (uintptr_t)b->node;
    return (x > y) - (x < y);
}

static int compare_edges(const void *left, const void *right) {
    const struct edge *a = left, *b = right;
    return (a->from > b->from) - (a->from < b->from);
}

/* The expression whose value a path has, or NULL. */
static struct reference *reference_at(const struct resolver *resolver,
                                      const char *path) {
    bool exists;
    struct node *node = node_at(resolver->root, path, &exists);
    struct node *type = node_member(node, "type");
    if (!exists || !resolver->count)
        return NULL;
    struct reference wanted = {.node = type ? type : node};
    return bsearch(&wanted, resolver->references, resolver->count,
                   sizeof wanted, compare_nodes);
}

static void find_edges(struct resolver *resolver) {
    for (size_t to = 0; to < resolver->count; to++) {
        struct reference *reference = &resolver->references[to];
        for (size_t i = 0; i < reference->expression.path_count; i++) {
            struct reference *on =
                reference_at(resolver, reference->expression.paths[i].path);
            if (!on || reference->is_settled)
                continue;
            memory_grow(&resolver->edges, resolver->edge_count,
                        &resolver->edge_capacity, sizeof *resolver->edges);
            resolver->edges[resolver->edge_count++] =
                (struct edge){(size_t)(on - resolver->references), to};
            reference->waiting++;
        }
    }
    if (resolver->edge_count)
        qsort(resolver->edges, resolver->edge_count, sizeof *resolver->edges,
              compare_edges);
}

/* --------------------------------------------------------------- evaluating */

static void set_value(struct resolver *resolver, struct reference *reference,
                      const struct expression_value *value) {
    struct node *node = reference->node;
    if (value->type == EXPRESSION_OTHER) {
        problems_add(resolver->problems, node->position,
                     "%s: the value is a list or map, where one value is "
                     "expected",
                     reference->path);
        return;
    }
    const struct node *made =
        expression_node(resolver->tree, value, node->position);
    node->text = made->text;
    node->quoted = made->quoted;
}

static void evaluate(struct resolver *resolver, struct reference *reference) {
    struct expression_value value;
    struct expression_error error = {.status = STATUS_INIT};
    reference->is_settled = true;
    resolver->expression = &reference->expression;
    if (expression_evaluate(&reference->expression, look_up, resolver, &value,
                            &error) == STATUS_OK)
        set_value(resolver, reference, &value);
    else
        complain(resolver, reference->path, reference->node, &error);
}

/* The first edge from a reference on, among the sorted. */
static size_t first_edge(const struct resolver *resolver, size_t from) {
    size_t low = 0, high = resolver->edge_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (resolver->edges[middle].from < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Evaluates what waits for nothing, then what waited for that, and so on. What
 * couldn't be evaluated leaves those behind it unsettled, and unmentioned. */
static void evaluate_all(struct resolver *resolver) {
    size_t *queue = memory_zeroed(resolver->count + 1, sizeof *queue);
    size_t begin = 0, end = 0;
    for (size_t i = 0; i < resolver->count; i++)
        if (!resolver->references[i].waiting)
            queue[end++] = i;
    while (begin < end) {
        size_t from = queue[begin++], before = resolver->problems->count;
        struct reference *reference = &resolver->references[from];
        bool good = !reference->is_settled;
        if (good)
            evaluate(resolver, reference);
        good &= resolver->problems->count == before;
        for (size_t i = first_edge(resolver, from);
             i < resolver->edge_count && resolver->edges[i].from == from; i++) {
            struct reference *to = &resolver->references[resolver->edges[i].to];
            to->is_settled |= !good;
            if (--to->waiting == 0)
                queue[end++] = resolver->edges[i].to;
        }
    }
    free(queue);
}

/* ------------------------------------------------------------------- cycles */

/* What a reference in or behind a cycle waits for. */
static struct reference *waits_for(const struct resolver *resolver,
                                   const struct reference *reference) {
    for (size_t i = 0; i < reference->expression.path_count; i++) {
        struct reference *on =
            reference_at(resolver, reference->expression.paths[i].path);
        if (on && on->waiting)
            return on;
    }
    return NULL;
}

/* Of the cycle that a reference is in, the one that stands first in the text.
 */
static struct reference *first_in_cycle(const struct resolver *resolver,
                                        struct reference *member) {
    struct reference *first = member, *at = member;
    while ((at = waits_for(resolver, at)) != member)
        if (at->order < first->order)
            first = at;
    return first;
}

static void complain_of_cycle(const struct resolver *resolver,
                              struct reference *member) {
    enum { SHOWN = 8 };
    struct text way = TEXT_INIT;
    struct reference *start = first_in_cycle(resolver, member), *at = start;
    size_t shown = 0;
    text_add(&way, start->path);
    do {
        at = waits_for(resolver, at);
        at->is_settled = true;
        if (++shown < SHOWN || at == start)
            text_print(&way, " -> %s", at->path);
        else if (shown == SHOWN)
            text_add(&way, " -> …");
    } while (at != start);
    problems_add(resolver->problems, start->node->position,
                 "%s: the value depends on itself: %s", start->path,
                 text_string(&way));
    text_release(&way);
}

/* Everything that still waits leads to a cycle: as many steps as there are
 * references end inside it. Each cycle is said once. */
static void find_cycles(struct resolver *resolver) {
    for (size_t i = 0; i < resolver->count; i++) {
        struct reference *at = &resolver->references[i];
        if (!at->waiting || at->is_settled)
            continue;
        for (size_t step = 0; step < resolver->count && !at->is_settled; step++)
            at = waits_for(resolver, at);
        if (!at->is_settled)
            complain_of_cycle(resolver, at);
        for (at = &resolver->references[i]; !at->is_settled;
             at = waits_for(resolver, at))
            at->is_settled = true;
    }
}

static void release(struct resolver *resolver) {
    for (size_t i = 0; i < resolver->count; i++) {
        expression_release(&resolver->references[i].expression);
        free(resolver->references[i].path);
    }
    free(resolver->references);
    free(resolver->edges);
}

void references_resolve(struct tree *tree, reference_default *defaults,
                        void *data, struct problems *problems) {
    struct resolver resolver = {
        .tree = tree,
        .root = tree->root,
        .defaults = defaults,
        .data = data,
        .problems = problems,
    };
    struct text path = TEXT_INIT;
    if (tree->root)
        find(&resolver, tree->root, &path);
    text_release(&path);
    if (resolver.count) {
        qsort(resolver.references, resolver.count, sizeof *resolver.references,
              compare_nodes);
        find_edges(&resolver);
        evaluate_all(&resolver);
        find_cycles(&resolver);
    }
    release(&resolver);
}

bool references_hold(struct node *root, const char *name,
                     const struct expression *condition,
                     const struct node *node, reference_default *defaults,
                     void *data, struct problems *problems) {
    struct resolver resolver = {
        .root = root,
        .defaults = defaults,
        .data = data,
        .problems = problems,
        .expression = condition,
    };
    struct expression_value value;
    struct expression_error error = {.status = STATUS_INIT, .place = {1, 1}};
    bool holds = false;
    if (expression_evaluate(condition, look_up, &resolver, &value, &error) !=
            STATUS_OK ||
        expression_is_true(&value, &holds, &error.status) != STATUS_OK)
        complain(&resolver, name, node, &error);
    return holds;
}
