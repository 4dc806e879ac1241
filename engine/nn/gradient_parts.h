#ifndef ENGINE_NN_GRADIENT_PARTS_H
#define ENGINE_NN_GRADIENT_PARTS_H

/* What the checks of layers and of losses share; gradient_check.h has the
 * method. */

#include "engine/base/arena.h"
#include "engine/nn/gradient_check.h"

enum { GRADIENT_POINTS = 4 };
#define GRADIENT_STEP 0x1p-6f
/* The points of an estimate: v + offset x step. */
extern const int GRADIENT_OFFSETS[GRADIENT_POINTS];

/* What a drawn number is: between the kinks; in [1/4, 3/4); in [-1, 1); half a
 * whole number. */
enum gradient_values { BETWEEN_KINKS, PROBABILITIES, SIGNED, HALVES };

/* Between the kinks, which two and where follows from `place`, so that rows and
 * units near one another differ: layers may divide by their spread, or take the
 * largest. */
float gradient_draw(struct mt19937 *generator, enum gradient_values values,
                    size_t place);

/* [unit][row][lane]; NaN in the padding. */
void gradient_fill(struct mt19937 *generator, enum gradient_values values,
                   size_t units, struct cells cells, float *out);

/* The estimate, and what its rounding error is in proportion to. */
struct gradient_estimate {
    double value, magnitude;
};

/* Adds what `factor` x a number contributes whose values at the four points are
 * given. */
void gradient_add(struct gradient_estimate *estimate, double factor,
                  const double values[GRADIENT_POINTS]);

/* What a derivative is by, for messages. */
struct gradient_variable {
    const char *kind, *name;
    size_t index, lane;
};

enum status_code gradient_compare(struct gradient_variable variable,
                                  struct gradient_estimate estimate,
                                  float derivative, struct status *status);

float *gradient_floats(struct arena *arena, size_t count);
struct cells gradient_cells(const struct gradient_check *check);

/* The same numbers in every lane: [LAYER_COEFFICIENT_LIMIT][width]. */
const float *const *gradient_spread(struct arena *arena, size_t width,
                                    size_t count, const double *values);

#endif
