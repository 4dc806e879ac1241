#ifndef ENGINE_KERNEL_LANES_H
#define ENGINE_KERNEL_LANES_H

/* What the files of one copy share. Every external name ends in the copy's:
 * LANES(softmax_forward) is softmax_forward_v4 in the copy for x86-64-v4. */

#include "engine/kernel/kernel.h"
#include "engine/kernel/vector.h"

#define LANES_JOIN(name, isa) name##_##isa
#define LANES_EXPAND(name, isa) LANES_JOIN(name, isa)
#define LANES(name) LANES_EXPAND(name, KERNEL_ISA)

enum { KERNEL_PARTIAL_VECTORS = KERNEL_PARTIALS / KERNEL_WIDTH };

/* Vectors of a unit's cells. */
V_INLINE size_t cells_vectors(struct cells cells) {
    return (cells.rows * cells.lanes + KERNEL_WIDTH - 1) / KERNEL_WIDTH;
}

/* 1 if a vector holds the lanes of one row. */
V_INLINE int cells_in_lanes(struct cells cells) {
    return cells.lanes == KERNEL_WIDTH;
}

/* KERNEL_PARTIALS partial sums of one run (rows form: partial i in lane i mod
 * width of a vector) or of every lane (lanes form: a vector each). */
struct partials {
    vfloat part[KERNEL_PARTIALS];
};

V_INLINE void partials_clear(struct partials *sums) {
    for (int i = 0; i < KERNEL_PARTIALS; i++)
        sums->part[i] = v_set(0);
}

/* Adds vector `index` of a unit's cells; `valid` of its lanes are real. A
 * partial is never -0, so adding 0 for the others changes nothing. */
V_INLINE void partials_add(struct partials *sums, size_t index, vfloat term,
                           int in_lanes, size_t valid) {
    if (in_lanes) {
        sums->part[index % KERNEL_PARTIALS] += term;
        return;
    }
    if (valid < KERNEL_WIDTH)
        term = v_select(v_first(valid), term, v_set(0));
    sums->part[index % KERNEL_PARTIAL_VECTORS] += term;
}

/* The sum: one per lane, or the run's in lane 0 only. */
V_INLINE vfloat partials_total(struct partials *sums, int in_lanes) {
    if (!in_lanes)
        return v_set(v_meet(sums->part));
#pragma GCC unroll 4
    for (size_t half = KERNEL_PARTIALS / 2; half > 0; half /= 2)
#pragma GCC unroll 8
        for (size_t i = 0; i < half; i++)
            sums->part[i] += sums->part[i + half];
    return sums->part[0];
}

/* Real lanes of vector `index` of a unit's cells. */
V_INLINE size_t cells_valid(struct cells cells, size_t index) {
    const size_t left = cells.rows * cells.lanes - index * KERNEL_WIDTH;
    return left < KERNEL_WIDTH ? left : KERNEL_WIDTH;
}

extern const struct kernels LANES(kernels);
extern const struct math_function LANES(math_functions)[];

void LANES(linear_forward)(struct linear_sizes sizes, struct cells cells,
                           const float *weight, const float *bias,
                           const float *x, float *y, float *scratch);
void LANES(linear_backward_input)(struct linear_sizes sizes, struct cells cells,
                                  const float *weight, const float *dy,
                                  float *dx, float *scratch);
void LANES(linear_backward_sigmoid)(struct linear_sizes sizes,
                                    struct cells cells, const float *weight,
                                    const float *dy, const float *y, float *dx);
void LANES(linear_backward_tanh)(struct linear_sizes sizes, struct cells cells,
                                 const float *weight, const float *dy,
                                 const float *y, float *dx);
void LANES(linear_backward_weight)(struct linear_sizes sizes,
                                   struct cells cells, const float *x,
                                   const float *dy, float *dweight,
                                   float *dbias, float *scratch);

void LANES(conv_forward)(const struct conv_sizes *sizes, struct cells cells,
                         const float *weight, const float *bias, const float *x,
                         float *y, float *scratch);
void LANES(conv_backward_input)(const struct conv_sizes *sizes,
                                struct cells cells, const float *weight,
                                const float *bias, const float *dy, float *dx,
                                float *scratch);
void LANES(conv_backward_weight)(const struct conv_sizes *sizes,
                                 struct cells cells, const float *x,
                                 const float *dy, float *dweight,
                                 float *scratch);
void LANES(channel_sums)(size_t channels, size_t places, struct cells cells,
                         const float *dy, float *sum);
void LANES(max_pool_forward)(const struct pool_sizes *sizes, struct cells cells,
                             int relu, const float *x, float *y, float *taken,
                             float *scratch);
void LANES(max_pool_backward)(const struct pool_sizes *sizes,
                              struct cells cells, const float *taken,
                              const float *dy, float *dx, float *scratch);
void LANES(avg_pool_forward)(const struct pool_sizes *sizes, struct cells cells,
                             const float *x, float *y, float *scratch);
void LANES(avg_pool_backward)(const struct pool_sizes *sizes,
                              struct cells cells, float *dy, float *dx,
                              float *scratch);
void LANES(embedding_forward)(struct embedding_sizes sizes, struct cells cells,
                              const float *weight, const float *x, float *y);
void LANES(embedding_backward)(struct embedding_sizes sizes, struct cells cells,
                               const float *x, const float *dy, float *dweight);
void LANES(recurrent_forward)(const struct recurrent *recurrent);
void LANES(recurrent_backward)(const struct recurrent *recurrent,
                               const struct recurrent_gradients *gradients);

#define ACTIVATION(name, ...)                                                  \
    void LANES(name##_forward)(size_t units, struct cells cells,               \
                               const float *const *options, const float *x,    \
                               float *y);                                      \
    void LANES(name##_backward)(size_t units, struct cells cells,              \
                                const float *const *options, const float *x,   \
                                const float *y, const float *dy, float *dx);
#include "engine/kernel/activation.def"
#undef ACTIVATION

void LANES(softmax_forward)(size_t units, struct cells cells, const float *x,
                            float *y);
void LANES(softmax_backward)(size_t units, struct cells cells, const float *y,
                             const float *dy, float *dx);
void LANES(log_softmax_forward)(size_t units, struct cells cells,
                                const float *x, float *y);
void LANES(log_softmax_backward)(size_t units, struct cells cells,
                                 const float *y, const float *dy, float *dx);

#define LOSS(name, ...)                                                        \
    void LANES(name##_loss)(size_t units, struct cells cells,                  \
                            const float *const *options, const float *scale,   \
                            const float *y, const float *t, float *sum,        \
                            float *dy);
#include "engine/kernel/loss.def"
#undef LOSS
void LANES(bce_of_sigmoid)(size_t units, struct cells cells,
                           const float *const *options, const float *scale,
                           const float *y, const float *t, float *sum,
                           float *dx);

void LANES(nll)(size_t units, struct cells cells, const float *class_weight,
                int64_t ignore_index, int mean, const float *y, const float *t,
                float *sum, float *weight, float *dy);
void LANES(cross_entropy)(size_t units, struct cells cells,
                          const float *class_weight, int64_t ignore_index,
                          const float *label_smoothing, int mean,
                          const float *y, const float *t, float *sum,
                          float *weight, float *dy);

#define OPTIMIZER(name, ...)                                                   \
    void LANES(name##_update)(size_t count, const float *const *coefficients,  \
                              float *const *state, const float *gradient,      \
                              float *parameter);
#include "engine/kernel/optimizer.def"
#undef OPTIMIZER

void LANES(batch_statistics)(struct norm_sizes sizes, struct cells cells,
                             const float *eps, const float *x, float *notes,
                             float *mean, float *variance);
void LANES(given_statistics)(size_t count, size_t lanes, const float *eps,
                             const float *mean, const float *variance,
                             float *notes);
void LANES(running_average)(size_t count, size_t lanes,
                            const float *const rate[2], const float *value,
                            float *average);
void LANES(batch_norm_forward)(struct norm_sizes sizes, struct cells cells,
                               const float *notes, const float *weight,
                               const float *bias, const float *x, float *y);
void LANES(batch_norm_backward)(struct norm_sizes sizes, struct cells cells,
                                const float *notes, const float *weight,
                                const float *x, const float *dy, float *dweight,
                                float *dbias, float *dx);
void LANES(layer_norm_forward)(struct norm_sizes sizes, struct cells cells,
                               const float *eps, const float *weight,
                               const float *bias, const float *x, float *y,
                               float *notes);
void LANES(layer_norm_backward)(struct norm_sizes sizes, struct cells cells,
                                const float *notes, const float *weight,
                                const float *x, const float *dy, float *dweight,
                                float *dbias, float *dx);

void LANES(twisters_skip)(struct twisters *twisters, size_t count);
void LANES(twisters_shuffle)(struct twisters *twisters, size_t count,
                             const uint32_t *reciprocals, uint32_t *order);
void LANES(dropout)(struct twisters *twisters, const size_t counts[3],
                    const size_t strides[3], const float *const *numbers,
                    float *factors);
void LANES(gather)(size_t units, struct cells cells, const uint32_t *at,
                   const float *table, float *out);
void LANES(spread)(size_t units, struct cells cells, const uint32_t *at,
                   const float *table, float *out);

void LANES(sum_of_squares)(size_t count, size_t lanes, const float *values,
                           double *norm2);
void LANES(scale)(size_t count, size_t lanes, const float *factor,
                  float *values);
void LANES(add)(size_t count, const float *a, const float *b, float *out);
void LANES(multiply)(size_t count, const float *a, const float *b, float *out);
void LANES(double_logs)(size_t count, const double *x, double *y);

#endif
