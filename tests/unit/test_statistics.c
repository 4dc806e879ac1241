/* Statistics of runs against scipy's (tests/golden/statistics.csv), and the
 * cases in which there is nothing to divide by. */

#include "vector_lines.h"

#include <math.h>

#include "runner/report/statistics.h"
#include "runner/report/student.h"

enum { SAMPLE_LIMIT = 64 };

struct numbers {
    double value[SAMPLE_LIMIT];
    size_t count;
};

static struct numbers read_numbers(const char *cell) {
    struct numbers numbers = {.count = 0};
    char *end;
    for (;;) {
        double value = strtod(cell, &end);
        if (end == cell)
            return numbers;
        assert_true(numbers.count < SAMPLE_LIMIT);
        numbers.value[numbers.count++] = value;
        cell = end;
    }
}

static double number(const struct vector_lines *lines, size_t cell) {
    return strtod(lines->cells[cell], NULL);
}

/* |found - expected| <= 1e-9 |expected|, or the same zero. */
static void assert_near(double found, double expected, const char *what) {
    if (!(fabs(found - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%s: expected %.17g, found %.17g", what, expected, found);
}

static void check_sample(const struct vector_lines *lines) {
    struct numbers numbers = read_numbers(lines->cells[1]);
    struct sample_summary summary =
        sample_summarize(numbers.value, numbers.count);
    assert_int_equal(summary.count, numbers.count);
    assert_near(summary.mean, number(lines, 2), "mean");
    assert_near(summary.sd, number(lines, 3), "sd");
    assert_near(summary.low, number(lines, 4), "low");
    assert_near(summary.high, number(lines, 5), "high");
    assert_near(summary.median, number(lines, 6), "median");
}

static void check_welch(const struct vector_lines *lines) {
    struct numbers a = read_numbers(lines->cells[1]);
    struct numbers b = read_numbers(lines->cells[2]);
    struct sample_summary first = sample_summarize(a.value, a.count);
    struct sample_summary second = sample_summarize(b.value, b.count);
    struct welch_test test = welch(&first, &second);
    assert_near(test.t, number(lines, 3), "t");
    assert_near(test.df, number(lines, 4), "df");
    assert_near(test.p, number(lines, 5), "p");
    test = welch(&second, &first);
    assert_near(test.t, -number(lines, 3), "t, exchanged");
    assert_near(test.p, number(lines, 5), "p, exchanged");
}

static void check_holm(const struct vector_lines *lines) {
    struct numbers p = read_numbers(lines->cells[1]);
    struct numbers expected = read_numbers(lines->cells[2]);
    holm_adjust(p.value, p.count);
    for (size_t i = 0; i < p.count; i++)
        assert_near(p.value[i], expected.value[i], "holm");
}

/* Functions of one or two numbers; a third tells x of I_x(a, b). */
static double evaluate(const struct vector_lines *lines) {
    double first = number(lines, 1), second = number(lines, 2);
    if (vector_is(lines, "gamma"))
        return log_gamma(first);
    if (vector_is(lines, "beta"))
        return incomplete_beta(first, second, number(lines, 3),
                               1 - number(lines, 3));
    if (vector_is(lines, "cdf"))
        return student_cdf(first, second);
    if (vector_is(lines, "two_sided"))
        return student_two_sided(first, second);
    assert_true(vector_is(lines, "quantile"));
    return student_quantile(first, second);
}

static void check_function(const struct vector_lines *lines) {
    char what[100];
    snprintf(what, sizeof what, "%s(%s, %s)", lines->cells[0], lines->cells[1],
             lines->cells[2]);
    assert_near(evaluate(lines), number(lines, lines->count - 1), what);
}

static void equals_scipy(void **state) {
    static const struct {
        const char *kind;
        void (*check)(const struct vector_lines *lines);
    } CHECKS[] = {
        {"sample", check_sample}, {"welch", check_welch}, {"holm", check_holm}};
    struct vector_lines lines = vector_open("statistics.csv");
    size_t count = 0;
    (void)state;
    while (vector_next(&lines)) {
        void (*check)(const struct vector_lines *) = check_function;
        for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++)
            if (vector_is(&lines, CHECKS[i].kind))
                check = CHECKS[i].check;
        check(&lines);
        count++;
    }
    assert_true(count > 200);
    vector_close(&lines);
}

static void needs_two_values(void **state) {
    const double ONE[] = {0.25};
    (void)state;
    struct sample_summary none = sample_summarize(NULL, 0);
    assert_true(isnan(none.mean) && isnan(none.sd) && isnan(none.median));
    struct sample_summary one = sample_summarize(ONE, 1);
    assert_true(one.mean == 0.25 && one.median == 0.25);
    assert_true(isnan(one.sd) && isnan(one.low) && isnan(one.high));
    assert_true(isnan(welch(&one, &one).p));
}

/* Ten times 0.1 sums to what is not ten times 0.1: equal values still have no
 * variance at all, and are told apart by any difference. */
static void knows_equal_values(void **state) {
    double tenths[10], others[3] = {0.5, 0.5, 0.5};
    (void)state;
    for (size_t i = 0; i < 10; i++)
        tenths[i] = 0.1;
    struct sample_summary a = sample_summarize(tenths, 10);
    struct sample_summary b = sample_summarize(tenths, 3);
    struct sample_summary c = sample_summarize(others, 3);
    assert_true(a.mean == 0.1 && a.sd == 0 && a.low == 0.1 && a.high == 0.1);
    struct welch_test same = welch(&a, &b), different = welch(&a, &c);
    assert_true(same.t == 0 && same.p == 1);
    assert_true(different.t == -INFINITY && different.p == 0);
}

/* Nothing overflows or vanishes on the way that does not in the result. */
static void bears_extreme_values(void **state) {
    const double HUGE_ONES[] = {1.5e308, 1.7e308, 1.6e308};
    const double TINY_ONES[] = {1e-300, 3e-300, 2e-300};
    const double FAR_APART[] = {-1.7e308, 1.7e308};
    (void)state;
    struct sample_summary huge = sample_summarize(HUGE_ONES, 3);
    assert_near(huge.mean, 1.6e308, "mean");
    assert_near(huge.sd, 1e307, "sd");
    struct sample_summary tiny = sample_summarize(TINY_ONES, 3);
    assert_near(tiny.sd, 1e-300, "sd");
    struct welch_test test = welch(&huge, &tiny);
    assert_near(test.df, 2, "df");
    struct sample_summary wide = sample_summarize(FAR_APART, 2);
    assert_true(wide.mean == 0 && wide.median == 0);
}

/* Sums in the order given, and no worse for a large offset. */
static void loses_no_digits(void **state) {
    static double values[1000];
    (void)state;
    for (size_t i = 0; i < 1000; i++)
        values[i] = 0x1p40 + (double)(i % 2);
    struct sample_summary summary = sample_summarize(values, 1000);
    assert_true(summary.mean == 0x1p40 + 0.5);
    assert_near(summary.sd, sqrt(250.0 / 999), "sd");
}

static void inverts_the_distribution(void **state) {
    static const double DEGREES[] = {1, 1.5, 2, 7, 100, 2e5};
    (void)state;
    assert_true(student_quantile(0.5, 3) == 0);
    for (size_t i = 0; i < sizeof DEGREES / sizeof *DEGREES; i++)
        for (double p = 0.001; p < 1; p += 0.0373) {
            double t = student_quantile(p, DEGREES[i]);
            assert_near(student_cdf(t, DEGREES[i]), p, "cdf of quantile");
        }
    assert_true(student_two_sided(INFINITY, 4) == 0);
    assert_true(student_two_sided(1e300, 4) == 0);
    assert_true(student_two_sided(0, 4) == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_scipy),
        cmocka_unit_test(needs_two_values),
        cmocka_unit_test(knows_equal_values),
        cmocka_unit_test(bears_extreme_values),
        cmocka_unit_test(loses_no_digits),
        cmocka_unit_test(inverts_the_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
