#include "runner/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "engine/base/number.h"
#include "engine/io/json.h"
#include "engine/io/utf8.h"

const struct command COMMANDS[] = {
    {"run", "CONFIG [PATH=VALUE ...]", "run it; finished runs are kept",
     command_run, 1, 0, "jnfodqvJ"},
    {"check", "CONFIG ...", "validate; print every error", command_check, 1, 0,
     "dqJ"},
    {"plan", "CONFIG [PATH=VALUE ...]", "what would run, how long",
     command_plan, 1, 0, "jnfodqvJ"},
    {"show", "RUN | EXPERIMENT", "metrics, weights, biases by layer",
     command_show, 1, 1, "oaJ"},
    {"compare", "EXPERIMENT ...", "groups of runs, mean and interval",
     command_compare, 1, 0, "oaJbmtwcM"},
    {"audit", "RUN | EXPERIMENT | BUNDLE ...", "run again, compare every bit",
     command_audit, 1, 0, "joadqJsRB"},
    {"diff", "RUN RUN", "what differs, and where they part", command_diff, 2, 2,
     "odJ"},
    {"list", "[FAMILY | KIND]", "kinds, options, units, defaults", command_list,
     0, 1, "J"},
    {"schema", "", "JSON Schema of a config", command_schema, 0, 0, ""},
    {"reference", "", "a config with every default", command_reference, 0, 0,
     ""},
    {"completion", "bash | zsh", "completion for a shell", command_completion,
     1, 1, ""},
    {0},
};

const struct option_row OPTIONS[] = {
    {'j', "--threads", "N", "threads to use",
     offsetof(struct invocation, threads)},
    {'n', "--dry-run", NULL, "print the plan, run nothing",
     offsetof(struct invocation, dry_run)},
    {'f', "--force", NULL, "run again what is finished",
     offsetof(struct invocation, force)},
    {'o', "--out", "DIR", "results go to DIR/NAME instead of experiments/NAME",
     offsetof(struct invocation, out)},
    {'d', "--data", "DIR", "look for data files in DIR too",
     offsetof(struct invocation, data)},
    {'a', "--all", NULL, "every run folder, not only the last plan's",
     offsetof(struct invocation, all)},
    {'q', "--quiet", NULL, "print errors only",
     offsetof(struct invocation, quiet)},
    {'v', "--verbose", NULL, "print threads, packs and seconds too",
     offsetof(struct invocation, verbose)},
    {'J', "--json", NULL, "one JSON document on stdout instead of tables",
     offsetof(struct invocation, json)},
    {'b', "--by", "PATHS", "compare: group by these, with commas between",
     offsetof(struct invocation, by)},
    {'m', "--metric", "NAME", "compare: by this metric, as test.accuracy",
     offsetof(struct invocation, metric)},
    {'t', "--top", "N", "compare: the best N groups",
     offsetof(struct invocation, top)},
    {'w', "--where", "TEXT", "compare: runs for which an expression holds",
     offsetof(struct invocation, where)},
    {'c', "--csv", NULL, "compare: as CSV", offsetof(struct invocation, csv)},
    {'M', "--md", NULL, "compare: as Markdown",
     offsetof(struct invocation, markdown)},
    {'s', "--sample", "P%", "audit: a share of the runs, as 5%",
     offsetof(struct invocation, sample)},
    {'R', "--rerun", NULL, "audit: run again what is in a bundle, too",
     offsetof(struct invocation, rerun)},
    {'B', "--bundle", "FILE", "audit: put the records into one tar",
     offsetof(struct invocation, bundle)},
    {'h', "--help", NULL, "this page, or a command's",
     offsetof(struct invocation, help)},
    {0},
};

/* Letters that may be typed; the others serve the table alone. */
static const char TYPED_LETTERS[] = "jnfqvh";

/* ---------------------------------------------------------------- options */

static const struct option_row *find_long(const char *word, size_t length) {
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        if (strlen(row->name) == length &&
            strncmp(row->name, word, length) == 0)
            return row;
    return NULL;
}

static const struct option_row *find_letter(char letter) {
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        if (row->letter == letter && strchr(TYPED_LETTERS, letter))
            return row;
    return NULL;
}

static enum status_code unknown_option(const char *word,
                                       struct status *status) {
    const char *names[sizeof OPTIONS / sizeof *OPTIONS + 1] = {"--version"};
    for (size_t i = 0; OPTIONS[i].letter; i++)
        names[i + 1] = OPTIONS[i].name;
    STATUS_RETURN_IF(strcmp(word, "--version") == 0, status, STATUS_CONFIG,
                     "--version stands alone, or with -v: runner --version -v");
    char *name = memory_string_of(word, strcspn(word, "="));
    const char *near = names_nearest(name, names);
    free(name);
    STATUS_RETURN_IF(near, status, STATUS_CONFIG,
                     "unknown option '%s'; did you mean '%s'?", word, near);
    return status_set(status, STATUS_CONFIG,
                      "unknown option '%s'; see 'runner --help'", word);
}

static enum status_code set_threads(const char *value,
                                    struct invocation *invocation,
                                    struct status *status) {
    double number;
    STATUS_RETURN_IF(
        !number_read(value, strlen(value), &number) ||
            !(number >= 1 && number <= 4096) || number != (double)(int)number,
        status, STATUS_CONFIG,
        "-j: expected a whole number from 1 to 4096, found '%s'", value);
    invocation->threads = (int64_t)number;
    return STATUS_OK;
}

static enum status_code set_option(const struct option_row *row,
                                   const char *value,
                                   struct invocation *invocation,
                                   struct status *status) {
    char *target = (char *)invocation + row->offset;
    if (!row->value) {
        STATUS_RETURN_IF(value, status, STATUS_CONFIG, "%s takes no value",
                         row->name);
        *(bool *)target = true;
        return STATUS_OK;
    }
    STATUS_RETURN_IF(!value || !*value, status, STATUS_CONFIG,
                     "%s: expected %s behind it", row->name, row->value);
    if (row->letter == 'j')
        return set_threads(value, invocation, status);
    memcpy(target, &value, sizeof value);
    return STATUS_OK;
}

/* Where reading stands. */
struct reader {
    int count, next;
    char **words;
    char **arguments;
    size_t argument_count;
};

static const char *following(struct reader *reader) {
    return reader->next < reader->count ? reader->words[reader->next++] : NULL;
}

static enum status_code read_long(struct reader *reader, const char *word,
                                  struct invocation *invocation,
                                  struct status *status) {
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct option_row *row = find_long(word, length);
    if (!row)
        return unknown_option(word, status);
    const char *value = equals ? equals + 1 : NULL;
    if (row->value && !equals)
        value = following(reader);
    return set_option(row, value, invocation, status);
}

static enum status_code read_letters(struct reader *reader, const char *word,
                                     struct invocation *invocation,
                                     struct status *status) {
    for (const char *letter = word + 1; *letter; letter++) {
        const struct option_row *row = find_letter(*letter);
        if (!row)
            return unknown_option(word, status);
        if (row->value)
            return set_option(row, letter[1] ? letter + 1 : following(reader),
                              invocation, status);
        STATUS_TRY(set_option(row, NULL, invocation, status));
    }
    return STATUS_OK;
}

static enum status_code read_words(struct reader *reader,
                                   struct invocation *invocation,
                                   struct status *status) {
    bool only_arguments = false;
    while (reader->next < reader->count) {
        char *word = reader->words[reader->next++];
        if (only_arguments || word[0] != '-' || !word[1])
            reader->arguments[reader->argument_count++] = word;
        else if (strcmp(word, "--") == 0)
            only_arguments = true;
        else if (word[1] == '-')
            STATUS_TRY(read_long(reader, word, invocation, status));
        else
            STATUS_TRY(read_letters(reader, word, invocation, status));
    }
    return STATUS_OK;
}

/* --------------------------------------------------------------- commands */

static const struct command *find_command(const char *word) {
    for (const struct command *row = COMMANDS; row->name; row++)
        if (strcmp(row->name, word) == 0)
            return row;
    return NULL;
}

static enum status_code no_such_config(const char *word,
                                       struct status *status) {
    const char *names[sizeof COMMANDS / sizeof *COMMANDS] = {0};
    for (size_t i = 0; COMMANDS[i].name; i++)
        names[i] = COMMANDS[i].name;
    const char *near = strchr(word, '/') ? NULL : names_nearest(word, names);
    STATUS_RETURN_IF(near, status, STATUS_CONFIG,
                     "%s: no such config file; did you mean the command '%s'?",
                     word, near);
    return status_set(status, STATUS_CONFIG, "%s: no such config file", word);
}

static enum status_code choose_command(struct reader *reader,
                                       struct invocation *invocation,
                                       struct status *status) {
    struct stat about;
    const char *first = reader->argument_count ? reader->arguments[0] : NULL;
    const struct command *command = first ? find_command(first) : NULL;
    invocation->command = command ? command : &COMMANDS[0];
    if (invocation->dry_run && invocation->command == &COMMANDS[0])
        invocation->command = find_command("plan");
    size_t skip = command ? 1 : 0;
    invocation->arguments = reader->arguments + skip;
    invocation->argument_count = reader->argument_count - skip;
    if (first && !command && !invocation->help && stat(first, &about) != 0 &&
        errno == ENOENT)
        return no_such_config(first, status);
    return STATUS_OK;
}

static enum status_code check_counts(const struct invocation *invocation,
                                     struct status *status) {
    const struct command *command = invocation->command;
    size_t count = invocation->argument_count;
    STATUS_RETURN_IF(count < command->least, status, STATUS_CONFIG,
                     "%s: expected %s; see 'runner --help'", command->name,
                     command->arguments);
    bool takes_any = command->most == 0 && command->least > 0;
    STATUS_RETURN_IF(!takes_any && count > command->most, status, STATUS_CONFIG,
                     "%s: unexpected argument '%s'", command->name,
                     invocation->arguments[command->most]);
    return STATUS_OK;
}

static bool is_given(const struct invocation *invocation,
                     const struct option_row *row) {
    const char *at = (const char *)invocation + row->offset;
    const char *value;
    if (row->letter == 'j')
        return invocation->threads > 0;
    if (!row->value)
        return *(const bool *)at;
    memcpy(&value, at, sizeof value);
    return value != NULL;
}

static enum status_code check_options(const struct invocation *invocation,
                                      struct status *status) {
    const struct command *command = invocation->command;
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        STATUS_RETURN_IF(row->letter != 'h' && is_given(invocation, row) &&
                             !strchr(command->options, row->letter),
                         status, STATUS_CONFIG, "%s does not take %s",
                         command->name, row->name);
    return STATUS_OK;
}

enum status_code invocation_read(int count, char **words, char **arguments,
                                 struct invocation *invocation,
                                 struct status *status) {
    *invocation = (struct invocation){0};
    struct reader reader = {
        .count = count, .words = words, .arguments = arguments};
    STATUS_TRY(read_words(&reader, invocation, status));
    STATUS_TRY(choose_command(&reader, invocation, status));
    if (invocation->help)
        return STATUS_OK;
    STATUS_TRY(check_counts(invocation, status));
    return check_options(invocation, status);
}

/* ---------------------------------------------------------------- printing */

enum status_code print_out(const struct text *text) {
    if (text->length == 0 ||
        (fwrite(text->bytes, 1, text->length, stdout) == text->length &&
         fflush(stdout) == 0))
        return STATUS_OK;
    if (errno == EPIPE)
        return STATUS_OK;
    fprintf(stderr, "runner: error: stdout: %s\n", strerror(errno));
    return STATUS_OUTPUT;
}

/* Paths and words of the user's may hold anything: the message stays a line. */
static void print_failure_line(const struct status *status) {
    char *message = memory_string(status->message);
    utf8_make_line(message);
    fprintf(stderr, "runner: error: %s\n", message);
    free(message);
}

enum status_code print_failure(const struct invocation *invocation,
                               const struct status *status) {
    if (!invocation || !invocation->json) {
        print_failure_line(status);
        return status->code;
    }
    struct text out = TEXT_INIT;
    struct json_writer writer = json_writer_new(&out, 2);
    json_begin_array(&writer);
    json_begin_object(&writer);
    json_key(&writer, "message");
    json_string(&writer, status->message);
    json_key(&writer, "code");
    json_integer(&writer, status_exit(status->code));
    json_end_object(&writer);
    json_end_array(&writer);
    text_add_char(&out, '\n');
    print_out(&out);
    text_release(&out);
    return status->code;
}
