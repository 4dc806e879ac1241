/* Of a sweep what is said about its axes: zip, metric, where. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "runner/plan/space_parts.h"

/* ---------------------------------------------------------------------- zip */

static const char *nearest_path(const struct space *space, const char *path) {
    const char **paths = memory_zeroed(space->axis_count + 1, sizeof *paths);
    for (size_t i = 0; i < space->axis_count; i++)
        paths[i] = space->axes[i].path;
    const char *nearest = names_nearest(path, paths);
    free(paths);
    return nearest;
}

static bool zip_axis(struct space_reader *reader, const struct place *place,
                     const struct node *node, size_t group) {
    struct space *space = reader->space;
    const char *path =
        read_string(&reader->reader, place, node, "a swept path");
    if (!path)
        return false;
    struct axis *axis = space_find_axis(
        space, space_canonical_path(reader->reader.tree, reader->root, path));
    if (!axis) {
        const char *nearest = nearest_path(space, path);
        reader_complain(&reader->reader, place, node->position,
                        "'%s' is not swept%s%s%s", path,
                        nearest ? "; did you mean '" : "",
                        nearest ? nearest : "", nearest ? "'?" : "");
        return false;
    }
    const char *wrong =
        axis->zip == group ? "it is in this list twice"
        : axis->zip        ? "it is in another list already"
        : axis->kind == AXIS_DRAWN
            ? "it has no values to advance through, but a distribution"
        : axis->cumulated ? "its values have probabilities"
                          : NULL;
    if (wrong)
        reader_complain(&reader->reader, place, node->position,
                        "'%s' can't be zipped: %s", path, wrong);
    else
        axis->zip = group;
    return !wrong;
}

static void check_lengths(struct space_reader *reader,
                          const struct place *place, const struct node *list,
                          size_t group) {
    const struct axis *first = NULL;
    for (size_t i = 0; i < reader->space->axis_count; i++) {
        const struct axis *axis = &reader->space->axes[i];
        if (axis->zip != group)
            continue;
        first = first ? first : axis;
        if (axis->count == first->count)
            continue;
        reader_complain(&reader->reader, place, list->position,
                        "parameters that advance together have equally many "
                        "values: '%s' has %llu, '%s' has %llu",
                        first->path, (unsigned long long)first->count,
                        axis->path, (unsigned long long)axis->count);
        return;
    }
}

static void zip_list(struct space_reader *reader, const struct place *place,
                     const struct node *list, size_t group) {
    if (list->kind != NODE_LIST || list->count < 2) {
        reader_expected(&reader->reader, place, list,
                        "a list of at least two paths; zip is a list of such "
                        "lists");
        return;
    }
    bool good = true;
    for (size_t i = 0; i < list->count; i++) {
        const struct node *item = list->members[i].value;
        struct place at = place_item(place, i, item);
        good &= zip_axis(reader, &at, item, group);
    }
    if (good)
        check_lengths(reader, place, list, group);
}

void space_read_zip(struct space_reader *reader, const struct place *sweep) {
    const struct member *member = node_find(reader->sweep, "zip");
    if (!member)
        return;
    struct place place = place_member(sweep, member, "zip");
    const struct node *lists = member->value;
    if (lists->kind != NODE_LIST) {
        reader_expected(&reader->reader, &place, lists,
                        "a list of lists of paths");
        return;
    }
    for (size_t i = 0; i < lists->count; i++) {
        const struct node *list = lists->members[i].value;
        struct place at = place_item(&place, i, list);
        zip_list(reader, &at, list, i + 1);
    }
}

/* ------------------------------------------------------------ metric, where */

static const struct field METRIC_SECTIONS[] = {
    {.key = "name", .type = FIELD_SECTION},
    {.key = NULL},
};

/* W&B's default goal is minimize. Of a metric of which more is better it would
 * name the worst run the best. */
static void check_goal(struct space_reader *reader, const struct place *place,
                       const struct node *map) {
    const struct space *space = reader->space;
    if (!node_find(map, "goal") && space->metric.metric->higher_is_better)
        reader_complain(&reader->reader, place, map->position,
                        "'goal' is required where more is better: maximize, or "
                        "minimize");
}

void space_read_metric(struct space_reader *reader, const struct place *sweep) {
    const struct member *member = node_find(reader->sweep, "metric");
    if (!member)
        return;
    struct place place = place_member(sweep, member, "metric");
    const struct node *map = member->value;
    if (map->kind != NODE_MAP) {
        reader_expected(&reader->reader, &place, map,
                        "{name: PART.METRIC, goal: minimize or maximize}");
        return;
    }
    struct space *space = reader->space;
    struct sweep_metric_options options = {0};
    struct known_keys known = {
        .tables = {SWEEP_METRIC_VALUES, METRIC_SECTIONS}};
    read_check_keys(&reader->reader, &place, &known, map);
    read_fields(&reader->reader, &place, &known, SWEEP_METRIC_VALUES, &options,
                map);
    const struct member *name = node_find(map, "name");
    struct place at = place_member(&place, name, "name");
    if (!name)
        reader_complain(&reader->reader, &place, map->position,
                        "'name' is required");
    else if (read_part_metric(&reader->reader, &at, name->value,
                              &space->metric))
        check_goal(reader, &place, map);
    space->has_metric = true;
    space->is_maximized = options.goal == SWEEP_MAXIMIZE;
}

void space_read_where(struct space_reader *reader, const struct place *sweep) {
    const struct member *member = node_find(reader->sweep, "where");
    if (!member)
        return;
    struct place place = place_member(sweep, member, "where");
    const struct node *node = member->value;
    struct expression_error error;
    if (node->kind != NODE_SCALAR || !*node->text) {
        reader_expected(&reader->reader, &place, node,
                        "a condition, as in 'train.batch_size < 100'");
        return;
    }
    if (expression_init(&reader->space->where, node->text, EXPRESSION_WORDS,
                        &error) == STATUS_OK)
        reader->space->where_node = node;
    else
        reader_complain(&reader->reader, &place,
                        expression_position(node, error.place),
                        "%s (column "
                        "%zu of the condition)",
                        error.status.message, error.place.column);
}
