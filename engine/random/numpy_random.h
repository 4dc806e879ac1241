#ifndef ENGINE_RANDOM_NUMPY_RANDOM_H
#define ENGINE_RANDOM_NUMPY_RANDOM_H

/* numpy.random.RandomState's draws: integers and uniforms bit for bit, normals
 * within 1 ulp (their log is double_log()). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/random/mt19937.h"

struct numpy_random {
    struct mt19937 generator;
    bool has_gauss; /* the second of the last pair of normals waits */
    double gauss;
};

void numpy_random_seed(struct numpy_random *random, uint32_t seed);

/* random_sample(): 53 bits in [0, 1), two words. */
double numpy_random_sample(struct numpy_random *random);

/* uniform(low, high): low + (high - low) * random_sample(). */
double numpy_random_uniform(struct numpy_random *random, double low,
                            double high);

/* randn(), the legacy polar method. normal(loc, scale) is loc + scale * it. */
double numpy_random_normal(struct numpy_random *random);

/* A whole number in [0, maximum], both included, by masked rejection; 0 draws
 * nothing. randint(low, high) is low + interval(high - low - 1). */
uint64_t numpy_random_interval(struct numpy_random *random, uint64_t maximum);

/* shuffle(x) of a list of row numbers, and permutation(n) into `order`. */
void numpy_random_shuffle(struct numpy_random *random, int64_t *values,
                          size_t count);
void numpy_random_permutation(struct numpy_random *random, int64_t *order,
                              size_t count);

#endif
