#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/command.h"

enum { WORD_LIMIT = 8 };

/* A folder with a file of a command's name and a config. */
static char scratch[] = "/tmp/test_runner_command.XXXXXX";

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(scratch) || chdir(scratch) != 0)
        return -1;
    FILE *config = fopen("x.yaml", "w"), *named = fopen("check", "w");
    if (!config || !named)
        return -1;
    fclose(config);
    fclose(named);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink("x.yaml");
    unlink("check");
    return rmdir(scratch);
}

static enum status_code read_line(const char *const *words,
                                  struct invocation *invocation,
                                  char **arguments, struct status *status) {
    char *copies[WORD_LIMIT];
    int count = 0;
    for (; count < WORD_LIMIT && words[count]; count++)
        copies[count] = (char *)(uintptr_t)words[count];
    *status = STATUS_INIT;
    return invocation_read(count, copies, arguments, invocation, status);
}

/* ------------------------------------------------------------------- taken */

static const struct good {
    const char *words[WORD_LIMIT];
    const char *command;
    struct invocation expected; /* options alone */
    const char *arguments[WORD_LIMIT];
} GOOD[] = {
    {{"x.yaml"}, "run", {.threads = 0}, {"x.yaml"}},
    {{"run", "x.yaml"}, "run", {.threads = 0}, {"x.yaml"}},
    {{"./check"}, "run", {.threads = 0}, {"./check"}},
    {{"check", "x.yaml"}, "check", {.threads = 0}, {"x.yaml"}},
    {{"check", "check"}, "check", {.threads = 0}, {"check"}},
    {{"x.yaml", "seed=1", "-f", "a.b=2"},
     "run",
     {.force = true},
     {"x.yaml", "seed=1", "a.b=2"}},
    {{"-f", "x.yaml"}, "run", {.force = true}, {"x.yaml"}},
    {{"x.yaml", "~seed", "+a=1"},
     "run",
     {.force = false},
     {"x.yaml", "~seed", "+a=1"}},
    {{"x.yaml", "-j", "4"}, "run", {.threads = 4}, {"x.yaml"}},
    {{"x.yaml", "-j4"}, "run", {.threads = 4}, {"x.yaml"}},
    {{"x.yaml", "--threads=4096"}, "run", {.threads = 4096}, {"x.yaml"}},
    {{"x.yaml", "--threads", "1"}, "run", {.threads = 1}, {"x.yaml"}},
    {{"x.yaml", "-fqv"},
     "run",
     {.force = true, .quiet = true, .verbose = true},
     {"x.yaml"}},
    {{"x.yaml", "-fj2"}, "run", {.force = true, .threads = 2}, {"x.yaml"}},
    {{"--out", "o", "x.yaml", "--data=d"},
     "run",
     {.out = "o", .data = "d"},
     {"x.yaml"}},
    {{"x.yaml", "--out=a=b"}, "run", {.out = "a=b"}, {"x.yaml"}},
    {{"x.yaml", "--out", "-f"}, "run", {.out = "-f"}, {"x.yaml"}},
    {{"x.yaml", "--", "-f", "--out"},
     "run",
     {.force = false},
     {"x.yaml", "-f", "--out"}},
    {{"--json", "check", "x.yaml", "y.yaml"},
     "check",
     {.json = true},
     {"x.yaml", "y.yaml"}},
    {{"show", "name/01", "--all"}, "show", {.all = true}, {"name/01"}},
    {{"list"}, "list", {.json = false}, {NULL}},
    {{"list", "layers", "--json"}, "list", {.json = true}, {"layers"}},
    {{"schema"}, "schema", {.json = false}, {NULL}},
    {{"completion", "bash"}, "completion", {.json = false}, {"bash"}},
    /* Help asks for nothing else to be right. */
    {{"-h"}, "run", {.help = true}, {NULL}},
    {{"show", "--help"}, "show", {.help = true}, {NULL}},
    {{"no_such.yaml", "-h"}, "run", {.help = true}, {"no_such.yaml"}},
    {{"audit", "--help"}, "audit", {.help = true}, {NULL}},
};

static bool same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_options(const struct invocation *a,
                         const struct invocation *b) {
    return a->threads == b->threads && a->force == b->force &&
           a->all == b->all && a->quiet == b->quiet &&
           a->verbose == b->verbose && a->json == b->json &&
           a->help == b->help && same_text(a->out, b->out) &&
           same_text(a->data, b->data);
}

static void takes_good_lines(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        const struct good *row = &GOOD[i];
        char *arguments[WORD_LIMIT];
        struct invocation found;
        struct status status;
        if (read_line(row->words, &found, arguments, &status) != STATUS_OK)
            fail_msg("row %zu: %s", i, status.message);
        if (!same_options(&found, &row->expected))
            fail_msg("row %zu (%s): other options", i, row->words[0]);
        assert_string_equal(found.command->name, row->command);
        size_t count = 0;
        for (; row->arguments[count]; count++) {
            assert_true(count < found.argument_count);
            assert_string_equal(found.arguments[count], row->arguments[count]);
        }
        assert_int_equal(found.argument_count, count);
    }
}

/* ----------------------------------------------------------------- refused */

static const struct bad {
    const char *words[WORD_LIMIT];
    const char *message; /* what it must hold */
} BAD[] = {
    {{"no_such.yaml"}, "no_such.yaml: no such config file"},
    {{"chek", "x.yaml"}, "did you mean the command 'check'?"},
    {{"shwo"}, "did you mean the command 'show'?"},
    {{"x.yaml", "--quite"}, "unknown option '--quite'; did you mean '--quiet'"},
    {{"x.yaml", "--ouput=x"}, "did you mean '--out'?"},
    {{"x.yaml", "--zzzzzzzzzz"}, "see 'runner --help'"},
    {{"x.yaml", "-z"}, "unknown option '-z'"},
    {{"x.yaml", "-fz"}, "unknown option '-fz'"},
    /* Letters that only serve the table. */
    {{"x.yaml", "-J"}, "unknown option '-J'"},
    {{"x.yaml", "-o", "d"}, "unknown option '-o'"},
    {{"x.yaml", "--force=yes"}, "--force takes no value"},
    {{"x.yaml", "--out"}, "--out: expected DIR behind it"},
    {{"x.yaml", "--out="}, "--out: expected DIR behind it"},
    {{"x.yaml", "--out", ""}, "--out: expected DIR behind it"},
    {{"x.yaml", "-j"}, "--threads: expected N behind it"},
    {{"x.yaml", "-j0"}, "a whole number from 1 to 4096, found '0'"},
    {{"x.yaml", "-j", "-1"}, "found '-1'"},
    {{"x.yaml", "-j", "abc"}, "found 'abc'"},
    {{"x.yaml", "-j", "1.5"}, "found '1.5'"},
    {{"x.yaml", "-j", "4097"}, "found '4097'"},
    {{"x.yaml", "-j", "1e400"}, "found '1e400'"},
    {{"x.yaml", "-j", "0x4"}, "found '0x4'"},
    {{"x.yaml", "-j4q"}, "found '4q'"},
    {{"-f"}, "run: expected CONFIG"},
    {{"check"}, "check: expected CONFIG ..."},
    {{"show"}, "show: expected RUN | EXPERIMENT"},
    {{"show", "a", "b"}, "show: unexpected argument 'b'"},
    {{"list", "a", "b"}, "list: unexpected argument 'b'"},
    {{"schema", "x"}, "schema: unexpected argument 'x'"},
    {{"completion"}, "completion: expected bash | zsh"},
    {{"audit"}, "audit: expected RUN | EXPERIMENT | BUNDLE ..."},
    {{"audit", "x", "--bundle"}, "--bundle: expected FILE behind it"},
    {{"diff", "a"}, "diff: expected RUN RUN"},
    {{"diff", "a", "b", "c"}, "diff: unexpected argument 'c'"},
    {{"diff", "a", "b", "--rerun"}, "diff does not take --rerun"},
    {{"check", "x.yaml", "-f"}, "check does not take --force"},
    {{"show", "x", "--data", "d"}, "show does not take --data"},
    {{"x.yaml", "--all"}, "run does not take --all"},
    {{"list", "-j2"}, "list does not take --threads"},
    {{"schema", "--json"}, "schema does not take --json"},
    {{"schema", "--out", "d"}, "schema does not take --out"},
};

static void refuses_bad_lines(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        char *arguments[WORD_LIMIT];
        struct invocation found;
        struct status status;
        if (read_line(BAD[i].words, &found, arguments, &status) !=
            STATUS_CONFIG)
            fail_msg("row %zu (%s): taken", i, BAD[i].words[0]);
        if (!strstr(status.message, BAD[i].message))
            fail_msg("row %zu: '%s' does not say '%s'", i, status.message,
                     BAD[i].message);
    }
}

/* --------------------------------------------------------------- the tables */

static void tables_are_complete(void **state) {
    (void)state;
    assert_string_equal(COMMANDS[0].name, "run");
    for (const struct command *row = COMMANDS; row->name; row++) {
        assert_non_null(row->help);
        for (const char *letter = row->options; *letter; letter++) {
            size_t known = 0;
            for (const struct option_row *option = OPTIONS; option->letter;
                 option++)
                known += option->letter == *letter;
            assert_int_equal(known, 1);
        }
    }
}

/* Help fits a screen and says everything that works, and nothing else. */
static void helps(void **state) {
    struct text help = TEXT_INIT;
    (void)state;
    help_print(&help);
    for (const struct command *row = COMMANDS; row->name; row++) {
        char line[64];
        snprintf(line, sizeof line, "\n  runner %s ", row->name);
        if (row != COMMANDS)
            assert_non_null(strstr(help.bytes, line));
    }
    assert_non_null(strstr(help.bytes, "--out"));
    assert_null(strstr(help.bytes, "--bundle")); /* it is one command's */
    for (const char *line = help.bytes; *line;) {
        size_t length = strcspn(line, "\n");
        assert_in_range(length, 0, 80);
        line += length + (line[length] == '\n');
    }
    /* Every option is there, or with the one command that takes it. */
    for (const struct command *row = COMMANDS; row->name; row++)
        help_print_command(row, &help);
    for (const struct option_row *row = OPTIONS; row->letter; row++)
        assert_non_null(strstr(help.bytes, row->name));
    text_clear(&help);
    help_print_command(&COMMANDS[1], &help);
    assert_non_null(strstr(help.bytes, "runner check CONFIG ..."));
    assert_non_null(strstr(help.bytes, "--json"));
    assert_null(strstr(help.bytes, "--force"));
    text_release(&help);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_good_lines),
        cmocka_unit_test(refuses_bad_lines),
        cmocka_unit_test(tables_are_complete),
        cmocka_unit_test(helps),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
