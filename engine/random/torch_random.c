#include "engine/random/torch_random.h"

#include <assert.h>
#include <math.h>

/* Words drawn at a time: a few kilobytes of stack. */
enum { BLOCK = 512 };

static size_t block_of(size_t left) {
    return left < BLOCK ? left : BLOCK;
}

static inline float rand_of(uint32_t word) {
    return (float)(int32_t)(word & 0xffffff) * 0x1p-24f;
}

void torch_seed(struct torch_generator *generator, uint32_t seed) {
    mt19937_seed(&generator->twister, seed);
    generator->has_normal = false;
}

void torch_rand(struct mt19937 *generator, float *values, size_t count) {
    uint32_t words[BLOCK];
    while (count) {
        size_t block = block_of(count);
        mt19937_fill(generator, words, block);
        for (size_t i = 0; i < block; i++)
            values[i] = rand_of(words[i]);
        values += block;
        count -= block;
    }
}

void torch_uniform(struct mt19937 *generator, double from, double to,
                   float *values, size_t count) {
    float first = (float)from, width = (float)to - first;
    torch_rand(generator, values, count);
    for (size_t i = 0; i < count; i++)
        values[i] = fmaf(values[i], width, first);
}

/* words[i] %= divisor - i, for divisor - i > 1, without an integer division:
 * word / divisor is less than 2^32, so rounding it to 53 bits cannot reach the
 * next whole number, and its whole part is the exact quotient, which fits an
 * int32_t since the divisor is at least 2. SSE2 and NEON convert only signed
 * words, hence the shift by 2^31. */
static void reduce_words(uint32_t *words, size_t count, size_t divisor) {
    const double half = 0x1p31;
    int32_t least = (int32_t)(divisor - count);
    for (size_t i = 0; i < count; i++) {
        int32_t current = least + (int32_t)(count - i);
        double word = (double)(int32_t)(words[i] ^ 0x80000000u) + half;
        uint32_t quotient = (uint32_t)(int32_t)(word / (double)current);
        words[i] -= quotient * (uint32_t)current;
    }
}

void torch_randperm(struct mt19937 *generator, uint32_t *order, size_t count) {
    assert(count <= INT32_MAX);
    uint32_t words[BLOCK];
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    for (size_t done = 0; done + 1 < count;) {
        size_t block = block_of(count - 1 - done);
        mt19937_fill(generator, words, block);
        reduce_words(words, block, count - done);
        uint32_t *first = order + done;
        for (size_t i = 0; i < block; i++) {
            uint32_t *other = first + i + words[i];
            uint32_t swapped = first[i];
            first[i] = *other;
            *other = swapped;
        }
        done += block;
    }
}

void torch_loader_begin_epoch(struct mt19937 *generator, int shuffle,
                              uint32_t *order, size_t count) {
    mt19937_skip(generator, 2);
    if (shuffle) {
        torch_randperm(generator, order, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
}

void torch_loader_end_epoch(struct mt19937 *generator, int shuffle,
                            size_t count) {
    if (shuffle && count > 1)
        mt19937_skip(generator, count - 1);
}
