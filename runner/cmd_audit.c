/* `audit RUN | EXPERIMENT | BUNDLE …`. */

#include "runner/audit.h"
#include "runner/interrupt.h"
#include "runner/schedule/jobs.h"

/* "3 of 60 runs", "1 of 2 bundles": those of which this is the worst. What is
 * no run is a bundle or an experiment. */
static void add_count(const struct audit *audit, bool is_run,
                      enum status_code code, struct text *out) {
    const char *word = is_run ? "run" : "bundle";
    size_t all = 0, wrong = 0;
    for (size_t i = 0; i < audit->count; i++) {
        const struct audit_item *item = &audit->items[i];
        all += item->is_run == is_run;
        wrong += item->is_run == is_run && item->findings.code == code;
        if (!item->is_run && !is_run &&
            !audit->experiments[item->experiment].bundle)
            word = "experiment";
    }
    if (wrong)
        text_print(out, "%s%zu of %zu %s%s", out->length ? ", " : "", wrong,
                   all, word, all == 1 ? "" : "s");
}

/* One line for those who read nothing else. */
static enum status_code conclude(const struct audit *audit,
                                 enum status_code code, struct status *status) {
    struct text counts = TEXT_INIT;
    if (audit->code != STATUS_OK)
        return status_worse(code, audit->code);
    add_count(audit, true, code, &counts);
    add_count(audit, false, code, &counts);
    if (code != STATUS_OK)
        status_set(status, code, "%s: %s", text_string(&counts),
                   code == STATUS_INPUT ? "not comparable" : "not as recorded");
    text_release(&counts);
    return code;
}

/* `text` gets the report of what was found, whatever else failed. */
static enum status_code carry_out(struct audit *audit, struct text *text,
                                  struct status *status) {
    const struct invocation *invocation = audit->invocation;
    char root[DIGEST_TEXT_SIZE];
    STATUS_TRY(session_select_kernels(&audit->kernels, status));
    STATUS_TRY(jobs_threads(invocation->threads, &audit->threads, status));
    machine_read(&audit->here);
    audit->here.isa = audit->kernels->isa;
    STATUS_TRY(audit_find(audit, status));
    if (audit_check(audit) == STATUS_OK && audit_rerun(audit) == STATUS_OK)
        audit_summaries(audit);
    audit->seconds = session_seconds() - audit->begun;
    enum status_code code = audit_code(audit);
    if (invocation->json)
        audit_write(audit, text);
    else if (!invocation->quiet || code != STATUS_OK)
        audit_print(audit, text);
    code = conclude(audit, code, status);
    if (code != STATUS_OK || !invocation->bundle)
        return code;
    STATUS_TRY(audit_bundle(audit, invocation->bundle, root, status));
    if (!invocation->quiet && !invocation->json)
        text_print(text, "%s: root %s\n", invocation->bundle, root);
    return STATUS_OK;
}

enum status_code command_audit(const struct invocation *invocation) {
    struct status status = STATUS_INIT;
    struct text text = TEXT_INIT;
    struct audit audit;
    interrupt_watch();
    audit_init(&audit, invocation, &status);
    enum status_code code = carry_out(&audit, &text, &status);
    if (text.length)
        code = status_worse(code, print_out(&text));
    if (status.code != STATUS_OK && !(invocation->json && text.length))
        print_failure(invocation, &status);
    text_release(&text);
    audit_release(&audit);
    return code;
}
