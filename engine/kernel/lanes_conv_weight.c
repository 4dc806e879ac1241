/* Gradients of a convolution's weights and biases: sums over rows and places.
 *
 * A weight's gradient is KERNEL_PARTIALS partial sums over the rows. In rows
 * form a vector holds as many of them as it has lanes, in lanes form each is a
 * vector of its own; either way the partials are computed a vector at a time, a
 * "strand", over every PARTS-th vector of a unit's cells. They are computed in
 * the order in which they meet: 0 and 8, 4 and 12, 2 and 10, … of sixteen, so
 * that what is met waits in a few arrays and not in sixteen. */

#include "engine/kernel/lanes.h"

/* A weight of an output: where its input lies from where the output's window
 * begins, in floats, and the outputs whose tap is not in the padding. */
struct weight_tap {
    ptrdiff_t at;
    size_t y_first, y_end, x_first, x_end;
};

/* One group of channels. */
struct weight_product {
    const struct window *window;
    size_t outputs, taps; /* channels; weights of an output */
    struct cells cells;
    const float *x, *dy;
    float *dweight;
    const struct weight_tap *tap; /* [taps] */
    /* Where strands wait: for their next block, and, met, for others:
     * [1 + log2 KERNEL_PARTIALS][outputs * taps] vectors. */
    float *waiting;
};

/* A block of a strand: `vectors` vectors of cells, `step` apart, of places
 * begin … end - 1. */
struct block {
    size_t strand,
        strands; /* its number, in the order of meeting; of how many */
    size_t first, step, vectors; /* in vectors */
    size_t begin, end;
    size_t valid; /* real lanes of each vector */
    int is_first, is_last;
};

/* The largest tile: its sums, a vector of each of its outputs and one of a tap
 * fill the registers. Neighbouring taps read the same inputs, so there are more
 * of them. */
#if KERNEL_WIDTH == 16 || defined(__aarch64__)
enum { TILE_OUTPUTS = 4, TILE_TAPS = 6 };
#define TILE_ROWS(ROW, half) ROW(half, 1) ROW(half, 2) ROW(half, 3) ROW(half, 4)
#define TILE_ROW(TILE, half, a)                                                \
    TILE(half, a, 1)                                                           \
    TILE(half, a, 2)                                                           \
    TILE(half, a, 3) TILE(half, a, 4) TILE(half, a, 5) TILE(half, a, 6)
#elif KERNEL_WIDTH == 8
enum { TILE_OUTPUTS = 2, TILE_TAPS = 5 };
#define TILE_ROWS(ROW, half) ROW(half, 1) ROW(half, 2)
#define TILE_ROW(TILE, half, a)                                                \
    TILE(half, a, 1)                                                           \
    TILE(half, a, 2) TILE(half, a, 3) TILE(half, a, 4) TILE(half, a, 5)
#else
enum { TILE_OUTPUTS = 2, TILE_TAPS = 2 };
#define TILE_ROWS(ROW, half) ROW(half, 1) ROW(half, 2)
#define TILE_ROW(TILE, half, a) TILE(half, a, 1) TILE(half, a, 2)
#endif

/* A tile: outputs and taps from these on. Columns of outputs for which every
 * tap may be inside, and for which one may. */
struct weight_tile {
    const struct weight_product *product;
    size_t output, tap;
    size_t all_first, all_end, any_first, any_end;
};

/* Of `half`: the vectors' upper halves hold nothing. */
struct weight_sums {
    vfloat whole[TILE_OUTPUTS][TILE_TAPS];
    vhalf half[TILE_OUTPUTS][TILE_TAPS];
};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t most(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Which of the tile's taps are inside in a row of outputs, and in a column; one
 * bit each. */
V_INLINE unsigned inside_row(const struct weight_tile *tile, size_t y,
                             const size_t c) {
    const struct weight_tap *tap = tile->product->tap + tile->tap;
    unsigned inside = 0;
    V_UNROLL
    for (size_t j = 0; j < c; j++)
        if (y >= tap[j].y_first && y < tap[j].y_end)
            inside |= 1u << j;
    return inside;
}

V_INLINE unsigned inside_column(const struct weight_tile *tile, size_t x,
                                const size_t c) {
    const struct weight_tap *tap = tile->product->tap + tile->tap;
    unsigned inside = 0;
    V_UNROLL
    for (size_t j = 0; j < c; j++)
        if (x >= tap[j].x_first && x < tap[j].x_end)
            inside |= 1u << j;
    return inside;
}

/* One term of every sum whose tap is inside. */
V_INLINE void sums_step(struct weight_sums *sums, const float *x,
                        const ptrdiff_t *at, const float *dy, size_t dy_a,
                        unsigned inside, const int half, const size_t a,
                        const size_t c) {
    vfloat d[TILE_OUTPUTS];
    vhalf d_half[TILE_OUTPUTS];
    V_UNROLL
    for (size_t i = 0; i < a; i++)
        if (half)
            d_half[i] = v_half_load(dy + i * dy_a);
        else
            d[i] = v_load(dy + i * dy_a);
    V_UNROLL
    for (size_t j = 0; j < c; j++) {
        if (!(inside & 1u << j))
            continue;
        if (half) {
            vhalf in = v_half_load(x + at[j]);
            V_KEEP(in);
            V_UNROLL
            for (size_t i = 0; i < a; i++)
                sums->half[i][j] = v_half_fma(d_half[i], in, sums->half[i][j]);
        } else {
            vfloat in = v_load(x + at[j]);
            V_KEEP(in);
            V_UNROLL
            for (size_t i = 0; i < a; i++)
                sums->whole[i][j] = v_fma(d[i], in, sums->whole[i][j]);
        }
    }
}

/* `count` places of a row, in which the same taps are inside; `x` and `dy` are
 * of the first. */
V_INLINE void sums_places(struct weight_sums *sums,
                          const struct weight_tile *tile,
                          const struct block *block, size_t count,
                          const float *x, const float *dy, unsigned inside,
                          const int half, const size_t a, const size_t c) {
    const struct weight_product *product = tile->product;
    const size_t stride = product->cells.stride;
    const size_t x_step = product->window->x.stride * stride;
    const size_t dy_a = window_outputs(product->window) * stride;
    const size_t step = block->step * KERNEL_WIDTH;
    const size_t cells_end = block->vectors * step;
    ptrdiff_t at[TILE_TAPS];
    V_UNROLL
    for (size_t j = 0; j < c; j++)
        at[j] = product->tap[tile->tap + j].at;
    for (; count > 0; count--) {
        for (size_t cell = 0; cell < cells_end; cell += step)
            sums_step(sums, x + cell, at, dy + cell, dy_a, inside, half, a, c);
        x += x_step;
        dy += stride;
    }
}

/* Places first … end - 1 of row y; `x` and `dy` are of the row's beginning. */
V_INLINE void sums_row(struct weight_sums *sums, const struct weight_tile *tile,
                       const struct block *block, size_t y, size_t first,
                       size_t end, const float *x, const float *dy,
                       const int half, const size_t a, const size_t c) {
    const size_t stride = tile->product->cells.stride;
    const size_t x_step = tile->product->window->x.stride * stride;
    const unsigned all = (1u << c) - 1, inside = inside_row(tile, y, c);
    size_t place = most(first, tile->any_first);
    end = least(end, tile->any_end);
    while (inside && place < end) {
        const int is_whole = place >= tile->all_first && place < tile->all_end;
        const size_t stop = is_whole ? least(end, tile->all_end) : place + 1;
        const float *from = x + place * x_step, *given = dy + place * stride;
        if (is_whole && inside == all)
            sums_places(sums, tile, block, stop - place, from, given, all, half,
                        a, c);
        else
            sums_places(sums, tile, block, stop - place, from, given,
                        is_whole ? inside
                                 : inside & inside_column(tile, place, c),
                        half, a, c);
        place = stop;
    }
}

/* The block's terms. */
V_INLINE void sums_block(struct weight_sums *sums,
                         const struct weight_tile *tile,
                         const struct block *block, const int half,
                         const size_t a, const size_t c) {
    const struct weight_product *product = tile->product;
    const struct window *window = product->window;
    const size_t stride = product->cells.stride, width = window->x.out;
    const size_t x_row = window->y.stride * window->x.in * stride;
    const float *dy = product->dy + block->first * KERNEL_WIDTH +
                      tile->output * window_outputs(window) * stride;
    const float *x = product->x + block->first * KERNEL_WIDTH;
    size_t y = block->begin / width, first = block->begin % width;
    for (size_t left = block->end - block->begin; left > 0; y++, first = 0) {
        const size_t end = least(width, first + left);
        sums_row(sums, tile, block, y, first, end, x + y * x_row,
                 dy + y * width * stride, half, a, c);
        left -= end - first;
    }
}

/* Puts a sum where it belongs: it goes on with the strand's next block, or
 * meets what waits for it, or is the gradient. */
V_INLINE void sum_finish(const struct weight_product *product,
                         const struct block *block, size_t weight, vfloat sum) {
    const size_t level_floats = product->outputs * product->taps * KERNEL_WIDTH;
    float *waiting = product->waiting + weight * KERNEL_WIDTH;
    if (block->valid < KERNEL_WIDTH)
        sum = v_select(v_first(block->valid), sum, v_set(0));
    if (!block->is_first)
        sum = v_load(waiting) + sum;
    if (!block->is_last) {
        v_store(waiting, sum);
        return;
    }
    for (size_t number = block->strand; number & 1; number >>= 1) {
        waiting += level_floats;
        sum = v_load(waiting) + sum;
    }
    if (block->strand + 1 < block->strands)
        v_store(waiting + level_floats, sum);
    else if (cells_in_lanes(product->cells))
        v_store(product->dweight + weight * KERNEL_WIDTH, sum);
    else
        product->dweight[weight] = v_fold(sum);
}

V_INLINE void tile_place(struct weight_tile *tile, const size_t c) {
    const struct weight_tap *tap = tile->product->tap + tile->tap;
    tile->all_first = tile->any_end = 0;
    tile->all_end = tile->any_first = SIZE_MAX;
    for (size_t j = 0; j < c; j++) {
        tile->all_first = most(tile->all_first, tap[j].x_first);
        tile->any_first = least(tile->any_first, tap[j].x_first);
        tile->all_end = least(tile->all_end, tap[j].x_end);
        tile->any_end = most(tile->any_end, tap[j].x_end);
    }
}

V_INLINE void weight_tile(const struct weight_product *product, size_t output,
                          size_t tap, const struct block *block, const int half,
                          const size_t a, const size_t c) {
    struct weight_tile tile = {
        .product = product, .output = output, .tap = tap};
    struct weight_sums sums;
    tile_place(&tile, c);
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        V_UNROLL
        for (size_t j = 0; j < c; j++) {
            sums.whole[i][j] = v_set(0);
            sums.half[i][j] = v_half(v_set(0));
        }
    }
    sums_block(&sums, &tile, block, half, a, c);
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        V_UNROLL
        for (size_t j = 0; j < c; j++)
            sum_finish(product, block, (output + i) * product->taps + tap + j,
                       half ? v_with_half(v_set(0), sums.half[i][j])
                            : sums.whole[i][j]);
    }
}

#define TILE_FUNCTION(half, a, c)                                              \
    static void tile_##half##_##a##_##c(const struct weight_product *product,  \
                                        size_t output, size_t tap,             \
                                        const struct block *block) {           \
        weight_tile(product, output, tap, block, half, a, c);                  \
    }
#define TILE_FUNCTIONS(half, a) TILE_ROW(TILE_FUNCTION, half, a)
TILE_ROWS(TILE_FUNCTIONS, 0)
#if V_HAS_HALF
TILE_ROWS(TILE_FUNCTIONS, 1)
#endif

typedef void tile_function(const struct weight_product *product, size_t output,
                           size_t tap, const struct block *block);
#define TILE_ENTRY(half, a, c) tile_##half##_##a##_##c,
#define TILE_ENTRIES(half, a) {TILE_ROW(TILE_ENTRY, half, a)},
static tile_function *const TILES[][TILE_OUTPUTS][TILE_TAPS] = {
    {TILE_ROWS(TILE_ENTRIES, 0)},
#if V_HAS_HALF
    {TILE_ROWS(TILE_ENTRIES, 1)},
#endif
};

/* The size of the part that begins at `done` if `total` is cut into as few
 * parts of at most `most` as it can be, all about as large. */
static size_t next_part(size_t total, size_t done, size_t limit) {
    const size_t left = total - done;
    const size_t parts = (left + limit - 1) / limit;
    return (left + parts - 1) / parts;
}

static void compute_block(const struct weight_product *product,
                          const struct block *block) {
    const int half = V_HAS_HALF && block->valid <= KERNEL_WIDTH / 2;
    for (size_t output = 0, a; output < product->outputs; output += a) {
        a = next_part(product->outputs, output, TILE_OUTPUTS);
        for (size_t tap = 0, c; tap < product->taps; tap += c) {
            c = next_part(product->taps, tap, TILE_TAPS);
            TILES[half][a - 1][c - 1](product, output, tap, block);
        }
    }
}

/* Vectors of a strand, at all places, block by block. */
static void compute_vectors(const struct weight_product *product,
                            struct block block) {
    const size_t places = window_outputs(product->window);
    const size_t step = most(1, KERNEL_BLOCK / most(1, block.vectors));
    const int is_first = block.is_first, is_last = block.is_last;
    for (size_t begin = 0; begin < places; begin += step) {
        block.begin = begin;
        block.end = least(places, begin + step);
        block.is_first = is_first && begin == 0;
        block.is_last = is_last && block.end == places;
        compute_block(product, &block);
    }
}

/* The order in which strands meet: the bits of their number from the top. */
static size_t strand_first(size_t number, size_t strands) {
    size_t first = 0;
    for (size_t bit = strands / 2; bit > 0; bit /= 2, number >>= 1)
        first += number & 1 ? bit : 0;
    return first;
}

/* The rows that make whole sets of partials, then the others. A strand without
 * rows is one block of none. */
static void compute_strands(const struct weight_product *product) {
    const struct cells cells = product->cells;
    const size_t strands = cells_in_lanes(cells)
                               ? (size_t)KERNEL_PARTIALS
                               : (size_t)KERNEL_PARTIAL_VECTORS;
    const size_t sets = cells.rows / KERNEL_PARTIALS;
    for (size_t number = 0; number < strands; number++) {
        const size_t first = strand_first(number, strands);
        const size_t behind = sets * strands + first;
        const int has_rest = behind < cells_vectors(cells);
        struct block block = {.strand = number,
                              .strands = strands,
                              .first = first,
                              .step = strands,
                              .vectors = sets,
                              .valid = KERNEL_WIDTH,
                              .is_first = 1,
                              .is_last = !has_rest};
        if (sets > 0 || !has_rest)
            compute_vectors(product, block);
        block.first = behind;
        block.vectors = 1;
        block.is_first = sets == 0;
        block.is_last = 1;
        if (!has_rest)
            continue;
        block.valid = cells_valid(cells, behind);
        compute_vectors(product, block);
    }
}

/* first … end - 1: the outputs of an axis for which tap `k` is inside. */
static void find_inside(const struct window_axis *axis, size_t k, size_t *first,
                        size_t *end) {
    const size_t reach = k * axis->dilation, behind = axis->in + axis->before;
    const size_t stride = axis->stride;
    *first =
        reach < axis->before ? (axis->before - reach + stride - 1) / stride : 0;
    *end = reach < behind ? (behind - reach + stride - 1) / stride : 0;
    *end = least(*end, axis->out);
}

static struct weight_tap tap_of(const struct window *window, struct cells cells,
                                size_t channel, size_t y, size_t x) {
    const ptrdiff_t at_y =
        (ptrdiff_t)(y * window->y.dilation) - (ptrdiff_t)window->y.before;
    const ptrdiff_t at_x =
        (ptrdiff_t)(x * window->x.dilation) - (ptrdiff_t)window->x.before;
    const ptrdiff_t place = (ptrdiff_t)(channel * window_inputs(window)) +
                            at_y * (ptrdiff_t)window->x.in + at_x;
    struct weight_tap tap = {.at = place * (ptrdiff_t)cells.stride};
    find_inside(&window->y, y, &tap.y_first, &tap.y_end);
    find_inside(&window->x, x, &tap.x_first, &tap.x_end);
    return tap;
}

static void list_taps(const struct window *window, struct cells cells,
                      size_t channels, struct weight_tap *tap) {
    for (size_t channel = 0; channel < channels; channel++)
        for (size_t y = 0; y < window->y.kernel; y++)
            for (size_t x = 0; x < window->x.kernel; x++)
                *tap++ = tap_of(window, cells, channel, y, x);
}

void LANES(conv_backward_weight)(const struct conv_sizes *sizes,
                                 struct cells cells, const float *x,
                                 const float *dy, float *dweight,
                                 float *scratch) {
    const struct window *window = &sizes->window;
    const size_t inputs = sizes->inputs / sizes->groups;
    struct weight_product product = {
        .window = window,
        .outputs = sizes->outputs / sizes->groups,
        .taps = inputs * window_taps(window),
        .cells = cells,
        .x = x,
        .dy = dy,
        .dweight = dweight,
        .tap = (void *)scratch,
    };
    list_taps(window, cells, inputs, (void *)scratch);
    product.waiting =
        scratch + product.taps * sizeof(struct weight_tap) / sizeof *scratch;
    for (size_t group = 0; group < sizes->groups; group++) {
        compute_strands(&product);
        product.x += inputs * window_inputs(window) * cells.stride;
        product.dy += product.outputs * window_outputs(window) * cells.stride;
        product.dweight += product.outputs * product.taps * cells.lanes;
    }
}

/* Adds the cells of one place to the partials that they belong to. */
V_INLINE void add_place(struct partials *sums, struct cells cells,
                        const float *from, int in_lanes) {
    const size_t parts =
        in_lanes ? (size_t)KERNEL_PARTIALS : (size_t)KERNEL_PARTIAL_VECTORS;
    const size_t whole = cells.rows / KERNEL_PARTIALS * parts;
    const size_t vectors = cells_vectors(cells);
    struct partials own;
    partials_clear(&own);
    for (size_t index = 0; index < whole; index += parts)
#pragma GCC unroll 16
        for (size_t k = 0; k < parts; k++)
            own.part[k] += v_load(from + (index + k) * KERNEL_WIDTH);
    for (size_t index = whole; index < vectors; index++)
        partials_add(&own, index, v_load(from + index * KERNEL_WIDTH), in_lanes,
                     cells_valid(cells, index));
#pragma GCC unroll 16
    for (size_t k = 0; k < parts; k++)
        sums->part[k] += own.part[k];
}

V_INLINE void sum_channel(size_t places, struct cells cells, const float *dy,
                          float *sum, int in_lanes) {
    const size_t parts =
        in_lanes ? (size_t)KERNEL_PARTIALS : (size_t)KERNEL_PARTIAL_VECTORS;
    struct partials total;
    partials_clear(&total);
    for (size_t begin = 0; begin < places; begin += KERNEL_BLOCK) {
        const size_t end = least(places, begin + KERNEL_BLOCK);
        struct partials block;
        partials_clear(&block);
        for (size_t place = begin; place < end; place++)
            add_place(&block, cells, dy + place * cells.stride, in_lanes);
#pragma GCC unroll 16
        for (size_t k = 0; k < parts; k++)
            total.part[k] += block.part[k];
    }
    if (in_lanes)
        v_store(sum, partials_total(&total, 1));
    else
        *sum = v_meet(total.part);
}

void LANES(channel_sums)(size_t channels, size_t places, struct cells cells,
                         const float *dy, float *sum) {
    const int in_lanes = cells_in_lanes(cells);
    for (size_t channel = 0; channel < channels; channel++) {
        const float *from = dy + channel * places * cells.stride;
        if (in_lanes)
            sum_channel(places, cells, from, sum + channel * KERNEL_WIDTH, 1);
        else
            sum_channel(places, cells, from, sum + channel, 0);
    }
}
