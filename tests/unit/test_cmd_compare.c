/* `compare` as a command: which experiments its words mean, what its options
 * take. Standard output goes to a file meanwhile. */

#include "compare_fixtures.h"

#include "engine/base/memory.h"
#include "runner/cmd_compare.h"

static char *words[8];

static struct invocation invocation_of(size_t count) {
    return (struct invocation){
        .arguments = words, .argument_count = count, .out = scratch};
}

/* What the command prints on standard output, and its code. */
static char *output_of(const struct invocation *invocation,
                       const struct compare_options *options,
                       enum status_code *code) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int file = open(at("stdout"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(kept >= 0 && file >= 0);
    dup2(file, STDOUT_FILENO);
    *code = compare_experiments(invocation, options);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(file);
    assert_int_equal(
        whole_file_read(at("stdout"), 1 << 20, STATUS_INPUT, &bytes, &status),
        STATUS_OK);
    char *text = memory_string((const char *)bytes.data);
    bytes_release(&bytes);
    return text;
}

static void assert_output(const struct invocation *invocation,
                          const struct compare_options *options,
                          const char *expected) {
    enum status_code code;
    char *found = output_of(invocation, options, &code);
    assert_string_equal(found, expected);
    assert_int_equal(code, STATUS_OK);
    free(found);
}

static void assert_refused(const struct compare_options *options, size_t count,
                           const char *message) {
    enum status_code code;
    struct invocation invocation = invocation_of(count);
    invocation.json = true;
    char *found = output_of(&invocation, options, &code);
    assert_int_equal(code, STATUS_CONFIG);
    if (!strstr(found, message))
        fail_msg("expected %s, found %s", message, found);
    free(found);
}

#define HEAD                                                                   \
    "n,mean,sd,low,high,median,best_id,best,worst_id,worst,diverged,failed,"   \
    "missing,unmeasured,p,mark\n"
#define RUN_1 "0000000000000001,0.25,"

static const double LOSSES[] = {0.25, 0.75};
static const struct compare_options CSV = {.csv = true};

/* By name, by folder, by way of a link; one experiment is never taken twice. */
static void finds_experiments(void **state) {
    struct store store = sizes_of("found", LOSSES, 2, 1, LOSS);
    struct invocation invocation = invocation_of(3);
    static const char EXPECTED[] =
        "model.layers.0.out_features," HEAD "2,1,0.25,,,,0.25," RUN_1 RUN_1
        "0,0,0,0,,best\n4,1,0.75,,,,0.75,0000000000000002,0.75,"
        "0000000000000002,0.75,0,0,0,0,,untested\n";
    (void)state;
    assert_int_equal(symlink(at("found"), at("link")), 0);
    words[0] = "found";
    words[1] = (char *)at("found/");
    words[2] = (char *)at("link");
    assert_output(&invocation, &CSV, EXPECTED);
    words[0] = words[2];
    invocation.argument_count = 1;
    invocation.out = NULL;
    assert_output(&invocation, &CSV, EXPECTED);
    store_close(&store);
}

/* Two folders of one name are told apart by their paths. */
static void labels_by_path_where_names_clash(void **state) {
    struct status status = STATUS_INIT;
    struct store first = sizes_of("twin", LOSSES, 1, 1, LOSS), second;
    struct text expected = TEXT_INIT;
    const struct compare_options options = {.by = "seed", .csv = true};
    (void)state;
    assert_int_equal(store_open(&second, at("other"), "twin", true, &status),
                     STATUS_OK);
    static const char *const VALUES[] = {"\"seed\": 3", NULL};
    put_plan(&second, "", "null", VALUES, 1);
    put_finished(&second, 1, 0.5);
    words[0] = "twin";
    words[1] = (char *)at("other/twin");
    struct invocation invocation = invocation_of(2);
    text_print(&expected,
               "experiment,seed," HEAD "%s/twin,,1,0.25,,,,0.25," RUN_1 RUN_1
               "0,0,0,0,,best\n"
               "%s/twin,3,1,0.5,,,,0.5,0000000000000001,0.5,"
               "0000000000000001,0.5,0,0,0,0,,untested\n",
               scratch, at("other"));
    assert_output(&invocation, &options, expected.bytes);
    text_release(&expected);
    store_close(&first);
    store_close(&second);
}

static void limits_and_chooses(void **state) {
    struct store store = sizes_of("chosen", LOSSES, 2, 1, LOSS);
    struct invocation invocation = invocation_of(1);
    const struct compare_options options = {
        .top = "1",
        .metric = "test.accuracy",
        .csv = true,
        .by = "train.batch_size,model.layers.0.out_features"};
    (void)state;
    words[0] = "chosen";
    assert_output(&invocation, &options,
                  "train.batch_size,model.layers.0.out_features," HEAD
                  "16,2,1,0.75,,,,0.75,0000000000000001,0.75,"
                  "0000000000000001,0.75,0,0,0,0,,best\n");
    store_close(&store);
}

static void refuses_wrong_words(void **state) {
    static const struct {
        struct compare_options options;
        const char *message;
    } CASES[] = {
        {{.top = "0"}, "from 1 to 1000000000, found '0'"},
        {{.top = "1.5"}, "found '1.5'"},
        {{.top = "1e400"}, "found '1e400'"},
        {{.top = "many"}, "found 'many'"},
        {{.by = ""}, "found an empty one"},
        {{.by = "seed,,x"}, "found an empty one"},
        {{.by = "data.seeed"},
         "no run has 'data.seeed'; did you mean "
         "'data.seed'?"},
        {{.metric = "average_loss"}, "no run has the metric 'average_loss'"},
        {{.csv = true}, "expected one of --csv, --json and --md"},
        {{.markdown = true}, "expected one of --csv, --json and --md"},
    };
    struct store store = sizes_of("wrong", LOSSES, 2, 1, LOSS);
    (void)state;
    words[0] = "wrong";
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_refused(&CASES[i].options, 1, CASES[i].message);
    words[1] = "absent";
    assert_refused(&(struct compare_options){0}, 2, "no such experiment");
    words[1] = "../wrong";
    assert_refused(&(struct compare_options){0}, 2, "is not the name");
    store_close(&store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_experiments),
        cmocka_unit_test(labels_by_path_where_names_clash),
        cmocka_unit_test(limits_and_chooses),
        cmocka_unit_test(refuses_wrong_words),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
