#ifndef RUNNER_REPORT_GROUPING_H
#define RUNNER_REPORT_GROUPING_H

/* Runs with equal values, described together and ranked by their mean.
 *
 * Numbers of a group come from its finished runs with a number in the metric,
 * in the order of the plan; diverged, failed and missing runs are counted
 * beside. Groups without a number come last, ties in the order of the plan.
 * Every other group with a number is tested against the first (Welch's t,
 * two-sided); p is Holm's over all these comparisons, those that are not shown
 * included. A comparison with a group of fewer than two numbers can't be made
 * and does not count. */

#include "runner/report/run_table.h"
#include "runner/report/statistics.h"

enum group_mark {
    MARK_NONE, /* told from the best at STATISTICS_LEVEL, or no number */
    MARK_BEST,
    MARK_SAME,     /* not told from the best: p > STATISTICS_LEVEL */
    MARK_UNTESTED, /* it or the best has fewer than two numbers */
};

/* What is said of a group. */
struct run_group {
    uint32_t number; /* in table->groups */
    uint32_t outcomes[OUTCOMES];
    uint32_t unmeasured; /* finished, the metric null */
    struct sample_summary summary;
    /* The run with the best and the worst number, the first of equals; NULL
     * where there is none. */
    const struct run_row *best, *worst;
    double p; /* adjusted; NAN without a test */
    enum group_mark mark;
};

/* What is kept of it: groups can be as many as runs. */
struct group_place {
    uint32_t first, count; /* its runs: grouping->order[first …] */
    double mean;           /* of the numbers; NAN without any */
};

struct grouping {
    const struct run_table *table;
    struct group_place *places; /* [count], by number */
    uint32_t *ranked;           /* numbers, the best first */
    double *p; /* [count], by number; NULL: none was to be had */
    size_t count;
    uint32_t *order;           /* rows by group, in the order of the table */
    size_t outcomes[OUTCOMES]; /* sums over the groups */
    size_t unmeasured;
    size_t comparisons;   /* made with the best */
    bool has_untested;    /* a group with MARK_UNTESTED */
    bool has_no_variance; /* in a comparison neither group had any */
};

/* Groups the runs of a finished table, which must outlive the grouping. */
void grouping_init(struct grouping *grouping, const struct run_table *table);
void grouping_release(struct grouping *grouping);

/* The group of a rank, from 0. */
struct run_group grouping_describe(const struct grouping *grouping,
                                   size_t rank);

/* The JSON text of a group's value in a column. */
const char *group_value(const struct grouping *grouping,
                        const struct run_group *group, size_t column);

/* The number of a run in the metric that is compared; NAN if it has none or is
 * not finished. */
double grouping_value(const struct grouping *grouping,
                      const struct run_row *row);

#endif
