#ifndef RUNNER_CMD_COMPARE_H
#define RUNNER_CMD_COMPARE_H

/* `compare EXPERIMENT …`: its own options, beside those of every command. */

#include "runner/command.h"
#include "runner/report/run_table.h"

struct compare_options {
    const char *by;     /* --by PATH[,PATH]; NULL: every swept parameter */
    const char *metric; /* --metric PART.NAME; NULL: the plan's */
    const char *top;    /* --top N; NULL: all groups */
    run_filter *filter; /* --where, or NULL */
    void *filter_context;
    bool csv, markdown; /* beside invocation->json; one at most */
};

/* Prints the comparison. Errors are those of the arguments and of
 * run_table_read(), printed here. */
enum status_code compare_experiments(const struct invocation *invocation,
                                     const struct compare_options *options);

#endif
