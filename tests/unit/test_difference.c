/* Differing files in words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "runner/audit/audit_compare.h"
#include "runner/audit/difference.h"

/* The messages, one a line. */
static void expect_findings(struct findings *findings, const char *expected) {
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < findings->count; i++)
        text_print(&text, "%s\n", findings->finding[i].message);
    assert_string_equal(text_string(&text), expected);
    text_release(&text);
    findings_release(findings);
}

static void expect(const char *file, const char *stored, const char *made,
                   const char *expected) {
    struct findings findings = {0};
    struct bytes bytes = {(unsigned char *)stored, strlen(stored)};
    struct text text = TEXT_INIT;
    text_add(&text, made);
    difference_add(file, &bytes, &text, &findings);
    assert_int_equal(findings.code, STATUS_DIFFERS);
    expect_findings(&findings, expected);
    text_release(&text);
}

static void cells_are_named(void **state) {
    (void)state;
    expect("metrics.csv", "part,metric,value\ntest,auc,0.5\ntest,f1,1.0\n",
           "part,metric,value\ntest,auc,0.5000000000000001\ntest,f1,1.0\n",
           "test.auc: recorded 0.5, run again 0.5000000000000001: 1 ulp "
           "apart\n");
    expect("history.csv", "step,lr,x\n5,1.0,\n10,0.5,2.0\n",
           "step,lr,x\n5,1.0,3.0\n10,0.5,-2.0\n",
           "step 5: x: recorded '', run again '3.0'\n"
           "step 10: x: recorded 2.0, run again -2.0: "
           "9223372036854775808 ulp apart\n");
    expect("history.csv", "step,x\n5,1.0\n", "step,x\n5,1.00\n",
           "step 5: x: recorded '1.0', run again '1.00'\n");
    expect("history.csv", "step,x\n5,-0.0\n", "step,x\n5,0.0\n",
           "step 5: x: recorded -0.0, run again 0.0: another sign\n");
    /* float32 in float32's steps. */
    expect("predictions.csv", "row,y,output\n7,1,0.1\n",
           "row,y,output\n7,1,0.10000001\n",
           "row 7: output: recorded 0.1, run again 0.10000001: 1 ulp apart\n");
}

static void many_cells_are_counted(void **state) {
    (void)state;
    expect("history.csv", "step,x\n1,1\n2,1\n3,1\n4,1\n5,1\n",
           "step,x\n1,2\n2,2\n3,2\n4,2\n5,2\n",
           "step 1: x: recorded 1.0, run again 2.0: 4503599627370496 ulp "
           "apart\n"
           "step 2: x: recorded 1.0, run again 2.0: 4503599627370496 ulp "
           "apart\n"
           "step 3: x: recorded 1.0, run again 2.0: 4503599627370496 ulp "
           "apart\n2 more cells differ\n");
}

/* What is no table of the same shape is told by its line. */
static void other_shapes_are_told_by_line(void **state) {
    (void)state;
    expect("history.csv", "step,x\n5,1.0\n", "step,x\n5,1.0\n10,2.0\n",
           "line 3: recorded '', run again '10,2.0'\n");
    expect("history.csv", "step,y\n5,1.0\n", "step,x\n5,1.0\n",
           "line 1: recorded 'step,y', run again 'step,x'\n");
    expect("history.csv", "", "step,x\n",
           "line 1: recorded '', run again 'step,x'\n");
    expect("metrics.csv", "part,metric,value\ntest,auc,\xff\n",
           "part,metric,value\ntest,auc,1.0\n",
           "line 2: recorded 'test,auc,?', run again 'test,auc,1.0'\n");
    expect("history.csv", "step,x\r\n5,1.0\n", "step,x\n5,1.0\n",
           "line 1: recorded 'step,x?', run again 'step,x'\n");
}

static void expect_json(const char *stored, const char *made,
                        const char *const *passed, const char *expected) {
    struct findings findings = {0};
    struct status status = STATUS_INIT;
    struct json_value *a = json_parse(stored, strlen(stored), &status);
    struct json_value *b = json_parse(made, strlen(made), &status);
    assert_non_null(a);
    assert_non_null(b);
    difference_json("run.json", a, b, passed, &findings);
    expect_findings(&findings, expected);
    json_free(a);
    json_free(b);
}

static void members_are_named(void **state) {
    static const char *const passed[] = {"b.c", NULL};
    (void)state;
    expect_json("{\"a\": 1, \"b\": {\"c\": 0.5}}",
                "{\"b\": {\"c\": 0.25}, \"a\": 2}", NULL,
                "b.c: recorded 0.5, run again 0.25: 4503599627370496 ulp "
                "apart\na: recorded 1, run again 2\n");
    expect_json("{\"b\": {\"c\": 1}}", "{\"b\": {\"c\": 2}}", passed, "");
    expect_json("{\"a\": null, \"b\": [1, true]}",
                "{\"a\": \"x\", \"b\": [1, false, {\"type\": \"relu\"}]}", NULL,
                "a: recorded null, run again 'x'\n"
                "b.1: recorded true, run again false\n"
                "b.2: missing, run again {type: relu, ...}\n");
    expect_json("{\"a\": 1, \"z\": []}", "{\"a\": 1}", NULL,
                "z: recorded a list of 0, run again it is not there\n");
    expect_json("{\"a\": 1}", "{\"a\": 1.0}", NULL,
                "a: recorded 1, run again 1.0\n");
    /* A list whose elements have names is one of those. */
    expect_json("{\"files\": [{\"name\": \"b\", \"n\": 1}]}",
                "{\"files\": [{\"name\": \"a\", \"n\": 0}, "
                "{\"name\": \"b\", \"n\": 2}]}",
                NULL,
                "files.a: missing, run again {...}\n"
                "files.b.n: recorded 1, run again 2\n");
}

/* ---- tensors ---- */

/* A safetensors file of two tensors of these values. */
static void write_tensors(struct text *out, const char *header,
                          const float *values, size_t count) {
    uint64_t length = strlen(header);
    text_append(out, &length, sizeof length);
    text_add(out, header);
    text_append(out, values, count * sizeof *values);
}

static const char HEADER[] =
    "{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],"
    "\"data_offsets\":[0,16]},"
    "\"0.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]}}";
static const char OTHER_HEADER[] =
    "{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[4],"
    "\"data_offsets\":[0,16]},"
    "\"1.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]}}";
static const char SPACED_HEADER[] =
    "{\"0.weight\": {\"dtype\":\"F32\",\"shape\":[2,2],"
    "\"data_offsets\":[0,16]},"
    "\"0.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]}}";

static void expect_tensors(const char *header, const float *values,
                           size_t count, const char *expected) {
    static const float made_values[] = {1, 2, 3, 4, 0.5f};
    struct text stored = TEXT_INIT, made = TEXT_INIT;
    struct findings findings = {0};
    write_tensors(&stored, header, values, count);
    write_tensors(&made, HEADER, made_values, 5);
    struct bytes bytes = {(unsigned char *)stored.bytes, stored.length};
    difference_add("weights.safetensors", &bytes, &made, &findings);
    expect_findings(&findings, expected);
    text_release(&stored);
    text_release(&made);
}

static void elements_are_named(void **state) {
    (void)state;
    expect_tensors(HEADER, (float[]){1, 2, 3.0000002f, 4, 0.5f}, 5,
                   "0.weight[1,0]: recorded 3.0000002, run again 3.0: 1 ulp "
                   "apart\n");
    expect_tensors(HEADER, (float[]){1, -2, 3, 5, -0.5f}, 5,
                   "0.weight[0,1]: recorded -2.0, run again 2.0: 2147483648 "
                   "ulp apart; 2 of its 4 elements differ, by up to "
                   "2147483648 ulp\n"
                   "0.bias[0]: recorded -0.5, run again 0.5: 2113929216 ulp "
                   "apart\n");
    expect_tensors(HEADER, (float[]){1, 2, 3, 4}, 4,
                   "not a safetensors file of float32 tensors\n");
    expect_tensors(OTHER_HEADER, (float[]){1, 2, 3, 4, 0.5f}, 5,
                   "tensor '0.weight' is of another shape\n"
                   "tensor '1.bias' is none of the network's\n"
                   "tensor '0.bias' is missing\n");
    expect_tensors(SPACED_HEADER, (float[]){1, 2, 3, 4, 0.5f}, 5,
                   "the same tensors behind another header\n");
}

/* A counter is compared as the whole number that it is. */
static void counters_are_whole_numbers(void **state) {
    static const char header[] =
        "{\"1.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],"
        "\"data_offsets\":[0,8]}}";
    const int64_t values[] = {5000000000, 705032704}; /* equal low halves */
    struct text files[2] = {TEXT_INIT, TEXT_INIT};
    struct findings findings = {0};
    uint64_t length = sizeof header - 1;
    (void)state;
    for (int i = 0; i < 2; i++) {
        text_append(&files[i], &length, sizeof length);
        text_add(&files[i], header);
        text_append(&files[i], &values[i], sizeof values[i]);
    }
    struct bytes bytes = {(unsigned char *)files[0].bytes, files[0].length};
    difference_add("weights.safetensors", &bytes, &files[1], &findings);
    expect_findings(&findings, "1.num_batches_tracked: recorded 5000000000, "
                               "run again 705032704\n");
    text_release(&files[0]);
    text_release(&files[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_named),
        cmocka_unit_test(many_cells_are_counted),
        cmocka_unit_test(other_shapes_are_told_by_line),
        cmocka_unit_test(members_are_named),
        cmocka_unit_test(elements_are_named),
        cmocka_unit_test(counters_are_whole_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
