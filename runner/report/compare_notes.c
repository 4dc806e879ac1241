#include <string.h>

#include "runner/report/compare_parts.h"

size_t report_shown(const struct grouping *grouping, size_t top) {
    return top > 0 && top < grouping->count ? top : grouping->count;
}

enum status_code report_flush(const struct report_sink *sink,
                              struct status *status) {
    return sink->flush ? sink->flush(sink->context, status) : STATUS_OK;
}

const char *report_mark(const struct run_group *group) {
    static const char *const NAMES[] = {[MARK_NONE] = "different",
                                        [MARK_BEST] = "best",
                                        [MARK_SAME] = "same",
                                        [MARK_UNTESTED] = "untested"};
    return group->summary.count > 0 ? NAMES[group->mark] : NULL;
}

static const char *plural(size_t count) {
    return count == 1 ? "" : "s";
}

void report_title(const struct grouping *grouping, struct text *out) {
    const struct run_table *table = grouping->table;
    text_print(out, "%s, %s is better: %zu run%s in %zu group%s", table->metric,
               table->maximize ? "larger" : "smaller", table->count,
               plural(table->count), grouping->count, plural(grouping->count));
}

static void add_tests(const struct grouping *grouping, const char *bullet,
                      struct text *out) {
    size_t count = grouping->comparisons;
    if (count > 0)
        text_print(out,
                   "%smarks: * best mean; = can't be told from it at level %g, "
                   "by p: Welch's t,\n  two-sided, Holm's correction for %zu "
                   "comparison%s with the best\n",
                   bullet, STATISTICS_LEVEL, count, plural(count));
    else if (grouping->outcomes[OUTCOME_FINISHED] > grouping->unmeasured)
        text_print(out, "%smark * best mean\n", bullet);
    if (grouping->has_untested)
        text_print(out, "%smark ? not tested: n < 2, here or in the best\n",
                   bullet);
    if (grouping->has_no_variance)
        text_print(out,
                   "%swithout variance in both, p is 1 for equal means and 0 "
                   "for others\n",
                   bullet);
}

static void add_choice(const struct grouping *grouping, const char *bullet,
                       struct text *out) {
    const struct run_table *table = grouping->table;
    static const char TEST_PART[] = "test.";
    if (strncmp(table->metric, TEST_PART, strlen(TEST_PART)) != 0)
        return;
    text_print(out, "%schoosing on the test part flatters what is chosen%s\n",
               bullet,
               table->is_default ? "; no sweep.metric is set,\n  and not every "
                                   "run has a validation part "
                                   "(data.split.validation_size)"
                                 : "");
}

void report_notes(const struct grouping *grouping, size_t shown,
                  const char *bullet, struct text *out) {
    text_print(out,
               "%sn: finished runs with a number; diverged, failed and missing "
               "ones enter no\n  number, are never best, and rank last\n",
               bullet);
    text_print(out,
               "%s95 %% interval: of the mean, by Student's t; - where n "
               "< 2\n",
               bullet);
    add_tests(grouping, bullet, out);
    add_choice(grouping, bullet, out);
    if (grouping->table->request->all)
        text_print(out,
                   "%s--all: runs of earlier plans may differ in what is not "
                   "shown; see --by\n",
                   bullet);
    if (shown < grouping->count)
        text_print(out, "%s%zu more group%s not shown\n", bullet,
                   grouping->count - shown, plural(grouping->count - shown));
}
