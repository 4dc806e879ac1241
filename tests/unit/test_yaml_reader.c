/* Configs as text: what is read, what is refused and where, within what time.
 */

#include "tests/unit/tree_fixtures.h"

static void test_reads(void **state) {
    (void)state;
    static const struct read_row {
        const char *text, *wanted;
    } ROWS[] = {
        {"a: 1\nb: [x, 'y', \"z\"]\n", "{a: 1, b: [x, 'y', 'z']}"},
        {"a:\n  - b\n  - {c: d}\n", "{a: [b, {c: d}]}"},
        {"a:\n- b\n- c\n", "{a: [b, c]}"},
        {"a:\nb: ''\n", "{a: , b: ''}"},
        {"a: |\n  x\n  y\n", "{a: 'x\ny\n'}"},
        {"{}\n", "{}"},
        {"---\na: 1\n...\n# end\n", "{a: 1}"},
        {"---\na: 1\n...\n...\n", "{a: 1}"},
        {"%YAML 1.2\n---\na: 1\n", "{a: 1}"},
        {"\xef\xbb\xbf"
         "a: 1\n",
         "{a: 1}"},
        {"a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"},
        {"1: x\ntrue: y\n\"<<\": z\n", "{1: x, true: y, <<: z}"},
        {"a: b # c\nd: e#f\n", "{a: b, d: e#f}"},
        {"größe: ж日\n", "{größe: ж日}"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct tree tree = read_tree(ROWS[i].text);
        assert_node(tree.root, ROWS[i].wanted);
        tree_release(&tree);
    }
}

static void assert_position(struct position position, size_t line,
                            size_t column, size_t length) {
    assert_int_equal(position.line, line);
    assert_int_equal(position.column, column);
    assert_int_equal(position.length, length);
}

static void test_positions(void **state) {
    (void)state;
    struct tree tree = read_tree("# x\n"
                                 "größe: {été: \"déjà\", b: [1, 22]}\n"
                                 "train:\n"
                                 "    lr:   1e-3\n"
                                 "    null:\n");
    const struct member *size = node_find(tree.root, "größe");
    assert_position(size->key_position, 2, 1, 5);
    assert_position(size->value->position, 2, 8, 25);
    assert_position(node_member(size->value, "été")->position, 2, 14, 6);
    const struct node *list = node_member(size->value, "b");
    assert_position(list->position, 2, 25, 7);
    assert_position(list->members[1].value->position, 2, 29, 2);
    const struct node *train = node_member(tree.root, "train");
    assert_position(node_member(train, "lr")->position, 4, 11, 4);
    assert_position(node_find(train, "null")->key_position, 5, 5, 4);
    assert_string_equal(train->position.source->name, "a.yaml");
    assert_string_equal(train->position.source->folder, "");
    tree_release(&tree);
}

/* A text, and "LINE:COLUMN: error: …" of each problem, joined by newlines. */
struct refused_row {
    const char *text;
    size_t length; /* 0: up to the NUL */
    const char *wanted;
    bool has_root;
};

#define ANCHORS                                                                \
    "anchors (&) are not taken; share settings between files with 'extends'"
#define ALIASES                                                                \
    "aliases (*) are not taken; share settings between files with 'extends'"
#define MERGES                                                                 \
    "merge keys (<<) are not taken; share settings between files with "        \
    "'extends'"

static const struct refused_row REFUSED[] = {
    {"seed: 1\nname: a\nseed: 1\n", 0,
     "f:3:1: error: key 'seed' is given twice, on lines 1 and 3", true},
    {"a: {b: 1, b: 2}\n", 0,
     "f:1:11: error: key 'b' is given twice, in columns 5 and 11 of line 1",
     true},
    {"a: &a [*a]\n", 0, "f:1:4: error: " ANCHORS "\nf:1:8: error: " ALIASES,
     false},
    {"a: &b c\n", 0, "f:1:4: error: " ANCHORS, true},
    {"a:\n  <<: {b: 1}\n  c: 2\n", 0, "f:2:3: error: " MERGES, false},
    {"a: !!str 1\n", 0,
     "f:1:4: error: tags (!) are not taken; quote a text that begins so", true},
    {"a: b\nc: \xff\xfe\xfa\n", 0,
     "f:2:4: error: byte 0xff, not UTF-8, at byte offset 8; a config is text "
     "in UTF-8",
     false},
    {"\xef\xbb\xbf"
     "a: \xc0\x80\n",
     0,
     "f:1:4: error: byte 0xc0, not UTF-8, at byte offset 6; a config is text "
     "in UTF-8",
     false},
    {"a: b\r\n\r\nc: é\xed\xa0\x80\n", 0,
     "f:3:5: error: byte 0xed, not UTF-8, at byte offset 13; a config is text "
     "in UTF-8",
     false},
    {"a: b\nc: \0\n", 10,
     "f:2:4: error: NUL byte at byte offset 8; a config is text in UTF-8",
     false},
    {"a: \x1b[2J\n", 0,
     "f:1:4: error: control character 0x1b at byte offset 3; a config is text "
     "in UTF-8",
     false},
    {"\xff\xfe"
     "a\0:\0",
     6,
     "f:1:1: error: byte 0xff, not UTF-8, at byte offset 0; a config is text "
     "in UTF-8, and this looks like UTF-16",
     false},
    {"a: \"x\\0y\"\n", 0,
     "f:1:4: error: the escape \\0 is not taken: a text can't hold it", false},
    {"data:\n\tsource: x\n", 0, "f:2:1: error: a tab can't indent; use spaces",
     false},
    {"a: 1\nb: \"c\nd: e\n", 0,
     "f:2:4: error: the quote that opens here is not closed", false},
    {"a: 1\nb: [1, 2\n", 0, "f:2:4: error: the '[' here is not closed", false},
    {"a: 1\nb: {c: 2\n", 0, "f:2:4: error: the '{' here is not closed", false},
    {"a: {b: 1\nc: 2}\nd: e: f\n", 0,
     "f:2:2: error: ',' or '}' expected (the map begins on line 1)", false},
    {"a: b: c\n", 0,
     "f:1:5: error: ':' can't stand here; is the indentation right? Text with "
     "': ' in it needs quotes",
     false},
    {"a:\n    b: 1\n  c: 2\n", 0,
     "f:3:3: error: this does not fit into the map around it; is the "
     "indentation right? (the map begins on line 1)",
     false},
    {"a: @b\n", 0, "f:1:4: error: a value can't begin with '@'; quote it",
     false},
    {"a: 1\nb\nc: 2\n", 0,
     "f:2:1: error: a key without ':' behind it on its line, or longer than "
     "1024 characters",
     false},
    {"a: ]\n", 0, "f:1:4: error: a value is expected here", false},
    {": x\n", 0, "f:1:1: error: a key is expected before ':'", false},
    {"? [a]\n: b\n", 0, "f:1:3: error: a key must be a word, not a list or map",
     false},
    {"%YAML 3.0\n---\na: 1\n", 0,
     "f:1:1: error: this version of YAML is not known; 1.2 is", false},
    {"a: 1\n---\nb: 2\n", 0,
     "f:2:1: error: a second document begins here; exactly one is read", false},
    {"a: 1\n...\nb: 2\n", 0,
     "f:3:1: error: nothing can follow the end of the document", false},
    {"", 0, "f:1:1: error: the config is empty", false},
    {" \n\n", 0, "f:1:1: error: the config is empty", false},
    {"---\n", 0, "f:1:1: error: the config is empty", false},
    {"# a\n  # b", 0, "f:1:1: error: the config holds nothing but comments",
     false},
    {"- a\n", 0,
     "f:1:1: error: the config is a list; a map ('key: value') is expected",
     false},
    {"hello\n", 0,
     "f:1:1: error: the config is a single value; a map ('key: value') is "
     "expected",
     false},
    {"%TAG !a! b\n%TAG !c! d\n---\na: 1\n", 0,
     "f:2:1: error: tags are not taken, nor %TAG", false},
    {"extends: a.yaml\nb: 1\n", 0,
     "f:1:10: error: extends: only a file can extend another", true},
};

static void test_refuses(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        const struct refused_row *row = &REFUSED[i];
        struct problems problems = {0};
        struct tree tree;
        tree_read_text(&tree, "f", row->text,
                       row->length ? row->length : strlen(row->text),
                       &problems);
        assert_int_equal(tree.root != NULL, row->has_root);
        tree_release(&tree);
        assert_first_lines(&problems, row->wanted);
    }
}

/* `count` times a text, between two others. */
struct bulk_row {
    const char *before, *text;
    size_t count;
    const char *after, *wanted;
};

#define MANY 300000

static const struct bulk_row BULKS[] = {
    {"", "[", 200000, "", "f:1:65: error: nesting deeper than 64 levels"},
    {"", "{a: ", 50000, "", "f:1:257: error: nesting deeper than 64 levels"},
    {"", "- ", MANY, "", "f:1:129: error: nesting deeper than 64 levels"},
    {"", "[\n", MANY, "", "f:65:1: error: nesting deeper than 64 levels"},
    {"a: ", "x", 65537, "\n",
     "f:1:4: error: a text of 65537 bytes; at most 65536 are read"},
    {"", "x", (1 << 20) + 1, "",
     "runner: error: f: has 1048577 bytes, more than the 1048576 that are "
     "read"},
    {"a: [", "1,", MANY, "]\n",
     "f:1:200001: error: more than 100000 values in a config"},
    {"", "k", 2000, ": 1\n",
     "f:1:2001: error: a key of more than 1024 characters, or a ':' that "
     "can't stand here"},
    {"a: '", "\n", 900000, "",
     "f:1:4: error: the quote that opens here is not closed"},
    {"", "%TAG !a! b\n", 90000, "---\na: 1\n",
     "f:2:1: error: tags are not taken, nor %TAG"},
    {"a: 1\n...\n", "%TAG !a! b\n", 90000, "---\na: 1\n",
     "f:4:1: error: tags are not taken, nor %TAG"},
    {"a: &a [", "*a,", 90000, "]\n",
     "f:1:4: error: " ANCHORS "\nf:1:8: error: " ALIASES},
};

/* Quadratic time would be minutes here. */
static void test_hostile_bulk_is_quick(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof BULKS / sizeof BULKS[0]; i++) {
        const struct bulk_row *row = &BULKS[i];
        struct text text = TEXT_INIT;
        text_add(&text, row->before);
        for (size_t j = 0; j < row->count; j++)
            text_add(&text, row->text);
        text_add(&text, row->after);
        struct problems problems = {0};
        struct tree tree;
        clock_t start = clock();
        tree_read_text(&tree, "f", text_string(&text), text.length, &problems);
        assert_null(tree.root);
        tree_release(&tree);
        assert_first_lines(&problems, row->wanted);
        assert_true(seconds_since(start) < 2);
        text_release(&text);
    }
}

static void test_billion_laughs(void **state) {
    (void)state;
    struct text text = TEXT_INIT;
    text_add(&text, "a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (char name = 'b'; name <= 'i'; name++) {
        text_print(&text, "%c: &%c [", name, name);
        for (int i = 0; i < 9; i++)
            text_print(&text, "*%c, ", name - 1);
        text_add(&text, "]\n");
    }
    struct problems problems = {0};
    struct tree tree;
    tree_read_text(&tree, "f", text.bytes, text.length, &problems);
    assert_null(tree.root);
    tree_release(&tree);
    assert_first_lines(&problems,
                       "f:1:4: error: " ANCHORS "\nf:2:8: error: " ALIASES);
    text_release(&text);
}

static void test_limits_are_reached(void **state) {
    (void)state;
    struct text text = TEXT_INIT;
    text_add(&text, "a: ");
    for (int i = 0; i < 63; i++)
        text_add_char(&text, '[');
    for (int i = 0; i < 63; i++)
        text_add_char(&text, ']');
    text_add(&text, "\nb: ");
    for (int i = 0; i < 65536; i++)
        text_add_char(&text, 'x');
    text_add(&text, "\nc: [");
    for (int i = 0; i < 99000; i++)
        text_add(&text, "1,");
    text_add(&text, "]\nd:\n");
    for (int i = 0; i < 800; i++)
        text_print(&text, "  key%d: 1\n", i);
    struct tree tree = read_tree(text.bytes);
    assert_int_equal(node_member(tree.root, "c")->count, 99000);
    assert_int_equal(strlen(node_member(tree.root, "b")->text), 65536);
    tree_release(&tree);
    text_release(&text);
}

static void test_many_keys(void **state) {
    (void)state;
    struct text text = TEXT_INIT;
    for (int i = 0; i < 4097; i++)
        text_print(&text, "key%d: 1\n", i);
    struct problems problems = {0};
    struct tree tree;
    tree_read_text(&tree, "f", text.bytes, text.length, &problems);
    assert_null(tree.root);
    tree_release(&tree);
    assert_first_lines(&problems,
                       "f:4097:1: error: more than 4096 keys in one map");
    text_release(&text);
}

/* Each of many repeated keys is reported, the first one stays. */
static void test_many_duplicates(void **state) {
    (void)state;
    struct text text = TEXT_INIT;
    for (int i = 0; i < 4000; i++)
        text_print(&text, "key%d: %d\n", i % 1000, i);
    struct problems problems = {0};
    struct tree tree;
    tree_read_text(&tree, "f", text.bytes, text.length, &problems);
    assert_int_equal(problems.count, 3000);
    assert_int_equal(tree.root->count, 1000);
    assert_string_equal(node_member(tree.root, "key999")->text, "999");
    problems_release(&problems);
    tree_release(&tree);
    text_release(&text);
}

static void test_files_that_are_none(void **state) {
    (void)state;
    static const char *const PATHS[][2] = {
        {"/nowhere/a.yaml", "runner: error: /nowhere/a.yaml: no such file"},
        {"/dev/zero", "runner: error: /dev/zero: is not a regular file"},
        {"/", "runner: error: /: is a directory, not a file"},
    };
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
        struct problems problems = {0};
        struct tree tree;
        tree_read(&tree, PATHS[i][0], &problems);
        assert_null(tree.root);
        tree_release(&tree);
        assert_int_equal(problems_code(&problems), STATUS_CONFIG);
        assert_first_lines(&problems, PATHS[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_hostile_bulk_is_quick),
        cmocka_unit_test(test_billion_laughs),
        cmocka_unit_test(test_limits_are_reached),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_many_duplicates),
        cmocka_unit_test(test_files_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
