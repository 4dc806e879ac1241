/* Convolutions of every copy, in both forms, give the bits of their definitions
 * in kernel.h, which stand below as plain loops over one run. */

#include "tests/unit/window_fixtures.h"

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

static struct conv_sizes sizes_of(const struct setting *s) {
    const struct conv_case *c = &CONV_CASES[s->index];
    return (struct conv_sizes){
        c->inputs, c->outputs, c->groups, {axis_of(c->y), axis_of(c->x)}};
}

/* [count][lanes] and not a float more: whole vectors are not there to be read
 * or written. */
static float *new_weights(const struct setting *s, size_t count, int array) {
    float *values = garbage(count * s->lanes);
    for (size_t i = 0; i < count; i++)
        for (size_t lane = 0; lane < s->lanes; lane++)
            values[i * s->lanes + lane] = number(s->first_run + lane, array, i);
    return values;
}

/* ---- definitions ---- */

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

/* One run: a plain network's arrays, [unit][row] and [weight]. */
struct plain {
    const struct setting *s;
    struct conv_sizes sizes;
    float *weight, *bias, *x, *dy;
    size_t inputs, outputs; /* of a group */
    size_t in, out;         /* places */
};

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
    return p
        ->weight[(output * p->inputs + input) * window_taps(&p->sizes.window) +
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
    const struct window *window = &p->sizes.window;
    for (size_t o = 0; o < p->sizes.outputs; o++)
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
    const struct window *window = &p->sizes.window;
    ptrdiff_t *seeing = seeing_places(window);
    for (size_t i = 0; i < p->sizes.inputs; i++)
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
            const ptrdiff_t at = seen_place(&p->sizes.window, i, tap);
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

static size_t weights_of(const struct conv_sizes *sizes) {
    return sizes->outputs * sizes->inputs / sizes->groups *
           window_taps(&sizes->window);
}

static void define_conv(const struct setting *s, struct results *results) {
    const struct conv_sizes of = sizes_of(s), *sizes = &of;
    struct plain p = {
        .s = s,
        .sizes = of,
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
    const struct conv_sizes of = sizes_of(s), *sizes = &of;
    const struct kernels *k = s->kernels;
    const struct cells cells = cells_of(s);
    const size_t weights = weights_of(sizes);
    const size_t in = sizes->inputs * window_inputs(&sizes->window);
    const size_t places = window_outputs(&sizes->window);
    const size_t out = sizes->outputs * places;
    float *weight = new_weights(s, weights, 0);
    float *bias = new_weights(s, sizes->outputs, 1);
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

static void test_convolutions(void **state) {
    (void)state;
    const int count = sizeof CONV_CASES / sizeof *CONV_CASES;
    for (int i = 0; i < count; i++)
        check_kernel((struct setting){.rows = CONV_CASES[i].rows, .index = i},
                     run_conv, define_conv);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_convolutions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
