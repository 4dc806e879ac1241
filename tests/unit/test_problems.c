/* How errors are shown. */

#include "tests/unit/tree_fixtures.h"

static struct position value_position(const struct tree *tree,
                                      const char *path) {
    bool found;
    return node_at(tree->root, path, &found)->position;
}

static void test_a_line_and_a_caret(void **state) {
    (void)state;
    struct tree tree = read_tree("train:\n    learning_rte: 0.1\n");
    struct problems problems = {0};
    struct node *train = node_member(tree.root, "train");
    problems_add(&problems, train->members[0].key_position,
                 "train.optimizer: unknown option '%s'; did you mean 'lr'?",
                 "learning_rte");
    /* A problem outlives its tree. */
    tree_release(&tree);
    assert_printed(&problems, "a.yaml:2:5: error: train.optimizer: unknown "
                              "option 'learning_rte'; did you mean 'lr'?\n"
                              "    learning_rte: 0.1\n"
                              "    ^~~~~~~~~~~~\n");
}

static void test_sorted_and_once(void **state) {
    (void)state;
    struct tree tree = read_tree("a: 1\nb: 2\nc: {d: 3}\n");
    struct problems problems = {0};
    tree_override(&tree, "e=9", &problems);
    problems_add(&problems, value_position(&tree, "e"), "on the command line");
    problems_add(&problems, (struct position){.source = NULL}, "nowhere");
    problems_add(&problems, value_position(&tree, "c.d"), "third");
    problems_add(&problems, value_position(&tree, "a"), "first");
    problems_add(&problems, value_position(&tree, "b"), "second, b");
    problems_add(&problems, value_position(&tree, "b"), "second, a");
    problems_add(&problems, value_position(&tree, "b"), "second, b");
    assert_printed(&problems,
                   "a.yaml:1:4: error: first\na: 1\n   ^\n"
                   "a.yaml:2:4: error: second, a\nb: 2\n   ^\n"
                   "a.yaml:2:4: error: second, b\nb: 2\n   ^\n"
                   "a.yaml:3:8: error: third\nc: {d: 3}\n       ^\n"
                   "command line: e=9: error: on the command line\ne=9\n  ^\n"
                   "runner: error: nowhere\n");
    tree_release(&tree);
}

/* The errors of one config stay together. */
static void test_several_configs(void **state) {
    (void)state;
    struct problems problems = {0};
    struct tree first = read_tree("a: 1\nb: 2\n");
    tree_override(&first, "x=[", &problems);
    problems_add(&problems, value_position(&first, "b"), "B");
    problems_add(&problems, value_position(&first, "a"), "A");
    struct tree second = read_tree("a: 1\n");
    problems_add(&problems, value_position(&second, "a"), "A");
    tree_release(&first);
    tree_release(&second);
    assert_first_lines(&problems,
                       "a.yaml:1:4: error: A\na.yaml:2:4: error: B\n"
                       "command line: x=[: error: the '[' here is not closed\n"
                       "a.yaml:1:4: error: A");
}

static void test_tabs_and_wide_characters(void **state) {
    (void)state;
    struct tree tree = read_tree("{\"日本\":\t\t\"ü\t語\" , b: 1}\n");
    struct problems problems = {0};
    problems_add(&problems, value_position(&tree, "日本"), "x");
    problems_add(&problems, value_position(&tree, "b"), "y");
    tree_release(&tree);
    assert_printed(&problems, "a.yaml:1:9: error: x\n"
                              "{\"日本\":\t\t\"ü\t語\" , b: 1}\n"
                              "      \t\t^~~~~\n"
                              "a.yaml:1:20: error: y\n"
                              "{\"日本\":\t\t\"ü\t語\" , b: 1}\n"
                              "      \t\t  \t        ^\n");
}

/* Nothing a config holds reaches the terminal as a control sequence. */
static void test_unsafe_characters(void **state) {
    (void)state;
    struct tree tree = read_tree("a: \"\\e[2J\xe2\x80\xae\xc2\xa0z\"\n");
    struct problems problems = {0};
    problems_add(&problems, value_position(&tree, "a"), "got '%s'\n\r\x7f\xff",
                 node_member(tree.root, "a")->text);
    tree_release(&tree);
    assert_printed(&problems, "a.yaml:1:4: error: got '?[2J?\xc2\xa0z'????\n"
                              "a: \"\\e[2J?\xc2\xa0z\"\n"
                              "   ^~~~~~~~~~\n");
}

static void test_long_messages_and_names(void **state) {
    (void)state;
    char name[1000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct problems problems = {0};
    struct tree tree;
    tree_read_text(&tree, name, "a: 1\n", 5, &problems);
    problems_add(&problems, value_position(&tree, "a"), "%s", name);
    assert_int_equal(strlen(problems.problem[0].message), 603);
    assert_int_equal(strlen(problems.problem[0].place), 203);
    tree_release(&tree);
    problems_release(&problems);
}

static void assert_cut(size_t before, size_t after, const char *excerpt_begin,
                       const char *excerpt_end) {
    struct text text = TEXT_INIT;
    struct problems problems = {0};
    text_add(&text, "{a: [");
    for (size_t i = 0; i < before; i++)
        text_add(&text, "é,");
    text_add(&text, "WORD");
    for (size_t i = 0; i < after; i++)
        text_add(&text, ",x");
    text_add(&text, "]}");
    struct tree tree = read_tree(text.bytes);
    const struct node *list = node_member(tree.root, "a");
    problems_add(&problems, list->members[before].value->position, "x");
    const struct problem *problem = &problems.problem[0];
    assert_int_equal(problem->column, 6 + 2 * before);
    size_t length = strlen(problem->excerpt);
    assert_int_equal(
        strncmp(problem->excerpt, excerpt_begin, strlen(excerpt_begin)), 0);
    assert_string_equal(problem->excerpt + length - strlen(excerpt_end),
                        excerpt_end);
    /* The caret stands under the word, a character a column. */
    const char *word = strstr(problem->excerpt, "WORD");
    size_t column = 0;
    for (const char *at = problem->excerpt; at < word; at++)
        column += ((unsigned char)*at & 0xc0) != 0x80;
    assert_int_equal(strspn(problem->caret, " "), column);
    assert_string_equal(problem->caret + column, "^~~~");
    tree_release(&tree);
    problems_release(&problems);
    text_release(&text);
}

static void test_long_lines_are_cut(void **state) {
    (void)state;
    assert_cut(10, 10, "{a: [é", "x]}");
    assert_cut(10, 1000, "{a: [é", ",...");
    assert_cut(1000, 1000, "...", "x...");
    assert_cut(1000, 3, "...", ",x]}");
    for (size_t before = 30; before < 80; before++)
        assert_cut(before, 30, "", "");
}

static void test_carets_stay_on_the_line(void **state) {
    (void)state;
    struct tree tree = read_tree("a: 1\n");
    const struct source *source = tree.root->position.source;
    struct problems problems = {0};
    problems_add(&problems, (struct position){source, 1, 3, 100}, "long");
    problems_add(&problems, (struct position){source, 1, 99, 5}, "behind");
    problems_add(&problems, (struct position){source, 7, 1, 1}, "below");
    tree_release(&tree);
    assert_printed(&problems, "a.yaml:1:3: error: long\na: 1\n  ^~\n"
                              "a.yaml:1:99: error: behind\na: 1\n    ^\n"
                              "a.yaml:7:1: error: below\n\n^\n");
}

static void test_json(void **state) {
    (void)state;
    struct tree tree = read_tree("a: \"b\"\n");
    struct problems problems = {0};
    tree_override(&tree, "b=[", &problems);
    problems_add(&problems, value_position(&tree, "a"), "not '%s'", "\"");
    problems_add_code(&problems, STATUS_INPUT,
                      (struct position){.source = NULL}, "no such file");
    tree_release(&tree);
    struct text out = TEXT_INIT;
    problems_print_json(&problems, &out);
    assert_string_equal(
        out.bytes,
        "[{\"file\":\"a.yaml\",\"line\":1,\"column\":4,\"message\":\"not "
        "'\\\"'\",\"source\":\"a: \\\"b\\\"\",\"code\":2},"
        "{\"override\":\"b=[\",\"column\":3,\"message\":\"the '[' here is not "
        "closed\",\"source\":\"b=[\",\"code\":2},"
        "{\"message\":\"no such file\",\"code\":3}]");
    assert_int_equal(problems_code(&problems), STATUS_CONFIG);
    text_release(&out);
    problems_release(&problems);
}

static void test_none(void **state) {
    (void)state;
    struct problems problems = {0};
    struct text out = TEXT_INIT;
    problems_print(&problems, &out);
    assert_int_equal(out.length, 0);
    problems_print_json(&problems, &out);
    assert_string_equal(out.bytes, "[]");
    assert_int_equal(problems_code(&problems), STATUS_OK);
    text_release(&out);
    problems_release(&problems);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_and_a_caret),
        cmocka_unit_test(test_sorted_and_once),
        cmocka_unit_test(test_several_configs),
        cmocka_unit_test(test_tabs_and_wide_characters),
        cmocka_unit_test(test_unsafe_characters),
        cmocka_unit_test(test_long_messages_and_names),
        cmocka_unit_test(test_long_lines_are_cut),
        cmocka_unit_test(test_carets_stay_on_the_line),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
