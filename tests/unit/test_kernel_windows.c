/* Convolutions and pools of every copy, in both forms, give the bits of their
 * definitions in kernel.h, which stand below as plain loops over one run. Each
 * lane holds a run of its own, each odd corner of an array garbage. */

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

/* ---- cases ---- */

struct axis_case {
    size_t in, kernel, stride, dilation, before, more; /* more: outputs */
};

static struct window_axis axis_of(struct axis_case from) {
    const size_t reach = from.dilation * (from.kernel - 1) + 1;
    const size_t padded = from.in + 2 * from.before;
    return (struct window_axis){
        .in = from.in,
        .out = (padded - reach) / from.stride + 1 + from.more,
        .kernel = from.kernel,
        .stride = from.stride,
        .dilation = from.dilation,
        .before = from.before,
    };
}

static const struct conv_case {
    size_t inputs, outputs, groups, rows;
    struct axis_case y, x;
} CONV_CASES[] = {
    {1, 6, 1, 50, {9, 5, 1, 1, 2, 0}, {8, 5, 1, 1, 2, 0}},
    {6, 16, 1, 50, {6, 5, 1, 1, 0, 0}, {7, 5, 1, 1, 0, 0}},
    {3, 7, 1, 5, {5, 3, 1, 1, 1, 0}, {6, 3, 1, 1, 1, 0}},
    {4, 6, 2, 17, {6, 3, 2, 1, 1, 0}, {7, 3, 2, 1, 1, 0}},
    {4, 4, 4, 20, {5, 2, 1, 2, 1, 0}, {9, 3, 3, 2, 2, 0}},
    {2, 3, 1, 8, {1, 1, 1, 1, 0, 0}, {40, 9, 2, 1, 4, 0}},
    {1, 8, 1, 16, {1, 1, 1, 1, 0, 0}, {61, 9, 2, 1, 4, 0}},
    {3, 5, 1, 33, {1, 1, 1, 1, 0, 0}, {12, 4, 3, 2, 3, 0}},
    {2, 9, 1, 70, {1, 1, 1, 1, 0, 0}, {7, 7, 1, 1, 0, 0}},
    {1, 1, 1, 1, {1, 1, 1, 1, 0, 0}, {1, 1, 1, 1, 0, 0}},
    {2, 2, 1, 3, {1, 1, 1, 1, 0, 0}, {10, 2, 5, 3, 0, 0}},
    {2, 3, 1, 2, {1, 1, 1, 1, 0, 0}, {310, 3, 1, 1, 1, 0}},
    {2, 2, 1, 2, {1, 1, 1, 1, 0, 0}, {300, 280, 1, 1, 5, 0}},
    {30, 2, 1, 4, {4, 3, 1, 1, 1, 0}, {4, 3, 1, 1, 1, 0}},
    {2, 30, 1, 11, {4, 3, 1, 1, 1, 0}, {4, 3, 1, 1, 1, 0}},
    {1, 2, 1, 600, {1, 1, 1, 1, 0, 0}, {9, 3, 2, 1, 1, 0}},
    {1, 2, 1, 40, {20, 3, 1, 1, 1, 0}, {21, 3, 1, 1, 1, 0}},
    {2, 2, 1, 6, {3, 3, 1, 1, 3, 0}, {3, 2, 2, 1, 3, 0}},
};

static const struct pool_case {
    size_t channels, rows;
    int count_padding;
    struct axis_case y, x;
} POOL_CASES[] = {
    {3, 50, 1, {6, 2, 2, 1, 0, 0}, {8, 2, 2, 1, 0, 0}},
    {2, 17, 1, {7, 3, 2, 1, 1, 0}, {8, 3, 2, 1, 1, 1}},
    {2, 5, 0, {7, 3, 2, 1, 1, 0}, {8, 3, 2, 1, 1, 1}},
    {1, 33, 1, {5, 3, 1, 1, 1, 0}, {6, 3, 1, 1, 1, 0}},
    {2, 3, 0, {1, 1, 1, 1, 0, 0}, {30, 4, 4, 1, 0, 1}},
    {2, 70, 1, {1, 1, 1, 1, 0, 0}, {31, 5, 3, 1, 2, 0}},
    {1, 1, 1, {1, 1, 1, 1, 0, 0}, {9, 2, 4, 1, 1, 0}},
};
/* Of the largest alone: windows with holes. */
static const struct pool_case DILATED_CASES[] = {
    {2, 9, 0, {9, 3, 1, 2, 1, 0}, {10, 2, 3, 4, 1, 0}},
    {1, 20, 0, {1, 1, 1, 1, 0, 0}, {20, 4, 2, 3, 2, 1}},
};

/* What a kernel is called for: runs first_run … first_run + lanes - 1. */
struct setting {
    const struct kernels *kernels;
    size_t lanes, first_run, rows;
    struct conv_sizes conv;
    struct pool_sizes pool;
};

/* ---- results: a run's, one after the other ---- */

struct results {
    float *values;
    size_t count, capacity;
};

static void add_result(struct results *results, float value) {
    memory_grow(&results->values, results->count, &results->capacity,
                sizeof *results->values);
    results->values[results->count++] = value;
}

/* ---- data: a function of run, array and element ---- */

static uint32_t mixed(uint32_t x) {
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

typedef float datum_function(size_t run, int array, size_t element);

static float number(size_t run, int array, size_t element) {
    static const float rare[] = {0, -0.0f, 1e-41f, -3e-30f, 90, -110, 1, -1};
    const uint32_t key = (uint32_t)(run * 131 + (size_t)array) * 0x9e3779b9u;
    const uint32_t word = mixed(key ^ (uint32_t)element);
    const uint32_t dice = mixed(word) % 64;
    return dice < 8 ? rare[dice] : (float)(word >> 8) * 0x1p-21f - 4;
}

/* Often the same as its neighbours, now and then not a number. */
static float tied(size_t run, int array, size_t element) {
    const float value = number(run, array, element);
    const uint32_t dice = mixed((uint32_t)(element * 7 + run)) % 40;
    return dice == 0 ? NAN : dice == 1 ? -INFINITY : floorf(value);
}

static float *garbage(size_t count) {
    static const float bad[] = {NAN, -INFINITY, 3e38f, -1e-40f};
    float *array = memory_zeroed(count + 1, sizeof *array);
    for (size_t i = 0; i < count; i++)
        array[i] = bad[i % 4];
    return array;
}

/* [count][lanes]. */
static float *new_tensor(const struct setting *s, size_t count, int array) {
    float *values = garbage(count * s->lanes);
    for (size_t i = 0; i < count; i++)
        for (size_t lane = 0; lane < s->lanes; lane++)
            values[i * s->lanes + lane] = number(s->first_run + lane, array, i);
    return values;
}

static void take_tensor(const struct setting *s, size_t count, float *values,
                        struct results *results) {
    for (size_t lane = 0; lane < s->lanes; lane++)
        for (size_t i = 0; i < count; i++)
            add_result(&results[lane], values[i * s->lanes + lane]);
    free(values);
}

static struct cells cells_of(const struct setting *s) {
    return (struct cells){s->rows, s->lanes,
                          kernels_stride(s->rows, s->lanes, s->kernels->width)};
}

static float *new_cells(const struct setting *s, size_t units, int array,
                        datum_function *datum) {
    const struct cells cells = cells_of(s);
    float *values = garbage(units * cells.stride);
    for (size_t unit = 0; datum && unit < units; unit++)
        for (size_t row = 0; row < s->rows; row++)
            for (size_t lane = 0; lane < s->lanes; lane++)
                values[unit * cells.stride + row * s->lanes + lane] =
                    datum(s->first_run + lane, array, unit * s->rows + row);
    return values;
}

static void take_cells(const struct setting *s, size_t units, float *values,
                       struct results *results) {
    const struct cells cells = cells_of(s);
    for (size_t lane = 0; lane < s->lanes; lane++)
        for (size_t unit = 0; unit < units; unit++)
            for (size_t row = 0; row < s->rows; row++)
                add_result(&results[lane],
                           values[unit * cells.stride + row * s->lanes + lane]);
    free(values);
}

/* ---- definitions: sums ---- */

/* A matrix product's sum of terms that come one by one. */
struct product_sum {
    float total, block;
    size_t count, blocks;
};

static void end_block(struct product_sum *sum) {
    sum->total = sum->blocks ? sum->total + sum->block : sum->block;
    sum->blocks++;
    sum->block = 0;
    sum->count = 0;
}

static void count_term(struct product_sum *sum) {
    if (++sum->count == KERNEL_BLOCK)
        end_block(sum);
}

static void add_term(struct product_sum *sum, float a, float b) {
    sum->block = fmaf(a, b, sum->block);
    count_term(sum);
}

static float end_sum(struct product_sum *sum) {
    if (sum->count || !sum->blocks)
        end_block(sum);
    return sum->total;
}

static float meet(float partial[KERNEL_PARTIALS]) {
    for (size_t half = KERNEL_PARTIALS / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            partial[i] += partial[i + half];
    return partial[0];
}

/* ---- definitions: convolutions ---- */

/* One run: a plain network's arrays, [unit][row] and [weight]. */
struct plain {
    const struct setting *s;
    float *weight, *bias, *x, *dy;
    size_t inputs, outputs; /* of a group */
    size_t in, out;         /* places */
};

/* The input that output `o` sees through tap `k`, or -1. */
static ptrdiff_t seen(const struct window_axis *axis, size_t o, size_t k) {
    const ptrdiff_t at = (ptrdiff_t)(o * axis->stride + k * axis->dilation) -
                         (ptrdiff_t)axis->before;
    return at < 0 || at >= (ptrdiff_t)axis->in ? -1 : at;
}

static ptrdiff_t seen_place(const struct window *window, size_t output,
                            size_t tap) {
    const ptrdiff_t y =
        seen(&window->y, output / window->x.out, tap / window->x.kernel);
    const ptrdiff_t x =
        seen(&window->x, output % window->x.out, tap % window->x.kernel);
    return y < 0 || x < 0 ? -1 : y * (ptrdiff_t)window->x.in + x;
}

/* [input place][tap]: which output sees the place through the tap, or -1. */
static ptrdiff_t *seeing_places(const struct window *window) {
    const size_t taps = window_taps(window);
    const size_t count = window_inputs(window) * taps;
    ptrdiff_t *seeing = memory_zeroed(count, sizeof *seeing);
    for (size_t i = 0; i < count; i++)
        seeing[i] = -1;
    for (size_t output = 0; output < window_outputs(window); output++)
        for (size_t tap = 0; tap < taps; tap++) {
            const ptrdiff_t at = seen_place(window, output, tap);
            if (at >= 0)
                seeing[(size_t)at * taps + tap] = (ptrdiff_t)output;
        }
    return seeing;
}

static float weight_of(const struct plain *p, size_t output, size_t input,
                       size_t tap) {
    return p->weight[(output * p->inputs + input) *
                         window_taps(&p->s->conv.window) +
                     tap];
}

/* The blocks' sum with the bias in the first, terms given as pairs. */
static float sum_of_pairs(const struct results *pairs, const float *start) {
    float total = 0;
    for (size_t first = 0; first == 0 || first < pairs->count / 2;
         first += KERNEL_BLOCK) {
        float block = 0;
        for (size_t i = first; i < first + KERNEL_BLOCK && i < pairs->count / 2;
             i++)
            block = fmaf(pairs->values[2 * i], pairs->values[2 * i + 1], block);
        if (first == 0 && start)
            block += *start;
        total = first ? total + block : block;
    }
    return total;
}

static void define_outputs(const struct plain *p, struct results *results) {
    const struct window *window = &p->s->conv.window;
    for (size_t o = 0; o < p->s->conv.outputs; o++)
        for (size_t place = 0; place < p->out; place++)
            for (size_t row = 0; row < p->s->rows; row++) {
                struct results pairs = {0};
                for (size_t i = 0; i < p->inputs; i++)
                    for (size_t tap = 0; tap < window_taps(window); tap++) {
                        const ptrdiff_t at = seen_place(window, place, tap);
                        const size_t channel = o / p->outputs * p->inputs + i;
                        if (at < 0)
                            continue;
                        add_result(&pairs, weight_of(p, o, i, tap));
                        add_result(
                            &pairs,
                            p->x[(channel * p->in + (size_t)at) * p->s->rows +
                                 row]);
                    }
                add_result(results, sum_of_pairs(&pairs, &p->bias[o]));
                free(pairs.values);
            }
}

static void define_inputs(const struct plain *p, struct results *results) {
    const struct window *window = &p->s->conv.window;
    ptrdiff_t *seeing = seeing_places(window);
    for (size_t i = 0; i < p->s->conv.inputs; i++)
        for (size_t place = 0; place < p->in; place++)
            for (size_t row = 0; row < p->s->rows; row++) {
                struct results pairs = {0};
                for (size_t k = 0; k < p->outputs; k++)
                    for (size_t tap = 0; tap < window_taps(window); tap++) {
                        const ptrdiff_t at =
                            seeing[place * window_taps(window) + tap];
                        const size_t o = i / p->inputs * p->outputs + k;
                        if (at < 0)
                            continue;
                        add_result(&pairs, weight_of(p, o, i % p->inputs, tap));
                        add_result(
                            &pairs,
                            p->dy[(o * p->out + (size_t)at) * p->s->rows +
                                  row]);
                    }
                add_result(results, sum_of_pairs(&pairs, NULL));
                free(pairs.values);
            }
    free(seeing);
}

/* Adds the blocks of rows first, first + KERNEL_PARTIALS, … below `end`. */
static void define_blocks(const struct plain *p, size_t o, size_t channel,
                          size_t tap, size_t first, size_t end, float *sum,
                          size_t *blocks) {
    const size_t rows = p->s->rows;
    const size_t own = (end - first - 1) / KERNEL_PARTIALS + 1;
    const size_t places = own < KERNEL_BLOCK ? KERNEL_BLOCK / own : 1;
    for (size_t begin = 0; begin < p->out; begin += places) {
        float block = 0;
        for (size_t i = begin; i < p->out && i < begin + places; i++) {
            const ptrdiff_t at = seen_place(&p->s->conv.window, i, tap);
            const float *dy = p->dy + (o * p->out + i) * rows;
            const float *x =
                p->x + (ptrdiff_t)rows * ((ptrdiff_t)(channel * p->in) + at);
            for (size_t row = first; at >= 0 && row < end;
                 row += KERNEL_PARTIALS)
                block = fmaf(dy[row], x[row], block);
        }
        *sum = (*blocks)++ ? *sum + block : block;
    }
}

static float define_weight(const struct plain *p, size_t o, size_t i,
                           size_t tap) {
    float partial[KERNEL_PARTIALS] = {0};
    const size_t channel = o / p->outputs * p->inputs + i;
    const size_t whole = p->s->rows / KERNEL_PARTIALS * KERNEL_PARTIALS;
    for (size_t part = 0; part < KERNEL_PARTIALS; part++) {
        size_t blocks = 0;
        if (part < whole)
            define_blocks(p, o, channel, tap, part, whole, &partial[part],
                          &blocks);
        if (whole + part < p->s->rows)
            define_blocks(p, o, channel, tap, whole + part, whole + part + 1,
                          &partial[part], &blocks);
    }
    return meet(partial);
}

static float define_channel(const struct plain *p, size_t channel) {
    float partial[KERNEL_PARTIALS];
    for (size_t part = 0; part < KERNEL_PARTIALS; part++) {
        struct product_sum sum = {0};
        for (size_t place = 0; place < p->out; place++) {
            float own = 0;
            for (size_t row = part; row < p->s->rows; row += KERNEL_PARTIALS)
                own += p->dy[(channel * p->out + place) * p->s->rows + row];
            add_term(&sum, 1, own);
        }
        partial[part] = end_sum(&sum);
    }
    return meet(partial);
}

static float *plain_values(const struct setting *s, size_t count, int array,
                           datum_function *datum) {
    float *values = memory_zeroed(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = datum(s->first_run, array, i);
    return values;
}

static size_t weights_of(const struct conv_sizes *sizes) {
    return sizes->outputs * sizes->inputs / sizes->groups *
           window_taps(&sizes->window);
}

static void define_conv(const struct setting *s, struct results *results) {
    const struct conv_sizes *sizes = &s->conv;
    struct plain p = {
        .s = s,
        .inputs = sizes->inputs / sizes->groups,
        .outputs = sizes->outputs / sizes->groups,
        .in = window_inputs(&sizes->window),
        .out = window_outputs(&sizes->window),
    };
    p.weight = plain_values(s, weights_of(sizes), 0, number);
    p.bias = plain_values(s, sizes->outputs, 1, number);
    p.x = plain_values(s, sizes->inputs * p.in * s->rows, 2, number);
    p.dy = plain_values(s, sizes->outputs * p.out * s->rows, 3, number);
    define_outputs(&p, results);
    define_inputs(&p, results);
    for (size_t o = 0; o < sizes->outputs; o++)
        for (size_t i = 0; i < p.inputs; i++)
            for (size_t tap = 0; tap < window_taps(&sizes->window); tap++)
                add_result(results, define_weight(&p, o, i, tap));
    for (size_t o = 0; o < sizes->outputs; o++)
        add_result(results, define_channel(&p, o));
    free(p.weight), free(p.bias), free(p.x), free(p.dy);
}

static void run_conv(const struct setting *s, struct results *results) {
    const struct conv_sizes *sizes = &s->conv;
    const struct kernels *k = s->kernels;
    const struct cells cells = cells_of(s);
    const size_t weights = weights_of(sizes);
    const size_t in = sizes->inputs * window_inputs(&sizes->window);
    const size_t places = window_outputs(&sizes->window);
    const size_t out = sizes->outputs * places;
    float *weight = new_tensor(s, weights, 0);
    float *bias = new_tensor(s, sizes->outputs, 1);
    float *x = new_cells(s, in, 2, number), *dx = new_cells(s, in, 0, NULL);
    float *dy = new_cells(s, out, 3, number), *y = new_cells(s, out, 0, NULL);
    float *dweight = garbage(weights * s->lanes);
    float *dbias = garbage(sizes->outputs * s->lanes);
    float *scratch = garbage(kernels_conv_scratch(sizes, cells, k->width));
    k->conv_forward(sizes, cells, weight, bias, x, y, scratch);
    k->conv_backward_input(sizes, cells, weight, NULL, dy, dx, scratch);
    k->conv_backward_weight(sizes, cells, x, dy, dweight, scratch);
    k->channel_sums(sizes->outputs, places, cells, dy, dbias);
    take_cells(s, out, y, results);
    take_cells(s, in, dx, results);
    take_tensor(s, weights, dweight, results);
    take_tensor(s, sizes->outputs, dbias, results);
    free(weight), free(bias), free(x), free(dy), free(scratch);
}

/* ---- definitions: pools ---- */

/* The tap that gives the largest, -1 if none is above -inf. */
static ptrdiff_t largest_tap(const struct setting *s, const float *x,
                             size_t channel, size_t output, size_t row,
                             float *largest) {
    const struct window *window = &s->pool.window;
    ptrdiff_t taken = -1;
    *largest = -INFINITY;
    for (size_t tap = 0; tap < window_taps(window); tap++) {
        const ptrdiff_t at = seen_place(window, output, tap);
        if (at < 0)
            continue;
        const float value =
            x[(channel * window_inputs(window) + (size_t)at) * s->rows + row];
        if (value > *largest || isnan(value)) {
            *largest = value;
            taken = (ptrdiff_t)tap;
        }
    }
    return taken;
}

static size_t extent(const struct window_axis *axis, size_t o, int padding) {
    const size_t from = o * axis->stride, end = from + axis->kernel;
    const size_t padded = axis->in + 2 * axis->before;
    size_t low = from, high = end < padded ? end : padded;
    if (!padding) {
        low = low < axis->before ? axis->before : low;
        high = high > axis->in + axis->before ? axis->in + axis->before : high;
    }
    return high - low;
}

static float divisor(const struct setting *s, size_t output) {
    const struct window *window = &s->pool.window;
    return (float)(extent(&window->y, output / window->x.out,
                          s->pool.count_padding) *
                   extent(&window->x, output % window->x.out,
                          s->pool.count_padding));
}

static float define_mean(const struct setting *s, const float *x,
                         size_t channel, size_t output, size_t row) {
    const struct window *window = &s->pool.window;
    float sum = 0;
    for (size_t tap = 0; tap < window_taps(window); tap++) {
        const ptrdiff_t at = seen_place(window, output, tap);
        if (at >= 0)
            sum += x[(channel * window_inputs(window) + (size_t)at) * s->rows +
                     row];
    }
    return sum / divisor(s, output);
}

/* What the outputs give to one input: all of them, or those that took it. */
static float define_given(const struct setting *s, const float *x,
                          const float *dy, size_t channel, size_t at,
                          size_t row, int is_mean) {
    const struct window *window = &s->pool.window;
    float sum = 0, largest;
    for (size_t output = 0; output < window_outputs(window); output++)
        for (size_t tap = 0; tap < window_taps(window); tap++) {
            const float given =
                dy[(channel * window_outputs(window) + output) * s->rows + row];
            if (seen_place(window, output, tap) != (ptrdiff_t)at)
                continue;
            if (is_mean)
                sum += given / divisor(s, output);
            else if (largest_tap(s, x, channel, output, row, &largest) ==
                     (ptrdiff_t)tap)
                sum += given;
        }
    return sum;
}

static void define_pool(const struct setting *s, struct results *results,
                        int is_mean) {
    const size_t in = window_inputs(&s->pool.window);
    const size_t out = window_outputs(&s->pool.window);
    float *x = plain_values(s, s->pool.channels * in * s->rows, 2, tied);
    float *dy = plain_values(s, s->pool.channels * out * s->rows, 3, number);
    for (size_t unit = 0; unit < s->pool.channels * out; unit++)
        for (size_t row = 0; row < s->rows; row++) {
            float value;
            if (is_mean)
                value = define_mean(s, x, unit / out, unit % out, row);
            else
                largest_tap(s, x, unit / out, unit % out, row, &value);
            add_result(results, value);
        }
    for (size_t unit = 0; unit < s->pool.channels * in; unit++)
        for (size_t row = 0; row < s->rows; row++)
            add_result(results, define_given(s, x, dy, unit / in, unit % in,
                                             row, is_mean));
    free(x), free(dy);
}

static void define_max_pool(const struct setting *s, struct results *results) {
    define_pool(s, results, 0);
}

static void define_avg_pool(const struct setting *s, struct results *results) {
    define_pool(s, results, 1);
}

static void run_pool(const struct setting *s, struct results *results,
                     int is_mean) {
    const struct pool_sizes *sizes = &s->pool;
    const struct kernels *k = s->kernels;
    const struct cells cells = cells_of(s);
    const size_t in = sizes->channels * window_inputs(&sizes->window);
    const size_t out = sizes->channels * window_outputs(&sizes->window);
    float *x = new_cells(s, in, 2, tied), *dx = new_cells(s, in, 0, NULL);
    float *dy = new_cells(s, out, 3, number), *y = new_cells(s, out, 0, NULL);
    float *taken = new_cells(s, out, 0, NULL);
    float *scratch = garbage(kernels_pool_scratch(sizes));
    if (is_mean) {
        k->avg_pool_forward(sizes, cells, x, y, scratch);
        k->avg_pool_backward(sizes, cells, dy, dx, scratch);
    } else {
        k->max_pool_forward(sizes, cells, 0, x, y, taken, scratch);
        k->max_pool_backward(sizes, cells, taken, dy, dx, scratch);
    }
    take_cells(s, out, y, results);
    take_cells(s, in, dx, results);
    free(x), free(dy), free(taken), free(scratch);
}

static void run_max_pool(const struct setting *s, struct results *results) {
    run_pool(s, results, 0);
}

static void run_avg_pool(const struct setting *s, struct results *results) {
    run_pool(s, results, 1);
}

/* ---- comparison ---- */

typedef void kernel_function(const struct setting *s, struct results *results);

static void check_equal(const struct setting *s, size_t number_of_case,
                        size_t lane, const struct results *expected,
                        const struct results *actual) {
    assert_int_equal(expected->count, actual->count);
    for (size_t i = 0; i < expected->count; i++) {
        const float a = expected->values[i], b = actual->values[i];
        if (memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)))
            continue;
        fail_msg("case %zu, %s, %zu lanes, lane %zu: result %zu of %zu is %a, "
                 "not %a",
                 number_of_case, s->kernels->isa, s->lanes, lane, i,
                 expected->count, (double)b, (double)a);
    }
}

static void check_form(struct setting s, size_t number_of_case, size_t lanes,
                       kernel_function *run, const struct results *expected) {
    s.lanes = lanes;
    for (s.first_run = 0; s.first_run + lanes <= RUNS; s.first_run += lanes) {
        struct results results[RUNS] = {{0}};
        run(&s, results);
        for (size_t lane = 0; lane < lanes; lane++) {
            check_equal(&s, number_of_case, lane, &expected[s.first_run + lane],
                        &results[lane]);
            free(results[lane].values);
        }
        if (lanes == 1)
            break; /* one run is enough */
    }
}

static void check_kernel(struct setting s, size_t number_of_case,
                         kernel_function *run, kernel_function *define) {
    struct results expected[RUNS] = {{0}};
    for (s.first_run = 0; s.first_run < RUNS; s.first_run++)
        define(&s, &expected[s.first_run]);
    for (const struct kernels *const *copy = kernels_available(); *copy;
         copy++) {
        s.kernels = *copy;
        check_form(s, number_of_case, 1, run, expected);
        if (s.kernels->width > 1)
            check_form(s, number_of_case, s.kernels->width, run, expected);
    }
    for (size_t i = 0; i < RUNS; i++)
        free(expected[i].values);
}

static void test_convolutions(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof CONV_CASES / sizeof *CONV_CASES; i++) {
        const struct conv_case *c = &CONV_CASES[i];
        const struct setting s = {
            .rows = c->rows,
            .conv = {c->inputs,
                     c->outputs,
                     c->groups,
                     {axis_of(c->y), axis_of(c->x)}},
        };
        check_kernel(s, i, run_conv, define_conv);
    }
}

static void check_pools(const struct pool_case *cases, size_t count,
                        kernel_function *run, kernel_function *define) {
    for (size_t i = 0; i < count; i++) {
        const struct pool_case *c = &cases[i];
        const struct setting s = {
            .rows = c->rows,
            .pool = {c->channels,
                     c->count_padding,
                     {axis_of(c->y), axis_of(c->x)}},
        };
        check_kernel(s, i, run, define);
    }
}

static void test_pools(void **state) {
    (void)state;
    const size_t count = sizeof POOL_CASES / sizeof *POOL_CASES;
    check_pools(POOL_CASES, count, run_avg_pool, define_avg_pool);
    check_pools(POOL_CASES, count, run_max_pool, define_max_pool);
    check_pools(DILATED_CASES, sizeof DILATED_CASES / sizeof *DILATED_CASES,
                run_max_pool, define_max_pool);
}

/* Every place in one run, with the taps that the definition says. */
static void check_runs(const struct window_axis *axis, enum window_side side) {
    const size_t places = side == WINDOW_OF_OUTPUTS ? axis->out : axis->in;
    size_t *met = memory_zeroed(places, sizeof *met);
    struct window_run run = {.count = 0};
    while (window_next_run(axis, side, &run))
        for (size_t i = 0; i < run.count; i++) {
            const size_t place = run.first + i * run.step;
            size_t taps = 0;
            assert_true(place < places);
            met[place]++;
            for (size_t k = 0; k < axis->kernel; k++)
                for (size_t o = 0; o < axis->out; o++) {
                    const ptrdiff_t in = seen(axis, o, k);
                    const ptrdiff_t other =
                        side == WINDOW_OF_OUTPUTS ? in : (ptrdiff_t)o;
                    if (in < 0 ||
                        place != (side == WINDOW_OF_OUTPUTS ? o : (size_t)in))
                        continue;
                    assert_int_equal(run.kernel + taps * run.kernel_step, k);
                    assert_int_equal(run.at + (ptrdiff_t)i * run.at_step +
                                         (ptrdiff_t)taps * run.tap_step,
                                     other);
                    taps++;
                }
            assert_int_equal(run.taps, taps);
        }
    for (size_t i = 0; i < places; i++)
        assert_int_equal(met[i], 1);
    free(met);
}

static void test_windows(void **state) {
    (void)state;
    for (size_t in = 1; in < 12; in++)
        for (size_t kernel = 1; kernel < 5; kernel++)
            for (size_t stride = 1; stride < 6; stride++)
                for (size_t dilation = 1; dilation < 5; dilation++)
                    for (size_t before = 0; before < 4; before++) {
                        const struct axis_case c = {in,       kernel, stride,
                                                    dilation, before, 0};
                        if (dilation * (kernel - 1) >= in + 2 * before)
                            continue;
                        const struct window_axis axis = axis_of(c);
                        check_runs(&axis, WINDOW_OF_OUTPUTS);
                        check_runs(&axis, WINDOW_OF_INPUTS);
                    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_convolutions),
        cmocka_unit_test(test_pools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
