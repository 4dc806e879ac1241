/* softmax, log_softmax and the losses of classes, over the units of a row. */

#include "engine/kernel/lane_math.h"
#include "engine/kernel/lanes.h"

V_INLINE vfloat greatest(const float *x, size_t units, size_t stride) {
    vfloat largest = v_load(x);
    for (size_t unit = 1; unit < units; unit++)
        largest = v_max(largest, v_load(x + unit * stride));
    return largest;
}

/* y = e^(x - largest); returns their sum. y may be x. */
V_INLINE vfloat exponentials(const float *x, float *y, vfloat largest,
                             size_t units, size_t stride) {
    vfloat sum = v_set(0);
    for (size_t unit = 0; unit < units; unit++) {
        const vfloat e = lane_exp_down(v_load(x + unit * stride) - largest);
        v_store(y + unit * stride, e);
        sum += e;
    }
    return sum;
}

void LANES(softmax_forward)(size_t units, struct cells cells, const float *x,
                            float *y) {
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t i = 0; i < end; i += KERNEL_WIDTH) {
        const vfloat largest = greatest(x + i, units, cells.stride);
        const vfloat sum =
            exponentials(x + i, y + i, largest, units, cells.stride);
        for (size_t unit = 0; unit < units; unit++) {
            float *at = y + i + unit * cells.stride;
            v_store(at, v_load(at) / sum);
        }
    }
}

void LANES(softmax_backward)(size_t units, struct cells cells, const float *y,
                             const float *dy, float *dx) {
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t i = 0; i < end; i += KERNEL_WIDTH) {
        vfloat sum = v_set(0);
        for (size_t unit = 0; unit < units; unit++) {
            const size_t at = i + unit * cells.stride;
            sum = v_fma(v_load(dy + at), v_load(y + at), sum);
        }
        for (size_t unit = 0; unit < units; unit++) {
            const size_t at = i + unit * cells.stride;
            v_store(dx + at, (v_load(dy + at) - sum) * v_load(y + at));
        }
    }
}

/* y = x - largest - log(sum of e^(x - largest)). */
V_INLINE void log_softmax_column(const float *x, float *y, size_t units,
                                 size_t stride) {
    const vfloat largest = greatest(x, units, stride);
    vfloat sum = v_set(0);
    for (size_t unit = 0; unit < units; unit++)
        sum += lane_exp_down(v_load(x + unit * stride) - largest);
    const vfloat log_sum = lane_log(sum);
    for (size_t unit = 0; unit < units; unit++)
        v_store(y + unit * stride,
                v_load(x + unit * stride) - largest - log_sum);
}

void LANES(log_softmax_forward)(size_t units, struct cells cells,
                                const float *x, float *y) {
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t i = 0; i < end; i += KERNEL_WIDTH)
        log_softmax_column(x + i, y + i, units, cells.stride);
}

void LANES(log_softmax_backward)(size_t units, struct cells cells,
                                 const float *y, const float *dy, float *dx) {
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t i = 0; i < end; i += KERNEL_WIDTH) {
        vfloat sum = v_set(0);
        for (size_t unit = 0; unit < units; unit++)
            sum += v_load(dy + i + unit * cells.stride);
        for (size_t unit = 0; unit < units; unit++) {
            const size_t at = i + unit * cells.stride;
            v_store(dx + at,
                    v_fma(-lane_exp(v_load(y + at)), sum, v_load(dy + at)));
        }
    }
}

/* A batch of class labels and the weights that its rows count with. */
struct classes {
    size_t units;
    struct cells cells;
    const float *class_weight;
    float ignored; /* NaN: no class */
    const float *t;
};

static struct classes classes_of(size_t units, struct cells cells,
                                 const float *class_weight,
                                 int64_t ignore_index, const float *t) {
    /* Labels are whole numbers that a float holds. */
    const int can_match =
        ignore_index >= -(1 << 24) && ignore_index <= (1 << 24);
    return (struct classes){
        .units = units,
        .cells = cells,
        .class_weight = class_weight,
        .ignored = can_match ? (float)ignore_index : __builtin_nanf(""),
        .t = t,
    };
}

V_INLINE vfloat weight_of(const struct classes *classes, size_t unit) {
    if (classes->class_weight == NULL)
        return v_set(1);
    return v_load(classes->class_weight + unit * KERNEL_WIDTH);
}

/* The rows' labels, their log-probabilities and class weights; weight and
 * log-probability are 0 where the row is ignored. */
struct labelled {
    vmask counts;
    vfloat label, weight, value;
};

V_INLINE struct labelled labelled_of(const struct classes *classes,
                                     const float *y, size_t at) {
    struct labelled row = {.label = v_load(classes->t + at),
                           .weight = v_set(0),
                           .value = v_set(0)};
    row.counts = v_not(v_equal(row.label, v_set(classes->ignored)));
    for (size_t unit = 0; unit < classes->units; unit++) {
        const vmask is_label =
            v_and(row.counts, v_equal(row.label, v_set((float)unit)));
        row.value = v_select(
            is_label, v_load(y + at + unit * classes->cells.stride), row.value);
        row.weight = v_select(is_label, weight_of(classes, unit), row.weight);
    }
    return row;
}

struct class_sums {
    struct partials loss, weight;
};

/* Stores both sums and returns the factor of the derivative. */
V_INLINE vfloat finish_sums(struct class_sums *sums, int in_lanes, int mean,
                            float *sum, float *weight) {
    const vfloat total = partials_total(&sums->weight, in_lanes);
    v_store(sum, partials_total(&sums->loss, in_lanes));
    v_store(weight, total);
    if (mean)
        return v_set(1) / total;
    return v_set(1);
}

V_INLINE void add_row(struct class_sums *sums, const struct classes *classes,
                      size_t index, vfloat loss, vfloat weight, int in_lanes) {
    const size_t valid = cells_valid(classes->cells, index);
    partials_add(&sums->loss, index, loss, in_lanes, valid);
    partials_add(&sums->weight, index, weight, in_lanes, valid);
}

/* 0 in padding and in ignored rows, whatever the value. */
V_INLINE void store_derivative(const struct classes *classes, size_t index,
                               vmask counts, float *at, vfloat value) {
    const size_t valid = cells_valid(classes->cells, index);
    if (valid < KERNEL_WIDTH)
        counts = v_and(counts, v_first(valid));
    v_store(at, v_select(counts, value, v_set(0)));
}

V_INLINE void nll_rows(const struct classes *classes, int mean, const float *y,
                       float *sum, float *weight, float *dy, int in_lanes) {
    const size_t vectors = cells_vectors(classes->cells);
    struct class_sums sums;
    partials_clear(&sums.loss);
    partials_clear(&sums.weight);
    for (size_t index = 0; index < vectors; index++) {
        const struct labelled row =
            labelled_of(classes, y, index * KERNEL_WIDTH);
        const vfloat loss =
            v_select(row.counts, -row.weight * row.value, v_set(0));
        add_row(&sums, classes, index, loss, row.weight, in_lanes);
    }
    const vfloat factor = finish_sums(&sums, in_lanes, mean, sum, weight);
    for (size_t unit = 0; unit < classes->units; unit++)
        for (size_t index = 0; index < vectors; index++) {
            const vfloat label = v_load(classes->t + index * KERNEL_WIDTH);
            const vmask is_label = v_equal(label, v_set((float)unit));
            const vmask counts =
                v_and(is_label, v_not(v_equal(label, v_set(classes->ignored))));
            store_derivative(classes, index, counts,
                             dy + unit * classes->cells.stride +
                                 index * KERNEL_WIDTH,
                             -weight_of(classes, unit) * factor);
        }
}

void LANES(nll)(size_t units, struct cells cells, const float *class_weight,
                int64_t ignore_index, int mean, const float *y, const float *t,
                float *sum, float *weight, float *dy) {
    const struct classes classes =
        classes_of(units, cells, class_weight, ignore_index, t);
    if (cells_in_lanes(cells))
        nll_rows(&classes, mean, y, sum, weight, dy, 1);
    else
        nll_rows(&classes, mean, y, sum, weight, dy, 0);
}

/* The share of a row's loss that class `unit` has: (1 - s) w[t] for the label's
 * class and s / C w[unit] for every class (s: label_smoothing). */
V_INLINE vfloat share_of(const struct classes *classes,
                         const struct labelled *row, vfloat smoothing,
                         size_t unit) {
    const vfloat spread = smoothing / v_set((float)classes->units);
    const vfloat all = spread * weight_of(classes, unit);
    const vfloat label = v_fma(v_set(1) - smoothing, row->weight, all);
    return v_select(v_equal(row->label, v_set((float)unit)), label, all);
}

/* One vector of rows: into dy the derivative before its factor, (sum of shares)
 * * p - share; returns the loss, sum over classes of -share * log p. The
 * derivatives of a row have sum 0: the label's is that of all others negated.
 * What rounding makes of its own formula is as large as p, and may push all
 * logits one way, update after update. */
V_INLINE vfloat cross_entropy_column(const struct classes *classes,
                                     vfloat smoothing, const float *y,
                                     float *dy, size_t index, vfloat *weight) {
    const size_t at = index * KERNEL_WIDTH, stride = classes->cells.stride;
    const vfloat largest = greatest(y + at, classes->units, stride);
    const vfloat exponential =
        exponentials(y + at, dy + at, largest, classes->units, stride);
    const vfloat log_sum = lane_log(exponential);
    const struct labelled row = labelled_of(classes, y, at);
    vfloat loss = v_set(0), shares = v_set(0), others = v_set(0);
    for (size_t unit = 0; unit < classes->units; unit++) {
        const vfloat share = share_of(classes, &row, smoothing, unit);
        const vfloat term =
            share * (v_load(y + at + unit * stride) - largest - log_sum);
        /* A class without a share adds nothing, not 0 * -Inf. */
        loss = loss - v_select(v_equal(share, v_set(0)), v_set(0), term);
        shares += share;
    }
    for (size_t unit = 0; unit < classes->units; unit++) {
        float *to = dy + at + unit * stride;
        const vmask is_label = v_equal(row.label, v_set((float)unit));
        const vfloat share = share_of(classes, &row, smoothing, unit);
        const vfloat own = v_fma(v_load(to) / exponential, shares, -share);
        others += v_select(is_label, v_set(0), own);
        v_store(to, own);
    }
    for (size_t unit = 0; unit < classes->units; unit++) {
        float *to = dy + at + unit * stride;
        const vmask is_label = v_equal(row.label, v_set((float)unit));
        store_derivative(classes, index, row.counts, to,
                         v_select(is_label, -others, v_load(to)));
    }
    *weight = row.weight;
    return v_select(row.counts, loss, v_set(0));
}

V_INLINE void cross_entropy_rows(const struct classes *classes,
                                 vfloat smoothing, int mean, const float *y,
                                 float *sum, float *weight, float *dy,
                                 int in_lanes) {
    const size_t vectors = cells_vectors(classes->cells);
    struct class_sums sums;
    partials_clear(&sums.loss);
    partials_clear(&sums.weight);
    for (size_t index = 0; index < vectors; index++) {
        vfloat row_weight;
        const vfloat loss =
            cross_entropy_column(classes, smoothing, y, dy, index, &row_weight);
        add_row(&sums, classes, index, loss, row_weight, in_lanes);
    }
    const vfloat factor = finish_sums(&sums, in_lanes, mean, sum, weight);
    if (!mean)
        return;
    for (size_t unit = 0; unit < classes->units; unit++)
        for (size_t index = 0; index < vectors; index++) {
            const size_t at = index * KERNEL_WIDTH;
            float *to = dy + unit * classes->cells.stride + at;
            const vmask counts = v_not(
                v_equal(v_load(classes->t + at), v_set(classes->ignored)));
            store_derivative(classes, index, counts, to, v_load(to) * factor);
        }
}

void LANES(cross_entropy)(size_t units, struct cells cells,
                          const float *class_weight, int64_t ignore_index,
                          const float *label_smoothing, int mean,
                          const float *y, const float *t, float *sum,
                          float *weight, float *dy) {
    const struct classes classes =
        classes_of(units, cells, class_weight, ignore_index, t);
    const vfloat smoothing =
        label_smoothing != NULL ? v_load(label_smoothing) : v_set(0);
    if (cells_in_lanes(cells))
        cross_entropy_rows(&classes, smoothing, mean, y, sum, weight, dy, 1);
    else
        cross_entropy_rows(&classes, smoothing, mean, y, sum, weight, dy, 0);
}
