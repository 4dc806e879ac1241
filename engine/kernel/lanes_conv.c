/* Convolutions: outputs from inputs, and the derivatives of inputs from those
 * of outputs, are one kind of sum,
 *
 *   out[a][place] = start[a] + sum over b and the taps of the place of
 *                   weight[a][b][tap] * in[b][place of the tap],
 *
 * seen from either side of a window (window.h). Places that have the same taps
 * share a list of them, so that a sum is one loop however the window lies; it
 * runs in register tiles of outputs a x vectors of cells. Tiles only choose
 * which sums advance together; each sum keeps the order of kernel.h. */

#include "engine/kernel/lanes.h"

/* A term of a sum, relative to the place's first: where `in` is read, and the
 * weight. In floats. */
struct conv_tap {
    ptrdiff_t in;
    size_t weight;
};

/* One group of channels. */
struct conv_product {
    const struct window *window;
    enum window_side side;  /* of `out` */
    size_t outputs, inputs; /* channels: of a, of b */
    size_t out_width, out_places, in_width, in_places;
    struct cells cells;
    const float *weight;
    size_t weight_a, weight_b; /* strides in floats */
    const float *start;        /* [a], lanes like the weights; NULL: 0 */
    const float *in;
    float *out;
    struct conv_tap *taps; /* of the places that are computed */
    size_t tap_count;
};

/* Where a tile begins, and how it goes on from place to place, in floats. */
struct conv_places {
    const float *in, *weight, *start;
    float *out;
    size_t count, out_step;
    ptrdiff_t in_step;
};

/* How a tile reads weights: scalars that are broadcast, or vectors. */
enum form { FORM_ROWS, FORM_LANES };

/* The largest tile: its sums, a vector of each of its columns and a weight fill
 * the registers. */
#if KERNEL_WIDTH == 16 || defined(__aarch64__)
enum { TILE_OUTPUTS = 6, TILE_VECTORS = 4 };
#define TILE_ROWS(ROW, form, half)                                             \
    ROW(form, 1, half)                                                         \
    ROW(form, 2, half)                                                         \
    ROW(form, 3, half)                                                         \
    ROW(form, 4, half)                                                         \
    ROW(form, 5, half)                                                         \
    ROW(form, 6, half)
#define TILE_ROW(TILE, form, a, half)                                          \
    TILE(form, a, 1, half)                                                     \
    TILE(form, a, 2, half)                                                     \
    TILE(form, a, 3, half)                                                     \
    TILE(form, a, 4, half)
#elif KERNEL_WIDTH == 8
enum { TILE_OUTPUTS = 4, TILE_VECTORS = 3 };
#define TILE_ROWS(ROW, form, half)                                             \
    ROW(form, 1, half)                                                         \
    ROW(form, 2, half)                                                         \
    ROW(form, 3, half)                                                         \
    ROW(form, 4, half)
#define TILE_ROW(TILE, form, a, half)                                          \
    TILE(form, a, 1, half) TILE(form, a, 2, half) TILE(form, a, 3, half)
#else
enum { TILE_OUTPUTS = 2, TILE_VECTORS = 2 };
#define TILE_ROWS(ROW, form, half) ROW(form, 1, half) ROW(form, 2, half)
#define TILE_ROW(TILE, form, a, half)                                          \
    TILE(form, a, 1, half) TILE(form, a, 2, half)
#endif

/* The sums of a tile at one place: `c` vectors of `a` outputs, the last a half
 * one if `half`. */
struct conv_sums {
    vfloat whole[TILE_OUTPUTS][TILE_VECTORS];
    vhalf half[TILE_OUTPUTS];
};

V_INLINE vfloat read_weight(const float *at, enum form form) {
    return form == FORM_ROWS ? v_set(*at) : v_load(at);
}

V_INLINE void sums_clear(struct conv_sums *sums, const size_t a, const size_t c,
                         const int half) {
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        V_UNROLL
        for (size_t j = 0; j < c - (size_t)half; j++)
            sums->whole[i][j] = v_set(0);
        sums->half[i] = v_half(v_set(0));
    }
}

/* One term of every sum. */
V_INLINE void sums_step(struct conv_sums *sums, const float *in,
                        const float *weight, size_t weight_a, enum form form,
                        const size_t a, const size_t c, const int half) {
    const size_t whole = c - (size_t)half;
    vfloat x[TILE_VECTORS];
    vhalf last;
    V_UNROLL
    for (size_t j = 0; j < whole; j++)
        x[j] = v_load(in + j * KERNEL_WIDTH);
    if (half)
        last = v_half_load(in + whole * KERNEL_WIDTH);
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        const vfloat w = read_weight(weight + i * weight_a, form);
        V_UNROLL
        for (size_t j = 0; j < whole; j++)
            sums->whole[i][j] = v_fma(w, x[j], sums->whole[i][j]);
        if (half)
            sums->half[i] = v_half_fma(v_half(w), last, sums->half[i]);
    }
}

V_INLINE void sums_start(struct conv_sums *sums, const float *start,
                         enum form form, const size_t a, const size_t c,
                         const int half) {
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        const vfloat value = read_weight(
            start + i * (form == FORM_ROWS ? 1 : KERNEL_WIDTH), form);
        V_UNROLL
        for (size_t j = 0; j < c - (size_t)half; j++)
            sums->whole[i][j] += value;
        if (half)
            sums->half[i] += v_half(value);
    }
}

/* Stores the sums, or adds them to what earlier blocks left. */
V_INLINE void sums_store(const struct conv_sums *sums, float *out, size_t out_a,
                         int is_first, const size_t a, const size_t c,
                         const int half) {
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        float *at = out + i * out_a;
        V_UNROLL
        for (size_t j = 0; j < c - (size_t)half; j++) {
            vfloat sum = sums->whole[i][j];
            if (!is_first)
                sum = v_load(at + j * KERNEL_WIDTH) + sum;
            v_store(at + j * KERNEL_WIDTH, sum);
        }
        if (half) {
            vhalf sum = sums->half[i];
            at += (c - 1) * KERNEL_WIDTH;
            if (!is_first)
                sum = v_half_load(at) + sum;
            v_half_store(at, sum);
        }
    }
}

V_INLINE void conv_tile(const struct conv_product *product,
                        struct conv_places places, enum form form,
                        const size_t a, const size_t c, const int half) {
    const size_t weight_a = product->weight_a;
    const size_t out_a = product->out_places * product->cells.stride;
    const size_t tap_count = product->tap_count;
    for (; places.count > 0; places.count--) {
        for (size_t done = 0; done == 0 || done < tap_count;
             done += KERNEL_BLOCK) {
            const size_t left = tap_count - done;
            const struct conv_tap *tap = product->taps + done;
            const struct conv_tap *end =
                tap + (left < KERNEL_BLOCK ? left : KERNEL_BLOCK);
            struct conv_sums sums;
            sums_clear(&sums, a, c, half);
            for (; tap < end; tap++)
                sums_step(&sums, places.in + tap->in,
                          places.weight + tap->weight, weight_a, form, a, c,
                          half);
            if (done == 0 && places.start != NULL)
                sums_start(&sums, places.start, form, a, c, half);
            sums_store(&sums, places.out, out_a, done == 0, a, c, half);
        }
        places.in += places.in_step;
        places.out += places.out_step;
    }
}

#define TILE_FUNCTION(form, a, c, half)                                        \
    static void tile_##form##_##half##_##a##_##c(                              \
        const struct conv_product *product, struct conv_places places) {       \
        conv_tile(product, places, form, a, c, half);                          \
    }
#define TILE_FUNCTIONS(form, a, half) TILE_ROW(TILE_FUNCTION, form, a, half)
#if KERNEL_WIDTH > 1
TILE_ROWS(TILE_FUNCTIONS, FORM_ROWS, 0)
#endif
#if V_HAS_HALF
TILE_ROWS(TILE_FUNCTIONS, FORM_ROWS, 1)
#endif
TILE_ROWS(TILE_FUNCTIONS, FORM_LANES, 0)

typedef void tile_function(const struct conv_product *product,
                           struct conv_places places);
typedef tile_function *tile_table[TILE_OUTPUTS][TILE_VECTORS];
#define TILE_ENTRY(form, a, c, half) tile_##form##_##half##_##a##_##c,
#define TILE_ENTRIES(form, a, half) {TILE_ROW(TILE_ENTRY, form, a, half)},
#if KERNEL_WIDTH > 1
static const tile_table ROWS_TILES = {TILE_ROWS(TILE_ENTRIES, FORM_ROWS, 0)};
#endif
#if V_HAS_HALF
static const tile_table HALF_TILES = {TILE_ROWS(TILE_ENTRIES, FORM_ROWS, 1)};
#endif
static const tile_table LANES_TILES = {TILE_ROWS(TILE_ENTRIES, FORM_LANES, 0)};

/* The tiles that vectors first … first + count - 1 of a unit take. */
static const tile_table *find_tiles(struct cells cells, size_t first,
                                    size_t count) {
#if KERNEL_WIDTH > 1
    if (cells_in_lanes(cells))
        return &LANES_TILES;
#if V_HAS_HALF
    if (cells.rows + KERNEL_WIDTH / 2 <= (first + count) * KERNEL_WIDTH)
        return &HALF_TILES;
#endif
    (void)first, (void)count;
    return &ROWS_TILES;
#else
    (void)cells, (void)first, (void)count;
    return &LANES_TILES;
#endif
}

/* The size of the part that begins at `done` if `total` is cut into as few
 * parts of at most `most` as it can be, all about as large. */
static size_t next_part(size_t total, size_t done, size_t most) {
    const size_t left = total - done;
    const size_t parts = (left + most - 1) / most;
    return (left + parts - 1) / parts;
}

/* Lists the taps of the places in these runs. */
static void list_taps(struct conv_product *product, const struct window_run *y,
                      const struct window_run *x) {
    const ptrdiff_t stride = (ptrdiff_t)product->cells.stride;
    const ptrdiff_t row_step =
        y->tap_step * (ptrdiff_t)product->in_width * stride;
    const ptrdiff_t in_step = x->tap_step * stride;
    const size_t lanes = product->cells.lanes;
    const size_t weight_row = product->window->x.kernel * lanes;
    const size_t weight_step = x->kernel_step * lanes;
    struct conv_tap *tap = product->taps;
    for (size_t b = 0; b < product->inputs; b++)
        for (size_t i = 0; i < y->taps; i++) {
            struct conv_tap next = {
                .in = (ptrdiff_t)(b * product->in_places) * stride +
                      (ptrdiff_t)i * row_step,
                .weight = b * product->weight_b +
                          (y->kernel + i * y->kernel_step) * weight_row +
                          x->kernel * lanes,
            };
            for (size_t j = 0; j < x->taps; j++) {
                *tap++ = next;
                next.in += in_step;
                next.weight += weight_step;
            }
        }
    product->tap_count = (size_t)(tap - product->taps);
}

/* All outputs and cells of the places of run x in row `i` of run y. */
static void compute_row(const struct conv_product *product,
                        const struct window_run *y, size_t i,
                        const struct window_run *x) {
    const struct cells cells = product->cells;
    const size_t vectors = cells_vectors(cells);
    const size_t out_place =
        (y->first + i * y->step) * product->out_width + x->first;
    const ptrdiff_t in_place =
        (y->at + (ptrdiff_t)i * y->at_step) * (ptrdiff_t)product->in_width +
        x->at;
    for (size_t a = 0, a_count; a < product->outputs; a += a_count) {
        a_count = next_part(product->outputs, a, TILE_OUTPUTS);
        struct conv_places places = {
            .in = product->in + in_place * (ptrdiff_t)cells.stride,
            .weight = product->weight + a * product->weight_a,
            .start = product->start ? product->start + a * cells.lanes : NULL,
            .out = product->out +
                   (a * product->out_places + out_place) * cells.stride,
            .count = x->count,
            .out_step = x->step * cells.stride,
            .in_step = x->at_step * (ptrdiff_t)cells.stride,
        };
        for (size_t c = 0, c_count; c < vectors; c += c_count) {
            c_count = next_part(vectors, c, TILE_VECTORS);
            (*find_tiles(cells, c, c_count))[a_count - 1][c_count - 1](product,
                                                                       places);
            places.in += c_count * KERNEL_WIDTH;
            places.out += c_count * KERNEL_WIDTH;
        }
    }
}

static void compute_group(struct conv_product *product) {
    struct window_run y = {.count = 0};
    while (window_next_run(&product->window->y, product->side, &y)) {
        struct window_run x = {.count = 0};
        while (window_next_run(&product->window->x, product->side, &x)) {
            list_taps(product, &y, &x);
            for (size_t i = 0; i < y.count; i++)
                compute_row(product, &y, i, &x);
        }
    }
}

/* Of every group in turn; `weights` is the number of a group's. */
static void compute_groups(struct conv_product *product, size_t groups,
                           size_t weights) {
    const struct cells cells = product->cells;
    for (size_t group = 0; group < groups; group++) {
        compute_group(product);
        product->weight += weights * cells.lanes;
        product->in += product->inputs * product->in_places * cells.stride;
        product->out += product->outputs * product->out_places * cells.stride;
        if (product->start)
            product->start += product->outputs * cells.lanes;
    }
}

void LANES(conv_forward)(const struct conv_sizes *sizes, struct cells cells,
                         const float *weight, const float *bias, const float *x,
                         float *y, float *scratch) {
    const struct window *window = &sizes->window;
    const size_t inputs = sizes->inputs / sizes->groups;
    const size_t outputs = sizes->outputs / sizes->groups;
    const size_t taps = window_taps(window);
    struct conv_product product = {
        .window = window,
        .side = WINDOW_OF_OUTPUTS,
        .outputs = outputs,
        .inputs = inputs,
        .out_width = window->x.out,
        .out_places = window_outputs(window),
        .in_width = window->x.in,
        .in_places = window_inputs(window),
        .cells = cells,
        .weight = weight,
        .weight_a = inputs * taps * cells.lanes,
        .weight_b = taps * cells.lanes,
        .start = bias,
        .in = x,
        .out = y,
        .taps = (void *)scratch,
    };
    compute_groups(&product, sizes->groups, outputs * inputs * taps);
}

void LANES(conv_backward_input)(const struct conv_sizes *sizes,
                                struct cells cells, const float *weight,
                                const float *bias, const float *dy, float *dx,
                                float *scratch) {
    const struct window *window = &sizes->window;
    const size_t inputs = sizes->inputs / sizes->groups;
    const size_t outputs = sizes->outputs / sizes->groups;
    const size_t taps = window_taps(window);
    struct conv_product product = {
        .window = window,
        .side = WINDOW_OF_INPUTS,
        .outputs = inputs,
        .inputs = outputs,
        .out_width = window->x.in,
        .out_places = window_inputs(window),
        .in_width = window->x.out,
        .in_places = window_outputs(window),
        .cells = cells,
        .weight = weight,
        .weight_a = taps * cells.lanes,
        .weight_b = inputs * taps * cells.lanes,
        .start = bias,
        .in = dy,
        .out = dx,
        .taps = (void *)scratch,
    };
    compute_groups(&product, sizes->groups, outputs * inputs * taps);
}
