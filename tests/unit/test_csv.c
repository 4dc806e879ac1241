#include "tests/unit/table_fixtures.h"

#include <math.h>

static void reads_fixtures_as_pandas_does(void **state) {
    (void)state;
    assert_true(check_fixtures(".csv") >= 13);
}

struct refusal {
    const char *text, *words;
};

/* Each text is refused with these words in the message. */
static void refuses(void **state) {
    static const struct refusal REFUSALS[] = {
        {",a,b\n0,1,2\n", "index=False"},
        {"\"\",a\n1,2\n", "index=False"},
        {"1.5,2.5\n3,4\n", "first line is all numbers"},
        {"0,2\n3,4\n", "first line is all numbers"},
        {"1,2\n3,4\n", "first line is all numbers"},
        {"00,1\n3,4\n", "first line is all numbers"},
        {"a;b\n1;2\n", "separator must be a comma"},
        {"a\tb\n1\t2\n", "one column with a tab"},
        {"a,b\n1,2\n3\n", "given:3: 1 cell, where the header has 2"},
        {"a,b\n\n1,2\n3,4,5\n", "given:4: 3 cells, where the header has 2"},
        {"a,b\n\"x\ny\",2\n3,4,\n", "given:4: 3 cells"},
        {"a,b\n1,\"2\n", "given:2:3: the quote is never closed"},
        {"a,b\n1,\"2\"x\n", "given:2:6: text behind the closing quote"},
        {"a\n", "a header and no rows"},
        {"a,b", "a header and no rows"},
        {"\n  \n\n", "blank lines only"},
        {"\xef\xbb\xbf", "blank lines only"},
        {"a\n\xff\n", "given:2: the byte 0xff at offset 2 is not UTF-8"},
        {"a\n\xc0\x80\n", "is not UTF-8"},
        {"a\n\xed\xa0\x80\n", "is not UTF-8"},
        {"\xff\xfe"
         "a\n",
         "UTF-16"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        struct table table;
        struct status status;
        const char *text = REFUSALS[i].text;
        enum status_code code = read_given(text, strlen(text), &table, &status);
        print_message("%s\n", status.message);
        assert_int_equal(code, STATUS_INPUT);
        assert_null(strchr(status.message, '\n'));
        if (!strstr(status.message, REFUSALS[i].words))
            fail_msg("expected '%s'", REFUSALS[i].words);
    }
}

static void refuses_nul_and_nothing(void **state) {
    struct table table;
    struct status status;
    (void)state;
    assert_int_equal(read_given("a\n1\n\0\n", 6, &table, &status),
                     STATUS_INPUT);
    assert_non_null(strstr(status.message, "given:3: a NUL byte at offset 4"));
    assert_int_equal(read_given("", 0, &table, &status), STATUS_INPUT);
    assert_non_null(strstr(status.message, "the file is empty"));
}

/* A column with a word is a defect of that column alone. */
static void tells_where_a_word_stands(void **state) {
    static const struct refusal DEFECTS[] = {
        {"x,y\n1,\"two\nlines\"\n3,abc\n",
         "given:2:3: 'two?lines' is not a number (column 'y')"},
        {"x,y\n1,2\n1,12abc\n", "given:3:3: '12abc' is not a number"},
        {"x,y\n1,0x1p3\n", "given:2:3: '0x1p3' is not a number"},
        {"x,y\n1,None\n", "given:2:3: 'None' is not a number"},
        {"x,y\n1,1_000\n", "'1_000' is not a number"},
        {"x,y\n1,--1\n", "'--1' is not a number"},
        {"x,y\n1,1e\n", "'1e' is not a number"},
        {"x,y\n1,.\n", "'.' is not a number"},
        {"x,y\n1, nan\n", "' nan' is not a number"},
        {"x,y\n1,tRUE\n", "'tRUE' is not a number"},
        {"x,y\n1,True\n2,3\n", "given:2:3: 'True' is not a number"},
        {"x,y\n1,3\n2,False\n", "given:3:3: 'False' is not a number"},
        {"x,y\n\xc3\xa9\xc3\xa9,\xe2\x82\xac\n", "given:2:4: '\xe2\x82\xac'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof DEFECTS / sizeof DEFECTS[0]; i++) {
        struct table table;
        struct status status;
        const char *text = DEFECTS[i].text;
        assert_int_equal(read_given(text, strlen(text), &table, &status),
                         STATUS_OK);
        print_message("%s\n", table.column[1].defect);
        assert_null(table.column[1].values);
        if (!strstr(table.column[1].defect, DEFECTS[i].words))
            fail_msg("expected '%s'", DEFECTS[i].words);
        table_release(&table);
    }
}

static void keeps_lines_of_rows(void **state) {
    static const char TEXT[] = "a,b\r\n1,\"x\r\ny\"\r\n\r\n2,3\r4,5";
    static const size_t LINES[] = {2, 5, 6};
    struct table table;
    struct status status;
    (void)state;
    assert_int_equal(read_given(TEXT, strlen(TEXT), &table, &status),
                     STATUS_OK);
    assert_int_equal(table.rows, 3);
    assert_memory_equal(table.line, LINES, sizeof LINES);
    assert_true(table.column[0].values[2] == 4);
    table_release(&table);
}

static void keeps_missing_values_among_booleans(void **state) {
    struct table table;
    struct status status;
    static const char TEXT[] = "a,b\nTrue,\n,\nFalse,NA\n";
    (void)state;
    assert_int_equal(read_given(TEXT, strlen(TEXT), &table, &status),
                     STATUS_OK);
    assert_true(table.column[0].values[0] == 1);
    assert_true(isnan(table.column[0].values[1]));
    assert_true(table.column[0].values[2] == 0);
    assert_true(isnan(table.column[1].values[2]));
    table_release(&table);
}

/* 100,000 equal labels, in a time that no quadratic way would keep. */
static void names_many_twins(void **state) {
    enum { COUNT = 100000 };
    struct text text = TEXT_INIT;
    struct table table;
    struct status status;
    (void)state;
    for (int line = 0; line < 2; line++)
        for (int i = 0; i < COUNT; i++)
            text_add(&text, line            ? i + 1 < COUNT ? "1," : "1\n"
                            : i + 1 < COUNT ? "x,"
                                            : "x\n");
    assert_int_equal(read_given(text.bytes, text.length, &table, &status),
                     STATUS_OK);
    assert_int_equal(table.columns, COUNT);
    assert_string_equal(table.column[0].label, "x");
    assert_string_equal(table.column[COUNT - 1].label, "x.99999");
    table_release(&table);
    text_release(&text);
}

/* A cut file is the shorter table or an error, whatever the byte. */
static void survives_truncation(void **state) {
    struct bytes bytes = read_fixture("quoted.csv");
    (void)state;
    for (size_t size = 0; size <= bytes.size; size++) {
        struct table table;
        struct status status;
        enum status_code code = read_given(bytes.data, size, &table, &status);
        assert_true(code == STATUS_OK || code == STATUS_INPUT);
        if (code == STATUS_OK)
            assert_int_equal(table.columns, 3);
        table_release(&table);
    }
    bytes_release(&bytes);
}

static void reads_the_course_files(void **state) {
    struct table table;
    struct status status = STATUS_INIT;
    struct bytes bytes;
    const char *path = TEST_SOURCE_DIR "/../shared/data/line_data.csv";
    (void)state;
    if (whole_file_read(path, 1 << 20, STATUS_INPUT, &bytes, &status)) {
        print_message("%s\n", status.message);
        skip();
    }
    assert_int_equal(table_read(&bytes, path, NULL, &table, &status),
                     STATUS_OK);
    assert_int_equal(table.rows, 2000);
    assert_string_equal(table.column[2].label, "dy");
    size_t missing = 0;
    for (size_t row = 0; row < table.rows; row++)
        for (size_t i = 0; i < table.columns; i++)
            missing += isnan(table.column[i].values[row]) != 0;
    assert_int_equal(missing, 150);
    assert_true(table.column[0].values[0] == 0.3929383711957233);
    table_release(&table);
    bytes_release(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_fixtures_as_pandas_does),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_nul_and_nothing),
        cmocka_unit_test(tells_where_a_word_stands),
        cmocka_unit_test(keeps_lines_of_rows),
        cmocka_unit_test(keeps_missing_values_among_booleans),
        cmocka_unit_test(names_many_twins),
        cmocka_unit_test(survives_truncation),
        cmocka_unit_test(reads_the_course_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
