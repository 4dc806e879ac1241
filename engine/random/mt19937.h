#ifndef ENGINE_RANDOM_MT19937_H
#define ENGINE_RANDOM_MT19937_H

/* The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), seeded as
 * numpy's RandomState(int) and torch's manual_seed(int) seed it. One generator
 * belongs to one stream of one run; nothing is shared. */

#include <stddef.h>
#include <stdint.h>

enum { MT19937_WORDS = 624 };

struct mt19937 {
    uint32_t state[MT19937_WORDS];
    uint32_t next; /* position of the next word in `state` */
};

/* init_genrand: the first output forces a full twist. */
void mt19937_seed(struct mt19937 *generator, uint32_t seed);

/* The next 32-bit word. */
uint32_t mt19937_next(struct mt19937 *generator);

/* Two words, the first being the high half. */
uint64_t mt19937_next64(struct mt19937 *generator);

/* The next `count` words, tempered, in order. */
void mt19937_fill(struct mt19937 *generator, uint32_t *words, size_t count);

/* Advances the state by `count` words without tempering them. */
void mt19937_skip(struct mt19937 *generator, size_t count);

#endif
