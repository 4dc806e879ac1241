/* The sweep of a config, and the axes typed after it. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "runner/config/axis_check.h"
#include "runner/config/tree_memory.h"
#include "runner/config/tree_path.h"
#include "runner/plan/space_parts.h"

/* W&B's keys that have no meaning here. */
static const struct field_refused SWEEP_REFUSED[] = {
    {"early_terminate", "train.early_stopping ends a run"},
    {"run_cap", "max_runs is the number of draws"},
    {"program", "the program is this one"},
    {"command", "the program is this one"},
    {"project", "the config's name is the experiment's"},
    {"entity", "there are no accounts"},
    {"name", "the config's name is the experiment's"},
    {"description", "it stands at the top of the config"},
    {NULL, NULL},
};

/* Keys that are the experiment's, not a run's. */
static const char *const UNSWEPT[] = {"name", "description", "extends",
                                      "output", "sweep"};

/* -------------------------------------------------------------------- paths */

const char *space_canonical_path(struct tree *tree, struct node *root,
                                 const char *path) {
    struct text canonical = TEXT_INIT;
    const struct node *node = root;
    while (path) {
        const char *segment = path;
        size_t length = path_segment(segment, &path);
        long step = node ? path_step(node, segment, length) : PATH_NOT_FOUND;
        if (canonical.length)
            text_add_char(&canonical, '.');
        if (step != PATH_NOT_FOUND && node->kind == NODE_LIST)
            text_print(&canonical, "%ld", step);
        else
            text_append(&canonical, segment, length);
        node = step == PATH_NOT_FOUND ? NULL : node->members[step].value;
    }
    const char *copy =
        tree_string(tree, text_string(&canonical), canonical.length);
    text_release(&canonical);
    return copy;
}

struct axis *space_find_axis(const struct space *space, const char *canonical) {
    for (size_t i = 0; i < space->axis_count; i++)
        if (strcmp(space->axes[i].canonical, canonical) == 0)
            return &space->axes[i];
    return NULL;
}

static bool check_path(struct space_reader *reader, const struct axis *axis) {
    const char *rest;
    size_t length = path_segment(axis->path, &rest);
    for (size_t i = 0; i < sizeof UNSWEPT / sizeof *UNSWEPT; i++) {
        if (strlen(UNSWEPT[i]) != length ||
            strncmp(UNSWEPT[i], axis->path, length) != 0)
            continue;
        problems_add(reader->reader.problems, axis->position,
                     "'%s' can't be swept: it is the experiment's, not a "
                     "run's",
                     axis->path);
        return false;
    }
    if (*axis->path && !strstr(axis->path, "..") && length > 0 &&
        axis->path[strlen(axis->path) - 1] != '.')
        return true;
    problems_add(reader->reader.problems, axis->position,
                 "'%s': a path is keys with single dots between", axis->path);
    return false;
}

static bool ends_in_seed(const char *path) {
    const char *dot = strrchr(path, '.');
    return strcmp(dot ? dot + 1 : path, "seed") == 0;
}

void space_add_axis(struct space_reader *reader, struct axis axis,
                    const struct place *place) {
    struct space *space = reader->space;
    if (!check_path(reader, &axis) ||
        (axis.is_seed && !axis_check_seeds(reader, place, &axis)))
        return;
    axis.canonical =
        space_canonical_path(reader->reader.tree, reader->root, axis.path);
    struct axis *before = space_find_axis(space, axis.canonical);
    bool is_typed = axis.position.source && axis.position.source->is_override;
    if (before && is_typed) {
        axis.order = before->order;
        *before = axis;
    } else if (before) {
        problems_add(reader->reader.problems, axis.position,
                     "'%s' and '%s' are the same", axis.path, before->path);
    } else {
        memory_grow(&space->axes, space->axis_count, &reader->capacity,
                    sizeof axis);
        axis.order = space->axis_count;
        space->axes[space->axis_count++] = axis;
    }
}

/* --------------------------------------------------------------- parameters */

static void read_parameter(struct space_reader *reader,
                           const struct place *parent,
                           const struct member *member) {
    struct place place = place_member(parent, member, member->key);
    struct axis axis = {
        .path = member->key,
        .position = member->key_position,
        .is_seed = ends_in_seed(member->key),
    };
    if (axis_read(reader, &place, member->value, &axis))
        space_add_axis(reader, axis, &place);
}

static void read_parameters(struct space_reader *reader,
                            const struct place *sweep) {
    const struct member *member = node_find(reader->sweep, "parameters");
    struct place place = place_member(sweep, member, "parameters");
    const struct node *map = member ? member->value : NULL;
    if (map && (map->kind != NODE_MAP || map->count == 0)) {
        reader_expected(&reader->reader, &place, map,
                        "a map from dotted paths to values");
        return;
    }
    for (size_t i = 0; map && i < map->count; i++)
        read_parameter(reader, &place, &map->members[i]);
}

static void read_arguments(struct space_reader *reader,
                           const char *const *arguments, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct axis axis = {0};
        bool good = axis_text_read(reader, arguments[i], &axis);
        if (!reader->position.source)
            reader->position = axis.position;
        struct place place = {.key = axis.path,
                              .position = axis.value_position};
        if (!good)
            continue;
        axis.is_seed = ends_in_seed(axis.path);
        space_add_axis(reader, axis, &place);
    }
}

/* -------------------------------------------------------------------- sweep */

static void check_max_runs(struct space_reader *reader,
                           const struct place *place,
                           const struct sweep_options *options) {
    const struct member *member = node_find(reader->sweep, "max_runs");
    bool is_random = options->method == SPACE_RANDOM;
    if (is_random && !member)
        reader_complain(&reader->reader, place, place->position,
                        "'max_runs' is required by method random: the number "
                        "of draws");
    else if (is_random && !options->max_runs.present)
        reader_expected(&reader->reader, place, member->value,
                        "the number of draws as max_runs");
    else if (!is_random && options->max_runs.present)
        reader_complain(&reader->reader, place, member->key_position,
                        "'max_runs' counts the draws of method random; a grid "
                        "has none");
}

static void read_options(struct space_reader *reader,
                         const struct place *place) {
    struct sweep_options options = {0};
    struct known_keys known = {.tables = {SWEEP_VALUES, SWEEP_SECTIONS},
                               .refused = SWEEP_REFUSED};
    size_t before = reader->reader.problems->count;
    read_check_keys(&reader->reader, place, &known, reader->sweep);
    read_fields(&reader->reader, place, &known, SWEEP_VALUES, &options,
                reader->sweep);
    if (reader->reader.problems->count == before)
        check_max_runs(reader, place, &options);
    reader->space->method = (enum space_method)options.method;
    reader->space->random_state = (uint32_t)options.random_state;
    reader->max_runs = (uint64_t)options.max_runs.value;
}

static void read_sweep(struct space_reader *reader, const struct member *member,
                       const char *const *arguments, size_t count) {
    const struct place root = {0};
    struct place place = place_member(&root, member, "sweep");
    if (reader->sweep)
        read_options(reader, &place);
    read_parameters(reader, &place);
    read_arguments(reader, arguments, count);
    if (reader->sweep && !node_find(reader->sweep, "parameters") && !count)
        reader_complain(&reader->reader, &place, place.position,
                        "'parameters' is required");
    space_read_zip(reader, &place);
    space_read_metric(reader, &place);
    space_read_where(reader, &place);
}

/* The map of `sweep`, or NULL; null is none. */
static const struct node *sweep_map(struct space_reader *reader,
                                    const struct member *member) {
    const struct node *node = member ? member->value : NULL;
    struct place root = {0}, place = place_member(&root, member, "sweep");
    if (!node || node->kind == NODE_MAP)
        return node;
    if (node->kind != NODE_SCALAR || node_scalar(node).type != SCALAR_NULL)
        reader_expected(&reader->reader, &place, node, "a map");
    return NULL;
}

void space_init(struct space *space, struct tree *tree,
                const char *const *arguments, size_t argument_count,
                struct problems *problems) {
    *space = (struct space){.count = 0};
    struct space_reader reader = {
        .reader = {tree, problems}, .space = space, .root = tree->root};
    size_t before = problems->count;
    struct member *found = node_find(tree->root, "sweep");
    /* Removal moves the members behind it. */
    struct member member = found ? *found : (struct member){0};
    reader.sweep = sweep_map(&reader, found ? &member : NULL);
    reader.position = member.key_position;
    read_sweep(&reader, found ? &member : NULL, arguments, argument_count);
    if (found)
        node_remove(tree->root, (size_t)(found - tree->root->members));
    if (problems->count == before)
        space_arrange(&reader);
    if (problems->count == before)
        space_draw(&reader);
    if (problems->count > before)
        space->count = 0;
}

/* True if the sweep has the path, whatever its layers are called. */
static bool is_swept(struct node *root, const char *path) {
    const struct node *parameters =
        node_member(node_member(root, "sweep"), "parameters");
    if (!parameters || parameters->kind != NODE_MAP)
        return false;
    struct tree scratch;
    tree_init(&scratch);
    const char *wanted = space_canonical_path(&scratch, root, path);
    bool found = false;
    for (size_t i = 0; i < parameters->count && !found; i++)
        found = strcmp(space_canonical_path(&scratch, root,
                                            parameters->members[i].key),
                       wanted) == 0;
    tree_release(&scratch);
    return found;
}

bool space_takes(struct node *root, const char *argument) {
    size_t at, length = strcspn(argument, "=");
    size_t said;
    if (!argument[length] || *argument == '+' || *argument == '~')
        return false;
    if (axis_find(argument + length + 1, &at, &said))
        return true;
    char *path = memory_string_of(argument, length);
    bool swept = root && is_swept(root, path);
    free(path);
    return swept;
}
