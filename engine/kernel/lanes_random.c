/* Mersenne Twisters in step, and what they draw: shuffles, dropout. */

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

/* The next `count` words of every twister: words[word][lane]. Up to a vector
 * may be written behind them. */
V_INLINE void draw_words(struct twisters *twisters, size_t count,
                         const size_t lanes, uint32_t *words) {
    while (count > 0) {
        const size_t ready = words_ready(twisters, count);
        const uint32_t *from = twisters->state + twisters->next * lanes;
        for (size_t i = 0; i < ready * lanes; i += KERNEL_WIDTH)
            v_store_bits(words + i, tempered(v_load_bits(from + i)));
        words += ready * lanes;
        twisters->next += ready;
        count -= ready;
    }
}

/* kernels_dropout()'s numbers: (1 - p) 2^53 in two words. */
struct kept {
    uint32_t high[KERNEL_WIDTH], low[KERNEL_WIDTH];
    const float *scale;
};

static void kept_init(struct kept *kept, const float *const *numbers) {
    for (size_t lane = 0; lane < KERNEL_WIDTH; lane++) {
        kept->high[lane] = (uint32_t)numbers[0][lane];
        kept->low[lane] =
            (uint32_t)numbers[1][lane] << 16 | (uint32_t)numbers[2][lane];
    }
    kept->scale = numbers[3];
}

enum { UPPER_BITS = 0x1fffff }; /* of 53, in the first word */

/* Lanes form: an element is a vector. What is drawn less `kept` is below 0 just
 * where it is the lesser; neither has more than 54 bits. */
V_INLINE void vectors_kept(const struct kept *kept, size_t count,
                           const uint32_t *words, float *factors,
                           size_t stride) {
    const vbits high = v_load_bits(kept->high), low = v_load_bits(kept->low);
    const vfloat scale = v_load(kept->scale);
    for (size_t i = 0; i < count; i++) {
        const vbits upper = v_load_bits(words) & UPPER_BITS;
        const vbits lower = v_load_bits(words + KERNEL_WIDTH);
        const vbits rest = upper - high + v_below(lower, low);
        v_store(factors,
                v_select(v_is_negative(v_float(rest)), scale, v_set(0)));
        words += 2 * KERNEL_WIDTH;
        factors += stride;
    }
}

/* Rows form: an element is a float. */
V_INLINE void floats_kept(const struct kept *kept, size_t count,
                          const uint32_t *words, float *factors,
                          size_t stride) {
    const uint64_t end = (uint64_t)kept->high[0] << 32 | kept->low[0];
    const float scale = kept->scale[0];
    for (size_t i = 0; i < count; i++) {
        const uint64_t upper = words[2 * i] & UPPER_BITS;
        factors[i * stride] =
            (upper << 32 | words[2 * i + 1]) < end ? scale : 0;
    }
}

/* Words that are drawn and not yet used. */
enum { DROPOUT_ELEMENTS = 64 };
struct drawn {
    uint32_t words[(2 * DROPOUT_ELEMENTS + 1) * KERNEL_WIDTH];
    size_t ready, used; /* elements, of two words a lane */
    size_t left;        /* elements that are still to be drawn */
};

/* How many of `count` elements are ready, which is at least one. */
V_INLINE size_t elements_ready(struct drawn *drawn, struct twisters *twisters,
                               size_t count, const size_t lanes) {
    if (drawn->used == drawn->ready) {
        drawn->ready =
            drawn->left < DROPOUT_ELEMENTS ? drawn->left : DROPOUT_ELEMENTS;
        draw_words(twisters, 2 * drawn->ready, lanes, drawn->words);
        drawn->left -= drawn->ready;
        drawn->used = 0;
    }
    const size_t ready = drawn->ready - drawn->used;
    return count < ready ? count : ready;
}

/* The factors of one line of elements. */
V_INLINE void dropout_line(struct drawn *drawn, struct twisters *twisters,
                           const struct kept *kept, size_t count,
                           const size_t lanes, float *factors, size_t stride) {
    for (size_t done = 0, some; done < count; done += some) {
        some = elements_ready(drawn, twisters, count - done, lanes);
        const uint32_t *words = drawn->words + 2 * drawn->used * lanes;
        if (lanes == 1)
            floats_kept(kept, some, words, factors + done * stride, stride);
        else
            vectors_kept(kept, some, words, factors + done * stride, stride);
        drawn->used += some;
    }
}

V_INLINE void dropout(struct twisters *twisters, const size_t counts[3],
                      const size_t strides[3], const struct kept *kept,
                      const size_t lanes, float *factors) {
    struct drawn drawn;
    drawn.ready = drawn.used = 0;
    drawn.left = counts[0] * counts[1] * counts[2];
    for (size_t i = 0; i < counts[0]; i++)
        for (size_t j = 0; j < counts[1]; j++)
            dropout_line(&drawn, twisters, kept, counts[2], lanes,
                         factors + i * strides[0] + j * strides[1], strides[2]);
}

void LANES(dropout)(struct twisters *twisters, const size_t counts[3],
                    const size_t strides[3], const float *const *numbers,
                    float *factors) {
    struct kept kept;
    kept_init(&kept, numbers);
    if (twisters->lanes == KERNEL_WIDTH)
        dropout(twisters, counts, strides, &kept, KERNEL_WIDTH, factors);
    else
        dropout(twisters, counts, strides, &kept, 1, factors);
}
