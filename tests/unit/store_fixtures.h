#ifndef TESTS_UNIT_STORE_FIXTURES_H
#define TESTS_UNIT_STORE_FIXTURES_H

/* A scratch folder for tests of the store, and looks into it by plain paths. */

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/io/whole_file.h"
#include "runner/store/folder.h"
#include "runner/store/store.h"

static const char ID[] = "0123456789abcdef";

static char scratch[] = "/tmp/test_runner_store.XXXXXX";

static inline int scratch_make(void **state) {
    (void)state;
    return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_remove(void **state) {
    (void)state;
    folder_remove(AT_FDCWD, scratch);
    return access(scratch, F_OK) == 0;
}

/* SCRATCH/`format`, valid until the eighth call after. */
static inline const char *at(const char *format, ...) {
    static char paths[8][400];
    static size_t next;
    char *path = paths[next++ % 8];
    int length = snprintf(path, sizeof *paths, "%s/", scratch);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path + length, sizeof *paths - (size_t)length, format, arguments);
    va_end(arguments);
    return path;
}

static inline bool is_there(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0;
}

/* Entries of a folder; dot files count. */
static inline size_t entries(const char *path) {
    DIR *stream = opendir(path);
    size_t count = 0;
    assert_non_null(stream);
    while (readdir(stream))
        count++;
    closedir(stream);
    return count - 2;
}

static inline void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static inline void assert_file(const char *path, const char *expected) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    if (whole_file_read(path, 1 << 20, STATUS_INPUT, &bytes, &status))
        fail_msg("%s", status.message);
    assert_string_equal((const char *)bytes.data, expected);
    bytes_release(&bytes);
}

/* An experiment SCRATCH/NAME, opened to write. */
static inline struct store store_at(const char *name) {
    struct store store;
    struct status status = STATUS_INIT;
    if (store_open(&store, scratch, name, true, &status))
        fail_msg("%s", status.message);
    return store;
}

/* Commits a folder of two files, "a" and "run.json". */
static inline enum status_code commit(const struct store *store, const char *id,
                                      const char *a, const char *run_json,
                                      bool replace, struct status *status) {
    struct store_files files = {.count = 0};
    text_add(store_files_add(&files, "a"), a);
    text_add(store_files_add(&files, "run.json"), run_json);
    enum status_code code = store_commit(store, id, &files, replace, status);
    store_files_release(&files);
    return code;
}

#endif
