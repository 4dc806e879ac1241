/* YAML 1.2's core schema. */

#include "tests/unit/tree_fixtures.h"

#include <math.h>

static struct scalar scalar_of(const char *text, bool quoted) {
    struct node node = {
        .kind = NODE_SCALAR, .text = (char *)text, .quoted = quoted};
    return node_scalar(&node);
}

static void test_words(void **state) {
    (void)state;
    static const struct word_row {
        const char *text;
        enum scalar_type type;
        bool boolean;
    } ROWS[] = {
        {"", SCALAR_NULL, false},         {"~", SCALAR_NULL, false},
        {"null", SCALAR_NULL, false},     {"Null", SCALAR_NULL, false},
        {"NULL", SCALAR_NULL, false},     {"nULL", SCALAR_STRING, false},
        {"true", SCALAR_BOOLEAN, true},   {"True", SCALAR_BOOLEAN, true},
        {"TRUE", SCALAR_BOOLEAN, true},   {"false", SCALAR_BOOLEAN, false},
        {"False", SCALAR_BOOLEAN, false}, {"FALSE", SCALAR_BOOLEAN, false},
        {"tRUE", SCALAR_STRING, false},   {"yes", SCALAR_STRING, false},
        {"no", SCALAR_STRING, false},     {"on", SCALAR_STRING, false},
        {"off", SCALAR_STRING, false},    {"y", SCALAR_STRING, false},
        {"nan", SCALAR_STRING, false},    {"inf", SCALAR_STRING, false},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct scalar scalar = scalar_of(ROWS[i].text, false);
        assert_int_equal(scalar.type, ROWS[i].type);
        assert_int_equal(scalar.boolean, ROWS[i].boolean);
    }
}

static void test_numbers(void **state) {
    (void)state;
    static const struct number_row {
        const char *text;
        enum scalar_type type;
        double number;
        bool has_point;
    } ROWS[] = {
        {"0", SCALAR_INTEGER, 0, false},
        {"-0", SCALAR_INTEGER, -0.0, false},
        {"+7", SCALAR_INTEGER, 7, false},
        {"-12", SCALAR_INTEGER, -12, false},
        {"010", SCALAR_INTEGER, 10, false},
        {"-007", SCALAR_INTEGER, -7, false},
        {"000", SCALAR_INTEGER, 0, false},
        {"0o17", SCALAR_INTEGER, 15, false},
        {"0x1F", SCALAR_INTEGER, 31, false},
        {"0xdeadBEEF", SCALAR_INTEGER, 3735928559.0, false},
        {"18446744073709551616", SCALAR_INTEGER, 0x1p64, false},
        {"9007199254740993", SCALAR_INTEGER, 9007199254740992.0, false},
        {"0x20000000000001", SCALAR_INTEGER, 0x1p53, false},
        {"0x2000000000000100000000000000001", SCALAR_INTEGER,
         0x1.0000000000001p121, false},
        {"0x80000000000004000000000000000001", SCALAR_INTEGER,
         0x1.0000000000001p127, false},
        {"0x80000000000004000000000000000000", SCALAR_INTEGER, 0x1p127, false},
        {"1e4", SCALAR_NUMBER, 1e4, false},
        {"1e-3", SCALAR_NUMBER, 1e-3, false},
        {"1E-3", SCALAR_NUMBER, 1e-3, false},
        {"1e+3", SCALAR_NUMBER, 1e3, false},
        {".001", SCALAR_NUMBER, 1e-3, true},
        {"00.5", SCALAR_NUMBER, 0.5, true},
        {"-.5", SCALAR_NUMBER, -0.5, true},
        {"+.5", SCALAR_NUMBER, 0.5, true},
        {"5.", SCALAR_NUMBER, 5, true},
        {"5.e1", SCALAR_NUMBER, 50, true},
        {"1.0", SCALAR_NUMBER, 1, true},
        {"0.1", SCALAR_NUMBER, 0.1, true},
        {"2.2250738585072012e-308", SCALAR_NUMBER, 0x1p-1022, true},
        {"1e999", SCALAR_NUMBER, INFINITY, false},
        {"-1e999", SCALAR_NUMBER, -INFINITY, false},
        {"1e-999", SCALAR_NUMBER, 0, false},
        {".inf", SCALAR_NUMBER, INFINITY, true},
        {"+.Inf", SCALAR_NUMBER, INFINITY, true},
        {"-.INF", SCALAR_NUMBER, -INFINITY, true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct scalar scalar = scalar_of(ROWS[i].text, false);
        assert_int_equal(scalar.type, ROWS[i].type);
        assert_memory_equal(&scalar.number, &ROWS[i].number, sizeof(double));
        assert_int_equal(scalar.has_point, ROWS[i].has_point);
    }
}

static void test_not_a_number(void **state) {
    (void)state;
    static const char *const TEXTS[] = {".nan", ".NaN", ".NAN"};
    for (size_t i = 0; i < 3; i++) {
        struct scalar scalar = scalar_of(TEXTS[i], false);
        assert_int_equal(scalar.type, SCALAR_NUMBER);
        assert_true(isnan(scalar.number));
    }
}

static void test_strings(void **state) {
    (void)state;
    static const char *const TEXTS[] = {
        "1_000", "0x",   "0o", "0o8",   "0xG",  "-0x1",  "1e",   "1e+",
        "e1",    ".",    "-",  "+",     "--1",  "1.2.3", ".e1",  "1,5",
        "0b1",   "1 2",  " 1", "1e1.5", "١",    "1d",    "0X1F", ".Nan",
        "-.nan", "1:30", "a",  "=",     "1e5x", "nul",   "∞",    "..5",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        assert_int_equal(scalar_of(TEXTS[i], false).type, SCALAR_STRING);
}

static void test_quoted_is_a_string(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"",     "1",    "true",
                                        "null", "1e-3", ".inf"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        assert_int_equal(scalar_of(TEXTS[i], true).type, SCALAR_STRING);
}

static void test_long_digits(void **state) {
    (void)state;
    char digits[60001];
    memset(digits, '9', 60000);
    digits[60000] = '\0';
    assert_true(isinf(scalar_of(digits, false).number));
    digits[1] = '.';
    assert_true(scalar_of(digits, false).number == 10);
    digits[0] = '0';
    digits[1] = 'x';
    assert_true(isinf(scalar_of(digits, false).number));
    memset(digits, '0', 59999);
    digits[59999] = '7';
    assert_true(scalar_of(digits, false).number == 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_not_a_number),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_quoted_is_a_string),
        cmocka_unit_test(test_long_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
