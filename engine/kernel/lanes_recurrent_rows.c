/* The products of recurrent layers in rows form: [row][unit], whose vectors run
 * over units, so that a batch's odd rows waste nothing. Weights are packed once
 * for all steps. */

#include "engine/kernel/lanes_product.h"
#include "engine/kernel/lanes_recurrent.h"

#if KERNEL_WIDTH > 1

/* ---- between the layouts ---- */

/* to[row][unit] = from[unit][row]. Whole vectors of rows are written. */
static void to_rows(size_t units, struct cells cells, const float *from,
                    float *to) {
    const size_t vectors = cells_vectors(cells);
    size_t unit = 0;
    for (; unit + 4 <= units; unit += 4)
        for (size_t row = 0; row < vectors * KERNEL_WIDTH;
             row += KERNEL_WIDTH) {
            vfloat column[4];
            V_UNROLL
            for (size_t k = 0; k < 4; k++)
                column[k] = v_load(from + (unit + k) * cells.stride + row);
            v_store_columns(to + row * units + unit, units, column);
        }
    for (; unit < units; unit++)
        for (size_t row = 0; row < cells.rows; row++)
            to[row * units + unit] = from[unit * cells.stride + row];
}

/* to[unit][row] = from[row][unit]; padding is filled with the last row. */
static void to_units(size_t units, struct cells cells, const float *from,
                     float *to) {
    for (size_t row = 0; row < cells.rows; row += KERNEL_WIDTH) {
        uint32_t at[KERNEL_WIDTH];
        for (size_t i = 0; i < KERNEL_WIDTH; i++) {
            const size_t last = cells.rows - 1;
            at[i] = (uint32_t)((row + i < last ? row + i : last) * units);
        }
        for (size_t unit = 0; unit < units; unit += 4) {
            vfloat column[4];
            v_load_columns(from + unit, at, column);
            for (size_t k = 0; k < 4 && unit + k < units; k++)
                v_store(to + (unit + k) * cells.stride + row, column[k]);
        }
    }
}

/* ---- what is wanted next ---- */

/* Notes of all steps, x, y and dy do not stay in the caches. */
enum { AHEAD_MOST = 4 };

static struct ahead ahead_of(const float *at, size_t floats) {
    return (struct ahead){at, at + floats};
}

/* A step's units of y or dy, and x and the notes of the step that is next. */
static void look_ahead(const struct walk *walk, size_t step, size_t next,
                       const float *y, struct ahead ahead[AHEAD_MOST]) {
    const struct recurrent *r = walk->recurrent;
    size_t count = 0;
    ahead[count++] =
        ahead_of(y + y_offset(walk, step), r->hidden * r->cells.stride);
    if (next < r->steps) {
        ahead[count++] =
            ahead_of(r->saved + next % walk->plan.slots * walk->plan.slot,
                     walk->plan.slot);
        ahead[count++] =
            ahead_of(r->x + x_offset(walk, next), r->inputs * r->cells.stride);
    }
    ahead[count] = (struct ahead){NULL, NULL};
}

/* ---- forward ---- */

/* [row][output], the sum of weight[output][input] in[row][input]. */
static struct row_product forward_product(const struct walk *walk,
                                          const float *weight, size_t inputs,
                                          const float *in, float *out) {
    return (struct row_product){
        .lines = walk->recurrent->cells.rows,
        .columns = walk->outputs,
        .terms = inputs,
        .scalars = in,
        .scalars_line = inputs,
        .scalars_term = 1,
        .vectors = weight,
        .vectors_term = 1,
        .vectors_column = inputs,
        .out = out,
        .out_stride = walk->outputs,
    };
}

static void pack_forward(const struct walk *walk, const float *weight,
                         size_t inputs, size_t packed) {
    const struct row_product product =
        forward_product(walk, weight, inputs, NULL, NULL);
    LANES(product_pack)(&product, in_scratch(walk, packed));
}

void LANES(recurrent_rows_begin)(const struct walk *walk) {
    const struct recurrent *r = walk->recurrent;
    pack_forward(walk, r->weight_ih, r->inputs, walk->plan.weight_ih);
    pack_forward(walk, r->weight_hh, r->hidden, walk->plan.weight_hh);
    if (r->bias_ih == NULL)
        return;
    const size_t size = walk->outputs * sizeof(float);
    memcpy(in_scratch(walk, walk->plan.bias_ih), r->bias_ih, size);
    memcpy(in_scratch(walk, walk->plan.bias_hh), r->bias_hh, size);
}

static void run_forward(const struct walk *walk, size_t inputs, size_t packed,
                        const float *in, float *out, struct ahead *ahead) {
    struct row_product product = forward_product(walk, NULL, inputs, in, out);
    product.packed = in_scratch(walk, packed);
    product.ahead = ahead;
    LANES(product)(&product, NULL);
}

void LANES(recurrent_rows_sums)(const struct walk *walk,
                                const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    float *x = in_scratch(walk, walk->plan.x);
    to_rows(r->inputs, r->cells, r->x + x_offset(walk, values->step), x);
    run_forward(walk, r->inputs, walk->plan.weight_ih, x, values->gates, NULL);
    if (values->h_before == NULL)
        return;
    struct ahead ahead[AHEAD_MOST];
    look_ahead(walk, values->step, values->step + 1, r->y, ahead);
    run_forward(walk, r->hidden, walk->plan.weight_hh, values->h_before,
                in_scratch(walk, walk->plan.sums_hh), ahead);
}

void LANES(recurrent_rows_put)(const struct walk *walk,
                               const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    to_units(r->hidden, r->cells, values->h,
             r->y + y_offset(walk, values->step));
}

/* ---- backward ---- */

/* The sum over outputs of weight[output][input] da[row][output]: [row][input],
 * or turned, which is how cells lie. */
static struct row_product input_product(const struct walk *walk,
                                        const float *weight, size_t inputs,
                                        const float *da, float *out) {
    return (struct row_product){
        .lines = walk->recurrent->cells.rows,
        .columns = inputs,
        .terms = walk->outputs,
        .scalars = da,
        .scalars_line = walk->outputs,
        .scalars_term = 1,
        .vectors = weight,
        .vectors_term = inputs,
        .vectors_column = 1,
        .out = out,
        .out_stride = inputs,
    };
}

void LANES(recurrent_rows_begin_backward)(const struct walk *walk) {
    const struct recurrent *r = walk->recurrent;
    const struct row_product product =
        input_product(walk, r->weight_hh, r->hidden, NULL, NULL);
    LANES(product_pack)(&product, in_scratch(walk, walk->plan.weight_hh));
}

void LANES(recurrent_rows_take)(const struct walk *walk,
                                const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    to_rows(r->hidden, r->cells, walk->to->dy + y_offset(walk, values->step),
            in_scratch(walk, walk->plan.dy));
}

/* gradient[output][input] += the sum over rows of da[row][output]
 * in[row][input]. Vectors run over what fills them better. */
static void add_weight_gradient(const struct walk *walk, size_t inputs,
                                const float *da, const float *in,
                                float *gradient) {
    const size_t outputs = walk->outputs;
    const size_t over_inputs = (inputs + KERNEL_WIDTH - 1) / KERNEL_WIDTH;
    const size_t over_outputs = (outputs + KERNEL_WIDTH - 1) / KERNEL_WIDTH;
    const int turned = 2 * over_outputs * inputs < over_inputs * outputs;
    const struct row_product product = {
        .lines = turned ? inputs : outputs,
        .columns = turned ? outputs : inputs,
        .terms = walk->recurrent->cells.rows,
        .scalars = turned ? in : da,
        .scalars_line = 1,
        .scalars_term = turned ? inputs : outputs,
        .vectors = turned ? da : in,
        .vectors_term = turned ? outputs : inputs,
        .vectors_column = 1,
        .vectors_padded = 1,
        .out = gradient,
        .out_stride = inputs,
        .turned = turned,
        .accumulate = 1,
    };
    LANES(product)(&product, in_scratch(walk, walk->plan.linear));
}

/* The sum over rows of da[row][output], by partials, for a vector of outputs.
 * Partials' indices are constants, or they would be memory. */
V_INLINE vfloat sum_over_rows(const float *da, size_t outputs, size_t rows) {
    struct partials sums;
    partials_clear(&sums);
    size_t row = 0;
    for (; row + KERNEL_PARTIALS <= rows; row += KERNEL_PARTIALS)
        V_UNROLL
    for (size_t i = 0; i < KERNEL_PARTIALS; i++)
        sums.part[i] += v_load(da + (row + i) * outputs);
    V_UNROLL
    for (size_t i = 0; i < KERNEL_PARTIALS; i++)
        if (row + i < rows)
            sums.part[i] += v_load(da + (row + i) * outputs);
    return partials_total(&sums, 1);
}

/* gradient[output] += that sum. */
static void add_bias_gradient(const struct walk *walk, const float *da,
                              float *gradient) {
    const size_t outputs = walk->outputs, rows = walk->recurrent->cells.rows;
    for (size_t output = 0; output < outputs; output += KERNEL_WIDTH) {
        const size_t left = outputs - output;
        const size_t count = left < KERNEL_WIDTH ? left : KERNEL_WIDTH;
        const vfloat sum = sum_over_rows(da + output, outputs, rows);
        v_store_part(gradient + output,
                     v_load_part(gradient + output, count) + sum, count);
    }
}

static void add_input_gradient(const struct walk *walk,
                               const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    struct row_product product =
        input_product(walk, r->weight_ih, r->inputs, values->da,
                      walk->to->dx + x_offset(walk, values->step));
    product.out_stride = r->cells.stride;
    product.turned = product.out_padded = 1;
    product.accumulate = walk->to->accumulate;
    LANES(product)(&product, in_scratch(walk, walk->plan.linear));
}

static void hidden_gradients(const struct walk *walk,
                             const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    add_weight_gradient(walk, r->hidden, values->da_hidden, values->h_before,
                        walk->to->weight_hh);
    struct row_product product =
        input_product(walk, NULL, r->hidden, values->da_hidden,
                      in_scratch(walk, walk->plan.carry));
    product.packed = in_scratch(walk, walk->plan.weight_hh);
    product.accumulate = r->kernel == RECURRENT_gru;
    struct ahead ahead[AHEAD_MOST];
    look_ahead(walk, values->step - 1, values->step - 1, walk->to->dy, ahead);
    product.ahead = ahead;
    LANES(product)(&product, NULL);
}

void LANES(recurrent_rows_gradients)(const struct walk *walk,
                                     const struct step_values *values) {
    const struct recurrent *r = walk->recurrent;
    const struct recurrent_gradients *to = walk->to;
    float *x = in_scratch(walk, walk->plan.x);
    to_rows(r->inputs, r->cells, r->x + x_offset(walk, values->step), x);
    add_weight_gradient(walk, r->inputs, values->da, x, to->weight_ih);
    if (r->bias_ih != NULL) {
        add_bias_gradient(walk, values->da, to->bias_ih);
        if (r->kernel == RECURRENT_gru)
            add_bias_gradient(walk, values->da_hidden, to->bias_hh);
    }
    if (values->h_before != NULL)
        hidden_gradients(walk, values);
    if (to->dx != NULL)
        add_input_gradient(walk, values);
}

#endif
