#include "engine/random/numpy_random.h"

#include <math.h>

#include "engine/base/double_math.h"

void numpy_random_seed(struct numpy_random *random, uint32_t seed) {
    mt19937_seed(&random->generator, seed);
    random->has_gauss = false;
    random->gauss = 0;
}

double numpy_random_sample(struct numpy_random *random) {
    uint32_t high = mt19937_next(&random->generator) >> 5;
    uint32_t low = mt19937_next(&random->generator) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

double numpy_random_uniform(struct numpy_random *random, double low,
                            double high) {
    return low + (high - low) * numpy_random_sample(random);
}

/* Marsaglia's polar method: a point of the unit disc gives two normals, of
 * which numpy returns the second first. */
double numpy_random_normal(struct numpy_random *random) {
    if (random->has_gauss) {
        random->has_gauss = false;
        return random->gauss;
    }
    double x, y, square;
    do {
        x = 2 * numpy_random_sample(random) - 1;
        y = 2 * numpy_random_sample(random) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double factor = sqrt(-2 * double_log(square) / square);
    random->gauss = factor * x;
    random->has_gauss = true;
    return factor * y;
}

static uint64_t mask_of(uint64_t maximum) {
    return UINT64_MAX >> __builtin_clzll(maximum);
}

uint64_t numpy_random_interval(struct numpy_random *random, uint64_t maximum) {
    if (maximum == 0)
        return 0;
    uint64_t mask = mask_of(maximum), value;
    do
        value = maximum <= UINT32_MAX ? mt19937_next(&random->generator)
                                      : mt19937_next64(&random->generator);
    while ((value &= mask) > maximum);
    return value;
}

void numpy_random_shuffle(struct numpy_random *random, int64_t *values,
                          size_t count) {
    for (size_t i = count; i-- > 1;) {
        size_t other = (size_t)numpy_random_interval(random, i);
        int64_t swapped = values[i];
        values[i] = values[other];
        values[other] = swapped;
    }
}

void numpy_random_permutation(struct numpy_random *random, int64_t *order,
                              size_t count) {
    for (size_t i = 0; i < count; i++)
        order[i] = (int64_t)i;
    numpy_random_shuffle(random, order, count);
}
