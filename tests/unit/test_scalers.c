#include "tests/unit/data_fixtures.h"

#include <float.h>
#include <math.h>

#include "engine/data/scaler.h"
#include "engine/random/numpy_random.h"

enum { CHAIN_MOST = 2 };

/* The scalers of a case. min_max_scaler's options are one list of numbers. */
struct chain {
    size_t count;
    struct choice choice[CHAIN_MOST];
    struct field_numbers range[CHAIN_MOST];
    double bounds[CHAIN_MOST][2];
};

static void read_chain(const struct json_value *entry, struct chain *chain) {
    const struct json_value *scalers = json_member(entry, "scalers");
    *chain = (struct chain){.count = json_count(scalers)};
    for (size_t i = 0; i < chain->count; i++) {
        const struct json_value *scaler = json_element(scalers, i);
        const struct json_value *range = json_member(scaler, "feature_range");
        const char *type = text_of(scaler, "type");
        for (size_t j = 0; j < 2; j++)
            chain->bounds[i][j] = json_get_double(json_element(range, j), 0);
        chain->range[i] = (struct field_numbers){chain->bounds[i], 2};
        chain->choice[i] =
            (struct choice){kind_of(&SCALER_FAMILY, type), &chain->range[i]};
    }
}

static void check_same(const char *what, size_t column, double value,
                       double expected) {
    if (value != expected)
        fail_msg("%s of column %zu: %.17g, expected %.17g", what, column, value,
                 expected);
}

static void check_fitted(const struct fitted_scaler *fitted,
                         const struct json_value *expected) {
    for (size_t i = 0; i < fitted->numbers; i++) {
        size_t columns;
        double *wanted = numbers_of(expected, fitted->names[i], &columns);
        assert_int_equal(columns, fitted->columns);
        for (size_t j = 0; j < columns; j++)
            check_same(fitted->names[i], j, fitted->values[i][j], wanted[j]);
        free(wanted);
    }
}

static void check_values(const struct json_value *entry,
                         const struct fitted_scaler *fitted, size_t scalers,
                         const double *values, size_t rows) {
    size_t count;
    double *scaled = numbers_of(entry, "scaled", &count);
    double *restored = numbers_of(entry, "restored", &count);
    assert_int_equal(count, rows * fitted->columns);
    for (size_t i = 0; i < count; i++) {
        double back = scalers_restore(fitted, scalers, i / rows, values[i]);
        check_same("scaled value", i / rows, values[i], scaled[i]);
        check_same("restored value", i / rows, back, restored[i]);
    }
    free(scaled);
    free(restored);
}

/* Cases that state every number. */
static void check_short(const struct json_value *entry) {
    struct chain chain;
    struct arena arena = ARENA_INIT;
    size_t count, train_rows;
    size_t columns = (size_t)integer_of(entry, "columns", 0);
    double *values = numbers_of(entry, "values", &count);
    double *train = numbers_of(entry, "train", &train_rows);
    uint32_t row[64];
    read_chain(entry, &chain);
    for (size_t i = 0; i < train_rows; i++)
        row[i] = (uint32_t)train[i];
    struct data_part part = {train_rows, row};
    const struct fitted_scaler *fitted =
        scalers_fit(chain.choice, chain.count, columns, count / columns, &part,
                    values, &arena, &arena);
    assert_non_null(fitted);
    for (size_t i = 0; i < chain.count; i++)
        check_fitted(&fitted[i], json_element(json_member(entry, "fitted"), i));
    check_values(entry, fitted, chain.count, values, count / columns);
    arena_release(&arena);
    free(values);
    free(train);
}

static struct data_part draw_rows(size_t rows, int64_t seed,
                                  struct arena *arena) {
    struct numpy_random random;
    int64_t *order = arena_zeroed(arena, rows, sizeof *order);
    uint32_t *row = arena_zeroed(arena, rows, sizeof *row);
    numpy_random_seed(&random, (uint32_t)seed);
    numpy_random_permutation(&random, order, rows);
    for (size_t i = 0; i < rows; i++)
        row[i] = (uint32_t)order[i];
    return (struct data_part){rows * 3 / 4, row};
}

/* Cases of many rows, whose values follow from a formula. */
static void check_long(const struct json_value *entry) {
    struct arena arena = ARENA_INIT;
    char hex[DIGEST_TEXT_SIZE];
    size_t rows = (size_t)integer_of(entry, "long", 0);
    size_t columns = (size_t)integer_of(entry, "columns", 0);
    double *values = arena_zeroed(&arena, rows * columns, sizeof *values);
    for (size_t i = 0; i < rows * columns; i++)
        values[i] = 7 + 1 / (1 + (double)(i * 37 % 1009));
    struct choice choice = {kind_of(&SCALER_FAMILY, "standard_scaler"), NULL};
    struct data_part train =
        draw_rows(rows, integer_of(entry, "random_state", -1), &arena);
    const struct fitted_scaler *fitted =
        scalers_fit(&choice, 1, columns, rows, &train, values, &arena, &arena);
    check_fitted(fitted, json_element(json_member(entry, "fitted"), 0));
    digest_of(values, rows * columns * sizeof *values, hex);
    assert_string_equal(hex, text_of(entry, "sha256"));
    arena_release(&arena);
}

static void check_case(const struct json_value *entry) {
    if (json_member(entry, "long"))
        check_long(entry);
    else
        check_short(entry);
}

/* Bit for bit. */
static void equals_scikit_learn(void **state) {
    (void)state;
    check_cases("scalers", check_case);
}

/* ---- known by hand ---- */

static const struct fitted_scaler *fit_standard(double *values, size_t rows,
                                                struct arena *arena) {
    static uint32_t row[100000];
    for (size_t i = 0; i < rows; i++)
        row[i] = (uint32_t)i;
    struct choice choice = {kind_of(&SCALER_FAMILY, "standard_scaler"), NULL};
    struct data_part train = {rows, row};
    return scalers_fit(&choice, 1, 1, rows, &train, values, arena, arena);
}

enum { MEAN, SCALE = 2 };

static void takes_constants_as_they_are(void **state) {
    (void)state;
    static double values[100000];
    for (size_t i = 0; i < 100000; i++)
        values[i] = 0.1;
    struct arena arena = ARENA_INIT;
    const struct fitted_scaler *fitted = fit_standard(values, 100000, &arena);
    assert_true(fabs(fitted->values[MEAN][0] - 0.1) < 1e-15);
    assert_true(fitted->values[SCALE][0] == 1);
    assert_true(fabs(values[99999]) < 1e-15);
    arena_release(&arena);
}

static void sums_have_two_orders(void **state) {
    (void)state;
    double values[9] = {1e16, 1, 1, 1, 1, 1, 1, 1, -1e16};
    assert_true(scaler_sum(values, 9, false) == 0);
    /* ((1e16 + 1) + (1 + 1)) + ((1 + 1) + (1 + 1)) - 1e16 */
    assert_true(scaler_sum(values, 9, true) == 6);
}

static void one_row_is_a_constant(void **state) {
    (void)state;
    double value = 7;
    struct arena arena = ARENA_INIT;
    const struct fitted_scaler *fitted = fit_standard(&value, 1, &arena);
    assert_true(fitted->values[SCALE][0] == 1);
    assert_true(value == 0);
    assert_true(scalers_restore(fitted, 1, 0, 0) == 7);
    arena_release(&arena);
}

/* A range below ten epsilons is left alone, one above it is not. */
static void min_max_has_a_threshold(void **state) {
    (void)state;
    double bounds[2] = {0, 1};
    struct field_numbers range = {bounds, 2};
    struct choice choice = {kind_of(&SCALER_FAMILY, "min_max_scaler"), &range};
    const uint32_t row[] = {0, 1};
    struct data_part train = {2, row};
    struct arena arena = ARENA_INIT;
    double below[2] = {0, 9.9 * DBL_EPSILON}, above[2] = {0, 10 * DBL_EPSILON};
    scalers_fit(&choice, 1, 1, 2, &train, below, &arena, &arena);
    scalers_fit(&choice, 1, 1, 2, &train, above, &arena, &arena);
    assert_true(below[1] == 9.9 * DBL_EPSILON);
    assert_true(above[1] == 1);
    arena_release(&arena);
}

static void refuses_ranges(void **state) {
    (void)state;
    const struct kind *kind = kind_of(&SCALER_FAMILY, "min_max_scaler");
    const double RANGES[][2] = {{1, 1}, {1, 0}, {0, 1}};
    for (size_t i = 0; i < 3; i++) {
        struct field_numbers range = {RANGES[i], 2};
        const char *key = NULL;
        const char *message = kind->check(&range, &key);
        assert_int_equal(message != NULL, i < 2);
        assert_string_equal(key, "feature_range");
    }
}

static void fields_are_sound(void **state) {
    (void)state;
    for (const struct kind *const *kind = SCALER_FAMILY.kinds; *kind; kind++) {
        assert_non_null((*kind)->help);
        assert_int_equal(!(*kind)->fields, (*kind)->options_size == 0);
        check_fields((*kind)->fields);
    }
}

static void reports_failed_memory(void **state) {
    (void)state;
    double value = 7;
    struct arena arena = {.failed = true};
    assert_null(fit_standard(&value, 1, &arena));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_scikit_learn),
        cmocka_unit_test(takes_constants_as_they_are),
        cmocka_unit_test(sums_have_two_orders),
        cmocka_unit_test(one_row_is_a_constant),
        cmocka_unit_test(min_max_has_a_threshold),
        cmocka_unit_test(refuses_ranges),
        cmocka_unit_test(fields_are_sound),
        cmocka_unit_test(reports_failed_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
