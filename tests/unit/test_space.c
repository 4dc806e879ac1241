/* Sweeps against numpy's own draws and ranges, and the order of their runs. */

#include "tests/unit/space_fixtures.h"
#include "tests/unit/vector_lines.h"

#include <float.h>
#include <math.h>

#include "engine/base/memory.h"
#include "runner/plan/number_sequence.h"

/* ------------------------------------------------------------------- numpy */

/* linspace: the same bits. geomspace: ours is correctly rounded, and glibc's
 * pow() is within an ulp of that. */
static void check_sequence(const struct vector_lines *lines) {
    bool is_log = vector_is(lines, "geomspace");
    double start = strtod(lines->cells[1], NULL);
    double stop = strtod(lines->cells[2], NULL);
    size_t count = strtoul(lines->cells[3], NULL, 10);
    double *numbers = memory_zeroed(count, sizeof *numbers);
    (is_log ? geomspace : linspace)(start, stop, count, numbers);
    assert_int_equal(lines->count, count + 4);
    for (size_t i = 0; i < count; i++) {
        double theirs = strtod(lines->cells[4 + i], NULL);
        double tolerance = is_log ? DBL_EPSILON * fabs(theirs) : 0;
        if (!(fabs(numbers[i] - theirs) <= tolerance))
            fail_msg("%s(%a, %a, %zu)[%zu]: %a is not numpy's %a",
                     lines->cells[0], start, stop, count, i, numbers[i],
                     theirs);
    }
    free(numbers);
}

/* Integers and texts as written. Floats within a few ulp where a logarithm or
 * exponential enters, whose argument's error of an ulp grows with its size (up
 * to 12 here), and the same bits else. */
static void check_value(const struct axis *axis, const struct node *node,
                        const char *theirs) {
    if (!strstr(theirs, "0x")) {
        assert_string_equal(node->text, theirs);
        return;
    }
    double ours = node_scalar(node).number, expected = strtod(theirs, NULL);
    const struct distribution_kind *kind = axis->distribution.kind;
    bool is_exact = axis->kind != AXIS_NUMBERS &&
                    (!kind || (!kind->is_log && kind->shape == SHAPE_UNIFORM));
    double tolerance = is_exact ? 0 : 16 * DBL_EPSILON * fabs(expected);
    if (!(fabs(ours - expected) <= tolerance))
        fail_msg("%s: %a is not numpy's %s", axis->path, ours, theirs);
}

static struct tree sweep_tree(const char *sweep) {
    struct text text = TEXT_INIT;
    text_print(&text, "sweep: %s\n", sweep);
    struct tree tree = read_tree(text.bytes);
    text_release(&text);
    return tree;
}

/* Reads the runs behind a sweep's line; true if a line is left over. */
static bool check_sweep(struct vector_lines *lines) {
    struct tree tree = sweep_tree(lines->cells[1]);
    struct problems problems = {0};
    struct space space;
    space_init(&space, &tree, NULL, 0, &problems);
    assert_int_equal(problems.count, 0);
    assert_null(node_find(tree.root, "sweep"));
    struct space_point point;
    space_point_init(&point, &space);
    uint64_t index = 0;
    bool more;
    for (; (more = vector_next(lines)) && vector_is(lines, "run"); index++) {
        assert_true(index < space.count);
        assert_int_equal(lines->count, space.axis_count + 1);
        space_point_set(&point, &space, index);
        for (size_t i = 0; i < space.axis_count; i++)
            check_value(&space.axes[i], point.values[i], lines->cells[i + 1]);
    }
    assert_int_equal(index, space.count);
    space_point_release(&point);
    space_release(&space);
    tree_release(&tree);
    return more;
}

static void test_numpys_numbers(void **state) {
    (void)state;
    struct vector_lines lines = vector_open("space.csv");
    size_t sweeps = 0, sequences = 0;
    for (bool more = vector_next(&lines); more;) {
        if (vector_is(&lines, "sweep")) {
            more = check_sweep(&lines);
            sweeps++;
        } else {
            check_sequence(&lines);
            more = vector_next(&lines);
            sequences++;
        }
    }
    assert_true(sweeps >= 7 && sequences >= 19);
    vector_close(&lines);
}

/* Powers of ten come out as people write them. */
static void test_round_numbers(void **state) {
    (void)state;
    double numbers[9];
    geomspace(1e-4, 1e4, 9, numbers);
    static const double ROUND[] = {1e-4, 1e-3, 1e-2, 1e-1, 1,
                                   1e1,  1e2,  1e3,  1e4};
    assert_memory_equal(numbers, ROUND, sizeof numbers);
    geomspace(1, 256, 9, numbers);
    for (int i = 0; i < 9; i++)
        assert_true(fabs(numbers[i] - ldexp(1, i)) <=
                    DBL_EPSILON * ldexp(1, i));
}

/* ------------------------------------------------------------- combinations */

static void assert_runs(const char *sweep, const char *const *arguments,
                        const char *wanted) {
    struct problems problems = {0};
    struct text runs = TEXT_INIT;
    write_runs(sweep, arguments, &problems, &runs);
    if (problems.count)
        fail_msg("%s: %s", sweep, problems.problem[0].message);
    assert_string_equal(text_string(&runs), wanted);
    text_release(&runs);
}

static void test_plan_order(void **state) {
    (void)state;
    assert_runs("", NULL, "");
    assert_runs("{parameters: {a: [1, 2], seed: [3, 4], b: [x]}}",
                ARGUMENTS("c=5,6"),
                "seed=3 a=1 b=x c=5|seed=3 a=1 b=x c=6|seed=3 a=2 b=x c=5|"
                "seed=3 a=2 b=x c=6|seed=4 a=1 b=x c=5|seed=4 a=1 b=x c=6|"
                "seed=4 a=2 b=x c=5|seed=4 a=2 b=x c=6");
    assert_runs("{parameters: {a: [1, 2], b: [3, 4]}}",
                ARGUMENTS("a=7,8", "seed=0..1"),
                "seed=0 a=7 b=3|seed=0 a=7 b=4|seed=0 a=8 b=3|seed=0 a=8 b=4|"
                "seed=1 a=7 b=3|seed=1 a=7 b=4|seed=1 a=8 b=3|seed=1 a=8 b=4");
    /* One value takes the axis' place too; the last word holds. */
    assert_runs("{parameters: {a: [1, 2], b: [3, 4]}}",
                ARGUMENTS("b=9", "a=0..5", "a=6"), "a=6 b=9");
    /* A layer's name and its position are one path. */
    assert_runs("{parameters: {model.layers.0.out_features: [1, 2]}}",
                ARGUMENTS("model.layers.hidden.out_features=3,4"),
                "model.layers.hidden.out_features=3|"
                "model.layers.hidden.out_features=4");
    /* A seed takes those that advance with it outwards. */
    assert_runs("{zip: [[b, seed]], parameters: {a: [1, 2], b: [x, y], seed: "
                "[3, 4]}}",
                NULL,
                "b=x seed=3 a=1|b=x seed=3 a=2|b=y seed=4 a=1|b=y seed=4 a=2");
    assert_runs("{method: random, max_runs: 2, parameters: {model.seed: [5, "
                "6], a: {value: [1]}}}",
                NULL,
                "model.seed=5 a=[1]|model.seed=5 a=[1]|model.seed=6 a=[1]|"
                "model.seed=6 a=[1]");
    /* Multiples of a whole q are whole, unless they are too large for that. */
    assert_runs("{parameters: {a: {distribution: q_uniform, min: 0, max: "
                "1e300, num: 2}, b: {distribution: q_uniform, min: -1, max: "
                "0.1, q: 0.5, num: 2}}}",
                NULL, "a=0 b=-1.0|a=0 b=0.0|a=1e+300 b=-1.0|a=1e+300 b=0.0");
}

static void test_command_line(void **state) {
    (void)state;
    static const char *const ROWS[][2] = {
        {"lr=0.01,1e-3", "lr=0.01|lr=1e-3"},
        {"a=[1,2],[3]", "a=[1, 2]|a=[3]"},
        {"a={type: sgd, lr: 1},adam", "a={type: sgd, lr: 1}|a=adam"},
        {"a='x, y', \"z\"", "a='x, y'|a='z'"},
        {"a=1, 2 , 3", "a=1|a=2|a=3"},
        {"seed=1..3", "seed=1|seed=2|seed=3"},
        {"a=-1..+1", "a=-1|a=0|a=1"},
        {"a=5..5", "a=5"},
        {"seed=range(3)", "seed=0|seed=1|seed=2"},
        {"seed=range(0,10,4)", "seed=0|seed=4|seed=8"},
        {"a=range(5, -1, -2)", "a=5|a=3|a=1"},
        {"a=range(0,9,3)", "a=0|a=3|a=6"},
        {"a=linspace(0,1,5)", "a=0.0|a=0.25|a=0.5|a=0.75|a=1.0"},
        {"a=linspace(10, 50, num=3)", "a=10|a=30|a=50"},
        {"a=linspace(1.0,3,3)", "a=1.0|a=2.0|a=3.0"},
        {"a=geomspace(1e-3,1e-1,3)", "a=0.001|a=0.01|a=0.1"},
        {"a=geomspace(1,100,3)", "a=1|a=10|a=100"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        assert_runs("", ARGUMENTS(ROWS[i][0]), ROWS[i][1]);
    struct tree tree = read_tree("sweep: {parameters: {a.b: [1]}}\n");
    assert_true(space_takes(tree.root, "a.b=1"));
    assert_true(space_takes(NULL, "a=1,2"));
    assert_true(space_takes(NULL, "a=logspace(1,2,3)"));
    assert_false(space_takes(tree.root, "a.c=1"));
    assert_false(space_takes(tree.root, "a=[1,2]"));
    assert_false(space_takes(tree.root, "+a=1,2"));
    assert_false(space_takes(tree.root, "~a.b"));
    tree_release(&tree);
}

static void test_argument_positions(void **state) {
    (void)state;
    struct tree tree = read_tree("a: 1\n");
    struct problems problems = {0};
    struct space space;
    space_init(&space, &tree, ARGUMENTS("größe=1, 'x'"), 1, &problems);
    assert_int_equal(space.count, 2);
    struct position at = space.axes[0].nodes[1]->position;
    assert_string_equal(at.source->override, "größe=1, 'x'");
    assert_int_equal(at.column, 10);
    assert_int_equal(space.axes[0].position.length, 5);
    space_release(&space);
    tree_release(&tree);
}

/* More values, or more draws, leave every run there was. */
static void test_growing_leaves_runs(void **state) {
    (void)state;
    struct text before = TEXT_INIT, after = TEXT_INIT;
    struct problems problems = {0};
    const char *format = "{method: random, max_runs: %d, random_state: 3, "
                         "parameters: {a: {min: 0.0, max: 1.0}, b: [1, 2, 3], "
                         "c: {distribution: normal}}}";
    char sweep[200];
    snprintf(sweep, sizeof sweep, format, 5);
    write_runs(sweep, NULL, &problems, &before);
    snprintf(sweep, sizeof sweep, format, 9);
    write_runs(sweep, NULL, &problems, &after);
    assert_int_equal(problems.count, 0);
    assert_true(after.length > before.length);
    assert_memory_equal(after.bytes, before.bytes, before.length);
    text_release(&before);
    text_release(&after);
}

static void test_what_is_read(void **state) {
    (void)state;
    struct tree tree =
        sweep_tree("{metric: {name: test.accuracy, goal: maximize}, "
                   "where: 'a * 2 < b', random_state: 1e3, parameters: {a: "
                   "[1]}}");
    struct problems problems = {0};
    struct space space;
    space_init(&space, &tree, NULL, 0, &problems);
    assert_int_equal(problems.count, 0);
    assert_true(space.has_metric && space.is_maximized);
    assert_string_equal(space.metric.metric->name, "accuracy");
    assert_int_equal(space.random_state, 1000);
    assert_non_null(space.where_node);
    assert_int_equal(space.where.path_count, 2);
    space_release(&space);
    tree_release(&tree);
}

/* A hundred thousand runs cost their draws alone. */
static void test_memory(void **state) {
    (void)state;
    struct tree tree = sweep_tree(
        "{method: random, max_runs: 100000, parameters: {a: {min: 0.0, max: "
        "1.0}, b: {min: 1, max: 9}, c: {distribution: normal}, d: [1, 2]}}");
    struct problems problems = {0};
    struct space space;
    space_init(&space, &tree, NULL, 0, &problems);
    assert_int_equal(space.count, 100000);
    assert_true(space.arena.total < 100000 * 4 * 8 + 100000);
    struct space_point point;
    space_point_init(&point, &space);
    double sum = 0;
    for (uint64_t i = 0; i < space.count; i++) {
        space_point_set(&point, &space, i);
        sum += node_scalar(point.values[0]).number;
    }
    assert_true(fabs(sum / 100000 - 0.5) < 0.01);
    space_point_release(&point);
    space_release(&space);
    tree_release(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numpys_numbers),
        cmocka_unit_test(test_round_numbers),
        cmocka_unit_test(test_plan_order),
        cmocka_unit_test(test_command_line),
        cmocka_unit_test(test_argument_positions),
        cmocka_unit_test(test_growing_leaves_runs),
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
