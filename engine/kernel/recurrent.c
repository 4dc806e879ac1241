#include "engine/kernel/recurrent.h"

static const struct recurrent_shape {
    size_t gates, kept_gates, kept;
} SHAPES[RECURRENT_KERNELS] = {
    [RECURRENT_rnn_tanh] = {1, 0, 0},
    [RECURRENT_rnn_relu] = {1, 0, 0},
    [RECURRENT_lstm] = {4, 4, 1},
    [RECURRENT_gru] = {3, 3, 1},
};

enum { LINE_FLOATS = 16 };

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Takes `floats` of a row of regions that begin on cache lines. */
static size_t take(size_t *end, size_t floats) {
    const size_t start = *end;
    *end += (floats + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS;
    return start;
}

static void plan_saved(const struct recurrent *r,
                       const struct recurrent_shape *shape, size_t value,
                       int in_lanes, struct recurrent_plan *plan) {
    size_t end = 0;
    take(&end, shape->kept_gates * value);
    plan->kept = take(&end, shape->kept * value);
    plan->h = take(&end, in_lanes ? 0 : value);
    plan->slot = end;
    plan->slots = r->keeps || r->steps < 2 ? r->steps : 2;
    plan->saved_floats = plan->slots * plan->slot + LINE_FLOATS;
}

static size_t linear_scratch(const struct recurrent *r, size_t outputs,
                             size_t width) {
    const struct linear_sizes ih = {.inputs = r->inputs, .outputs = outputs};
    const struct linear_sizes hh = {.inputs = r->hidden, .outputs = outputs};
    return larger(kernels_linear_scratch(ih, r->cells, width),
                  kernels_linear_scratch(hh, r->cells, width));
}

static void plan_scratch(const struct recurrent *r, size_t value, int in_lanes,
                         size_t width, struct recurrent_plan *plan) {
    const size_t outputs = plan->gates * r->hidden, slack = width;
    size_t end = 0;
    if (!in_lanes) {
        const size_t rows = (r->cells.rows + width - 1) / width * width;
        plan->weight_ih = take(
            &end, kernels_product_packed(r->inputs, outputs, width) + slack);
        plan->weight_hh = take(
            &end, larger(kernels_product_packed(r->hidden, outputs, width),
                         kernels_product_packed(outputs, r->hidden, width)));
        plan->bias_ih = take(&end, outputs + slack);
        plan->bias_hh = take(&end, outputs + slack);
        plan->x = take(&end, rows * r->inputs + slack);
        plan->dy = take(&end, rows * r->hidden + slack);
    }
    plan->sums = take(&end, plan->gates * value + slack);
    plan->sums_hh = take(&end, plan->gates * value + slack);
    plan->carry = take(&end, value + slack);
    plan->dc = take(&end, value + slack);
    plan->linear = take(&end, linear_scratch(r, outputs, width));
    plan->scratch_floats = end;
}

struct recurrent_plan recurrent_plan(const struct recurrent *recurrent,
                                     size_t width) {
    const struct recurrent_shape *shape = &SHAPES[recurrent->kernel];
    const struct cells cells = recurrent->cells;
    const int in_lanes = cells.lanes == width;
    const size_t value =
        recurrent->hidden * (in_lanes ? cells.stride : cells.rows);
    struct recurrent_plan plan = {.gates = shape->gates};
    plan_saved(recurrent, shape, value, in_lanes, &plan);
    plan_scratch(recurrent, value, in_lanes, width, &plan);
    return plan;
}

size_t kernels_recurrent_saved(const struct recurrent *recurrent,
                               size_t width) {
    return recurrent_plan(recurrent, width).saved_floats;
}

size_t kernels_recurrent_scratch(const struct recurrent *recurrent,
                                 size_t width) {
    return recurrent_plan(recurrent, width).scratch_floats;
}
