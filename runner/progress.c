#include "runner/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/session_packs.h"

enum { BAR_WIDTH = 24, LINE_WIDTH = 110 };

static const double LINE_SECONDS = 10, BAR_SECONDS = 0.1;

void progress_begin(struct progress *progress, size_t total, bool is_shown) {
    *progress = (struct progress){.total = total, .is_shown = is_shown};
    progress->is_terminal = isatty(STDERR_FILENO);
    progress->begun = progress->shown = session_seconds();
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

static void show(const struct progress *progress, progress_remark *remark,
                 const void *context) {
    struct text line = TEXT_INIT;
    double seconds = session_seconds() - progress->begun;
    double rate = seconds > 0 ? (double)progress->done / seconds : 0;
    size_t left = progress->total - progress->done;
    if (progress->is_terminal)
        add_bar(&line, progress->total
                           ? (double)progress->done / (double)progress->total
                           : 1);
    text_print(&line, "%zu of %zu runs, %.0f runs/s, ", progress->done,
               progress->total, rate);
    if (rate > 0)
        add_time(&line, (double)left / rate);
    text_add(&line, " left");
    if (remark)
        remark(context, &line);
    if (progress->is_terminal && line.length > LINE_WIDTH)
        memcpy(line.bytes + LINE_WIDTH - 3, "...", 4);
    fprintf(stderr, progress->is_terminal ? "\r%s\033[K" : "%s\n",
            text_string(&line));
    text_release(&line);
}

void progress_step(struct progress *progress, progress_remark *remark,
                   const void *context) {
    double now = session_seconds();
    double every = progress->is_terminal ? BAR_SECONDS : LINE_SECONDS;
    progress->done++;
    if (!progress->is_shown || now - progress->shown < every)
        return;
    progress->shown = now;
    show(progress, remark, context);
}

void progress_end(struct progress *progress, progress_remark *remark,
                  const void *context) {
    if (!progress->is_shown || !progress->is_terminal)
        return;
    show(progress, remark, context);
    fputc('\n', stderr);
}
