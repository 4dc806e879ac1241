/* Matrix products in register tiles: `a` lines x `c` vectors of sums that
 * advance together through a block of terms. */

#include "engine/kernel/lanes_product.h"

#if KERNEL_WIDTH > 1

/* The largest tiles: their sums, a row of vectors and a scalar fill the
 * registers. Few lines take more vectors, or their sums would be too few to
 * hide what each waits for. Lines come in fours, as a turned tile is stored. */
#if KERNEL_WIDTH == 16 || defined(__aarch64__)
enum { TILE_LINES = 8, TILE_VECTORS = 3, TILE_LONG = 4 };
#define TILES_LONG(TILE, form)                                                 \
    TILE(form, 1, 4) TILE(form, 2, 4) TILE(form, 3, 4) TILE(form, 4, 4)
#define TILES_OF(TILE, form, a)                                                \
    TILE(form, a, 1) TILE(form, a, 2) TILE(form, a, 3)
#define TILES_ALL(TILE, form)                                                  \
    TILES_OF(TILE, form, 1)                                                    \
    TILES_OF(TILE, form, 2)                                                    \
    TILES_OF(TILE, form, 3)                                                    \
    TILES_OF(TILE, form, 4)                                                    \
    TILES_OF(TILE, form, 5)                                                    \
    TILES_OF(TILE, form, 6)                                                    \
    TILES_OF(TILE, form, 7) TILES_OF(TILE, form, 8) TILES_LONG(TILE, form)
#elif KERNEL_WIDTH == 8
enum { TILE_LINES = 4, TILE_VECTORS = 3, TILE_LONG = 3 };
#define TILES_OF(TILE, form, a)                                                \
    TILE(form, a, 1) TILE(form, a, 2) TILE(form, a, 3)
#define TILES_ALL(TILE, form)                                                  \
    TILES_OF(TILE, form, 1)                                                    \
    TILES_OF(TILE, form, 2) TILES_OF(TILE, form, 3) TILES_OF(TILE, form, 4)
#else
enum { TILE_LINES = 4, TILE_VECTORS = 2, TILE_LONG = 2 };
#define TILES_OF(TILE, form, a) TILE(form, a, 1) TILE(form, a, 2)
#define TILES_ALL(TILE, form)                                                  \
    TILES_OF(TILE, form, 1)                                                    \
    TILES_OF(TILE, form, 2) TILES_OF(TILE, form, 3) TILES_OF(TILE, form, 4)
#endif

enum {
    FOURS = TILE_LINES / 4,
    PANEL_VECTORS = KERNEL_PANEL / KERNEL_WIDTH,
    PACK_LINES = 64,
    PACK_STRIDE = 1000, /* floats, about a page */
};

/* One tile's share of one block of terms. */
struct tile {
    const struct row_product *product;
    size_t line, column; /* its first */
    size_t first, terms; /* of the block */
    const float *vectors;
    size_t vectors_term;
    const float *ahead; /* the places that it asks for, so many floats apart */
    size_t ahead_term;
};

/* The sums start at 0 and live in registers: every loop over them unrolls. */
V_INLINE void tile_sums(const struct tile *tile, const size_t a, const size_t c,
                        vfloat sum[TILE_LINES][TILE_LONG]) {
    const struct row_product *product = tile->product;
    const size_t line = product->scalars_line, term = product->scalars_term;
    const float *scalars =
        product->scalars + tile->line * line + tile->first * term;
    const float *four[FOURS]; /* pointers an address reaches four lines from */
    V_UNROLL
    for (size_t k = 0; k < FOURS; k++)
        four[k] = scalars + 4 * k * line;
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        V_UNROLL
        for (size_t j = 0; j < c; j++)
            sum[i][j] = v_set(0);
    }
    const float *vectors = tile->vectors, *ahead = tile->ahead;
    for (size_t left = tile->terms; left > 0; left--) {
        vfloat in[TILE_LONG];
        V_UNROLL
        for (size_t j = 0; j < c; j++)
            in[j] = v_load(vectors + j * KERNEL_WIDTH);
        V_UNROLL
        for (size_t i = 0; i < a; i++) {
            const vfloat scalar = v_set(four[i / 4][i % 4 * line]);
            V_UNROLL
            for (size_t j = 0; j < c; j++)
                sum[i][j] = v_fma(scalar, in[j], sum[i][j]);
        }
        V_UNROLL
        for (size_t k = 0; k < FOURS; k++)
            four[k] += term;
        vectors += tile->vectors_term;
        __builtin_prefetch(ahead, 0, 2);
        ahead += tile->ahead_term;
    }
}

/* Columns that vector j of the tile has. */
V_INLINE size_t columns_of(const struct tile *tile, size_t j) {
    const size_t left =
        tile->product->columns - tile->column - j * KERNEL_WIDTH;
    return left < KERNEL_WIDTH ? left : KERNEL_WIDTH;
}

V_INLINE int adds(const struct tile *tile) {
    return tile->first > 0 || tile->product->accumulate;
}

V_INLINE void store_straight(const struct tile *tile, const size_t a,
                             const size_t c,
                             vfloat sum[TILE_LINES][TILE_LONG]) {
    const struct row_product *product = tile->product;
    float *out = product->out + tile->line * product->out_stride + tile->column;
    const size_t last =
        product->out_padded ? (size_t)KERNEL_WIDTH : columns_of(tile, c - 1);
    if (tile->first == 0 && product->start != NULL) {
        V_UNROLL
        for (size_t i = 0; i < a; i++) {
            const vfloat start = v_set(product->start[tile->line + i]);
            V_UNROLL
            for (size_t j = 0; j < c; j++)
                sum[i][j] += start;
        }
    }
    V_UNROLL
    for (size_t i = 0; i < a; i++) {
        float *to = out + i * product->out_stride;
        if (adds(tile)) {
            V_UNROLL
            for (size_t j = 0; j + 1 < c; j++)
                sum[i][j] = v_load(to + j * KERNEL_WIDTH) + sum[i][j];
        }
        V_UNROLL
        for (size_t j = 0; j + 1 < c; j++)
            v_store(to + j * KERNEL_WIDTH, sum[i][j]);
        to += (c - 1) * KERNEL_WIDTH;
        if (last == KERNEL_WIDTH) {
            if (adds(tile))
                sum[i][c - 1] = v_load(to) + sum[i][c - 1];
            v_store(to, sum[i][c - 1]);
        } else {
            if (adds(tile))
                sum[i][c - 1] = v_load_part(to, last) + sum[i][c - 1];
            v_store_part(to, sum[i][c - 1], last);
        }
    }
}

/* Four lines by a vector of a turned tile, in memory; what there is of them is
 * stored float by float. Out of line, once for all shapes. */
struct part_of_four {
    vfloat line[4];
    size_t lines, columns;
};

__attribute__((noinline)) static void
store_part_of_four(const struct part_of_four *part, float *out, size_t stride,
                   int add) {
    for (size_t k = 0; k < part->lines; k++) {
        float lanes[KERNEL_WIDTH];
        v_store(lanes, part->line[k]);
        for (size_t l = 0; l < part->columns; l++) {
            float *to = out + l * stride + k;
            *to = add ? *to + lanes[l] : lanes[l];
        }
    }
}

/* Four lines by a vector; at[l] = l * stride. */
V_INLINE void store_four(float *out, size_t stride, const uint32_t *at, int add,
                         vfloat line[4]) {
    if (add) {
        vfloat old[4];
        v_load_columns(out, at, old);
        V_UNROLL
        for (size_t k = 0; k < 4; k++)
            line[k] = old[k] + line[k];
    }
    v_store_columns(out, stride, line);
}

/* Lines i … i + 3 of the tile's vector j. */
V_INLINE void store_lines(const struct tile *tile, const size_t a,
                          const size_t i, const size_t j, const uint32_t *at,
                          vfloat sum[TILE_LINES][TILE_LONG]) {
    const struct row_product *product = tile->product;
    const size_t stride = product->out_stride;
    const size_t columns = columns_of(tile, j);
    float *out = product->out + tile->line + i +
                 (tile->column + j * KERNEL_WIDTH) * stride;
    vfloat line[4];
    V_UNROLL
    for (size_t k = 0; k < 4; k++)
        line[k] = i + k < a ? sum[i + k][j] : v_set(0);
    if (columns == KERNEL_WIDTH && (i + 4 <= a || product->out_padded)) {
        store_four(out, stride, at, adds(tile), line);
        return;
    }
    const struct part_of_four part = {
        {line[0], line[1], line[2], line[3]}, a - i < 4 ? a - i : 4, columns};
    store_part_of_four(&part, out, stride, adds(tile));
}

V_INLINE void store_turned(const struct tile *tile, const size_t a,
                           const size_t c, vfloat sum[TILE_LINES][TILE_LONG]) {
    const struct row_product *product = tile->product;
    uint32_t at[KERNEL_WIDTH];
    for (size_t l = 0; l < KERNEL_WIDTH; l++)
        at[l] = (uint32_t)(l * product->out_stride);
    if (tile->first == 0 && product->start != NULL) {
        V_UNROLL
        for (size_t j = 0; j < c; j++) {
            const vfloat start =
                v_load_part(product->start + tile->column + j * KERNEL_WIDTH,
                            columns_of(tile, j));
            V_UNROLL
            for (size_t i = 0; i < a; i++)
                sum[i][j] += start;
        }
    }
    V_UNROLL
    for (size_t j = 0; j < c; j++) {
        store_lines(tile, a, 0, j, at, sum);
        if (a > 4)
            store_lines(tile, a, 4, j, at, sum);
    }
}

#define TILE_FUNCTION(form, a, c)                                              \
    static void tile_##form##_##a##_##c(const struct tile *tile) {             \
        vfloat sum[TILE_LINES][TILE_LONG];                                     \
        tile_sums(tile, a, c, sum);                                            \
        store_##form(tile, a, c, sum);                                         \
    }
TILES_ALL(TILE_FUNCTION, straight)
TILES_ALL(TILE_FUNCTION, turned)

typedef void tile_function(const struct tile *tile);
#define TILE_ENTRY(form, a, c) [a - 1][c - 1] = tile_##form##_##a##_##c,
/* [turned][lines - 1][vectors - 1] */
static tile_function *const TILES[2][TILE_LINES][TILE_LONG] = {
    {TILES_ALL(TILE_ENTRY, straight)}, {TILES_ALL(TILE_ENTRY, turned)}};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* The first of as few parts of `left` as `most` allows, the parts as equal as
 * can be: a small last tile would wait for its few sums. */
static size_t part(size_t left, size_t most) {
    if (left <= most)
        return left;
    const size_t parts = (left + most - 1) / most;
    return (left + parts - 1) / parts;
}

enum packing { AS_IT_LIES, PACKS, IS_PACKED };

/* Whether the vectors are packed: where they do not lie ready, where reading
 * whole ones would read behind the array, and where many lines read them over
 * again and each term is on a page of its own. */
static enum packing packing_of(const struct row_product *product) {
    if (product->packed != NULL)
        return IS_PACKED;
    if (product->vectors_column != 1)
        return PACKS;
    if (!product->vectors_padded && product->columns % KERNEL_WIDTH != 0)
        return PACKS;
    return product->lines >= PACK_LINES && product->vectors_term >= PACK_STRIDE
               ? PACKS
               : AS_IT_LIES;
}

/* The tiles of one panel, of which one block of terms is computed. */
struct panel {
    size_t tiles;
    struct tile tile[PANEL_VECTORS];
    size_t vectors[PANEL_VECTORS];
};

/* Where a tile's vectors lie: packed into `room`, in it already, or neither;
 * what is left of it. */
static float *tile_prepare(struct tile *tile, size_t vectors,
                           enum packing packing, float *room) {
    const struct row_product *product = tile->product;
    const size_t pitch = vectors * KERNEL_WIDTH;
    const size_t count = least(product->columns - tile->column, pitch);
    const float *from = product->vectors +
                        tile->column * product->vectors_column +
                        tile->first * product->vectors_term;
    if (packing == AS_IT_LIES) {
        tile->vectors = from;
        tile->vectors_term = product->vectors_term;
        return room;
    }
    tile->vectors = room;
    tile->vectors_term = pitch;
    if (packing == PACKS && product->vectors_column == 1)
        LANES(pack_columns)
    (from, product->vectors_term, count, tile->terms, pitch, room);
    else if (packing == PACKS)
        LANES(pack_terms)(from, product->vectors_column, count, tile->terms,
                          product->vectors_padded, pitch, room);
    return room + (tile->terms + KERNEL_WIDTH - 1) / KERNEL_WIDTH *
                      KERNEL_WIDTH * pitch;
}

static float *panel_prepare(struct panel *panel,
                            const struct row_product *product, size_t column,
                            size_t first, enum packing packing, float *room) {
    const size_t end = column + least(product->columns - column, KERNEL_PANEL);
    const size_t terms = least(product->terms - first, KERNEL_BLOCK);
    const size_t most = product->lines <= 4 ? TILE_LONG : TILE_VECTORS;
    size_t tiles = 0;
    while (column < end) {
        const size_t left = (end - column + KERNEL_WIDTH - 1) / KERNEL_WIDTH;
        const size_t vectors = part(left, most);
        panel->vectors[tiles] = vectors;
        panel->tile[tiles] = (struct tile){.product = product,
                                           .column = column,
                                           .first = first,
                                           .terms = terms};
        room = tile_prepare(&panel->tile[tiles], vectors, packing, room);
        column += vectors * KERNEL_WIDTH;
        tiles++;
    }
    panel->tiles = tiles;
    return room;
}

/* What the tile asks for; where nothing is wanted, what it has. */
static void tile_look_ahead(struct tile *tile) {
    enum { LINE_FLOATS = 16 };
    struct ahead *ahead = tile->product->ahead;
    while (ahead != NULL && ahead->at != NULL && ahead->at >= ahead->end)
        ahead++;
    const int wants = ahead != NULL && ahead->at != NULL;
    tile->ahead = wants ? ahead->at : tile->vectors;
    tile->ahead_term = wants ? (size_t)LINE_FLOATS : 0;
    if (wants)
        ahead->at += tile->terms * LINE_FLOATS;
}

static void panel_run(struct panel *panel, const struct row_product *product) {
    for (size_t line = 0; line < product->lines;) {
        const size_t left = product->lines - line;
        const size_t lines =
            product->turned ? least(left, TILE_LINES) : part(left, TILE_LINES);
        tile_function *const *functions =
            TILES[product->turned != 0][lines - 1];
        for (size_t i = 0; i < panel->tiles; i++) {
            panel->tile[i].line = line;
            tile_look_ahead(&panel->tile[i]);
            functions[panel->vectors[i] - 1](&panel->tile[i]);
        }
        line += lines;
    }
}

/* Small products are mostly what it takes to begin them. */
static int is_one_tile(const struct row_product *product) {
    return product->columns <= TILE_VECTORS * KERNEL_WIDTH &&
           product->lines <= TILE_LINES && product->terms <= KERNEL_BLOCK;
}

static void run_one_tile(const struct row_product *product,
                         enum packing packing, float *room) {
    const size_t vectors = (product->columns + KERNEL_WIDTH - 1) / KERNEL_WIDTH;
    struct tile tile = {.product = product, .terms = product->terms};
    tile_prepare(&tile, vectors, packing, room);
    tile_look_ahead(&tile);
    TILES[product->turned != 0][product->lines - 1][vectors - 1](&tile);
}

void LANES(product)(const struct row_product *product, float *scratch) {
    const enum packing packing = packing_of(product);
    float *room = packing == IS_PACKED ? (float *)product->packed : scratch;
    struct panel panel;
    if (is_one_tile(product)) {
        run_one_tile(product, packing, room);
        return;
    }
    for (size_t first = 0; first == 0 || first < product->terms;
         first += KERNEL_BLOCK)
        for (size_t column = 0; column < product->columns;
             column += KERNEL_PANEL) {
            float *end =
                panel_prepare(&panel, product, column, first, packing, room);
            if (packing == IS_PACKED)
                room = end;
            panel_run(&panel, product);
        }
}

void LANES(product_pack)(const struct row_product *product, float *packed) {
    struct panel panel;
    for (size_t first = 0; first < product->terms; first += KERNEL_BLOCK)
        for (size_t column = 0; column < product->columns;
             column += KERNEL_PANEL)
            packed =
                panel_prepare(&panel, product, column, first, PACKS, packed);
}

#endif
