/* Changes typed on the command line. */

#include "tests/unit/tree_fixtures.h"

static const char BASE[] =
    "{seed: 1, data: {preprocess: [a]}, model: {layers: [{type: linear, "
    "out_features: 4, name: first}, relu]}, train: {optimizer: {type: sgd, lr: "
    "0.1}, loss: bce, steps: 10}}";

/* The override, and what becomes of one part of the config. */
static const struct applied_row {
    const char *argument, *part, *wanted;
} APPLIED[] = {
    {"seed=2", "seed", "2"},
    {"seed=", "seed", ""},
    {"name=a=b", "name", "a=b"},
    {"description='a, b'", "description", "'a, b'"},
    {"name=it's", "name", "it's"},
    {"name=../x.h5", "name", "../x.h5"},
    {"name=ranges", "name", "ranges"},
    {"x=[1, 2]", "x", "[1, 2]"},
    {"x={a: [1, 2], b: \"c,d\"}", "x", "{a: [1, 2], b: 'c,d'}"},
    {"a.b.c=1", "a", "{b: {c: 1}}"},
    {"train.optimizer.lr=1e-3", "train.optimizer", "{type: sgd, lr: 1e-3}"},
    {"train.optimizer.momentum=0.9", "train.optimizer",
     "{type: sgd, lr: 0.1, momentum: 0.9}"},
    {"train.optimizer={momentum: 0.9}", "train.optimizer",
     "{type: sgd, lr: 0.1, momentum: 0.9}"},
    {"train.optimizer=adam", "train.optimizer", "adam"},
    {"train.optimizer=sgd", "train.optimizer", "{type: sgd, lr: 0.1}"},
    {"train.optimizer.type=adam", "train.optimizer", "{type: adam}"},
    {"train.optimizer.type=sgd", "train.optimizer", "{type: sgd, lr: 0.1}"},
    {"train.loss.reduction=sum", "train.loss", "{type: bce, reduction: sum}"},
    {"train.epochs=3", "train",
     "{optimizer: {type: sgd, lr: 0.1}, loss: bce, epochs: 3}"},
    {"train={epochs: 3}", "train",
     "{optimizer: {type: sgd, lr: 0.1}, loss: bce, epochs: 3}"},
    {"model.layers.0.out_features=8", "model.layers.0",
     "{type: linear, out_features: 8, name: first}"},
    {"model.layers.first.bias=false", "model.layers.first",
     "{type: linear, out_features: 4, name: first, bias: false}"},
    {"model.layers.1.slope=0.1", "model.layers.1", "{type: relu, slope: 0.1}"},
    {"model.layers.1=tanh", "model.layers.1", "tanh"},
    {"model.layers=[relu]", "model.layers", "[relu]"},
    {"+model.layers={type: linear, out_features: 2}", "model.layers",
     "[{type: linear, out_features: 4, name: first}, relu, {type: linear, "
     "out_features: 2}]"},
    {"+evaluate.metrics=test.auc", "evaluate", "{metrics: [test.auc]}"},
    {"+data.preprocess=b", "data.preprocess", "[a, b]"},
    {"+data.preprocess.features=b", "data.preprocess", "{features: [a, b]}"},
    {"data.preprocess.targets=[b]", "data.preprocess",
     "{features: [a], targets: [b]}"},
    {"data.preprocess.0=b", "data.preprocess", "[b]"},
    {"~model.layers.1", "model.layers",
     "[{type: linear, out_features: 4, name: first}]"},
    {"~model.layers.first", "model.layers", "[relu]"},
    {"~train.optimizer.lr", "train.optimizer", "{type: sgd}"},
    {"~data.preprocess.features", "data.preprocess", "{}"},
};

/* Layers in a layer. */
static const char NESTED[] =
    "{model: {layers: [{type: residual, name: block, layers: [tanh, {type: "
    "linear, out_features: 4, name: inner}]}]}}";

static const struct applied_row APPLIED_INSIDE[] = {
    {"model.layers.0.layers.1.out_features=8", "model.layers.0.layers.1",
     "{type: linear, out_features: 8, name: inner}"},
    {"model.layers.block.layers.inner.out_features=8",
     "model.layers.0.layers.1", "{type: linear, out_features: 8, name: inner}"},
    {"model.layers.block.layers.0=relu", "model.layers.block.layers",
     "[relu, {type: linear, out_features: 4, name: inner}]"},
    {"+model.layers.block.layers=relu", "model.layers.block.layers",
     "[tanh, {type: linear, out_features: 4, name: inner}, relu]"},
    {"~model.layers.block.layers.inner", "model.layers.0",
     "{type: residual, name: block, layers: [tanh]}"},
    {"model.layers.block=relu", "model.layers", "[relu]"},
};

static void check_applied(const char *base, const struct applied_row *row) {
    struct problems problems = {0};
    struct tree tree = read_tree(base);
    tree_override(&tree, row->argument, &problems);
    assert_int_equal(problems.count, 0);
    bool found;
    const struct node *part = node_at(tree.root, row->part, &found);
    assert_true(found);
    assert_node(part, row->wanted);
    tree_release(&tree);
}

static void test_applies(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof APPLIED / sizeof APPLIED[0]; i++)
        check_applied(BASE, &APPLIED[i]);
    for (size_t i = 0; i < sizeof APPLIED_INSIDE / sizeof APPLIED_INSIDE[0];
         i++)
        check_applied(NESTED, &APPLIED_INSIDE[i]);
}

#define NOT_YET                                                                \
    "an axis of several values is not in this version; one value is expected"
#define COMMA                                                                  \
    "an axis of several values is not in this version; a list is [a, b], a "   \
    "text with a comma needs quotes inside quotes: '\"a, b\"'"
#define SHAPE "PATH=VALUE, +LIST=VALUE or ~PATH is expected"

/* The override, the message, and the line under it. */
static const struct refused_row {
    const char *argument, *message, *caret;
} REFUSED[] = {
    {"train.optimizer.lr=0.01,0.1", COMMA, "                       ^"},
    {"a=[1,2],[3]", COMMA, "       ^"},
    {"a='x,y',z", COMMA, "       ^"},
    {"a=it's,z", COMMA, "      ^"},
    {"seed=1..100", NOT_YET, "     ^~~~~~"},
    {"seed=-3..+3", NOT_YET, "     ^~~~~~"},
    {"seed=range(0,10)", NOT_YET, "     ^~~~~"},
    {"lr=linspace(0,1,5)", NOT_YET, "   ^~~~~~~~"},
    {"lr=geomspace(1e-3,1e-1,5)", NOT_YET, "   ^~~~~~~~~"},
    {"lr=logspace(-3,-1,5)",
     "logspace takes exponents and is not taken; geomspace takes the values "
     "themselves, and axes are not in this version",
     "   ^~~~~~~~"},
    {"", SHAPE, "^"},
    {"train", SHAPE, "^"},
    {"+train", SHAPE, "^"},
    {"~train=1", "'~PATH' takes no value", "^"},
    {"=1", "a path is expected, as in 'train.optimizer.lr=0.1'", "^"},
    {"+=1", "a path is expected, as in 'train.optimizer.lr=0.1'", " ^"},
    {"a..b=1", "a path is keys with single dots between", "  ^"},
    {".a=1", "a path is keys with single dots between", "^"},
    {"a.=1", "a path is keys with single dots between", " ^"},
    {"a b=1", "a path can't have this character", " ^"},
    {"extends=b.yaml", "extends: only a file can extend another", "^~~~~~~"},
    {"model.layers.2=relu",
     "position 2 is outside the list 'model.layers' of length 2; positions "
     "count from 0, '+' appends",
     "             ^"},
    {"model.layers.99999999999999999999.p=1",
     "position 99999999999999999999 is outside the list 'model.layers' of "
     "length 2; positions count from 0, '+' appends",
     "             ^~~~~~~~~~~~~~~~~~~~"},
    {"model.layers.frist.bias=1",
     "'model.layers' is a list of length 2: a position from 0 or an item's "
     "name is expected, not 'frist'",
     "             ^~~~~"},
    {"+train=1", "'train' is a map; '+' appends to a list", " ^~~~~"},
    {"+seed=1", "'seed' is a single value; '+' appends to a list", " ^~~~"},
    {"~train.stps",
     "nothing to drop: 'train.stps' is not set; did you mean 'steps'?",
     " ^~~~~~~~~~"},
    {"~model.layers.7", "nothing to drop: 'model.layers.7' is not set",
     " ^~~~~~~~~~~~~~"},
    {"a=[1", "the '[' here is not closed", "  ^"},
    {"größe.b={c: ü", "the '{' here is not closed", "        ^"},
    {"a=&b c",
     "anchors (&) are not taken; share settings between files with 'extends'",
     "  ^"},
    {"a={b: 1, b: 2}", "key 'b' is given twice, in columns 4 and 10 of line 1",
     "         ^"},
};

static void test_refuses(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        const struct refused_row *row = &REFUSED[i];
        struct problems problems = {0};
        struct tree tree = read_tree(BASE);
        struct text wanted = TEXT_INIT;
        tree_override(&tree, row->argument, &problems);
        text_print(&wanted, "command line: %s: error: %s\n%s\n%s\n",
                   row->argument, row->message, row->argument, row->caret);
        tree_release(&tree);
        assert_printed(&problems, wanted.bytes);
        text_release(&wanted);
    }
}

/* What is refused changes nothing. */
static void test_refused_leaves_the_tree(void **state) {
    (void)state;
    static const char *const ARGUMENTS[] = {
        "model.layers.2=relu",
        "seed=1,2",
        "train.optimizer=[",
        "~a.b",
        "+train=1",
        "model..a=1",
        "a.b.c={c: 1, ",
    };
    struct tree tree = read_tree(BASE), same = read_tree(BASE);
    struct problems problems = {0};
    struct text before = TEXT_INIT;
    write_node(&before, same.root);
    for (size_t i = 0; i < sizeof ARGUMENTS / sizeof ARGUMENTS[0]; i++)
        tree_override(&tree, ARGUMENTS[i], &problems);
    assert_int_equal(problems.count, sizeof ARGUMENTS / sizeof ARGUMENTS[0]);
    assert_node(tree.root, before.bytes);
    text_release(&before);
    problems_release(&problems);
    tree_release(&same);
    tree_release(&tree);
}

static void test_bytes_that_are_no_text(void **state) {
    (void)state;
    struct problems problems = {0};
    struct tree tree = read_tree(BASE);
    tree_override(&tree, "a=\xff", &problems);
    tree_release(&tree);
    assert_printed(&problems,
                   "command line: a=?: error: byte 0xff, not UTF-8, at byte "
                   "offset 2; an override is text in UTF-8\na=?\n  ^\n");
}

static void test_positions(void **state) {
    (void)state;
    struct problems problems = {0};
    struct tree tree = read_tree(BASE);
    tree_override(&tree, "train.größe.lr=0.25", &problems);
    bool found;
    struct node *made = node_at(tree.root, "train.größe", &found);
    assert_true(found);
    struct position value = node_member(made, "lr")->position;
    assert_string_equal(value.source->override, "train.größe.lr=0.25");
    assert_string_equal(value.source->folder, "");
    assert_int_equal(value.column, 16);
    assert_int_equal(value.length, 4);
    struct node *train = node_member(tree.root, "train");
    struct position key = node_find(train, "größe")->key_position;
    assert_int_equal(key.column, 7);
    assert_int_equal(key.length, 5);
    /* What the override only passed through stays where it was. */
    assert_false(tree.root->position.source->is_override);
    assert_false(train->position.source->is_override);
    assert_false(
        node_find(tree.root, "train")->key_position.source->is_override);
    tree_release(&tree);
}

static void test_long_paths(void **state) {
    (void)state;
    struct text path = TEXT_INIT;
    for (int i = 0; i < 50000; i++)
        text_add(&path, "a.");
    text_add(&path, "a=1");
    struct problems problems = {0};
    struct tree tree = read_tree(BASE);
    tree_override(&tree, path.bytes, &problems);
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.problem[0].message,
                        "a path of more than 64 keys");
    problems_release(&problems);
    tree_release(&tree);
    text_release(&path);
}

/* A config that could not be read still has its overrides judged. */
static void test_without_a_config(void **state) {
    (void)state;
    struct problems problems = {0};
    struct tree tree;
    tree_read_text(&tree, "f", "", 0, &problems);
    tree_override(&tree, "a=1", &problems);
    tree_override(&tree, "+a=1", &problems);
    tree_override(&tree, "~a", &problems);
    assert_int_equal(problems.count, 1);
    tree_override(&tree, "a=[", &problems);
    assert_int_equal(problems.count, 2);
    assert_null(tree.root);
    tree_release(&tree);
    problems_release(&problems);
}

static void test_node_at(void **state) {
    (void)state;
    struct tree tree = read_tree(BASE);
    bool found;
    assert_ptr_equal(node_at(tree.root, "", &found), tree.root);
    assert_true(found);
    assert_node(node_at(tree.root, "model.layers.first.name", &found), "first");
    assert_true(found);
    assert_node(node_at(tree.root, "train.optimizer.eps", &found),
                "{type: sgd, lr: 0.1}");
    assert_false(found);
    assert_node(node_at(tree.root, "train.loss.type", &found), "bce");
    assert_false(found);
    assert_ptr_equal(node_at(tree.root, "nothing.at.all", &found), tree.root);
    assert_false(found);
    tree_release(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_applies),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_refused_leaves_the_tree),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_long_paths),
        cmocka_unit_test(test_without_a_config),
        cmocka_unit_test(test_node_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
