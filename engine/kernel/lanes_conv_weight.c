/* Gradients of a convolution's weights and biases: sums over rows and places.
 *
 * A weight's gradient is KERNEL_PARTIALS partial sums over the rows. In rows
 * form a vector holds as many of them as it has lanes, in lanes form each is a
 * vector of its own; either way the partials are computed a vector at a time, a
 * "strand", over every PARTS-th vector of a unit's cells. They are computed in
 * the order in which they meet: 0 and 8, 4 and 12, 2 and 10, … of sixteen, so
 * that what is met waits in a few arrays and not in sixteen. */

#include "engine/kernel/lanes.h"

enum { STRAND_LEVELS = 4 }; /* of sixteen strands */

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
     * [1 + STRAND_LEVELS][outputs * taps] vectors. */
    float *waiting;
};

/* Terms begin … end - 1 of a strand: its vectors ascending, in each the places
 * ascending. */
struct strand {
    size_t number, first, step; /* its number; first vector, and from there */
    size_t parts;               /* strands that there are */
    size_t begin, end;
    int is_last; /* the strand's last block */
};

#if KERNEL_WIDTH == 16 || defined(__aarch64__)
enum { TILE_OUTPUTS = 6, TILE_TAPS = 4 };
#define TILE_ROWS(ROW, form)                                                   \
    ROW(form, 1)                                                               \
    ROW(form, 2) ROW(form, 3) ROW(form, 4) ROW(form, 5) ROW(form, 6)
#define TILE_ROW(TILE, form, a)                                                \
    TILE(form, a, 1) TILE(form, a, 2) TILE(form, a, 3) TILE(form, a, 4)
#elif KERNEL_WIDTH == 8
enum { TILE_OUTPUTS = 4, TILE_TAPS = 3 };
#define TILE_ROWS(ROW, form) ROW(form, 1) ROW(form, 2) ROW(form, 3) ROW(form, 4)
#define TILE_ROW(TILE, form, a)                                                \
    TILE(form, a, 1) TILE(form, a, 2) TILE(form, a, 3)
#else
enum { TILE_OUTPUTS = 2, TILE_TAPS = 2 };
#define TILE_ROWS(ROW, form) ROW(form, 1) ROW(form, 2)
#define TILE_ROW(TILE, form, a) TILE(form, a, 1) TILE(form, a, 2)
#endif

enum form { FORM_ROWS, FORM_LANES };

/* How much of a vector holds real cells. */
enum extent { EXTENT_WHOLE, EXTENT_PART, EXTENT_HALF };

/* A tile: `a` outputs x `c` taps, from these on. */
struct weight_tile {
    const struct weight_product *product;
    size_t output, tap;
    ptrdiff_t at[TILE_TAPS]; /* of its taps */
    /* Outputs for which every tap is inside. */
    size_t y_first, y_end, x_first, x_end;
};

struct weight_sums {
    vfloat whole[TILE_OUTPUTS][TILE_TAPS];
    vhalf half[TILE_OUTPUTS][TILE_TAPS];
};

/* Places of one row of outputs, in one vector of cells. */
struct weight_row {
    const float *x, *dy; /* of the first */
    size_t y, first, end;
    vmask real; /* of EXTENT_PART */
};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t most(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Which of the tile's taps are inside at a place; one bit each. */
V_INLINE unsigned taps_inside(const struct weight_tile *tile, size_t y,
                              size_t x, const size_t c) {
    const struct weight_tap *tap = tile->product->tap + tile->tap;
    unsigned inside = 0;
    V_UNROLL
    for (size_t j = 0; j < c; j++)
        if (y >= tap[j].y_first && y < tap[j].y_end && x >= tap[j].x_first &&
            x < tap[j].x_end)
            inside |= 1u << j;
    return inside;
}

/* One term of every sum whose tap is inside. */
V_INLINE void sums_step(struct weight_sums *sums, const struct weight_row *row,
                        const ptrdiff_t *at, size_t dy_a, unsigned inside,
                        enum extent extent, const size_t a, const size_t c) {
    vfloat dy[TILE_OUTPUTS];
    vhalf dy_half[TILE_OUTPUTS];
    V_UNROLL
    for (size_t i = 0; i < a; i++)
        if (extent == EXTENT_HALF)
            dy_half[i] = v_half_load(row->dy + i * dy_a);
        else
            dy[i] = v_load(row->dy + i * dy_a);
    V_UNROLL
    for (size_t j = 0; j < c; j++) {
        if (!(inside & 1u << j))
            continue;
        if (extent == EXTENT_HALF) {
            const vhalf x = v_half_load(row->x + at[j]);
            V_UNROLL
            for (size_t i = 0; i < a; i++)
                sums->half[i][j] = v_half_fma(dy_half[i], x, sums->half[i][j]);
        } else {
            const vfloat x = v_load(row->x + at[j]);
            V_UNROLL
            for (size_t i = 0; i < a; i++) {
                const vfloat sum = v_fma(dy[i], x, sums->whole[i][j]);
                sums->whole[i][j] =
                    extent == EXTENT_PART
                        ? v_select(row->real, sum, sums->whole[i][j])
                        : sum;
            }
        }
    }
}

/* Places first … end - 1 of a row. */
V_INLINE void sums_row(struct weight_sums *sums, const struct weight_tile *tile,
                       struct weight_row row, enum extent extent,
                       const size_t a, const size_t c) {
    const struct weight_product *product = tile->product;
    const size_t stride = product->cells.stride;
    const size_t x_step = product->window->x.stride * stride;
    const size_t dy_a = window_outputs(product->window) * stride;
    const int is_inner = row.y >= tile->y_first && row.y < tile->y_end;
    const unsigned all = (1u << c) - 1;
    ptrdiff_t at[TILE_TAPS];
    V_UNROLL
    for (size_t j = 0; j < c; j++)
        at[j] = tile->at[j];
    size_t x = row.first;
    while (x < row.end) {
        const int is_whole = is_inner && x >= tile->x_first && x < tile->x_end;
        if (is_whole) {
            const size_t end = least(row.end, tile->x_end);
            for (; x < end; x++) {
                sums_step(sums, &row, at, dy_a, all, extent, a, c);
                row.x += x_step;
                row.dy += stride;
            }
        } else {
            const unsigned inside = taps_inside(tile, row.y, x, c);
            sums_step(sums, &row, at, dy_a, inside, extent, a, c);
            row.x += x_step;
            row.dy += stride;
            x++;
        }
    }
}

/* `count` places from `place` on of one vector of cells. */
V_INLINE void sums_places(struct weight_sums *sums,
                          const struct weight_tile *tile, size_t vector,
                          size_t place, size_t count, enum extent extent,
                          const size_t a, const size_t c) {
    const struct weight_product *product = tile->product;
    const struct window *window = product->window;
    const size_t stride = product->cells.stride, width = window->x.out;
    const float *dy = product->dy + vector * KERNEL_WIDTH +
                      tile->output * window_outputs(window) * stride;
    const float *x = product->x + vector * KERNEL_WIDTH;
    struct weight_row row = {.y = place / width, .first = place % width};
    if (extent == EXTENT_PART)
        row.real = v_first(product->cells.rows - vector * KERNEL_WIDTH);
    for (; count > 0; row.y++, row.first = 0) {
        const ptrdiff_t in_place =
            (ptrdiff_t)(row.y * window->y.stride * window->x.in +
                        row.first * window->x.stride);
        row.end = least(width, row.first + count);
        row.dy = dy + (row.y * width + row.first) * stride;
        row.x = x + in_place * (ptrdiff_t)stride;
        sums_row(sums, tile, row, extent, a, c);
        count -= row.end - row.first;
    }
}

/* The same of a vector whose upper half holds nothing. */
V_INLINE void sums_places_of_half(struct weight_sums *sums,
                                  const struct weight_tile *tile, size_t vector,
                                  size_t place, size_t count, const size_t a,
                                  const size_t c) {
    vfloat kept[TILE_OUTPUTS][TILE_TAPS];
    const vmask real =
        v_first(tile->product->cells.rows - vector * KERNEL_WIDTH);
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        V_UNROLL
        for (size_t j = 0; j < c; j++) {
            kept[i][j] = sums->whole[i][j];
            sums->half[i][j] = v_half(kept[i][j]);
        }
    }
    sums_places(sums, tile, vector, place, count, EXTENT_HALF, a, c);
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        V_UNROLL
        for (size_t j = 0; j < c; j++)
            sums->whole[i][j] = v_select(
                real, v_with_half(kept[i][j], sums->half[i][j]), kept[i][j]);
    }
}

/* The block's terms. */
V_INLINE void sums_block(struct weight_sums *sums,
                         const struct weight_tile *tile,
                         const struct strand *strand, enum form form,
                         const size_t a, const size_t c) {
    const struct cells cells = tile->product->cells;
    const size_t places = window_outputs(tile->product->window);
    size_t vector = strand->first + strand->begin / places * strand->step;
    size_t place = strand->begin % places;
    for (size_t term = strand->begin; term < strand->end;) {
        const size_t count = least(places - place, strand->end - term);
        const size_t valid = form == FORM_ROWS ? cells_valid(cells, vector)
                                               : (size_t)KERNEL_WIDTH;
        if (valid == KERNEL_WIDTH)
            sums_places(sums, tile, vector, place, count, EXTENT_WHOLE, a, c);
        else if (form == FORM_ROWS && V_HAS_HALF && valid <= KERNEL_WIDTH / 2)
            sums_places_of_half(sums, tile, vector, place, count, a, c);
        else if (form == FORM_ROWS)
            sums_places(sums, tile, vector, place, count, EXTENT_PART, a, c);
        term += count;
        place = 0;
        vector += strand->step;
    }
}

/* Puts a sum where it belongs: it goes on with the strand's next block, or
 * meets what waits for it, or is the gradient. */
V_INLINE void sum_finish(const struct weight_product *product,
                         const struct strand *strand, size_t weight, vfloat sum,
                         enum form form) {
    const size_t level_floats = product->outputs * product->taps * KERNEL_WIDTH;
    float *waiting = product->waiting + weight * KERNEL_WIDTH;
    if (strand->begin > 0)
        sum = v_load(waiting) + sum;
    if (!strand->is_last) {
        v_store(waiting, sum);
        return;
    }
    size_t number = strand->number;
    for (; number & 1; number >>= 1) {
        waiting += level_floats;
        sum = v_load(waiting) + sum;
    }
    if (strand->number + 1 < strand->parts)
        v_store(waiting + level_floats, sum);
    else if (form == FORM_ROWS)
        product->dweight[weight] = v_fold(sum);
    else
        v_store(product->dweight + weight * KERNEL_WIDTH, sum);
}

V_INLINE void tile_place(struct weight_tile *tile, const size_t c) {
    const struct weight_tap *tap = tile->product->tap + tile->tap;
    tile->y_first = tile->x_first = 0;
    tile->y_end = tile->x_end = SIZE_MAX;
    for (size_t j = 0; j < c; j++) {
        tile->at[j] = tap[j].at;
        tile->y_first = most(tile->y_first, tap[j].y_first);
        tile->x_first = most(tile->x_first, tap[j].x_first);
        tile->y_end = least(tile->y_end, tap[j].y_end);
        tile->x_end = least(tile->x_end, tap[j].x_end);
    }
}

V_INLINE void weight_tile(const struct weight_product *product, size_t output,
                          size_t tap, const struct strand *strand,
                          enum form form, const size_t a, const size_t c) {
    struct weight_tile tile = {
        .product = product, .output = output, .tap = tap};
    struct weight_sums sums;
    tile_place(&tile, c);
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        V_UNROLL
        for (size_t j = 0; j < c; j++)
            sums.whole[i][j] = v_set(0);
    }
    sums_block(&sums, &tile, strand, form, a, c);
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        V_UNROLL
        for (size_t j = 0; j < c; j++)
            sum_finish(product, strand, (output + i) * product->taps + tap + j,
                       sums.whole[i][j], form);
    }
}

#define TILE_FUNCTION(form, a, c)                                              \
    static void tile_##form##_##a##_##c(const struct weight_product *product,  \
                                        size_t output, size_t tap,             \
                                        const struct strand *strand) {         \
        weight_tile(product, output, tap, strand, form, a, c);                 \
    }
#define TILE_FUNCTIONS(form, a) TILE_ROW(TILE_FUNCTION, form, a)
#if KERNEL_WIDTH > 1
TILE_ROWS(TILE_FUNCTIONS, FORM_ROWS)
#endif
TILE_ROWS(TILE_FUNCTIONS, FORM_LANES)

typedef void tile_function(const struct weight_product *product, size_t output,
                           size_t tap, const struct strand *strand);
#define TILE_ENTRY(form, a, c) tile_##form##_##a##_##c,
#define TILE_ENTRIES(form, a) {TILE_ROW(TILE_ENTRY, form, a)},
static tile_function *const TILES[][TILE_OUTPUTS][TILE_TAPS] = {
#if KERNEL_WIDTH > 1
    [FORM_ROWS] = {TILE_ROWS(TILE_ENTRIES, FORM_ROWS)},
#endif
    [FORM_LANES] = {TILE_ROWS(TILE_ENTRIES, FORM_LANES)},
};

/* The size of the part that begins at `done` if `total` is cut into as few
 * parts of at most `most` as it can be, all about as large. */
static size_t next_part(size_t total, size_t done, size_t limit) {
    const size_t left = total - done;
    const size_t parts = (left + limit - 1) / limit;
    return (left + parts - 1) / parts;
}

static void compute_block(const struct weight_product *product,
                          const struct strand *strand, enum form form) {
    for (size_t output = 0, a; output < product->outputs; output += a) {
        a = next_part(product->outputs, output, TILE_OUTPUTS);
        for (size_t tap = 0, c; tap < product->taps; tap += c) {
            c = next_part(product->taps, tap, TILE_TAPS);
            TILES[form][a - 1][c - 1](product, output, tap, strand);
        }
    }
}

/* The order in which strands meet: the bits of their number from the top. */
static size_t strand_first(size_t number, size_t parts) {
    size_t first = 0;
    for (size_t bit = parts / 2; bit > 0; bit /= 2, number >>= 1)
        first += number & 1 ? bit : 0;
    return first;
}

static void compute_strands(const struct weight_product *product,
                            enum form form) {
    const size_t parts = form == FORM_LANES ? (size_t)KERNEL_PARTIALS
                                            : (size_t)KERNEL_PARTIAL_VECTORS;
    const size_t vectors = cells_vectors(product->cells);
    const size_t places = window_outputs(product->window);
    for (size_t number = 0; number < parts; number++) {
        const size_t first = strand_first(number, parts);
        const size_t own =
            first < vectors ? (vectors - first - 1) / parts + 1 : 0;
        const size_t terms = own * places;
        for (size_t begin = 0; begin == 0 || begin < terms;
             begin += KERNEL_BLOCK) {
            const struct strand strand = {
                .number = number,
                .first = first,
                .step = parts,
                .parts = parts,
                .begin = begin,
                .end = least(terms, begin + KERNEL_BLOCK),
                .is_last = begin + KERNEL_BLOCK >= terms,
            };
            compute_block(product, &strand, form);
        }
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

static void list_taps(const struct conv_sizes *sizes, struct cells cells,
                      struct weight_tap *tap) {
    const struct window *window = &sizes->window;
    const ptrdiff_t width = (ptrdiff_t)window->x.in;
    for (size_t channel = 0; channel < sizes->inputs / sizes->groups; channel++)
        for (size_t y = 0; y < window->y.kernel; y++)
            for (size_t x = 0; x < window->x.kernel; x++, tap++) {
                const ptrdiff_t at_y = (ptrdiff_t)(y * window->y.dilation) -
                                       (ptrdiff_t)window->y.before;
                const ptrdiff_t at_x = (ptrdiff_t)(x * window->x.dilation) -
                                       (ptrdiff_t)window->x.before;
                const ptrdiff_t place =
                    (ptrdiff_t)(channel * window_inputs(window)) +
                    at_y * width + at_x;
                tap->at = place * (ptrdiff_t)cells.stride;
                find_inside(&window->y, y, &tap->y_first, &tap->y_end);
                find_inside(&window->x, x, &tap->x_first, &tap->x_end);
            }
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
    list_taps(sizes, cells, (void *)scratch);
    product.waiting =
        scratch + product.taps * sizeof(struct weight_tap) / sizeof *scratch;
    for (size_t group = 0; group < sizes->groups; group++) {
#if KERNEL_WIDTH > 1
        compute_strands(&product,
                        cells_in_lanes(cells) ? FORM_LANES : FORM_ROWS);
#else
        compute_strands(&product, FORM_LANES);
#endif
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
