#include "runner/report/grouping.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

const char *group_value(const struct grouping *grouping,
                        const struct run_group *group, size_t column) {
    const struct run_table *table = grouping->table;
    uint32_t cell;
    memcpy(&cell,
           text_set_bytes(&table->groups, group->number) + column * sizeof cell,
           sizeof cell);
    return text_set_bytes(&table->values, cell);
}

double grouping_value(const struct grouping *grouping,
                      const struct run_row *row) {
    return row->outcome == OUTCOME_FINISHED
               ? row->value[grouping->table->candidate]
               : NAN;
}

/* ----------------------------------------------------------------- members */

/* Counting sort: groups as they first appear, rows of each in their order. */
static void sort_rows(struct grouping *grouping) {
    const struct run_table *table = grouping->table;
    uint32_t next = 0;
    for (size_t i = 0; i < table->count; i++)
        grouping->groups[table->rows[i].group].count++;
    for (size_t i = 0; i < grouping->count; i++) {
        struct run_group *group = &grouping->groups[i];
        group->number = (uint32_t)i;
        group->first = next;
        next += group->count;
        group->count = 0;
    }
    for (size_t i = 0; i < table->count; i++) {
        struct run_group *group = &grouping->groups[table->rows[i].group];
        grouping->order[group->first + group->count++] = (uint32_t)i;
    }
}

static bool is_better(const struct grouping *grouping, double a, double b) {
    return grouping->table->maximize ? a > b : a < b;
}

static void note_extremes(const struct grouping *grouping,
                          struct run_group *group, const struct run_row *row) {
    double value = grouping_value(grouping, row);
    if (!group->best ||
        is_better(grouping, value, grouping_value(grouping, group->best)))
        group->best = row;
    if (!group->worst ||
        is_better(grouping, grouping_value(grouping, group->worst), value))
        group->worst = row;
}

static void describe(const struct grouping *grouping, struct run_group *group,
                     double *values) {
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct run_row *row =
            &grouping->table->rows[grouping->order[group->first + i]];
        double value = grouping_value(grouping, row);
        group->outcomes[row->outcome]++;
        group->unmeasured += row->outcome == OUTCOME_FINISHED && isnan(value);
        if (isnan(value))
            continue;
        values[count++] = value;
        note_extremes(grouping, group, row);
    }
    group->summary = sample_summarize(values, count);
}

/* ----------------------------------------------------------------- ranking */

/* A group's place before all groups are in it: qsort() takes no context. */
struct place {
    double key; /* the smaller the better; infinite: no number */
    size_t index;
};

static int compare_places(const void *left, const void *right) {
    const struct place *a = left, *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static double key_of(const struct grouping *grouping,
                     const struct run_group *group) {
    double mean = group->summary.mean;
    if (isnan(mean))
        return INFINITY;
    return grouping->table->maximize ? -mean : mean;
}

/* Puts the groups of one cycle into their places, which then say so. */
static void move_cycle(struct run_group *groups, struct place *places,
                       size_t start) {
    struct run_group first = groups[start];
    size_t at = start;
    while (places[at].index != start) {
        size_t from = places[at].index;
        groups[at] = groups[from];
        places[at].index = at;
        at = from;
    }
    groups[at] = first;
    places[at].index = at;
}

static void rank(struct grouping *grouping) {
    size_t count = grouping->count;
    struct place *places = memory_zeroed(count, sizeof *places);
    for (size_t i = 0; i < count; i++)
        places[i] = (struct place){key_of(grouping, &grouping->groups[i]), i};
    qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; i < count; i++)
        move_cycle(grouping->groups, places, i);
    free(places);
}

/* ------------------------------------------------------------------- tests */

/* Compares with the best; the p that can be had are gathered in `p`, those of
 * groups[tested[i]]. */
static void compare_with_best(struct grouping *grouping, double *p,
                              size_t *tested) {
    const struct sample_summary *best = &grouping->groups[0].summary;
    for (size_t i = 1; i < grouping->count; i++) {
        struct run_group *group = &grouping->groups[i];
        if (group->summary.count == 0)
            continue;
        double found = welch(best, &group->summary).p;
        if (isnan(found)) {
            group->mark = MARK_UNTESTED;
            continue;
        }
        grouping->has_no_variance |= best->sd == 0 && group->summary.sd == 0;
        p[grouping->comparisons] = found;
        tested[grouping->comparisons++] = i;
    }
}

static void mark(struct grouping *grouping) {
    double *p = memory_zeroed(grouping->count, sizeof *p);
    size_t *tested = memory_zeroed(grouping->count, sizeof *tested);
    for (size_t i = 0; i < grouping->count; i++)
        grouping->groups[i].p = NAN;
    if (grouping->groups[0].summary.count > 0) {
        grouping->groups[0].mark = MARK_BEST;
        compare_with_best(grouping, p, tested);
    }
    holm_adjust(p, grouping->comparisons);
    for (size_t i = 0; i < grouping->comparisons; i++) {
        struct run_group *group = &grouping->groups[tested[i]];
        group->p = p[i];
        group->mark = p[i] > STATISTICS_LEVEL ? MARK_SAME : MARK_NONE;
    }
    free(p);
    free(tested);
}

void grouping_init(struct grouping *grouping, const struct run_table *table) {
    size_t count = table->groups.count;
    *grouping = (struct grouping){.table = table, .count = count};
    grouping->groups = memory_zeroed(count, sizeof *grouping->groups);
    grouping->order = memory_zeroed(table->count, sizeof *grouping->order);
    double *values = memory_zeroed(table->count, sizeof *values);
    sort_rows(grouping);
    for (size_t i = 0; i < count; i++)
        describe(grouping, &grouping->groups[i], values);
    free(values);
    rank(grouping);
    mark(grouping);
}

void grouping_release(struct grouping *grouping) {
    free(grouping->groups);
    free(grouping->order);
    *grouping = (struct grouping){0};
}
