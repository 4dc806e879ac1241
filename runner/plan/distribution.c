#include "runner/plan/distribution.h"

#include <assert.h>
#include <math.h>

#include "engine/base/double_math.h"
#include "runner/plan/number_sequence.h"

/* rint() rounds half to even, in the one rounding mode there is. */
static double round_to(const struct distribution *distribution, double x) {
    const struct distribution_kind *kind = distribution->kind;
    if (kind->is_integer)
        return rint(x);
    return kind->has_q ? distribution->q * rint(x / distribution->q) : x;
}

double distribution_draw(const struct distribution *distribution,
                         struct numpy_random *random) {
    const struct distribution_kind *kind = distribution->kind;
    assert(!kind->is_integer);
    double x;
    if (kind->shape == SHAPE_NORMAL)
        x = distribution->mu +
            distribution->sigma * numpy_random_normal(random);
    else if (kind->is_log)
        x = numpy_random_uniform(random, double_log(distribution->minimum),
                                 double_log(distribution->maximum));
    else
        x = numpy_random_uniform(random, distribution->minimum,
                                 distribution->maximum);
    return round_to(distribution, kind->is_log ? double_exp(x) : x);
}

void distribution_points(const struct distribution *distribution, size_t count,
                         double *numbers) {
    assert(distribution->kind->shape == SHAPE_UNIFORM);
    void (*space)(double, double, size_t, double *) =
        distribution->kind->is_log ? geomspace : linspace;
    space(distribution->minimum, distribution->maximum, count, numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = round_to(distribution, numbers[i]);
}
