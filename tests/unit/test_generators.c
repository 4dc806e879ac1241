#include "tests/unit/data_fixtures.h"

#include <math.h>

#include "engine/data/generators.h"
#include "engine/data/source.h"

/* Options of any generator, as a case of the golden file states them. */
struct any_options {
    double box[2];
    int64_t each[8];
    double points[32], deviations[8];
    struct circles_options circles;
    struct moons_options moons;
    struct blobs_options blobs;
};

/* A member that is a list of numbers: how many there are, 0 if it is none. */
static size_t read_list(const struct json_value *entry, const char *key,
                        double *values, size_t most) {
    const struct json_value *list = json_member(entry, key);
    size_t count = json_count(list);
    assert_true(count <= most);
    for (size_t i = 0; i < count; i++)
        values[i] = json_get_double(json_element(list, i), -1);
    return count;
}

static struct field_integers read_each(const struct json_value *entry,
                                       int64_t each[8]) {
    double values[8];
    size_t count = read_list(entry, "n_samples", values, 8);
    for (size_t i = 0; i < count; i++)
        each[i] = (int64_t)values[i];
    return (struct field_integers){count ? each : NULL, count};
}

static struct generator_options common_of(const struct json_value *entry,
                                          int64_t each[8]) {
    return (struct generator_options){
        .n_samples = integer_of(entry, "n_samples", -1),
        .n_samples_each = read_each(entry, each),
        .random_state = integer_of(entry, "random_state", -1),
        .scale = 1,
        .shuffle = json_get_boolean(json_member(entry, "shuffle"), true),
    };
}

/* `centers` as a number, as points, or not there. */
static void read_centers(const struct json_value *entry,
                         struct any_options *any) {
    const struct json_value *centers = json_member(entry, "centers");
    size_t count = json_count(centers);
    size_t width = json_count(json_element(centers, 0));
    assert_true(count * width <= 32);
    for (size_t i = 0; i < count * width; i++)
        any->points[i] = json_get_double(
            json_element(json_element(centers, i / width), i % width), 0);
    any->blobs.centers = (struct field_optional_integer){
        !json_is_null(centers), json_get_integer(centers, 0)};
    if (count)
        any->blobs.center_points =
            (struct field_points){any->points, count, width};
}

static void read_options(const struct json_value *entry,
                         struct any_options *any) {
    struct generator_options common = common_of(entry, any->each);
    const struct json_value *noise = json_member(entry, "noise");
    const struct json_value *box = json_member(entry, "center_box");
    struct field_optional_number optional = {!json_is_null(noise),
                                             json_get_double(noise, 0)};
    any->circles = (struct circles_options){common, optional,
                                            number_of(entry, "factor", 0.8)};
    any->moons = (struct moons_options){common, optional};
    for (size_t i = 0; i < 2; i++)
        any->box[i] = json_get_double(json_element(box, i), 0);
    size_t count = read_list(entry, "cluster_std", any->deviations, 8);
    any->blobs = (struct blobs_options){
        .common = common,
        .n_features = integer_of(entry, "n_features", 2),
        .cluster_std = number_of(entry, "cluster_std", 1),
        .cluster_std_each = {count ? any->deviations : NULL, count},
        .center_box = {any->box, 2},
    };
    read_centers(entry, any);
}

static void make(const char *type, struct any_options *any, struct arena *arena,
                 struct generated *made) {
    const char *key;
    assert_null(SOURCE_MAKE_BLOBS.kind.check(&any->blobs, &key));
    SOURCE_MAKE_BLOBS.kind.settle(&any->blobs);
    if (strcmp(type, "make_circles") == 0)
        make_circles(&any->circles, arena, made);
    else if (strcmp(type, "make_moons") == 0)
        make_moons(&any->moons, arena, made);
    else
        make_blobs(&any->blobs, arena, made);
    assert_false(arena->failed);
}

static double ulp(double value) {
    value = fabs(value);
    return nextafter(value, INFINITY) - value;
}

/* Circles and moons lie within the unit circle's neighbourhood: an absolute
 * bound. Blobs may differ in the last bit, where a logarithm did. */
static double tolerance(const char *type, double value) {
    return strcmp(type, "make_blobs") == 0 ? ulp(value) : 4.5e-16;
}

static void check_case(const struct json_value *entry) {
    struct any_options any;
    struct arena arena = ARENA_INIT;
    struct generated made;
    const char *type = text_of(entry, "type");
    size_t count, rows;
    double *x = numbers_of(entry, "x", &count);
    double *y = numbers_of(entry, "y", &rows);
    read_options(entry, &any);
    make(type, &any, &arena, &made);
    assert_int_equal(made.rows, rows);
    assert_int_equal(made.rows * made.columns, count);
    for (size_t i = 0; i < count; i++)
        if (!(fabs(made.features[i] - x[i]) <= tolerance(type, x[i])))
            fail_msg("%s, random_state %d, number %zu: %a, expected %a", type,
                     (int)any.moons.common.random_state, i, made.features[i],
                     x[i]);
    assert_memory_equal(made.targets, y, rows * sizeof *y);
    arena_release(&arena);
    free(x);
    free(y);
}

static void equals_scikit_learn(void **state) {
    (void)state;
    check_cases("generators", check_case);
}

static size_t differing_floats;

static void compare_floats(const struct json_value *entry) {
    struct any_options any;
    struct arena arena = ARENA_INIT;
    struct generated made;
    size_t count;
    double *x = numbers_of(entry, "x", &count);
    read_options(entry, &any);
    make(text_of(entry, "type"), &any, &arena, &made);
    /* Zeros of sin and cos are roundings of nothing: they are compared in the
     * units of the circle. */
    for (size_t i = 0; i < count; i++)
        differing_floats += (float)made.features[i] != (float)x[i] &&
                            fabs(made.features[i]) > 1e-8;
    arena_release(&arena);
    free(x);
}

static void equals_scikit_learn_as_float(void **state) {
    (void)state;
    differing_floats = 0;
    check_cases("generators", compare_floats);
    assert_int_equal(differing_floats, 0);
}

static struct circles_options course_circles(double scale) {
    return (struct circles_options){
        .common = {.n_samples = 500,
                   .random_state = 123,
                   .scale = scale,
                   .shuffle = true},
        .noise = {true, 0.05},
        .factor = 0.3,
    };
}

static void scale_comes_last(void **state) {
    (void)state;
    struct arena arena = ARENA_INIT;
    struct generated once, thrice;
    struct circles_options options = course_circles(1);
    make_circles(&options, &arena, &once);
    options = course_circles(3);
    make_circles(&options, &arena, &thrice);
    for (size_t i = 0; i < 1000; i++)
        assert_true(thrice.features[i] == 3 * once.features[i]);
    arena_release(&arena);
}

static void fields_are_sound(void **state) {
    (void)state;
    for (const struct kind *const *kind = SOURCE_FAMILY.kinds; *kind; kind++) {
        assert_non_null((*kind)->help);
        assert_true((*kind)->options_size > 0);
        check_fields((*kind)->fields);
    }
    check_fields(TABLE_FIELDS);
}

static void check_blobs_refused(struct blobs_options options, double low,
                                double high, const char *key) {
    double box[2] = {low, high};
    options.center_box = (struct field_numbers){box, 2};
    const char *at = NULL;
    const char *message = SOURCE_MAKE_BLOBS.kind.check(&options, &at);
    if (!key) {
        assert_null(message);
        return;
    }
    assert_non_null(message);
    assert_string_equal(at, key);
}

static void refuses_large_blobs(void **state) {
    (void)state;
    struct blobs_options options = {.common = {.n_samples = 10000000},
                                    .n_features = 2};
    check_blobs_refused(options, -10, 10, NULL);
    check_blobs_refused(options, 10, -10, NULL);
    check_blobs_refused(options, -1.7e308, 1.7e308, "center_box");
    options.n_features = 1000000;
    check_blobs_refused(options, -10, 10, "n_features");
    options.common.n_samples = 1;
    options.centers = (struct field_optional_integer){true, 10000000};
    check_blobs_refused(options, -10, 10, "centers");
}

static void refuses_a_billion_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct field *field =
            field_find(SOURCE_FAMILY.kinds[i]->fields, "n_samples");
        assert_true(field->flags & FIELD_HAS_MAXIMUM);
        assert_true(field->maximum < 1e9);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_scikit_learn),
        cmocka_unit_test(equals_scikit_learn_as_float),
        cmocka_unit_test(scale_comes_last),
        cmocka_unit_test(fields_are_sound),
        cmocka_unit_test(refuses_large_blobs),
        cmocka_unit_test(refuses_a_billion_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
