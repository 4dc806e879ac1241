/* Batch norm: a channel at a time, its positions unit after unit. */

#include "engine/kernel/lanes_norm.h"

struct channel {
    struct cells cells;
    size_t positions;
    vfloat count; /* rows x positions */
};

static struct channel channel_of(struct norm_sizes sizes, struct cells cells) {
    const size_t count = cells.rows * sizes.inner;
    return (struct channel){cells, sizes.inner, v_set((float)count)};
}

V_INLINE vfloat channel_sum(const struct channel *channel, const float *x,
                            int in_lanes) {
    const size_t vectors = cells_vectors(channel->cells);
    struct partials sums;
    partials_clear(&sums);
    for (size_t p = 0; p < channel->positions; p++)
        for (size_t index = 0; index < vectors; index++)
            partials_add(
                &sums, index,
                v_load(x + p * channel->cells.stride + index * KERNEL_WIDTH),
                in_lanes, cells_valid(channel->cells, index));
    return partials_total(&sums, in_lanes);
}

struct moments {
    vfloat mean, rest; /* the mean is mean + rest */
    vfloat variance;   /* the biased one */
};

V_INLINE struct moments channel_moments(const struct channel *channel,
                                        const float *x, int in_lanes) {
    const vfloat mean = channel_sum(channel, x, in_lanes) / channel->count;
    const size_t vectors = cells_vectors(channel->cells);
    struct partials rests, squares;
    partials_clear(&rests);
    partials_clear(&squares);
    for (size_t p = 0; p < channel->positions; p++)
        for (size_t index = 0; index < vectors; index++) {
            const size_t valid = cells_valid(channel->cells, index);
            const vfloat rest =
                v_load(x + p * channel->cells.stride + index * KERNEL_WIDTH) -
                mean;
            partials_add(&rests, index, rest, in_lanes, valid);
            partials_add(&squares, index, rest * rest, in_lanes, valid);
        }
    const vfloat rest = partials_total(&rests, in_lanes) / channel->count;
    const vfloat square = partials_total(&squares, in_lanes) / channel->count;
    return (struct moments){mean, rest, variance_of(square, rest)};
}

V_INLINE void batch_statistics(struct norm_sizes sizes, struct cells cells,
                               const float *eps, const float *x, float *notes,
                               float *mean, float *variance, int in_lanes) {
    const struct channel channel = channel_of(sizes, cells);
    const vfloat unbiased = channel.count / (channel.count - v_set(1));
    for (size_t c = 0; c < sizes.outer; c++) {
        const struct moments moments = channel_moments(
            &channel, x + c * sizes.inner * cells.stride, in_lanes);
        const vfloat scale = scale_of(moments.variance, v_load(eps));
        float *note = notes + c * KERNEL_NORM_NOTES * KERNEL_WIDTH;
        v_store(note + NOTE_MEAN * KERNEL_WIDTH, moments.mean);
        v_store(note + NOTE_SHIFT * KERNEL_WIDTH, -moments.rest * scale);
        v_store(note + NOTE_SCALE * KERNEL_WIDTH, scale);
        v_store(mean + c * KERNEL_WIDTH, moments.mean + moments.rest);
        v_store(variance + c * KERNEL_WIDTH, moments.variance * unbiased);
    }
}

void LANES(batch_statistics)(struct norm_sizes sizes, struct cells cells,
                             const float *eps, const float *x, float *notes,
                             float *mean, float *variance) {
    if (cells_in_lanes(cells))
        batch_statistics(sizes, cells, eps, x, notes, mean, variance, 1);
    else
        batch_statistics(sizes, cells, eps, x, notes, mean, variance, 0);
}

V_INLINE void running_average(size_t count, const size_t lanes,
                              const float *const rate[2], const float *value,
                              float *average) {
    for (size_t i = 0; i < count; i++)
        for (size_t lane = 0; lane < lanes; lane++) {
            const double share = (double)rate[0][lane] + (double)rate[1][lane];
            float *at = average + i * lanes + lane;
            *at = (float)(share * (double)value[i * KERNEL_WIDTH + lane] +
                          (1 - share) * (double)*at);
        }
}

void LANES(running_average)(size_t count, size_t lanes,
                            const float *const rate[2], const float *value,
                            float *average) {
    if (lanes == 1)
        running_average(count, 1, rate, value, average);
    else
        running_average(count, KERNEL_WIDTH, rate, value, average);
}

void LANES(given_statistics)(size_t count, size_t lanes, const float *eps,
                             const float *mean, const float *variance,
                             float *notes) {
    const int in_lanes = lanes == KERNEL_WIDTH;
    for (size_t c = 0; c < count; c++) {
        float *note = notes + c * KERNEL_NORM_NOTES * KERNEL_WIDTH;
        v_store(note + NOTE_MEAN * KERNEL_WIDTH, parameter(mean, c, in_lanes));
        v_store(note + NOTE_SHIFT * KERNEL_WIDTH, v_set(0));
        v_store(note + NOTE_SCALE * KERNEL_WIDTH,
                scale_of(parameter(variance, c, in_lanes), v_load(eps)));
    }
}

/* A channel's notes and parameters. */
struct affine {
    vfloat mean, shift, scale, weight, bias;
};

V_INLINE struct affine affine_of(const float *notes, const float *weight,
                                 const float *bias, size_t c, int in_lanes) {
    const float *note = notes + c * KERNEL_NORM_NOTES * KERNEL_WIDTH;
    return (struct affine){
        .mean = v_load(note + NOTE_MEAN * KERNEL_WIDTH),
        .shift = v_load(note + NOTE_SHIFT * KERNEL_WIDTH),
        .scale = v_load(note + NOTE_SCALE * KERNEL_WIDTH),
        .weight = weight ? parameter(weight, c, in_lanes) : v_set(1),
        .bias = bias ? parameter(bias, c, in_lanes) : v_set(0),
    };
}

void LANES(batch_norm_forward)(struct norm_sizes sizes, struct cells cells,
                               const float *notes, const float *weight,
                               const float *bias, const float *x, float *y) {
    const int in_lanes = cells_in_lanes(cells);
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t c = 0; c < sizes.outer; c++) {
        const struct affine affine =
            affine_of(notes, weight, bias, c, in_lanes);
        const vfloat scale = affine.scale * affine.weight;
        const vfloat shift = v_fma(affine.shift, affine.weight, affine.bias);
        for (size_t p = 0; p < sizes.inner; p++) {
            const size_t at = (c * sizes.inner + p) * cells.stride;
            for (size_t i = 0; i < end; i += KERNEL_WIDTH)
                v_store(y + at + i,
                        v_fma(v_load(x + at + i) - affine.mean, scale, shift));
        }
    }
}

/* The sums over a channel of dy and of dy x^. */
struct slopes {
    vfloat plain, along;
};

V_INLINE struct slopes channel_slopes(const struct channel *channel,
                                      const struct affine *affine,
                                      const float *x, const float *dy,
                                      int in_lanes) {
    const size_t vectors = cells_vectors(channel->cells);
    struct partials plain, along;
    partials_clear(&plain);
    partials_clear(&along);
    for (size_t p = 0; p < channel->positions; p++)
        for (size_t index = 0; index < vectors; index++) {
            const size_t at = p * channel->cells.stride + index * KERNEL_WIDTH;
            const size_t valid = cells_valid(channel->cells, index);
            const vfloat slope = v_load(dy + at);
            partials_add(&plain, index, slope, in_lanes, valid);
            partials_add(&along, index, slope * (v_load(x + at) - affine->mean),
                         in_lanes, valid);
        }
    const vfloat sum = partials_total(&plain, in_lanes);
    const vfloat product = partials_total(&along, in_lanes);
    return (struct slopes){sum,
                           v_fma(product, affine->scale, sum * affine->shift)};
}

/* dx = scale weight (dy - mean of dy - x^ mean of dy x^) */
V_INLINE void channel_dx(const struct channel *channel,
                         const struct affine *affine, struct slopes slopes,
                         const float *x, const float *dy, float *dx) {
    const size_t end = cells_vectors(channel->cells) * KERNEL_WIDTH;
    const vfloat along = slopes.along / channel->count;
    const vfloat plain =
        v_fma(along, affine->shift, slopes.plain / channel->count);
    const vfloat inner = along * affine->scale;
    const vfloat outer = affine->scale * affine->weight;
    for (size_t p = 0; p < channel->positions; p++)
        for (size_t i = 0; i < end; i += KERNEL_WIDTH) {
            const size_t at = p * channel->cells.stride + i;
            const vfloat d = v_load(x + at) - affine->mean;
            v_store(dx + at, v_fma(-d, inner, v_load(dy + at) - plain) * outer);
        }
}

V_INLINE void batch_norm_backward(struct norm_sizes sizes, struct cells cells,
                                  const float *notes, const float *weight,
                                  const float *x, const float *dy,
                                  float *dweight, float *dbias, float *dx,
                                  int in_lanes) {
    const struct channel channel = channel_of(sizes, cells);
    for (size_t c = 0; c < sizes.outer; c++) {
        const size_t at = c * sizes.inner * cells.stride;
        const struct affine affine =
            affine_of(notes, weight, NULL, c, in_lanes);
        const struct slopes slopes =
            channel_slopes(&channel, &affine, x + at, dy + at, in_lanes);
        if (dweight) {
            store_parameter(dweight, c, slopes.along, in_lanes);
            store_parameter(dbias, c, slopes.plain, in_lanes);
        }
        if (dx)
            channel_dx(&channel, &affine, slopes, x + at, dy + at, dx + at);
    }
}

void LANES(batch_norm_backward)(struct norm_sizes sizes, struct cells cells,
                                const float *notes, const float *weight,
                                const float *x, const float *dy, float *dweight,
                                float *dbias, float *dx) {
    if (cells_in_lanes(cells))
        batch_norm_backward(sizes, cells, notes, weight, x, dy, dweight, dbias,
                            dx, 1);
    else
        batch_norm_backward(sizes, cells, notes, weight, x, dy, dweight, dbias,
                            dx, 0);
}
