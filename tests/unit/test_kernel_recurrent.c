/* Recurrent kernels: every copy, in both forms, gives the bits of the plain
 * loops below, which are kernel.h's formulas and orders of sums for one run.
 * Each lane holds a run of its own, each odd corner of an array garbage. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/kernel/kernel.h"

enum { RUNS = KERNEL_WIDTH_LIMIT };

struct setting {
    enum recurrent_kernel kernel;
    size_t rows, steps, inputs, hidden;
    bool is_reverse, has_bias, has_dx, accumulates;
};

/* One run's arrays, each [unit][row] or [element]. */
enum array {
    X,
    DY,
    WEIGHT_IH,
    WEIGHT_HH,
    BIAS_IH,
    BIAS_HH,
    Y, /* from here on results */
    DX,
    DWEIGHT_IH,
    DWEIGHT_HH,
    DBIAS_IH,
    DBIAS_HH,
    ARRAYS
};

static size_t gates_of(const struct setting *s) {
    static const size_t gates[] = {1, 1, 4, 3};
    return gates[s->kernel];
}

static bool is_cells(enum array array) {
    return array == X || array == DY || array == Y || array == DX;
}

/* Units of cells, or elements. */
static size_t size_of(const struct setting *s, enum array array) {
    const size_t outputs = gates_of(s) * s->hidden;
    switch (array) {
    case X:
    case DX:
        return s->steps * s->inputs;
    case Y:
    case DY:
        return s->steps * s->hidden;
    case WEIGHT_IH:
    case DWEIGHT_IH:
        return outputs * s->inputs;
    case WEIGHT_HH:
    case DWEIGHT_HH:
        return outputs * s->hidden;
    default:
        return outputs;
    }
}

/* ---- data: a function of run, array and element ---- */

static uint32_t mixed(uint32_t x) {
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

static float datum(size_t run, enum array array, size_t element) {
    const uint32_t key = (uint32_t)(run * 131 + array) * 0x9e3779b9u;
    const float u = (float)(mixed(key ^ (uint32_t)element) >> 8) * 0x1p-24f;
    return 2 * u - 1;
}

static float *garbage(size_t count) {
    float *values = memory_zeroed(count + 1, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = i % 2 ? NAN : 3e38f;
    return values;
}

/* ---- the definition ---- */

struct plain {
    const struct setting *s;
    float *array[ARRAYS];
    /* Of one step each, [gate x hidden][row]. */
    float *sums_ih, *sums_hh, *da, *da_hidden;
    /* Of all steps as they are taken, [hidden][row]. */
    float *h, *gates, *kept;
    float *dh, *dc;
};

/* The scalar copy's; kernels_available() asks the machine every time. */
static const struct math_function *scalar_math;

static float function(const char *name, float x) {
    const struct math_function *math = scalar_math;
    float y;
    while (strcmp(math->name, name) != 0)
        math++;
    math->apply(1, &x, &y);
    return y;
}

static float sigmoid(float x) {
    return function("sigmoid", x);
}

/* start and the sum of a[i] b[i], block by block. */
static float product_sum(float start, bool starts, size_t count, const float *a,
                         size_t a_step, const float *b, size_t b_step) {
    float total = start;
    for (size_t first = 0; first < count; first += KERNEL_BLOCK) {
        float sum = 0;
        for (size_t i = first; i < count && i < first + KERNEL_BLOCK; i++)
            sum = fmaf(a[i * a_step], b[i * b_step], sum);
        total = first > 0 || starts ? total + sum : sum;
    }
    return total;
}

static float partial_sum(size_t count, const float *terms) {
    float partial[KERNEL_PARTIALS] = {0};
    for (size_t i = 0; i < count; i++)
        partial[i % KERNEL_PARTIALS] += terms[i];
    for (size_t half = KERNEL_PARTIALS / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            partial[i] += partial[i + half];
    return partial[0];
}

static size_t sequence_step(const struct setting *s, size_t step) {
    return s->is_reverse ? s->steps - 1 - step : step;
}

/* sums[output][row] = weight in + bias; without `in` the bias alone. */
static void plain_sums(const struct setting *s, size_t inputs,
                       const float *weight, const float *in, const float *bias,
                       float *sums) {
    for (size_t o = 0; o < gates_of(s) * s->hidden; o++)
        for (size_t row = 0; row < s->rows; row++) {
            float sum = in ? product_sum(0, false, inputs, weight + o * inputs,
                                         1, in + row, s->rows)
                           : 0;
            sums[o * s->rows + row] = s->has_bias ? sum + bias[o] : sum;
        }
}

/* One place of a step: `ih` and `hh` are its sums a plane apart. */
static void plain_lstm(size_t plane, const float *ih, const float *hh,
                       const float *c_before, float *gates, float *c,
                       float *h) {
    gates[0] = sigmoid(ih[0] + hh[0]);
    gates[plane] = sigmoid(ih[plane] + hh[plane]);
    gates[2 * plane] = function("tanh", ih[2 * plane] + hh[2 * plane]);
    gates[3 * plane] = sigmoid(ih[3 * plane] + hh[3 * plane]);
    *c = gates[0] * gates[2 * plane];
    if (c_before)
        *c = fmaf(gates[plane], *c_before, *c);
    *h = gates[3 * plane] * function("tanh", *c);
}

static void plain_gru(size_t plane, const float *ih, const float *hh,
                      const float *h_before, float *gates, float *kept,
                      float *h) {
    gates[0] = sigmoid(ih[0] + hh[0]);
    gates[plane] = sigmoid(ih[plane] + hh[plane]);
    *kept = hh[2 * plane];
    const float n = function("tanh", fmaf(gates[0], *kept, ih[2 * plane]));
    gates[2 * plane] = n;
    *h = fmaf(gates[plane], (h_before ? *h_before : 0) - n, n);
}

static void plain_forward_step(struct plain *p, size_t step) {
    const struct setting *s = p->s;
    const size_t plane = s->hidden * s->rows, at = sequence_step(s, step);
    const float *x = p->array[X] + at * s->inputs * s->rows;
    float *h = p->h + step * plane, *kept = p->kept + step * plane;
    const float *h_before = step ? h - plane : NULL;
    float *gates = p->gates + step * plane * gates_of(s);
    plain_sums(s, s->inputs, p->array[WEIGHT_IH], x, p->array[BIAS_IH],
               p->sums_ih);
    plain_sums(s, s->hidden, p->array[WEIGHT_HH], h_before, p->array[BIAS_HH],
               p->sums_hh);
    for (size_t i = 0; i < plane; i++) {
        const float *ih = p->sums_ih + i, *hh = p->sums_hh + i;
        if (s->kernel == RECURRENT_lstm)
            plain_lstm(plane, ih, hh, step ? kept + i - plane : NULL, gates + i,
                       kept + i, h + i);
        else if (s->kernel == RECURRENT_gru)
            plain_gru(plane, ih, hh, step ? h_before + i : NULL, gates + i,
                      kept + i, h + i);
        else if (s->kernel == RECURRENT_rnn_tanh)
            h[i] = function("tanh", *ih + *hh);
        else
            h[i] = *ih + *hh > 0 ? *ih + *hh : 0;
    }
    memcpy(p->array[Y] + at * plane, h, plane * sizeof *h);
}

static float through_sigmoid(float y, float dy) {
    return dy * ((1 - y) * y);
}

static float through_tanh(float y, float dy) {
    return dy * fmaf(-y, y, 1);
}

static void plain_lstm_backward(struct plain *p, size_t step, size_t i,
                                float dh) {
    const size_t plane = p->s->hidden * p->s->rows;
    const float *gates = p->gates + step * plane * 4 + i;
    const float *c = p->kept + step * plane + i;
    const float t = function("tanh", *c);
    float dc = through_tanh(t, dh * gates[3 * plane]);
    if (step + 1 < p->s->steps)
        dc = p->dc[i] + dc;
    p->da[i] = through_sigmoid(gates[0], dc * gates[2 * plane]);
    p->da[plane + i] =
        through_sigmoid(gates[plane], dc * (step ? *(c - plane) : 0));
    p->da[2 * plane + i] = through_tanh(gates[2 * plane], dc * gates[0]);
    p->da[3 * plane + i] = through_sigmoid(gates[3 * plane], dh * t);
    p->dc[i] = dc * gates[plane];
}

static void plain_gru_backward(struct plain *p, size_t step, size_t i,
                               float dh) {
    const size_t plane = p->s->hidden * p->s->rows;
    const float *gates = p->gates + step * plane * 3 + i;
    const float r = gates[0], z = gates[plane], n = gates[2 * plane];
    const float before = step ? p->h[(step - 1) * plane + i] : 0;
    const float dn = through_tanh(n, dh * (1 - z));
    const float dr = through_sigmoid(r, dn * p->kept[step * plane + i]);
    const float dz = through_sigmoid(z, dh * (before - n));
    p->da[i] = p->da_hidden[i] = dr;
    p->da[plane + i] = p->da_hidden[plane + i] = dz;
    p->da[2 * plane + i] = dn;
    p->da_hidden[2 * plane + i] = dn * r;
    p->dh[i] = dh * z;
}

/* gradient[output][input] += the sum over rows of da and in. */
static void plain_weights(const struct setting *s, size_t inputs,
                          const float *da, const float *in, float *gradient) {
    for (size_t o = 0; o < gates_of(s) * s->hidden; o++)
        for (size_t k = 0; k < inputs; k++)
            gradient[o * inputs + k] =
                product_sum(gradient[o * inputs + k], true, s->rows,
                            da + o * s->rows, 1, in + k * s->rows, 1);
}

static void plain_biases(const struct setting *s, const float *da,
                         float *gradient) {
    for (size_t o = 0; o < gates_of(s) * s->hidden; o++)
        gradient[o] += partial_sum(s->rows, da + o * s->rows);
}

/* out[input][row] (+)= the sum over outputs of weight and da. */
static void plain_inputs(const struct setting *s, size_t inputs,
                         const float *weight, const float *da, bool accumulate,
                         float *out) {
    for (size_t k = 0; k < inputs; k++)
        for (size_t row = 0; row < s->rows; row++)
            out[k * s->rows + row] = product_sum(
                out[k * s->rows + row], accumulate, gates_of(s) * s->hidden,
                weight + k, inputs, da + row, s->rows);
}

static void plain_backward_step(struct plain *p, size_t step) {
    const struct setting *s = p->s;
    const bool is_gru = s->kernel == RECURRENT_gru;
    const size_t plane = s->hidden * s->rows, at = sequence_step(s, step);
    const size_t x_at = at * s->inputs * s->rows;
    const float *h = p->h + step * plane, *da_hidden;
    for (size_t i = 0; i < plane; i++) {
        float dh = p->array[DY][at * plane + i];
        if (step + 1 < s->steps)
            dh += p->dh[i];
        if (s->kernel == RECURRENT_lstm)
            plain_lstm_backward(p, step, i, dh);
        else if (is_gru)
            plain_gru_backward(p, step, i, dh);
        else if (s->kernel == RECURRENT_rnn_tanh)
            p->da[i] = through_tanh(h[i], dh);
        else
            p->da[i] = h[i] > 0 ? dh : 0;
    }
    da_hidden = is_gru ? p->da_hidden : p->da;
    plain_weights(s, s->inputs, p->da, p->array[X] + x_at,
                  p->array[DWEIGHT_IH]);
    plain_biases(s, p->da, p->array[DBIAS_IH]);
    plain_biases(s, da_hidden, p->array[DBIAS_HH]);
    plain_inputs(s, s->inputs, p->array[WEIGHT_IH], p->da, s->accumulates,
                 p->array[DX] + x_at);
    if (step == 0)
        return;
    plain_weights(s, s->hidden, da_hidden, h - plane, p->array[DWEIGHT_HH]);
    plain_inputs(s, s->hidden, p->array[WEIGHT_HH], da_hidden, is_gru, p->dh);
}

/* What an array holds before: the data; of dx something to add to; else 0. */
static float before(const struct setting *s, size_t run, enum array array,
                    size_t element) {
    const bool has = array < Y || (array == DX && s->accumulates);
    return has ? datum(run, array, element) : 0;
}

static void define(const struct setting *s, size_t run, float *array[ARRAYS]) {
    const size_t plane = s->hidden * s->rows, outputs = plane * gates_of(s);
    struct plain p = {.s = s};
    float **const buffers[] = {&p.sums_ih,   &p.sums_hh, &p.da,
                               &p.da_hidden, &p.h,       &p.kept,
                               &p.gates,     &p.dh,      &p.dc};
    enum { BUFFERS = sizeof buffers / sizeof *buffers };
    for (size_t i = 0; i < BUFFERS; i++)
        *buffers[i] = garbage(outputs * s->steps);
    for (int i = 0; i < ARRAYS; i++) {
        size_t count = size_of(s, i) * (is_cells(i) ? s->rows : 1);
        p.array[i] = array[i] = memory_zeroed(count, sizeof(float));
        for (size_t k = 0; k < count; k++)
            array[i][k] = before(s, run, i, k);
    }
    for (size_t step = 0; step < s->steps; step++)
        plain_forward_step(&p, step);
    for (size_t step = s->steps; step-- > 0;)
        plain_backward_step(&p, step);
    for (size_t i = 0; i < BUFFERS; i++)
        free(*buffers[i]);
}

/* ---- a copy ---- */

struct copy {
    const struct setting *s;
    const struct kernels *kernels;
    struct cells cells;
    size_t first_run;
    float *array[ARRAYS];
};

/* Elements of `array` one after another, of each where its lanes lie. y and dy
 * have a step of the other direction behind each of theirs. */
static size_t place(const struct copy *copy, enum array array, size_t element) {
    const struct setting *s = copy->s;
    if (!is_cells(array))
        return element * copy->cells.lanes;
    size_t unit = element / s->rows, row = element % s->rows;
    if (array == Y || array == DY)
        unit += unit / s->hidden * s->hidden;
    return unit * copy->cells.stride + row * copy->cells.lanes;
}

static size_t elements(const struct setting *s, enum array array) {
    return size_of(s, array) * (is_cells(array) ? s->rows : 1);
}

static void fill(struct copy *copy, enum array array) {
    const struct cells cells = copy->cells;
    const size_t count = is_cells(array)
                             ? 2 * size_of(copy->s, array) * cells.stride
                             : size_of(copy->s, array) * cells.lanes;
    const bool has = array < Y || (array == DX && copy->s->accumulates);
    copy->array[array] = garbage(count);
    for (size_t i = 0; has && i < elements(copy->s, array); i++)
        for (size_t lane = 0; lane < cells.lanes; lane++)
            copy->array[array][place(copy, array, i) + lane] =
                datum(copy->first_run + lane, array, i);
}

static struct recurrent call_of(const struct copy *copy) {
    const struct setting *s = copy->s;
    float *const *array = copy->array;
    return (struct recurrent){
        .kernel = s->kernel,
        .steps = s->steps,
        .inputs = s->inputs,
        .hidden = s->hidden,
        .is_reverse = s->is_reverse,
        .keeps = 1,
        .cells = copy->cells,
        .weight_ih = array[WEIGHT_IH],
        .weight_hh = array[WEIGHT_HH],
        .bias_ih = s->has_bias ? array[BIAS_IH] : NULL,
        .bias_hh = s->has_bias ? array[BIAS_HH] : NULL,
        .x = array[X],
        .y = array[Y],
        .y_step = 2 * s->hidden * copy->cells.stride,
    };
}

static void run_copy(struct copy *copy) {
    const struct setting *s = copy->s;
    const size_t width = copy->kernels->width;
    for (int i = 0; i < ARRAYS; i++)
        fill(copy, i);
    struct recurrent call = call_of(copy);
    call.saved = garbage(kernels_recurrent_saved(&call, width));
    call.scratch = garbage(kernels_recurrent_scratch(&call, width));
    const struct recurrent_gradients to = {
        .weight_ih = copy->array[DWEIGHT_IH],
        .weight_hh = copy->array[DWEIGHT_HH],
        .bias_ih = s->has_bias ? copy->array[DBIAS_IH] : NULL,
        .bias_hh = s->has_bias ? copy->array[DBIAS_HH] : NULL,
        .dy = copy->array[DY],
        .dx = s->has_dx ? copy->array[DX] : NULL,
        .accumulate = s->accumulates,
    };
    copy->kernels->recurrent_forward(&call);
    copy->kernels->recurrent_backward(&call, &to);
    free(call.saved);
    free(call.scratch);
}

/* Nothing kept for backward changes no output. */
static void check_without_notes(const struct copy *copy, float *const *run) {
    const struct setting *s = copy->s;
    struct recurrent call = call_of(copy);
    const size_t width = copy->kernels->width;
    const size_t count = 2 * size_of(s, Y) * copy->cells.stride;
    call.keeps = 0;
    call.y = garbage(count);
    call.saved = garbage(kernels_recurrent_saved(&call, width));
    call.scratch = garbage(kernels_recurrent_scratch(&call, width));
    copy->kernels->recurrent_forward(&call);
    for (size_t i = 0; i < elements(s, Y); i++)
        assert_true(call.y[place(copy, Y, i)] == run[Y][i]);
    free(call.y);
    free(call.saved);
    free(call.scratch);
}

static void compare(const struct copy *copy, size_t lane, enum array array,
                    const float *expected) {
    const struct setting *s = copy->s;
    for (size_t i = 0; i < elements(s, array); i++) {
        const float found = copy->array[array][place(copy, array, i) + lane];
        if (memcmp(&found, &expected[i], sizeof found) != 0)
            fail_msg("%s, %zu lanes, kernel %d, %zu rows, %zu steps, %zu "
                     "inputs, %zu hidden: array %d[%zu] in lane %zu: %a, "
                     "expected %a",
                     copy->kernels->isa, copy->cells.lanes, (int)s->kernel,
                     s->rows, s->steps, s->inputs, s->hidden, (int)array, i,
                     lane, (double)found, (double)expected[i]);
    }
}

static bool is_checked(const struct setting *s, enum array array) {
    if (array == DX)
        return s->has_dx;
    return array == DBIAS_IH || array == DBIAS_HH ? s->has_bias : array >= Y;
}

static void check_form(const struct setting *s, const struct kernels *kernels,
                       size_t lanes, float *const runs[RUNS][ARRAYS]) {
    const size_t stride = kernels_stride(s->rows, lanes, kernels->width);
    for (size_t first = 0; first < RUNS; first += lanes == 1 ? 7 : lanes) {
        struct copy copy = {.s = s,
                            .kernels = kernels,
                            .cells = {s->rows, lanes, stride},
                            .first_run = first};
        run_copy(&copy);
        for (size_t lane = 0; lane < lanes; lane++)
            for (int i = 0; i < ARRAYS; i++)
                if (is_checked(s, i))
                    compare(&copy, lane, i, runs[first + lane][i]);
        check_without_notes(&copy, runs[first]);
        for (int i = 0; i < ARRAYS; i++)
            free(copy.array[i]);
    }
}

static void check_setting(const struct setting *s) {
    float *runs[RUNS][ARRAYS];
    for (size_t run = 0; run < RUNS; run++)
        define(s, run, runs[run]);
    for (const struct kernels *const *copy = kernels_available(); *copy;
         copy++) {
        check_form(s, *copy, 1, runs);
        if ((*copy)->width > 1)
            check_form(s, *copy, (*copy)->width, runs);
    }
    for (size_t run = 0; run < RUNS; run++)
        for (int i = 0; i < ARRAYS; i++)
            free(runs[run][i]);
}

static void copies_and_forms_are_the_definition(void **state) {
    static const size_t sizes[][4] = {
        /* rows, steps, inputs, hidden */
        {1, 1, 1, 1},    {5, 3, 2, 3},  {17, 2, 5, 9}, {50, 3, 1, 20},
        {16, 2, 17, 16}, {33, 2, 4, 7}, {3, 4, 40, 2}, {4, 2, 6, 33},
    };
    (void)state;
    for (int kernel = 0; kernel < RECURRENT_KERNELS; kernel++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (int way = 0; way < 4; way++)
                check_setting(&(struct setting){
                    .kernel = (enum recurrent_kernel)kernel,
                    .rows = sizes[i][0],
                    .steps = sizes[i][1],
                    .inputs = sizes[i][2],
                    .hidden = sizes[i][3],
                    .is_reverse = way % 2 == 1,
                    .has_bias = way < 2,
                    .has_dx = way != 0,
                    .accumulates = way == 3,
                });
}

/* Sums of more than a block: over inputs, rows, gates, the state. */
static void long_sums_go_by_blocks(void **state) {
    static const struct setting settings[] = {
        {RECURRENT_gru, 1, 2, 300, 1, false, true, true, false},
        {RECURRENT_rnn_relu, 300, 2, 1, 2, false, true, true, false},
        {RECURRENT_lstm, 2, 2, 1, 70, false, true, true, false},
        {RECURRENT_rnn_tanh, 1, 2, 1, 260, false, true, true, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        check_setting(&settings[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_and_forms_are_the_definition),
        cmocka_unit_test(long_sums_go_by_blocks),
    };
    scalar_math = kernels_available()[0]->math;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
