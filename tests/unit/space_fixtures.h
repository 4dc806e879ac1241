#ifndef TESTS_UNIT_SPACE_FIXTURES_H
#define TESTS_UNIT_SPACE_FIXTURES_H

/* Sweeps and the runs they span, as one line of text. */

#include "runner/plan/space.h"
#include "tests/unit/tree_fixtures.h"

static const char CONFIG[] =
    "seed: 1\nmodel: {layers: [{type: linear, out_features: 4, name: hidden}, "
    "relu]}\n";

/* "a=1 b=x | a=2 b=x": the first runs of a sweep with these arguments. */
static inline void write_runs(const char *sweep, const char *const *arguments,
                              struct problems *problems, struct text *out) {
    struct text text = TEXT_INIT;
    text_print(&text, "%s%s%s\n", CONFIG, *sweep ? "sweep: " : "", sweep);
    struct tree tree = read_tree(text.bytes);
    size_t count = 0;
    while (arguments && arguments[count]) {
        assert_true(space_takes(tree.root, arguments[count]));
        count++;
    }
    struct space space;
    struct space_point point;
    space_init(&space, &tree, arguments, count, problems);
    space_point_init(&point, &space);
    for (uint64_t i = 0; i < space.count && i < 12; i++) {
        space_point_set(&point, &space, i);
        text_add(out, i ? "|" : "");
        for (size_t axis = 0; axis < space.axis_count; axis++) {
            text_print(out, "%s%s=", axis ? " " : "", space.axes[axis].path);
            write_node(out, point.values[axis]);
        }
    }
    space_point_release(&point);
    space_release(&space);
    tree_release(&tree);
    text_release(&text);
}

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
