#ifndef ENGINE_KERNEL_RECURRENT_H
#define ENGINE_KERNEL_RECURRENT_H

/* Where a recurrent layer's direction keeps what: offsets in floats.
 *
 * Inside, values of a step lie so that nothing but the product's own sums runs
 * down strides, and vectors are full:
 *
 *   lanes form   [gate][unit][row][lane], as everywhere
 *   rows form    [row][gate][unit]: vectors run over units
 *
 * Up to a vector behind the last value may be read.
 *
 * saved: notes of each step, in the order in which forward takes the steps;
 * where nothing is kept, of the step and the one before.
 *
 *   gates        lstm i f g o, gru r z n; rnn has no need of them
 *   kept         lstm c, gru W_hn h' + b_hn
 *   h            rows form; in lanes form y is it
 *
 * scratch: weights and biases as rows form wants them, and one step's values.
 */

#include "engine/kernel/kernel.h"

struct recurrent_plan {
    size_t gates; /* how many */

    size_t slots, slot; /* notes of how many steps, and of one */
    size_t kept, h;     /* in a slot; gates come first */

    /* Rows form: LANES(product_pack)'s of W_ih^T, W_hh^T (of W_hh in backward);
     * biases. */
    size_t weight_ih, weight_hh, bias_ih, bias_hh;
    size_t x, dy; /* rows form: [row][unit] of the step */
    /* W_ih x of rnn, and in backward the derivatives by a; W_hh h', and in
     * backward for gru the derivatives by W_hh h' + b_hh. */
    size_t sums, sums_hh;
    size_t carry;  /* what the step before gets of dh */
    size_t dc;     /* lstm: of dc */
    size_t linear; /* the product's own scratch */

    size_t saved_floats, scratch_floats;
};

struct recurrent_plan recurrent_plan(const struct recurrent *recurrent,
                                     size_t width);

#endif
