/* `plan`: what would run, and how long it would take; writes nothing. */

#include <math.h>
#include <stdlib.h>

#include "engine/base/memory.h"
#include "runner/interrupt.h"
#include "runner/kept.h"
#include "runner/schedule/jobs.h"
#include "runner/session_parts.h"

/* Updates that a calibration step trains, and the seconds all of them together
 * may take. */
enum { CALIBRATION_UPDATES = 200 };

struct outlook {
    size_t packs;
    double seconds;    /* estimated, on all threads */
    size_t pack_bytes; /* of the largest pack */
    size_t data_bytes;
};

/* --------------------------------------------------------------- calibration
 */

/* A pack's runs, cut to a few updates of the same kind. */
struct trial {
    struct experiment experiments[KERNEL_WIDTH_LIMIT];
    struct training trainings[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT];
    size_t count;
    int64_t updates;
};

static enum status_code trial_init(struct trial *trial,
                                   const struct session *session,
                                   const struct session_pack *pack,
                                   struct status *status) {
    const struct plan *plan = &session->planning->plan;
    trial->updates = CALIBRATION_UPDATES;
    for (trial->count = 0; trial->count < pack->count; trial->count++) {
        struct experiment *experiment = &trial->experiments[trial->count];
        enum status_code code = planning_experiment(
            session->planning, &plan->runs[pack->runs[trial->count]],
            experiment, status);
        if (code != STATUS_OK) {
            experiment_release(experiment);
            return code;
        }
        struct run *run = &experiment->run;
        int64_t all =
            training_updates(run->training, run->data->part[PART_TRAIN].rows);
        trial->updates = all < trial->updates ? all : trial->updates;
        trial->runs[trial->count] = run;
    }
    return STATUS_OK;
}

static void shorten(struct trial *trial) {
    for (size_t i = 0; i < trial->count; i++) {
        struct training *training = &trial->trainings[i];
        *training = *trial->experiments[i].run.training;
        training->epochs.present = training->has_early_stopping = false;
        training->schedule.kind = NULL;
        training->steps = training->evaluate_every =
            (struct field_optional_integer){true, trial->updates};
        trial->experiments[i].run.training = training;
    }
}

/* Seconds an update of a pack, 0: not known yet, and the bytes it takes. */
struct cost {
    double seconds;
    size_t bytes;
};

/* Trains the pack for some updates, and keeps nothing. */
static double seconds_per_update(const struct session *session,
                                 const struct session_pack *pack,
                                 struct trial *trial, struct status *status) {
    struct measurement measurements[KERNEL_WIDTH_LIMIT];
    shorten(trial);
    double start = session_seconds();
    if (trainer_run(session->kernels, pack->lanes, trial->runs, trial->count,
                    &interrupt_flag, measurements, status) != STATUS_OK)
        return NAN;
    double seconds = (session_seconds() - start) / (double)trial->updates;
    for (size_t i = 0; i < trial->count; i++)
        measurement_release(&measurements[i]);
    return seconds;
}

static struct cost calibrate(const struct session *session,
                             const struct session_pack *pack,
                             struct status *status) {
    struct trial trial;
    struct cost cost = {.seconds = NAN};
    if (trial_init(&trial, session, pack, status) == STATUS_OK) {
        cost.bytes = trainer_bytes(session->kernels, pack->lanes, trial.runs,
                                   trial.count);
        cost.seconds = seconds_per_update(session, pack, &trial, status);
    }
    for (size_t i = 0; i < trial.count; i++)
        experiment_release(&trial.experiments[i]);
    return cost;
}

static size_t group_of(const struct session *session,
                       const struct session_pack *pack) {
    return session->planning->plan.runs[pack->runs[0]].group;
}

static int64_t updates_of(const struct session *session, size_t group) {
    const struct run *run = &session->planning->pool.groups[group].first->run;
    return training_updates(run->training, run->data->part[PART_TRAIN].rows);
}

static size_t data_bytes(const struct planning *planning) {
    size_t bytes = 0;
    for (size_t i = 0; i < planning->pool.data_count; i++)
        bytes += planning->pool.data[i].data->arena.total;
    return bytes;
}

/* One calibration a group and form; packs of one kind cost the same. */
static struct outlook look_ahead(const struct session *session,
                                 struct status *status) {
    const struct planning *planning = session->planning;
    struct outlook outlook = {.packs = session->pack_count,
                              .data_bytes = data_bytes(planning)};
    struct cost *costs =
        memory_zeroed(2 * planning->pool.group_count, sizeof *costs);
    for (size_t i = 0; i < session->pack_count; i++) {
        const struct session_pack *pack = &session->packs[i];
        size_t group = group_of(session, pack);
        struct cost *cost = &costs[2 * group + (pack->lanes > 1)];
        if (cost->seconds == 0)
            *cost = calibrate(session, pack, status);
        outlook.seconds += cost->seconds * (double)updates_of(session, group);
        if (cost->bytes > outlook.pack_bytes)
            outlook.pack_bytes = cost->bytes;
    }
    free(costs);
    size_t threads = (size_t)session->threads < session->pack_count
                         ? (size_t)session->threads
                         : session->pack_count;
    if (threads)
        outlook.seconds /= (double)threads;
    return outlook;
}

/* --------------------------------------------------------------------- print
 */

static void print_axes(const struct planning *planning, struct text *out) {
    const struct space *space = &planning->space;
    for (size_t i = 0; i < space->axis_count; i++) {
        const struct axis *axis = &space->axes[i];
        text_print(out, "  %-36s ", axis->path);
        if (axis->kind == AXIS_DRAWN)
            text_print(out, "%llu draws\n", (unsigned long long)space->draws);
        else
            text_print(out, "%llu value%s\n", (unsigned long long)axis->count,
                       axis->count == 1 ? "" : "s");
    }
}

static void print_bytes(double bytes, struct text *out) {
    if (bytes < 1e6)
        text_print(out, "%.0f kB", bytes / 1e3);
    else
        text_print(out, "%.1f MB", bytes / 1e6);
}

static void describe_outlook(const struct session *session,
                             const struct outlook *outlook, struct text *out) {
    const struct planning *planning = session->planning;
    const struct plan *plan = &planning->plan;
    text_print(out, "%s: %llu combination%s\n", session->store.path,
               (unsigned long long)planning->space.count,
               planning->space.count == 1 ? "" : "s");
    print_axes(planning, out);
    if (plan->unwanted)
        text_print(out, "%llu left out by sweep.where\n",
                   (unsigned long long)plan->unwanted);
    if (plan->twin_count)
        text_print(out, "%zu the same as another\n", plan->twin_count);
    text_print(out, "%zu runs: %zu finished, %zu to do in %zu packs\n",
               plan->count, session->kept, plan->count - session->kept,
               outlook->packs);
    text_add(out, "memory: data ");
    print_bytes((double)outlook->data_bytes, out);
    text_print(out, ", %d thread%s x ", session->threads,
               session->threads == 1 ? "" : "s");
    print_bytes((double)outlook->pack_bytes, out);
    text_print(out, "\ntime: about %.3g s, from calibration steps on '%s'\n",
               outlook->seconds, session->kernels->isa);
}

static void write_outlook(const struct session *session,
                          const struct outlook *outlook, struct text *out) {
    const struct plan *plan = &session->planning->plan;
    struct json_writer writer = json_writer_new(out, 1);
    const struct {
        const char *key;
        uint64_t value;
    } counts[] = {
        {"combinations", session->planning->space.count},
        {"left_out", plan->unwanted},
        {"duplicates", plan->twin_count},
        {"runs", plan->count},
        {"finished", session->kept},
        {"packs", outlook->packs},
        {"threads", (uint64_t)session->threads},
        {"data_bytes", outlook->data_bytes},
        {"pack_bytes", outlook->pack_bytes},
    };
    json_begin_object(&writer);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_key(&writer, counts[i].key);
        json_integer(&writer, (int64_t)counts[i].value);
    }
    json_key(&writer, "estimated_seconds");
    json_double(&writer, outlook->seconds);
    json_key(&writer, "axes");
    json_begin_array(&writer);
    for (size_t i = 0; i < session->planning->space.axis_count; i++)
        json_string(&writer, session->planning->space.axes[i].path);
    json_end_array(&writer);
    json_end_object(&writer);
    text_add_char(out, '\n');
}

static enum status_code print_outlook(struct session *session,
                                      struct status *status) {
    if (session->blocks)
        session_make_packs(session);
    struct outlook outlook = look_ahead(session, status);
    struct text text = TEXT_INIT;
    if (session->invocation->json)
        write_outlook(session, &outlook, &text);
    else
        describe_outlook(session, &outlook, &text);
    enum status_code code =
        status->code == STATUS_OK ? print_out(&text) : status->code;
    text_release(&text);
    return code;
}

/* ------------------------------------------------------------------- command
 */

/* That the plan can be carried out where it is to go. */
static enum status_code check_kept(const struct session *session,
                                   struct status *status) {
    const struct plan *plan = &session->planning->plan;
    struct kept_plan kept;
    STATUS_TRY(kept_plan(&session->store, plan, &kept, status));
    return kept_form(&session->store, plan, &kept, status);
}

static enum status_code look(struct session *session, struct status *status) {
    const struct config *config = session->planning->plan.config;
    const struct invocation *invocation = session->invocation;
    const char *out = invocation->out ? invocation->out : config->output.dir;
    struct status ignored = STATUS_INIT;
    STATUS_TRY(session_select_kernels(&session->kernels, status));
    STATUS_TRY(jobs_threads(invocation->threads, &session->threads, status));
    /* Nothing finished is there to be found where there is no folder. */
    bool is_open = store_open(&session->store, out, config->name, false,
                              &ignored) == STATUS_OK;
    if (!is_open)
        session->store.path = memory_string(config->name);
    enum status_code code = is_open ? check_kept(session, status) : STATUS_OK;
    if (code == STATUS_OK)
        code = session_look(session, status);
    if (code == STATUS_OK)
        code = print_outlook(session, status);
    session_release(session);
    store_close(&session->store);
    return code;
}

enum status_code command_plan(const struct invocation *invocation) {
    struct status status = STATUS_INIT;
    struct problems problems = {0};
    struct planning planning;
    struct session session = {.invocation = invocation,
                              .planning = &planning,
                              .store = {.folder = -1, .runs = -1, .work = -1},
                              .journal = {.file = -1}};
    interrupt_watch();
    planning_init(&planning, invocation, &problems);
    enum status_code code = STATUS_OK;
    if (problems.count > 0) {
        code = experiment_complain(&problems, invocation->json);
    } else {
        code = look(&session, &status);
        if (status.code != STATUS_OK)
            print_failure(invocation, &status);
    }
    planning_release(&planning);
    problems_release(&problems);
    return code;
}
