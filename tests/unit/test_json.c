#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/io/json.h"

static void write_sample(struct json_writer *writer) {
    json_begin_object(writer);
    json_key(writer, "numbers");
    json_begin_array(writer);
    json_integer(writer, INT64_MIN);
    json_double(writer, 0.1);
    json_float(writer, 0.1F);
    json_double(writer, NAN);
    json_float(writer, -INFINITY);
    json_end_array(writer);
    json_key(writer, "empty");
    json_begin_object(writer);
    json_end_object(writer);
    json_key(writer, "none");
    json_begin_array(writer);
    json_end_array(writer);
    json_key(writer, "b");
    json_boolean(writer, true);
    json_key(writer, "a");
    json_begin_object(writer);
    json_key(writer, "n");
    json_null(writer);
    json_key(writer, "raw");
    json_raw(writer, "[1,2]");
    json_end_object(writer);
    json_end_object(writer);
}

static void writes_one_line(void **state) {
    struct text text = TEXT_INIT;
    struct json_writer writer = json_writer_new(&text, 0);
    (void)state;
    write_sample(&writer);
    assert_string_equal(
        text_string(&text),
        "{\"numbers\":[-9223372036854775808,0.1,0.1,null,null],\"empty\":{},"
        "\"none\":[],\"b\":true,\"a\":{\"n\":null,\"raw\":[1,2]}}");
    text_release(&text);
}

static void writes_indented(void **state) {
    struct text text = TEXT_INIT;
    struct json_writer writer = json_writer_new(&text, 2);
    (void)state;
    write_sample(&writer);
    assert_string_equal(text_string(&text), "{\n"
                                            "  \"numbers\": [\n"
                                            "    -9223372036854775808,\n"
                                            "    0.1,\n"
                                            "    0.1,\n"
                                            "    null,\n"
                                            "    null\n"
                                            "  ],\n"
                                            "  \"empty\": {},\n"
                                            "  \"none\": [],\n"
                                            "  \"b\": true,\n"
                                            "  \"a\": {\n"
                                            "    \"n\": null,\n"
                                            "    \"raw\": [1,2]\n"
                                            "  }\n"
                                            "}");
    text_release(&text);
}

static void escapes_strings(void **state) {
    static const struct {
        const char *string, *json;
    } CASES[] = {
        {"", "\"\""},
        {"a\"\\/\b\f\n\r\t", "\"a\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
        {"\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\""},
        {"\xff|\xc3|\xed\xa0\x80",
         "\"\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct text text = TEXT_INIT;
        struct json_writer writer = json_writer_new(&text, 0);
        struct status status = STATUS_INIT;
        json_string(&writer, CASES[i].string);
        assert_string_equal(text_string(&text), CASES[i].json);
        struct json_value *back = json_parse(text.bytes, text.length, &status);
        assert_non_null(back);
        json_free(back);
        text_release(&text);
    }
}

static void reads_values(void **state) {
    static const char TEXT[] = "{\"z\": 1.5, \"a\": -3, \"m\": [true, null, "
                               "\"s\", {}], \"big\": 9007199254740993}";
    static const char *const KEYS[] = {"z", "a", "m", "big"};
    struct status status = STATUS_INIT;
    struct json_value *document = json_parse(TEXT, sizeof TEXT - 1, &status);
    const struct json_value *value;
    (void)state;
    assert_non_null(document);
    assert_true(json_is_object(document));
    assert_int_equal(json_count(document), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(json_member_at(document, i, &value), KEYS[i]);
        assert_ptr_equal(value, json_member(document, KEYS[i]));
    }
    assert_null(json_member_at(document, 4, &value));
    assert_null(value);
    assert_true(json_get_double(json_member(document, "z"), 0) == 1.5);
    assert_true(json_get_double(json_member(document, "a"), 0) == -3);
    assert_int_equal(json_get_integer(json_member(document, "a"), 0), -3);
    assert_int_equal(json_get_integer(json_member(document, "z"), 9), 9);
    assert_true(json_get_integer(json_member(document, "big"), 0) ==
                9007199254740993);
    const struct json_value *array = json_member(document, "m");
    assert_true(json_is_array(array));
    assert_true(json_get_boolean(json_element(array, 0), false));
    assert_true(json_is_null(json_element(array, 1)));
    assert_string_equal(json_get_string(json_element(array, 2), ""), "s");
    assert_true(json_is_object(json_element(array, 3)));
    assert_null(json_element(array, 4));
    json_free(document);
}

static void takes_null_for_absent(void **state) {
    const struct json_value *value;
    (void)state;
    assert_null(json_member(NULL, "a"));
    assert_null(json_element(NULL, 0));
    assert_null(json_member_at(NULL, 0, &value));
    assert_int_equal(json_count(NULL), 0);
    assert_true(json_is_null(NULL));
    assert_false(json_is_number(NULL));
    assert_string_equal(json_get_string(NULL, "f"), "f");
    assert_true(json_get_double(NULL, 2.5) == 2.5);
    assert_true(json_get_boolean(NULL, true));
    json_free(NULL);
}

static void refuses(void **state) {
    static const char *const TEXTS[] = {
        "",       "{",     "[1,]",      "{\"a\":1,\"a\":2}", "{'a':1}",
        "nan",    "[1] x", "\"\xff\"",  "{\"a\":1e999}",     "01",
        "\"\n\"", "[1 2]", "{\"a\" 1}", "\"\\ud800\"",       "tru",
    };
    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct status status = STATUS_INIT;
        assert_null(json_parse(TEXTS[i], strlen(TEXTS[i]), &status));
        assert_int_equal(status.code, STATUS_INPUT);
        assert_null(strchr(status.message, '\n'));
        print_message("%s\n", status.message);
    }
}

/* Very deep nesting is an error, not the end of the stack. */
static void refuses_depth(void **state) {
    enum { DEPTH = 200000 };
    struct status status = STATUS_INIT;
    char *text = malloc(DEPTH);
    (void)state;
    assert_non_null(text);
    memset(text, '[', DEPTH);
    assert_null(json_parse(text, DEPTH, &status));
    assert_int_equal(status.code, STATUS_INPUT);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_one_line),
        cmocka_unit_test(writes_indented),
        cmocka_unit_test(escapes_strings),
        cmocka_unit_test(reads_values),
        cmocka_unit_test(takes_null_for_absent),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
