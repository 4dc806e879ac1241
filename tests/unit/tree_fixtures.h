#ifndef TESTS_UNIT_TREE_FIXTURES_H
#define TESTS_UNIT_TREE_FIXTURES_H

/* What the tests of runner/config's trees share. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/config/tree.h"

/* Writes a node as one line of flow YAML, quoted scalars in single quotes. */
static inline void write_node(struct text *out, const struct node *node) {
    const char *brackets = node->kind == NODE_MAP ? "{}" : "[]";
    if (node->kind == NODE_SCALAR) {
        text_print(out, node->quoted ? "'%s'" : "%s", node->text);
        return;
    }
    text_add_char(out, brackets[0]);
    for (size_t i = 0; i < node->count; i++) {
        if (i)
            text_add(out, ", ");
        if (node->kind == NODE_MAP)
            text_print(out, "%s: ", node->members[i].key);
        write_node(out, node->members[i].value);
    }
    text_add_char(out, brackets[1]);
}

static inline void assert_node(const struct node *node, const char *wanted) {
    struct text out = TEXT_INIT;
    assert_non_null(node);
    write_node(&out, node);
    assert_string_equal(text_string(&out), wanted);
    text_release(&out);
}

/* Reads a config from a string, which must be faultless. */
static inline struct tree read_tree(const char *text) {
    struct problems problems = {0};
    struct tree tree;
    tree_read_text(&tree, "a.yaml", text, strlen(text), &problems);
    assert_int_equal(problems.count, 0);
    assert_non_null(tree.root);
    return tree;
}

static inline void assert_printed(struct problems *problems,
                                  const char *wanted) {
    struct text out = TEXT_INIT;
    problems_print(problems, &out);
    assert_string_equal(text_string(&out), wanted);
    text_release(&out);
    problems_release(problems);
}

/* The first lines of what is printed for each problem, without the rest. */
static inline void assert_first_lines(struct problems *problems,
                                      const char *wanted) {
    struct text out = TEXT_INIT;
    size_t count = problems->count;
    problems_print(problems, &out);
    struct text lines = TEXT_INIT;
    char *rest = out.bytes;
    for (size_t i = 0; i < count && rest; i++) {
        char *line = strsep(&rest, "\n");
        text_print(&lines, "%s%s", i ? "\n" : "", line);
        if (strncmp(line, "error: ", 7) != 0) {
            strsep(&rest, "\n");
            strsep(&rest, "\n");
        }
    }
    assert_string_equal(text_string(&lines), wanted);
    text_release(&lines);
    text_release(&out);
    problems_release(problems);
}

/* Seconds of this process' own work since `start`. */
static inline double seconds_since(clock_t start) {
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

#endif
