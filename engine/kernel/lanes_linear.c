/* Linear layers: forward and both gradients are one kind of product,
 *
 *   out[a][c] = start[a] + sum over b of weight[a][b] * in[b][c],
 *
 * c counting vectors, found by strides, computed in register tiles. Tiles only
 * choose which sums advance together; each sum keeps the order of kernel.h. */

#include "engine/kernel/lanes.h"

struct product {
    size_t outputs, terms, vectors; /* of a, b and c */
    const float *weight;
    size_t weight_a, weight_b; /* strides in floats */
    const float *in;
    size_t in_b, in_c;
    const float *start; /* [a], lanes like the weights; NULL: 0 */
    float *out;
    size_t out_a;
    size_t last;    /* floats that the last vector of an output stores */
    int accumulate; /* add to what `out` holds */
};

/* How a tile reads: */
enum form {
    FORM_ROWS,     /* weights are scalars */
    FORM_LANES,    /* weights are vectors; in, as in rows form, has c
                      contiguous */
    FORM_GRADIENT, /* weights are vectors, c is strided */
};

/* The largest tile: its sums, one row of `in` and a weight fill the
 * registers. */
#if KERNEL_WIDTH == 16 || defined(__aarch64__)
enum { TILE_OUTPUTS = 4, TILE_VECTORS = 4 };
#define TILE_ROWS(ROW, form) ROW(form, 1) ROW(form, 2) ROW(form, 3) ROW(form, 4)
#define TILE_ROW(TILE, form, a)                                                \
    TILE(form, a, 1) TILE(form, a, 2) TILE(form, a, 3) TILE(form, a, 4)
#elif KERNEL_WIDTH == 8
enum { TILE_OUTPUTS = 4, TILE_VECTORS = 3 };
#define TILE_ROWS(ROW, form) ROW(form, 1) ROW(form, 2) ROW(form, 3) ROW(form, 4)
#define TILE_ROW(TILE, form, a)                                                \
    TILE(form, a, 1) TILE(form, a, 2) TILE(form, a, 3)
#else
enum { TILE_OUTPUTS = 2, TILE_VECTORS = 2 };
#define TILE_ROWS(ROW, form) ROW(form, 1) ROW(form, 2)
#define TILE_ROW(TILE, form, a) TILE(form, a, 1) TILE(form, a, 2)
#endif

/* The terms of a strip, see product_strip(). */
enum { STRIP_TERMS = 4 };
#define STRIP_ROW(STRIP, form, a)                                              \
    STRIP(form, a, 1) STRIP(form, a, 2) STRIP(form, a, 3) STRIP(form, a, 4)

V_INLINE vfloat read_weight(const float *at, enum form form) {
    return form == FORM_ROWS ? v_set(*at) : v_load(at);
}

/* Stores a sum, or adds it to what earlier blocks left. */
V_INLINE void store_sum(float *at, vfloat sum, int is_first, size_t count) {
    if (count == KERNEL_WIDTH) {
        if (!is_first)
            sum = v_load(at) + sum;
        v_store(at, sum);
    } else {
        if (!is_first)
            sum = v_load_part(at, count) + sum;
        v_store_part(at, sum, count);
    }
}

/* `a` x `c` sums from `output` and `vector` on. The sums'
 * loops must unroll, or gcc keeps them in memory. */
V_INLINE void product_tile(const struct product *product, size_t output,
                           size_t vector, enum form form, const size_t a,
                           const size_t c) {
    const size_t in_b = product->in_b, weight_b = product->weight_b;
    const size_t in_c =
        form == FORM_GRADIENT ? product->in_c : (size_t)KERNEL_WIDTH;
    const size_t weight_a = product->weight_a;
    const float *weight = product->weight + output * weight_a;
    const float *in = product->in + vector * in_c;
    float *out = product->out + output * product->out_a + vector * KERNEL_WIDTH;
    const size_t last =
        vector + c == product->vectors ? product->last : KERNEL_WIDTH;
    for (size_t done = 0; done == 0 || done < product->terms;) {
        const size_t left = product->terms - done;
        const size_t block = left < KERNEL_BLOCK ? left : KERNEL_BLOCK;
        vfloat sum[4][4];
#pragma GCC unroll 4
        for (size_t i = 0; i < a; i++) {
#pragma GCC unroll 4
            for (size_t j = 0; j < c; j++)
                sum[i][j] = v_set(0);
        }
        for (size_t b = 0; b < block; b++) {
            vfloat x[4];
#pragma GCC unroll 4
            for (size_t j = 0; j < c; j++)
                x[j] = v_load(in + j * in_c);
#pragma GCC unroll 4
            for (size_t i = 0; i < a; i++) {
                const vfloat w = read_weight(weight + i * weight_a, form);
#pragma GCC unroll 4
                for (size_t j = 0; j < c; j++)
                    sum[i][j] = v_fma(w, x[j], sum[i][j]);
            }
            in += in_b;
            weight += weight_b;
        }
        if (done == 0 && product->start != NULL) {
#pragma GCC unroll 4
            for (size_t i = 0; i < a; i++) {
                const vfloat start = read_weight(
                    product->start +
                        (output + i) * (form == FORM_ROWS ? 1 : KERNEL_WIDTH),
                    form);
#pragma GCC unroll 4
                for (size_t j = 0; j < c; j++)
                    sum[i][j] += start;
            }
        }
#pragma GCC unroll 4
        for (size_t i = 0; i < a; i++)
#pragma GCC unroll 4
            for (size_t j = 0; j < c; j++)
                store_sum(out + i * product->out_a + j * KERNEL_WIDTH,
                          sum[i][j], done == 0 && !product->accumulate,
                          j + 1 < c ? (size_t)KERNEL_WIDTH : last);
        done += KERNEL_BLOCK;
    }
}

#define TILE_FUNCTION(form, a, c)                                              \
    static void tile_##form##_##a##_##c(const struct product *product,         \
                                        size_t output, size_t vector) {        \
        product_tile(product, output, vector, form, a, c);                     \
    }
#define TILE_FUNCTIONS(form, a) TILE_ROW(TILE_FUNCTION, form, a)
#if KERNEL_WIDTH > 1
TILE_ROWS(TILE_FUNCTIONS, FORM_ROWS)
#endif
TILE_ROWS(TILE_FUNCTIONS, FORM_LANES)
TILE_ROWS(TILE_FUNCTIONS, FORM_GRADIENT)

typedef void tile_function(const struct product *product, size_t output,
                           size_t vector);
#define TILE_ENTRY(form, a, c) tile_##form##_##a##_##c,
#define TILE_ENTRIES(form, a) {TILE_ROW(TILE_ENTRY, form, a)},
static tile_function *const TILES[][TILE_OUTPUTS][TILE_VECTORS] = {
#if KERNEL_WIDTH > 1
    [FORM_ROWS] = {TILE_ROWS(TILE_ENTRIES, FORM_ROWS)},
#endif
    [FORM_LANES] = {TILE_ROWS(TILE_ENTRIES, FORM_LANES)},
    [FORM_GRADIENT] = {TILE_ROWS(TILE_ENTRIES, FORM_GRADIENT)},
};

/* Sums of few terms: the weights of `a` outputs stay in registers and a strip
 * of all vectors runs past them, where a tile would be mostly its beginning
 * and its end. */
V_INLINE void product_strip(const struct product *product, size_t output,
                            enum form form, const size_t a,
                            const size_t terms) {
    const size_t end = product->vectors * KERNEL_WIDTH;
    const size_t in_b = product->in_b, out_a = product->out_a;
    const size_t start_a = form == FORM_ROWS ? 1 : KERNEL_WIDTH;
    const float *in = product->in;
    float *out = product->out + output * out_a;
    const int has_start = product->start != NULL;
    const int is_first = !product->accumulate;
    vfloat weight[4][STRIP_TERMS], start[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < a; i++) {
        start[i] = v_set(0);
        if (has_start)
            start[i] =
                read_weight(product->start + (output + i) * start_a, form);
#pragma GCC unroll 4
        for (size_t b = 0; b < terms; b++)
            weight[i][b] =
                read_weight(product->weight + (output + i) * product->weight_a +
                                b * product->weight_b,
                            form);
    }
    for (size_t at = 0; at < end; at += KERNEL_WIDTH) {
        vfloat sum[4];
#pragma GCC unroll 4
        for (size_t i = 0; i < a; i++)
            sum[i] = v_set(0);
#pragma GCC unroll 4
        for (size_t b = 0; b < terms; b++) {
            const vfloat x = v_load(in + b * in_b + at);
#pragma GCC unroll 4
            for (size_t i = 0; i < a; i++)
                sum[i] = v_fma(weight[i][b], x, sum[i]);
        }
#pragma GCC unroll 4
        for (size_t i = 0; i < a; i++) {
            if (has_start)
                sum[i] += start[i];
            store_sum(out + i * out_a + at, sum[i], is_first, KERNEL_WIDTH);
        }
    }
}

#define STRIP_FUNCTION(form, a, terms)                                         \
    static void strip_##form##_##a##_##terms(const struct product *product,    \
                                             size_t output) {                  \
        product_strip(product, output, form, a, terms);                        \
    }
#define STRIP_FUNCTIONS(form, a) STRIP_ROW(STRIP_FUNCTION, form, a)
#if KERNEL_WIDTH > 1
TILE_ROWS(STRIP_FUNCTIONS, FORM_ROWS)
#endif
TILE_ROWS(STRIP_FUNCTIONS, FORM_LANES)

typedef void strip_function(const struct product *product, size_t output);
#define STRIP_ENTRY(form, a, terms) strip_##form##_##a##_##terms,
#define STRIP_ENTRIES(form, a) {STRIP_ROW(STRIP_ENTRY, form, a)},
static strip_function *const STRIPS[][TILE_OUTPUTS][STRIP_TERMS] = {
#if KERNEL_WIDTH > 1
    [FORM_ROWS] = {TILE_ROWS(STRIP_ENTRIES, FORM_ROWS)},
#endif
    [FORM_LANES] = {TILE_ROWS(STRIP_ENTRIES, FORM_LANES)},
};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static void product_by_strips(const struct product *product, enum form form) {
    for (size_t output = 0; output < product->outputs; output += TILE_OUTPUTS) {
        const size_t a = least(product->outputs - output, TILE_OUTPUTS);
        STRIPS[form][a - 1][product->terms - 1](product, output);
    }
}

static void product_run(const struct product *product, enum form form) {
    if (form != FORM_GRADIENT && product->terms <= STRIP_TERMS &&
        product->last == KERNEL_WIDTH) {
        product_by_strips(product, form);
        return;
    }
    for (size_t vector = 0; vector < product->vectors; vector += TILE_VECTORS) {
        const size_t c = least(product->vectors - vector, TILE_VECTORS);
        for (size_t output = 0; output < product->outputs;
             output += TILE_OUTPUTS) {
            const size_t a = least(product->outputs - output, TILE_OUTPUTS);
            TILES[form][a - 1][c - 1](product, output, vector);
        }
    }
}

void LANES(linear_forward)(struct linear_sizes sizes, struct cells cells,
                           const float *weight, const float *bias,
                           const float *x, float *y, float *scratch) {
    (void)scratch;
    const struct product product = {
        .outputs = sizes.outputs,
        .terms = sizes.inputs,
        .vectors = cells_vectors(cells),
        .weight = weight,
        .weight_a = sizes.inputs * cells.lanes,
        .weight_b = cells.lanes,
        .in = x,
        .in_b = cells.stride,
        .start = bias,
        .out = y,
        .out_a = cells.stride,
        .last = KERNEL_WIDTH,
        .accumulate = sizes.accumulate,
    };
    product_run(&product, cells_in_lanes(cells) ? FORM_LANES : FORM_ROWS);
}

void LANES(linear_backward_input)(struct linear_sizes sizes, struct cells cells,
                                  const float *weight, const float *dy,
                                  float *dx, float *scratch) {
    (void)scratch;
    const struct product product = {
        .outputs = sizes.inputs,
        .terms = sizes.outputs,
        .vectors = cells_vectors(cells),
        .weight = weight,
        .weight_a = cells.lanes,
        .weight_b = sizes.inputs * cells.lanes,
        .in = dy,
        .in_b = cells.stride,
        .out = dx,
        .out_a = cells.stride,
        .last = KERNEL_WIDTH,
        .accumulate = sizes.accumulate,
    };
    product_run(&product, cells_in_lanes(cells) ? FORM_LANES : FORM_ROWS);
}

static void weight_gradient_in_lanes(struct linear_sizes sizes,
                                     struct cells cells, const float *x,
                                     const float *dy, float *dweight) {
    const struct product product = {
        .outputs = sizes.outputs,
        .terms = cells.rows,
        .vectors = sizes.inputs,
        .weight = dy,
        .weight_a = cells.stride,
        .weight_b = KERNEL_WIDTH,
        .in = x,
        .in_b = KERNEL_WIDTH,
        .in_c = cells.stride,
        .out = dweight,
        .out_a = sizes.inputs * KERNEL_WIDTH,
        .last = KERNEL_WIDTH,
        .accumulate = sizes.accumulate,
    };
    product_run(&product, FORM_GRADIENT);
}

#if KERNEL_WIDTH > 1
/* scratch[row][input], rows of `pitch` floats; what lies behind the last input
 * is left as it is. */
static void transpose(struct linear_sizes sizes, struct cells cells,
                      const float *x, size_t pitch, float *scratch) {
    for (size_t input = 0; input < sizes.inputs; input += 4) {
        const size_t count = least(sizes.inputs - input, 4);
        const float *from = x + input * cells.stride;
        for (size_t row = 0; row < cells.rows; row += KERNEL_WIDTH) {
            vfloat column[4];
#pragma GCC unroll 4
            for (size_t k = 0; k < 4; k++)
                column[k] = k < count ? v_load(from + k * cells.stride + row)
                                      : v_set(0);
            v_store_columns(scratch + row * pitch + input, pitch, column);
        }
    }
}

/* Vectors over inputs: each weight's chain goes down the rows of the
 * transposed x. */
static void weight_gradient_in_rows(struct linear_sizes sizes,
                                    struct cells cells, const float *x,
                                    const float *dy, float *dweight,
                                    float *scratch) {
    const size_t vectors = (sizes.inputs + KERNEL_WIDTH - 1) / KERNEL_WIDTH;
    const size_t pitch = vectors * KERNEL_WIDTH;
    transpose(sizes, cells, x, pitch, scratch);
    const struct product product = {
        .outputs = sizes.outputs,
        .terms = cells.rows,
        .vectors = vectors,
        .weight = dy,
        .weight_a = cells.stride,
        .weight_b = 1,
        .in = scratch,
        .in_b = pitch,
        .out = dweight,
        .out_a = sizes.inputs,
        .last = sizes.inputs - (vectors - 1) * KERNEL_WIDTH,
        .accumulate = sizes.accumulate,
    };
    product_run(&product, FORM_ROWS);
}
#endif

/* dbias[o] = sum over rows of dy[o][row], KERNEL_PARTIALS rows at a time. */
V_INLINE void bias_gradient(struct linear_sizes sizes, struct cells cells,
                            const float *dy, float *dbias, int in_lanes) {
    const size_t parts =
        in_lanes ? (size_t)KERNEL_PARTIALS : (size_t)KERNEL_PARTIAL_VECTORS;
    const size_t whole = cells.rows / KERNEL_PARTIALS * parts;
    const size_t vectors = cells_vectors(cells);
    for (size_t output = 0; output < sizes.outputs; output++) {
        const float *from = dy + output * cells.stride;
        struct partials sums;
        partials_clear(&sums);
        for (size_t index = 0; index < whole; index += parts)
#pragma GCC unroll 16
            for (size_t k = 0; k < parts; k++)
                sums.part[k] += v_load(from + (index + k) * KERNEL_WIDTH);
        for (size_t index = whole; index < vectors; index++)
            partials_add(&sums, index, v_load(from + index * KERNEL_WIDTH),
                         in_lanes, cells_valid(cells, index));
        float *to = dbias + output * (in_lanes ? KERNEL_WIDTH : 1);
        store_sum(to, partials_total(&sums, in_lanes), !sizes.accumulate,
                  in_lanes ? (size_t)KERNEL_WIDTH : 1);
    }
}

void LANES(linear_backward_weight)(struct linear_sizes sizes,
                                   struct cells cells, const float *x,
                                   const float *dy, float *dweight,
                                   float *dbias, float *scratch) {
    const int in_lanes = cells_in_lanes(cells);
#if KERNEL_WIDTH > 1
    if (!in_lanes)
        weight_gradient_in_rows(sizes, cells, x, dy, dweight, scratch);
#else
    (void)scratch;
#endif
    if (in_lanes)
        weight_gradient_in_lanes(sizes, cells, x, dy, dweight);
    if (dbias == NULL)
        return;
    if (in_lanes)
        bias_gradient(sizes, cells, dy, dbias, 1);
    else
        bias_gradient(sizes, cells, dy, dbias, 0);
}
