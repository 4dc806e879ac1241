#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/text.h"
#include "engine/io/pickle.h"

/* A value as Python's repr would have it, roughly: what a test compares. */
static void show(struct text *text, const struct pickle_value *value,
                 int depth) {
    static const char *const BRACKETS[] = {
        [PICKLE_LIST] = "[]", [PICKLE_TUPLE] = "()", [PICKLE_DICT] = "{}"};
    assert_true(depth < 10);
    switch (value->type) {
    case PICKLE_NONE:
        text_add(text, "None");
        return;
    case PICKLE_BOOLEAN:
        text_add(text, value->integer ? "True" : "False");
        return;
    case PICKLE_INTEGER:
        text_print(text, "%lld", (long long)value->integer);
        return;
    case PICKLE_FLOAT:
        text_print(text, "%g", value->number);
        return;
    case PICKLE_STRING:
        text_print(text, "'%s'", value->string);
        return;
    default:
        break;
    }
    text_add_char(text, BRACKETS[value->type][0]);
    for (size_t i = 0; i < value->count; i++) {
        text_add(text, i ? " " : "");
        show(text, pickle_item(value, i), depth + 1);
    }
    text_add_char(text, BRACKETS[value->type][1]);
}

static void check(const char *bytes, size_t length, const char *expected) {
    struct pickle pickle;
    struct status status = STATUS_INIT;
    struct text text = TEXT_INIT;
    if (pickle_read(bytes, length, &pickle, &status))
        fail_msg("%s", status.message);
    show(&text, pickle.value, 0);
    assert_string_equal(text_string(&text), expected);
    text_release(&text);
    pickle_release(&pickle);
}

#define CHECK(bytes, expected) check(bytes, sizeof(bytes) - 1, expected)

/* The bytes are what CPython's pickle.dumps() wrote for what stands behind. */
static void reads_protocol_0(void **state) {
    (void)state;
    CHECK("N.", "None");
    CHECK("I01\n.", "True");
    CHECK("I00\n.", "False");
    CHECK("I-7\n.", "-7");
    CHECK("L9223372036854775807L\n.", "9223372036854775807");
    CHECK("L-9223372036854775808L\n.", "-9223372036854775808");
    CHECK("F0.1\n.", "0.1");
    CHECK("Finf\n.", "inf");
    CHECK("(lp0\nVa\np1\naVb\np2\na.", "['a' 'b']");
    CHECK("(lp0\n(I1\n(lp1\nVa\np2\naI3\natp3\na.", "[(1 ['a' 3])]");
    CHECK("(dp0\nVnames\np1\n(lp2\nNasI1\ng1\ns.",
          "{'names' [None] 1 'names'}");
    CHECK("V\xe9\\u20ac\\U0001f600\\u005cn\\u000a\np0\n.",
          "'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\n\n'");
    CHECK("S'a\\x41\\'\\\\'\np0\n.", "'aA'\\'");
    CHECK("(I1\nI2\nt.", "(1 2)");
    CHECK("(t.", "()");
}

static void reads_protocols_1_and_2(void **state) {
    (void)state;
    CHECK("\x80\x02]q\x00(X\x01\x00\x00\x00"
          "aq\x01K\x02M\x01\x02J\xff\xff\xff\xffh\x01"
          "e.",
          "['a' 2 513 -1 'a']");
    CHECK("\x80\x02K\x01N\x86q\x00.", "(1 None)");
    CHECK("\x80\x02\x88\x89K\x01\x87.", "(True False 1)");
    CHECK("}q\x00(U\x01kG?\xb9\x99\x99\x99\x99\x99\x9au.", "{'k' 0.1}");
    CHECK("\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.",
          "-9223372036854775808");
    CHECK("\x80\x02\x8a\x01\xff.", "-1");
    CHECK("\x80\x02\x8a\x00.", "0");
}

static void refuse(const char *bytes, size_t length, const char *words) {
    struct pickle pickle;
    struct status status = STATUS_INIT;
    assert_int_equal(pickle_read(bytes, length, &pickle, &status),
                     STATUS_INPUT);
    assert_null(pickle.values);
    if (!strstr(status.message, words))
        fail_msg("'%s' does not say '%s'", status.message, words);
}

#define REFUSE(bytes, words) refuse(bytes, sizeof(bytes) - 1, words)

static void refuses_more_than_data(void **state) {
    (void)state;
    REFUSE("cos\nsystem\n(S'true'\ntR.", "opcode 0x63 at offset 0");
    REFUSE("cnumpy.core.multiarray\nscalar\np0\n.", "more than plain data");
    REFUSE("(ios\nsystem\n.", "opcode 0x69 at offset 1");
    REFUSE("Ptoken\n.", "opcode 0x50");
    REFUSE("\x80\x02\x82\x01.", "opcode 0x82");
    REFUSE("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00N.", "opcode 0x80");
}

static void refuses_damage(void **state) {
    (void)state;
    REFUSE("", "ends without a stop");
    REFUSE("N", "ends without a stop");
    REFUSE(".", "without a value");
    REFUSE("(.", "without a value");
    REFUSE("I1.", "damaged");
    REFUSE("I\n.", "damaged");
    REFUSE("I1x\n.", "damaged");
    REFUSE("L9223372036854775808L\n.", "damaged");
    REFUSE("g0\n.", "damaged");
    REFUSE("Np99999999999\n.", "damaged");
    REFUSE("Np-1\n.", "damaged");
    REFUSE("Nr\xff\xff\xff\xff.", "damaged");
    REFUSE("p0\n.", "damaged");
    REFUSE("a.", "damaged");
    REFUSE("NNa.", "damaged");
    REFUSE("(a.", "damaged");
    REFUSE("N(e.", "damaged");
    REFUSE("(e.", "damaged");
    REFUSE("](s.", "damaged");
    REFUSE("(I1\nd.", "damaged");
    REFUSE("l.", "damaged");
    REFUSE("X\xff\xff\xff\xff"
           "a.",
           "damaged");
    REFUSE("U\x02"
           "a\x00.",
           "damaged");
    REFUSE("U\x01\xff.", "damaged");
    REFUSE("V\\ud800\n.", "damaged");
    REFUSE("V\\u12\n.", "damaged");
    REFUSE("V\\U00110000\n.", "damaged");
    REFUSE("V\\u0000\n.", "damaged");
    REFUSE("S'a\n.", "damaged");
    REFUSE("S'\\q'\n.", "damaged");
    REFUSE("S'\\'\n.", "damaged");
    REFUSE("F\n.", "damaged");
    REFUSE("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", "damaged");
    REFUSE("2.", "damaged");
    REFUSE("0.", "damaged");
    REFUSE("1.", "damaged");
}

/* A list that holds itself is legal and must not hang or leak. */
static void keeps_cycles(void **state) {
    static const char BYTES[] = "(lp0\ng0\na.";
    struct pickle pickle;
    struct status status = STATUS_INIT;
    (void)state;
    assert_int_equal(pickle_read(BYTES, sizeof BYTES - 1, &pickle, &status),
                     STATUS_OK);
    assert_ptr_equal(pickle_item(pickle.value, 0), pickle.value);
    assert_null(pickle_item(pickle.value, 1));
    assert_null(pickle_item(NULL, 0));
    pickle_release(&pickle);
}

/* Every string of three of a few bytes, and mutants of a real pickle. */
static void survives_any_bytes(void **state) {
    char bytes[] = "(lp0\n(I1\n(lp1\nVa\np2\naI3\natp3\na(dp4\nVx\ng2\nsa.";
    (void)state;
    for (size_t at = 0; at < sizeof bytes - 1; at++)
        for (int value = 0; value < 256; value++) {
            struct pickle pickle;
            struct status status = STATUS_INIT;
            char kept = bytes[at];
            bytes[at] = (char)value;
            enum status_code code =
                pickle_read(bytes, sizeof bytes - 1, &pickle, &status);
            assert_true(code == STATUS_OK || code == STATUS_INPUT);
            if (code == STATUS_OK)
                assert_non_null(pickle.value);
            pickle_release(&pickle);
            bytes[at] = kept;
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_protocol_0),
        cmocka_unit_test(reads_protocols_1_and_2),
        cmocka_unit_test(refuses_more_than_data),
        cmocka_unit_test(refuses_damage),
        cmocka_unit_test(keeps_cycles),
        cmocka_unit_test(survives_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
