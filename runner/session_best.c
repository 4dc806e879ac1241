#include "runner/session_best.h"

#include <math.h>

/* What the best run is judged by: the sweep's metric, else the validation
 * part's average_loss, else the test part's. */
static struct part_metric judged_by(const struct session *session,
                                    bool *is_maximized) {
    const struct space *space = &session->planning->space;
    const struct dataset *data = session->planning->pool.data[0].data;
    *is_maximized = space->has_metric && space->is_maximized;
    if (space->has_metric)
        return space->metric;
    return (struct part_metric){
        data->part[PART_VALIDATION].rows ? PART_VALIDATION : PART_TEST,
        metric_find("average_loss")};
}

void session_best_note(struct session *session, const struct plan_run *run,
                       const struct measurement *measurement) {
    struct session_best *best = &session->best;
    bool is_maximized;
    struct part_metric by = judged_by(session, &is_maximized);
    double value = measurement->metrics[by.part][metric_index(by.metric)];
    bool is_better = is_maximized ? value > best->value : value < best->value;
    if (measurement->outcome == RUN_DIVERGED || isnan(value) ||
        !(is_better || isnan(best->value)))
        return;
    *best = (struct session_best){value, run->point};
}

void session_best_write(const void *context, struct text *line) {
    const struct session *session = context;
    bool is_maximized;
    struct part_metric by = judged_by(session, &is_maximized);
    if (isnan(session->best.value))
        return;
    text_print(line, ", best %s.%s %.6g at ", PART_NAMES[by.part],
               by.metric->name, session->best.value);
    planning_describe(session->planning, session->best.point, line);
}
