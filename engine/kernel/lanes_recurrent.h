#ifndef ENGINE_KERNEL_LANES_RECURRENT_H
#define ENGINE_KERNEL_LANES_RECURRENT_H

/* What the two forms of a recurrent layer's products share. Steps are counted
 * as forward takes them; the sequence's own count is sequence_step(). */

#include "engine/kernel/lanes.h"
#include "engine/kernel/recurrent.h"

struct walk {
    const struct recurrent *recurrent;
    const struct recurrent_gradients *to; /* backward */
    struct recurrent_plan plan;
    size_t outputs; /* gates x hidden */
};

V_INLINE size_t sequence_step(const struct walk *walk, size_t step) {
    const struct recurrent *r = walk->recurrent;
    return r->is_reverse ? r->steps - 1 - step : step;
}

V_INLINE float *in_scratch(const struct walk *walk, size_t offset) {
    return walk->recurrent->scratch + offset;
}

/* The step's x, and how far into dx it is. */
V_INLINE size_t x_offset(const struct walk *walk, size_t step) {
    const struct recurrent *r = walk->recurrent;
    return sequence_step(walk, step) * r->inputs * r->cells.stride;
}

V_INLINE size_t y_offset(const struct walk *walk, size_t step) {
    return sequence_step(walk, step) * walk->recurrent->y_step;
}

/* What is behind the sums: where a step's `gates` are W_ih x at first. */
struct step_values {
    size_t step;
    float *gates, *h;
    const float *h_before; /* NULL at the first step */
    const float *dy;
    const float *da, *da_hidden;
};

#if KERNEL_WIDTH > 1
/* Rows form. Weights and biases as products and gates want them. */
void LANES(recurrent_rows_begin)(const struct walk *walk);
void LANES(recurrent_rows_begin_backward)(const struct walk *walk);
/* gates = W_ih x, sums_hh = W_hh h'. */
void LANES(recurrent_rows_sums)(const struct walk *walk,
                                const struct step_values *values);
/* h into y; dy out of its units. */
void LANES(recurrent_rows_put)(const struct walk *walk,
                               const struct step_values *values);
void LANES(recurrent_rows_take)(const struct walk *walk,
                                const struct step_values *values);
/* Everything that follows from da. */
void LANES(recurrent_rows_gradients)(const struct walk *walk,
                                     const struct step_values *values);
#endif

#endif
