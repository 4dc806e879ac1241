/* Mersenne Twisters in step, and the shuffles they draw. */

#include "engine/kernel/lanes.h"

enum { MIDDLE = 397 };

V_INLINE vbits twisted(vbits word, vbits following, vbits middle) {
    const vbits mixed = (word & 0x80000000u) | (following & 0x7fffffffu);
    return middle ^ (mixed >> 1) ^ (-(mixed & 1u) & 0x9908b0dfu);
}

V_INLINE vbits tempered(vbits word) {
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680u;
    word ^= (word << 15) & 0xefc60000u;
    return word ^ (word >> 18);
}

static uint32_t twisted_one(uint32_t word, uint32_t following,
                            uint32_t middle) {
    const uint32_t mixed = (word & 0x80000000u) | (following & 0x7fffffffu);
    return middle ^ (mixed >> 1) ^ (-(mixed & 1u) & 0x9908b0dfu);
}

/* Makes `count` words in place, each from itself, from the one at the same
 * place of `following` and from that of `middle`. Where these overlap what is
 * written, they are read long after or before. */
static void twist_words(uint32_t *words, size_t count,
                        const uint32_t *following, const uint32_t *middle) {
    size_t i = 0;
    for (; i + KERNEL_WIDTH <= count; i += KERNEL_WIDTH)
        v_store_bits(words + i,
                     twisted(v_load_bits(words + i), v_load_bits(following + i),
                             v_load_bits(middle + i)));
    for (; i < count; i++)
        words[i] = twisted_one(words[i], following[i], middle[i]);
}

/* The next KERNEL_TWISTER_WORDS words of every twister. */
static void twist(struct twisters *twisters) {
    const size_t lanes = twisters->lanes;
    const size_t rest = (KERNEL_TWISTER_WORDS - MIDDLE) * lanes;
    const size_t last = (KERNEL_TWISTER_WORDS - 1) * lanes;
    uint32_t *state = twisters->state;
    twist_words(state, rest, state + lanes, state + MIDDLE * lanes);
    twist_words(state + rest, last - rest, state + rest + lanes, state);
    twist_words(state + last, lanes, state, state + last - rest);
    twisters->next = 0;
}

/* How many of `count` words are left before the next twist, which is made
 * first where none is. */
static size_t words_ready(struct twisters *twisters, size_t count) {
    if (twisters->next == KERNEL_TWISTER_WORDS && count > 0)
        twist(twisters);
    const size_t left = KERNEL_TWISTER_WORDS - twisters->next;
    return count < left ? count : left;
}

void LANES(twisters_skip)(struct twisters *twisters, size_t count) {
    while (count > 0) {
        const size_t ready = words_ready(twisters, count);
        twisters->next += ready;
        count -= ready;
    }
}

/* word mod divisor, `reciprocal` being floor(2^32 / divisor): the quotient is
 * right or one too small. */
V_INLINE vbits remainder_of(vbits word, vbits divisor, vbits reciprocal) {
    const vbits quotient = v_product_high(word, reciprocal);
    const vbits rest = word - quotient * divisor;
    return v_low(rest, rest - divisor);
}

/* How far behind itself each of `steps` elements finds its partner:
 * distance[step][lane], in elements of the order's array. The first step
 * divides by `divisor`, each later one by one less. Rounded up to whole
 * vectors. */
V_INLINE void draw_distances(const struct twisters *twisters, size_t steps,
                             size_t divisor, const uint32_t *reciprocals,
                             const size_t lanes, uint32_t *distance) {
    static const uint32_t first[KERNEL_WIDTH_LIMIT] = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const uint32_t *words = twisters->state + twisters->next * lanes;
    const size_t steps_a_vector = KERNEL_WIDTH / lanes;
    vbits current = v_set_bits((uint32_t)divisor);
    if (steps_a_vector > 1)
        current -= v_load_bits(first);
    for (size_t step = 0; step < steps; step += steps_a_vector) {
        const vbits reciprocal = steps_a_vector > 1
                                     ? v_load_bits(reciprocals + step)
                                     : v_set_bits(reciprocals[step]);
        const vbits word = tempered(v_load_bits(words + step * lanes));
        v_store_bits(distance + step * lanes,
                     remainder_of(word, current, reciprocal) * (uint32_t)lanes);
        current -= (uint32_t)steps_a_vector;
    }
}

/* Lanes take turns, so that a swap seldom waits for the one before. */
V_INLINE void swap_elements(size_t steps, const size_t lanes,
                            const uint32_t *distance, uint32_t *order) {
    for (size_t step = 0; step < steps; step++)
#pragma GCC unroll 16
        for (size_t lane = 0; lane < lanes; lane++) {
            uint32_t *one = order + step * lanes + lane;
            uint32_t *other = one + distance[step * lanes + lane];
            const uint32_t swapped = *one;
            *one = *other;
            *other = swapped;
        }
}

V_INLINE void shuffle(struct twisters *twisters, size_t count,
                      const size_t lanes, const uint32_t *reciprocals,
                      uint32_t *order) {
    enum { STEPS = 64 };
    uint32_t distance[STEPS * KERNEL_WIDTH];
    for (size_t done = 0; done + 1 < count;) {
        const size_t left = count - 1 - done;
        const size_t steps = words_ready(twisters, left < STEPS ? left : STEPS);
        draw_distances(twisters, steps, count - done, reciprocals + done, lanes,
                       distance);
        swap_elements(steps, lanes, distance, order + done * lanes);
        twisters->next += steps;
        done += steps;
    }
}

void LANES(twisters_shuffle)(struct twisters *twisters, size_t count,
                             const uint32_t *reciprocals, uint32_t *order) {
    if (twisters->lanes == KERNEL_WIDTH)
        shuffle(twisters, count, KERNEL_WIDTH, reciprocals, order);
    else
        shuffle(twisters, count, 1, reciprocals, order);
}
