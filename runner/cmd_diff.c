/* `diff RUN RUN`. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/audit.h"
#include "runner/diff.h"
#include "runner/interrupt.h"
#include "runner/schedule/jobs.h"

/* --------------------------------------------------------------- run again */

/* Why the two can't be held against each other update by update, or NULL. */
static char *find_reason(const struct audit *audit, const size_t pair[2]) {
    struct text reason = TEXT_INIT;
    for (size_t i = 0; i < 2; i++) {
        const struct audit_item *item = &audit->items[pair[i]];
        const struct findings *findings = &item->findings;
        if (item->verdict == AUDIT_IDENTICAL)
            continue;
        text_print(&reason, "%s%s", reason.length ? "; " : "",
                   i == 0 ? "a" : "b");
        if (findings->count)
            text_print(&reason, " %s: %s%s%s",
                       item->verdict == AUDIT_DIFFERS
                           ? "does not reproduce its record"
                           : "can't be run again",
                       findings->finding[0].file,
                       *findings->finding[0].file ? ": " : "",
                       findings->finding[0].message);
        else
            text_print(&reason, ": %s", AUDIT_VERDICT_WORDS[item->verdict]);
    }
    return reason.length ? text_take(&reason) : NULL;
}

/* "0.weight[1,0]" of the tensor's element. */
static void name_tensor(const struct network *network, struct diff *diff) {
    const struct network_tensor *tensor =
        &network->tensors[diff->parting.tensor];
    size_t index = diff->parting.element, rest = tensor->count;
    struct text name = TEXT_INIT;
    text_add(&name, tensor->name);
    for (int axis = 0; axis < tensor->shape.rank; axis++) {
        rest /= (size_t)tensor->shape.size[axis];
        text_print(&name, "%s%zu", axis ? "," : "[", index / rest);
        index %= rest;
    }
    if (tensor->shape.rank)
        text_add_char(&name, ']');
    diff->tensor = text_take(&name);
    diff->tensor_elements = tensor->count;
    diff->tensor_count = network->tensor_count;
}

static enum status_code part(const struct audit *audit,
                             const struct experiment experiments[2],
                             struct diff *diff, struct status *status) {
    const struct network *a = &experiments[0].network;
    const struct run *runs[2] = {&experiments[0].run, &experiments[1].run};
    if (!parting_is_possible(a, &experiments[1].network)) {
        diff->reason = memory_string(
            "the networks have other tensors, which can't be held against "
            "each other");
        return STATUS_OK;
    }
    STATUS_TRY(parting_find(audit->kernels, runs, &interrupt_flag,
                            &diff->parting, status));
    if (diff->parting.found)
        name_tensor(a, diff);
    return STATUS_OK;
}

static enum status_code run_again(struct audit *audit, const size_t pair[2],
                                  struct diff *diff, struct status *status) {
    struct experiment experiments[2] = {{0}};
    enum status_code code = audit_check(audit);
    if (code == STATUS_OK)
        code = audit_rerun(audit);
    STATUS_TRY(code);
    diff->reason = find_reason(audit, pair);
    if (diff->reason)
        return STATUS_OK;
    for (size_t i = 0; i < 2 && code == STATUS_OK; i++)
        code = audit_prepare(audit, pair[i], &experiments[i], status);
    if (code == STATUS_OK)
        code = part(audit, experiments, diff, status);
    for (size_t i = 0; i < 2; i++) {
        experiment_release(&experiments[i]);
        audit_release_record(&audit->items[pair[i]]);
    }
    return code;
}

/* ------------------------------------------------------------------- command
 */

static enum status_code read_records(const struct audit *audit,
                                     const size_t pair[2], struct diff *diff,
                                     struct status *status) {
    for (size_t i = 0; i < 2; i++) {
        const struct audit_place *place = &audit->items[pair[i]].place;
        diff->places[i] = place->path;
        audit_record_read(&diff->records[i], place);
        audit_record_parse(&diff->records[i], AUDIT_ALL);
        STATUS_RETURN_IF(!diff->records[i].json, status, STATUS_INPUT,
                         "%s/run.json: %s", place->path,
                         diff->records[i].json_status.code
                             ? diff->records[i].json_status.message
                             : "missing");
    }
    return STATUS_OK;
}

static enum status_code carry_out(struct audit *audit, struct diff *diff,
                                  struct status *status) {
    size_t pair[2];
    STATUS_TRY(session_select_kernels(&audit->kernels, status));
    STATUS_TRY(
        jobs_threads(audit->invocation->threads, &audit->threads, status));
    machine_read(&audit->here);
    audit->here.isa = audit->kernels->isa;
    STATUS_TRY(audit_find_pair(audit, pair, status));
    STATUS_TRY(read_records(audit, pair, diff, status));
    diff_records(diff);
    return run_again(audit, pair, diff, status);
}

enum status_code command_diff(const struct invocation *invocation) {
    struct status status = STATUS_INIT;
    struct text text = TEXT_INIT;
    struct audit audit;
    struct diff diff = {.reason = NULL};
    struct invocation quiet = *invocation;
    quiet.quiet = true;
    interrupt_watch();
    audit_init(&audit, &quiet, &status);
    enum status_code code = carry_out(&audit, &diff, &status);
    if (code == STATUS_OK && invocation->json)
        diff_write(&diff, &text);
    else if (code == STATUS_OK)
        diff_print(&diff, &text);
    code = code == STATUS_OK ? print_out(&text)
                             : print_failure(invocation, &status);
    text_release(&text);
    diff_release(&diff);
    for (size_t i = 0; i < 2; i++)
        audit_record_release(&diff.records[i]);
    audit_release(&audit);
    return code;
}
