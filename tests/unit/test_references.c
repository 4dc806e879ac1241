/* Values computed from other values. */

#include "tests/unit/tree_fixtures.h"

#include "runner/plan/references.h"

static bool defaults(void *data, const char *path,
                     struct expression_value *value) {
    *value = (struct expression_value){EXPRESSION_NUMBER, 0.5, NULL};
    return data && strcmp(path, data) == 0;
}

static void assert_resolved(const char *text, const char *wanted) {
    struct tree tree = read_tree(text);
    struct problems problems = {0};
    references_resolve(&tree, defaults, "train.default", &problems);
    assert_int_equal(problems.count, 0);
    assert_node(tree.root, wanted);
    tree_release(&tree);
}

static void test_resolves(void **state) {
    (void)state;
    assert_resolved("a: 32\nb: '${a} * 2'\nc: \"${a} / 64\"\n",
                    "{a: 32, b: 64, c: 0.5}");
    /* Whatever the order in the text; across lists and layers' names. */
    assert_resolved("x: '${y} + 1'\ny: '${l.last.out} // 2'\n"
                    "l: [{out: '${l.1.out} * 2', name: last}, {out: 5}]\n",
                    "{x: 6, y: 5, l: [{out: 10, name: last}, {out: 5}]}");
    assert_resolved("a: {type: sgd, lr: '${train.default} / 5'}\n"
                    "b: '${a} == \"sgd\"'\nc: '${a.type}'\n",
                    "{a: {type: sgd, lr: 0.1}, b: true, c: 'sgd'}");
    assert_resolved("a: {type: '${b}'}\nb: '${c}'\nc: adam\nd: '${a}'\n",
                    "{a: {type: 'adam'}, b: 'adam', c: adam, d: 'adam'}");
    /* Quoted and referring, or a text like others. */
    assert_resolved("a: 1\nb: '$a'\nc: '{a}'\nd: '${'\n"
                    "sweep: {where: '${a} < '}\n",
                    "{a: 1, b: '$a', c: '{a}', d: '${', sweep: {where: '${a} "
                    "< '}}");
}

static void assert_refused(const char *text, const char *lines) {
    struct tree tree = read_tree(text);
    struct problems problems = {0};
    references_resolve(&tree, NULL, NULL, &problems);
    tree_release(&tree);
    assert_first_lines(&problems, lines);
}

static void test_refuses(void **state) {
    (void)state;
    assert_refused("a: '${a} + 1'\n",
                   "a.yaml:1:4: error: a: the value depends on itself: "
                   "a -> a");
    assert_refused("x: '${a}'\na: '${b}'\nb: '${c.0}'\nc: ['${a} * 2']\n"
                   "y: '${x}'\n",
                   "a.yaml:2:4: error: a: the value depends on itself: "
                   "a -> b -> c.0 -> a");
    assert_refused("a: '${b}'\nb: '${a}'\nc: '${d}'\nd: '${c}'\n",
                   "a.yaml:1:4: error: a: the value depends on itself: "
                   "a -> b -> a\n"
                   "a.yaml:3:4: error: c: the value depends on itself: "
                   "c -> d -> c");
    assert_refused("train: {batch_size: 1}\nb: '${train.batch_sizes} * 2'\n",
                   "a.yaml:2:7: error: b: 'train.batch_sizes' is not set; did "
                   "you mean 'train.batch_size'? (column 3 of the "
                   "expression)");
    assert_refused("a: [1]\nb: '${a}'\nc: '${a} + 1'\n",
                   "a.yaml:2:4: error: b: the value is a list or map, where "
                   "one value is expected\n"
                   "a.yaml:3:10: error: c: '+' takes numbers, found a list or "
                   "map (column 6 of the expression)");
    /* What follows from an error isn't another one. */
    assert_refused("a: 0\nb: '1 / ${a}'\nc: '${b} + 1'\nd: '${c}'\n",
                   "a.yaml:2:7: error: b: '/' by zero (column 3 of the "
                   "expression)");
    assert_refused("a: '${b} +'\nb: 1\nc: '${a}'\n",
                   "a.yaml:1:11: error: a: expected a value, found the end "
                   "(column 7 of the expression)");
}

/* A long chain, backwards, and a long cycle: no recursion. */
static void test_long_chains(void **state) {
    (void)state;
    struct text text = TEXT_INIT;
    for (int i = 0; i < 4000; i++)
        text_print(&text, "k%d: '${k%d} + 1'\n", i, i + 1);
    struct text chain = TEXT_INIT;
    text_print(&chain, "%sk4000: 1\n", text.bytes);
    struct tree tree = read_tree(chain.bytes);
    struct problems problems = {0};
    references_resolve(&tree, NULL, NULL, &problems);
    assert_int_equal(problems.count, 0);
    assert_node(node_member(tree.root, "k0"), "4001");
    tree_release(&tree);
    text_clear(&chain);
    text_print(&chain, "%sk4000: '${k7}'\n", text.bytes);
    assert_refused(chain.bytes,
                   "a.yaml:8:5: error: k7: the value depends on itself: k7 -> "
                   "k8 -> k9 -> k10 -> k11 -> k12 -> k13 -> k14 -> … -> k7");
    text_release(&chain);
    text_release(&text);
}

static bool holds(const char *text, struct problems *problems) {
    struct tree tree = read_tree(text);
    const struct node *where =
        node_member(node_member(tree.root, "sweep"), "where");
    struct expression condition;
    struct expression_error error;
    assert_int_equal(
        expression_init(&condition, where->text, EXPRESSION_WORDS, &error),
        STATUS_OK);
    bool wanted = references_hold(tree.root, "sweep.where", &condition, where,
                                  defaults, "train.default", problems);
    expression_release(&condition);
    tree_release(&tree);
    return wanted;
}

static void test_conditions(void **state) {
    (void)state;
    struct problems problems = {0};
    assert_true(holds("a: 1\nsweep: {where: a < 2 and train.default == 0.5}\n",
                      &problems));
    assert_false(holds("a: 3\nsweep: {where: a < 2}\n", &problems));
    assert_int_equal(problems.count, 0);
    assert_false(
        holds("width: 3\nsweep: {where: width < 2 or widht}\n", &problems));
    assert_first_lines(
        &problems, "a.yaml:2:29: error: sweep.where: 'widht' is not set; did "
                   "you mean 'width'? (column 14 of the expression)");
    assert_false(holds("a: sgd\nsweep: {where: a}\n", &problems));
    assert_first_lines(
        &problems, "a.yaml:2:16: error: sweep.where: expected a condition that "
                   "is true or false, found a text (column 1 of the "
                   "expression)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolves),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_long_chains),
        cmocka_unit_test(test_conditions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
