/* Distances between numbers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "runner/audit/ulp.h"

static void neighbours_are_one_apart(void **state) {
    static const double values[] = {0,       1,   -1,      0.1,      1e300,
                                    DBL_MIN, 2.0, DBL_MAX, -DBL_MIN, 5e-324};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_int_equal(ulp_double(values[i], values[i]), 0);
        assert_int_equal(ulp_double(values[i], nextafter(values[i], -1e308)),
                         1);
        assert_int_equal(
            ulp_float((float)values[i] * 0.5f,
                      nextafterf((float)values[i] * 0.5f, -FLT_MAX)),
            isinf((float)values[i]) ? UINT64_MAX : 1);
    }
}

/* All numbers from the least to the largest lie between these: twice those
 * above zero, and zero. */
static void the_widest_distance_is_counted(void **state) {
    (void)state;
    assert_true(ulp_float(-FLT_MAX, FLT_MAX) == 2 * UINT64_C(0x7f7fffff));
    assert_true(ulp_double(-DBL_MAX, DBL_MAX) ==
                2 * UINT64_C(0x7fefffffffffffff));
    assert_true(ulp_double(-5e-324, 5e-324) == 2);
    assert_true(ulp_double(-0.0, 0.0) == 0);
    assert_true(ulp_double(1, 1 + 8 * DBL_EPSILON) == 8);
}

static void what_is_not_finite_has_no_distance(void **state) {
    (void)state;
    assert_true(ulp_double(NAN, 1) == UINT64_MAX);
    assert_true(ulp_double(1, INFINITY) == UINT64_MAX);
    assert_true(ulp_float(-INFINITY, 1) == UINT64_MAX);
}

static void expect_doubles(double a, double b, const char *expected) {
    struct text text = TEXT_INIT;
    ulp_write_doubles(a, " and ", b, &text);
    assert_string_equal(text.bytes, expected);
    text_release(&text);
}

static void distances_are_written(void **state) {
    (void)state;
    struct text text = TEXT_INIT;
    expect_doubles(0.1, 0.1 + 0x1p-56,
                   "0.1 and 0.10000000000000002: 1 ulp "
                   "apart");
    expect_doubles(0.0, -0.0, "0.0 and -0.0: another sign");
    expect_doubles(NAN, 1, "nan and 1.0");
    ulp_write_floats(0.1f, " and ", nextafterf(0.1f, 1), &text);
    assert_string_equal(text.bytes, "0.1 and 0.10000001: 1 ulp apart");
    text_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_one_apart),
        cmocka_unit_test(the_widest_distance_is_counted),
        cmocka_unit_test(what_is_not_finite_has_no_distance),
        cmocka_unit_test(distances_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
