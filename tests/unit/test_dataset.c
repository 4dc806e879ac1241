#include "tests/unit/data_fixtures.h"

#include <math.h>
#include <unistd.h>

#include "engine/data/generators.h"
#include "engine/data/table_columns.h"

/* A folder for a test's files. */
static char folder[64];

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_dataset_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

enum { FILES = 2, PATH_SIZE = 128 };
static char path[FILES][PATH_SIZE];

static int remove_folder(void **state) {
    (void)state;
    for (size_t i = 0; i < FILES; i++)
        if (path[i][0])
            unlink(path[i]);
    return rmdir(folder);
}

/* Writes the `index`-th file of the test. */
static void write_file(size_t index, const char *text) {
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

static void fill(struct fixture *fixture, const char *features,
                 const char *targets) {
    *fixture = (struct fixture){
        .table = {.features.path = features, .targets.path = targets},
        .data = {.split = {.test_size = fraction_share(0.25), .shuffle = true},
                 .source.kind = kind_of(&SOURCE_FAMILY, "table")},
    };
    fixture->data.source.options = &fixture->table;
}

static struct field_texts label_list(const char *const *labels, size_t count) {
    return (struct field_texts){labels, count};
}

static const char *const X[] = {"x"}, *const Y[] = {"y"};
static const char *const XY[] = {"x", "y"}, *const YX[] = {"y", "x"};

/* One CSV file with the columns x, y, z; the targets are y. */
static void fill_xyz(struct fixture *fixture, const char *rows) {
    char text[512];
    snprintf(text, sizeof text, "x,y,z\n%s", rows);
    write_file(0, text);
    fill(fixture, path[0], path[0]);
    fixture->table.targets.labels = label_list(Y, 1);
}

static const char ROWS[] = "1,10,100\n2,20,200\n3,30,300\n4,40,400\n";

static void init(struct dataset *dataset, const struct fixture *fixture) {
    struct status status = STATUS_INIT;
    if (dataset_init(dataset, &fixture->data, &status) != STATUS_OK)
        fail_msg("%s: %s", status.key, status.message);
}

static void check_refused(const struct fixture *fixture, enum status_code code,
                          const char *key, const char *fragment) {
    struct dataset dataset;
    struct status status = STATUS_INIT;
    assert_int_equal(dataset_init(&dataset, &fixture->data, &status), code);
    check_error(&status, code, key, fragment);
    assert_null(dataset.arena.blocks);
}

/* ---- what is read ---- */

static void check_column(const float *values, const float *expected,
                         size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_true(values[i] == expected[i]);
}

static void targets_leave_the_rest(void **state) {
    (void)state;
    struct fixture fixture;
    struct dataset dataset;
    fill_xyz(&fixture, ROWS);
    init(&dataset, &fixture);
    assert_int_equal(dataset.rows, 4);
    assert_int_equal(dataset.columns, 2);
    assert_int_equal(dataset.target_columns, 1);
    assert_string_equal(dataset.column_names[0], "x");
    assert_string_equal(dataset.column_names[1], "z");
    assert_string_equal(dataset.target_names[0], "y");
    check_column(dataset.features + 4, (float[]){100, 200, 300, 400}, 4);
    check_column(dataset.targets, (float[]){10, 20, 30, 40}, 4);
    assert_int_equal(dataset.part[PART_TRAIN].rows, 3);
    assert_int_equal(dataset.part[PART_VALIDATION].rows, 0);
    assert_int_equal(dataset.part[PART_TEST].rows, 1);
    dataset_release(&dataset);
}

static void columns_come_as_asked(void **state) {
    (void)state;
    struct fixture fixture;
    struct dataset dataset;
    fill_xyz(&fixture, ROWS);
    fixture.table.features.labels = label_list(YX, 2);
    init(&dataset, &fixture);
    assert_string_equal(dataset.column_names[0], "y");
    check_column(dataset.features, (float[]){10, 20, 30, 40, 1, 2, 3, 4}, 8);
    dataset_release(&dataset);
    fixture.table.features.labels = label_list(NULL, 0);
    fixture.table.features.has_positions = true;
    fixture.table.features.start = 1;
    fixture.table.features.stop = 3;
    init(&dataset, &fixture);
    assert_string_equal(dataset.column_names[1], "z");
    assert_int_equal(dataset.columns, 2);
    dataset_release(&dataset);
}

static void same_path_is_one_input(void **state) {
    (void)state;
    struct fixture fixture;
    struct dataset dataset;
    char digest[DIGEST_TEXT_SIZE];
    static const char XYZ[] = "x,y,z\n1,10,100\n2,20,200\n3,30,300\n4,40,400\n";
    fill_xyz(&fixture, ROWS);
    init(&dataset, &fixture);
    assert_int_equal(dataset.input_count, 1);
    assert_string_equal(dataset.input[0].path, path[0]);
    digest_of(XYZ, sizeof XYZ - 1, digest);
    assert_string_equal(dataset.input[0].digest, digest);
    dataset_release(&dataset);
}

/* The same bytes under another name are the same table: what a config computes
 * does not depend on what its files are called. */
static void same_bytes_are_one_table(void **state) {
    (void)state;
    struct fixture fixture;
    struct dataset dataset;
    fill_xyz(&fixture, ROWS);
    write_file(1, "x,y,z\n1,10,100\n2,20,200\n3,30,300\n4,40,400\n");
    fixture.table.targets.path = path[1];
    init(&dataset, &fixture);
    assert_int_equal(dataset.columns, 2);
    assert_int_equal(dataset.input_count, 2);
    assert_string_equal(dataset.input[1].path, path[1]);
    assert_string_equal(dataset.input[0].digest, dataset.input[1].digest);
    dataset_release(&dataset);
}

static void two_files_keep_all_columns(void **state) {
    (void)state;
    struct fixture fixture;
    struct dataset dataset;
    write_file(0, "x,y\n1,2\n3,4\n5,6\n");
    write_file(1, "y,t\n7,0\n8,1\n9,0\n");
    fill(&fixture, path[0], path[1]);
    init(&dataset, &fixture);
    assert_int_equal(dataset.columns, 2);
    assert_int_equal(dataset.target_columns, 2);
    check_column(dataset.targets, (float[]){7, 8, 9, 0, 1, 0}, 6);
    dataset_release(&dataset);
}

/* ---- missing values ---- */

static const char HOLES[] = "1,10,100\n,20,200\n3,,300\n4,40,\n5,inf,500\n"
                            "6,60,600\n7,70,700\n";

static void names_a_missing_value(void **state) {
    (void)state;
    struct fixture fixture;
    fill_xyz(&fixture, HOLES);
    check_refused(&fixture, STATUS_INPUT, "source.features",
                  "row 1 (line 3), column 'x': the value is missing");
    fixture.table.features.labels = label_list(X, 1);
    fixture.table.targets.labels = label_list(Y, 1);
    fill_xyz(&fixture, "1,1,1\n2,-inf,2\n3,3,3\n");
    check_refused(&fixture, STATUS_INPUT, "source.targets",
                  "row 1 (line 3), column 'y': the value is infinite");
}

static void unused_columns_may_have_holes(void **state) {
    (void)state;
    struct fixture fixture;
    struct dataset dataset;
    fill_xyz(&fixture, "1,1,\n2,2,word\n3,3,inf\n");
    fixture.table.features.labels = label_list(X, 1);
    init(&dataset, &fixture);
    assert_int_equal(dataset.rows, 3);
    dataset_release(&dataset);
}

static void leaves_out_rows(void **state) {
    (void)state;
    struct fixture fixture;
    struct dataset dataset;
    const int64_t KEPT[] = {0, 5, 6};
    fill_xyz(&fixture, HOLES);
    fixture.data.drop_missing = true;
    fixture.data.split.test_size = count_share(1);
    init(&dataset, &fixture);
    assert_int_equal(dataset.rows, 3);
    assert_memory_equal(dataset.row_number, KEPT, sizeof KEPT);
    check_column(dataset.features, (float[]){1, 6, 7, 100, 600, 700}, 6);
    check_column(dataset.targets, (float[]){10, 60, 70}, 3);
    dataset_release(&dataset);
    fixture.data.split.test_size = count_share(3);
    check_refused(&fixture, STATUS_CONFIG, "split.test_size", "which is 3");
    fill_xyz(&fixture, ",1,1\n1,,1\n");
    fixture.data.drop_missing = true;
    check_refused(&fixture, STATUS_INPUT, "source.features", "no row is left");
}

/* ---- errors of a table ---- */

static void refuses_labels(void **state) {
    (void)state;
    static const char *const FAR[] = {"temperature"};
    static const char *const TWICE[] = {"x", "y", "x"};
    const char *key = "source.features.columns";
    struct fixture fixture;
    fill_xyz(&fixture, ROWS);
    fixture.table.features.labels = label_list(FAR, 1);
    check_refused(&fixture, STATUS_CONFIG, key,
                  "no column 'temperature'; it has 'x', 'y', 'z'");
    fixture.table.features.labels = label_list(TWICE, 3);
    check_refused(&fixture, STATUS_CONFIG, key, "'x' is given twice");
    fixture.table.features.labels = label_list(X, 0);
    check_refused(&fixture, STATUS_CONFIG, key, "empty list");
    fixture.table.features.labels = label_list(X, 1);
    fixture.table.targets.labels = label_list(TWICE, 3);
    check_refused(&fixture, STATUS_CONFIG, "source.targets.columns",
                  "given twice");
    write_file(0, "length,width,height\n1,2,3\n4,5,6\n");
    fixture.table.targets.labels = label_list((const char *[]){"width"}, 1);
    fixture.table.features.labels = label_list((const char *[]){"lenght"}, 1);
    check_refused(&fixture, STATUS_CONFIG, key, "did you mean 'length'?");
}

static void refuses_positions(void **state) {
    (void)state;
    const int64_t RANGES[][2] = {{0, 0}, {2, 1}, {-1, 2},
                                 {0, 4}, {3, 4}, {0, INT64_MAX}};
    struct fixture fixture;
    fill_xyz(&fixture, ROWS);
    fixture.table.features.has_positions = true;
    for (size_t i = 0; i < sizeof RANGES / sizeof RANGES[0]; i++) {
        fixture.table.features.start = RANGES[i][0];
        fixture.table.features.stop = RANGES[i][1];
        check_refused(&fixture, STATUS_CONFIG, "source.features.columns",
                      "stop");
    }
}

static void refuses_what_targets_take(void **state) {
    (void)state;
    struct fixture fixture;
    fill_xyz(&fixture, ROWS);
    fixture.table.targets.labels = label_list(NULL, 0);
    check_refused(&fixture, STATUS_CONFIG, "source.features.columns",
                  "take every column");
}

static void refuses_files(void **state) {
    (void)state;
    struct fixture fixture;
    fill_xyz(&fixture, ROWS);
    fixture.table.features.path = "/tmp/there/is/no/such.csv";
    check_refused(&fixture, STATUS_INPUT, "source.features.path", "such.csv");
    fill(&fixture, path[0], folder);
    check_refused(&fixture, STATUS_INPUT, "source.targets.path", folder);
    write_file(1, "y\n1\n2\n3\n");
    fill(&fixture, path[0], path[1]);
    check_refused(&fixture, STATUS_INPUT, "source.targets", "4 rows");
    fill_xyz(&fixture, ROWS);
    fixture.table.features.key = "df";
    check_refused(&fixture, STATUS_CONFIG, "source.features.key", "df");
    fill_xyz(&fixture, "1,1,1\nword,2,2\n3,3,3\n");
    check_refused(&fixture, STATUS_INPUT, "source.features.columns", "word");
}

/* HDF5 tables may repeat a label. */
static void refuses_ambiguous_labels(void **state) {
    (void)state;
    struct table table;
    struct columns columns;
    struct status status = STATUS_INIT;
    struct table_options options = {.path = "a.hf5",
                                    .labels = label_list(YX, 2)};
    const char *const LABELS[] = {"x", "y", "x"};
    table_init(&table, 1, 3);
    for (size_t i = 0; i < 3; i++)
        table.column[i].label = memory_string(LABELS[i]);
    columns_pick(&options, &table, NULL, &columns, &status);
    check_error(&status, STATUS_CONFIG, "columns", "more than one column 'x'");
    options.labels = label_list(Y, 1);
    assert_int_equal(columns_pick(&options, &table, NULL, &columns, &status),
                     STATUS_OK);
    assert_int_equal(columns.position[0], 1);
    columns_release(&columns);
    table_release(&table);
}

static void refuses_huge_values(void **state) {
    (void)state;
    struct fixture fixture;
    fill_xyz(&fixture, "1,1,1\n2,2,1e39\n3,3,3\n4,4,4\n");
    check_refused(&fixture, STATUS_INPUT, "source",
                  "row 1, column 'z': after preprocessing the value is 1e+39");
}

/* ---- splits ---- */

static void refuses_strata(void **state) {
    (void)state;
    struct fixture fixture;
    fill_xyz(&fixture, ROWS);
    fixture.data.split.stratify = true;
    check_refused(&fixture, STATUS_CONFIG, "split.stratify", "at least 2 rows");
    fixture.table.targets.labels = label_list(XY, 2);
    check_refused(&fixture, STATUS_CONFIG, "split.stratify", "there are 2");
    fixture.table.targets.labels = label_list(NULL, 0);
    fixture.table.features.labels = label_list(X, 1);
    check_refused(&fixture, STATUS_CONFIG, "split.stratify", "there are 3");
    fixture.data.split.shuffle = false;
    check_refused(&fixture, STATUS_CONFIG, "split.stratify",
                  "needs shuffle: true");
}

/* ---- generated data ---- */

static struct circles_options course_circles(void) {
    return (struct circles_options){
        .common = {.n_samples = 500,
                   .random_state = 123,
                   .scale = 2,
                   .shuffle = true},
        .noise = {true, 0.05},
        .factor = 0.3,
    };
}

static void fill_circles(struct fixture *fixture,
                         const struct circles_options *options) {
    fill(fixture, NULL, NULL);
    fixture->data.source.kind = kind_of(&SOURCE_FAMILY, "make_circles");
    fixture->data.source.options = options;
    fixture->data.split.test_size = count_share(100);
    fixture->data.split.random_state = 123;
}

static void names_generated_columns(void **state) {
    (void)state;
    struct circles_options options = course_circles();
    struct fixture fixture;
    struct dataset dataset;
    fill_circles(&fixture, &options);
    init(&dataset, &fixture);
    assert_int_equal(dataset.input_count, 0);
    assert_string_equal(dataset.column_names[1], "x1");
    assert_string_equal(dataset.target_names[0], "y");
    assert_int_equal(dataset.row_number[499], 499);
    assert_int_equal(dataset.part[PART_TRAIN].rows, 400);
    dataset_release(&dataset);
}

static void equals_the_courses_circles(void **state) {
    (void)state;
    const char *features = TEST_SOURCE_DIR "/../shared/data/circles_data.hf5";
    const char *targets = TEST_SOURCE_DIR "/../shared/data/circles_targets.hf5";
    if (access(features, R_OK) != 0) {
        print_message("%s is absent\n", features);
        skip();
    }
    struct circles_options options = course_circles();
    struct fixture made, read;
    struct dataset generated, course;
    fill_circles(&made, &options);
    fill(&read, features, targets);
    init(&generated, &made);
    init(&course, &read);
    assert_int_equal(course.rows, 500);
    assert_memory_equal(generated.features, course.features,
                        1000 * sizeof(float));
    assert_memory_equal(generated.targets, course.targets, 500 * sizeof(float));
    dataset_release(&generated);
    dataset_release(&course);
}

static void checks_generated_counts(void **state) {
    (void)state;
    struct circles_options options = course_circles();
    struct fixture fixture;
    struct status status = STATUS_INIT;
    fill_circles(&fixture, &options);
    assert_int_equal(data_options_check(&fixture.data, &status), STATUS_OK);
    fixture.data.split.test_size = count_share(500);
    data_options_check(&fixture.data, &status);
    check_error(&status, STATUS_CONFIG, "split.test_size", "which is 500");
    options.common.scale = 1e300;
    fixture.data.split.test_size = count_share(100);
    check_refused(&fixture, STATUS_CONFIG, "source", "too large");
}

static void checks_options_of_kinds(void **state) {
    (void)state;
    double bounds[2] = {1, 1};
    struct field_numbers range = {bounds, 2};
    struct circles_options options = course_circles();
    struct fixture fixture;
    fill_circles(&fixture, &options);
    struct choice scalers[] = {
        {kind_of(&SCALER_FAMILY, "standard_scaler"), NULL},
        {kind_of(&SCALER_FAMILY, "min_max_scaler"), &range}};
    fixture.data.feature_scalers = scalers;
    fixture.data.feature_scaler_count = 2;
    check_refused(&fixture, STATUS_CONFIG,
                  "preprocess.features.1.feature_range", "low below high");
}

/* ---- scaling ---- */

static void scales_and_restores(void **state) {
    (void)state;
    double bounds[2] = {-1, 3};
    struct field_numbers range = {bounds, 2};
    struct choice standard = {kind_of(&SCALER_FAMILY, "standard_scaler"), NULL};
    struct choice min_max = {kind_of(&SCALER_FAMILY, "min_max_scaler"), &range};
    struct choice chain[] = {standard, min_max};
    struct fixture fixture;
    struct dataset dataset;
    fill_xyz(&fixture, ROWS);
    fixture.data.feature_scalers = &min_max;
    fixture.data.feature_scaler_count = 1;
    fixture.data.target_scalers = chain;
    fixture.data.target_scaler_count = 2;
    fixture.data.split.shuffle = false;
    fixture.data.split.test_size = count_share(1);
    init(&dataset, &fixture);
    /* Fitted on the first three rows; the last lies outside. */
    check_column(dataset.features, (float[]){-1, 1, 3, 5, -1, 1, 3, 5}, 8);
    assert_string_equal(dataset.feature_scalers[0].names[2], "scale_");
    assert_true(dataset.feature_scalers[0].values[2][1] == 0.02);
    assert_int_equal(dataset.target_scaler_count, 2);
    assert_true(dataset.target_scalers[0].values[0][0] == 20);
    for (size_t i = 0; i < 4; i++) {
        double back =
            dataset_restore_target(&dataset, 0, (double)dataset.targets[i]);
        assert_true(fabs(back - 10 * (double)(i + 1)) < 1e-5);
    }
    dataset_release(&dataset);
}

static void releases_twice(void **state) {
    (void)state;
    struct fixture fixture;
    struct dataset dataset;
    fill_xyz(&fixture, ROWS);
    init(&dataset, &fixture);
    dataset_release(&dataset);
    dataset_release(&dataset);
    assert_null(dataset.features);
}

#define IN_FOLDER(test)                                                        \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(targets_leave_the_rest),
        IN_FOLDER(columns_come_as_asked),
        IN_FOLDER(same_path_is_one_input),
        IN_FOLDER(same_bytes_are_one_table),
        IN_FOLDER(two_files_keep_all_columns),
        IN_FOLDER(names_a_missing_value),
        IN_FOLDER(unused_columns_may_have_holes),
        IN_FOLDER(leaves_out_rows),
        IN_FOLDER(refuses_labels),
        IN_FOLDER(refuses_positions),
        IN_FOLDER(refuses_what_targets_take),
        IN_FOLDER(refuses_files),
        cmocka_unit_test(refuses_ambiguous_labels),
        IN_FOLDER(refuses_huge_values),
        IN_FOLDER(refuses_strata),
        IN_FOLDER(names_generated_columns),
        cmocka_unit_test(equals_the_courses_circles),
        cmocka_unit_test(checks_generated_counts),
        cmocka_unit_test(checks_options_of_kinds),
        IN_FOLDER(scales_and_restores),
        IN_FOLDER(releases_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
