#include "engine/random/mt19937.h"

enum { MIDDLE = 397 };

static const uint32_t MATRIX = 0x9908b0df;

void mt19937_seed(struct mt19937 *generator, uint32_t seed) {
    uint32_t *state = generator->state;
    state[0] = seed;
    for (uint32_t i = 1; i < MT19937_WORDS; i++)
        state[i] =
            UINT32_C(1812433253) * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
    generator->next = MT19937_WORDS;
}

static inline uint32_t twisted(uint32_t word, uint32_t following,
                               uint32_t middle) {
    uint32_t mixed = (word & 0x80000000u) | (following & 0x7fffffffu);
    return middle ^ (mixed >> 1) ^ (-(mixed & 1) & MATRIX);
}

/* Makes the next MT19937_WORDS words. Each loop reads only words that it does
 * not write, or writes them long before it reads them, so compilers can
 * vectorize both. */
static void twist(struct mt19937 *generator) {
    uint32_t *state = generator->state;
    const size_t rest = MT19937_WORDS - MIDDLE;
    for (size_t i = 0; i < rest; i++)
        state[i] = twisted(state[i], state[i + 1], state[i + MIDDLE]);
    for (size_t i = rest; i < MT19937_WORDS - 1; i++)
        state[i] = twisted(state[i], state[i + 1], state[i - rest]);
    state[MT19937_WORDS - 1] =
        twisted(state[MT19937_WORDS - 1], state[0], state[MIDDLE - 1]);
    generator->next = 0;
}

static inline uint32_t tempered(uint32_t word) {
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680u;
    word ^= (word << 15) & 0xefc60000u;
    return word ^ (word >> 18);
}

uint32_t mt19937_next(struct mt19937 *generator) {
    if (generator->next == MT19937_WORDS)
        twist(generator);
    return tempered(generator->state[generator->next++]);
}

uint64_t mt19937_next64(struct mt19937 *generator) {
    uint64_t high = mt19937_next(generator);
    return high << 32 | mt19937_next(generator);
}

/* How many of `count` words are left before the next twist, which is made
 * first where none is. */
static size_t words_ready(struct mt19937 *generator, size_t count) {
    if (generator->next == MT19937_WORDS && count)
        twist(generator);
    size_t left = MT19937_WORDS - generator->next;
    return count < left ? count : left;
}

void mt19937_fill(struct mt19937 *generator, uint32_t *words, size_t count) {
    while (count) {
        size_t ready = words_ready(generator, count);
        const uint32_t *state = generator->state + generator->next;
        for (size_t i = 0; i < ready; i++)
            words[i] = tempered(state[i]);
        generator->next += (uint32_t)ready;
        words += ready;
        count -= ready;
    }
}

void mt19937_skip(struct mt19937 *generator, size_t count) {
    while (count) {
        size_t ready = words_ready(generator, count);
        generator->next += (uint32_t)ready;
        count -= ready;
    }
}
