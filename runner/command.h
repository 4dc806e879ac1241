#ifndef RUNNER_COMMAND_H
#define RUNNER_COMMAND_H

/* The command line: one table of commands, one of options. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/status.h"
#include "engine/base/text.h"

/* A command line, read. */
struct invocation {
    const struct command *command;
    char *const *arguments; /* what is no option, in order */
    size_t argument_count;
    const char *out;  /* --out; NULL: output.dir of the config */
    const char *data; /* --data; NULL: none */
    int64_t threads;  /* -j; 0: not given */
    const char *by, *metric, *top, *where; /* of compare; NULL: not given */
    const char *sample, *bundle;           /* of audit; NULL: not given */
    bool rerun;
    bool force, all, quiet, verbose, json, help, dry_run, csv, markdown;
};

struct command {
    const char *name;
    const char *arguments; /* "CONFIG [PATH=VALUE …]" */
    const char *help;
    /* Runs it; returns the code whose exit status the process ends with. Has
     * printed everything there is to say. */
    enum status_code (*run)(const struct invocation *invocation);
    size_t least, most;  /* arguments; most 0: any number */
    const char *options; /* letters of the options it takes */
};

extern const struct command COMMANDS[]; /* NULL-name-terminated; [0] is run */

/* One option. */
struct option_row {
    char letter;       /* "-j"; for options with a long name alone, a letter
                          that is only used in `command.options` */
    const char *name;  /* "--out", or NULL */
    const char *value; /* "DIR": it takes one; or NULL */
    const char *help;
    size_t offset; /* in struct invocation */
};
extern const struct option_row OPTIONS[]; /* letter-0-terminated */

/* Reads the command line. `arguments` has room for `count` words. Errors:
 * STATUS_CONFIG, with the nearest word. */
enum status_code invocation_read(int count, char **words, char **arguments,
                                 struct invocation *invocation,
                                 struct status *status);

/* --help: one screen. */
void help_print(struct text *out);
/* Help of one command. */
void help_print_command(const struct command *command, struct text *out);
/* Completion scripts, made from the tables. */
void completion_print(bool zsh, struct text *out);

/* The commands. */
enum status_code command_run(const struct invocation *invocation);
enum status_code command_plan(const struct invocation *invocation);
enum status_code command_check(const struct invocation *invocation);
enum status_code command_show(const struct invocation *invocation);
enum status_code command_compare(const struct invocation *invocation);
enum status_code command_audit(const struct invocation *invocation);
enum status_code command_diff(const struct invocation *invocation);
enum status_code command_list(const struct invocation *invocation);
enum status_code command_schema(const struct invocation *invocation);
enum status_code command_reference(const struct invocation *invocation);
enum status_code command_completion(const struct invocation *invocation);

/* Writes to stdout; a closed or full one is STATUS_OUTPUT, said on stderr (a
 * reader that has gone away, as `head` does, says nothing). */
enum status_code print_out(const struct text *text);
/* "runner: error: MESSAGE" on stderr, or with `json` an array of one object on
 * stdout, as check --json prints a config's problems; returns the code. */
enum status_code print_failure(const struct invocation *invocation,
                               const struct status *status);

#endif
