#ifndef ENGINE_KERNEL_KERNEL_H
#define ENGINE_KERNEL_KERNEL_H

/* Lane kernels: the arithmetic of training, one source, a copy per instruction
 * set, the same bits from every copy.
 *
 * Layout. A value of a network is an array [unit][row][lane]: for every unit
 * (a column of the data, an output of a layer) its rows (samples of the batch),
 * and for every row the lanes (runs of the pack) innermost. The rows and lanes
 * of one unit, its cells, are contiguous; `stride` floats lie between the
 * first cells of two units, a multiple of the vector width. There are two
 * forms of one layout, and every kernel takes both:
 *
 *   lanes form   lanes == width: a vector holds one row of `width` runs;
 *                weights are [parameter][lane], a vector each
 *   rows form    lanes == 1: a vector holds `width` rows of one run;
 *                weights are scalars that are broadcast
 *
 * Seen from one run both are the same plain scalar arithmetic in the order that
 * each kernel states, so the form, the width and the neighbours change speed
 * and never a bit. Cells from `rows` up to the next multiple of the width
 * ("padding", rows form only) may hold anything; kernels may read and write
 * them and never let them reach a sum.
 *
 * Per-run numbers (lr, a slope) are arrays of `width` floats, one a lane; in
 * rows form all are the same.
 *
 * Sums. A sum over inputs or over rows that makes a matrix product goes by
 * blocks of KERNEL_BLOCK terms: a block is a chain of fmaf from 0, ascending,
 * and blocks are added in order. What the sum is added to (the bias) is added
 * to the first block, as a BLAS adds a product to C: a chain that began with
 * the bias would round otherwise than PyTorch just where a residual is near 0.
 * To accumulate is to add each block in turn, the first one too, to what the
 * output holds: out = out + (block + bias), out = out + block, …
 * Other sums over cells (bias gradients, losses) are KERNEL_PARTIALS partial
 * sums, term i going to partial i mod KERNEL_PARTIALS, ascending, each from 0,
 * that meet as s += s[+8], s[+4], s[+2], s[+1]. Layer norm's over units are
 * KERNEL_UNIT_PARTIALS, unit i going to partial i mod that, that meet likewise.
 *
 * NaN. Where a result is NaN it is NaN in every copy and form, but its sign and
 * payload may differ: hardware gives other NaNs for other orders of operands.
 * Who stores or digests a value that may be NaN makes it one NaN first.
 *
 * No array need be aligned.
 */

#include <stddef.h>
#include <stdint.h>

#include "engine/base/status.h"
#include "engine/kernel/window.h"

enum {
    KERNEL_BLOCK = 256,
    KERNEL_PANEL = 192, /* floats; a product packs so many columns at a time */
    KERNEL_PARTIALS = 16,
    KERNEL_UNIT_PARTIALS = 4,
    KERNEL_WIDTH_LIMIT = 16, /* of any copy */
    KERNEL_NORM_NOTES = 3,
    KERNEL_STRIP_TERMS = 4, /* sums of so few have kernels of their own */
    KERNEL_ROW_FLOATS = 4,  /* rows of a table are a multiple of it long */
};

/* Rows and lanes of a batch. */
struct cells {
    size_t rows;   /* real rows */
    size_t lanes;  /* 1 (rows form) or the copy's width (lanes form) */
    size_t stride; /* floats between units */
};

/* Elementwise functions of one value: activation.def has a row each. */
enum activation_kernel {
#define ACTIVATION(name, ...) ACTIVATION_##name,
#include "engine/kernel/activation.def"
#undef ACTIVATION
    ACTIVATION_KERNELS
};

/* Elementwise losses: loss.def has a row each. */
enum loss_kernel {
#define LOSS(name, ...) LOSS_##name,
#include "engine/kernel/loss.def"
#undef LOSS
    LOSS_KERNELS
};

/* Optimizers: optimizer.def has a row each, with the meaning of its numbers. */
enum optimizer_kernel {
#define OPTIMIZER(name, ...) OPTIMIZER_##name,
#include "engine/kernel/optimizer.def"
#undef OPTIMIZER
    OPTIMIZER_KERNELS
};

/* COEFFICIENT_adam_beta1, … are the indices of an optimizer's coefficients,
 * COEFFICIENTS_adam their number; STATE_adam_exp_avg, … those of its state
 * arrays, STATES_adam their number. */
#define OPTIMIZER(name, coefficients, states, ...)                             \
    enum { coefficients COEFFICIENTS_##name };                                 \
    enum { states STATES_##name };
#define COEFFICIENT(optimizer, name) COEFFICIENT_##optimizer##_##name,
#define STATE(optimizer, name) STATE_##optimizer##_##name,
#include "engine/kernel/optimizer.def"
#undef OPTIMIZER
#undef COEFFICIENT
#undef STATE

struct linear_sizes {
    size_t inputs, outputs;
    /* Non-zero: the product accumulates; so does a bias gradient's total. */
    int accumulate;
};

/* What is normalized together: units are [outer][inner]. Batch norm: channels
 * and positions; layer norm: positions and the last axis. */
struct norm_sizes {
    size_t outer, inner;
};

/* A convolution: channels are units in blocks, each a plane of y.in * x.in (or
 * out) places, row by row. Channels are in `groups`; an output sees the inputs
 * of its group alone. A weight is [outputs][inputs / groups][y.kernel]
 * [x.kernel]. */
struct conv_sizes {
    size_t inputs, outputs, groups;
    struct window window;
};

/* A pool, of every channel for itself. */
struct pool_sizes {
    size_t channels;
    int count_padding; /* means only: padding counts among what is averaged */
    struct window window;
};

/* A table of weights [numbers][width], and how many numbers a sample asks for.
 * `padding` is the number whose gradient stays 0, or -1. */
struct embedding_sizes {
    size_t numbers, width, positions;
    int64_t padding;
};

/* Mersenne Twisters (MT19937) that draw in step: one a lane, or one alone. Who
 * seeds them fills `state` and sets `next`. `width` words behind the state may
 * be read. */
enum { KERNEL_TWISTER_WORDS = 624 };
struct twisters {
    size_t lanes;    /* 1 or the copy's width */
    uint32_t *state; /* [word][lane] */
    size_t next;     /* the word that is drawn next */
};

/* Recurrent layers: how a step's hidden state h follows from its input x, the
 * state before it and a = (W_ih x + b_ih) + (W_hh h' + b_hh), h' being the h of
 * the step before. The rows of the weights are gates, `hidden` of them each, in
 * the order of the formulas; s is the sigmoid.
 *
 *   rnn_tanh, rnn_relu  h = tanh a, h = max(0, a)
 *   lstm                i = s a_i, f = s a_f, g = tanh a_g, o = s a_o,
 *                       c = f c' + i g, h = o tanh c
 *   gru                 r = s a_r, z = s a_z,
 *                       n = tanh((W_in x + b_in) + r (W_hn h' + b_hn)),
 *                       h = n + z (h' - n)
 *
 * Both products are a matrix product's sums, blocks first and the bias then.
 * h' and c' of the first step are 0, and its second product is 0. */
enum recurrent_kernel {
    RECURRENT_rnn_tanh,
    RECURRENT_rnn_relu,
    RECURRENT_lstm,
    RECURRENT_gru,
    RECURRENT_KERNELS
};

/* One direction of one layer over a sequence. A step's units follow each other,
 * and so do steps; of y, steps lie `y_step` floats apart, since two directions
 * may share it. */
struct recurrent {
    enum recurrent_kernel kernel;
    size_t steps, inputs, hidden; /* each at least 1 */
    int is_reverse;               /* begins with the last step */
    int keeps;                    /* backward will follow */
    struct cells cells;
    const float *weight_ih, *weight_hh; /* [gates x hidden][inputs], [hidden] */
    const float *bias_ih, *bias_hh;     /* [gates x hidden]; both or neither */
    const float *x;
    float *y; /* h; backward reads it */
    size_t y_step;
    /* kernels_recurrent_saved() and _scratch() floats. */
    float *saved, *scratch;
};

/* What backward reads and writes besides. */
struct recurrent_gradients {
    float *weight_ih, *weight_hh, *bias_ih, *bias_hh;
    const float *dy; /* steps lie as those of y */
    float *dx;       /* steps as those of x; NULL: nobody needs it */
    int accumulate;  /* dx is added to what it holds, as by a linear layer */
};

/* One copy. */
struct kernels {
    const char *isa; /* "scalar", "v2", "v3", "v4", "neon" */
    size_t width;    /* floats in a vector; 1 for scalar */

    /* y[o][cell] = bias[o] + sum over i of weight[o][i] * x[i][cell], a matrix
     * product's sum; nothing is added where `bias` is NULL. */
    void (*linear_forward)(struct linear_sizes sizes, struct cells cells,
                           const float *weight, const float *bias,
                           const float *x, float *y, float *scratch);

    /* dx[i][cell] = sum over o of weight[o][i] * dy[o][cell], a matrix
     * product's sum. */
    void (*linear_backward_input)(struct linear_sizes sizes, struct cells cells,
                                  const float *weight, const float *dy,
                                  float *dx, float *scratch);

    /* The same for at most KERNEL_STRIP_TERMS outputs, and then backward of the
     * activation whose `y` the layer's inputs are, at once: dx is that of the
     * activation. NULL for activations that have no such kernel. */
    void (*linear_backward_through[ACTIVATION_KERNELS])(
        struct linear_sizes sizes, struct cells cells, const float *weight,
        const float *dy, const float *y, float *dx);

    /* dweight[o][i] = sum over rows of dy[o][row] * x[i][row], a matrix
     * product's sum; dbias[o] = sum over rows of dy[o][row], by partials, term
     * = row. `dbias` may be NULL. `scratch`, here and above, has room for
     * kernels_linear_scratch(sizes, cells, width) floats. */
    void (*linear_backward_weight)(struct linear_sizes sizes,
                                   struct cells cells, const float *x,
                                   const float *dy, float *dweight,
                                   float *dbias, float *scratch);

    /* Convolutions. `scratch`, of these three, has room for
     * kernels_conv_scratch(sizes, cells, width) floats.
     *
     * y[o][place] = bias[o] + sum over i and the taps of the place of
     * weight[o][i][tap] * x[i][place of the tap], a matrix product's sum: input
     * channels ascending, for each its taps by kernel row and column; those in
     * the padding are left out and not counted. `bias` may be NULL. */
    void (*conv_forward)(const struct conv_sizes *sizes, struct cells cells,
                         const float *weight, const float *bias, const float *x,
                         float *y, float *scratch);

    /* dx[i][place] = bias[i] + sum over o and the taps through which outputs
     * see the place of weight[o][i][tap] * dy[o][place of the output], the same
     * way: output channels ascending, for each its taps. `bias` is NULL but in
     * a transposed convolution, whose forward this is. */
    void (*conv_backward_input)(const struct conv_sizes *sizes,
                                struct cells cells, const float *weight,
                                const float *bias, const float *dy, float *dx,
                                float *scratch);

    /* dweight[o][i][tap] = sum over rows and output places of dy[o][place] *
     * x[i][place of the tap], by partials, term = row. A partial adds blocks,
     * each a chain of fmaf from 0: first of its rows in whole sets of
     * KERNEL_PARTIALS, then of its row behind those. A block is as many places
     * as have KERNEL_BLOCK terms (one at least), ascending, for each the rows
     * ascending; where the tap lies in the padding the place is left out, but
     * counted. */
    void (*conv_backward_weight)(const struct conv_sizes *sizes,
                                 struct cells cells, const float *x,
                                 const float *dy, float *dweight,
                                 float *scratch);

    /* sum[channel] = sum over its places and the rows of dy, by partials, term
     * = row. A partial is the sum, by blocks of KERNEL_BLOCK places, ascending,
     * of each place's rows, ascending, summed first. */
    void (*channel_sums)(size_t channels, size_t places, struct cells cells,
                         const float *dy, float *sum);

    /* Pools, as ATen computes them; `scratch` has room for
     * kernels_pool_scratch(sizes) floats.
     *
     * max: the largest that the window sees, after relu if `relu`; the first of
     * equals, the last of NaNs. taken[channel][output] is the tap (kernel row
     * by row) where it was, as a float; -1 where all are -inf. backward: dx =
     * the sum of the dy of outputs that took the place, ascending, from 0. */
    void (*max_pool_forward)(const struct pool_sizes *sizes, struct cells cells,
                             int relu, const float *x, float *y, float *taken,
                             float *scratch);
    void (*max_pool_backward)(const struct pool_sizes *sizes,
                              struct cells cells, const float *taken,
                              const float *dy, float *dx, float *scratch);

    /* avg: the sum of what the window sees, ascending from 0, divided by its
     * size. backward: dy is divided first, in place; dx = the sum of the dy of
     * outputs that see the place, ascending, from 0. */
    void (*avg_pool_forward)(const struct pool_sizes *sizes, struct cells cells,
                             const float *x, float *y, float *scratch);
    void (*avg_pool_backward)(const struct pool_sizes *sizes,
                              struct cells cells, float *dy, float *dx,
                              float *scratch);

    /* y[i width + k][cell] = weight[x[i][cell]][k] for each position i. x holds
     * whole numbers from 0 below `numbers`; its padding is not read. */
    void (*embedding_forward)(struct embedding_sizes sizes, struct cells cells,
                              const float *weight, const float *x, float *y);

    /* dweight[n][k] = the plain sum, from 0, of dy[i width + k][row] over the
     * rows, and in a row the positions i, both ascending, where x[i][row] is n:
     * the order of ATen's embedding_dense_backward. */
    void (*embedding_backward)(struct embedding_sizes sizes, struct cells cells,
                               const float *x, const float *dy, float *dweight);

    /* A recurrent layer's direction. Backward goes from the last step that
     * forward took to the first. A step's derivatives of a give products: of
     * the weights, over rows, and of the biases, by partials, term = row; steps
     * are added as they come, to 0. What h gets is dy + (W_hh^T da of the step
     * behind, a product's sum, for gru added to its dh z). Derivatives by dx
     * are a product's sums. */
    void (*recurrent_forward)(const struct recurrent *recurrent);
    void (*recurrent_backward)(const struct recurrent *recurrent,
                               const struct recurrent_gradients *gradients);

    /* Activations over `units` units. forward: y from x. backward: dx from dy,
     * x and y; dx may be dy. `options` are `activation.def`'s numbers, each
     * [width]. */
    struct {
        void (*forward)(size_t units, struct cells cells,
                        const float *const *options, const float *x, float *y);
        void (*backward)(size_t units, struct cells cells,
                         const float *const *options, const float *x,
                         const float *y, const float *dy, float *dx);
    } activation[ACTIVATION_KERNELS];

    /* softmax and log_softmax over the units of each row, as ATen computes
     * them: the row's maximum is subtracted first. Sums over units are plain,
     * ascending, from 0 (of products: a chain of fmaf). */
    void (*softmax_forward)(size_t units, struct cells cells, const float *x,
                            float *y);
    void (*softmax_backward)(size_t units, struct cells cells, const float *y,
                             const float *dy, float *dx);
    void (*log_softmax_forward)(size_t units, struct cells cells,
                                const float *x, float *y);
    void (*log_softmax_backward)(size_t units, struct cells cells,
                                 const float *y, const float *dy, float *dx);

    /* Elementwise losses of outputs y and targets t, both `units` units.
     * sum [width] = the sum of the elements' losses, by partials, term = row,
     * for each unit in turn going on in the same partials. dy = `scale` [width]
     * x the derivative (1/n for a mean, 1 for a sum); padding of dy is set to
     * 0. */
    void (*loss[LOSS_KERNELS])(size_t units, struct cells cells,
                               const float *const *options, const float *scale,
                               const float *y, const float *t, float *sum,
                               float *dy);

    /* The same of a sigmoid's y, and then backward of the sigmoid, at once.
     * NULL for losses that have no such kernel. */
    void (*loss_of_sigmoid[LOSS_KERNELS])(size_t units, struct cells cells,
                                          const float *const *options,
                                          const float *scale, const float *y,
                                          const float *t, float *sum,
                                          float *dx);

    /* Losses of classes: t [row][lane] holds class numbers as floats. nll takes
     * log-probabilities y; cross_entropy takes logits. `class_weight` is
     * [units][width] or NULL; a row whose class is ignore_index (one for all
     * lanes) counts nothing. sum [width] is the sum of the rows' losses and
     * weight [width] that of their class weights, both by partials, term = row.
     * dy = derivative x (mean ? 1 / weight : 1); padding of dy is set to 0.
     * label_smoothing [width] or NULL (cross_entropy only). cross_entropy's
     * derivative by a class that is not the row's is (sum of shares) x p -
     * share, p = e^(y - largest) / (their sum); by the row's own class it is
     * their sum negated, classes ascending. */
    void (*nll)(size_t units, struct cells cells, const float *class_weight,
                int64_t ignore_index, int mean, const float *y, const float *t,
                float *sum, float *weight, float *dy);
    void (*cross_entropy)(size_t units, struct cells cells,
                          const float *class_weight, int64_t ignore_index,
                          const float *label_smoothing, int mean,
                          const float *y, const float *t, float *sum,
                          float *weight, float *dy);

    /* Batch norm's statistics of a batch, a channel each of sizes.outer: sums
     * over its cells by partials, term = row, for each unit in turn going on in
     * the same partials. The mean is taken twice, of x and of what is left,
     * x - mean; the variance is from the second time. To [channel][width]:
     * `mean`; `variance`, the unbiased one, by rows x inner - 1; and `notes`,
     * KERNEL_NORM_NOTES of it, for forward and backward, with the biased one
     * and `eps` [width]. */
    void (*batch_statistics)(struct norm_sizes sizes, struct cells cells,
                             const float *eps, const float *x, float *notes,
                             float *mean, float *variance);

    /* The same notes from a given mean and variance, [count][lanes]. */
    void (*given_statistics)(size_t count, size_t lanes, const float *eps,
                             const float *mean, const float *variance,
                             float *notes);

    /* average = rate value + (1 - rate) average in binary64, rounded once.
     * `average` is [count][lanes], `value` [count][width]; rate is the sum of
     * two floats, each [width]. */
    void (*running_average)(size_t count, size_t lanes,
                            const float *const rate[2], const float *value,
                            float *average);

    /* y = weight x^ + bias, x^ = (x - mean) / sqrt(variance + eps). `weight`
     * and `bias` are [channel][lane], or both NULL: 1 and 0. */
    void (*batch_norm_forward)(struct norm_sizes sizes, struct cells cells,
                               const float *notes, const float *weight,
                               const float *bias, const float *x, float *y);

    /* Of statistics that are the batch's own: dweight = the sum of dy x^, dbias
     * that of dy, summed as there; dx = weight / sqrt(variance + eps) (dy -
     * mean of dy - x^ mean of dy x^). `dweight` and `dbias` may both be NULL,
     * and so may `dx`. */
    void (*batch_norm_backward)(struct norm_sizes sizes, struct cells cells,
                                const float *notes, const float *weight,
                                const float *x, const float *dy, float *dweight,
                                float *dbias, float *dx);

    /* The same over sizes.inner units of every cell, for each of sizes.outer:
     * `weight` and `bias` are [inner][lane], `notes` has
     * KERNEL_NORM_NOTES x outer x cells.stride floats. Sums over units are by
     * unit partials; dweight and dbias are sums over cells, for each of
     * sizes.outer in turn. */
    void (*layer_norm_forward)(struct norm_sizes sizes, struct cells cells,
                               const float *eps, const float *weight,
                               const float *bias, const float *x, float *y,
                               float *notes);
    void (*layer_norm_backward)(struct norm_sizes sizes, struct cells cells,
                                const float *notes, const float *weight,
                                const float *x, const float *dy, float *dweight,
                                float *dbias, float *dx);

    /* Draws `count` words of every twister and throws them away. */
    void (*twisters_skip)(struct twisters *twisters, size_t count);

    /* Shuffles order [count][lanes] as torch.randperm does, each lane by its
     * own twister: for i = 0, 1, … count - 2, element i changes places with
     * element i + word mod (count - i), one word each. `reciprocals` are
     * kernels_reciprocals(count); `width` words behind them may be read. count
     * x lanes is less than 2^32. */
    void (*twisters_shuffle)(struct twisters *twisters, size_t count,
                             const uint32_t *reciprocals, uint32_t *order);

    /* Dropout's factors of counts[0] x counts[1] x counts[2] elements, drawn in
     * this order, the last axis running fastest: element (i, j, k) is the
     * `lanes` floats from i strides[0] + j strides[1] + k strides[2] on of
     * `factors`. Each takes two words of its twister, the upper one first; the
     * last 53 bits are a number of [0, 1) which, if less than 1 - p, makes the
     * factor f32(1 / f32(1 - p)), else 0. `numbers` are kernels_dropout()'s,
     * each [width]. */
    void (*dropout)(struct twisters *twisters, const size_t counts[3],
                    const size_t strides[3], const float *const *numbers,
                    float *factors);

    /* Puts rows of a table side by side: out[unit][cell] = table[at[cell] +
     * unit]. `at` [rows][lanes] is where each cell's row begins; where the last
     * vector of cells goes on behind it (rows form), so must `at`, with places
     * that may be read. A row is `units` floats long, rounded up to
     * KERNEL_ROW_FLOATS. */
    void (*gather)(size_t units, struct cells cells, const uint32_t *at,
                   const float *table, float *out);

    /* The same where all lanes take the same rows: `at` is [rows]. Lanes form
     * only. */
    void (*spread)(size_t units, struct cells cells, const uint32_t *at,
                   const float *table, float *out);

    /* One update of `count` floats (parameters x lanes; a multiple of the
     * width; padding included). `coefficients` are optimizer.def's numbers for
     * this update, each [width]; `state` its state arrays, each `count`. */
    void (*update[OPTIMIZER_KERNELS])(size_t count,
                                      const float *const *coefficients,
                                      float *const *state,
                                      const float *gradient, float *parameter);

    /* norm2[lane] = the sum of squares of `count` values per lane, by partials
     * in binary64, term = parameter. `values` is [count][lanes]. */
    void (*sum_of_squares)(size_t count, size_t lanes, const float *values,
                           double *norm2);

    /* values[i][lane] *= factor[lane], [count][lanes]; `factor` is [width]. */
    void (*scale)(size_t count, size_t lanes, const float *factor,
                  float *values);

    /* out[i] = a[i] + b[i] for `count` floats, a multiple of the width. `out`
     * may be `a` or `b`. */
    void (*add)(size_t count, const float *a, const float *b, float *out);

    /* out[i] = a[i] * b[i], the same. */
    void (*multiply)(size_t count, const float *a, const float *b, float *out);

    /* y[i] = double_log(x[i]) for normal x[i] > 0. `y` may be `x`. */
    void (*double_logs)(size_t count, const double *x, double *y);

    /* Elementwise mathematics on `count` floats, for tests. In place is
     * allowed. */
    struct math_function {
        const char *name; /* "exp", … ; NULL ends the list */
        void (*apply)(size_t count, const float *x, float *y);
    } const *math;
};

/* Floats of scratch that one run's matrix product needs, its vectors running
 * over `columns`. */
size_t kernels_product_scratch(size_t terms, size_t columns, size_t width);

/* Floats of the same vectors, all of them packed ahead. */
size_t kernels_product_packed(size_t terms, size_t columns, size_t width);

/* Floats of scratch that the linear kernels need. */
size_t kernels_linear_scratch(struct linear_sizes sizes, struct cells cells,
                              size_t width);

/* The same of convolutions and of pools. */
size_t kernels_conv_scratch(const struct conv_sizes *sizes, struct cells cells,
                            size_t width);
size_t kernels_pool_scratch(const struct pool_sizes *sizes);

/* Floats that a recurrent layer's direction needs: its notes for backward
 * (scratch where nothing is kept), and scratch. */
size_t kernels_recurrent_saved(const struct recurrent *recurrent, size_t width);
size_t kernels_recurrent_scratch(const struct recurrent *recurrent,
                                 size_t width);

/* reciprocals[i] = floor(2^32 / (count - i)) for i < count - 1: what
 * twisters_shuffle() divides by. `count` is less than 2^31. */
void kernels_reciprocals(size_t count, uint32_t *reciprocals);

/* What dropout() takes for the probability 0 < p < 1 of an element to be left
 * out: 1 - p cut into three whole numbers that floats hold, and the factor of
 * those that are kept. */
enum { KERNEL_DROPOUT_NUMBERS = 4 };
void kernels_dropout(double p, double numbers[KERNEL_DROPOUT_NUMBERS]);

/* Every copy that was built and that this machine can run, NULL-terminated,
 * "scalar" first, the best last. */
const struct kernels *const *kernels_available(void);

/* The copy to use: the best, or the one that RUNNER_ISA names. An unknown name
 * or one that the machine lacks is STATUS_CONFIG. Also checks the rounding mode
 * and that subnormal numbers are on: STATUS_RUN if not. */
enum status_code kernels_select(const struct kernels **kernels,
                                struct status *status);

/* The lanes of every pack that RUNNER_LANES forces, 1 or the copy's width
 * ("full" is its name); 0 where it is not set. Another value is STATUS_CONFIG.
 */
enum status_code kernels_forced_lanes(const struct kernels *kernels,
                                      size_t *lanes, struct status *status);

/* The stride for `rows` rows: cells rounded up to whole vectors, and to an odd
 * number of cache lines so that units do not share cache sets. */
size_t kernels_stride(size_t rows, size_t lanes, size_t width);

#endif
