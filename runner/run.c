/* `run`: the only place where plan, engine and store meet. */

#include <stdio.h>
#include <time.h>

#include "engine/kernel/kernel.h"
#include "runner/experiment.h"
#include "runner/interrupt.h"
#include "runner/kept.h"
#include "runner/plan/plan.h"
#include "runner/report/show.h"
#include "runner/report/summary.h"
#include "runner/store/journal.h"
#include "runner/store/record.h"

/* What one `run` command works on. */
struct session {
    const struct invocation *invocation;
    struct experiment *experiment;
    const struct kernels *kernels;
    struct plan plan;
    struct store store;
    struct journal journal;
    bool verify;        /* folders are checked against their own lists */
    size_t fresh, kept; /* runs computed, runs found finished */
    size_t earlier;     /* folders in runs/ that this plan does not name */
    enum status_code outcome; /* STATUS_RUN if a run has diverged */
};

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --------------------------------------------------------------- one run */

static enum status_code keep_result(struct session *session, const char *id,
                                    const struct measurement *measurement,
                                    struct status *status) {
    struct store_files files = {.count = 0};
    struct record record = {.id = id,
                            .config = &session->experiment->config,
                            .run = &session->experiment->run,
                            .measurement = measurement};
    STATUS_TRY(kept_compare(&session->store, id, measurement, status));
    record_write(&record, &files);
    enum status_code code =
        store_commit(&session->store, id, &files, true, status);
    store_files_release(&files);
    return code;
}

/* Trains and keeps; `outcome` is the journal's word for what came of it. */
static enum status_code train(struct session *session, const char *id,
                              const char **outcome, struct status *status) {
    struct measurement measurement;
    const struct run *run = &session->experiment->run;
    size_t lanes;
    *outcome = "failed";
    STATUS_TRY(kernels_lanes(session->kernels, 1, &lanes, status));
    STATUS_TRY(trainer_run(session->kernels, lanes, &run, 1, &interrupt_flag,
                           &measurement, status));
    enum status_code code = keep_result(session, id, &measurement, status);
    if (code == STATUS_OK)
        *outcome =
            measurement.outcome == RUN_DIVERGED ? "diverged" : "finished";
    measurement_release(&measurement);
    return code;
}

/* A failure is journalled too, as far as the journal can still be written; an
 * interruption is none. */
static enum status_code train_and_tell(struct session *session, const char *id,
                                       struct status *status) {
    const char *outcome;
    struct status ignored = STATUS_INIT;
    double start = seconds_now();
    enum status_code code = train(session, id, &outcome, status);
    if (code == STATUS_INTERRUPTED)
        return code;
    session->fresh += code == STATUS_OK;
    enum status_code told =
        journal_run(&session->journal, id, outcome, seconds_now() - start,
                    code == STATUS_OK ? status : &ignored);
    return code == STATUS_OK ? told : code;
}

/* A diverged run is a result, kept or not, but not what was hoped for. */
static void note_divergence(struct session *session, const char *id) {
    struct json_value *record = record_read(&session->store, id);
    if (json_is_object(json_member(record, "error")))
        session->outcome = STATUS_RUN;
    json_free(record);
}

static enum status_code do_run(struct session *session, const char *id,
                               struct status *status) {
    const struct output_options *output = &session->experiment->config.output;
    if (!session->invocation->force &&
        record_is_finished(&session->store, id, output, session->verify)) {
        session->kept++;
        STATUS_TRY(journal_run(&session->journal, id, "kept", 0, status));
    } else {
        STATUS_TRY(train_and_tell(session, id, status));
    }
    note_divergence(session, id);
    return STATUS_OK;
}

/* -------------------------------------------------------------- the session */

static enum status_code put_plan(const struct session *session,
                                 struct status *status) {
    if (kept_plan(&session->store, &session->plan))
        return STATUS_OK;
    struct text text = TEXT_INIT;
    plan_write(&session->plan, &text);
    enum status_code code =
        store_put(&session->store, "plan.json", &text, status);
    text_release(&text);
    return code;
}

static enum status_code begin(struct session *session, struct status *status) {
    const struct experiment *experiment = session->experiment;
    const char *data_paths[2];
    struct journal_start start = {.isa = session->kernels->isa,
                                  .threads = 1,
                                  .config_path = experiment->path,
                                  .data_paths = data_paths,
                                  .data_count = experiment->data.input_count};
    for (size_t i = 0; i < start.data_count; i++)
        data_paths[i] = experiment->data.input[i].path;
    size_t damaged;
    session->verify = journal_is_unclean(&session->store, &damaged);
    if (damaged)
        fprintf(stderr,
                "runner: remark: %s/journal.jsonl: %zu damaged line%s passed "
                "over\n",
                session->store.path, damaged, damaged == 1 ? "" : "s");
    STATUS_TRY(
        journal_begin(&session->journal, &session->store, &start, status));
    return put_plan(session, status);
}

static enum status_code finish(struct session *session, enum status_code code,
                               struct status *status) {
    struct status later = STATUS_INIT;
    enum status_code end = summary_write(&session->store, &later);
    if (end == STATUS_OK)
        end = store_sync(&session->store, &later);
    int exit_status =
        status_exit(status_worse(status_worse(code, end), session->outcome));
    if (end == STATUS_OK)
        end = journal_end(&session->journal, exit_status, &later);
    if (status_worse(code, end) != code)
        *status = later;
    return status_worse(code, end);
}

static enum status_code do_plan(struct session *session,
                                struct status *status) {
    enum status_code code = begin(session, status);
    if (code == STATUS_OK) {
        for (size_t i = 0; code == STATUS_OK && i < session->plan.count; i++)
            code = do_run(session, session->plan.runs[i].id, status);
        session->earlier = kept_earlier(&session->store, &session->plan);
        code = finish(session, code, status);
    }
    journal_close(&session->journal);
    return code;
}

/* ----------------------------------------------------------------- report */

static void report_run(const struct session *session, const char *id,
                       struct text *out) {
    struct json_value *record = record_read(&session->store, id);
    const struct json_value *error = json_member(record, "error");
    text_print(out, "%s/runs/%s: %s%s", session->store.path, id,
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
}

static void report_json(const struct session *session, const char *id,
                        struct json_writer *writer) {
    struct bytes bytes;
    if (store_get_run(&session->store, id, "run.json", &bytes))
        json_raw(writer, (const char *)bytes.data);
    bytes_release(&bytes);
}

static void report(const struct session *session, struct text *out) {
    struct json_writer writer = json_writer_new(out, 0);
    bool json = session->invocation->json;
    if (json)
        json_begin_array(&writer);
    for (size_t i = 0; i < session->plan.count; i++)
        if (json)
            report_json(session, session->plan.runs[i].id, &writer);
        else
            report_run(session, session->plan.runs[i].id, out);
    if (json) {
        json_end_array(&writer);
        text_add_char(out, '\n');
    }
}

static void say_plan(const struct session *session) {
    if (session->invocation->quiet || session->earlier == 0)
        return;
    fprintf(
        stderr, "%zu new, %zu kept, %zu of an earlier plan stay in %s/runs/\n",
        session->fresh, session->kept, session->earlier, session->store.path);
}

static enum status_code run_experiment(struct session *session,
                                       struct status *status) {
    const struct config *config = &session->experiment->config;
    const char *out = session->invocation->out ? session->invocation->out
                                               : config->output.dir;
    STATUS_TRY(kernels_select(&session->kernels, status));
    STATUS_TRY(store_open(&session->store, out, config->name, true, status));
    plan_init(&session->plan, config, &session->experiment->data);
    enum status_code code = do_plan(session, status);
    struct text text = TEXT_INIT;
    if (code == STATUS_OK) {
        say_plan(session);
        report(session, &text);
        if (!session->invocation->quiet || session->invocation->json)
            code = print_out(&text);
    }
    text_release(&text);
    plan_release(&session->plan);
    store_close(&session->store);
    return code;
}

static void say_interrupted(const struct session *session,
                            struct status *status) {
    status_set(status, STATUS_INTERRUPTED,
               "interrupted; the same command goes on from here: runner %s",
               session->experiment->path);
}

enum status_code command_run(const struct invocation *invocation) {
    struct status status = STATUS_INIT;
    struct problems problems = {0};
    struct experiment experiment;
    struct session session = {.invocation = invocation,
                              .experiment = &experiment,
                              .journal = {.file = -1},
                              .outcome = STATUS_OK};
    interrupt_watch();
    experiment_init(&experiment, invocation->arguments[0],
                    invocation->arguments + 1, invocation->argument_count - 1,
                    invocation->data, &problems);
    enum status_code code = STATUS_OK;
    if (problems.count > 0) {
        code = experiment_complain(&problems, invocation->json);
    } else {
        code = run_experiment(&session, &status);
        if (code == STATUS_INTERRUPTED)
            say_interrupted(&session, &status);
        if (status.code != STATUS_OK)
            print_failure(invocation, &status);
    }
    experiment_release(&experiment);
    problems_release(&problems);
    return status_worse(code, session.outcome);
}
