/* Pools: the largest or the mean of what each output's window sees.
 *
 * Places that have the same taps share a list of them (window.h). Forward looks
 * from the outputs, backward from the inputs, so that every derivative is
 * written once, whether windows overlap or not. */

#include "engine/kernel/lanes_activation.h"

/* A tap: where it leads, in floats from the place's first one, and its number
 * in the window. */
struct pool_tap {
    ptrdiff_t at;
    float number;
};

struct pool_job {
    const struct pool_sizes *sizes;
    enum window_side side; /* of `out` */
    struct cells cells;
    const float *in; /* of the other side */
    float *out;
    const float *notes; /* max backward: tap numbers, as `in` */
    float *noted;       /* max forward: the same, as `out` */
    float divisor;      /* mean forward */
    struct pool_tap *taps;
    size_t tap_count;
};

/* What is done with `c` vectors of cells of one place: `to` is where they are
 * in `out`, `from` where their first tap is in `in`. */
enum { PLACE_VECTORS = 4 };
typedef void place_function(const struct pool_job *job, ptrdiff_t from,
                            size_t to, size_t c);

/* Outputs ascend, from whichever side one looks. */
static void list_taps(struct pool_job *job, const struct window_run *y,
                      const struct window_run *x) {
    const struct window *window = &job->sizes->window;
    const int is_forward = job->side == WINDOW_OF_OUTPUTS;
    const ptrdiff_t stride = (ptrdiff_t)job->cells.stride;
    const ptrdiff_t width =
        (ptrdiff_t)(is_forward ? window->x.in : window->x.out);
    struct pool_tap *tap = job->taps;
    for (size_t i = 0; i < y->taps; i++)
        for (size_t j = 0; j < x->taps; j++) {
            const size_t t = is_forward ? i : y->taps - 1 - i;
            const size_t u = is_forward ? j : x->taps - 1 - j;
            const size_t number =
                (y->kernel + t * y->kernel_step) * window->x.kernel +
                x->kernel + u * x->kernel_step;
            const ptrdiff_t place =
                (ptrdiff_t)t * y->tap_step * width + (ptrdiff_t)u * x->tap_step;
            *tap++ = (struct pool_tap){place * stride, (float)number};
        }
    job->tap_count = (size_t)(tap - job->taps);
}

V_INLINE void pool_place(const struct pool_job *job, ptrdiff_t from, size_t to,
                         place_function *body) {
    const size_t end = cells_vectors(job->cells) * KERNEL_WIDTH;
    const size_t step = (size_t)PLACE_VECTORS * KERNEL_WIDTH;
    size_t cell = 0;
    for (; cell + step <= end; cell += step)
        body(job, from + (ptrdiff_t)cell, to + cell, PLACE_VECTORS);
    for (; cell < end; cell += KERNEL_WIDTH)
        body(job, from + (ptrdiff_t)cell, to + cell, 1);
}

/* Every channel at the places of two runs. */
V_INLINE void pool_runs(const struct pool_job *job, const struct window_run *y,
                        const struct window_run *x, place_function *body) {
    const struct window *window = &job->sizes->window;
    const int is_forward = job->side == WINDOW_OF_OUTPUTS;
    const size_t inputs = window_inputs(window);
    const size_t outputs = window_outputs(window);
    const size_t stride = job->cells.stride;
    for (size_t channel = 0; channel < job->sizes->channels; channel++)
        for (size_t i = 0; i < y->count; i++) {
            const size_t row = y->first + i * y->step;
            const ptrdiff_t seen = y->at + (ptrdiff_t)i * y->at_step;
            size_t to = channel * (is_forward ? outputs : inputs) +
                        row * (is_forward ? window->x.out : window->x.in) +
                        x->first;
            ptrdiff_t from =
                (ptrdiff_t)(channel * (is_forward ? inputs : outputs)) +
                seen * (ptrdiff_t)(is_forward ? window->x.in : window->x.out) +
                x->at;
            for (size_t j = 0; j < x->count; j++) {
                pool_place(job, from * (ptrdiff_t)stride, to * stride, body);
                to += x->step;
                from += x->at_step;
            }
        }
}

/* What a mean is divided by along an axis, as ATen counts: with the padding,
 * but not what a last window that ceil_mode adds has beyond it. */
static size_t window_extent(const struct pool_sizes *sizes,
                            const struct window_axis *axis,
                            const struct window_run *run) {
    const size_t left = axis->in + 2 * axis->before - run->first * axis->stride;
    if (!sizes->count_padding)
        return run->taps;
    return left < axis->kernel ? left : axis->kernel;
}

V_INLINE void pool_places(struct pool_job *job, place_function *body) {
    const struct pool_sizes *sizes = job->sizes;
    struct window_run y = {.count = 0};
    while (window_next_run(&sizes->window.y, job->side, &y)) {
        struct window_run x = {.count = 0};
        while (window_next_run(&sizes->window.x, job->side, &x)) {
            list_taps(job, &y, &x);
            job->divisor = (float)(window_extent(sizes, &sizes->window.y, &y) *
                                   window_extent(sizes, &sizes->window.x, &x));
            pool_runs(job, &y, &x, body);
        }
    }
}

/* A NaN is larger than everything, the last of several the largest. */
V_INLINE void take_largest_of(const struct pool_job *job, ptrdiff_t from,
                              size_t to, const size_t c, const int relu) {
    const struct pool_tap *end = job->taps + job->tap_count;
    vfloat largest[PLACE_VECTORS], number[PLACE_VECTORS];
    V_UNROLL
    for (size_t k = 0; k < c; k++) {
        largest[k] = v_set(-__builtin_inff());
        number[k] = v_set(-1);
    }
    for (const struct pool_tap *tap = job->taps; tap < end; tap++) {
        const float *in = job->in + from + tap->at;
        V_UNROLL
        for (size_t k = 0; k < c; k++) {
            vfloat x = v_load(in + k * KERNEL_WIDTH);
            if (relu)
                x = relu_value(x, NULL);
            const vmask larger = v_or(v_less(largest[k], x), v_is_nan(x));
            largest[k] = v_select(larger, x, largest[k]);
            number[k] = v_select(larger, v_set(tap->number), number[k]);
        }
    }
    V_UNROLL
    for (size_t k = 0; k < c; k++) {
        v_store(job->out + to + k * KERNEL_WIDTH, largest[k]);
        v_store(job->noted + to + k * KERNEL_WIDTH, number[k]);
    }
}

V_INLINE void take_largest(const struct pool_job *job, ptrdiff_t from,
                           size_t to, const size_t c) {
    take_largest_of(job, from, to, c, 0);
}

V_INLINE void take_largest_relu(const struct pool_job *job, ptrdiff_t from,
                                size_t to, const size_t c) {
    take_largest_of(job, from, to, c, 1);
}

V_INLINE void give_to_largest(const struct pool_job *job, ptrdiff_t from,
                              size_t to, const size_t c) {
    const struct pool_tap *end = job->taps + job->tap_count;
    vfloat sum[PLACE_VECTORS];
    V_UNROLL
    for (size_t k = 0; k < c; k++)
        sum[k] = v_set(0);
    for (const struct pool_tap *tap = job->taps; tap < end; tap++) {
        const ptrdiff_t at = from + tap->at;
        V_UNROLL
        for (size_t k = 0; k < c; k++) {
            const vfloat number = v_load(job->notes + at + k * KERNEL_WIDTH);
            const vfloat dy = v_load(job->in + at + k * KERNEL_WIDTH);
            sum[k] +=
                v_select(v_equal(number, v_set(tap->number)), dy, v_set(0));
        }
    }
    V_UNROLL
    for (size_t k = 0; k < c; k++)
        v_store(job->out + to + k * KERNEL_WIDTH, sum[k]);
}

/* The sum of all taps, divided or not. */
V_INLINE void sum_taps(const struct pool_job *job, ptrdiff_t from, size_t to,
                       const size_t c, int is_mean) {
    const struct pool_tap *end = job->taps + job->tap_count;
    vfloat sum[PLACE_VECTORS];
    V_UNROLL
    for (size_t k = 0; k < c; k++)
        sum[k] = v_set(0);
    for (const struct pool_tap *tap = job->taps; tap < end; tap++) {
        V_UNROLL
        for (size_t k = 0; k < c; k++)
            sum[k] += v_load(job->in + from + tap->at + k * KERNEL_WIDTH);
    }
    V_UNROLL
    for (size_t k = 0; k < c; k++) {
        if (is_mean)
            sum[k] = sum[k] / v_set(job->divisor);
        v_store(job->out + to + k * KERNEL_WIDTH, sum[k]);
    }
}

V_INLINE void take_mean(const struct pool_job *job, ptrdiff_t from, size_t to,
                        const size_t c) {
    sum_taps(job, from, to, c, 1);
}

V_INLINE void give_to_all(const struct pool_job *job, ptrdiff_t from, size_t to,
                          const size_t c) {
    sum_taps(job, from, to, c, 0);
}

V_INLINE void divide(const struct pool_job *job, ptrdiff_t from, size_t to,
                     const size_t c) {
    (void)from;
    V_UNROLL
    for (size_t k = 0; k < c; k++) {
        float *at = job->out + to + k * KERNEL_WIDTH;
        v_store(at, v_load(at) / v_set(job->divisor));
    }
}

void LANES(max_pool_forward)(const struct pool_sizes *sizes, struct cells cells,
                             int relu, const float *x, float *y, float *taken,
                             float *scratch) {
    struct pool_job job = {.sizes = sizes,
                           .side = WINDOW_OF_OUTPUTS,
                           .cells = cells,
                           .in = x,
                           .out = y,
                           .noted = taken,
                           .taps = (void *)scratch};
    if (relu)
        pool_places(&job, take_largest_relu);
    else
        pool_places(&job, take_largest);
}

void LANES(max_pool_backward)(const struct pool_sizes *sizes,
                              struct cells cells, const float *taken,
                              const float *dy, float *dx, float *scratch) {
    struct pool_job job = {.sizes = sizes,
                           .side = WINDOW_OF_INPUTS,
                           .cells = cells,
                           .in = dy,
                           .out = dx,
                           .notes = taken,
                           .taps = (void *)scratch};
    pool_places(&job, give_to_largest);
}

void LANES(avg_pool_forward)(const struct pool_sizes *sizes, struct cells cells,
                             const float *x, float *y, float *scratch) {
    struct pool_job job = {.sizes = sizes,
                           .side = WINDOW_OF_OUTPUTS,
                           .cells = cells,
                           .in = x,
                           .out = y,
                           .taps = (void *)scratch};
    pool_places(&job, take_mean);
}

void LANES(avg_pool_backward)(const struct pool_sizes *sizes,
                              struct cells cells, float *dy, float *dx,
                              float *scratch) {
    struct pool_job job = {.sizes = sizes,
                           .side = WINDOW_OF_OUTPUTS,
                           .cells = cells,
                           .in = dy,
                           .out = dy,
                           .taps = (void *)scratch};
    pool_places(&job, divide);
    job.side = WINDOW_OF_INPUTS;
    job.out = dx;
    pool_places(&job, give_to_all);
}
