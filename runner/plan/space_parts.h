#ifndef RUNNER_PLAN_SPACE_PARTS_H
#define RUNNER_PLAN_SPACE_PARTS_H

/* What the files that build a space share. */

#include "runner/config/reader.h"
#include "runner/plan/space.h"

struct space_reader {
    struct reader reader; /* the tree, the problems */
    struct space *space;
    struct node *root;
    const struct node *sweep; /* NULL: none */
    struct position position; /* of the sweep, or the first argument */
    size_t capacity;          /* of axes */
    uint64_t max_runs;        /* 0: not given */
};

/* Adds an axis, or puts it in the place of the one on the same path. A path
 * that a file sweeps twice, or that no sweep may have, is a problem. */
void space_add_axis(struct space_reader *reader, struct axis axis,
                    const struct place *place);

/* A parameter's values out of its node; false if there was a problem. */
bool axis_read(struct space_reader *reader, const struct place *place,
               const struct node *node, struct axis *axis);

/* The values are seeds: whole numbers from 0 to 4294967295. */
bool axis_check_seeds(struct space_reader *reader, const struct place *place,
                      const struct axis *axis);

/* Reads a command-line argument; false if there was a problem. */
bool axis_text_read(struct space_reader *reader, const char *argument,
                    struct axis *axis);

/* The path of an axis with positions in place of layers' names. */
const char *space_canonical_path(struct tree *tree, struct node *root,
                                 const char *path);

/* Orders the axes, forms groups, counts, draws. */
void space_arrange(struct space_reader *reader);
void space_draw(struct space_reader *reader);

/* The parts of a sweep that speak of its axes; none need be there. */
void space_read_zip(struct space_reader *reader, const struct place *sweep);
void space_read_metric(struct space_reader *reader, const struct place *sweep);
void space_read_where(struct space_reader *reader, const struct place *sweep);

/* The axis on that path, or NULL. */
struct axis *space_find_axis(const struct space *space, const char *canonical);

#endif
