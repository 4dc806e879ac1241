#include "tests/unit/dataset_fixtures.h"

#include <math.h>

#include "engine/data/generators.h"

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
    check_refused(&fixture, STATUS_CONFIG, "source", "not finite");
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

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(refuses_strata),
        IN_FOLDER(names_generated_columns),
        IN_FOLDER(equals_the_courses_circles),
        IN_FOLDER(checks_generated_counts),
        IN_FOLDER(checks_options_of_kinds),
        IN_FOLDER(scales_and_restores),
        IN_FOLDER(releases_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
