/* An experiment's summaries, held against its records. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/audit.h"
#include "runner/interrupt.h"
#include "runner/report/summary.h"

static bool is_late(void) {
    return interrupt_flag;
}

static bool is_good(const struct audit *audit, size_t experiment) {
    for (size_t i = 0; i < audit->count; i++)
        if (audit->items[i].experiment == experiment &&
            audit->items[i].findings.code != STATUS_OK)
            return false;
    return true;
}

static void tell(const struct summary_difference *difference,
                 struct findings *findings) {
    if (!difference->is_there)
        return;
    findings_add(findings, FINDING_SUMMARY, difference->file,
                 "not what plan and records make: line %llu%s%s: found '%s', "
                 "they make '%s'",
                 (unsigned long long)difference->line,
                 *difference->id ? ", run " : "", difference->id,
                 difference->stored, difference->made);
}

/* What can't be summed up is told of as a run that is missing. */
static void check(const struct audit_experiment *experiment,
                  struct findings *findings) {
    struct summary_difference differences[2];
    struct status ignored = STATUS_INIT;
    struct store store;
    char *out = memory_string(experiment->path);
    char *slash = strrchr(out, '/');
    *slash = '\0';
    if (store_open(&store, out, slash + 1, false, &ignored) == STATUS_OK &&
        summary_compare(&store, is_late, differences, &ignored) == STATUS_OK)
        for (size_t i = 0; i < 2; i++)
            tell(&differences[i], findings);
    store_close(&store);
    free(out);
}

void audit_summaries(struct audit *audit) {
    for (size_t i = 0; i < audit->count && !interrupt_flag; i++) {
        struct audit_item *item = &audit->items[i];
        const struct audit_experiment *experiment =
            &audit->experiments[item->experiment];
        if (!item->is_run && !experiment->bundle && experiment->is_whole &&
            is_good(audit, item->experiment))
            check(experiment, &item->findings);
    }
}
