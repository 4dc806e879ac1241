/* `run`: carries a plan out and says what came of it. */

#include <stdio.h>

#include "runner/interrupt.h"
#include "runner/report/show.h"
#include "runner/report/top.h"
#include "runner/schedule/jobs.h"
#include "runner/session.h"
#include "runner/store/stored.h"

static void report_run(const struct session *session, struct text *out) {
    run_id id;
    plan_id(&session->planning->plan, 0, id);
    struct stored_reader reader;
    struct stored_run run;
    struct status ignored = STATUS_INIT;
    stored_reader_init(&reader, &session->store, &ignored);
    stored_run_init(&run, &reader, id, 0);
    struct json_value *record =
        json_parse((const char *)run.record.data, run.record.size, &ignored);
    const struct json_value *error = json_member(record, "error");
    stored_run_place(&run, out);
    text_print(out, ": %s%s",
               json_get_string(json_member(record, "status"), "?"),
               session->kept ? " (kept)" : "");
    if (json_is_object(error))
        text_print(out, " at update %lld: layer %s: %s",
                   (long long)json_get_integer(json_member(error, "step"), 0),
                   json_get_string(json_member(error, "layer"), "?"),
                   json_get_string(json_member(error, "what"), "?"));
    text_add(out, "\n\n");
    show_metrics(record, out);
    text_print(out, "\nweights: runner show %s\n", session->store.path);
    json_free(record);
    stored_run_release(&run);
    stored_reader_release(&reader);
}

/* An array of all records; printed on the way, for there may be many. */
static enum status_code report_json(const struct session *session,
                                    struct text *out, struct status *status) {
    enum { PIECE = 1 << 16 };
    const struct plan *plan = &session->planning->plan;
    struct json_writer writer = json_writer_new(out, 0);
    struct stored_reader reader;
    enum status_code code =
        stored_reader_init(&reader, &session->store, status);
    json_begin_array(&writer);
    for (size_t i = 0; i < plan->count && code == STATUS_OK; i++) {
        struct stored_run run;
        run_id id;
        plan_id(plan, i, id);
        if (stored_run_init(&run, &reader, id, i) != STORED_THERE)
            continue;
        json_raw(&writer, (const char *)run.record.data);
        stored_run_release(&run);
        if (out->length > PIECE) {
            code = print_out(out);
            text_clear(out);
        }
    }
    json_end_array(&writer);
    text_add_char(out, '\n');
    stored_reader_release(&reader);
    return code;
}

static enum status_code report(const struct session *session, struct text *out,
                               struct status *status) {
    const struct plan *plan = &session->planning->plan;
    if (session->invocation->json)
        return report_json(session, out, status);
    if (plan->count == 1 && session->planning->space.axis_count == 0)
        report_run(session, out);
    else
        return top_write(&session->store, out, status);
    return STATUS_OK;
}

static void say_plan(const struct session *session) {
    const struct plan *plan = &session->planning->plan;
    if (session->invocation->verbose)
        fprintf(stderr, "%s, %d thread%s, %zu pack%s, %.3g s\n",
                session->kernels->isa, session->threads,
                session->threads == 1 ? "" : "s", session->pack_count,
                session->pack_count == 1 ? "" : "s",
                session_seconds() - session->begun);
    if (session->invocation->quiet ||
        (session->earlier == 0 && plan->count == 1))
        return;
    fprintf(stderr, "%zu new", session->fresh);
    if (session->resumed)
        fprintf(stderr, " (%zu went on from a checkpoint)", session->resumed);
    fprintf(stderr, ", %zu kept", session->kept);
    if (plan->twin_count)
        fprintf(stderr, ", %zu the same as another", plan->twin_count);
    if (session->earlier)
        fprintf(stderr, ", %zu of an earlier plan stay in %s/runs/",
                session->earlier, session->store.path);
    fputc('\n', stderr);
}

static enum status_code carry_out(struct session *session,
                                  struct status *status) {
    const struct config *config = session->planning->plan.config;
    const char *out = session->invocation->out ? session->invocation->out
                                               : config->output.dir;
    STATUS_TRY(session_select_kernels(&session->kernels, status));
    STATUS_TRY(
        jobs_threads(session->invocation->threads, &session->threads, status));
    STATUS_TRY(store_open(&session->store, out, config->name, true, status));
    enum status_code code = session_run(session, status);
    struct text text = TEXT_INIT;
    if (code == STATUS_OK) {
        say_plan(session);
        if (!session->invocation->quiet || session->invocation->json)
            code = report(session, &text, status);
        if (code == STATUS_OK)
            code = print_out(&text);
    }
    text_release(&text);
    session_release(session);
    store_close(&session->store);
    return code;
}

enum status_code command_run(const struct invocation *invocation) {
    struct status status = STATUS_INIT;
    struct problems problems = {0};
    struct planning planning;
    struct session session = {.invocation = invocation,
                              .planning = &planning,
                              .journal = {.file = -1}};
    interrupt_watch();
    planning_init(&planning, invocation, &problems);
    enum status_code code = STATUS_OK;
    if (problems.count > 0) {
        code = experiment_complain(&problems, invocation->json);
    } else {
        code = carry_out(&session, &status);
        if (status.code != STATUS_OK)
            print_failure(invocation, &status);
    }
    planning_release(&planning);
    problems_release(&problems);
    return status_worse(code, session.diverged ? STATUS_RUN : STATUS_OK);
}
