#ifndef TESTS_UNIT_DATASET_FIXTURES_H
#define TESTS_UNIT_DATASET_FIXTURES_H

/* Data sets out of small CSV files of a test's own. */

#include "tests/unit/data_fixtures.h"

#include <unistd.h>

/* A folder for a test's files. */
static char folder[64];

static inline int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_dataset_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

enum { FILES = 2, PATH_SIZE = 128 };
static char path[FILES][PATH_SIZE];

static inline int remove_folder(void **state) {
    (void)state;
    for (size_t i = 0; i < FILES; i++)
        if (path[i][0])
            unlink(path[i]);
    return rmdir(folder);
}

/* Writes the `index`-th file of the test. */
static inline void write_file(size_t index, const char *text) {
    snprintf(path[index], PATH_SIZE, "%s/%zu.csv", folder, index);
    FILE *file = fopen(path[index], "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* Options of a table source, all of whose parts can be changed. */
struct fixture {
    struct table_source_options table;
    struct data_options data;
};

static inline void fill(struct fixture *fixture, const char *features,
                        const char *targets) {
    *fixture = (struct fixture){
        .table = {.features.path = features, .targets.path = targets},
        .data = {.split = {.test_size = fraction_share(0.25), .shuffle = true},
                 .source.kind = kind_of(&SOURCE_FAMILY, "table")},
    };
    fixture->data.source.options = &fixture->table;
}

static inline struct field_texts label_list(const char *const *labels,
                                            size_t count) {
    return (struct field_texts){labels, count};
}

static const char *const X[] = {"x"}, *const Y[] = {"y"};
static const char *const XY[] = {"x", "y"}, *const YX[] = {"y", "x"};

/* One CSV file with the columns x, y, z; the targets are y. */
static inline void fill_xyz(struct fixture *fixture, const char *rows) {
    char text[512];
    snprintf(text, sizeof text, "x,y,z\n%s", rows);
    write_file(0, text);
    fill(fixture, path[0], path[0]);
    fixture->table.targets.labels = label_list(Y, 1);
}

static const char ROWS[] = "1,10,100\n2,20,200\n3,30,300\n4,40,400\n";

static inline void init(struct dataset *dataset,
                        const struct fixture *fixture) {
    struct status status = STATUS_INIT;
    if (dataset_init(dataset, &fixture->data, &status) != STATUS_OK)
        fail_msg("%s: %s", status.key, status.message);
}

static inline void check_refused(const struct fixture *fixture,
                                 enum status_code code, const char *key,
                                 const char *fragment) {
    struct dataset dataset;
    struct status status = STATUS_INIT;
    assert_int_equal(dataset_init(&dataset, &fixture->data, &status), code);
    check_error(&status, code, key, fragment);
    assert_null(dataset.arena.blocks);
}

static inline void check_column(const float *values, const float *expected,
                                size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_true(values[i] == expected[i]);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

#endif
