/* Numbers to text and back. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/number.h"

enum { ROUND_TRIPS = 1000000, SHORTEST_TRIALS = 20000 };

/* xorshift64: only the spread matters here. */
static uint64_t next_bits(void) {
    static uint64_t bits = 88172645463325252u;
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    return bits;
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* In turn: any bits; powers of two; values of few digits; whole numbers. */
static double any_double(int turn) {
    uint64_t bits = next_bits();
    switch (turn % 4) {
    case 0:
        return double_of(bits);
    case 1:
        return double_of(bits & ~(((uint64_t)1 << 52) - 1));
    case 2:
        return (double)(int64_t)(bits % 2000000) / (double)(1 + bits % 1009);
    default:
        return (double)(bits >> bits % 64);
    }
}

static float any_float(int turn) {
    return turn % 4 ? (float)any_double(turn)
                    : float_of((uint32_t)(next_bits() >> 32));
}

static void check_double(double value) {
    char text[NUMBER_TEXT_SIZE];
    size_t length = number_write_double(value, text);
    assert_int_equal(length, strlen(text));
    double back = strtod(text, NULL), read;
    assert_memory_equal(&back, &value, sizeof value);
    assert_true(number_read(text, length, &read));
    assert_memory_equal(&read, &value, sizeof value);
}

static void check_float(float value) {
    char text[NUMBER_TEXT_SIZE];
    size_t length = number_write_float(value, text);
    assert_int_equal(length, strlen(text));
    float back = strtof(text, NULL);
    assert_memory_equal(&back, &value, sizeof value);
}

static void test_round_trips(void **state) {
    (void)state;
    for (int i = 0; i < ROUND_TRIPS; i++) {
        double value = any_double(i);
        if (isfinite(value))
            check_double(value);
        float narrow = any_float(i);
        if (isfinite(narrow))
            check_float(narrow);
    }
}

/* The significant digits of a text, without the zeros at either end. */
static void digits_of(const char *text, char *digits) {
    size_t count = 0;
    for (; *text && *text != 'e'; text++)
        if (*text >= '1' || (*text == '0' && count))
            digits[count++] = *text;
    while (count && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
}

/* The fewest digits of printf that read back as the value are as many as ours,
 * and the same: printf rounds to the nearest. Only at a power of two may ours
 * be fewer, where the nearest decimal does not read back but another does. */
static void check_shortest(double value, bool is_float) {
    char text[NUMBER_TEXT_SIZE], ours[NUMBER_TEXT_SIZE], printed[64];
    char theirs[64];
    if (is_float)
        number_write_float((float)value, text);
    else
        number_write_double(value, text);
    digits_of(text, ours);
    for (int precision = 0; precision < 17; precision++) {
        snprintf(printed, sizeof printed, "%.*e", precision, value);
        double back = is_float ? strtof(printed, NULL) : strtod(printed, NULL);
        if (back == value)
            break;
    }
    digits_of(printed, theirs);
    int exponent;
    if (fabs(frexp(value, &exponent)) == 0.5 && strlen(ours) < strlen(theirs))
        return;
    if (strcmp(ours, theirs) != 0)
        fail_msg("%s is not as short or as near as %s", text, printed);
}

static void test_shortest(void **state) {
    (void)state;
    for (int i = 0; i < SHORTEST_TRIALS; i++) {
        double value = fabs(any_double(i));
        if (isfinite(value) && value != 0)
            check_shortest(value, false);
        float narrow = fabsf(any_float(i));
        if (isfinite(narrow) && narrow != 0)
            check_shortest((double)narrow, true);
    }
}

struct spelling {
    double value;
    const char *text;
};

/* As Python 3 writes them. */
static const struct spelling DOUBLES[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1, "1.0"},
    {-1.5, "-1.5"},
    {0.1, "0.1"},
    {0.30000000000000004, "0.30000000000000004"},
    {1e-4, "0.0001"},
    {1e-5, "1e-05"},
    {1.5e-5, "1.5e-05"},
    {0.00012345, "0.00012345"},
    {9.999e-5, "9.999e-05"},
    {100, "100.0"},
    {123456.789, "123456.789"},
    {9007199254740991, "9007199254740991.0"},
    {9007199254740992, "9007199254740992.0"},
    {9007199254740993.0, "9007199254740992.0"},
    {1e15, "1000000000000000.0"},
    {9999999999999998, "9999999999999998.0"},
    {1e16, "1e+16"},
    {12345678901234567.0, "1.2345678901234568e+16"},
    {1e22, "1e+22"},
    {1e23, "1e+23"},
    {9.5367431640625e-07, "9.5367431640625e-07"},
    {5.684341886080802e-14, "5.684341886080802e-14"},
    {2e-44, "2e-44"},
    {1e100, "1e+100"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {2.225073858507201e-308, "2.225073858507201e-308"},
    {5e-324, "5e-324"},
    {-5e-324, "-5e-324"},
    {1e-323, "1e-323"},
    {9.5e-322, "9.5e-322"},
    {INFINITY, "inf"},
    {-INFINITY, "-inf"},
    {NAN, "nan"},
    {-NAN, "nan"},
};

static const struct spelling FLOATS[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {0.1f, "0.1"},
    {1, "1.0"},
    {0.05f, "0.05"},
    {3.1415927f, "3.1415927"},
    {16777216, "16777216.0"},
    {16777218, "16777218.0"},
    {1073741824, "1073741800.0"},
    {1e10f, "10000000000.0"},
    {1e15f, "1000000000000000.0"},
    {1e16f, "1e+16"},
    {1e-4f, "0.0001"},
    {1e-5f, "1e-05"},
    {1e-10f, "1e-10"},
    {3.4028235e38f, "3.4028235e+38"},
    {1.1754944e-38f, "1.1754944e-38"},
    {1e-45f, "1e-45"},
    {7.7e-44f, "7.7e-44"},
    {8388608.5f, "8388608.0"},
    {INFINITY, "inf"},
    {-INFINITY, "-inf"},
    {NAN, "nan"},
};

static void test_spellings(void **state) {
    (void)state;
    char text[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < sizeof DOUBLES / sizeof *DOUBLES; i++) {
        number_write_double(DOUBLES[i].value, text);
        assert_string_equal(text, DOUBLES[i].text);
    }
    for (size_t i = 0; i < sizeof FLOATS / sizeof *FLOATS; i++) {
        number_write_float((float)FLOATS[i].value, text);
        assert_string_equal(text, FLOATS[i].text);
    }
}

static void test_integers(void **state) {
    (void)state;
    static const int64_t VALUES[] = {
        0, 9, 10, 99, 100, -1, -10, 12345678, 123456789, INT64_MAX, INT64_MIN};
    char text[NUMBER_TEXT_SIZE], expected[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        snprintf(expected, sizeof expected, "%lld", (long long)VALUES[i]);
        size_t length = number_write_integer(VALUES[i], text);
        assert_string_equal(text, expected);
        assert_int_equal(length, strlen(expected));
    }
    for (int i = 0; i < 10000; i++) {
        int64_t value = (int64_t)(next_bits() >> i % 64);
        snprintf(expected, sizeof expected, "%lld", (long long)value);
        number_write_integer(value, text);
        assert_string_equal(text, expected);
    }
}

static const struct spelling READABLE[] = {
    {0, "0"},
    {-0.0, "-0"},
    {0, "0.000e5"},
    {1.5, "+1.5"},
    {-1500, "-1.5e3"},
    {0.5, ".5"},
    {5, "5."},
    {5e10, "5.E+10"},
    {7, "007"},
    {0.1, "0.1"},
    {1e22, "1e22"},
    {1e23, "1e23"},
    {9007199254740992, "9007199254740993"},
    {9007199254740996, "9007199254740995"},
    {123456789012345678.0, "123456789012345678"},
    {12345678901234567000.0, "12345678901234567890123e-3"},
    {INFINITY, "1e400"},
    {-INFINITY, "-1e99999999999999999999"},
    {0, "1e-400"},
    {-0.0, "-1e-99999999999999999999"},
    {0, "0e99999999999999999999"},
    {5e-324, "2.4703282292062328e-324"},
    {2.2250738585072011e-308, "2.2250738585072011e-308"},
    {1, "0.99999999999999999999999999999999999999999999999999999999999999"},
    {1, "1.00000000000000000000000000000000000000000000000000000000000000"},
};

static void test_reading(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof READABLE / sizeof *READABLE; i++) {
        const char *text = READABLE[i].text;
        double value = 42;
        assert_true(number_read(text, strlen(text), &value));
        if (memcmp(&value, &READABLE[i].value, sizeof value) != 0)
            fail_msg("%s read as %a", text, value);
    }
}

static void test_refusals(void **state) {
    (void)state;
    static const char *const TEXTS[] = {
        "",     " ",     ".",     "+",    "-",   "e5",  "-.e1", "1e",
        "1e+",  "1e-",   "1e5.",  "--1",  "+-1", "1 ",  " 1",   "1,5",
        "0x10", "1p3",   "nan",   "inf",  "NaN", "Inf", "-inf", "infinity",
        "12a",  "1_000", "1e1e1", "1..2", ".5.", "1\n", "1f",   "\xd9\xa1",
    };
    double value;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        if (number_read(TEXTS[i], strlen(TEXTS[i]), &value))
            fail_msg("\"%s\" read as %a", TEXTS[i], value);
    assert_false(number_read("1\0002", 3, &value));
    assert_false(number_read("1\0", 2, &value));
}

/* All of `length` bytes and no more: neither text ends in a NUL. */
static void test_length_is_kept(void **state) {
    (void)state;
    const char digits[3] = {'1', '2', '3'};
    double value;
    assert_true(number_read(digits, 3, &value));
    assert_true(value == 123);
    assert_true(number_read(digits, 2, &value));
    assert_true(value == 12);
    const char tiny[6] = {'1', 'e', '-', '3', '0', '0'};
    assert_true(number_read(tiny, 5, &value));
    assert_true(value == 1e-30);
}

/* A megabyte of digits is a number like another. */
static void test_long_text(void **state) {
    (void)state;
    enum { DIGITS = 1 << 20 };
    char *text = malloc(DIGITS + 16);
    assert_non_null(text);
    memset(text, '0', DIGITS);
    memcpy(text, "0.", 2);
    memcpy(text + DIGITS, "15e1048576", 10);
    double value;
    assert_true(number_read(text, DIGITS + 10, &value));
    assert_true(value == 15);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),    cmocka_unit_test(test_shortest),
        cmocka_unit_test(test_spellings),      cmocka_unit_test(test_integers),
        cmocka_unit_test(test_reading),        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_length_is_kept), cmocka_unit_test(test_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
