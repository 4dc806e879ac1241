#include "tests/unit/dataset_fixtures.h"

#include "engine/data/table_columns.h"

/* ---- what is read ---- */

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
    check_refused(&fixture, STATUS_CONFIG, "source.features.columns.0",
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
    check_refused(&fixture, STATUS_CONFIG, "source.features.columns.0",
                  "did you mean 'length'?");
}

/* Both sides, and every label. */
static void tells_all_that_is_wrong(void **state) {
    (void)state;
    static const char *const FAR[] = {"x", "v", "w"};
    struct fixture fixture;
    struct status problems[4];
    fill_xyz(&fixture, ROWS);
    fixture.table.features.labels = label_list(FAR, 3);
    fixture.table.targets.labels = label_list(FAR + 1, 1);
    assert_int_equal(dataset_source_problems(&fixture.data, problems, 4), 3);
    assert_string_equal(problems[0].key, "source.features.columns.1");
    assert_string_equal(problems[1].key, "source.features.columns.2");
    assert_string_equal(problems[2].key, "source.targets.columns.0");
    assert_int_equal(dataset_source_problems(&fixture.data, problems, 2), 2);
    fixture.table.features.path = "/tmp/there/is/no/such.csv";
    assert_int_equal(dataset_source_problems(&fixture.data, problems, 4), 2);
    assert_string_equal(problems[0].key, "source.features.path");
    assert_int_equal(problems[0].code, STATUS_INPUT);
    fixture.table.targets.path = fixture.table.features.path;
    assert_int_equal(dataset_source_problems(&fixture.data, problems, 4), 1);
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
        check_refused(&fixture, STATUS_CONFIG,
                      i < 3 ? "source.features.columns"
                            : "source.features.columns.stop",
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
    check_error(&status, STATUS_CONFIG, "columns.1",
                "more than one column 'x'");
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
    write_file(0, "x\n1\n2\n3\n4\n");
    write_file(1, "y\n1\n1e39\n3\n4\n");
    fill(&fixture, path[0], path[1]);
    check_refused(&fixture, STATUS_INPUT, "source", path[1]);
}

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
        IN_FOLDER(tells_all_that_is_wrong),
        IN_FOLDER(refuses_positions),
        IN_FOLDER(refuses_what_targets_take),
        IN_FOLDER(refuses_files),
        IN_FOLDER(refuses_ambiguous_labels),
        IN_FOLDER(refuses_huge_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
