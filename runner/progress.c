#include "runner/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 24, LINE_WIDTH = 110 };

static const double LINE_SECONDS = 10, BAR_SECONDS = 0.1;

void progress_begin(struct session *session) {
    struct progress *progress = &session->progress;
    progress->total = session->planning->plan.count - session->kept;
    progress->is_shown =
        !session->invocation->quiet && session->planning->plan.count > 1;
    progress->is_terminal = isatty(STDERR_FILENO);
    progress->begun = progress->shown = session_seconds();
    progress->best = NAN;
}

/* What the best run is judged by: the sweep's metric, else the validation
 * part's average_loss, else the test part's. */
static struct part_metric judged_by(const struct session *session,
                                    bool *is_maximized) {
    const struct space *space = &session->planning->space;
    const struct dataset *data = session->planning->data[0].data;
    *is_maximized = space->has_metric && space->is_maximized;
    if (space->has_metric)
        return space->metric;
    return (struct part_metric){
        data->part[PART_VALIDATION].rows ? PART_VALIDATION : PART_TEST,
        metric_find("average_loss")};
}

static void note_best(struct session *session, const struct plan_run *run,
                      const struct measurement *measurement) {
    struct progress *progress = &session->progress;
    bool is_maximized;
    struct part_metric by = judged_by(session, &is_maximized);
    double value = measurement->metrics[by.part][metric_index(by.metric)];
    bool is_better =
        is_maximized ? value > progress->best : value < progress->best;
    if (measurement->outcome == RUN_DIVERGED || isnan(value) ||
        !(is_better || isnan(progress->best)))
        return;
    progress->best = value;
    progress->best_point = run->point;
}

static void add_time(struct text *line, double seconds) {
    if (seconds < 120)
        text_print(line, "%.0f s", seconds);
    else if (seconds < 7200)
        text_print(line, "%.0f min", seconds / 60);
    else
        text_print(line, "%.1f h", seconds / 3600);
}

static void add_bar(struct text *line, double share) {
    text_add_char(line, '[');
    for (int i = 0; i < BAR_WIDTH; i++)
        text_add_char(line, i < share * BAR_WIDTH ? '#' : '.');
    text_add(line, "] ");
}

static void add_best(const struct session *session, struct text *line) {
    const struct progress *progress = &session->progress;
    bool is_maximized;
    struct part_metric by = judged_by(session, &is_maximized);
    if (isnan(progress->best))
        return;
    text_print(line, ", best %s.%s %.6g at ", PART_NAMES[by.part],
               by.metric->name, progress->best);
    planning_describe(session->planning, progress->best_point, line);
}

static void show(struct session *session) {
    struct progress *progress = &session->progress;
    struct text line = TEXT_INIT;
    double seconds = session_seconds() - progress->begun;
    double rate = seconds > 0 ? (double)session->fresh / seconds : 0;
    size_t left = progress->total - session->fresh;
    if (progress->is_terminal)
        add_bar(&line, progress->total
                           ? (double)session->fresh / (double)progress->total
                           : 1);
    text_print(&line, "%zu of %zu runs, %.0f runs/s, ", session->fresh,
               progress->total, rate);
    if (rate > 0)
        add_time(&line, (double)left / rate);
    text_add(&line, " left");
    add_best(session, &line);
    if (progress->is_terminal && line.length > LINE_WIDTH)
        memcpy(line.bytes + LINE_WIDTH - 3, "...", 4);
    fprintf(stderr, progress->is_terminal ? "\r%s\033[K" : "%s\n",
            text_string(&line));
    text_release(&line);
}

void progress_run(struct session *session, const struct plan_run *run,
                  const struct measurement *measurement) {
    struct progress *progress = &session->progress;
    note_best(session, run, measurement);
    double now = session_seconds();
    double every = progress->is_terminal ? BAR_SECONDS : LINE_SECONDS;
    if (!progress->is_shown || now - progress->shown < every)
        return;
    progress->shown = now;
    show(session);
}

void progress_end(struct session *session) {
    if (!session->progress.is_shown || !session->progress.is_terminal)
        return;
    show(session);
    fputc('\n', stderr);
}
