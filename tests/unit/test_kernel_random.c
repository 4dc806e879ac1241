/* Shuffles and dropout of every copy, in both forms, against torch_random's and
 * mt19937's, which are tested against PyTorch; and rows put side by side
 * against plain reading. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/kernel/kernel.h"
#include "engine/random/torch_random.h"

static const uint32_t FIRST_SEED = 4294967290; /* seeds go on from 0 */

/* Runs `check` on every copy, in both forms. */
static void for_each_form(void (*check)(const struct kernels *kernels,
                                        size_t lanes)) {
    for (const struct kernels *const *copy = kernels_available(); *copy;
         copy++) {
        check(*copy, 1);
        check(*copy, (*copy)->width);
    }
}

/* ---- twisters ---- */

struct subject {
    const struct kernels *kernels;
    struct twisters twisters;
    struct mt19937 generator[KERNEL_WIDTH_LIMIT]; /* [lane] */
};

/* Behind the state lies garbage. */
static void subject_init(struct subject *subject, const struct kernels *kernels,
                         size_t lanes) {
    size_t words = MT19937_WORDS * lanes + kernels->width;
    uint32_t *state = memory_zeroed(words, sizeof *state);
    memset(state, 0xa5, words * sizeof *state);
    subject->kernels = kernels;
    subject->twisters = (struct twisters){lanes, state, MT19937_WORDS};
    for (size_t lane = 0; lane < lanes; lane++) {
        mt19937_seed(&subject->generator[lane], FIRST_SEED + (uint32_t)lane);
        for (size_t i = 0; i < MT19937_WORDS; i++)
            state[i * lanes + lane] = subject->generator[lane].state[i];
    }
}

/* One epoch by both; the second permutation is thrown away. */
static void check_epoch(struct subject *subject, size_t count,
                        const uint32_t *reciprocals) {
    size_t lanes = subject->twisters.lanes;
    uint32_t *order = memory_zeroed(count * lanes + 1, sizeof *order);
    uint32_t *expected = memory_zeroed(count + 1, sizeof *expected);
    for (size_t i = 0; i < count * lanes; i++)
        order[i] = (uint32_t)(i / lanes);
    subject->kernels->twisters_skip(&subject->twisters, 2);
    subject->kernels->twisters_shuffle(&subject->twisters, count, reciprocals,
                                       order);
    subject->kernels->twisters_skip(&subject->twisters, count ? count - 1 : 0);
    for (size_t lane = 0; lane < lanes; lane++) {
        torch_loader_begin_epoch(&subject->generator[lane], 1, expected, count);
        torch_loader_end_epoch(&subject->generator[lane], 1, count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(order[i * lanes + lane], expected[i]);
    }
    free(order);
    free(expected);
}

static void check_shuffles(const struct kernels *kernels, size_t lanes) {
    static const size_t counts[] = {0,  1,  2,   3,   5,   16,  17,   33,
                                    64, 65, 400, 623, 624, 625, 1249, 5000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct subject subject;
        uint32_t *reciprocals =
            memory_zeroed(counts[i] + kernels->width, sizeof *reciprocals);
        kernels_reciprocals(counts[i], reciprocals);
        subject_init(&subject, kernels, lanes);
        for (int epoch = 0; epoch < 7; epoch++)
            check_epoch(&subject, counts[i], reciprocals);
        free(subject.twisters.state);
        free(reciprocals);
    }
}

static void shuffles_are_torchs(void **state) {
    (void)state;
    for_each_form(check_shuffles);
}

/* ---- division ---- */

/* A word that is tempered into this one. */
static uint32_t untempered(uint32_t word) {
    word ^= word >> 18;
    word ^= (word << 15) & 0xefc60000u;
    uint32_t whole = word;
    for (int i = 0; i < 4; i++)
        whole = word ^ ((whole << 7) & 0x9d2c5680u);
    word = whole;
    for (int i = 0; i < 2; i++)
        whole = word ^ (whole >> 11);
    return whole;
}

/* The first element's partner, where every twister's next word is `word`: the
 * place from which it comes. */
static void check_partner(const struct kernels *kernels, size_t lanes,
                          uint32_t word, size_t count,
                          const uint32_t *reciprocals, uint32_t *order) {
    uint32_t *words =
        memory_zeroed(MT19937_WORDS * lanes + kernels->width, sizeof *words);
    struct twisters twisters = {lanes, words, 0};
    for (size_t i = 0; i < MT19937_WORDS * lanes; i++)
        words[i] = untempered(word);
    for (size_t i = 0; i < count * lanes; i++)
        order[i] = (uint32_t)(i / lanes);
    kernels->twisters_shuffle(&twisters, count, reciprocals, order);
    for (size_t lane = 0; lane < lanes; lane++)
        assert_int_equal(order[lane], word % count);
    free(words);
}

/* Words around the multiples of the divisor, where a quotient would be off. */
static void check_remainders(const struct kernels *kernels, size_t lanes) {
    static const size_t counts[] = {2, 3, 7, 255, 256, 400, 641};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t count = counts[i];
        uint32_t most = UINT32_MAX - UINT32_MAX % (uint32_t)count;
        const uint32_t words[] = {0,
                                  (uint32_t)count - 1,
                                  (uint32_t)count,
                                  most / 2 / (uint32_t)count * (uint32_t)count,
                                  most - 1,
                                  most,
                                  UINT32_MAX,
                                  UINT32_MAX - 1,
                                  0x80000000u,
                                  0x7fffffffu};
        uint32_t *order = memory_zeroed(count * lanes, sizeof *order);
        uint32_t *reciprocals =
            memory_zeroed(count + kernels->width, sizeof *reciprocals);
        kernels_reciprocals(count, reciprocals);
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            check_partner(kernels, lanes, words[k], count, reciprocals, order);
        free(order);
        free(reciprocals);
    }
}

static void remainders_are_exact(void **state) {
    (void)state;
    for_each_form(check_remainders);
}

/* ---- dropout ---- */

/* What torch's dropout multiplies an element with, as its non-MKL builds draw
 * it. */
static float drawn_factor(struct mt19937 *generator, double p) {
    uint64_t mask = (UINT64_C(1) << 53) - 1;
    double number = (double)(mt19937_next64(generator) & mask) * 0x1p-53;
    return number < 1 - p ? 1 / (float)(1 - p) : 0;
}

/* dropout()'s numbers, lane by lane another p. */
struct probabilities {
    double p[KERNEL_WIDTH_LIMIT];
    float values[KERNEL_DROPOUT_NUMBERS][KERNEL_WIDTH_LIMIT];
    const float *numbers[KERNEL_DROPOUT_NUMBERS];
};

static void probabilities_init(struct probabilities *all, size_t lanes,
                               size_t first) {
    static const double p[] = {0.5,   0.2,     0.1, 1e-3,   0x1p-60,
                               0.999, 0x1p-22, 0.7, 1e-300, 1 - 0x1p-53};
    for (size_t lane = 0; lane < KERNEL_WIDTH_LIMIT; lane++) {
        double numbers[KERNEL_DROPOUT_NUMBERS];
        size_t of = lanes == 1 ? first : first + lane;
        all->p[lane] = p[of % (sizeof p / sizeof *p)];
        kernels_dropout(all->p[lane], numbers);
        for (int i = 0; i < KERNEL_DROPOUT_NUMBERS; i++)
            all->values[i][lane] = (float)numbers[i];
    }
    for (int i = 0; i < KERNEL_DROPOUT_NUMBERS; i++)
        all->numbers[i] = all->values[i];
}

/* Axes of these counts whose memory lies in the order of `axis`, with a gap. */
static void check_factors(struct subject *subject,
                          const struct probabilities *all,
                          const size_t counts[3], const int axis[3]) {
    size_t lanes = subject->twisters.lanes, strides[3], floats = lanes;
    for (int i = 0; i < 3; i++) {
        strides[axis[i]] = floats;
        floats *= counts[axis[i]] + 1;
    }
    float *factors = memory_zeroed(floats, sizeof *factors);
    for (size_t i = 0; i < floats; i++)
        factors[i] = -1;
    subject->kernels->dropout(&subject->twisters, counts, strides, all->numbers,
                              factors);
    for (size_t i = 0; i < counts[0] * counts[1] * counts[2]; i++)
        for (size_t lane = 0; lane < lanes; lane++) {
            float *at = factors + i / (counts[1] * counts[2]) * strides[0] +
                        i / counts[2] % counts[1] * strides[1] +
                        i % counts[2] * strides[2] + lane;
            assert_true(*at ==
                        drawn_factor(&subject->generator[lane], all->p[lane]));
            *at = -1;
        }
    for (size_t i = 0; i < floats; i++)
        assert_true(factors[i] == -1); /* nothing else was written */
    free(factors);
}

static void check_dropout(const struct kernels *kernels, size_t lanes) {
    static const size_t counts[][3] = {{1, 7, 5},   {1, 1, 1},   {3, 4, 1},
                                       {1, 50, 24}, {2, 1, 400}, {5, 3, 2},
                                       {0, 3, 2},   {1, 0, 3}};
    static const int axes[][3] = {{2, 1, 0}, {1, 2, 0}, {1, 0, 2}, {0, 1, 2}};
    for (size_t first = 0; first < 10; first += 3) {
        struct subject subject;
        struct probabilities all;
        probabilities_init(&all, lanes, first);
        subject_init(&subject, kernels, lanes);
        for (size_t i = 0; i < 4 * sizeof counts / sizeof *counts; i++) {
            check_factors(&subject, &all, counts[i / 4], axes[i % 4]);
            if (i % 5 ==
                0) { /* an element may begin with a twist's last word */
                kernels->twisters_skip(&subject.twisters, 1);
                for (size_t lane = 0; lane < lanes; lane++)
                    mt19937_skip(&subject.generator[lane], 1);
            }
        }
        free(subject.twisters.state);
    }
}

static void dropout_is_torchs(void **state) {
    (void)state;
    for_each_form(check_dropout);
}

/* An element that draws `number` of 2^53. */
static void check_draw(const struct kernels *kernels, size_t lanes, double p,
                       uint64_t number, bool is_kept) {
    const size_t counts[3] = {1, 1, 1}, strides[3] = {0, 0, 0};
    struct probabilities all;
    float factors[KERNEL_WIDTH_LIMIT];
    uint32_t *words =
        memory_zeroed(MT19937_WORDS * lanes + kernels->width, sizeof *words);
    struct twisters twisters = {lanes, words, 0};
    double numbers[KERNEL_DROPOUT_NUMBERS];
    probabilities_init(&all, lanes, 0);
    kernels_dropout(p, numbers);
    for (int i = 0; i < KERNEL_DROPOUT_NUMBERS; i++)
        for (size_t lane = 0; lane < KERNEL_WIDTH_LIMIT; lane++)
            all.values[i][lane] = (float)numbers[i];
    for (size_t lane = 0; lane < lanes; lane++) {
        /* The upper 11 bits do not count. */
        words[lane] =
            untempered((uint32_t)(number >> 32) | (lane % 2 ? 0xffe00000u : 0));
        words[lanes + lane] = untempered((uint32_t)number);
    }
    kernels->dropout(&twisters, counts, strides, all.numbers, factors);
    for (size_t lane = 0; lane < lanes; lane++)
        assert_true(factors[lane] == (is_kept ? 1 / (float)(1 - p) : 0));
    free(words);
}

/* Numbers just below 1 - p are kept, 1 - p is not. */
static void check_limits(const struct kernels *kernels, size_t lanes) {
    static const double probabilities[] = {
        0.5, 0.1, 0.3, 0x1p-53, 1 - 0x1p-53, 0x1p-22, 1 - 0x1p-22, 0.75};
    const uint64_t last = (UINT64_C(1) << 53) - 1;
    for (size_t i = 0; i < sizeof probabilities / sizeof *probabilities; i++) {
        double p = probabilities[i];
        uint64_t limit = (uint64_t)((1 - p) * 0x1p53);
        assert_true((double)(limit - 1) * 0x1p-53 < 1 - p &&
                    !((double)limit * 0x1p-53 < 1 - p));
        check_draw(kernels, lanes, p, limit - 1, true);
        check_draw(kernels, lanes, p, limit, false);
        check_draw(kernels, lanes, p, 0, true);
        check_draw(kernels, lanes, p, last, false);
    }
    check_draw(kernels, lanes, 0x1p-54, last, true);
}

static void dropout_keeps_what_is_less(void **state) {
    (void)state;
    for_each_form(check_limits);
}

/* ---- rows side by side ---- */

enum { TABLE_ROWS = 37 };

/* A table of rows of `units` numbers, all different; the rest of a row is -1.
 */
static float *new_table(size_t units, size_t row_floats) {
    float *table = memory_zeroed(TABLE_ROWS * row_floats, sizeof *table);
    for (size_t row = 0; row < TABLE_ROWS; row++)
        for (size_t i = 0; i < row_floats; i++)
            table[row * row_floats + i] =
                i < units ? (float)(row * units + i) : -1;
    return table;
}

static void check_rows(const struct kernels *kernels, size_t lanes,
                       size_t units, size_t rows, bool is_shared) {
    struct cells cells = {rows, lanes,
                          kernels_stride(rows, lanes, kernels->width)};
    size_t row_floats =
        (units + KERNEL_ROW_FLOATS - 1) / KERNEL_ROW_FLOATS * KERNEL_ROW_FLOATS;
    float *table = new_table(units, row_floats);
    uint32_t *at = memory_zeroed(cells.stride, sizeof *at);
    /* Exactly as large as promised: nothing may be written behind. */
    float *out = memory_zeroed(units * cells.stride, sizeof *out);
    for (size_t i = 0; i < cells.stride; i++)
        at[i] = (uint32_t)(i * 11 % TABLE_ROWS * row_floats);
    (is_shared ? kernels->spread : kernels->gather)(units, cells, at, table,
                                                    out);
    for (size_t unit = 0; unit < units; unit++)
        for (size_t i = 0; i < rows * lanes; i++)
            assert_true(out[unit * cells.stride + i] ==
                        table[at[is_shared ? i / lanes : i] + unit]);
    free(table);
    free(at);
    free(out);
}

static void check_gathers(const struct kernels *kernels, size_t lanes) {
    for (size_t units = 1; units <= 9; units++)
        for (size_t rows = 1; rows <= 35; rows += 2) {
            check_rows(kernels, lanes, units, rows, false);
            if (lanes == kernels->width)
                check_rows(kernels, lanes, units, rows, true);
        }
}

static void rows_are_gathered(void **state) {
    (void)state;
    for_each_form(check_gathers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffles_are_torchs),
        cmocka_unit_test(remainders_are_exact),
        cmocka_unit_test(dropout_is_torchs),
        cmocka_unit_test(dropout_keeps_what_is_less),
        cmocka_unit_test(rows_are_gathered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
