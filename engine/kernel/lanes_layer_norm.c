/* Layer norm: a vector of cells at a time, over its units. */

#include "engine/kernel/lanes_norm.h"

struct column {
    const float *x, *dy, *note, *weight;
    size_t units, stride;
    vfloat mean; /* the first one */
    int in_lanes;
};

/* x^ of a cell whose notes are at `note`. */
V_INLINE vfloat normalized(const float *note, size_t stride, vfloat x) {
    return v_fma(x - v_load(note + NOTE_MEAN * stride),
                 v_load(note + NOTE_SCALE * stride),
                 v_load(note + NOTE_SHIFT * stride));
}

V_INLINE vfloat term_of_x(const struct column *column, size_t unit) {
    return v_load(column->x + unit * column->stride);
}

V_INLINE vfloat term_of_rest(const struct column *column, size_t unit) {
    return term_of_x(column, unit) - column->mean;
}

V_INLINE vfloat term_of_square(const struct column *column, size_t unit) {
    const vfloat rest = term_of_rest(column, unit);
    return rest * rest;
}

/* dy weight */
V_INLINE vfloat term_of_slope(const struct column *column, size_t unit) {
    const vfloat slope = v_load(column->dy + unit * column->stride);
    if (column->weight == NULL)
        return slope;
    return slope * parameter(column->weight, unit, column->in_lanes);
}

/* dy weight x^ */
V_INLINE vfloat term_along(const struct column *column, size_t unit) {
    return term_of_slope(column, unit) *
           normalized(column->note, column->stride, term_of_x(column, unit));
}

typedef vfloat unit_term(const struct column *column, size_t unit);

/* The mean over the units, their sum being by unit partials. */
V_INLINE vfloat unit_mean(const struct column *column, unit_term *term) {
    const size_t units = column->units;
    vfloat part[KERNEL_UNIT_PARTIALS];
#pragma GCC unroll 4
    for (size_t k = 0; k < KERNEL_UNIT_PARTIALS; k++)
        part[k] = v_set(0);
    for (size_t unit = 0; unit < units; unit += KERNEL_UNIT_PARTIALS) {
#pragma GCC unroll 4
        for (size_t k = 0; k < KERNEL_UNIT_PARTIALS; k++)
            if (unit + k < units)
                part[k] += term(column, unit + k);
    }
    return ((part[0] + part[2]) + (part[1] + part[3])) / v_set((float)units);
}

/* Fills the column's notes, which are at `note`. */
V_INLINE void column_statistics(struct column *column, vfloat eps,
                                float *note) {
    column->mean = v_set(0);
    column->mean = unit_mean(column, term_of_x);
    const vfloat rest = unit_mean(column, term_of_rest);
    const vfloat square = unit_mean(column, term_of_square);
    const vfloat scale = scale_of(variance_of(square, rest), eps);
    v_store(note + NOTE_MEAN * column->stride, column->mean);
    v_store(note + NOTE_SHIFT * column->stride, -rest * scale);
    v_store(note + NOTE_SCALE * column->stride, scale);
}

V_INLINE void column_y(const struct column *column, const float *bias,
                       float *y) {
    for (size_t unit = 0; unit < column->units; unit++) {
        vfloat value =
            normalized(column->note, column->stride, term_of_x(column, unit));
        if (column->weight)
            value =
                v_fma(value, parameter(column->weight, unit, column->in_lanes),
                      parameter(bias, unit, column->in_lanes));
        v_store(y + unit * column->stride, value);
    }
}

V_INLINE void column_dx(const struct column *column, float *dx) {
    const vfloat slope = unit_mean(column, term_of_slope);
    const vfloat along = unit_mean(column, term_along);
    const vfloat scale = v_load(column->note + NOTE_SCALE * column->stride);
    for (size_t unit = 0; unit < column->units; unit++) {
        const vfloat value =
            normalized(column->note, column->stride, term_of_x(column, unit));
        v_store(dx + unit * column->stride,
                v_fma(-value, along, term_of_slope(column, unit) - slope) *
                    scale);
    }
}

/* Where the cells' vector at `cell` begins in units, and in notes. */
static size_t units_at(struct norm_sizes sizes, struct cells cells, size_t p,
                       size_t cell) {
    return p * sizes.inner * cells.stride + cell;
}

static size_t notes_at(struct cells cells, size_t p, size_t cell) {
    return p * KERNEL_NORM_NOTES * cells.stride + cell;
}

V_INLINE void layer_norm_forward(struct norm_sizes sizes, struct cells cells,
                                 const float *eps, const float *weight,
                                 const float *bias, const float *x, float *y,
                                 float *notes, int in_lanes) {
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t p = 0; p < sizes.outer; p++)
        for (size_t cell = 0; cell < end; cell += KERNEL_WIDTH) {
            const size_t at = units_at(sizes, cells, p, cell);
            float *note = notes + notes_at(cells, p, cell);
            struct column column = {.x = x + at,
                                    .note = note,
                                    .weight = weight,
                                    .units = sizes.inner,
                                    .stride = cells.stride,
                                    .in_lanes = in_lanes};
            column_statistics(&column, v_load(eps), note);
            column_y(&column, bias, y + at);
        }
}

void LANES(layer_norm_forward)(struct norm_sizes sizes, struct cells cells,
                               const float *eps, const float *weight,
                               const float *bias, const float *x, float *y,
                               float *notes) {
    if (cells_in_lanes(cells))
        layer_norm_forward(sizes, cells, eps, weight, bias, x, y, notes, 1);
    else
        layer_norm_forward(sizes, cells, eps, weight, bias, x, y, notes, 0);
}

V_INLINE void layer_norm_weights(struct norm_sizes sizes, struct cells cells,
                                 const float *notes, const float *x,
                                 const float *dy, float *dweight, float *dbias,
                                 int in_lanes) {
    const size_t vectors = cells_vectors(cells);
    for (size_t unit = 0; unit < sizes.inner; unit++) {
        struct partials plain, along;
        partials_clear(&plain);
        partials_clear(&along);
        for (size_t p = 0; p < sizes.outer; p++)
            for (size_t index = 0; index < vectors; index++) {
                const size_t cell = index * KERNEL_WIDTH;
                const size_t valid = cells_valid(cells, index);
                const size_t at =
                    units_at(sizes, cells, p, cell) + unit * cells.stride;
                const vfloat value =
                    normalized(notes + notes_at(cells, p, cell), cells.stride,
                               v_load(x + at));
                const vfloat slope = v_load(dy + at);
                partials_add(&plain, index, slope, in_lanes, valid);
                partials_add(&along, index, slope * value, in_lanes, valid);
            }
        store_parameter(dweight, unit, partials_total(&along, in_lanes),
                        in_lanes);
        store_parameter(dbias, unit, partials_total(&plain, in_lanes),
                        in_lanes);
    }
}

V_INLINE void layer_norm_backward(struct norm_sizes sizes, struct cells cells,
                                  const float *notes, const float *weight,
                                  const float *x, const float *dy,
                                  float *dweight, float *dbias, float *dx,
                                  int in_lanes) {
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    if (dweight)
        layer_norm_weights(sizes, cells, notes, x, dy, dweight, dbias,
                           in_lanes);
    for (size_t p = 0; dx && p < sizes.outer; p++)
        for (size_t cell = 0; cell < end; cell += KERNEL_WIDTH) {
            const size_t at = units_at(sizes, cells, p, cell);
            const struct column column = {.x = x + at,
                                          .dy = dy + at,
                                          .note =
                                              notes + notes_at(cells, p, cell),
                                          .weight = weight,
                                          .units = sizes.inner,
                                          .stride = cells.stride,
                                          .in_lanes = in_lanes};
            column_dx(&column, dx + at);
        }
}

void LANES(layer_norm_backward)(struct norm_sizes sizes, struct cells cells,
                                const float *notes, const float *weight,
                                const float *x, const float *dy, float *dweight,
                                float *dbias, float *dx) {
    if (cells_in_lanes(cells))
        layer_norm_backward(sizes, cells, notes, weight, x, dy, dweight, dbias,
                            dx, 1);
    else
        layer_norm_backward(sizes, cells, notes, weight, x, dy, dweight, dbias,
                            dx, 0);
}
