/* Who made a run, by the journal. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/audit/maker.h"

static char folder[] = "/tmp/test_maker.XXXXXX";

static const char JOURNAL[] =
    "{\"event\":\"start\",\"session\":\"s1\",\"isa\":\"v3\",\"cpu\":\"A\"}\n"
    "{\"event\":\"run\",\"session\":\"s1\",\"id\":\"0000000000000001\","
    "\"outcome\":\"finished\"}\n"
    "{\"event\":\"start\",\"session\":\"s2\",\"isa\":\"v4\",\"cpu\":\"B\"}\n"
    "torn {\n"
    "{\"event\":\"run\",\"session\":\"s1\",\"id\":\"0000000000000003\","
    "\"outcome\":\"diverged\"}\n"
    "{\"event\":\"run\",\"session\":\"s2\",\"id\":\"0000000000000001\","
    "\"outcome\":\"finished\"}\n"
    "{\"event\":\"run\",\"session\":\"s2\",\"id\":\"0000000000000002\","
    "\"outcome\":\"failed\"}\n"
    "{\"event\":\"run\",\"session\":\"s9\",\"id\":\"0000000000000004\","
    "\"outcome\":\"finished\"}\n"
    "{\"event\":\"run\",\"session\":\"s2\",\"id\":\"../..\"}\n"
    "{\"event\":\"end\",\"session\":\"s2\",\"exit\":0}";

static int write_journal(void **state) {
    char path[64];
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/journal.jsonl", folder);
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    fputs(JOURNAL, file);
    return fclose(file);
}

static int remove_journal(void **state) {
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "%s/journal.jsonl", folder);
    unlink(path);
    return rmdir(folder);
}

static void the_last_to_make_a_run_is_its_maker(void **state) {
    struct makers makers;
    (void)state;
    makers_init(&makers, folder, "journal.jsonl");
    assert_string_equal(makers_find(&makers, "0000000000000001")->isa, "v4");
    assert_string_equal(makers_find(&makers, "0000000000000003")->isa, "v3");
    assert_null(makers_find(&makers, "0000000000000002"));
    assert_null(makers_find(&makers, "0000000000000004"));
    assert_null(makers_find(&makers, ""));
    makers_release(&makers);
}

static void without_a_journal_nobody_is(void **state) {
    struct makers makers;
    (void)state;
    makers_init(&makers, folder, "nothing");
    assert_null(makers_find(&makers, "0000000000000001"));
    makers_release(&makers);
}

static void what_is_not_told_is_as_here(void **state) {
    struct machine here = {
        .version = "1", .source = "s", .build = "b", .cpu = "B", .isa = "v4"};
    struct makers makers;
    (void)state;
    makers_init(&makers, folder, "journal.jsonl");
    const struct maker *maker = makers_find(&makers, "0000000000000001");
    assert_true(maker_is_here(maker, &here));
    here.isa = "v3";
    assert_false(maker_is_here(maker, &here));
    here.isa = "v4";
    strcpy(here.cpu, "A");
    assert_false(maker_is_here(maker, &here));
    makers_release(&makers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_to_make_a_run_is_its_maker),
        cmocka_unit_test(without_a_journal_nobody_is),
        cmocka_unit_test(what_is_not_told_is_as_here),
    };
    return cmocka_run_group_tests(tests, write_journal, remove_journal);
}
