#include <pthread.h>
#include <sys/resource.h>

#include "engine/io/json.h"
#include "runner/store/journal.h"
#include "store_fixtures.h"

#define START(session) "{\"event\":\"start\",\"session\":\"" session "\"}\n"
#define RUN(session) "{\"event\":\"run\",\"session\":\"" session "\"}\n"
#define END(session)                                                           \
    "{\"event\":\"end\",\"session\":\"" session "\",\"exit\":0}\n"

static const struct journal_start NO_DATA = {
    .isa = "scalar", .threads = 1, .config_path = "/tmp"};

/* Journals by hand, and what they say. */
static const struct judged {
    const char *text;
    bool is_unclean;
    size_t damaged;
} JUDGED[] = {
    {START("a") END("a"), false, 0},
    {START("a") RUN("a") END("a") START("b") END("b"), false, 0},
    {START("a") END("a") "\n\n", false, 0},
    {"", true, 0},
    {START("a"), true, 0},
    {START("a") RUN("a"), true, 0},
    {START("a") END("a") START("b"), true, 0},
    {START("a") START("b") END("b"), true, 0},
    /* Interleaved, as two processes write. */
    {START("a") START("b") RUN("b") RUN("a") END("a") END("b"), false, 0},
    {START("a") START("b") RUN("b") RUN("a") END("a"), true, 0},
    /* Ended twice, or never begun. */
    {START("a") END("a") END("a"), false, 0},
    {START("a") END("b"), true, 0},
    {END("a"), true, 0},
    /* Damage: whatever it hides may have been a start. */
    {START("a") END("a") "{\"event\":\"start\",\"ses", true, 1},
    {START("a") "nonsense\n" END("a"), true, 1},
    {START("a") "5\n[]\nnull\n" END("a"), true, 3},
    {"{\"event\":\"start\"}\n" START("a") END("a"), true, 1},
    {"{\"event\":7,\"session\":\"a\"}\n" START("a") END("a"), true, 1},
};

static void judges_journals(void **state) {
    struct store store = store_at("judged");
    (void)state;
    for (size_t i = 0; i < sizeof JUDGED / sizeof *JUDGED; i++) {
        size_t damaged = 99;
        write_text(at("judged/journal.jsonl"), JUDGED[i].text);
        bool unclean = journal_is_unclean(&store, &damaged);
        if (unclean != JUDGED[i].is_unclean || damaged != JUDGED[i].damaged)
            fail_msg("%s: unclean %d, %zu damaged", JUDGED[i].text, unclean,
                     damaged);
    }
    store_close(&store);
}

static void counts_zeros_as_damage(void **state) {
    static const char ZEROS[64];
    struct store store = store_at("zeros");
    size_t damaged;
    (void)state;
    assert_true(journal_is_unclean(&store, &damaged));
    assert_int_equal(damaged, 0);
    FILE *file = fopen(at("zeros/journal.jsonl"), "w");
    assert_non_null(file);
    fputs(START("a"), file);
    fwrite(ZEROS, 1, sizeof ZEROS, file);
    fputs("\n" END("a"), file);
    fclose(file);
    assert_true(journal_is_unclean(&store, &damaged));
    assert_int_equal(damaged, 1);
    store_close(&store);
}

static struct journal begin(const struct store *store,
                            const struct journal_start *start) {
    struct journal journal;
    struct status status = STATUS_INIT;
    if (journal_begin(&journal, store, start, &status))
        fail_msg("%s", status.message);
    return journal;
}

static void finish(struct journal *journal, int exit_status) {
    struct status status = STATUS_INIT;
    assert_int_equal(journal_end(journal, exit_status, &status), STATUS_OK);
    journal_close(journal);
    assert_int_equal(journal->file, -1);
}

/* The `index`-th line of the journal, parsed. */
static struct json_value *line_of(const struct store *store, size_t index) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    assert_true(store_get(store, "journal.jsonl", &bytes));
    const char *line = (const char *)bytes.data;
    while (index-- > 0) {
        line = strchr(line, '\n');
        assert_non_null(line);
        line++;
    }
    struct json_value *event = json_parse(line, strcspn(line, "\n"), &status);
    assert_non_null(event);
    bytes_release(&bytes);
    return event;
}

static void assert_member(const struct json_value *event, const char *key,
                          const char *expected) {
    assert_string_equal(json_get_string(json_member(event, key), "no string"),
                        expected);
}

static void writes_a_session(void **state) {
    struct store store = store_at("session");
    struct status status = STATUS_INIT;
    size_t damaged;
    (void)state;
    write_text(at("data file"), "x");
    const char *paths[] = {at("session/../data file"), "no such file"};
    struct journal_start start = {.isa = "v3",
                                  .threads = 2,
                                  .config_path = at("./session"),
                                  .data_paths = paths,
                                  .data_count = 2};
    struct journal journal = begin(&store, &start);
    assert_true(journal_is_unclean(&store, &damaged));
    assert_int_equal(journal_run(&journal, ID, "finished", 0.25, &status),
                     STATUS_OK);
    finish(&journal, 75);
    assert_false(journal_is_unclean(&store, &damaged));
    assert_int_equal(damaged, 0);

    struct json_value *event = line_of(&store, 0);
    const struct json_value *data = json_member(event, "data");
    assert_member(event, "event", "start");
    assert_member(event, "session", journal.session);
    assert_member(event, "isa", "v3");
    assert_member(event, "config", at("session"));
    assert_int_equal(json_get_integer(json_member(event, "threads"), 0), 2);
    assert_int_equal(json_get_integer(json_member(event, "pid"), 0), getpid());
    assert_int_equal(json_count(data), 2);
    assert_string_equal(json_get_string(json_element(data, 0), ""),
                        at("data file"));
    assert_string_equal(json_get_string(json_element(data, 1), ""),
                        "no such file");
    json_free(event);
    event = line_of(&store, 1);
    assert_member(event, "event", "run");
    assert_member(event, "id", ID);
    assert_member(event, "outcome", "finished");
    assert_true(json_get_double(json_member(event, "seconds"), 0) == 0.25);
    json_free(event);
    event = line_of(&store, 2);
    assert_member(event, "event", "end");
    assert_int_equal(json_get_integer(json_member(event, "exit"), 0), 75);
    /* 2026-01-31T12:00:00.000Z */
    assert_int_equal(strlen(json_get_string(json_member(event, "time"), "")),
                     24);
    json_free(event);
    store_close(&store);
}

/* A session that died in the middle of a line costs that line alone. */
static void goes_on_after_a_torn_line(void **state) {
    struct store store = store_at("torn");
    size_t damaged;
    (void)state;
    write_text(at("torn/journal.jsonl"),
               START("a") "{\"event\":\"run\",\"session\":\"a");
    struct journal journal = begin(&store, &NO_DATA);
    finish(&journal, 0);
    assert_true(journal_is_unclean(&store, &damaged));
    assert_int_equal(damaged, 1);
    struct json_value *event = line_of(&store, 2);
    assert_member(event, "event", "start");
    assert_member(event, "session", journal.session);
    json_free(event);
    event = line_of(&store, 3);
    assert_member(event, "event", "end");
    json_free(event);
    store_close(&store);
}

enum { WRITERS = 4, LINES = 200 };

static void *append_lines(void *argument) {
    const struct store *store = argument;
    struct journal journal = begin(store, &NO_DATA);
    struct status status = STATUS_INIT;
    for (int i = 0; i < LINES; i++)
        if (journal_run(&journal, ID, "finished", i, &status) != STATUS_OK)
            return NULL;
    finish(&journal, 0);
    return argument;
}

/* Several sessions at once: lines interleave, never bytes. One that begins
 * while another's line goes over a page may take it for torn, and ends it: an
 * empty line, which says nothing. */
static void keeps_lines_whole(void **state) {
    struct store store = store_at("writers");
    pthread_t writers[WRITERS];
    struct bytes bytes;
    size_t damaged, lines = 0;
    (void)state;
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(
            pthread_create(&writers[i], NULL, append_lines, &store), 0);
    for (int i = 0; i < WRITERS; i++) {
        void *done;
        assert_int_equal(pthread_join(writers[i], &done), 0);
        assert_non_null(done);
    }
    journal_is_unclean(&store, &damaged);
    assert_int_equal(damaged, 0);
    assert_true(store_get(&store, "journal.jsonl", &bytes));
    for (size_t i = 1; i < bytes.size; i++)
        lines += bytes.data[i] == '\n' && bytes.data[i - 1] != '\n';
    assert_int_equal(lines, WRITERS * (LINES + 2));
    bytes_release(&bytes);
    store_close(&store);
}

static void refuses_what_is_no_file(void **state) {
    struct store store = store_at("no_file");
    struct journal journal;
    struct status status = STATUS_INIT;
    (void)state;
    write_text(at("outside"), "");
    assert_int_equal(symlink("../outside", at("no_file/journal.jsonl")), 0);
    assert_int_equal(journal_begin(&journal, &store, &NO_DATA, &status),
                     STATUS_OUTPUT);
    assert_int_equal(journal.file, -1);
    assert_file(at("outside"), "");
    assert_int_equal(unlink(at("no_file/journal.jsonl")), 0);
    assert_int_equal(mkfifo(at("no_file/journal.jsonl"), 0600), 0);
    assert_int_equal(journal_begin(&journal, &store, &NO_DATA, &status),
                     STATUS_OUTPUT);
    assert_non_null(strstr(status.message, "is not a regular file"));
    store_close(&store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_journals),
        cmocka_unit_test(counts_zeros_as_damage),
        cmocka_unit_test(writes_a_session),
        cmocka_unit_test(goes_on_after_a_torn_line),
        cmocka_unit_test(keeps_lines_whole),
        cmocka_unit_test(refuses_what_is_no_file),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
