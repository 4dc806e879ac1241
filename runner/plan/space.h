#ifndef RUNNER_PLAN_SPACE_H
#define RUNNER_PLAN_SPACE_H

/* What a sweep spans: axes, and every combination of their values by number.
 *
 * Axes come from a config's `sweep` and from the command line. Those that
 * advance together (sweep.zip) form a group; every other axis is a group of
 * its own. Groups stand in plan order: seeds outermost, then as in the file,
 * the command line's last; the last varies fastest. A group with a seed in it
 * counts as seeds.
 *
 * In a grid every group is crossed with every other. In a random sweep the
 * seeds are crossed with `max_runs` draws of all other groups, the draw varying
 * fastest: an axis of values draws its value's index, randint(0, n), a zip
 * group draws one index, an axis of integers randint(min, max + 1), the others
 * numbers (distribution.h); probabilities as numpy's choice(p=) has them: the
 * index of random_sample() among the cumulated ones, from the right. One value
 * without probabilities takes nothing from the generator. So a longer axis of a
 * grid, or a larger max_runs, leaves every combination there was.
 *
 * Combinations are not kept, but computed from their number; draws take 8 bytes
 * an axis.
 */

#include "engine/base/arena.h"
#include "engine/base/number.h"
#include "engine/train/trainer.h"
#include "runner/config/tree.h"
#include "runner/plan/distribution.h"
#include "runner/plan/expression.h"

/* More combinations than this are refused, with their number. */
enum { SPACE_LIMIT = 10000000 };

enum axis_kind {
    AXIS_NODES,    /* values as written */
    AXIS_INTEGERS, /* first, first + step, … */
    AXIS_NUMBERS,  /* a stored number each */
    AXIS_DRAWN,    /* a stored number each draw */
};

struct axis {
    const char *path;         /* as written, the tree's */
    struct position position; /* of the path */
    bool is_seed;             /* the path ends in `seed` */
    enum axis_kind kind;
    uint64_t count; /* of values; AXIS_DRAWN: 0 */

    const struct node *const *nodes; /* AXIS_NODES */
    int64_t first, step;             /* AXIS_INTEGERS */
    const double *numbers;           /* AXIS_NUMBERS */
    bool is_whole;           /* numbers are written as integers, up to 2^53 */
    const double *cumulated; /* [count]; NULL: every value alike */
    struct distribution distribution; /* AXIS_DRAWN */

    struct position value_position; /* of the axis' values in the text */
    size_t order; /* while reading: as in the file, then the command line */
    const char *canonical; /* the path with positions for names */
    size_t zip; /* which list of sweep.zip it is in, from 1; 0: none */
};

struct axis_group {
    size_t first, count; /* of its axes, which stand together */
    bool is_crossed;     /* a grid's, and seeds */
    uint64_t values;     /* AXIS_DRAWN: 0 */
    uint64_t stride;     /* combinations before its value changes; crossed */
    size_t column;       /* among the numbers of a draw; not crossed */
};

union space_draw {
    double number;
    uint64_t index;
};

enum space_method { SPACE_GRID, SPACE_RANDOM };

struct space {
    enum space_method method;
    struct axis *axes; /* in plan order */
    size_t axis_count;
    struct axis_group *groups;
    size_t group_count;

    uint64_t draws; /* max_runs; of a grid 1 */
    uint32_t random_state;
    union space_draw *drawn; /* [draws][columns] */
    size_t columns;

    /* What the best run is judged by; has_metric false: nothing was said. */
    bool has_metric, is_maximized;
    struct part_metric metric;

    /* sweep.where: combinations for which it is false are not run. They count
     * here. */
    const struct node *where_node; /* NULL: all are */
    struct expression where;

    uint64_t count;
    struct arena arena; /* numbers and draws */
};

/* True for a command-line argument that space_init() is to have: PATH=VALUE
 * with an axis on the right ("0.01,0.1", "1..100", range(…), linspace(…),
 * geomspace(…); logspace too, which is refused there), or on a swept PATH.
 * `root` may be NULL. */
bool space_takes(struct node *root, const char *argument);

/* Reads the tree's `sweep`, and takes it out of the tree, and the arguments for
 * which space_takes() holds, in the order typed: on a swept path an axis
 * replaces that one in place. Mistakes are problems at their lines; a space
 * that has any has no combinations, and must be released all the same. Without
 * a sweep and arguments there is one combination of no values. Nodes and texts
 * are the tree's, which must live as long. */
void space_init(struct space *space, struct tree *tree,
                const char *const *arguments, size_t argument_count,
                struct problems *problems);
void space_release(struct space *space);

/* One combination's values at a time. `values[i]` is of axes[i]; the node is
 * the tree's or the point's and serves until the next space_point(); copy it
 * (tree_copy()) to put it into a tree. */
struct space_point {
    const struct node **values;
    struct node *nodes;              /* for values that are computed */
    char (*texts)[NUMBER_TEXT_SIZE]; /* theirs */
};

void space_point_init(struct space_point *point, const struct space *space);
void space_point_release(struct space_point *point);

/* The combination of this number in plan order, below space->count. Allocates
 * nothing. */
void space_point_set(struct space_point *point, const struct space *space,
                     uint64_t index);

/* The value of one axis by its number, below axis->count, into a point's slot;
 * what axes look like in plan.json. Not AXIS_DRAWN. */
const struct node *space_axis_value(struct space_point *point,
                                    const struct space *space, size_t axis,
                                    uint64_t index);

#endif
