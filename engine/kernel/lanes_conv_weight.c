/* Gradients of a convolution's weights and biases: sums over rows and places.
 *
 * A weight's gradient is KERNEL_PARTIALS partial sums over the rows. In rows
 * form a vector holds as many of them as it has lanes, in lanes form each is a
 * vector of its own; either way the partials are computed a vector at a time, a
 * "strand", over every PARTS-th vector of a unit's cells. They are computed in
 * the order in which they meet: 0 and 8, 4 and 12, 2 and 10, … of sixteen, so
 * that what is met waits in a few arrays and not in sixteen. */

#include "engine/kernel/lanes.h"

enum { STRAND_LEVELS = 4 }; /* log2 KERNEL_PARTIALS */

/* A weight of an output: where its input lies from where the output's window
 * begins, in floats, and the outputs whose tap is not in the padding. */
struct weight_tap {
    ptrdiff_t at;
    size_t y_first, y_end, x_first, x_end;
};

/* A place of a block where some of a tile's taps are inside: which, one bit
 * each; and where its window begins and its output is, in floats. */
struct weight_place {
    ptrdiff_t x;
    size_t dy;
    unsigned inside;
};

/* One group of channels. */
struct weight_product {
    const struct window *window;
    size_t outputs, taps; /* channels; weights of an output */
    struct cells cells;
    const float *x, *dy;
    float *dweight;
    const struct weight_tap *tap; /* [taps] */
    float *strand; /* the one that is computed: [outputs][taps] vectors */
    float *met[STRAND_LEVELS + 1]; /* others, see meet() */
    struct weight_place *places;   /* room for KERNEL_BLOCK */
};

/* A block of a strand: `vectors` vectors of cells, `step` apart, at places
 * begin … end - 1. */
struct block {
    size_t first, step, vectors; /* in vectors */
    size_t begin, end;
    size_t valid; /* real lanes of each vector */
    int is_first; /* of its strand */
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

/* A tile: outputs and taps from these on, and the places that they see. */
struct weight_tile {
    size_t output, tap;
    const struct weight_place *place, *end;
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

/* The block's terms. */
V_INLINE void sums_block(struct weight_sums *sums,
                         const struct weight_product *product,
                         const struct weight_tile *tile,
                         const struct block *block, const int half,
                         const size_t a, const size_t c) {
    const unsigned all = (1u << c) - 1;
    const size_t dy_a = window_outputs(product->window) * product->cells.stride;
    const size_t step = block->step * KERNEL_WIDTH;
    const size_t cells_end = block->vectors * step;
    const float *from = product->x + block->first * KERNEL_WIDTH;
    const float *given =
        product->dy + block->first * KERNEL_WIDTH + tile->output * dy_a;
    ptrdiff_t at[TILE_TAPS];
    V_UNROLL
    for (size_t j = 0; j < c; j++)
        at[j] = product->tap[tile->tap + j].at;
    for (const struct weight_place *place = tile->place; place < tile->end;
         place++) {
        const float *x = from + place->x, *dy = given + place->dy;
        const unsigned inside = place->inside;
        if (inside == all)
            for (size_t cell = 0; cell < cells_end; cell += step)
                sums_step(sums, x + cell, at, dy + cell, dy_a, all, half, a, c);
        else
            for (size_t cell = 0; cell < cells_end; cell += step)
                sums_step(sums, x + cell, at, dy + cell, dy_a, inside, half, a,
                          c);
    }
}

V_INLINE void weight_tile(const struct weight_product *product,
                          const struct weight_tile *tile,
                          const struct block *block, const int half,
                          const size_t a, const size_t c) {
    struct weight_sums sums;
    const vmask real = v_first(block->valid);
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        V_UNROLL
        for (size_t j = 0; j < c; j++) {
            sums.whole[i][j] = v_set(0);
            sums.half[i][j] = v_half(v_set(0));
        }
    }
    sums_block(&sums, product, tile, block, half, a, c);
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        float *to =
            product->strand +
            ((tile->output + i) * product->taps + tile->tap) * KERNEL_WIDTH;
        V_UNROLL
        for (size_t j = 0; j < c; j++) {
            vfloat sum = half ? v_with_half(v_set(0), sums.half[i][j])
                              : sums.whole[i][j];
            sum = v_select(real, sum, v_set(0));
            if (!block->is_first)
                sum = v_load(to + j * KERNEL_WIDTH) + sum;
            v_store(to + j * KERNEL_WIDTH, sum);
        }
    }
}

#define TILE_FUNCTION(half, a, c)                                              \
    static void tile_##half##_##a##_##c(const struct weight_product *product,  \
                                        const struct weight_tile *tile,        \
                                        const struct block *block) {           \
        weight_tile(product, tile, block, half, a, c);                         \
    }
#define TILE_FUNCTIONS(half, a) TILE_ROW(TILE_FUNCTION, half, a)
TILE_ROWS(TILE_FUNCTIONS, 0)
#if V_HAS_HALF
TILE_ROWS(TILE_FUNCTIONS, 1)
#endif

typedef void tile_function(const struct weight_product *product,
                           const struct weight_tile *tile,
                           const struct block *block);
#define TILE_ENTRY(half, a, c) tile_##half##_##a##_##c,
#define TILE_ENTRIES(half, a) {TILE_ROW(TILE_ENTRY, half, a)},
static tile_function *const TILES[][TILE_OUTPUTS][TILE_TAPS] = {
    {TILE_ROWS(TILE_ENTRIES, 0)},
#if V_HAS_HALF
    {TILE_ROWS(TILE_ENTRIES, 1)},
#endif
};

/* ------------------------------------------------------------------ places */

/* Columns of outputs where any of a tile's taps is inside, and where all are.
 */
struct columns {
    size_t any_first, any_end, all_first, all_end;
};

static struct columns columns_of(const struct weight_tap *tap, size_t count) {
    struct columns columns = {SIZE_MAX, 0, 0, SIZE_MAX};
    for (size_t j = 0; j < count; j++) {
        columns.any_first = least(columns.any_first, tap[j].x_first);
        columns.any_end = most(columns.any_end, tap[j].x_end);
        columns.all_first = most(columns.all_first, tap[j].x_first);
        columns.all_end = least(columns.all_end, tap[j].x_end);
    }
    return columns;
}

/* Which of the taps are inside in a row of outputs, and in a column. */
static unsigned inside_row(const struct weight_tap *tap, size_t count,
                           size_t y) {
    unsigned inside = 0;
    for (size_t j = 0; j < count; j++)
        if (y >= tap[j].y_first && y < tap[j].y_end)
            inside |= 1u << j;
    return inside;
}

static unsigned inside_column(const struct weight_tap *tap, size_t count,
                              size_t x) {
    unsigned inside = 0;
    for (size_t j = 0; j < count; j++)
        if (x >= tap[j].x_first && x < tap[j].x_end)
            inside |= 1u << j;
    return inside;
}

/* Lists the places of a block, ascending, where some of these taps are inside;
 * returns the list's end. */
static struct weight_place *list_places(const struct weight_product *product,
                                        const struct block *block,
                                        const struct weight_tap *tap,
                                        size_t count) {
    const struct window *window = product->window;
    const size_t stride = product->cells.stride, width = window->x.out;
    const size_t x_step = window->x.stride * stride;
    const size_t x_row = window->y.stride * window->x.in * stride;
    const struct columns columns = columns_of(tap, count);
    struct weight_place *place = product->places;
    for (size_t y = block->begin / width; y * width < block->end; y++) {
        const unsigned row = inside_row(tap, count, y);
        const size_t before = y * width;
        const size_t first = block->begin > before ? block->begin - before : 0;
        const size_t end = least(columns.any_end, block->end - before);
        size_t x = most(first, columns.any_first);
        struct weight_place next = {
            .x = (ptrdiff_t)(y * x_row + x * x_step),
            .dy = (before + x) * stride,
        };
        for (; row && x < end; x++) {
            const int is_whole = x >= columns.all_first && x < columns.all_end;
            next.inside = is_whole ? row : row & inside_column(tap, count, x);
            *place++ = next;
            next.x += (ptrdiff_t)x_step;
            next.dy += stride;
        }
    }
    return place;
}

/* ----------------------------------------------------------------- strands */

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
    for (size_t tap = 0, c; tap < product->taps; tap += c) {
        c = next_part(product->taps, tap, TILE_TAPS);
        struct weight_tile tile = {.tap = tap, .place = product->places};
        tile.end = list_places(product, block, product->tap + tap, c);
        for (size_t a; tile.output < product->outputs; tile.output += a) {
            a = next_part(product->outputs, tile.output, TILE_OUTPUTS);
            TILES[half][a - 1][c - 1](product, &tile, block);
        }
    }
}

/* Vectors of a strand, at all places, block by block. */
static void compute_vectors(const struct weight_product *product,
                            struct block block) {
    const size_t places = window_outputs(product->window);
    const size_t step = most(1, KERNEL_BLOCK / most(1, block.vectors));
    for (size_t begin = 0; begin < places; begin += step) {
        block.begin = begin;
        block.end = least(places, begin + step);
        compute_block(product, &block);
        block.is_first = 0;
    }
}

/* The rows that make whole sets of partials, then the others. A strand without
 * rows is 0. */
static void compute_strand(const struct weight_product *product, size_t first,
                           size_t strands) {
    const struct cells cells = product->cells;
    const size_t sets = cells.rows / KERNEL_PARTIALS;
    const size_t behind = sets * strands + first;
    const int has_rest = behind < cells_vectors(cells);
    struct block block = {.first = first,
                          .step = strands,
                          .vectors = sets,
                          .valid = KERNEL_WIDTH,
                          .is_first = 1};
    if (sets > 0 || !has_rest)
        compute_vectors(product, block);
    if (!has_rest)
        return;
    block.first = behind;
    block.vectors = 1;
    block.valid = cells_valid(cells, behind);
    block.is_first = sets == 0;
    compute_vectors(product, block);
}

/* The strand that is computed as number `number`: the number's bits from the
 * top, so that those that meet follow one another. */
static size_t strand_of(size_t number, size_t strands) {
    size_t first = 0;
    for (size_t bit = strands / 2; bit > 0; bit /= 2, number >>= 1)
        first += number & 1 ? bit : 0;
    return first;
}

/* Strand number `number` meets those that wait, and waits in turn: met[k] is
 * the sum of 2^k strands. */
static void meet(struct weight_product *product, size_t number) {
    const size_t end = product->outputs * product->taps * KERNEL_WIDTH;
    float *strand = product->strand;
    size_t level = 0;
    for (; number & 1; number >>= 1, level++) {
        const float *met = product->met[level];
        for (size_t i = 0; i < end; i += KERNEL_WIDTH)
            v_store(strand + i, v_load(met + i) + v_load(strand + i));
    }
    product->strand = product->met[level];
    product->met[level] = strand;
}

static void compute_weights(struct weight_product *product) {
    const int in_lanes = cells_in_lanes(product->cells);
    const size_t weights = product->outputs * product->taps;
    const size_t strands =
        in_lanes ? (size_t)KERNEL_PARTIALS : (size_t)KERNEL_PARTIAL_VECTORS;
    size_t level = 0;
    for (size_t number = 0; number < strands; number++) {
        compute_strand(product, strand_of(number, strands), strands);
        meet(product, number);
    }
    while (strands >> level > 1)
        level++;
    if (in_lanes)
        memcpy(product->dweight, product->met[level],
               weights * KERNEL_WIDTH * sizeof(float));
    else
        v_fold_each(product->dweight, product->met[level], weights);
}

/* -------------------------------------------------------------------- taps */

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

/* Hands out the scratch behind the taps. */
static void place_sums(struct weight_product *product, float *scratch) {
    const size_t sums = product->outputs * product->taps * KERNEL_WIDTH;
    product->strand = scratch;
    for (size_t level = 0; level <= STRAND_LEVELS; level++)
        product->met[level] = scratch += sums;
    product->places = (void *)(scratch + sums);
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
    place_sums(&product, scratch + product.taps * sizeof(struct weight_tap) /
                                       sizeof *scratch);
    for (size_t group = 0; group < sizes->groups; group++) {
        compute_weights(&product);
        product.x += inputs * window_inputs(window) * cells.stride;
        product.dy += product.outputs * window_outputs(window) * cells.stride;
        product.dweight += product.outputs * product.taps * cells.lanes;
    }
}

/* ---------------------------------------------------------------- channels */

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
