#ifndef ENGINE_DATA_GENERATORS_H
#define ENGINE_DATA_GENERATORS_H

/* scikit-learn 1.2's make_circles, make_moons, make_blobs
 * (sklearn/datasets/_samples_generator.py): the same operations on the same
 * draws of numpy's RandomState in the same order. What differs is sin, cos and
 * log, which are double_math.h's: points of circles and moons agree to 4.5e-16,
 * a normal to one unit in its last place (all but a few in ten thousand are
 * equal).
 *
 * Order of draws: (blobs: centres row by row, then the points centre by
 * centre,) then the shuffle, then (circles, moons) the noise row by row.
 */

#include "engine/base/arena.h"
#include "engine/base/field.h"

/* More rows are refused before memory is taken. */
#define GENERATED_ROWS_LIMIT 10000000

/* So are more numbers, rows x columns. */
#define GENERATED_CELLS_LIMIT ((int64_t)1 << 28)

/* Where neither centers nor a list of counts says otherwise. */
#define BLOBS_CENTERS 3

struct generator_options {
    int64_t n_samples;
    /* In its place: how many of each class. Circles and moons have two. */
    struct field_integers n_samples_each;
    int64_t random_state;
    double scale; /* features are multiplied by it, last of all */
    bool shuffle;
};

struct circles_options {
    struct generator_options common;
    struct field_optional_number noise; /* absent: no draws */
    double factor;                      /* inner radius / outer radius */
};

struct moons_options {
    struct generator_options common;
    struct field_optional_number noise;
};

struct blobs_options {
    struct generator_options common;
    int64_t n_features;
    /* How many; there is no number where n_samples is a list. */
    struct field_optional_integer centers;
    /* In its place: where they are. They draw nothing, and n_features and
     * center_box say nothing. */
    struct field_points center_points;
    double cluster_std;
    struct field_numbers cluster_std_each; /* in its place: one a centre */
    struct field_numbers center_box;       /* low, high */
};

struct generated {
    size_t rows, columns;
    double *features; /* [column][row] */
    double *targets;  /* [row]: 0, 1, … */
};

/* Rows in all. */
int64_t generated_rows(const struct generator_options *options);
size_t blobs_count_centers(const struct blobs_options *options);
size_t blobs_count_columns(const struct blobs_options *options);

/* Each takes its memory from `arena`, which afterwards may have failed: then
 * the result is not to be used. */
void make_circles(const struct circles_options *options, struct arena *arena,
                  struct generated *made);
void make_moons(const struct moons_options *options, struct arena *arena,
                struct generated *made);
void make_blobs(const struct blobs_options *options, struct arena *arena,
                struct generated *made);

#endif
