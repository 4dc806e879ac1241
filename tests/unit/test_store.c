#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "store_fixtures.h"

static void assert_says(const struct status *status, const char *words) {
    if (!strstr(status->message, words))
        fail_msg("'%s' does not say '%s'", status->message, words);
    assert_null(strchr(status->message, '\n'));
}

static void makes_its_folders(void **state) {
    struct store store;
    struct status status = STATUS_INIT;
    (void)state;
    const char *out = at("x//y/z/");
    assert_int_equal(store_open(&store, out, "made", false, &status),
                     STATUS_CONFIG);
    assert_says(&status, "no such experiment");
    assert_false(is_there(at("x")));
    assert_int_equal(store_open(&store, out, "made", true, &status), STATUS_OK);
    assert_true(is_there(at("x/y/z/made/runs")));
    assert_true(is_there(at("x/y/z/made/.work")));
    store_close(&store);
    assert_int_equal(store.folder, -1);
    assert_int_equal(store_open(&store, out, "made", false, &status),
                     STATUS_OK);
    assert_int_equal(store.work, -1);
    store_close(&store);
    assert_int_equal(store_open(&store, "", "made", true, &status),
                     STATUS_OUTPUT);
}

static void reads_nothing_where_a_part_is_missing(void **state) {
    struct store store;
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(mkdir(at("bare"), 0700), 0);
    assert_int_equal(store_open(&store, scratch, "bare", false, &status),
                     STATUS_CONFIG);
    assert_says(&status, "bare: no such experiment");
    assert_int_equal(entries(at("bare")), 0);
}

static void takes_plain_names_alone(void **state) {
    static const char *const BAD[] = {
        "", ".", "..", "../../etc/x", "/abs", "a/b", "-rf", "con\n", "x\x7f"};
    (void)state;
    size_t before = entries(scratch);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        for (int create = 0; create < 2; create++) {
            struct store store;
            struct status status = STATUS_INIT;
            assert_int_equal(
                store_open(&store, scratch, BAD[i], create, &status),
                STATUS_CONFIG);
        }
    assert_int_equal(entries(scratch), before);
    char name[5001] = {0};
    memset(name, 'n', sizeof name - 1);
    struct store store;
    struct status status = STATUS_INIT;
    assert_int_equal(store_open(&store, scratch, name, true, &status),
                     STATUS_OUTPUT);
    assert_int_equal(entries(scratch), before);
}

static void check_refused(const char *out, const char *name) {
    struct store store;
    struct status status = STATUS_INIT;
    assert_int_equal(store_open(&store, out, name, true, &status),
                     STATUS_OUTPUT);
    assert_says(&status, "is not a folder");
    assert_int_equal(store_open(&store, out, name, false, &status),
                     STATUS_CONFIG);
}

static void follows_no_link_but_of_out(void **state) {
    struct store store;
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(mkdir(at("real"), 0700), 0);
    assert_int_equal(symlink("real", at("link")), 0);
    assert_int_equal(store_open(&store, at("link"), "inside", true, &status),
                     STATUS_OK);
    store_close(&store);
    assert_true(is_there(at("real/inside/runs")));

    assert_int_equal(mkdir(at("victim"), 0700), 0);
    assert_int_equal(symlink("../victim", at("real/name")), 0);
    check_refused(at("real"), "name");
    assert_int_equal(mkdir(at("real/parts"), 0700), 0);
    assert_int_equal(symlink("../../victim", at("real/parts/runs")), 0);
    check_refused(at("real"), "parts");
    write_text(at("real/file"), "x");
    check_refused(at("real"), "file");
    assert_int_equal(entries(at("victim")), 0);
}

static void replaces_no_link_to_a_run(void **state) {
    struct store store = store_at("run_link");
    struct status status = STATUS_INIT;
    struct bytes bytes;
    (void)state;
    assert_int_equal(mkdir(at("elsewhere"), 0700), 0);
    write_text(at("elsewhere/run.json"), "{}");
    assert_int_equal(symlink("../../elsewhere", at("run_link/runs/%s", ID)), 0);
    assert_false(store_has(&store, ID, "run.json"));
    assert_false(store_get_run(&store, ID, "run.json", &bytes));
    assert_int_equal(commit(&store, ID, "x", "y", true, &status),
                     STATUS_OUTPUT);
    assert_says(&status, ID);
    assert_file(at("elsewhere/run.json"), "{}");
    assert_int_equal(entries(at("elsewhere")), 1);
    assert_int_equal(entries(at("run_link/.work")), 0);
    store_close(&store);
}

/* The folders stay those that were opened, wherever their names lead then. */
static void stays_where_it_was_opened(void **state) {
    struct store store = store_at("moved");
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(mkdir(at("trap"), 0700), 0);
    assert_int_equal(rename(at("moved"), at("moved_away")), 0);
    assert_int_equal(symlink("trap", at("moved")), 0);
    assert_int_equal(commit(&store, ID, "x", "y", true, &status), STATUS_OK);
    struct text text = TEXT_INIT;
    text_add(&text, "plan");
    assert_int_equal(store_put(&store, "plan.json", &text, &status), STATUS_OK);
    text_release(&text);
    assert_int_equal(entries(at("trap")), 0);
    assert_file(at("moved_away/runs/%s/a", ID), "x");
    assert_file(at("moved_away/plan.json"), "plan");
    store_close(&store);
}

static void commits_and_replaces(void **state) {
    struct store store = store_at("commit");
    struct status status = STATUS_INIT;
    struct bytes bytes;
    (void)state;
    assert_int_equal(commit(&store, ID, "one", "{1}", false, &status),
                     STATUS_OK);
    assert_int_equal(commit(&store, ID, "two", "{2}", false, &status),
                     STATUS_OK);
    assert_file(at("commit/runs/%s/a", ID), "one");
    /* What was beside the files goes with the folder that is replaced. */
    assert_int_equal(mkdir(at("commit/runs/%s/plots", ID), 0700), 0);
    write_text(at("commit/runs/%s/plots/x.png", ID), "x");
    assert_int_equal(commit(&store, ID, "three", "{3}", true, &status),
                     STATUS_OK);
    assert_file(at("commit/runs/%s/a", ID), "three");
    assert_file(at("commit/runs/%s/run.json", ID), "{3}");
    assert_int_equal(entries(at("commit/runs/%s", ID)), 2);
    assert_int_equal(entries(at("commit/.work")), 0);
    assert_true(store_has(&store, ID, "a"));
    assert_false(store_has(&store, ID, "b"));
    assert_true(store_get_run(&store, ID, "a", &bytes));
    assert_int_equal(bytes.size, 5);
    assert_string_equal((char *)bytes.data, "three");
    bytes_release(&bytes);
    assert_int_equal(store_sync(&store, &status), STATUS_OK);
    store_close(&store);
}

/* A folder, or a file, that stands where the run is to be made. */
static void makes_a_run_where_something_stands(void **state) {
    struct store store = store_at("taken");
    struct status status = STATUS_INIT;
    char name[WORK_NAME_SIZE];
    (void)state;
    work_name(ID, name);
    assert_int_equal(mkdir(at("taken/.work/%s", name), 0700), 0);
    write_text(at("taken/.work/%s/half", name), "of another");
    assert_int_equal(commit(&store, ID, "one", "{1}", false, &status),
                     STATUS_OK);
    assert_int_equal(entries(at("taken/runs/%s", ID)), 2);
    write_text(at("taken/.work/%s", name), "a file");
    assert_int_equal(commit(&store, ID, "two", "{2}", true, &status),
                     STATUS_OK);
    assert_file(at("taken/runs/%s/a", ID), "two");
    assert_int_equal(entries(at("taken/.work")), 0);
    store_close(&store);
}

static void leaves_the_old_run_after_an_error(void **state) {
    struct store store = store_at("failed");
    struct status status = STATUS_INIT;
    struct store_files files = {.count = 0};
    (void)state;
    assert_int_equal(commit(&store, ID, "old", "{}", true, &status), STATUS_OK);
    text_add(store_files_add(&files, "a"), "new");
    text_add(store_files_add(&files, "no/such"), "new");
    assert_int_equal(store_commit(&store, ID, &files, true, &status),
                     STATUS_OUTPUT);
    assert_says(&status, "failed/no/such: no such file");
    store_files_release(&files);
    assert_file(at("failed/runs/%s/a", ID), "old");
    assert_int_equal(entries(at("failed/.work")), 0);
    store_close(&store);
}

/* ------------------------------------------------------------------ .work */

/* A child that begins a work folder and then lives on; returns its number. */
static pid_t begin_in_child(const char *experiment, char name[WORK_NAME_SIZE]) {
    int channel[2];
    assert_int_equal(pipe(channel), 0);
    pid_t child = fork();
    if (child == 0) {
        struct store store = store_at(experiment);
        work_name(ID, name);
        int folder = folder_make(store.work, name);
        close(openat(folder, "half", O_WRONLY | O_CREAT, 0600));
        if (write(channel[1], name, WORK_NAME_SIZE) != WORK_NAME_SIZE)
            _exit(1);
        for (;;)
            pause();
    }
    assert_true(child > 0);
    assert_int_equal(read(channel[0], name, WORK_NAME_SIZE), WORK_NAME_SIZE);
    close(channel[0]);
    close(channel[1]);
    return child;
}

static void removes_what_the_dead_left(void **state) {
    char living[WORK_NAME_SIZE], own[WORK_NAME_SIZE];
    (void)state;
    pid_t child = begin_in_child("stale", living);
    work_name("plan.json", own);
    write_text(at("stale/.work/%s", own), "an earlier process' half");
    write_text(at("stale/.work/%s.1@elsewhere", ID), "another host's");
    write_text(at("stale/.work/notes"), "somebody's");
    struct store store = store_at("stale");
    store_close(&store);
    assert_true(is_there(at("stale/.work/%s/half", living)));
    assert_false(is_there(at("stale/.work/%s", own)));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    store = store_at("stale");
    store_close(&store);
    assert_false(is_there(at("stale/.work/%s", living)));
    assert_true(is_there(at("stale/.work/%s.1@elsewhere", ID)));
    assert_true(is_there(at("stale/.work/notes")));
    assert_int_equal(entries(at("stale/.work")), 2);
}

/* Dies of SIGXFSZ inside the commit: the second file is too large. */
static void die_in_commit(void) {
    struct store store = store_at("killed");
    struct status status = STATUS_INIT;
    struct rlimit small = {1000, 1000}, none = {0, 0};
    char *large = calloc(5001, 1);
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGXFSZ, SIG_DFL);
    if (!large || setrlimit(RLIMIT_FSIZE, &small))
        _exit(1);
    memset(large, 'x', 5000);
    commit(&store, ID, "small", large, true, &status);
    _exit(1);
}

static void survives_death_inside_a_commit(void **state) {
    struct status status = STATUS_INIT;
    int how = 0;
    (void)state;
    pid_t child = fork();
    if (child == 0)
        die_in_commit();
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    assert_int_equal(WTERMSIG(how), SIGXFSZ);
    assert_int_equal(entries(at("killed/runs")), 0);
    assert_int_equal(entries(at("killed/.work")), 1);
    struct store store = store_at("killed");
    assert_int_equal(entries(at("killed/.work")), 0);
    assert_int_equal(commit(&store, ID, "a", "b", true, &status), STATUS_OK);
    store_close(&store);
    assert_file(at("killed/runs/%s/a", ID), "a");
}

/* ---------------------------------------------------------- single files */

static enum status_code put(const struct store *store, const char *name,
                            const char *content, struct status *status) {
    struct text text = TEXT_INIT;
    text_add(&text, content);
    enum status_code code = store_put(store, name, &text, status);
    text_release(&text);
    return code;
}

static ino_t inode(const char *path) {
    struct stat about;
    assert_int_equal(lstat(path, &about), 0);
    return about.st_ino;
}

static void puts_files(void **state) {
    struct store store = store_at("put");
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(put(&store, "plan.json", "one", &status), STATUS_OK);
    ino_t first = inode(at("put/plan.json"));
    assert_int_equal(put(&store, "plan.json", "one", &status), STATUS_OK);
    assert_int_equal(inode(at("put/plan.json")), first);
    assert_int_equal(put(&store, "plan.json", "two", &status), STATUS_OK);
    assert_file(at("put/plan.json"), "two");
    assert_int_equal(put(&store, "empty", "", &status), STATUS_OK);
    assert_file(at("put/empty"), "");
    assert_int_equal(put(&store, "empty", "", &status), STATUS_OK);
    assert_int_equal(entries(at("put/.work")), 0);
    assert_int_equal(entries(at("put")), 4);
    store_close(&store);
}

static void puts_no_file_over_a_link_or_folder(void **state) {
    struct store store = store_at("put_link");
    struct status status = STATUS_INIT;
    (void)state;
    write_text(at("target"), "kept");
    assert_int_equal(symlink("../target", at("put_link/plan.json")), 0);
    assert_int_equal(put(&store, "plan.json", "x", &status), STATUS_OUTPUT);
    assert_says(&status, "put_link/plan.json: is not a regular file");
    /* Not even where the link's file holds these bytes. */
    assert_int_equal(put(&store, "plan.json", "kept", &status), STATUS_OUTPUT);
    assert_file(at("target"), "kept");
    assert_int_equal(mkdir(at("put_link/summary.csv"), 0700), 0);
    assert_int_equal(put(&store, "summary.csv", "x", &status), STATUS_OUTPUT);
    assert_int_equal(entries(at("put_link/.work")), 0);
    store_close(&store);
}

static void puts_all_or_nothing(void **state) {
    struct store store = store_at("put_half");
    struct status status = STATUS_INIT;
    struct rlimit old, small;
    char large[5001] = {0};
    (void)state;
    memset(large, 'x', sizeof large - 1);
    assert_int_equal(put(&store, "plan.json", "old", &status), STATUS_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum status_code file = put(&store, "plan.json", large, &status);
    enum status_code run = commit(&store, ID, "small", large, true, &status);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(file, STATUS_OUTPUT);
    assert_int_equal(run, STATUS_OUTPUT);
    assert_says(&status, "put_half/run.json: the file would be too large");
    assert_file(at("put_half/plan.json"), "old");
    assert_int_equal(entries(at("put_half/runs")), 0);
    assert_int_equal(entries(at("put_half/.work")), 0);
    store_close(&store);
}

static void gets_regular_files_alone(void **state) {
    struct store store = store_at("get");
    struct bytes bytes = {.size = 7};
    (void)state;
    assert_int_equal(mkfifo(at("get/fifo"), 0600), 0);
    assert_int_equal(symlink("plain", at("get/link")), 0);
    write_text(at("get/plain"), "text");
    assert_false(store_get(&store, "fifo", &bytes));
    assert_false(store_get(&store, "link", &bytes));
    assert_false(store_get(&store, "runs", &bytes));
    assert_false(store_get(&store, "absent", &bytes));
    assert_null(bytes.data);
    assert_int_equal(bytes.size, 0);
    assert_true(store_get(&store, "plain", &bytes));
    assert_int_equal(bytes.size, 4);
    bytes_release(&bytes);
    /* What is no id leads nowhere. */
    assert_false(store_get_run(&store, "..", "plain", &bytes));
    assert_false(store_get_run(&store, "../runs/../..", "x", &bytes));
    assert_false(store_has(&store, "..", "plain"));
    store_close(&store);
}

static void lists_ids_in_order(void **state) {
    static const char *const NAMES[] = {"ffffffffffffffff", "0000000000000001",
                                        "a00000000000000b", "0123",
                                        "A000000000000000", "notes"};
    struct store store = store_at("ids");
    run_id *ids;
    (void)state;
    assert_int_equal(store_ids(&store, &ids), 0);
    assert_null(ids);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        assert_int_equal(mkdir(at("ids/runs/%s", NAMES[i]), 0700), 0);
    assert_int_equal(store_ids(&store, &ids), 3);
    assert_string_equal(ids[0], NAMES[1]);
    assert_string_equal(ids[1], NAMES[2]);
    assert_string_equal(ids[2], NAMES[0]);
    free(ids);
    store_close(&store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_its_folders),
        cmocka_unit_test(reads_nothing_where_a_part_is_missing),
        cmocka_unit_test(takes_plain_names_alone),
        cmocka_unit_test(follows_no_link_but_of_out),
        cmocka_unit_test(replaces_no_link_to_a_run),
        cmocka_unit_test(stays_where_it_was_opened),
        cmocka_unit_test(commits_and_replaces),
        cmocka_unit_test(makes_a_run_where_something_stands),
        cmocka_unit_test(leaves_the_old_run_after_an_error),
        cmocka_unit_test(removes_what_the_dead_left),
        cmocka_unit_test(survives_death_inside_a_commit),
        cmocka_unit_test(puts_files),
        cmocka_unit_test(puts_no_file_over_a_link_or_folder),
        cmocka_unit_test(puts_all_or_nothing),
        cmocka_unit_test(gets_regular_files_alone),
        cmocka_unit_test(lists_ids_in_order),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
