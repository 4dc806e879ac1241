/* The double functions against exact values (tests/golden/double_math.csv),
 * and their special cases. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/double_math.h"

struct function {
    const char *name;
    double (*of_one)(double);
    double (*of_two)(double, double);
    double limit;  /* ulp */
    size_t least;  /* lines that the golden file must have */
    double worst;  /* found */
    size_t tested; /* lines found */
};

static struct function functions[] = {
    {"exp", double_exp, NULL, 1, 400, 0, 0},
    {"expm1", double_expm1, NULL, 1, 400, 0, 0},
    {"log", double_log, NULL, 1, 400, 0, 0},
    {"log1p", double_log1p, NULL, 1, 300, 0, 0},
    {"sin", double_sin, NULL, 1, 400, 0, 0},
    {"cos", double_cos, NULL, 1, 400, 0, 0},
    {"tanh", double_tanh, NULL, 1, 400, 0, 0},
    {"erf", double_erf, NULL, 1, 400, 0, 0},
    {"pow", NULL, double_pow, 2, 400, 0, 0},
};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

static double from_bits(const char *hex) {
    uint64_t bits = strtoull(hex, NULL, 16);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static struct function *find_function(const char *name) {
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    fail_msg("no function %s", name);
    return NULL;
}

/* |value - (high + low) 2^-shift| in units of the last place of the exact
 * value. Scaling by 2^shift and the difference with `high` are exact. */
static double error_in_ulp(double value, int shift, double high, double low) {
    int exponent;
    frexp(high, &exponent);
    int last_place = exponent - shift - 53;
    if (last_place < -1074)
        last_place = -1074;
    double difference = (ldexp(value, shift) - high) - low;
    return fabs(difference) / ldexp(1, last_place + shift);
}

/* function,x,y,shift,high,low */
static void check_line(char *line) {
    char *cells[6], *rest = line;
    for (size_t i = 0; i < 6; i++) {
        cells[i] = strsep(&rest, ",");
        assert_non_null(cells[i]);
    }
    struct function *function = find_function(cells[0]);
    double x = from_bits(cells[1]);
    double value = function->of_one ? function->of_one(x)
                                    : function->of_two(x, from_bits(cells[2]));
    double error = error_in_ulp(value, atoi(cells[3]), from_bits(cells[4]),
                                from_bits(cells[5]));
    if (!(error <= function->limit))
        fail_msg("%s(%a, %s) = %a is %.3f ulp off", cells[0], x, cells[2],
                 value, error);
    function->worst = fmax(function->worst, error);
    function->tested++;
}

static void test_exact_values(void **state) {
    (void)state;
    FILE *file = fopen(TEST_SOURCE_DIR "/tests/golden/double_math.csv", "r");
    assert_non_null(file);
    char line[256];
    while (fgets(line, sizeof line, file))
        if (line[0] != '#')
            check_line(line);
    fclose(file);
    for (size_t i = 0; i < FUNCTIONS; i++) {
        print_message("%-6s %zu values, at most %.3f ulp\n", functions[i].name,
                      functions[i].tested, functions[i].worst);
        assert_true(functions[i].tested >= functions[i].least);
    }
}

static void assert_same(double value, double expected) {
    if (isnan(expected)) {
        assert_true(isnan(value));
        return;
    }
    if (memcmp(&value, &expected, sizeof value) != 0)
        fail_msg("%a is not %a", value, expected);
}

struct special {
    const char *name;
    double x, value;
};

static const struct special SPECIALS[] = {
    {"exp", 0, 1},
    {"exp", -0.0, 1},
    {"exp", INFINITY, INFINITY},
    {"exp", -INFINITY, 0},
    {"exp", 710, INFINITY},
    {"exp", 1e308, INFINITY},
    {"exp", -746, 0},
    {"exp", NAN, NAN},
    {"expm1", 0.0, 0.0},
    {"expm1", -0.0, -0.0},
    {"expm1", INFINITY, INFINITY},
    {"expm1", -INFINITY, -1},
    {"expm1", -1e300, -1},
    {"expm1", 710, INFINITY},
    {"expm1", 5e-324, 5e-324},
    {"expm1", NAN, NAN},
    {"log", 1, 0.0},
    {"log", 0.0, -INFINITY},
    {"log", -0.0, -INFINITY},
    {"log", -1, NAN},
    {"log", -INFINITY, NAN},
    {"log", INFINITY, INFINITY},
    {"log", NAN, NAN},
    {"log1p", 0.0, 0.0},
    {"log1p", -0.0, -0.0},
    {"log1p", -1, -INFINITY},
    {"log1p", -1.5, NAN},
    {"log1p", INFINITY, INFINITY},
    {"log1p", NAN, NAN},
    {"sin", 0.0, 0.0},
    {"sin", -0.0, -0.0},
    {"sin", INFINITY, NAN},
    {"sin", -INFINITY, NAN},
    {"sin", NAN, NAN},
    {"cos", 0.0, 1},
    {"cos", -0.0, 1},
    {"cos", INFINITY, NAN},
    {"cos", NAN, NAN},
    {"tanh", 0.0, 0.0},
    {"tanh", -0.0, -0.0},
    {"tanh", INFINITY, 1},
    {"tanh", -INFINITY, -1},
    {"tanh", 23, 1},
    {"tanh", NAN, NAN},
    {"erf", 0.0, 0.0},
    {"erf", -0.0, -0.0},
    {"erf", INFINITY, 1},
    {"erf", -INFINITY, -1},
    {"erf", 7, 1},
    {"erf", NAN, NAN},
};

static void test_special_values(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof SPECIALS / sizeof *SPECIALS; i++) {
        const struct special *special = &SPECIALS[i];
        assert_same(find_function(special->name)->of_one(special->x),
                    special->value);
    }
}

/* base, exponent, value: C11 F.10.4.4. */
static const double POWERS[][3] = {
    {0.0, -3, INFINITY},
    {-0.0, -3, -INFINITY},
    {-0.0, -2, INFINITY},
    {0.0, -0.5, INFINITY},
    {-0.0, -INFINITY, INFINITY},
    {-0.0, 3, -0.0},
    {-0.0, 2, 0.0},
    {-0.0, 0.5, 0.0},
    {-1, INFINITY, 1},
    {-1, -INFINITY, 1},
    {-1, 3, -1},
    {-1, 1e300, 1},
    {1, NAN, 1},
    {1, INFINITY, 1},
    {NAN, 0.0, 1},
    {NAN, -0.0, 1},
    {NAN, 1, NAN},
    {2, NAN, NAN},
    {-2, 0.5, NAN},
    {-INFINITY, 0.5, INFINITY},
    {0.5, -INFINITY, INFINITY},
    {2, -INFINITY, 0.0},
    {0.5, INFINITY, 0.0},
    {-2, INFINITY, INFINITY},
    {-INFINITY, -3, -0.0},
    {-INFINITY, -2, 0.0},
    {-INFINITY, 3, -INFINITY},
    {-INFINITY, 2, INFINITY},
    {INFINITY, -1, 0.0},
    {INFINITY, 1, INFINITY},
    {2, 1e300, INFINITY},
    {0.5, 1e300, 0.0},
    {0.5, -1e300, INFINITY},
    {2, 1024, INFINITY},
    {-2, 1025, -INFINITY},
    {2, -1080, 0.0},
    {-2, -1081, -0.0},
    {2, -1074, 5e-324},
    {2, 10, 1024},
    {-2, 3, -8},
    {10, 3, 1000},
    {4, 0.5, 2},
    {9, -1, 1.0 / 9},
};

static void test_powers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof POWERS / sizeof *POWERS; i++)
        assert_same(double_pow(POWERS[i][0], POWERS[i][1]), POWERS[i][2]);
}

/* Symmetry holds to the bit; sin^2 + cos^2 = 1 to 2 roundings each. */
static void test_identities(void **state) {
    (void)state;
    for (double x = 1e-3; x < 1e300; x *= 1.37) {
        assert_same(double_sin(-x), -double_sin(x));
        assert_same(double_cos(-x), double_cos(x));
        assert_same(double_tanh(-x), -double_tanh(x));
        assert_same(double_erf(-x), -double_erf(x));
        double sine = double_sin(x), cosine = double_cos(x);
        assert_true(fabs(sine * sine + cosine * cosine - 1) < 0x1p-51);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_values),
        cmocka_unit_test(test_special_values),
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_identities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
