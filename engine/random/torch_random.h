#ifndef ENGINE_RANDOM_TORCH_RANDOM_H
#define ENGINE_RANDOM_TORCH_RANDOM_H

/* PyTorch 1.13's CPU draws, bit for bit (the AVX2 build's, which is what nearly
 * everybody has). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/random/mt19937.h"

/* torch.Generator: the words, and the normal that the last draw of few of them
 * left over (random_streams: ATen's next_double_normal_sample). */
struct torch_generator {
    struct mt19937 twister;
    bool has_normal;
    double normal;
};

/* manual_seed(seed). */
void torch_seed(struct torch_generator *generator, uint32_t seed);

/* torch.rand: (word & 0xffffff) * 2^-24, one word an element. */
void torch_rand(struct mt19937 *generator, float *values, size_t count);

/* Tensor.uniform_(from, to): fma(rand, float(to - from), from) with `from` and
 * `to` rounded to binary32 first. */
void torch_uniform(struct mt19937 *generator, double from, double to,
                   float *values, size_t count);

/* Tensor.normal_(mean, std) of a contiguous float32 tensor. Fewer than 16 are
 * drawn one by one in binary64, by Box and Muller's method: the second of a
 * pair is left over for the next draw of few, whatever is drawn between; its
 * log, sin and cos are this project's, within 1 ulp of ATen's. 16 or more are
 * made of torch.rand's words in binary32, by blocks of 16: pairs are 8 apart,
 * and an end that fills no block draws the last 16 again. */
void torch_normal(struct torch_generator *generator, double mean, double std,
                  float *values, size_t count);

/* torch.randperm(count): count - 1 words (none for count < 2); count is less
 * than 2^31. */
void torch_randperm(struct mt19937 *generator, uint32_t *order, size_t count);

/* One epoch of DataLoader(shuffle=True, generator=g), g being `generator`:
 * begin draws the base seed (two words) and the permutation; end draws the
 * second, unused permutation, and is called only when the epoch's last batch
 * was used. With shuffle=False begin draws only the base seed and gives
 * 0, 1, …; end draws nothing. This is the definition; training draws many such
 * orders at once by the kernels' twisters (engine/train/batch.c). */
void torch_loader_begin_epoch(struct mt19937 *generator, int shuffle,
                              uint32_t *order, size_t count);
void torch_loader_end_epoch(struct mt19937 *generator, int shuffle,
                            size_t count);

#endif
