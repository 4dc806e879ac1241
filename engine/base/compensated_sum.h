#ifndef ENGINE_BASE_COMPENSATED_SUM_H
#define ENGINE_BASE_COMPENSATED_SUM_H

/* A running sum in binary64 whose error does not grow with the number of terms
 * (Neumaier 1974): terms ascending, each addition's rounding error kept apart.
 */

#include <math.h>

struct compensated_sum {
    double sum, error;
};

static inline void compensated_add(struct compensated_sum *sum, double term) {
    double next = sum->sum + term;
    if (fabs(sum->sum) >= fabs(term))
        sum->error += (sum->sum - next) + term;
    else
        sum->error += (term - next) + sum->sum;
    sum->sum = next;
}

static inline double compensated_value(const struct compensated_sum *sum) {
    return sum->sum + sum->error;
}

#endif
