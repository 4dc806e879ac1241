/* One of sweep.parameters: what its values are. */

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/base/names.h"
#include "runner/config/tree_memory.h"
#include "runner/plan/space_parts.h"

static const double SEED_LIMIT = 4294967295.0;

/* Whole numbers up to here are exact in binary64. */
static const double WHOLE_LIMIT = 9007199254740991.0;

/* Written without a point: 5 and 1e4, not 5.0. */
static bool is_whole(const struct node *node) {
    if (!node || node->kind != NODE_SCALAR)
        return false;
    struct scalar scalar = node_scalar(node);
    return (scalar.type == SCALAR_INTEGER || scalar.type == SCALAR_NUMBER) &&
           !scalar.has_point && scalar.number == floor(scalar.number) &&
           fabs(scalar.number) <= WHOLE_LIMIT;
}

/* ------------------------------------------------------------------- values */

static void set_nodes(struct space_reader *reader, struct axis *axis,
                      size_t count) {
    axis->kind = AXIS_NODES;
    axis->count = count;
    axis->nodes =
        tree_allocate(reader->reader.tree, (count + 1) * sizeof *axis->nodes);
}

static bool read_list(struct space_reader *reader, const struct place *place,
                      const struct node *list, struct axis *axis) {
    if (list->kind != NODE_LIST || list->count == 0) {
        reader_expected(&reader->reader, place, list,
                        "a list of at least one value");
        return false;
    }
    set_nodes(reader, axis, list->count);
    const struct node **nodes = (const struct node **)axis->nodes;
    for (size_t i = 0; i < list->count; i++)
        nodes[i] = list->members[i].value;
    return true;
}

/* As numpy's choice() has them: sums from the left, divided by the last. */
static bool set_probabilities(struct space_reader *reader,
                              const struct place *place,
                              const struct node *node,
                              const struct field_numbers *probabilities,
                              struct axis *axis) {
    size_t count = probabilities->count;
    double sum = 0;
    double *cumulated =
        tree_allocate(reader->reader.tree, (count + 1) * sizeof *cumulated);
    if (count != axis->count) {
        reader_complain(&reader->reader, place, node->position,
                        "%zu probabilities for %llu values", count,
                        (unsigned long long)axis->count);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        cumulated[i] = sum += probabilities->values[i];
    if (fabs(sum - 1) > 1e-8) {
        reader_complain(&reader->reader, place, node->position,
                        "probabilities add up to 1, found a sum of %.10g", sum);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        cumulated[i] /= sum;
    axis->cumulated = cumulated;
    return true;
}

static bool read_probabilities(struct space_reader *reader,
                               const struct place *place,
                               const struct node *map, struct axis *axis) {
    static const struct field FIELD = {
        .key = "probabilities",
        .type = FIELD_NUMBERS,
        .flags = FIELD_NOT_NEGATIVE,
        .least = 1,
    };
    const struct member *member = node_find(map, FIELD.key);
    if (!member)
        return true;
    struct place at = place_member(place, member, FIELD.key);
    struct field_numbers numbers;
    return read_value(&reader->reader, &at, &FIELD, &numbers, member->value) &&
           set_probabilities(reader, &at, member->value, &numbers, axis);
}

static bool read_values(struct space_reader *reader, const struct place *place,
                        const struct node *map, struct axis *axis) {
    const struct member *one = node_find(map, "value");
    const struct member *member = one ? one : node_find(map, "values");
    if (!member) {
        reader_complain(&reader->reader, place, map->position,
                        "'values' is required");
        return false;
    }
    struct place at = place_member(place, member, member->key);
    if (!one)
        return read_list(reader, &at, member->value, axis) &&
               read_probabilities(reader, place, map, axis);
    set_nodes(reader, axis, 1);
    *(const struct node **)axis->nodes = member->value;
    return true;
}

/* ------------------------------------------------------------------ numbers */

/* Refuses ranges that are none, in the words of their keys. */
static bool check_range(struct space_reader *reader, const struct place *place,
                        const struct node *map,
                        const struct distribution *distribution) {
    if (distribution->kind->shape != SHAPE_UNIFORM)
        return true;
    double width = distribution->maximum - distribution->minimum;
    const struct node *node = node_member(map, "max");
    if (width >= 0 && isfinite(width))
        return true;
    reader_complain(&reader->reader, place, node->position,
                    width < 0 ? "max must not be below min (%s), found %s"
                              : "from min (%s) to max (%s) is beyond the "
                                "range of numbers",
                    node_member(map, "min")->text, node->text);
    return false;
}

static bool set_integers(struct axis *axis,
                         const struct distribution *distribution) {
    axis->kind = AXIS_INTEGERS;
    axis->first = distribution->low;
    axis->step = 1;
    axis->count = (uint64_t)(distribution->high - distribution->low) + 1;
    return true;
}

static bool complain_of_num(struct space_reader *reader,
                            const struct place *place, const struct node *map,
                            const char *message) {
    struct member *num = node_find(map, "num");
    reader_complain(&reader->reader, place,
                    num ? num->value->position : map->position, "%s", message);
    return false;
}

/* `num` points of a range, for a grid. */
static bool set_points(struct space_reader *reader, const struct place *place,
                       const struct node *map,
                       const struct distribution *distribution,
                       struct axis *axis) {
    if (distribution->num.value > SPACE_LIMIT)
        return complain_of_num(reader, place, map,
                               "num is at most 10000000 points");
    if (distribution->kind->is_integer &&
        distribution->num.value - 1 > distribution->high - distribution->low)
        return complain_of_num(reader, place, map,
                               "num is more than there are whole numbers from "
                               "min to max");
    size_t count = (size_t)distribution->num.value;
    double *numbers =
        arena_zeroed(&reader->space->arena, count, sizeof *numbers);
    struct status status = STATUS_INIT;
    if (arena_status(&reader->space->arena, "an axis", &status) != STATUS_OK) {
        problems_add_code(reader->reader.problems, status.code, map->position,
                          "%s", status.message);
        return false;
    }
    distribution_points(distribution, count, numbers);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return complain_of_num(reader, place, map,
                                   "a point beyond the range of numbers");
    axis->kind = AXIS_NUMBERS;
    axis->numbers = numbers;
    axis->count = count;
    return true;
}

static bool set_numbers(struct space_reader *reader, const struct place *place,
                        const struct node *map,
                        const struct distribution *distribution,
                        struct axis *axis) {
    const struct distribution_kind *kind = distribution->kind;
    bool is_grid = reader->space->method == SPACE_GRID;
    const struct node *q = node_member(map, "q");
    /* Multiples of a whole q are whole, 1 being its default. */
    axis->is_whole = kind->is_integer || (kind->has_q && (!q || is_whole(q)));
    bool has_points = is_grid && distribution->num.present;
    if (kind->is_integer && !has_points)
        return set_integers(axis, distribution);
    if (has_points)
        return set_points(reader, place, map, distribution, axis);
    axis->kind = AXIS_DRAWN;
    axis->distribution = *distribution;
    if (!is_grid && !axis->is_seed)
        return true;
    reader_complain(
        &reader->reader, place, map->position,
        axis->is_seed ? "seeds are whole numbers: a list, or min and max"
        : kind->shape == SHAPE_NORMAL
            ? "a grid has no points of '%s'; a list, or method random"
            : "a grid needs 'num', the number of points from min to max",
        kind->kind.name);
    return false;
}

static bool read_numbers(struct space_reader *reader, const struct place *place,
                         struct known_keys *known, const struct node *map,
                         const struct distribution_kind *kind,
                         struct axis *axis) {
    struct distribution distribution = {.kind = kind};
    size_t before = reader->reader.problems->count;
    read_check_keys(&reader->reader, place, known, map);
    read_fields(&reader->reader, place, known, kind->kind.fields, &distribution,
                map);
    if (reader->reader.problems->count > before)
        return false;
    if (kind->is_integer) {
        distribution.minimum = (double)distribution.low;
        distribution.maximum = (double)distribution.high;
    }
    return check_range(reader, place, map, &distribution) &&
           set_numbers(reader, place, map, &distribution, axis);
}

/* ------------------------------------------------------------ distributions */

static void refuse_distribution(struct space_reader *reader,
                                const struct place *place,
                                const struct node *node) {
    const struct kind *const *kinds = DISTRIBUTION_FAMILY.kinds;
    const char *refusal = distribution_refusal(node->text);
    const char *names[32];
    size_t count = 0;
    struct text all = TEXT_INIT;
    for (; kinds[count]; count++) {
        assert(count + 1 < sizeof names / sizeof *names);
        names[count] = kinds[count]->name;
        text_print(&all, "%s%s", count ? ", " : "", names[count]);
    }
    names[count] = NULL;
    const char *nearest = names_nearest(node->text, names);
    if (refusal)
        reader_complain(&reader->reader, place, node->position,
                        "'%s' is not taken: %s", node->text, refusal);
    else if (nearest)
        reader_complain(&reader->reader, place, node->position,
                        "unknown distribution '%s'; did you mean '%s'?",
                        node->text, nearest);
    else
        reader_complain(&reader->reader, place, node->position,
                        "unknown distribution '%s'; there are %s", node->text,
                        text_string(&all));
    text_release(&all);
}

/* What is meant without the key `distribution`, or NULL. */
static const char *infer(const struct node *map) {
    const struct node *low = node_member(map, "min");
    const struct node *high = node_member(map, "max");
    if (node_find(map, "values"))
        return "categorical";
    if (node_find(map, "value"))
        return "constant";
    if (low && high)
        return is_whole(low) && is_whole(high) ? "int_uniform" : "uniform";
    return low || high ? "uniform" : NULL;
}

static const struct distribution_kind *find_kind(struct space_reader *reader,
                                                 const struct place *place,
                                                 const struct node *map) {
    const struct member *member = node_find(map, "distribution");
    if (!member) {
        const char *name = infer(map);
        const char *key =
            map->count == 1 ? map->members[0].key : "nothing of these";
        if (name)
            return distribution_find(name);
        reader_complain(&reader->reader, place, map->position,
                        "expected values, value, min and max, or "
                        "distribution, found %s",
                        map->count ? key : "an empty map");
        return NULL;
    }
    struct place at = place_member(place, member, member->key);
    const char *name = read_string(&reader->reader, &at, member->value,
                                   "a distribution's name");
    const struct distribution_kind *kind =
        name ? distribution_find(name) : NULL;
    if (name && !kind)
        refuse_distribution(reader, &at, member->value);
    return kind;
}

static bool read_map(struct space_reader *reader, const struct place *place,
                     const struct node *map, struct axis *axis) {
    static const struct field COMMON[] = {
        {.key = "distribution", .type = FIELD_SECTION},
        {.key = NULL},
    };
    const struct distribution_kind *kind = find_kind(reader, place, map);
    if (!kind)
        return false;
    size_t before = reader->reader.problems->count;
    struct known_keys known = {.tables = {kind->kind.fields, COMMON}};
    if (kind->shape != SHAPE_VALUES)
        return read_numbers(reader, place, &known, map, kind, axis);
    read_check_keys(&reader->reader, place, &known, map);
    bool good = read_values(reader, place, map, axis);
    return good && reader->reader.problems->count == before;
}

bool axis_read(struct space_reader *reader, const struct place *place,
               const struct node *node, struct axis *axis) {
    axis->value_position = node->position;
    if (node->kind == NODE_MAP)
        return read_map(reader, place, node, axis);
    if (node->kind == NODE_LIST)
        return read_list(reader, place, node, axis);
    reader_expected(&reader->reader, place, node,
                    "a list of values, {value: …} or {min: …, max: …}");
    return false;
}

/* -------------------------------------------------------------------- seeds */

static bool is_seed(const struct node *node) {
    if (expression_is_in(node))
        return true;
    return is_whole(node) && node_scalar(node).number >= 0 &&
           node_scalar(node).number <= SEED_LIMIT;
}

bool axis_check_seeds(struct space_reader *reader, const struct place *place,
                      const struct axis *axis) {
    static const char EXPECTED[] = "a whole number from 0 to 4294967295";
    bool good = true;
    for (uint64_t i = 0; axis->kind == AXIS_NODES && i < axis->count; i++) {
        if (is_seed(axis->nodes[i]))
            continue;
        reader_expected(&reader->reader, place, axis->nodes[i], EXPECTED);
        good = false;
    }
    double first = (double)axis->first, count = (double)axis->count;
    double last = first + (double)axis->step * (count - 1);
    bool is_outside = axis->kind == AXIS_INTEGERS &&
                      (fmin(first, last) < 0 || fmax(first, last) > SEED_LIMIT);
    /* Points of a range: whole or not, they are sorted. */
    if (axis->kind == AXIS_NUMBERS)
        is_outside = !axis->is_whole || axis->numbers[0] < 0 ||
                     axis->numbers[0] > SEED_LIMIT ||
                     axis->numbers[axis->count - 1] < 0 ||
                     axis->numbers[axis->count - 1] > SEED_LIMIT;
    if (is_outside)
        reader_complain(&reader->reader, place, axis->value_position,
                        "every seed is %s", EXPECTED);
    return good && !is_outside;
}
