/* Axes into plan order and groups; how many combinations there are; draws. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/plan/space_parts.h"

/* An axis and what it is ordered by. */
struct placed {
    struct axis axis;
    bool is_inner; /* no seed in its group */
    size_t leader; /* the least order in its group */
};

static int compare_placed(const void *left, const void *right) {
    const struct placed *a = left, *b = right;
    if (a->is_inner != b->is_inner)
        return a->is_inner - b->is_inner;
    if (a->leader != b->leader)
        return a->leader < b->leader ? -1 : 1;
    return (a->axis.order > b->axis.order) - (a->axis.order < b->axis.order);
}

static bool same_group(const struct axis *a, const struct axis *b) {
    return a->order == b->order || (a->zip && a->zip == b->zip);
}

static void place_axis(const struct space *space, const struct axis *axis,
                       struct placed *placed) {
    *placed = (struct placed){*axis, !axis->is_seed, axis->order};
    for (size_t i = 0; axis->zip && i < space->axis_count; i++) {
        const struct axis *other = &space->axes[i];
        if (!same_group(axis, other))
            continue;
        placed->is_inner &= !other->is_seed;
        if (other->order < placed->leader)
            placed->leader = other->order;
    }
}

static void sort_axes(struct space *space) {
    struct placed *placed =
        memory_zeroed(space->axis_count + 1, sizeof *placed);
    for (size_t i = 0; i < space->axis_count; i++)
        place_axis(space, &space->axes[i], &placed[i]);
    qsort(placed, space->axis_count, sizeof *placed, compare_placed);
    for (size_t i = 0; i < space->axis_count; i++)
        space->axes[i] = placed[i].axis;
    free(placed);
}

static void form_groups(struct space *space) {
    space->groups = memory_zeroed(space->axis_count + 1, sizeof *space->groups);
    for (size_t i = 0; i < space->axis_count; i++) {
        const struct axis *axis = &space->axes[i];
        struct axis_group *group = &space->groups[space->group_count];
        if (i == 0 || !same_group(axis, axis - 1)) {
            *group = (struct axis_group){.first = i, .values = axis->count};
            space->group_count++;
        } else {
            group--;
        }
        group->count++;
        group->is_crossed |= space->method == SPACE_GRID || axis->is_seed;
    }
}

/* ----------------------------------------------------------------- counting */

/* False where the product is beyond 64 bits. */
static bool count_combinations(struct space *space) {
    uint64_t count = space->draws;
    for (size_t i = space->group_count; i-- > 0;) {
        struct axis_group *group = &space->groups[i];
        group->stride = count;
        if (group->is_crossed &&
            __builtin_mul_overflow(count, group->values, &count))
            return false;
    }
    space->count = count;
    return true;
}

/* " (seeds 100 x lr 3)", the first few. */
static void describe_factors(const struct space *space, struct text *out) {
    enum { SHOWN = 6 };
    size_t shown = 0;
    const char *separator = " (";
    for (size_t i = 0; i < space->group_count; i++) {
        const struct axis_group *group = &space->groups[i];
        if (!group->is_crossed || group->values == 1)
            continue;
        if (++shown > SHOWN)
            break;
        text_print(out, "%s%s: %llu", separator, space->axes[group->first].path,
                   (unsigned long long)group->values);
        separator = ", ";
    }
    if (space->draws > 1)
        text_print(out, "%smax_runs: %llu", shown ? ", " : " (",
                   (unsigned long long)space->draws);
    text_add(out, shown > SHOWN ? ", …)" : ")");
}

static void refuse_count(struct space_reader *reader, bool is_exact) {
    struct space *space = reader->space;
    struct text factors = TEXT_INIT;
    describe_factors(space, &factors);
    problems_add(reader->reader.problems, reader->position,
                 "%s%llu combinations%s; at most %d are planned",
                 is_exact ? "" : "more than ",
                 is_exact ? (unsigned long long)space->count
                          : (unsigned long long)UINT64_MAX,
                 text_string(&factors), SPACE_LIMIT);
    text_release(&factors);
    space->count = 0;
}

void space_arrange(struct space_reader *reader) {
    struct space *space = reader->space;
    space->draws = space->method == SPACE_RANDOM ? reader->max_runs : 1;
    sort_axes(space);
    form_groups(space);
    bool is_exact = count_combinations(space);
    if (!is_exact || space->count > SPACE_LIMIT)
        refuse_count(reader, is_exact);
}

/* -------------------------------------------------------------------- draws */

/* The index of the first cumulated probability above a number in [0, 1). */
static uint64_t search_right(const double *cumulated, uint64_t count,
                             double number) {
    uint64_t low = 0, high = count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (cumulated[middle] > number)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static union space_draw draw_group(const struct space *space,
                                   const struct axis_group *group,
                                   struct numpy_random *random) {
    const struct axis *axis = &space->axes[group->first];
    if (axis->kind == AXIS_DRAWN)
        return (union space_draw){
            .number = distribution_draw(&axis->distribution, random)};
    if (axis->cumulated)
        return (union space_draw){
            .index = search_right(axis->cumulated, axis->count,
                                  numpy_random_sample(random))};
    return (union space_draw){
        .index = numpy_random_interval(random, group->values - 1)};
}

static void number_columns(struct space *space) {
    for (size_t i = 0; i < space->group_count; i++)
        if (!space->groups[i].is_crossed)
            space->groups[i].column = space->columns++;
}

/* False, and a problem, if a drawn number is none that can be used. */
static bool check_draw(struct space_reader *reader,
                       const struct axis_group *group, union space_draw draw) {
    const struct axis *axis = &reader->space->axes[group->first];
    bool is_fine = axis->kind != AXIS_DRAWN || isfinite(draw.number);
    if (!is_fine)
        problems_add(reader->reader.problems, axis->value_position,
                     "%s: a draw beyond the range of numbers", axis->path);
    return is_fine;
}

static bool draw_all(struct space_reader *reader) {
    struct space *space = reader->space;
    struct numpy_random random;
    numpy_random_seed(&random, space->random_state);
    union space_draw *next = space->drawn;
    for (uint64_t draw = 0; draw < space->draws; draw++) {
        for (size_t i = 0; i < space->group_count; i++) {
            const struct axis_group *group = &space->groups[i];
            if (group->is_crossed)
                continue;
            *next = draw_group(space, group, &random);
            if (!check_draw(reader, group, *next++))
                return false;
        }
    }
    return true;
}

void space_draw(struct space_reader *reader) {
    struct space *space = reader->space;
    struct status status = STATUS_INIT;
    number_columns(space);
    if (space->method == SPACE_GRID || !space->columns)
        return;
    space->drawn = arena_zeroed(&space->arena, space->draws * space->columns,
                                sizeof *space->drawn);
    bool is_fine = space->drawn && draw_all(reader);
    if (arena_status(&space->arena, "the sweep's draws", &status) != STATUS_OK)
        problems_add_code(reader->reader.problems, status.code,
                          reader->position, "%s", status.message);
    if (!is_fine)
        space->count = 0;
}
