/* Files *.case of tests/config: bad configs, and the problems that each must
 * have, all of them, at their lines.
 *
 *   === TITLE            a case begins
 *   @ NAME               the file's name; without it, case.yaml
 *   ! OVERRIDE           as typed on the command line
 *   $data                a line of a good config, see LINES; $all: three of
 * them …                    any other line stands for itself
 *   ---                  the problems begin, sorted by line
 *   4:13: MESSAGE        at line and column
 *   lr=-1:4: MESSAGE     in an override
 *
 * RUNNER_UPDATE_CASES=1 writes what was found into the files instead. */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/config/config.h"

#define FOLDER TEST_SOURCE_DIR "/tests/config"

static const struct {
    const char *word, *lines;
} LINES[] = {
    {"$data", "data: {source: make_moons}\n"},
    {"$model", "model: {layers: [{type: linear, out_features: 1}]}\n"},
    {"$train", "train: {loss: bce_with_logits, optimizer: adam, "
               "batch_size: 5, steps: 9}\n"},
    {"$regression", "train: {loss: mse, optimizer: adam, batch_size: 5, "
                    "steps: 9}\n"},
    {"$all", "data: {source: make_moons}\n"
             "model: {layers: [{type: linear, out_features: 1}]}\n"
             "train: {loss: bce_with_logits, optimizer: adam, "
             "batch_size: 5, steps: 9}\n"},
};

enum { OVERRIDE_LIMIT = 8, FILE_LIMIT = 1 << 18 };

struct test_case {
    char name[300];
    struct text config, wanted;
    char *overrides[OVERRIDE_LIMIT];
    size_t override_count;
};

/* ----------------------------------------------------------------- reading */

static void add_config_line(struct test_case *test, const char *line) {
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        if (strcmp(LINES[i].word, line) == 0) {
            text_add(&test->config, LINES[i].lines);
            return;
        }
    }
    text_print(&test->config, "%s\n", line);
}

static void read_line(struct test_case *test, char *line) {
    if (strncmp(line, "@ ", 2) == 0) {
        snprintf(test->name, sizeof test->name, "%s", line + 2);
    } else if (strncmp(line, "! ", 2) == 0) {
        assert_true(test->override_count < OVERRIDE_LIMIT);
        test->overrides[test->override_count++] = line + 2;
    } else {
        add_config_line(test, line);
    }
}

/* Splits the lines of a case (its title apart) in place. */
static void read_case(struct test_case *test, char *body) {
    *test = (struct test_case){.name = "case.yaml"};
    char *rest = strstr(body, "---\n");
    assert_non_null(rest);
    text_add(&test->wanted, rest + 4);
    *rest = '\0';
    for (char *end; (end = strchr(body, '\n')); body = end + 1) {
        *end = '\0';
        read_line(test, body);
    }
}

static void release_case(struct test_case *test) {
    text_release(&test->config);
    text_release(&test->wanted);
}

/* ---------------------------------------------------------------- checking */

static void describe(const struct problem *problem, struct text *out) {
    if (!problem->place)
        text_print(out, "nowhere: %s\n", problem->message);
    else if (problem->is_override)
        text_print(out, "%s:%zu: %s\n", problem->place, problem->column,
                   problem->message);
    else
        text_print(out, "%zu:%zu: %s\n", problem->line, problem->column,
                   problem->message);
}

static void check_config(const struct test_case *test, struct text *found) {
    struct problems problems = {0};
    struct text printed = TEXT_INIT;
    struct config config;
    struct tree tree;
    tree_read_text(&tree, test->name, text_string(&test->config),
                   test->config.length, &problems);
    for (size_t i = 0; i < test->override_count; i++)
        tree_override(&tree, test->overrides[i], &problems);
    config_init(&config, &tree, NULL, &problems);
    problems_print(&problems, &printed); /* sorts them */
    for (size_t i = 0; i < problems.count; i++) {
        assert_int_equal(problems.problem[i].code, STATUS_CONFIG);
        describe(&problems.problem[i], found);
    }
    config_release(&config);
    problems_release(&problems);
    text_release(&printed);
}

/* Trailing blank lines and comments between cases are not what is wanted. */
static size_t wanted_length(const char *wanted) {
    const char *end = strstr(wanted, "\n\n");
    const char *comment = *wanted == '#' ? wanted : strstr(wanted, "\n#");
    size_t length = strlen(wanted);
    if (*wanted == '\n')
        return 0;
    if (end && (size_t)(end - wanted) + 1 < length)
        length = (size_t)(end - wanted) + 1;
    if (comment && (size_t)(comment - wanted) + 1 < length)
        length = (size_t)(comment - wanted) + 1;
    return length;
}

struct tally {
    size_t cases, failures;
};

/* Checks one case; `updated` gets what its expectations become. */
static void run_case(const char *file, const char *title, char *body,
                     struct tally *tally, struct text *updated) {
    struct test_case test;
    struct text found = TEXT_INIT;
    read_case(&test, body);
    check_config(&test, &found);
    size_t length = wanted_length(text_string(&test.wanted));
    tally->cases++;
    if (found.length != length ||
        memcmp(text_string(&found), text_string(&test.wanted), length) != 0) {
        tally->failures++;
        fprintf(stderr, "%s: %s\nwanted:\n%.*sfound:\n%s\n", file, title,
                (int)length, text_string(&test.wanted), text_string(&found));
    }
    text_add(updated, text_string(&found));
    text_add(updated, text_string(&test.wanted) + length);
    text_release(&found);
    release_case(&test);
}

/* Up to the line "---" the text of a case stays as it is. */
static void run_text(const char *file, const char *content, struct tally *tally,
                     struct text *updated) {
    const char *at = strstr(content, "=== ");
    assert_non_null(at);
    text_append(updated, content, (size_t)(at - content));
    while (at) {
        const char *next = strstr(at, "\n=== ");
        const char *end = next ? next + 1 : at + strlen(at);
        char *copy = strndup(at, (size_t)(end - at));
        char *title_end = strchr(copy, '\n');
        char *rest = strstr(copy, "---\n");
        assert_true(title_end && rest);
        text_append(updated, copy, (size_t)(rest - copy) + 4);
        *title_end = '\0';
        run_case(file, copy, title_end + 1, tally, updated);
        free(copy);
        at = next ? end : NULL;
    }
}

static char *read_file(const char *path) {
    char *content = calloc(1, FILE_LIMIT);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(content, 1, FILE_LIMIT - 1, file);
    assert_true(length > 0 && length < FILE_LIMIT - 1);
    fclose(file);
    return content;
}

static void run_file(const char *name, struct tally *tally) {
    char path[600];
    struct text updated = TEXT_INIT;
    snprintf(path, sizeof path, "%s/%s", FOLDER, name);
    char *content = read_file(path);
    run_text(name, content, tally, &updated);
    if (getenv("RUNNER_UPDATE_CASES")) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fwrite(updated.bytes, 1, updated.length, file);
        fclose(file);
    }
    free(content);
    text_release(&updated);
}

static void test_cases(void **state) {
    (void)state;
    struct tally tally = {0};
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot && strcmp(dot, ".case") == 0)
            run_file(entry->d_name, &tally);
    }
    closedir(folder);
    assert_true(tally.cases >= 80);
    if (!getenv("RUNNER_UPDATE_CASES"))
        assert_int_equal(tally.failures, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
