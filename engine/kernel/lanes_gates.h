#ifndef ENGINE_KERNEL_LANES_GATES_H
#define ENGINE_KERNEL_LANES_GATES_H

/* The elementwise part of a recurrent layer's step: what recurrent.h calls
 * gates, kept and h from the two sums, and backward. */

#include "engine/kernel/lanes.h"

/* A step's places, one for every row (and lane) of a hidden unit: `outer` times
 * `inner` that are contiguous. Rows form: rows times units; lanes form: units
 * times cells. Strides in floats. */
struct gate_layout {
    size_t outer, inner;
    size_t value;           /* between outer places of one number a place */
    size_t gates, gate;     /* between outer places of gates, between gates */
    size_t bias, bias_gate; /* the same of biases */
    int in_lanes;
};

struct gate_step {
    struct gate_layout layout;
    const float *bias_ih, *bias_hh; /* both or neither */

    /* Forward: W_ih x in, gates out; W_hh h'. Backward: gates. */
    float *gates;
    const float *hidden; /* NULL at the first step */
    const float *before; /* c' of lstm, h' of gru; NULL at the first step */
    float *kept, *h;

    /* Backward. */
    const float *dy;
    float *carry;          /* what comes from the step behind; gru: dh z out */
    int is_last;           /* nothing comes, in carry or in dc */
    float *dc;             /* lstm: the same of c */
    float *da, *da_hidden; /* derivatives by the sums; the second: gru */
};

void LANES(gates_forward)(enum recurrent_kernel kernel,
                          const struct gate_step *step);
void LANES(gates_backward)(enum recurrent_kernel kernel,
                           const struct gate_step *step);

#endif
