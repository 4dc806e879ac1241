#include "engine/train/batch.h"

#include <assert.h>
#include <string.h>

#include "engine/random/mt19937.h"

static_assert((int)MT19937_WORDS == (int)KERNEL_TWISTER_WORDS,
              "a generator's state is a lane of the twisters");

size_t batch_rows(const struct run *run) {
    size_t rows = run->data->part[PART_TRAIN].rows;
    int64_t size = run->training->batch_size;
    return size < (int64_t)rows ? (size_t)size : rows;
}

static size_t round_up(size_t value, size_t to) {
    return (value + to - 1) / to * to;
}

/* ---- the table ---- */

/* The first of the runs with this one's data. */
static size_t first_with_data(const struct run *const *runs, size_t lane) {
    size_t first = 0;
    while (runs[first]->data != runs[lane]->data)
        first++;
    return first;
}

static size_t count_data_sets(const struct run *const *runs, size_t lanes) {
    size_t count = 0;
    for (size_t lane = 0; lane < lanes; lane++)
        count += first_with_data(runs, lane) == lane;
    return count;
}

/* One column of a data set's training rows into a column of the table. */
static void copy_column(const struct data_part *part, const float *values,
                        size_t row_floats, float *to) {
    for (size_t i = 0; i < part->rows; i++)
        to[i * row_floats] = values[part->row[i]];
}

static void copy_rows(const struct batch *batch, const struct dataset *data,
                      float *to) {
    const struct data_part *part = &data->part[PART_TRAIN];
    for (size_t i = 0; i < batch->columns; i++)
        copy_column(part, data->features + i * data->rows, batch->row_floats,
                    to + i);
    for (size_t i = 0; i < batch->target_columns; i++)
        copy_column(part, data->targets + i * data->rows, batch->row_floats,
                    to + batch->columns + i);
}

/* Places in the table and the order are 32-bit: what is too large for them is
 * out of memory. */
static void make_table(struct batch *batch, const struct run *const *runs,
                       struct arena *arena) {
    size_t lanes = batch->cells.lanes;
    size_t rows = count_data_sets(runs, lanes) * batch->train_rows;
    batch->row_floats =
        round_up(batch->columns + batch->target_columns, KERNEL_ROW_FLOATS);
    arena->failed |= rows > UINT32_MAX / batch->row_floats;
    batch->table = arena_zeroed(arena, rows, batch->row_floats * sizeof(float));
    if (arena->failed)
        return;
    uint32_t used = 0;
    for (size_t lane = 0; lane < lanes; lane++) {
        size_t first = first_with_data(runs, lane);
        batch->first_row[lane] = first < lane ? batch->first_row[first] : used;
        if (first < lane)
            continue;
        copy_rows(batch, runs[lane]->data, batch->table + used);
        used += (uint32_t)(batch->train_rows * batch->row_floats);
    }
}

/* ---- the orders ---- */

static bool share_order(const struct run *const *runs, size_t lanes) {
    bool shared = true;
    for (size_t lane = 1; lane < lanes; lane++)
        shared &= runs[lane]->data == runs[0]->data &&
                  runs[lane]->train_seed == runs[0]->train_seed &&
                  runs[lane]->training->shuffle == runs[0]->training->shuffle;
    return shared;
}

void twisters_seed(struct twisters *twisters, size_t lane, uint32_t number) {
    struct mt19937 generator;
    mt19937_seed(&generator, number);
    for (size_t i = 0; i < MT19937_WORDS; i++)
        twisters->state[i * twisters->lanes + lane] = generator.state[i];
    twisters->next = generator.next;
}

static void make_orders(struct batch *batch, const struct run *const *runs,
                        struct arena *arena) {
    size_t lanes =
        share_order(runs, batch->cells.lanes) ? 1 : batch->cells.lanes;
    batch->order_lanes = batch->generators.lanes = lanes;
    arena->failed |= batch->train_rows > UINT32_MAX / lanes;
    batch->generators.state =
        arena_zeroed(arena, MT19937_WORDS * lanes, sizeof(uint32_t));
    batch->reciprocals =
        arena_zeroed(arena, batch->train_rows, sizeof(uint32_t));
    batch->order =
        arena_zeroed(arena, batch->train_rows * lanes, sizeof(uint32_t));
    batch->unshuffled =
        arena_zeroed(arena, batch->train_rows * lanes, sizeof(uint32_t));
    if (arena->failed)
        return;
    kernels_reciprocals(batch->train_rows, batch->reciprocals);
    for (size_t lane = 0; lane < lanes; lane++) {
        for (size_t i = 0; i < batch->train_rows; i++)
            batch->unshuffled[i * lanes + lane] =
                batch->first_row[lane] + (uint32_t)(i * batch->row_floats);
        batch->shuffles[lane] = runs[lane]->training->shuffle;
        twisters_seed(&batch->generators, lane, runs[lane]->train_seed);
    }
}

void batch_init(struct batch *batch, const struct kernels *kernels,
                size_t lanes, const struct run *const *runs,
                struct arena *arena) {
    const struct run *run = runs[0];
    size_t rows = batch_rows(run);
    size_t stride = kernels_stride(rows, lanes, kernels->width);
    *batch = (struct batch){
        .kernels = kernels,
        .cells = {rows, lanes, stride},
        .train_rows = run->data->part[PART_TRAIN].rows,
        .batch_size = rows,
        .columns = run->data->columns,
        .target_columns = run->data->target_columns,
        .drop_last = run->training->drop_last,
    };
    batch->x =
        arena_zeroed(arena, (batch->columns + batch->target_columns) * stride,
                     sizeof(float));
    make_table(batch, runs, arena);
    make_orders(batch, runs, arena);
    if (!arena->failed)
        batch->t = batch->x + batch->columns * stride;
}

/* ---- epochs ---- */

static void begin_epoch(struct batch *batch) {
    struct twisters *generators = &batch->generators;
    size_t lanes = batch->order_lanes;
    memcpy(batch->order, batch->unshuffled,
           batch->train_rows * lanes * sizeof *batch->order);
    /* The base seed of DataLoader's workers. */
    batch->kernels->twisters_skip(generators, 2);
    batch->kernels->twisters_shuffle(generators, batch->train_rows,
                                     batch->reciprocals, batch->order);
    for (size_t lane = 0; lane < lanes; lane++)
        for (size_t i = lane;
             !batch->shuffles[lane] && i < batch->train_rows * lanes;
             i += lanes)
            batch->order[i] = batch->unshuffled[i];
    batch->next = 0;
    batch->in_epoch = true;
}

/* A second permutation, drawn and not used. Without shuffling nothing is drawn
 * here; but then nothing that is drawn matters. */
static void end_epoch(struct batch *batch) {
    if (batch->train_rows > 1)
        batch->kernels->twisters_skip(&batch->generators,
                                      batch->train_rows - 1);
    batch->in_epoch = false;
}

void batch_next(struct batch *batch) {
    if (!batch->in_epoch)
        begin_epoch(batch);
    size_t left = batch->train_rows - batch->next;
    batch->cells.rows = left < batch->batch_size ? left : batch->batch_size;
    bool is_shared = batch->order_lanes < batch->cells.lanes;
    (is_shared ? batch->kernels->spread : batch->kernels->gather)(
        batch->columns + batch->target_columns, batch->cells,
        batch->order + batch->next * batch->order_lanes, batch->table,
        batch->x);
    batch->next += batch->cells.rows;
    left -= batch->cells.rows;
    if (left == 0 || (batch->drop_last && left < batch->batch_size))
        end_epoch(batch);
}
