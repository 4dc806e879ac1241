/* Recurrent layers: the walk over the steps, and the products of lanes form. */

#include "engine/kernel/lanes_recurrent.h"
#include "engine/kernel/lanes_gates.h"

static struct walk walk_of(const struct recurrent *recurrent,
                           const struct recurrent_gradients *to) {
    struct walk walk = {.recurrent = recurrent, .to = to};
    walk.plan = recurrent_plan(recurrent, KERNEL_WIDTH);
    walk.outputs = walk.plan.gates * recurrent->hidden;
    return walk;
}

static struct gate_layout layout_of(const struct walk *walk) {
    const struct cells cells = walk->recurrent->cells;
    const size_t hidden = walk->recurrent->hidden;
    if (cells_in_lanes(cells))
        return (struct gate_layout){
            .outer = hidden,
            .inner = cells_vectors(cells) * KERNEL_WIDTH,
            .value = cells.stride,
            .gates = cells.stride,
            .gate = hidden * cells.stride,
            .bias = KERNEL_WIDTH,
            .bias_gate = hidden * KERNEL_WIDTH,
            .in_lanes = 1,
        };
    return (struct gate_layout){
        .outer = cells.rows,
        .inner = hidden,
        .value = hidden,
        .gates = walk->outputs,
        .gate = hidden,
        .bias_gate = hidden,
    };
}

/* ---- where a step's values are ---- */

static float *slot(const struct walk *walk, size_t step) {
    return walk->recurrent->saved + step % walk->plan.slots * walk->plan.slot;
}

static float *gates_of(const struct walk *walk, size_t step) {
    const enum recurrent_kernel kernel = walk->recurrent->kernel;
    const int keeps = kernel == RECURRENT_lstm || kernel == RECURRENT_gru;
    return keeps ? slot(walk, step) : in_scratch(walk, walk->plan.sums);
}

static float *h_of(const struct walk *walk, size_t step) {
    if (cells_in_lanes(walk->recurrent->cells))
        return walk->recurrent->y + y_offset(walk, step);
    return slot(walk, step) + walk->plan.h;
}

static float *kept_of(const struct walk *walk, size_t step) {
    return slot(walk, step) + walk->plan.kept;
}

static struct step_values values_of(const struct walk *walk, size_t step) {
    const int in_lanes = cells_in_lanes(walk->recurrent->cells);
    struct step_values values = {
        .step = step,
        .gates = gates_of(walk, step),
        .h = h_of(walk, step),
        .h_before = step > 0 ? h_of(walk, step - 1) : NULL,
    };
    if (walk->to == NULL)
        return values;
    values.dy = in_lanes ? walk->to->dy + y_offset(walk, step)
                         : in_scratch(walk, walk->plan.dy);
    values.da = values.da_hidden = in_scratch(walk, walk->plan.sums);
    if (walk->recurrent->kernel == RECURRENT_gru)
        values.da_hidden = in_scratch(walk, walk->plan.sums_hh);
    return values;
}

static struct gate_step gate_step_of(const struct walk *walk,
                                     const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    const size_t step = values->step;
    struct gate_step gates = {
        .layout = layout_of(walk),
        .gates = values->gates,
        .hidden = step > 0 ? in_scratch(walk, walk->plan.sums_hh) : NULL,
        .before = values->h_before,
        .kept = kept_of(walk, step),
        .h = values->h,
        .dy = values->dy,
        .carry = in_scratch(walk, walk->plan.carry),
        .is_last = step + 1 == r->steps,
        .dc = in_scratch(walk, walk->plan.dc),
        .da = in_scratch(walk, walk->plan.sums),
        .da_hidden = in_scratch(walk, walk->plan.sums_hh),
    };
    if (r->kernel == RECURRENT_lstm)
        gates.before = step > 0 ? kept_of(walk, step - 1) : NULL;
    if (r->bias_ih == NULL)
        return gates;
    const int in_lanes = cells_in_lanes(r->cells);
    gates.bias_ih =
        in_lanes ? r->bias_ih : in_scratch(walk, walk->plan.bias_ih);
    gates.bias_hh =
        in_lanes ? r->bias_hh : in_scratch(walk, walk->plan.bias_hh);
    return gates;
}

/* ---- lanes form ---- */

static void sums_in_lanes(const struct walk *walk,
                          const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    const struct linear_sizes ih = {.inputs = r->inputs,
                                    .outputs = walk->outputs};
    const struct linear_sizes hh = {.inputs = r->hidden,
                                    .outputs = walk->outputs};
    float *linear = in_scratch(walk, walk->plan.linear);
    LANES(kernels).linear_forward(ih, r->cells, r->weight_ih, NULL,
                                  r->x + x_offset(walk, values->step),
                                  values->gates, linear);
    if (values->h_before != NULL)
        LANES(kernels).linear_forward(
            hh, r->cells, r->weight_hh, NULL, values->h_before,
            in_scratch(walk, walk->plan.sums_hh), linear);
}

/* The bias's gradient has its own way only where its derivative does. */
static float *bias_hh_to(const struct walk *walk) {
    return walk->recurrent->kernel == RECURRENT_gru ? walk->to->bias_hh : NULL;
}

static void hidden_gradients_in_lanes(const struct walk *walk,
                                      const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    float *linear = in_scratch(walk, walk->plan.linear);
    struct linear_sizes sizes = {.inputs = values->step > 0 ? r->hidden : 0,
                                 .outputs = walk->outputs,
                                 .accumulate = 1};
    LANES(kernels).linear_backward_weight(
        sizes, r->cells, values->h_before, values->da_hidden,
        walk->to->weight_hh, bias_hh_to(walk), linear);
    if (values->step == 0)
        return;
    sizes.accumulate = r->kernel == RECURRENT_gru;
    LANES(kernels).linear_backward_input(
        sizes, r->cells, r->weight_hh, values->da_hidden,
        in_scratch(walk, walk->plan.carry), linear);
}

static void gradients_in_lanes(const struct walk *walk,
                               const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    const struct recurrent_gradients *to = walk->to;
    const size_t at = x_offset(walk, values->step);
    float *linear = in_scratch(walk, walk->plan.linear);
    struct linear_sizes sizes = {
        .inputs = r->inputs, .outputs = walk->outputs, .accumulate = 1};
    LANES(kernels).linear_backward_weight(sizes, r->cells, r->x + at,
                                          values->da, to->weight_ih,
                                          to->bias_ih, linear);
    hidden_gradients_in_lanes(walk, values);
    sizes.accumulate = to->accumulate;
    if (to->dx != NULL)
        LANES(kernels).linear_backward_input(sizes, r->cells, r->weight_ih,
                                             values->da, to->dx + at, linear);
}

/* ---- either form ---- */

static void sums(const struct walk *walk, const struct step_values *values) {
#if KERNEL_WIDTH > 1
    if (!cells_in_lanes(walk->recurrent->cells)) {
        LANES(recurrent_rows_sums)(walk, values);
        return;
    }
#endif
    sums_in_lanes(walk, values);
}

static void gradients(const struct walk *walk,
                      const struct step_values *values) {
#if KERNEL_WIDTH > 1
    if (!cells_in_lanes(walk->recurrent->cells)) {
        LANES(recurrent_rows_gradients)(walk, values);
        return;
    }
#endif
    gradients_in_lanes(walk, values);
}

void LANES(recurrent_forward)(const struct recurrent *recurrent) {
    const struct walk walk = walk_of(recurrent, NULL);
#if KERNEL_WIDTH > 1
    const int in_rows = !cells_in_lanes(recurrent->cells);
    if (in_rows)
        LANES(recurrent_rows_begin)(&walk);
#endif
    for (size_t step = 0; step < recurrent->steps; step++) {
        const struct step_values values = values_of(&walk, step);
        sums(&walk, &values);
        const struct gate_step gates = gate_step_of(&walk, &values);
        LANES(gates_forward)(recurrent->kernel, &gates);
#if KERNEL_WIDTH > 1
        if (in_rows)
            LANES(recurrent_rows_put)(&walk, &values);
#endif
    }
}

static void clear(const struct walk *walk, float *gradient, size_t count) {
    memset(gradient, 0,
           count * walk->recurrent->cells.lanes * sizeof *gradient);
}

static void clear_gradients(const struct walk *walk) {
    const struct recurrent *r = walk->recurrent;
    const struct recurrent_gradients *to = walk->to;
    clear(walk, to->weight_ih, walk->outputs * r->inputs);
    clear(walk, to->weight_hh, walk->outputs * r->hidden);
    if (r->bias_ih == NULL)
        return;
    clear(walk, to->bias_ih, walk->outputs);
    clear(walk, to->bias_hh, walk->outputs);
}

/* Where both biases are added to one sum they have one gradient. */
static void finish_biases(const struct walk *walk) {
    const struct recurrent *r = walk->recurrent;
    if (r->bias_ih != NULL && bias_hh_to(walk) == NULL)
        memcpy(walk->to->bias_hh, walk->to->bias_ih,
               walk->outputs * r->cells.lanes * sizeof(float));
}

void LANES(recurrent_backward)(const struct recurrent *recurrent,
                               const struct recurrent_gradients *to) {
    const struct walk walk = walk_of(recurrent, to);
    clear_gradients(&walk);
#if KERNEL_WIDTH > 1
    const int in_rows = !cells_in_lanes(recurrent->cells);
    if (in_rows)
        LANES(recurrent_rows_begin_backward)(&walk);
#endif
    for (size_t step = recurrent->steps; step-- > 0;) {
        const struct step_values values = values_of(&walk, step);
#if KERNEL_WIDTH > 1
        if (in_rows)
            LANES(recurrent_rows_take)(&walk, &values);
#endif
        const struct gate_step gates = gate_step_of(&walk, &values);
        LANES(gates_backward)(recurrent->kernel, &gates);
        gradients(&walk, &values);
    }
    finish_biases(&walk);
}
