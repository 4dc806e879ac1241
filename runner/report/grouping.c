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
        grouping->places[table->rows[i].group].count++;
    for (size_t i = 0; i < grouping->count; i++) {
        struct group_place *place = &grouping->places[i];
        place->first = next;
        next += place->count;
        place->count = 0;
    }
    for (size_t i = 0; i < table->count; i++) {
        struct group_place *place = &grouping->places[table->rows[i].group];
        grouping->order[place->first + place->count++] = (uint32_t)i;
    }
}

static const struct run_row *row_of(const struct grouping *grouping,
                                    const struct group_place *place,
                                    size_t index) {
    return &grouping->table->rows[grouping->order[place->first + index]];
}

/* The numbers of a group, for the caller to free. */
static double *values_of(const struct grouping *grouping,
                         const struct group_place *place, size_t *count) {
    double *values = memory_zeroed(place->count, sizeof *values);
    *count = 0;
    for (size_t i = 0; i < place->count; i++) {
        double value = grouping_value(grouping, row_of(grouping, place, i));
        if (!isnan(value))
            values[(*count)++] = value;
    }
    return values;
}

static struct sample_summary moments_of(const struct grouping *grouping,
                                        const struct group_place *place) {
    size_t count;
    double *values = values_of(grouping, place, &count);
    struct sample_summary summary = sample_moments(values, count);
    free(values);
    return summary;
}

/* ----------------------------------------------------------------- ranking */

static double key_of(const struct grouping *grouping, uint32_t number) {
    double mean = grouping->places[number].mean;
    if (isnan(mean))
        return INFINITY;
    return grouping->table->maximize ? -mean : mean;
}

static int compare_groups(const void *left, const void *right, void *context) {
    const struct grouping *grouping = context;
    const uint32_t *a = left, *b = right;
    double key_a = key_of(grouping, *a), key_b = key_of(grouping, *b);
    if (key_a != key_b)
        return key_a < key_b ? -1 : 1;
    return *a < *b ? -1 : *a > *b;
}

static void rank(struct grouping *grouping) {
    for (size_t i = 0; i < grouping->count; i++) {
        struct group_place *place = &grouping->places[i];
        place->mean = moments_of(grouping, place).mean;
        grouping->ranked[i] = (uint32_t)i;
    }
    qsort_r(grouping->ranked, grouping->count, sizeof *grouping->ranked,
            compare_groups, grouping);
}

/* ------------------------------------------------------------------- tests */

static struct group_place *place_of(const struct grouping *grouping,
                                    size_t rank) {
    return &grouping->places[grouping->ranked[rank]];
}

static double p_of(const struct grouping *grouping, size_t rank) {
    return grouping->p ? grouping->p[grouping->ranked[rank]] : NAN;
}

/* The group's p against the best, as it is before Holm. */
static double compare_with(struct grouping *grouping,
                           const struct sample_summary *best, size_t rank) {
    const struct sample_summary own =
        moments_of(grouping, place_of(grouping, rank));
    double p = welch(best, &own).p;
    if (isnan(p)) {
        grouping->has_untested |= own.count > 0;
        return NAN;
    }
    grouping->has_no_variance |= best->sd == 0 && own.sd == 0;
    grouping->comparisons++;
    return p;
}

static void compare_with_best(struct grouping *grouping) {
    const struct sample_summary best =
        moments_of(grouping, place_of(grouping, 0));
    if (best.count >= 2)
        grouping->p = memory_zeroed(grouping->count, sizeof *grouping->p);
    for (size_t i = 0; i < grouping->count; i++) {
        double p = i ? compare_with(grouping, &best, i) : NAN;
        if (grouping->p)
            grouping->p[grouping->ranked[i]] = p;
    }
}

static void adjust(struct grouping *grouping) {
    double *p = memory_zeroed(grouping->comparisons + 1, sizeof *p);
    size_t count = 0;
    for (size_t i = 0; grouping->comparisons && i < grouping->count; i++)
        if (!isnan(grouping->p[i]))
            p[count++] = grouping->p[i];
    holm_adjust(p, count);
    count = 0;
    for (size_t i = 0; grouping->comparisons && i < grouping->count; i++)
        if (!isnan(grouping->p[i]))
            grouping->p[i] = p[count++];
    free(p);
}

static void count_outcomes(struct grouping *grouping) {
    const struct run_table *table = grouping->table;
    for (size_t i = 0; i < table->count; i++) {
        const struct run_row *row = &table->rows[i];
        grouping->outcomes[row->outcome]++;
        grouping->unmeasured += row->outcome == OUTCOME_FINISHED &&
                                isnan(grouping_value(grouping, row));
    }
}

void grouping_init(struct grouping *grouping, const struct run_table *table) {
    size_t count = table->groups.count;
    *grouping = (struct grouping){.table = table, .count = count};
    grouping->places = memory_zeroed(count, sizeof *grouping->places);
    grouping->ranked = memory_zeroed(count, sizeof *grouping->ranked);
    grouping->order = memory_zeroed(table->count, sizeof *grouping->order);
    count_outcomes(grouping);
    sort_rows(grouping);
    rank(grouping);
    compare_with_best(grouping);
    adjust(grouping);
}

void grouping_release(struct grouping *grouping) {
    free(grouping->places);
    free(grouping->ranked);
    free(grouping->order);
    free(grouping->p);
    *grouping = (struct grouping){0};
}

/* ------------------------------------------------------------- descriptions */

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

static void count_rows(const struct grouping *grouping,
                       const struct group_place *place,
                       struct run_group *group) {
    for (size_t i = 0; i < place->count; i++) {
        const struct run_row *row = row_of(grouping, place, i);
        group->outcomes[row->outcome]++;
        if (!isnan(grouping_value(grouping, row)))
            note_extremes(grouping, group, row);
        else
            group->unmeasured += row->outcome == OUTCOME_FINISHED;
    }
}

static enum group_mark mark_of(const struct run_group *group, size_t rank) {
    if (group->summary.count == 0)
        return MARK_NONE;
    if (rank == 0)
        return MARK_BEST;
    if (isnan(group->p))
        return MARK_UNTESTED;
    return group->p > STATISTICS_LEVEL ? MARK_SAME : MARK_NONE;
}

struct run_group grouping_describe(const struct grouping *grouping,
                                   size_t rank) {
    const struct group_place *place = place_of(grouping, rank);
    struct run_group group = {.number = grouping->ranked[rank],
                              .p = p_of(grouping, rank)};
    size_t count;
    double *values = values_of(grouping, place, &count);
    group.summary = sample_summarize(values, count);
    free(values);
    group.mark = mark_of(&group, rank);
    count_rows(grouping, place, &group);
    return group;
}
