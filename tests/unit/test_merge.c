/* One config over another, and files that extend files. */

#include "tests/unit/tree_fixtures.h"

#include <sys/stat.h>

#include "runner/config/merge.h"

static void assert_merged(const char *base, const char *over,
                          const char *wanted) {
    struct tree tree = read_tree(base);
    struct tree other = read_tree(over);
    tree.root = merge_nodes(&tree, tree.root, tree_copy(&tree, other.root), "");
    assert_node(tree.root, wanted);
    tree_release(&tree);
    tree_release(&other);
}

static void test_maps_merge_and_the_rest_replaces(void **state) {
    (void)state;
    assert_merged("{a: 1, b: {c: 2, d: 3}}", "{b: {d: 4, e: 5}, f: 6}",
                  "{a: 1, b: {c: 2, d: 4, e: 5}, f: 6}");
    assert_merged("{a: [1, 2, 3]}", "{a: [4]}", "{a: [4]}");
    assert_merged("{a: [1]}", "{a: {b: 1}}", "{a: {b: 1}}");
    assert_merged("{a: {b: 1}}", "{a: [1]}", "{a: [1]}");
    assert_merged("{a: {b: 1}}", "{a: }", "{a: }");
    assert_merged("{a: 5}", "{a: {b: 1}}", "{a: {b: 1}}");
    assert_merged("{columns: [x, y]}", "{columns: {start: 0, stop: 2}}",
                  "{columns: {start: 0, stop: 2}}");
    assert_merged("{a: {b: 1}}", "{}", "{a: {b: 1}}");
}

static void test_types(void **state) {
    (void)state;
    assert_merged("{o: {type: sgd, lr: 1}}", "{o: {type: adam, eps: 2}}",
                  "{o: {type: adam, eps: 2}}");
    assert_merged("{o: {type: sgd, lr: 1}}", "{o: {type: sgd, momentum: 2}}",
                  "{o: {type: sgd, lr: 1, momentum: 2}}");
    assert_merged("{o: {type: sgd, lr: 1}}", "{o: {lr: 2}}",
                  "{o: {type: sgd, lr: 2}}");
    assert_merged("{o: {lr: 1}}", "{o: {type: sgd}}",
                  "{o: {lr: 1, type: sgd}}");
    assert_merged("{o: {type: sgd, lr: 1}}", "{o: sgd}",
                  "{o: {type: sgd, lr: 1}}");
    assert_merged("{o: {type: sgd, lr: 1}}", "{o: adam}", "{o: adam}");
    assert_merged("{o: sgd}", "{o: {lr: 1}}", "{o: {type: sgd, lr: 1}}");
    assert_merged("{o: sgd}", "{o: {type: adam, lr: 1}}",
                  "{o: {type: adam, lr: 1}}");
    assert_merged("{o: sgd}", "{o: adam}", "{o: adam}");
}

static void test_rivals(void **state) {
    (void)state;
    assert_merged("{train: {steps: 1, lr: 2}}", "{train: {epochs: 3}}",
                  "{train: {lr: 2, epochs: 3}}");
    assert_merged("{train: {epochs: 1}}", "{train: {steps: 3}}",
                  "{train: {steps: 3}}");
    assert_merged("{train: {steps: 1}}", "{train: {epochs: 3, steps: 4}}",
                  "{train: {epochs: 3, steps: 4}}");
    assert_merged("{train: {steps: 1}}", "{train: {epochs: }}",
                  "{train: {steps: 1, epochs: }}");
    assert_merged("{other: {steps: 1}}", "{other: {epochs: 3}}",
                  "{other: {steps: 1, epochs: 3}}");
}

static void test_bare_preprocess_list(void **state) {
    (void)state;
    assert_merged("{data: {preprocess: [a]}}",
                  "{data: {preprocess: {targets: [b]}}}",
                  "{data: {preprocess: {features: [a], targets: [b]}}}");
    assert_merged("{data: {preprocess: {targets: [b]}}}",
                  "{data: {preprocess: [a]}}", "{data: {preprocess: [a]}}");
}

/* Files in a folder of their own, removed at the end. */
static char folder[] = "/tmp/test_merge_XXXXXX";

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    return chdir(folder);
}

static int remove_folder(void **state) {
    (void)state;
    char command[64];
    if (chdir("/") != 0)
        return -1;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) < 0, 0);
    assert_int_equal(fclose(file), 0);
}

static void test_a_chain_of_files(void **state) {
    (void)state;
    assert_int_equal(mkdir("deep", 0777), 0);
    write_file("deep/base.yaml", "seed: 1\ndata: {path: x.h5, key: k}\n");
    write_file("middle.yaml", "extends: deep/base.yaml\nseed: 2\nname: m\n");
    write_file("deep/top.yaml", "name: t\nextends: ../middle.yaml\n");
    struct problems problems = {0};
    struct tree tree;
    tree_read(&tree, "deep/top.yaml", &problems);
    assert_int_equal(problems.count, 0);
    assert_node(tree.root, "{seed: 2, data: {path: x.h5, key: k}, name: t}");
    const struct source *top = tree.root->position.source;
    assert_string_equal(top->name, "deep/top.yaml");
    assert_string_equal(top->folder, "deep");
    struct position seed = node_find(tree.root, "seed")->key_position;
    assert_string_equal(seed.source->name, "deep/../middle.yaml");
    assert_int_equal(seed.line, 2);
    const struct node *path =
        node_member(node_member(tree.root, "data"), "path");
    assert_string_equal(path->position.source->folder, "deep/../deep");
    assert_int_equal(path->position.column, 14);
    tree_release(&tree);
}

static void assert_refused(const char *path, const char *wanted) {
    struct problems problems = {0};
    struct tree tree;
    tree_read(&tree, path, &problems);
    assert_null(tree.root);
    tree_release(&tree);
    assert_first_lines(&problems, wanted);
}

static void test_chains_that_fail(void **state) {
    (void)state;
    write_file("self.yaml", "extends: ./self.yaml\n");
    assert_refused("self.yaml", "self.yaml:1:10: error: extends: ./self.yaml "
                                "extends itself, here at last");
    write_file("ping.yaml", "a: 1\nextends: pong.yaml\n");
    write_file("pong.yaml", "extends: ping.yaml\n");
    assert_refused("ping.yaml", "pong.yaml:1:10: error: extends: ping.yaml "
                                "extends itself, here at last");
    write_file("lost.yaml", "extends: nowhere.yaml\n");
    assert_refused("lost.yaml", "lost.yaml:1:10: error: extends: nowhere.yaml: "
                                "no such file");
    write_file("list.yaml", "extends: [a.yaml]\n");
    assert_refused("list.yaml", "list.yaml:1:10: error: extends: the path of "
                                "one config is expected");
    write_file("none.yaml", "extends:\nseed: 1\n");
    assert_refused("none.yaml", "none.yaml:1:9: error: extends: the path of "
                                "one config is expected");
    write_file("broken.yaml", "a: [\n");
    write_file("over.yaml", "extends: broken.yaml\n");
    assert_refused("over.yaml",
                   "broken.yaml:1:4: error: the '[' here is not closed");
}

static void test_a_chain_that_is_too_long(void **state) {
    (void)state;
    char name[32], text[64];
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "long%d.yaml", i);
        snprintf(text, sizeof text, "extends: long%d.yaml\nk%d: 1\n", i + 1, i);
        write_file(name, i < 19 ? text : "last: 1\n");
    }
    assert_refused("long0.yaml", "long16.yaml:1:10: error: extends: a chain of "
                                 "more than 16 files");
    struct problems problems = {0};
    struct tree tree;
    tree_read(&tree, "long3.yaml", &problems);
    assert_int_equal(problems.count, 0);
    assert_int_equal(tree.root->count, 17);
    tree_release(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maps_merge_and_the_rest_replaces),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_rivals),
        cmocka_unit_test(test_bare_preprocess_list),
        cmocka_unit_test(test_a_chain_of_files),
        cmocka_unit_test(test_chains_that_fail),
        cmocka_unit_test(test_a_chain_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
