/* Expressions against Python's own results, and what is said of those that are
 * none. */

#include "tests/unit/tree_fixtures.h"
#include "tests/unit/vector_lines.h"

#include <math.h>

#include "runner/plan/expression.h"

static const struct {
    const char *path;
    struct expression_value value;
} VALUES[] = {
    {"a", {EXPRESSION_NUMBER, 2.5, NULL}},
    {"b", {EXPRESSION_NUMBER, -3, NULL}},
    {"n", {EXPRESSION_NUMBER, 7, NULL}},
    {"t", {EXPRESSION_BOOLEAN, 1, NULL}},
    {"f", {EXPRESSION_BOOLEAN, 0, NULL}},
    {"s", {EXPRESSION_TEXT, 0, "adam"}},
    {"u", {EXPRESSION_TEXT, 0, ""}},
    {"big", {EXPRESSION_NUMBER, 1e308, NULL}},
    {"nothing", {EXPRESSION_NULL, 0, NULL}},
    {"list", {EXPRESSION_OTHER, 0, NULL}},
    {"model.layers.0.out-features", {EXPRESSION_NUMBER, 8, NULL}},
};

static bool look_up(void *data, size_t index, struct expression_value *value,
                    struct status *status) {
    const struct expression *expression = data;
    const char *path = expression->paths[index].path;
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        if (strcmp(VALUES[i].path, path) == 0) {
            *value = VALUES[i].value;
            return true;
        }
    }
    status_set(status, STATUS_CONFIG, "'%s' is not set", path);
    return false;
}

/* The result as the golden file has it; errors as "error". */
static void evaluate(const char *text, enum expression_form form,
                     struct expression_error *error, struct text *out) {
    struct expression expression;
    struct expression_value value;
    text_clear(out);
    if (expression_init(&expression, text, form, error) != STATUS_OK ||
        expression_evaluate(&expression, look_up, &expression, &value, error) !=
            STATUS_OK)
        text_add(out, "error");
    else if (value.type == EXPRESSION_NUMBER)
        text_print(out, "%a", value.number);
    else if (value.type == EXPRESSION_BOOLEAN)
        text_add(out, value.number != 0 ? "true" : "false");
    else if (value.type == EXPRESSION_TEXT)
        text_print(out, "'%s'", value.text);
    else
        text_add(out, value.type == EXPRESSION_NULL ? "null" : "other");
    expression_release(&expression);
}

/* The same bits, but that -0 is 0: Python's whole numbers have no -0. */
static bool same_result(const char *ours, const char *theirs) {
    char *end;
    double number = strtod(theirs, &end);
    bool is_number = end > theirs && *end == '\0';
    return is_number ? strtod(ours, &end) == number && end > ours
                     : strcmp(ours, theirs) == 0;
}

static void test_pythons_results(void **state) {
    (void)state;
    struct vector_lines lines = vector_open("expressions.csv");
    struct text ours = TEXT_INIT;
    size_t count = 0;
    for (; vector_next(&lines); count++) {
        struct expression_error error;
        assert_int_equal(lines.count, 2);
        evaluate(lines.cells[0], EXPRESSION_WORDS, &error, &ours);
        if (!same_result(ours.bytes, lines.cells[1]))
            fail_msg("%s: %s is not Python's %s (%s)", lines.cells[0],
                     ours.bytes, lines.cells[1], error.status.message);
    }
    assert_true(count > 1000);
    text_release(&ours);
    vector_close(&lines);
}

static void test_references(void **state) {
    (void)state;
    static const char *const ROWS[][2] = {
        {"${n} * 2", "0x1.cp+3"},
        {"${model.layers.0.out-features}//3", "0x1p+1"},
        {"${s}", "'adam'"},
        {"'${n}'", "'${n}'"},
        {"${nothing} == ${nothing} and not ${nothing}", "true"},
        {"${nothing} == 0", "false"},
        {"${nothing}", "null"},
        {"${list}", "other"},
        {"(${a} - 0.5) * ${t}", "0x1p+1"},
    };
    struct text ours = TEXT_INIT;
    struct expression_error error;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        evaluate(ROWS[i][0], EXPRESSION_REFERENCES, &error, &ours);
        assert_string_equal(ours.bytes, ROWS[i][1]);
    }
    text_release(&ours);
}

static const struct error_row {
    const char *text;
    enum expression_form form;
    size_t column, length;
    const char *message;
} ERRORS[] = {
    {"1 +", 1, 4, 1, "expected a value, found the end"},
    {"", 1, 1, 1, "expected a value, found the end"},
    {"1 2", 1, 3, 1, "expected an operator or the end, found '2'"},
    {"(1 2)", 1, 4, 1, "expected an operator or ')', found '2'"},
    {"1 + (2 * 3", 1, 5, 1, "the '(' here is not closed"},
    {"1)", 1, 2, 1, "expected an operator or the end, found ')'"},
    {"a && b", 1, 3, 2, "'&&' is not taken; 'and' is the word for it"},
    {"a = 1", 1, 3, 1, "'=' is not taken; '==' compares"},
    {"a ** 2", 1, 3, 2,
     "'**' is not taken; there are no powers; write a product"},
    {"!a", 1, 1, 1, "'!' is not taken; 'not' is the word for it"},
    {"a == True", 1, 6, 4, "unknown word 'True'; did you mean 'true'?"},
    {"'ü' + é", 1, 7, 1, "expected a value or an operator, found 'é'"},
    {"1_000", 1, 1, 1, "this is not a number"},
    {"1.2.3", 1, 1, 3, "this is not a number"},
    {"1e999", 1, 1, 5, "a number beyond the range of binary64"},
    {"s == 'adam", 1, 6, 1, "the text that begins here is not closed"},
    {"s == 'a\\n'", 1, 7, 3, "a text with a backslash; there are no escapes"},
    {"${n", 0, 1, 2, "the '${' here is not closed"},
    {"${}", 0, 3, 1,
     "a path is expected in '${}', keys with single dots between"},
    {"${a..b}", 0, 3, 4,
     "a path is expected in '${}', keys with single dots between"},
    {"${n} * n", 0, 8, 1,
     "unknown word 'n'; a path is written ${n}, a text in quotes"},
    {"n / (b + 3)", 1, 3, 1, "'/' by zero"},
    {"n % 0", 1, 3, 1, "'%' by zero"},
    {"big * 10 > 1", 1, 5, 1,
     "the result of '*' is beyond the range of binary64"},
    {"s + 1", 1, 3, 1, "'+' takes numbers, found a text"},
    {"1 + nothing", 1, 3, 1, "'+' takes numbers, found null"},
    {"-list", 1, 1, 1, "'-' takes a number, found a list or map"},
    {"list == list", 1, 6, 2, "a list or map can't be compared"},
    {"1 < n < s", 1, 7, 1,
     "'<' takes two numbers or two texts, found a number and a text"},
    {"n + missing", 1, 5, 7, "'missing' is not set"},
};

static void test_errors(void **state) {
    (void)state;
    struct text ours = TEXT_INIT;
    for (size_t i = 0; i < sizeof ERRORS / sizeof *ERRORS; i++) {
        const struct error_row *row = &ERRORS[i];
        struct expression_error error;
        evaluate(row->text, row->form, &error, &ours);
        assert_string_equal(ours.bytes, "error");
        assert_string_equal(error.status.message, row->message);
        assert_int_equal(error.place.column, row->column);
        assert_int_equal(error.place.length, row->length);
    }
    text_release(&ours);
}

static void test_paths_are_listed_once(void **state) {
    (void)state;
    struct expression expression;
    struct expression_error error;
    assert_int_equal(expression_init(&expression,
                                     "train.lr < n or ${train.lr} > a.0.b",
                                     EXPRESSION_WORDS, &error),
                     STATUS_OK);
    assert_int_equal(expression.path_count, 3);
    assert_string_equal(expression.paths[0].path, "train.lr");
    assert_string_equal(expression.paths[1].path, "n");
    assert_string_equal(expression.paths[2].path, "a.0.b");
    assert_int_equal(expression.paths[2].place.column, 31);
    expression_release(&expression);
}

static char *repeated(const char *first, const char *unit, size_t count,
                      const char *last) {
    struct text text = TEXT_INIT;
    text_add(&text, first);
    for (size_t i = 0; i < count; i++)
        text_add(&text, unit);
    text_add(&text, last);
    return text_take(&text);
}

/* Long is fine, deep is not, and neither takes the stack. */
static void test_long_and_deep(void **state) {
    (void)state;
    static const struct {
        const char *first, *unit;
        size_t count;
        const char *last, *result;
    } ROWS[] = {
        {"0", "+1", 30000, "", "0x1.d4cp+14"},
        {"t", " and t", 10000, "", "true"},
        {"1", " < 2 > 1", 10000, "", "true"},
        {"", "-", 64, "1", "0x1p+0"},
        {"", "-", 65, "1", "error"},
        {"", "not ", 30000, "t", "error"},
        {"", "(", 30000, "", "error"},
        {"", "1 + 2 * (", 64, "1", "error"},
    };
    struct text ours = TEXT_INIT;
    struct expression_error error;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char *text =
            repeated(ROWS[i].first, ROWS[i].unit, ROWS[i].count, ROWS[i].last);
        evaluate(text, EXPRESSION_WORDS, &error, &ours);
        assert_string_equal(ours.bytes, ROWS[i].result);
        free(text);
    }
    /* The most that can wait on the stack. */
    struct text deep = TEXT_INIT;
    for (int i = 0; i < 64; i++)
        text_add(&deep, "1 < 2 + 2 * (");
    text_add(&deep, "1");
    for (int i = 0; i < 64; i++)
        text_add(&deep, ")");
    evaluate(deep.bytes, EXPRESSION_WORDS, &error, &ours);
    assert_string_equal(ours.bytes, "true");
    text_release(&deep);
    text_release(&ours);
}

static void test_truth(void **state) {
    (void)state;
    struct status status = STATUS_INIT;
    struct expression_value value = {EXPRESSION_NUMBER, 0.5, NULL};
    bool is_true = false;
    assert_int_equal(expression_is_true(&value, &is_true, &status), STATUS_OK);
    assert_true(is_true);
    value = (struct expression_value){EXPRESSION_TEXT, 0, "x"};
    assert_int_equal(expression_is_true(&value, &is_true, &status),
                     STATUS_CONFIG);
    assert_string_equal(status.message, "expected a condition that is true or "
                                        "false, found a text");
}

static void test_nodes(void **state) {
    (void)state;
    struct tree tree = read_tree("a: 64\nb: {type: sgd, lr: 0.1}\nc: adam\n"
                                 "d: null\ne: [1]\nf: 'x'\ng: true\n");
    struct expression_value value;
    assert_true(expression_value_at(tree.root, "b", &value));
    assert_string_equal(value.text, "sgd");
    assert_true(expression_value_at(tree.root, "b.type", &value));
    assert_string_equal(value.text, "sgd");
    assert_true(expression_value_at(tree.root, "c.type", &value));
    assert_string_equal(value.text, "adam");
    assert_true(expression_value_at(tree.root, "e.0", &value));
    assert_int_equal(value.type, EXPRESSION_NUMBER);
    assert_true(expression_value_at(tree.root, "e", &value));
    assert_int_equal(value.type, EXPRESSION_OTHER);
    assert_true(expression_value_at(tree.root, "d", &value));
    assert_int_equal(value.type, EXPRESSION_NULL);
    assert_false(expression_value_at(tree.root, "a.type", &value));
    assert_false(expression_value_at(tree.root, "c.lr", &value));
    assert_false(expression_value_at(tree.root, "e.1", &value));
    struct position nowhere = {0};
    value = (struct expression_value){EXPRESSION_NUMBER, 32, NULL};
    assert_node(expression_node(&tree, &value, nowhere), "32");
    value.number = 0.1;
    assert_node(expression_node(&tree, &value, nowhere), "0.1");
    value.number = 1e300;
    assert_node(expression_node(&tree, &value, nowhere), "1e+300");
    value.number = -0.0;
    assert_node(expression_node(&tree, &value, nowhere), "0");
    value = (struct expression_value){EXPRESSION_BOOLEAN, 1, NULL};
    assert_node(expression_node(&tree, &value, nowhere), "true");
    value = (struct expression_value){EXPRESSION_TEXT, 0, "1"};
    assert_node(expression_node(&tree, &value, nowhere), "'1'");
    tree_release(&tree);
}

static void test_positions(void **state) {
    (void)state;
    struct tree tree = read_tree("ü: \"${a} + b\"\nw: 1 < 2\n"
                                 "e: \"\\u0061 + b\"\n");
    struct position at = expression_position(node_member(tree.root, "ü"),
                                             (struct expression_place){8, 1});
    assert_int_equal(at.line, 1);
    assert_int_equal(at.column, 12);
    assert_int_equal(at.length, 1);
    at = expression_position(node_member(tree.root, "w"),
                             (struct expression_place){3, 1});
    assert_int_equal(at.column, 6);
    at = expression_position(node_member(tree.root, "e"),
                             (struct expression_place){5, 1});
    assert_int_equal(at.column, 4); /* the scalar as a whole */
    assert_true(expression_is_in(node_member(tree.root, "ü")));
    assert_false(expression_is_in(node_member(tree.root, "w")));
    tree_release(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pythons_results),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_paths_are_listed_once),
        cmocka_unit_test(test_long_and_deep),
        cmocka_unit_test(test_truth),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_positions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
