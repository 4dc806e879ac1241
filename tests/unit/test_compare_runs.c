/* Which runs count, in which group, and what is no run at all. */

#include "compare_fixtures.h"

/* ------------------------------------------------------------------ grouping
 */

static void groups_by_paths(void **state) {
    const char *const paths[] = {"seed", "train.batch_size"};
    const struct compare_request request = {.by = paths, .by_count = 2};
    struct store store = rates("by");
    (void)state;
    assert_printed(
        &store, &request, PRINT_CSV, 0,
        "seed,train.batch_size,n,mean,sd,low,high,median,best_id,best"
        ",worst_id,worst,diverged,failed,missing,unmeasured,p,mark\n"
        "1,16,3,0.2383333333333333,0.22662377045079216,-0.32463132122"
        "252925,0.8012979878891958,0.11,0000000000000004,0.105,000000"
        "0000000007,0.5,0,0,0,0,,best\n"
        "3,16,2,0.32,0.2687005768508881,-2.0941788998731914,2.7341788"
        "99873191,0.32,0000000000000006,0.13,0000000000000009,0.51,0,"
        "0,0,0,1.0,same\n"
        "2,16,2,0.3225,0.2793071785686863,-2.1869754353945012,2.83197"
        "5435394501,0.3225,0000000000000005,0.125,0000000000000008,0."
        "52,0,0,0,0,1.0,same\n"
        "2,,0,,,,,,,,,,2,0,0,0,,\n"
        "3,8,0,,,,,,,,,,0,0,1,0,,\n"
        "1,,0,,,,,,,,,,1,0,0,0,,\n"
        "3,,0,,,,,,,,,,0,0,0,1,,\n");
    store_close(&store);
}

/* Keeps what the plan, the config or the metrics say `context` holds of. */
static enum status_code keep_batches_of_16(const struct run_view *view,
                                           void *context, bool *keep,
                                           struct status *status) {
    size_t *calls = context;
    (void)status;
    ++*calls;
    *keep =
        json_get_integer(run_view_value(view, "train.batch_size"), 0) == 16 &&
        json_get_double(run_view_value(view, "test.average_loss"), 9) < 0.51 &&
        json_get_integer(run_view_value(view, "seed"), 0) < 3;
    return STATUS_OK;
}

static enum status_code refuse(const struct run_view *view, void *context,
                               bool *keep, struct status *status) {
    (void)view, (void)context, (void)keep;
    return status_set(status, STATUS_CONFIG, "no such thing");
}

static enum status_code keep_none(const struct run_view *view, void *context,
                                  bool *keep, struct status *status) {
    (void)view, (void)context, (void)status;
    *keep = false;
    return STATUS_OK;
}

static void filters_runs(void **state) {
    size_t calls = 0;
    const struct compare_request some = {.filter = keep_batches_of_16,
                                         .filter_context = &calls};
    const struct compare_request none = {.filter = keep_none};
    const struct compare_request wrong = {.filter = refuse};
    struct store store = rates("filter");
    (void)state;
    assert_printed(
        &store, &some, PRINT_CSV, 0,
        "train.optimizer.lr,n,mean,sd,low,high,median,best_id,best,wo"
        "rst_id,worst,diverged,failed,missing,unmeasured,p,mark\n"
        "0.01,1,0.11,,,,0.11,0000000000000001,0.11,0000000000000001,0"
        ".11,0,0,0,0,,best\n"
        "0.05,2,0.11499999999999999,0.014142135623730954,-0.012062047"
        "36174693,0.2420620473617469,0.11499999999999999,000000000000"
        "0004,0.105,0000000000000005,0.125,0,0,0,0,,untested\n"
        "0.1,1,0.5,,,,0.5,0000000000000007,0.5,0000000000000007,0.5,0"
        ",0,0,0,,untested\n");
    assert_int_equal(calls, 12);
    assert_printed(&store, &none, PRINT_CSV, 0,
                   "1: no run satisfies the condition");
    assert_printed(&store, &wrong, PRINT_CSV, 0, "1: no such thing");
    store_close(&store);
}

/* A duplicate counts once in a group, and in its own if that is another. */
static void counts_duplicates_where_they_belong(void **state) {
    struct store store = store_at("duplicates");
    struct text plan = TEXT_INIT;
    struct status status = STATUS_INIT;
    (void)state;
    text_print(&plan,
               "{\"axes\": [{\"path\": \"a\"}, {\"path\": \"seed\"}], "
               "\"runs\": [{\"id\": \"%s\", \"values\": {\"a\": \"x,\\\"y\", "
               "\"seed\": 1}, \"same_as\": [{\"a\": \"x,\\\"y\", \"seed\": 1},"
               " {\"a\": {\"type\": \"z\"}, \"seed\": 1}]}, "
               "{\"id\": \"%s\", \"values\": {\"a\": \"x,\\\"y\", \"seed\": "
               "2}}]}",
               id_of(1), id_of(2));
    assert_int_equal(store_put(&store, "plan.json", &plan, &status), STATUS_OK);
    text_release(&plan);
    put_finished(&store, 1, 0.25);
    put_finished(&store, 2, 0.75);
    assert_printed(
        &store, &PLAIN, PRINT_CSV, 0,
        "a,n,mean,sd,low,high,median,best_id,best,worst_id,worst,dive"
        "rged,failed,missing,unmeasured,p,mark\n"
        "\"{\"\"type\"\":\"\"z\"\"}\",1,0.25,,,,0.25,0000000000000001"
        ",0.25,0000000000000001,0.25,0,0,0,0,,best\n"
        "\"x,\"\"y\",2,0.5,0.3535533905932738,-2.676551184043672,3.67"
        "6551184043672,0.5,0000000000000001,0.25,0000000000000002,0.7"
        "5,0,0,0,0,,untested\n");
    store_close(&store);
}

static void compares_experiments(void **state) {
    static const double LOSSES[] = {0.25, 0.5, 0.125, 0.25};
    static const char *const VALUES[] = {"\"seed\": 1", "\"seed\": 2", NULL};
    struct store first = sizes_of("first", LOSSES, 2, 2, LOSS);
    struct store second = store_at("second");
    struct store third =
        sizes_of("third", LOSSES, 2, 2,
                 "{\"name\": \"test.accuracy\", \"goal\": \"maximize\"}");
    const struct labelled_store two[] = {{&first, "first"},
                                         {&second, "second"}};
    const struct labelled_store clash[] = {{&first, "first"},
                                           {&third, "third"}};
    const struct compare_request by_name = {.metric = "test.average_loss"};
    (void)state;
    put_plan(&second, "{\"path\": \"seed\"}", "null", VALUES, 1);
    put_run(&second, 1, "finished",
            "\"model\": {\"layers\": [{\"type\": \"linear\", "
            "\"out_features\": 4}]}",
            "\"average_loss\": 0.0625");
    assert_printed_of(
        two, 2, &PLAIN, PRINT_TABLE, 0,
        "test.average_loss, smaller is better: 6 runs in 4 groups\n"
        "\n"
        "   experiment  0.out_features  n    mean         sd  95 % in"
        "terval          median  best run                 worst run  "
        "              missing\n"
        "*  second      4               1  0.0625          -  -      "
        "                0.0625  0000000000000001 0.0625  00000000000"
        "00001 0.0625        0\n"
        "?  first       4               2  0.1875  0.0883883  [-0.606"
        "638, 0.981638]  0.1875  0000000000000003 0.125   00000000000"
        "00004 0.25          0\n"
        "?  first       2               2   0.375   0.176777  [-1.213"
        "28, 1.96328]     0.375  0000000000000001 0.25    00000000000"
        "00002 0.5           0\n"
        "   second      -               0       -          -  -      "
        "                     -  -                        -          "
        "                    1\n"
        "\n"
        "n: finished runs with a number; diverged, failed and missing"
        " ones enter no\n"
        "  number, are never best, and rank last\n"
        "95 % interval: of the mean, by Student's t; - where n < 2\n"
        "mark * best mean\n"
        "mark ? not tested: n < 2, here or in the best\n"
        "choosing on the test part flatters what is chosen\n");
    assert_printed_of(
        clash, 2, &PLAIN, PRINT_CSV, 0,
        "1: third: sweep.metric is test.accuracy (maximize), that of "
        "another experiment test.average_loss (minimize)");
    assert_printed_of(
        clash, 2, &by_name, PRINT_CSV, 1,
        "experiment,model.layers.0.out_features,n,mean,sd,low,high,me"
        "dian,best_id,best,worst_id,worst,diverged,failed,missing,unm"
        "easured,p,mark\n"
        "first,4,2,0.1875,0.08838834764831845,-0.606637796010918,0.98"
        "1637796010918,0.1875,0000000000000003,0.125,0000000000000004"
        ",0.25,0,0,0,0,,best\n");
    store_close(&first);
    store_close(&second);
    store_close(&third);
}

/* Folders that the plan does not name, grouped by what their configs say. */
static void takes_every_folder(void **state) {
    static const double LOSSES[] = {0.25, 0.5};
    const struct compare_request all = {.all = true};
    struct store store = sizes_of("all", LOSSES, 1, 2, LOSS);
    (void)state;
    put_run(&store, 77, "finished",
            "\"model\": {\"layers\": [{\"out_features\": 2.0}]}",
            "\"average_loss\": 0.75");
    put_run(&store, 78, "strange", "\"model\": {\"layers\": [\"linear\"]}",
            "\"average_loss\": 0.0");
    assert_printed(
        &store, &PLAIN, PRINT_CSV, 0,
        "model.layers.0.out_features,n,mean,sd,low,high,median,best_i"
        "d,best,worst_id,worst,diverged,failed,missing,unmeasured,p,m"
        "ark\n"
        "2,2,0.375,0.1767766952966369,-1.213275592021836,1.9632755920"
        "21836,0.375,0000000000000001,0.25,0000000000000002,0.5,0,0,0"
        ",0,,best\n");
    assert_printed(
        &store, &all, PRINT_TABLE, 0,
        "test.average_loss, smaller is better: 4 runs in 2 groups\n"
        "\n"
        "   0.out_features  n  mean    sd  95 % interval         medi"
        "an  best run               worst run              failed\n"
        "*  2               3   0.5  0.25  [-0.121034, 1.12103]     0"
        ".5  0000000000000001 0.25  000000000000004d 0.75       0\n"
        "   -               0     -     -  -                         "
        " -  -                      -                           1\n"
        "\n"
        "n: finished runs with a number; diverged, failed and missing"
        " ones enter no\n"
        "  number, are never best, and rank last\n"
        "95 % interval: of the mean, by Student's t; - where n < 2\n"
        "mark * best mean\n"
        "choosing on the test part flatters what is chosen\n"
        "--all: runs of earlier plans may differ in what is not shown"
        "; see --by\n");
    store_close(&store);
}

/* -------------------------------------------------------------------- faults
 */

static void names_what_is_not_there(void **state) {
    const char *const paths[] = {"train.optimiser.lr"};
    const struct compare_request by = {.by = paths, .by_count = 1};
    const struct compare_request metric = {.metric = "test.acuracy"};
    struct store store = rates("absent");
    (void)state;
    assert_printed(
        &store, &by, PRINT_CSV, 0,
        "1: --by: no run has 'train.optimiser.lr'; did you mean 'trai"
        "n.optimizer.lr'?");
    assert_printed(
        &store, &metric, PRINT_CSV, 0,
        "1: no run has the metric 'test.acuracy'; did you mean 'test."
        "accuracy'?");
    store_close(&store);
}

static void put_plan_text(const struct store *store, const char *plan) {
    struct text text = TEXT_INIT;
    struct status status = STATUS_INIT;
    text_add(&text, plan);
    assert_int_equal(store_put(store, "plan.json", &text, &status), STATUS_OK);
    text_release(&text);
}

static void refuses_broken_plans(void **state) {
    static const char *const PLANS[] = {
        "",
        "[]",
        "{\"runs\": {}}",
        "{\"runs\": []}",
        "{\"runs\": [] \"a\": 1}",
        "{\"axes\": [, \"runs\": []}",
        "{\"runs\": [{\"id\": 1}",
        "{\"runs\": [{\"id\": \"1}]}",
        "{\"runs\": [{\"id\" 1}]}",
        "{\"runs\": [{\"id\": 1},]}",
        "{\"runs\": [{\"id\": 1}}]}",
        "{\"format\": 2, \"runs\": [{\"id\": \"1\"}]}",
        "{\"runs\": [{\"id\": \"1\"}], \"runs\": []}",
    };
    struct store store = store_at("broken");
    struct run_table table;
    struct status status = STATUS_INIT;
    const struct labelled_store experiment = {&store, "broken"};
    (void)state;
    assert_int_equal(run_table_read(&table, &PLAIN, &experiment, 1, &status),
                     STATUS_CONFIG);
    assert_non_null(strstr(status.message, "no plan.json"));
    run_table_release(&table);
    for (size_t i = 0; i < sizeof PLANS / sizeof *PLANS; i++) {
        put_plan_text(&store, PLANS[i]);
        if (run_table_read(&table, &PLAIN, &experiment, 1, &status) ==
            STATUS_OK)
            fail_msg("accepted: %s", PLANS[i]);
        assert_null(strchr(status.message, '\n'));
        run_table_release(&table);
    }
    store_close(&store);
}

/* Every cut of a plan is refused or, where only blanks are lost, the same. */
static void survives_every_cut(void **state) {
    struct store store = rates("cut");
    struct bytes plan;
    const struct labelled_store experiment = {&store, "cut"};
    (void)state;
    assert_true(store_get(&store, "plan.json", &plan));
    for (size_t length = 0; length + 1 < plan.size; length++) {
        struct run_table table;
        struct status status = STATUS_INIT;
        struct text text = TEXT_INIT;
        text_append(&text, plan.data, length);
        assert_int_equal(store_put(&store, "plan.json", &text, &status),
                         STATUS_OK);
        assert_int_not_equal(
            run_table_read(&table, &PLAIN, &experiment, 1, &status), STATUS_OK);
        run_table_release(&table);
        text_release(&text);
    }
    bytes_release(&plan);
    store_close(&store);
}

/* What is no record of its run is a missing run; numbers that are none, none.
 */
static void takes_no_strange_record(void **state) {
    static const char *const VALUES[] = {"\"x\": 1", "\"x\": 2", "\"x\": 3",
                                         "\"x\": 4", "\"x\": 5", "\"x\": 6",
                                         NULL};
    struct store store = store_at("strange");
    char record[200];
    (void)state;
    put_plan(&store, "{\"path\": \"x\"}", LOSS, VALUES, 1);
    put_record(&store, 1, "{\"id\": \"0000000000000001\", \"status\": ");
    snprintf(record, sizeof record,
             "{\"id\": \"%s\", \"status\": \"finished\""
             ", \"metrics\": {\"test\": {\"average_loss\": 0.1}}}",
             id_of(9));
    put_record(&store, 2, record);
    put_record(&store, 3, "[]");
    put_run(&store, 4, "finished", "", "\"average_loss\": 1e999");
    put_run(&store, 5, "finished", "", "\"average_loss\": \"0.5\"");
    put_run(&store, 6, "finished", "", "\"average_loss\": 0.5");
    assert_printed(
        &store, &PLAIN, PRINT_CSV, 0,
        "x,n,mean,sd,low,high,median,best_id,best,worst_id,worst,dive"
        "rged,failed,missing,unmeasured,p,mark\n"
        "6,1,0.5,,,,0.5,0000000000000006,0.5,0000000000000006,0.5,0,0"
        ",0,0,,best\n"
        "1,0,,,,,,,,,,0,0,1,0,,\n"
        "2,0,,,,,,,,,,0,0,1,0,,\n"
        "3,0,,,,,,,,,,0,0,1,0,,\n"
        "4,0,,,,,,,,,,0,0,0,1,,\n"
        "5,0,,,,,,,,,,0,0,0,1,,\n");
    store_close(&store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_by_paths),
        cmocka_unit_test(filters_runs),
        cmocka_unit_test(counts_duplicates_where_they_belong),
        cmocka_unit_test(compares_experiments),
        cmocka_unit_test(takes_every_folder),
        cmocka_unit_test(names_what_is_not_there),
        cmocka_unit_test(refuses_broken_plans),
        cmocka_unit_test(survives_every_cut),
        cmocka_unit_test(takes_no_strange_record),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
