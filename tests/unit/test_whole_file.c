#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/io/whole_file.h"

static char folder_path[] = "/tmp/test_whole_file.XXXXXX";
static int folder = -1;

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder_path))
        return -1;
    folder = open(folder_path, O_RDONLY | O_DIRECTORY);
    return folder < 0;
}

static size_t count_entries(void) {
    DIR *list = opendir(folder_path);
    size_t count = 0;
    assert_non_null(list);
    while (readdir(list))
        count++;
    closedir(list);
    return count - 2;
}

static int tear_down(void **state) {
    (void)state;
    DIR *list = opendir(folder_path);
    for (struct dirent *entry; list && (entry = readdir(list));)
        if (entry->d_name[0] != '.')
            unlinkat(folder, entry->d_name,
                     entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
    closedir(list);
    close(folder);
    return rmdir(folder_path);
}

static const char *path_of(const char *name) {
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder_path, name);
    return path;
}

static void check_contents(const char *name, const void *data, size_t size) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    assert_int_equal(
        whole_file_read(path_of(name), 1 << 24, STATUS_INPUT, &bytes, &status),
        STATUS_OK);
    assert_int_equal(bytes.size, size);
    assert_memory_equal(bytes.data, data, size);
    assert_int_equal(bytes.data[size], 0);
    bytes_release(&bytes);
    assert_null(bytes.data);
}

static void check_refused(const char *path, size_t limit, const char *words) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    assert_int_equal(
        whole_file_read(path, limit, STATUS_CONFIG, &bytes, &status),
        STATUS_CONFIG);
    assert_null(bytes.data);
    if (!strstr(status.message, words) || !strstr(status.message, path))
        fail_msg("'%s' does not say '%s'", status.message, words);
}

static void reads_what_was_created(void **state) {
    static const char DATA[] = "a\0b\n";
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(whole_file_create(folder, "new", DATA, 4, &status),
                     STATUS_OK);
    check_contents("new", DATA, 4);
    assert_int_equal(whole_file_create(folder, "new", "x", 1, &status),
                     STATUS_OUTPUT);
    assert_non_null(strstr(status.message, "exists already"));
    check_contents("new", DATA, 4);
    assert_int_equal(whole_file_create(folder, "empty", NULL, 0, &status),
                     STATUS_OK);
    check_contents("empty", "", 0);
}

static void reads_large_files(void **state) {
    enum { SIZE = 5000003 };
    unsigned char *data = malloc(SIZE);
    struct status status = STATUS_INIT;
    (void)state;
    assert_non_null(data);
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (unsigned char)(i * i >> 7);
    assert_int_equal(whole_file_create(folder, "large", data, SIZE, &status),
                     STATUS_OK);
    check_contents("large", data, SIZE);
    check_refused(path_of("large"), SIZE - 1, "more than the 5000002");
    free(data);
}

static void does_not_follow_links(void **state) {
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(whole_file_create(folder, "target", "kept", 4, &status),
                     STATUS_OK);
    assert_int_equal(symlinkat("target", folder, "link"), 0);
    assert_int_equal(whole_file_create(folder, "link", "x", 1, &status),
                     STATUS_OUTPUT);
    check_contents("target", "kept", 4);
    assert_int_equal(symlinkat("nowhere", folder, "dangling"), 0);
    assert_int_equal(whole_file_create(folder, "dangling", "x", 1, &status),
                     STATUS_OUTPUT);
    assert_int_equal(faccessat(folder, "nowhere", F_OK, 0), -1);
}

static void refuses_what_is_no_file(void **state) {
    (void)state;
    check_refused(path_of("absent"), 100, "no such file");
    check_refused(path_of("large/x"), 100, "not a directory");
    check_refused(folder_path, 100, "is a directory");
    check_refused("/dev/zero", 100, "not a regular file");
    assert_int_equal(mkfifoat(folder, "fifo", 0600), 0);
    check_refused(path_of("fifo"), 100, "not a regular file");
    assert_int_equal(mkdirat(folder, "dir", 0700), 0);
    struct status status = STATUS_INIT;
    assert_int_equal(whole_file_create(folder, "no/such", "x", 1, &status),
                     STATUS_OUTPUT);
    assert_string_equal(status.message, "no/such: no such file");
}

/* Root may read everything: it becomes somebody else for the question. */
static void tells_no_permission(void **state) {
    struct status status = STATUS_INIT;
    bool is_root = geteuid() == 0;
    (void)state;
    assert_int_equal(whole_file_create(folder, "secret", "x", 1, &status),
                     STATUS_OK);
    assert_int_equal(fchmodat(folder, "secret", 0, 0), 0);
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    check_refused(path_of("secret"), 100, "permission denied");
    assert_int_equal(whole_file_create(AT_FDCWD, "/secret", "x", 1, &status),
                     STATUS_OUTPUT);
    assert_non_null(strstr(status.message, "permission denied"));
    if (is_root)
        assert_int_equal(seteuid(0), 0);
}

/* A write that ends half-way: the first 1,000 bytes fit, the rest do not. */
static void leaves_nothing_half_written(void **state) {
    static const char DATA[5000];
    struct status status = STATUS_INIT;
    struct rlimit old, small;
    (void)state;
    size_t before = count_entries();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 1000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum status_code created =
        whole_file_create(folder, "half", DATA, sizeof DATA, &status);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(created, STATUS_OUTPUT);
    assert_string_equal(status.message, "half: the file would be too large");
    assert_int_equal(count_entries(), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_created),
        cmocka_unit_test(reads_large_files),
        cmocka_unit_test(does_not_follow_links),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(tells_no_permission),
        cmocka_unit_test(leaves_nothing_half_written),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
