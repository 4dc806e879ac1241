/* Tables of experiments that are written here, to the letter. The numbers are
 * scipy's: mean, std(ddof=1), t.interval, median, ttest_ind(equal_var=False).
 */

#include "compare_fixtures.h"

static void prints_a_table(void **state) {
    struct store store = rates("table");
    (void)state;
    assert_printed(
        &store, &PLAIN, PRINT_TABLE, 0,
        "test.average_loss, smaller is better: 12 runs in 4 groups\n"
        "\n"
        "   lr    n  mean         sd  95 % interval          median  "
        "best run                worst run              diverged  mis"
        "sing  no value\n"
        "*  0.01  1  0.11          -  -                        0.11  "
        "0000000000000001 0.11   0000000000000001 0.11         1     "
        "   1         0\n"
        "?  0.05  3  0.12  0.0132288  [0.0871379, 0.152862]   0.125  "
        "0000000000000004 0.105  0000000000000006 0.13         0     "
        "   0         0\n"
        "?  0.1   3  0.51       0.01  [0.485159, 0.534841]     0.51  "
        "0000000000000007 0.5    0000000000000008 0.52         0     "
        "   0         0\n"
        "   1     0     -          -  -                           -  "
        "-                       -                             2     "
        "   0         1\n"
        "\n"
        "n: finished runs with a number; diverged, failed and missing"
        " ones enter no\n"
        "  number, are never best, and rank last\n"
        "95 % interval: of the mean, by Student's t; - where n < 2\n"
        "mark * best mean\n"
        "mark ? not tested: n < 2, here or in the best\n"
        "choosing on the test part flatters what is chosen\n");
    assert_printed(
        &store, &PLAIN, PRINT_TABLE, 1,
        "test.average_loss, smaller is better: 12 runs in 4 groups\n"
        "\n"
        "   lr    n  mean  sd  95 % interval  median  best run       "
        "        worst run              diverged  missing  no value\n"
        "*  0.01  1  0.11   -  -                0.11  000000000000000"
        "1 0.11  0000000000000001 0.11         1        1         0\n"
        "\n"
        "n: finished runs with a number; diverged, failed and missing"
        " ones enter no\n"
        "  number, are never best, and rank last\n"
        "95 % interval: of the mean, by Student's t; - where n < 2\n"
        "mark * best mean\n"
        "mark ? not tested: n < 2, here or in the best\n"
        "choosing on the test part flatters what is chosen\n"
        "3 more groups not shown\n");
    store_close(&store);
}

static void prints_other_formats(void **state) {
    struct store store = rates("formats");
    (void)state;
    assert_printed(
        &store, &PLAIN, PRINT_CSV, 0,
        "train.optimizer.lr,n,mean,sd,low,high,median,best_id,best,wo"
        "rst_id,worst,diverged,failed,missing,unmeasured,p,mark\n"
        "0.01,1,0.11,,,,0.11,0000000000000001,0.11,0000000000000001,0"
        ".11,1,0,1,0,,best\n"
        "0.05,3,0.12,0.013228756555322956,0.08713794696135788,0.15286"
        "205303864212,0.125,0000000000000004,0.105,0000000000000006,0"
        ".13,0,0,0,0,,untested\n"
        "0.1,3,0.51,0.010000000000000009,0.4851586228824967,0.5348413"
        "771175033,0.51,0000000000000007,0.5,0000000000000008,0.52,0,"
        "0,0,0,,untested\n"
        "1,0,,,,,,,,,,2,0,0,1,,\n");
    assert_printed(
        &store, &PLAIN, PRINT_JSON, 2,
        "{\"metric\":{\"name\":\"test.average_loss\",\"goal\":\"minim"
        "ize\"},\"by\":[\"train.optimizer.lr\"],\"level\":0.05,\"comp"
        "arisons\":0,\"groups\":[{\"values\":{\"train.optimizer.lr\":"
        "0.01},\"n\":1,\"mean\":0.11,\"sd\":null,\"interval\":null,\""
        "median\":0.11,\"best\":{\"id\":\"0000000000000001\",\"value"
        "\":0.11},\"worst\":{\"id\":\"0000000000000001\",\"value\":0."
        "11},\"diverged\":1,\"failed\":0,\"missing\":1,\"unmeasured\""
        ":0,\"p\":null,\"mark\":\"best\"},{\"values\":{\"train.optimi"
        "zer.lr\":0.05},\"n\":3,\"mean\":0.12,\"sd\":0.01322875655532"
        "2956,\"interval\":[0.08713794696135788,0.15286205303864212],"
        "\"median\":0.125,\"best\":{\"id\":\"0000000000000004\",\"val"
        "ue\":0.105},\"worst\":{\"id\":\"0000000000000006\",\"value\""
        ":0.13},\"diverged\":0,\"failed\":0,\"missing\":0,\"unmeasure"
        "d\":0,\"p\":null,\"mark\":\"untested\"}]}\n");
    assert_printed(
        &store, &PLAIN, PRINT_MARKDOWN, 2,
        "test.average_loss, smaller is better: 12 runs in 4 groups\n"
        "\n"
        "|  | lr | n | mean | sd | 95 % interval | median | best run "
        "| worst run | diverged | missing | no value |\n"
        "|:--|:--|--:|--:|--:|:--|--:|:--|:--|--:|--:|--:|\n"
        "| \\* | 0.01 | 1 | 0.11 | - | - | 0.11 | 0000000000000001 0."
        "11 | 0000000000000001 0.11 | 1 | 1 | 0 |\n"
        "| ? | 0.05 | 3 | 0.12 | 0.0132288 | \\[0.0871379, 0.152862] "
        "| 0.125 | 0000000000000004 0.105 | 0000000000000006 0.13 | 0"
        " | 0 | 0 |\n"
        "\n"
        "- n: finished runs with a number; diverged, failed and missi"
        "ng ones enter no\n"
        "  number, are never best, and rank last\n"
        "- 95 % interval: of the mean, by Student's t; - where n < 2"
        "\n"
        "- mark * best mean\n"
        "- mark ? not tested: n < 2, here or in the best\n"
        "- choosing on the test part flatters what is chosen\n"
        "- 2 more groups not shown\n");
    store_close(&store);
}

/* ------------------------------------------------------------------- marks */

static void marks_what_cannot_be_told(void **state) {
    static const double LOSSES[] = {0.30, 0.32, 0.31, 0.29, /* 2 */
                                    0.31, 0.34, 0.30, 0.33, /* 4 */
                                    0.35, 0.36, 0.34, 0.37, /* 6 */
                                    0.31, 0,    0,    0};   /* 8 */
    struct store store = sizes_of("marks", LOSSES, 4, 4, LOSS);
    (void)state;
    assert_printed(
        &store, &PLAIN, PRINT_TABLE, 0,
        "test.average_loss, smaller is better: 16 runs in 4 groups\n"
        "\n"
        "   0.out_features  n   mean         sd  95 % interval       "
        "  median  best run               worst run                  "
        "  p  missing\n"
        "*  2               4  0.305  0.0129099  [0.284457, 0.325543]"
        "   0.305  0000000000000004 0.29  0000000000000002 0.32      "
        "  -        0\n"
        "?  8               1   0.31          -  -                   "
        "    0.31  000000000000000d 0.31  000000000000000d 0.31      "
        "  -        3\n"
        "=  4               4   0.32  0.0182574  [0.290948, 0.349052]"
        "    0.32  0000000000000007 0.3   0000000000000006 0.34    0."
        "233        0\n"
        "   6               4  0.355  0.0129099  [0.334457, 0.375543]"
        "   0.355  000000000000000b 0.34  000000000000000c 0.37  0.00"
        "309        0\n"
        "\n"
        "n: finished runs with a number; diverged, failed and missing"
        " ones enter no\n"
        "  number, are never best, and rank last\n"
        "95 % interval: of the mean, by Student's t; - where n < 2\n"
        "marks: * best mean; = can't be told from it at level 0.05, b"
        "y p: Welch's t,\n"
        "  two-sided, Holm's correction for 2 comparisons with the be"
        "st\n"
        "mark ? not tested: n < 2, here or in the best\n"
        "choosing on the test part flatters what is chosen\n");
    assert_printed(
        &store, &PLAIN, PRINT_CSV, 0,
        "model.layers.0.out_features,n,mean,sd,low,high,median,best_i"
        "d,best,worst_id,worst,diverged,failed,missing,unmeasured,p,m"
        "ark\n"
        "2,4,0.305,0.012909944487358068,0.2844573974323948,0.32554260"
        "25676052,0.305,0000000000000004,0.29,0000000000000002,0.32,0"
        ",0,0,0,,best\n"
        "8,1,0.31,,,,0.31,000000000000000d,0.31,000000000000000d,0.31"
        ",0,0,3,0,,untested\n"
        "4,4,0.32,0.018257418583505554,0.29094837284245234,0.34905162"
        "71575477,0.32,0000000000000007,0.3,0000000000000006,0.34,0,0"
        ",0,0,0.23337045165064607,same\n"
        "6,4,0.355,0.012909944487358044,0.3344573974323948,0.37554260"
        "25676052,0.355,000000000000000b,0.34,000000000000000c,0.37,0"
        ",0,0,0,0.003094842429081884,different\n");
    store_close(&store);
}

/* The same accuracies are better the larger they are; the default direction of
 * a metric that is asked for by name. */
static void ranks_by_the_goal(void **state) {
    static const double LOSSES[] = {0.25, 0.5, 0.125, 0.25};
    const struct compare_request by_name = {.metric = "test.accuracy"};
    struct store store =
        sizes_of("goal", LOSSES, 2, 2,
                 "{\"name\": \"test.accuracy\", \"goal\": \"maximize\"}");
    struct store other = sizes_of("by_name", LOSSES, 2, 2, "null");
    static const char EXPECTED[] =
        "model.layers.0.out_features,n,mean,sd,low,high,median,best_i"
        "d,best,worst_id,worst,diverged,failed,missing,unmeasured,p,m"
        "ark\n"
        "4,2,0.8125,0.08838834764831845,0.01836220398908195,1.6066377"
        "960109182,0.8125,0000000000000003,0.875,0000000000000004,0.7"
        "5,0,0,0,0,,best\n"
        "2,2,0.625,0.1767766952966369,-0.9632755920218361,2.213275592"
        "0218363,0.625,0000000000000001,0.75,0000000000000002,0.5,0,0"
        ",0,0,0.34988559277094045,same\n";
    (void)state;
    assert_printed(&store, &PLAIN, PRINT_CSV, 0, EXPECTED);
    assert_printed(&other, &by_name, PRINT_CSV, 0, EXPECTED);
    store_close(&store);
    store_close(&other);
}

static void knows_groups_without_variance(void **state) {
    static const double LOSSES[] = {0.1, 0.1, 0.1, 0.1, 0.1,
                                    0.1, 0.7, 0.7, 0.7};
    struct store store = sizes_of("constant", LOSSES, 3, 3, LOSS);
    (void)state;
    assert_printed(
        &store, &PLAIN, PRINT_TABLE, 0,
        "test.average_loss, smaller is better: 9 runs in 3 groups\n"
        "\n"
        "   0.out_features  n  mean  sd  95 % interval  median  best "
        "run              worst run             p\n"
        "*  2               3   0.1   0  [0.1, 0.1]        0.1  00000"
        "00000000001 0.1  0000000000000001 0.1  -\n"
        "=  4               3   0.1   0  [0.1, 0.1]        0.1  00000"
        "00000000004 0.1  0000000000000004 0.1  1\n"
        "   6               3   0.7   0  [0.7, 0.7]        0.7  00000"
        "00000000007 0.7  0000000000000007 0.7  0\n"
        "\n"
        "n: finished runs with a number; diverged, failed and missing"
        " ones enter no\n"
        "  number, are never best, and rank last\n"
        "95 % interval: of the mean, by Student's t; - where n < 2\n"
        "marks: * best mean; = can't be told from it at level 0.05, b"
        "y p: Welch's t,\n"
        "  two-sided, Holm's correction for 2 comparisons with the be"
        "st\n"
        "without variance in both, p is 1 for equal means and 0 for o"
        "thers\n"
        "choosing on the test part flatters what is chosen\n");
    store_close(&store);
}

/* -------------------------------------------------------- choosing the metric
 */

static void takes_validation_where_all_have_it(void **state) {
    static const char *const VALUES[] = {"\"x\": 1", "\"x\": 2", NULL};
    static const char WITH[] =
        "{\"id\": \"%s\", \"status\": \"finished\", \"metrics\": {\"test\": "
        "{\"average_loss\": 0.5}, \"validation\": {\"average_loss\": 0.25}}}";
    char record[300];
    struct store store = store_at("validation");
    (void)state;
    put_plan(&store, "{\"path\": \"x\"}", "null", VALUES, 1);
    snprintf(record, sizeof record, WITH, id_of(1));
    put_record(&store, 1, record);
    assert_printed(
        &store, &PLAIN, PRINT_TABLE, 0,
        "validation.average_loss, smaller is better: 2 runs in 2 grou"
        "ps\n"
        "\n"
        "   x  n  mean  sd  95 % interval  median  best run          "
        "     worst run              missing\n"
        "*  1  1  0.25   -  -                0.25  0000000000000001 0"
        ".25  0000000000000001 0.25        0\n"
        "   2  0     -   -  -                   -  -                 "
        "     -                            1\n"
        "\n"
        "n: finished runs with a number; diverged, failed and missing"
        " ones enter no\n"
        "  number, are never best, and rank last\n"
        "95 % interval: of the mean, by Student's t; - where n < 2\n"
        "mark * best mean\n");
    put_finished(&store, 2, 0.75);
    assert_printed(
        &store, &PLAIN, PRINT_TABLE, 0,
        "test.average_loss, smaller is better: 2 runs in 2 groups\n"
        "\n"
        "   x  n  mean  sd  95 % interval  median  best run          "
        "     worst run\n"
        "*  1  1   0.5   -  -                 0.5  0000000000000001 0"
        ".5   0000000000000001 0.5\n"
        "?  2  1  0.75   -  -                0.75  0000000000000002 0"
        ".75  0000000000000002 0.75\n"
        "\n"
        "n: finished runs with a number; diverged, failed and missing"
        " ones enter no\n"
        "  number, are never best, and rank last\n"
        "95 % interval: of the mean, by Student's t; - where n < 2\n"
        "mark * best mean\n"
        "mark ? not tested: n < 2, here or in the best\n"
        "choosing on the test part flatters what is chosen; no sweep.metric is "
        "set,\n"
        "  and not every run has a validation part "
        "(data.split.validation_size)\n");
    store_close(&store);
}

/* --------------------------------------------------------------- summary.json
 */

static struct json_value *parse(const char *text) {
    struct status status = STATUS_INIT;
    struct json_value *value = json_parse(text, strlen(text), &status);
    if (!value)
        fail_msg("%s", status.message);
    return value;
}

static bool read_loss(const void *context, const char *name, double *value) {
    const double *loss = context;
    *value = *loss;
    return strcmp(name, "test.average_loss") == 0 && *loss > 0;
}

/* The statistics of runs with these losses, 0 for missing ones. */
static void write_statistics(const struct json_value *plan,
                             const double *losses, struct json_writer *writer) {
    const struct json_value *runs = json_member(plan, "runs");
    const struct report_sink sink = {0};
    struct run_table table;
    struct status status = STATUS_INIT;
    run_table_init(&table, &PLAIN, 1);
    assert_int_equal(run_table_add_plan(&table, "", plan, &status), STATUS_OK);
    for (size_t i = 0; i < json_count(runs); i++) {
        const struct json_value *run = json_element(runs, i);
        const struct run_view view = {
            .id = json_get_string(json_member(run, "id"), ""),
            .status = losses[i] > 0 ? "finished" : NULL,
            .values = json_member(run, "values")};
        assert_int_equal(run_table_add_view(&table, "", &view, NULL, read_loss,
                                            &losses[i], &status),
                         STATUS_OK);
    }
    assert_int_equal(compare_write_statistics(&table, writer, &sink, &status),
                     STATUS_OK);
    run_table_release(&table);
}

static void writes_statistics_of_a_plan(void **state) {
    static const double LOSSES[] = {1, 2, 0}, NONE[] = {0, 0, 0};
    struct json_value *plan =
        parse("{\"axes\": [{\"path\": \"a\"}], \"runs\": [{\"id\": "
              "\"00000000000000f1\", \"values\": {\"a\": true}}, {\"id\": "
              "\"00000000000000f2\", \"values\": {\"a\": true}}, {\"id\": "
              "\"00000000000000f3\", \"values\": {\"a\": [1.0, null]}}]}");
    struct text out = TEXT_INIT;
    struct json_writer writer = json_writer_new(&out, 0);
    (void)state;
    json_begin_array(&writer);
    write_statistics(plan, LOSSES, &writer);
    write_statistics(plan, NONE, &writer);
    struct json_value *empty = parse("{\"runs\": []}");
    write_statistics(empty, NONE, &writer);
    json_end_array(&writer);
    assert_string_equal(
        text_string(&out),
        "[{\"metric\":{\"name\":\"test.average_loss\",\"goal\":\"mini"
        "mize\"},\"by\":[\"a\"],\"level\":0.05,\"comparisons\":0,\"gr"
        "oups\":[{\"values\":{\"a\":true},\"n\":2,\"mean\":1.5,\"sd\""
        ":0.7071067811865476,\"interval\":[-4.853102368087344,7.85310"
        "2368087344],\"median\":1.5,\"best\":{\"id\":\"00000000000000f1\","
        "\"value\":"
        "1.0},\"worst\":{\"id\":\"00000000000000f2\",\"value\":2.0},"
        "\"diverged\":0,"
        "\"failed\":0,\"missing\":0,\"unmeasured\":0,\"p\":null,\"mar"
        "k\":\"best\"},{\"values\":{\"a\":[1,null]},\"n\":0,\"mean\":"
        "null,\"sd\":null,\"interval\":null,\"median\":null,\"best\":"
        "null,\"worst\":null,\"diverged\":0,\"failed\":0,\"missing\":"
        "1,\"unmeasured\":0,\"p\":null,\"mark\":null}]},{\"metric\":{"
        "\"name\":\"test.average_loss\",\"goal\":\"minimize\"},\"by\""
        ":[\"a\"],\"level\":0.05,\"comparisons\":0,\"groups\":[{\"val"
        "ues\":{\"a\":true},\"n\":0,\"mean\":null,\"sd\":null,\"inter"
        "val\":null,\"median\":null,\"best\":null,\"worst\":null,\"di"
        "verged\":0,\"failed\":0,\"missing\":2,\"unmeasured\":0,\"p\""
        ":null,\"mark\":null},{\"values\":{\"a\":[1,null]},\"n\":0,\""
        "mean\":null,\"sd\":null,\"interval\":null,\"median\":null,\""
        "best\":null,\"worst\":null,\"diverged\":0,\"failed\":0,\"mis"
        "sing\":1,\"unmeasured\":0,\"p\":null,\"mark\":null}]},null]");
    text_release(&out);
    json_free(empty);
    json_free(plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_a_table),
        cmocka_unit_test(prints_other_formats),
        cmocka_unit_test(marks_what_cannot_be_told),
        cmocka_unit_test(ranks_by_the_goal),
        cmocka_unit_test(knows_groups_without_variance),
        cmocka_unit_test(takes_validation_where_all_have_it),
        cmocka_unit_test(writes_statistics_of_a_plan),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
