/* Linear layers: forward and both gradients are one kind of product,
 *
 *   out[a][c] = start[a] + sum over b of weight[a][b] * in[b][c],
 *
 * c counting vectors, found by strides. Lanes form computes it in the register
 * tiles below, rows form in those of lanes_product.c (lanes_linear_rows.c says
 * how), both by strips where the sums are short. Tiles only choose which sums
 * advance together; each sum keeps the order of kernel.h. */

#include "engine/kernel/lanes_activation.h"
#include "engine/kernel/lanes_product.h"

struct product {
    size_t outputs, terms, vectors; /* of a, b and c */
    const float *weight;
    size_t weight_a, weight_b; /* strides in floats */
    const float *in;
    size_t in_b, in_c;
    const float *start; /* [a], lanes like the weights; NULL: 0 */
    float *out;
    size_t out_a;
    int accumulate;
    const float *before; /* product_strip's, with strides as `out` has */
};

/* How the factors lie. */
enum form {
    FORM_ROWS,     /* weights are scalars; strips alone */
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
enum { STRIP_TERMS = KERNEL_STRIP_TERMS };
#define STRIP_ROW(STRIP, form, a)                                              \
    STRIP(form, a, 1) STRIP(form, a, 2) STRIP(form, a, 3) STRIP(form, a, 4)

/* `a` x `c` sums from `output` and `vector` on. The sums'
 * loops must unroll, or they are kept in memory. */
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
    for (size_t done = 0; done == 0 || done < product->terms;) {
        const size_t left = product->terms - done;
        const size_t block = left < KERNEL_BLOCK ? left : KERNEL_BLOCK;
        vfloat sum[4][4];
        V_UNROLL
        for (size_t i = 0; i < a; i++) {
            V_UNROLL
            for (size_t j = 0; j < c; j++)
                sum[i][j] = v_set(0);
        }
        for (size_t b = 0; b < block; b++) {
            vfloat x[4];
            V_UNROLL
            for (size_t j = 0; j < c; j++)
                x[j] = v_load(in + j * in_c);
            V_UNROLL
            for (size_t i = 0; i < a; i++) {
                const vfloat w = v_load(weight + i * weight_a);
                V_UNROLL
                for (size_t j = 0; j < c; j++)
                    sum[i][j] = v_fma(w, x[j], sum[i][j]);
            }
            in += in_b;
            weight += weight_b;
        }
        if (done == 0 && product->start != NULL) {
            V_UNROLL
            for (size_t i = 0; i < a; i++) {
                const vfloat start =
                    v_load(product->start + (output + i) * KERNEL_WIDTH);
                V_UNROLL
                for (size_t j = 0; j < c; j++)
                    sum[i][j] += start;
            }
        }
        const int adds = done > 0 || product->accumulate;
        V_UNROLL
        for (size_t i = 0; i < a; i++) {
            V_UNROLL
            for (size_t j = 0; j < c; j++) {
                float *at = out + i * product->out_a + j * KERNEL_WIDTH;
                if (adds)
                    sum[i][j] = v_load(at) + sum[i][j];
                v_store(at, sum[i][j]);
            }
        }
        done += KERNEL_BLOCK;
    }
}

#define TILE_FUNCTION(form, a, c)                                              \
    static void tile_##form##_##a##_##c(const struct product *product,         \
                                        size_t output, size_t vector) {        \
        product_tile(product, output, vector, form, a, c);                     \
    }
#define TILE_FUNCTIONS(form, a) TILE_ROW(TILE_FUNCTION, form, a)
TILE_ROWS(TILE_FUNCTIONS, FORM_LANES)
TILE_ROWS(TILE_FUNCTIONS, FORM_GRADIENT)

typedef void tile_function(const struct product *product, size_t output,
                           size_t vector);
#define TILE_ENTRY(form, a, c) tile_##form##_##a##_##c,
#define TILE_ENTRIES(form, a) {TILE_ROW(TILE_ENTRY, form, a)},
static tile_function *const TILES[][TILE_OUTPUTS][TILE_VECTORS] = {
    [FORM_LANES] = {TILE_ROWS(TILE_ENTRIES, FORM_LANES)},
    [FORM_GRADIENT] = {TILE_ROWS(TILE_ENTRIES, FORM_GRADIENT)},
};

V_INLINE vfloat read_weight(const float *at, enum form form) {
    return form == FORM_ROWS ? v_set(*at) : v_load(at);
}

/* Sums of few terms: the weights of `a` outputs stay in registers and a strip
 * of all vectors runs past them, where a tile would be mostly its beginning
 * and its end. `gradient`, or NULL, makes of a sum and what stands at its place
 * in `before`, an activation's y, the activation's derivative. */
V_INLINE void product_strip(const struct product *product, size_t output,
                            enum form form, const size_t a, const size_t terms,
                            const int accumulate,
                            activation_gradient *gradient) {
    const size_t end = product->vectors * KERNEL_WIDTH;
    const size_t in_b = product->in_b, out_a = product->out_a;
    const size_t start_a = form == FORM_ROWS ? 1 : KERNEL_WIDTH;
    const float *in = product->in;
    float *out = product->out + output * out_a;
    const float *before = gradient ? product->before + output * out_a : NULL;
    const int has_start = product->start != NULL;
    vfloat weight[4][STRIP_TERMS], start[4];
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        start[i] = v_set(0);
        if (has_start)
            start[i] =
                read_weight(product->start + (output + i) * start_a, form);
        V_UNROLL
        for (size_t b = 0; b < terms; b++)
            weight[i][b] =
                read_weight(product->weight + (output + i) * product->weight_a +
                                b * product->weight_b,
                            form);
    }
    for (size_t at = 0; at < end; at += KERNEL_WIDTH) {
        vfloat sum[4];
        V_UNROLL
        for (size_t i = 0; i < a; i++)
            sum[i] = v_set(0);
        V_UNROLL
        for (size_t b = 0; b < terms; b++) {
            const vfloat x = v_load(in + b * in_b + at);
            V_UNROLL
            for (size_t i = 0; i < a; i++)
                sum[i] = v_fma(weight[i][b], x, sum[i]);
        }
        V_UNROLL
        for (size_t i = 0; i < a; i++) {
            if (has_start)
                sum[i] += start[i];
            if (accumulate)
                sum[i] = v_load(out + i * out_a + at) + sum[i];
            if (gradient) {
                const vfloat y = v_load(before + i * out_a + at);
                sum[i] = gradient(y, y, sum[i], NULL);
            }
            v_store(out + i * out_a + at, sum[i]);
        }
    }
}

#define STRIP_FUNCTION(form, a, terms)                                         \
    static void strip_##form##_##a##_##terms(const struct product *product,    \
                                             size_t output) {                  \
        if (product->accumulate)                                               \
            product_strip(product, output, form, a, terms, 1, NULL);           \
        else                                                                   \
            product_strip(product, output, form, a, terms, 0, NULL);           \
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

static void product_by_tiles(const struct product *product, enum form form) {
    for (size_t vector = 0; vector < product->vectors; vector += TILE_VECTORS) {
        const size_t c = least(product->vectors - vector, TILE_VECTORS);
        for (size_t output = 0; output < product->outputs;
             output += TILE_OUTPUTS) {
            const size_t a = least(product->outputs - output, TILE_OUTPUTS);
            TILES[form][a - 1][c - 1](product, output, vector);
        }
    }
}

/* Cells in, cells out: by strips, or in lanes form. */
static void product_of_cells(const struct product *product,
                             struct cells cells) {
    const int in_lanes = cells_in_lanes(cells);
    if (product->terms <= STRIP_TERMS)
        product_by_strips(product, in_lanes ? FORM_LANES : FORM_ROWS);
    else
        product_by_tiles(product, FORM_LANES);
}

#if KERNEL_WIDTH > 1
static int is_row_product(struct cells cells, size_t terms) {
    return !cells_in_lanes(cells) && terms > STRIP_TERMS;
}
#endif

void LANES(linear_forward)(struct linear_sizes sizes, struct cells cells,
                           const float *weight, const float *bias,
                           const float *x, float *y, float *scratch) {
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
        .accumulate = sizes.accumulate,
    };
#if KERNEL_WIDTH > 1
    if (is_row_product(cells, sizes.inputs)) {
        LANES(forward_in_rows)(sizes, cells, weight, bias, x, y, scratch);
        return;
    }
#endif
    (void)scratch;
    product_of_cells(&product, cells);
}

static struct product input_gradient(struct linear_sizes sizes,
                                     struct cells cells, const float *weight,
                                     const float *dy, float *dx) {
    return (struct product){
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
        .accumulate = sizes.accumulate,
    };
}

void LANES(linear_backward_input)(struct linear_sizes sizes, struct cells cells,
                                  const float *weight, const float *dy,
                                  float *dx, float *scratch) {
    const struct product product = input_gradient(sizes, cells, weight, dy, dx);
#if KERNEL_WIDTH > 1
    if (is_row_product(cells, sizes.outputs)) {
        LANES(backward_input_in_rows)(sizes, cells, weight, dy, dx, scratch);
        return;
    }
#endif
    (void)scratch;
    product_of_cells(&product, cells);
}

/* Output by output: what a strip stores costs more than what it reads again. */
V_INLINE void product_through(const struct product *product, enum form form,
                              const size_t terms,
                              activation_gradient *gradient) {
    for (size_t output = 0; output < product->outputs; output++)
        product_strip(product, output, form, 1, terms, 0, gradient);
}

V_INLINE void product_of_form(const struct product *product, enum form form,
                              activation_gradient *gradient) {
    switch (product->terms) {
    case 1:
        product_through(product, form, 1, gradient);
        break;
    case 2:
        product_through(product, form, 2, gradient);
        break;
    case 3:
        product_through(product, form, 3, gradient);
        break;
    default:
        product_through(product, form, STRIP_TERMS, gradient);
    }
}

#define BACKWARD_THROUGH(name)                                                 \
    void LANES(linear_backward_##name)(                                        \
        struct linear_sizes sizes, struct cells cells, const float *weight,    \
        const float *dy, const float *y, float *dx) {                          \
        struct product product = input_gradient(sizes, cells, weight, dy, dx); \
        product.before = y;                                                    \
        if (cells_in_lanes(cells))                                             \
            product_of_form(&product, FORM_LANES, name##_gradient);            \
        else                                                                   \
            product_of_form(&product, FORM_ROWS, name##_gradient);             \
    }
BACKWARD_THROUGH(sigmoid)
BACKWARD_THROUGH(tanh)

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
        .accumulate = sizes.accumulate,
    };
    product_by_tiles(&product, FORM_GRADIENT);
}

/* The sum over rows of one output's derivatives, a vector each. Every partial
 * has a register: the rows of the last, partial block are found by a constant.
 */
V_INLINE vfloat rows_total(const float *dy, size_t rows) {
    struct partials sums;
    partials_clear(&sums);
    for (; rows >= KERNEL_PARTIALS; rows -= KERNEL_PARTIALS) {
        V_UNROLL
        for (size_t k = 0; k < KERNEL_PARTIALS; k++)
            sums.part[k] += v_load(dy + k * KERNEL_WIDTH);
        dy += KERNEL_PARTIALS * KERNEL_WIDTH;
    }
    V_UNROLL
    for (size_t k = 0; k < KERNEL_PARTIALS; k++) {
        if (k == rows)
            break;
        sums.part[k] += v_load(dy + k * KERNEL_WIDTH);
    }
    return partials_total(&sums, 1);
}

/* dbias[o] = sum over rows of dy[o][row], KERNEL_PARTIALS rows at a time. */
static void bias_gradient_in_lanes(struct linear_sizes sizes,
                                   struct cells cells, const float *dy,
                                   float *dbias) {
    for (size_t output = 0; output < sizes.outputs; output++) {
        float *to = dbias + output * KERNEL_WIDTH;
        vfloat total = rows_total(dy + output * cells.stride, cells.rows);
        if (sizes.accumulate)
            total = v_load(to) + total;
        v_store(to, total);
    }
}

static void bias_gradient_in_rows(struct linear_sizes sizes, struct cells cells,
                                  const float *dy, float *dbias) {
    enum { PARTS = KERNEL_PARTIAL_VECTORS };
    const size_t whole = cells.rows / KERNEL_PARTIALS * PARTS;
    const size_t vectors = cells_vectors(cells);
    for (size_t output = 0; output < sizes.outputs; output++) {
        const float *from = dy + output * cells.stride;
        struct partials sums;
        partials_clear(&sums);
        for (size_t index = 0; index < whole; index += PARTS)
#pragma GCC unroll 16
            for (size_t k = 0; k < PARTS; k++)
                sums.part[k] += v_load(from + (index + k) * KERNEL_WIDTH);
        for (size_t index = whole; index < vectors; index++)
            partials_add(&sums, index, v_load(from + index * KERNEL_WIDTH), 0,
                         cells_valid(cells, index));
        const float total = v_meet(sums.part);
        dbias[output] = sizes.accumulate ? dbias[output] + total : total;
    }
}

void LANES(linear_backward_weight)(struct linear_sizes sizes,
                                   struct cells cells, const float *x,
                                   const float *dy, float *dweight,
                                   float *dbias, float *scratch) {
    const int in_lanes = cells_in_lanes(cells);
#if KERNEL_WIDTH > 1
    if (!in_lanes)
        LANES(weight_gradient_in_rows)(sizes, cells, x, dy, dweight, scratch);
#else
    (void)scratch;
#endif
    if (in_lanes)
        weight_gradient_in_lanes(sizes, cells, x, dy, dweight);
    if (dbias == NULL)
        return;
    if (in_lanes)
        bias_gradient_in_lanes(sizes, cells, dy, dbias);
    else
        bias_gradient_in_rows(sizes, cells, dy, dbias);
}
