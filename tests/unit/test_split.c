#include "tests/unit/data_fixtures.h"

#include <unistd.h>

#include "engine/data/split.h"

static struct field_share share_of(const struct json_value *value) {
    double number = json_get_double(value, 0);
    return number >= 1 ? count_share((int64_t)number) : fraction_share(number);
}

static struct split_options options_of(const struct json_value *entry) {
    const struct json_value *validation = json_member(entry, "validation_size");
    return (struct split_options){
        .test_size = share_of(json_member(entry, "test_size")),
        .validation_size = {!json_is_null(validation), share_of(validation)},
        .random_state = integer_of(entry, "random_state", -1),
        .shuffle = json_get_boolean(json_member(entry, "shuffle"), true),
        .stratify = integer_of(entry, "classes", 0) > 0,
    };
}

/* The labels of scripts/make_data_vectors.py. */
static double *make_classes(size_t rows, size_t classes) {
    double *labels = memory_zeroed(rows, sizeof *labels);
    for (size_t i = 0; i < rows && classes > 0; i++)
        labels[i] = (double)((i * i + 3 * i) % 11 % classes);
    return labels;
}

static void check_part(const struct data_part *part,
                       const struct json_value *expected) {
    const struct json_value *rows = json_member(expected, "row");
    assert_int_equal(part->rows, integer_of(expected, "rows", -1));
    for (size_t i = 0; i < json_count(rows); i++)
        assert_int_equal(part->row[i],
                         json_get_integer(json_element(rows, i), -1));
    struct digest_state state;
    char hex[DIGEST_TEXT_SIZE];
    digest_init(&state);
    for (size_t i = 0; i < part->rows; i++) {
        int64_t row = part->row[i];
        digest_update(&state, &row, sizeof row);
    }
    digest_finish(&state, hex);
    assert_string_equal(hex, text_of(expected, "sha256"));
}

static void check_case(const struct json_value *entry) {
    struct arena lasting = ARENA_INIT, scratch = ARENA_INIT;
    struct status status = STATUS_INIT;
    struct data_part part[PARTS];
    size_t rows = (size_t)integer_of(entry, "n", 0);
    struct split_options options = options_of(entry);
    double *classes =
        make_classes(rows, (size_t)integer_of(entry, "classes", 0));
    assert_int_equal(split_check(&options, rows, &status), STATUS_OK);
    assert_int_equal(
        split_rows(&options, rows, classes, &lasting, &scratch, part, &status),
        STATUS_OK);
    for (int i = 0; i < PARTS; i++)
        check_part(&part[i], json_member(entry, PART_NAMES[i]));
    arena_release(&lasting);
    arena_release(&scratch);
    free(classes);
}

static void equals_scikit_learn(void **state) {
    (void)state;
    check_cases("splits", check_case);
}

/* ---- ../shared/reference/random_streams_golden.json ---- */

static void check_rows(const struct data_part *part,
                       const struct json_value *rows) {
    assert_int_equal(part->rows, json_count(rows));
    for (size_t i = 0; i < part->rows; i++)
        assert_int_equal(part->row[i],
                         json_get_integer(json_element(rows, i), -1));
}

static void check_pair(const struct json_value *pair, size_t rows, int64_t seed,
                       const double *classes) {
    struct arena lasting = ARENA_INIT, scratch = ARENA_INIT;
    struct status status = STATUS_INIT;
    struct data_part part[PARTS];
    struct split_options options = {.test_size = fraction_share(0.25),
                                    .random_state = seed,
                                    .shuffle = true,
                                    .stratify = classes != NULL};
    assert_int_equal(json_count(pair), 2);
    split_rows(&options, rows, classes, &lasting, &scratch, part, &status);
    check_rows(&part[PART_TRAIN], json_element(pair, 0));
    check_rows(&part[PART_TEST], json_element(pair, 1));
    arena_release(&lasting);
    arena_release(&scratch);
}

static void equals_the_reference(void **state) {
    (void)state;
    const char *path =
        TEST_SOURCE_DIR "/../shared/reference/random_streams_golden.json";
    if (access(path, R_OK) != 0) {
        print_message("%s is absent\n", path);
        skip();
    }
    struct json_value *document = read_json(path);
    const struct json_value *seeds = json_member(document, "numpy_sklearn");
    size_t rows;
    double *classes = numbers_of(document, "stratify_y", &rows);
    assert_true(json_count(seeds) >= 4);
    for (size_t i = 0; i < json_count(seeds); i++) {
        const struct json_value *entry;
        int64_t seed = atoll(json_member_at(seeds, i, &entry));
        check_pair(json_member(entry, "train_test_split(20,.25)"), 20, seed,
                   NULL);
        check_pair(json_member(entry, "train_test_split(36,.25,stratify)"),
                   rows, seed, classes);
    }
    json_free(document);
    free(classes);
}

/* ---- errors ---- */

static void check_refused(const struct split_options *options, size_t rows,
                          const double *classes, const char *key,
                          const char *fragment) {
    struct arena lasting = ARENA_INIT, scratch = ARENA_INIT;
    struct status status = STATUS_INIT;
    struct data_part part[PARTS];
    split_rows(options, rows, classes, &lasting, &scratch, part, &status);
    check_error(&status, STATUS_CONFIG, key, fragment);
    if (!classes) {
        status = STATUS_INIT;
        split_check(options, rows, &status);
        check_error(&status, STATUS_CONFIG, key, fragment);
    }
    arena_release(&lasting);
    arena_release(&scratch);
}

static void refuses_test_sizes(void **state) {
    (void)state;
    struct split_options options = {.shuffle = true};
    const char *key = "split.test_size";
    const int64_t COUNTS[] = {0, -1, 10, 11, INT64_MAX};
    for (size_t i = 0; i < sizeof COUNTS / sizeof COUNTS[0]; i++) {
        options.test_size = count_share(COUNTS[i]);
        check_refused(&options, 10, NULL, key,
                      "smaller than the number of rows, which is 10");
    }
    options.test_size = fraction_share(0.91);
    check_refused(&options, 10, NULL, key, "leaves no training row");
    options.test_size = fraction_share(0.25);
    check_refused(&options, 1, NULL, key, "leaves no training row");
    const double FRACTIONS[] = {0, 1, -0.5, 1.5};
    for (size_t i = 0; i < sizeof FRACTIONS / sizeof FRACTIONS[0]; i++) {
        options.test_size = fraction_share(FRACTIONS[i]);
        check_refused(&options, 10, NULL, key, "between 0 and 1");
    }
}

static void refuses_validation_sizes(void **state) {
    (void)state;
    struct split_options options = {.test_size = count_share(4),
                                    .shuffle = true,
                                    .validation_size.present = true};
    const char *key = "split.validation_size";
    options.validation_size.value = count_share(6);
    check_refused(&options, 10, NULL, key,
                  "smaller than the number of training rows, which is 6");
    options.validation_size.value = fraction_share(0.9);
    check_refused(&options, 10, NULL, key, "leaves no training row");
}

static void refuses_strata(void **state) {
    (void)state;
    const double LONELY[] = {0, 1, 0, 1, 2, 0, 1, 0};
    const double THREE[] = {0, 1, 2, 0, 1, 2, 0, 1, 2};
    struct split_options options = {
        .test_size = count_share(4), .shuffle = true, .stratify = true};
    check_refused(&options, 8, LONELY, "split.stratify", "class 2.0 has 1");
    options.test_size = count_share(2);
    check_refused(&options, 9, THREE, "split.test_size", "classes, 3");
    options.test_size = count_share(7);
    check_refused(&options, 9, THREE, "split.test_size", "2 left");
    options.test_size = count_share(3);
    options.validation_size.present = true;
    options.validation_size.value = count_share(2);
    check_refused(&options, 9, THREE, "split.validation_size", "classes, 3");
    options.test_size = count_share(5);
    check_refused(&options, 9, THREE, "split.stratify", "at least 2 rows");
}

static void reports_failed_memory(void **state) {
    (void)state;
    struct arena lasting = ARENA_INIT, scratch = ARENA_INIT;
    struct status status = STATUS_INIT;
    struct data_part part[PARTS];
    struct split_options options = {.test_size = count_share(1),
                                    .shuffle = true};
    lasting.failed = true;
    assert_int_equal(
        split_rows(&options, 10, NULL, &lasting, &scratch, part, &status),
        STATUS_OUTPUT);
    arena_release(&scratch);
    arena_release(&lasting);
    scratch.failed = true;
    assert_int_equal(
        split_rows(&options, 10, NULL, &lasting, &scratch, part, &status),
        STATUS_OUTPUT);
    arena_release(&lasting);
}

static void fields_are_sound(void **state) {
    (void)state;
    check_fields(SPLIT_FIELDS);
    assert_string_equal(field_find(SPLIT_FIELDS, "test_size")->default_text,
                        "0.25");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_scikit_learn),
        cmocka_unit_test(equals_the_reference),
        cmocka_unit_test(refuses_test_sizes),
        cmocka_unit_test(refuses_validation_sizes),
        cmocka_unit_test(refuses_strata),
        cmocka_unit_test(reports_failed_memory),
        cmocka_unit_test(fields_are_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
