/* What is said of sweeps and axes that are none. */

#include "tests/unit/space_fixtures.h"

static const struct refused_row {
    const char *sweep, *argument, *lines;
} REFUSED[] = {
#define AT(column) "a.yaml:3:" #column ": error: "
    {"[1]", NULL, AT(8) "sweep: expected a map, found a list of 1"},
    {"{method: grid}", NULL, AT(1) "sweep: 'parameters' is required"},
    {"{parameters: {}}", NULL,
     AT(21) "sweep.parameters: expected a map from dotted paths to values, "
            "found an empty map"},
    {"{methud: grid, parameters: {a: [1]}}", NULL,
     AT(9) "sweep: unknown option 'methud'; did you mean 'method'?"},
    {"{method: bayes, parameters: {a: [1]}}", NULL,
     AT(17) "sweep.method: expected one of grid, random, found 'bayes'; did "
            "you "
            "mean 'random'?"},
    {"{run_cap: 3, parameters: {a: [1]}}", NULL,
     AT(9) "sweep: 'run_cap' is not taken: max_runs is the number of draws"},
    {"{parameters: {a: 1}}", NULL,
     AT(25) "sweep.parameters.a: expected a list of values, {value: …} or "
            "{min: …, max: …}, found 1"},
    {"{parameters: {a: []}}", NULL,
     AT(25) "sweep.parameters.a: expected a list of at least one value, found "
            "an empty list"},
    {"{parameters: {a: {values: []}}}", NULL,
     AT(34) "sweep.parameters.a.values: expected a list of at least one value, "
            "found an empty list"},
    {"{parameters: {a: {mni: 1, max: 2}}}", NULL,
     AT(26) "sweep.parameters.a: unknown option 'mni'; did you mean 'min'?"},
    {"{parameters: {a: {min: 1, max: 0}}}", NULL,
     AT(39) "sweep.parameters.a: max must not be below min (1), found 0"},
    {"{parameters: {a: {min: 0.5, max: 1}}}", NULL,
     AT(25) "sweep.parameters.a: a grid needs 'num', the number of points from "
            "min to max"},
    {"{parameters: {a: {distribution: q_normal}}}", NULL,
     AT(25) "sweep.parameters.a: a grid has no points of 'q_normal'; a list, "
            "or "
            "method random"},
    {"{parameters: {a: {min: 1, max: 3, num: 4}}}", NULL,
     AT(47) "sweep.parameters.a: num is more than there are whole numbers from "
            "min to max"},
    {"{parameters: {a: {distribution: log_uniform, min: -3, max: 0}}}", NULL,
     AT(40) "sweep.parameters.a.distribution: 'log_uniform' is not taken: it "
            "takes exponents, where people write values; 'log_uniform_values' "
            "takes the values themselves"},
    {"{parameters: {a: {distribution: q_uniform, min: 0, max: 1e300, q: "
     "1e-300, "
     "num: 2}}}",
     NULL, AT(87) "sweep.parameters.a: a point beyond the range of numbers"},
    {"{parameters: {a: {distribution: beta}}}", NULL,
     AT(40) "sweep.parameters.a.distribution: 'beta' is not taken: 'uniform' "
            "and 'normal' are near to it"},
    {"{parameters: {a: {distribution: unifrom, min: 1, max: 2}}}", NULL,
     AT(40) "sweep.parameters.a.distribution: unknown distribution 'unifrom'; "
            "did you mean 'uniform'?"},
    {"{parameters: {a: {distribution: log_uniform_values, min: 0, max: 2, num: "
     "2}}}",
     NULL, AT(65) "sweep.parameters.a.min: expected a number > 0, found 0"},
    {"{parameters: {a: {b: 1}}}", NULL,
     AT(25) "sweep.parameters.a: expected values, value, min and max, or "
            "distribution, found b"},
    {"{parameters: {a: {values: [1, 2], probabilities: [1]}}}", NULL,
     AT(57) "sweep.parameters.a.probabilities: 1 probabilities for 2 values"},
    {"{parameters: {a: {values: [1, 2], probabilities: [1, 1]}}}", NULL,
     AT(57) "sweep.parameters.a.probabilities: probabilities add up to 1, "
            "found "
            "a sum of 2"},
    {"{parameters: {output.dir: [a, b]}}", NULL,
     AT(22) "'output.dir' can't be swept: it is the experiment's, not a run's"},
    {"{parameters: {a..b: [1]}}", NULL,
     AT(22) "'a..b': a path is keys with single dots between"},
    {"{parameters: {model.layers.0.bias: [1], model.layers.hidden.bias: [2]}}",
     NULL,
     AT(48) "'model.layers.hidden.bias' and 'model.layers.0.bias' are the "
            "same"},
    {"{parameters: {seed: [1, -1, 4294967296, 1.5, true, '7', 2]}}", NULL,
     AT(32) "sweep.parameters.seed: expected a whole number from 0 to "
            "4294967295, found -1\n" AT(
                36) "sweep.parameters.seed: expected a whole number from 0 to "
                    "4294967295, "
                    "found 4294967296\n" AT(
                        48) "sweep.parameters.seed: expected a whole number "
                            "from 0 to 4294967295, "
                            "found 1.5\n" AT(
                                53) "sweep.parameters.seed: expected a whole "
                                    "number from 0 to 4294967295, "
                                    "found true\n" AT(
                                        59) "sweep.parameters.seed: expected a "
                                            "whole number from 0 to "
                                            "4294967295, "
                                            "found '7' (a string: it is in "
                                            "quotes)"},
    {"{parameters: {train.seed: {min: -1, max: 3}}}", NULL,
     AT(34) "sweep.parameters.train.seed: every seed is a whole number from 0 "
            "to 4294967295"},
    {"{parameters: {seed: {min: 0.0, max: 3.0, num: 4}}}", NULL,
     AT(28) "sweep.parameters.seed: every seed is a whole number from 0 to "
            "4294967295"},
    {"{method: random, parameters: {a: [1]}}", NULL,
     AT(1) "sweep: 'max_runs' is required by method random: the number of "
           "draws"},
    {"{max_runs: 3, parameters: {a: [1]}}", NULL,
     AT(9) "sweep: 'max_runs' counts the draws of method random; a grid has "
           "none"},
    {"{method: random, max_runs: 0, parameters: {a: [1]}}", NULL,
     AT(35) "sweep.max_runs: expected a whole number >= 1 or null, found 0"},
    {"{method: random, max_runs: 2, parameters: {seed: {distribution: "
     "normal}}}",
     NULL,
     AT(57) "sweep.parameters.seed: seeds are whole numbers: a list, or min "
            "and "
            "max"},
    {"{method: random, max_runs: 2, parameters: {a: {min: -1.7e308, max: "
     "1.7e308}}}",
     NULL,
     AT(75) "sweep.parameters.a: from min (-1.7e308) to max (1.7e308) is "
            "beyond "
            "the range of numbers"},
    {"{method: random, max_runs: 9, parameters: {a: {distribution: log_normal, "
     "mu: 1000}}}",
     NULL, AT(54) "a: a draw beyond the range of numbers"},
    {"{zip: [a, b], parameters: {a: [1], b: [2]}}", NULL,
     AT(15) "sweep.zip.0: expected a list of at least two paths; zip is a list "
            "of such lists, found 'a'\n" AT(
                18) "sweep.zip.1: expected a list of at least two paths; zip "
                    "is a list of "
                    "such lists, found 'b'"},
    {"{zip: [[a, train.optimizer.l]], parameters: {a: [1], train.optimizer.lr: "
     "[2]}}",
     NULL,
     AT(19) "sweep.zip.0.1: 'train.optimizer.l' is not swept; did you mean "
            "'train.optimizer.lr'?"},
    {"{zip: [[a, b], [b, c]], parameters: {a: [1], b: [2], c: [3]}}", NULL,
     AT(24) "sweep.zip.1.0: 'b' can't be zipped: it is in another list "
            "already"},
    {"{zip: [[a, a]], parameters: {a: [1]}}", NULL,
     AT(19) "sweep.zip.0.1: 'a' can't be zipped: it is in this list twice"},
    {"{zip: [[a, b]], parameters: {a: [1, 2], b: [3]}}", NULL,
     AT(15) "sweep.zip.0: parameters that advance together have equally many "
            "values: 'a' has 2, 'b' has 1"},
    {"{method: random, max_runs: 2, zip: [[a, b]], parameters: {a: [1, 2], b: "
     "{min: 0.0, max: 1.0}}}",
     NULL,
     AT(48) "sweep.zip.0.1: 'b' can't be zipped: it has no values to advance "
            "through, but a distribution"},
    {"{metric: {name: test.accuracy}, parameters: {a: [1]}}", NULL,
     AT(17) "sweep.metric: 'goal' is required where more is better: maximize, "
            "or minimize"},
    {"{metric: {name: test.acuracy, goal: maximise}, parameters: {a: [1]}}",
     NULL,
     AT(24) "sweep.metric.name: unknown metric 'acuracy'; did you mean "
            "'accuracy'?\n" AT(44) "sweep.metric.goal: expected one of "
                                   "minimize, maximize, found "
                                   "'maximise'; did you mean 'maximize'?"},
    {"{where: a < , parameters: {a: [1]}}", NULL,
     AT(19) "sweep.where: expected a value, found the end (column 4 of the "
            "condition)"},
    {"{parameters: {a: {min: 1, max: 1000}, b: {min: 1, max: 1000}, seed: "
     "{min: 1, max: 1000}}}",
     NULL,
     AT(1) "1000000000 combinations (seed: 1000, a: 1000, b: 1000); at most "
           "10000000 are planned"},
    {"{method: random, max_runs: 1e9, parameters: {a: [1], seed: [1, 2]}}",
     NULL,
     AT(1) "2000000000 combinations (seed: 2, max_runs: 1000000000); at most "
           "10000000 are planned"},
    {"{parameters: {a: {min: 0, max: 9e15}, b: {min: 0, max: 9e15}}}", NULL,
     AT(1) "more than 18446744073709551615 combinations (a: 9000000000000001, "
           "b: 9000000000000001); at most 10000000 are planned"},
#undef AT
#define TYPED(argument) "command line: " argument ": error: "
    {"", "seed=0..4294967296",
     TYPED("seed=0..4294967296") "seed: every seed is a whole number from 0 to "
                                 "4294967295"},
    {"", "seed=1,x",
     TYPED("seed=1,x") "seed: expected a whole number from 0 to 4294967295, "
                       "found 'x'"},
    {"", "a=5..1",
     TYPED("a=5..1") "this range is empty: it ends below its beginning"},
    {"", "a=range(3,3)",
     TYPED("a=range(3,3)") "this range is empty; its upper end is not in it"},
    {"", "a=range(0,3,0)",
     TYPED("a=range(0,3,0)") "range() takes no step of 0"},
    {"", "a=range(0,1,0.1)",
     TYPED("a=range(0,1,0.1)") "range() takes whole numbers; linspace(start, "
                               "stop, num) takes any"},
    {"", "a=range()",
     TYPED("a=range()") "expected range(stop) or range(start, stop, step)"},
    {"", "a=range(1,2,3,4)",
     TYPED("a=range(1,2,3,4)") "expected range(stop) or range(start, stop, "
                               "step)"},
    {"", "a=linspace(1)",
     TYPED("a=linspace(1)") "expected linspace(start, stop, num)"},
    {"", "a=linspace(0,1,0)",
     TYPED("a=linspace(0,1,0)") "expected the number of values, from 1 to "
                                "10000000"},
    {"", "a=linspace(0,x,3)", TYPED("a=linspace(0,x,3)") "expected a number"},
    {"", "a=linspace(0,1,3",
     TYPED("a=linspace(0,1,3") "the '(' here is not "
                               "closed"},
    {"", "a=range(3),4", TYPED("a=range(3),4") "nothing can follow the ')'"},
    {"", "a=geomspace(0,1,3)",
     TYPED("a=geomspace(0,1,3)") "geomspace() takes two numbers of one sign, "
                                 "neither 0"},
    {"", "a=logspace(-3,0,4)",
     TYPED("a=logspace(-3,0,4)") "logspace takes exponents and is not taken; "
                                 "geomspace(start, stop, num) takes the values "
                                 "themselves"},
    {"", "a=1,", TYPED("a=1,") "a value is expected behind the comma"},
    {"", "a..b=1,2",
     TYPED("a..b=1,2") "a path is keys with single dots between"},
    {"", "=1,2",
     TYPED("=1,2") "a path is expected, as in 'train.optimizer.lr=0.01,0.1'"},
    {"", "name=a,b",
     TYPED("name=a,b") "'name' can't be swept: it is the experiment's, not a "
                       "run's"},
    {"", "a=0..10000000",
     TYPED("a=0..10000000") "10000001 combinations (a: 10000001); at most "
                            "10000000 are planned"},
};

static void test_refuses(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        const struct refused_row *row = &REFUSED[i];
        struct problems problems = {0};
        struct text runs = TEXT_INIT;
        write_runs(row->sweep, row->argument ? ARGUMENTS(row->argument) : NULL,
                   &problems, &runs);
        if (!problems.count || runs.length)
            fail_msg("%s%s is not refused", row->sweep,
                     row->argument ? row->argument : "");
        text_release(&runs);
        assert_first_lines(&problems, row->lines);
    }
}

/* Sweeps and arguments cut and garbled at every place: nothing but problems. */
static void test_garbled(void **state) {
    (void)state;
    static const char BYTES[] = ",.:[]{}'\"()0-e$ ";
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        const struct refused_row *row = &REFUSED[i];
        const char *text = row->argument ? row->argument : row->sweep;
        for (size_t at = 0; at < strlen(text); at++) {
            struct problems problems = {0};
            struct text whole = TEXT_INIT;
            text_print(&whole, "%s%s", row->argument ? "" : "sweep: ", text);
            whole.bytes[whole.length - strlen(text) + at] =
                BYTES[(at + i) % (sizeof BYTES - 1)];
            struct tree tree;
            const char *config = row->argument ? CONFIG : whole.bytes;
            tree_read_text(&tree, "a.yaml", config, strlen(config), &problems);
            const char *argument = row->argument ? whole.bytes : "a=1,2";
            bool taken = tree.root && space_takes(tree.root, argument);
            problems_release(&problems);
            problems = (struct problems){0};
            struct space space;
            space_init(&space, &tree, &argument, taken, &problems);
            assert_true(!problems.count || !space.count);
            space_release(&space);
            tree_release(&tree);
            text_release(&whole);
            problems_release(&problems);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_garbled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
