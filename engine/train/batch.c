#include "engine/train/batch.h"

#include "engine/random/torch_random.h"

size_t batch_rows(const struct run *run) {
    size_t rows = run->data->part[PART_TRAIN].rows;
    int64_t size = run->training->batch_size;
    return size < (int64_t)rows ? (size_t)size : rows;
}

static bool same_order(const struct run *a, const struct run *b) {
    return a->data == b->data && a->train_seed == b->train_seed &&
           a->training->shuffle == b->training->shuffle;
}

static size_t find_loader(const struct batch *batch, const struct run *run) {
    size_t index = 0;
    while (index < batch->loader_count &&
           !same_order(batch->loaders[index].run, run))
        index++;
    return index;
}

/* Which order and which data each lane has. */
static void find_lanes(struct batch *batch, const struct run *const *runs) {
    batch->one_data_set = true;
    for (size_t lane = 0; lane < batch->cells.lanes; lane++) {
        const struct run *run = runs[lane];
        size_t index = find_loader(batch, run);
        if (index == batch->loader_count) {
            batch->loaders[batch->loader_count++].run = run;
            mt19937_seed(&batch->loaders[index].generator, run->train_seed);
        }
        batch->loader_of[lane] = index;
        batch->data_of[lane] = run->data;
        batch->one_data_set &= run->data == runs[0]->data;
    }
    batch->order_lanes = batch->loader_count == 1 ? 1 : batch->cells.lanes;
}

void batch_init(struct batch *batch, const struct kernels *kernels,
                size_t lanes, const struct run *const *runs,
                struct arena *arena) {
    const struct run *run = runs[0];
    size_t rows = batch_rows(run);
    size_t stride = kernels_stride(rows, lanes, kernels->width);
    *batch = (struct batch){
        .cells = {rows, lanes, stride},
        .train_rows = run->data->part[PART_TRAIN].rows,
        .batch_size = rows,
        .columns = run->data->columns,
        .target_columns = run->data->target_columns,
        .drop_last = run->training->drop_last,
    };
    batch->x = arena_zeroed(arena, batch->columns * stride, sizeof(float));
    batch->t =
        arena_zeroed(arena, batch->target_columns * stride, sizeof(float));
    batch->drawn = arena_zeroed(arena, batch->train_rows, sizeof *batch->drawn);
    batch->loaders = arena_zeroed(arena, lanes, sizeof *batch->loaders);
    if (arena->failed)
        return;
    find_lanes(batch, runs);
    batch->order = arena_zeroed(arena, batch->train_rows * batch->order_lanes,
                                sizeof *batch->order);
}

/* ---- epochs ---- */

/* The order just drawn, as positions in the data set, into a lane's column. */
static void place_order(struct batch *batch, size_t lane) {
    const uint32_t *row = batch->data_of[lane]->part[PART_TRAIN].row;
    for (size_t i = 0; i < batch->train_rows; i++)
        batch->order[i * batch->order_lanes + lane] = row[batch->drawn[i]];
}

static void begin_epoch(struct batch *batch) {
    for (size_t i = 0; i < batch->loader_count; i++) {
        struct loader *loader = &batch->loaders[i];
        torch_loader_begin_epoch(&loader->generator,
                                 loader->run->training->shuffle, batch->drawn,
                                 batch->train_rows);
        for (size_t lane = 0; lane < batch->order_lanes; lane++)
            if (batch->loader_of[lane] == i)
                place_order(batch, lane);
    }
    batch->next = 0;
    batch->in_epoch = true;
}

static void end_epoch(struct batch *batch) {
    for (size_t i = 0; i < batch->loader_count; i++) {
        struct loader *loader = &batch->loaders[i];
        torch_loader_end_epoch(&loader->generator,
                               loader->run->training->shuffle,
                               batch->train_rows);
    }
    batch->in_epoch = false;
}

/* ---- rows side by side ---- */

/* The cells of one data set's column, an order for each. */
static void gather(const uint32_t *order, size_t count, const float *values,
                   float *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = values[order[i]];
}

/* One order for all lanes. */
static void gather_shared(const uint32_t *order, struct cells cells,
                          const float *values, float *out) {
    for (size_t row = 0; row < cells.rows; row++)
        for (size_t lane = 0; lane < cells.lanes; lane++)
            out[row * cells.lanes + lane] = values[order[row]];
}

static void gather_lane(const uint32_t *order, struct cells cells, size_t lane,
                        const float *values, float *out) {
    for (size_t i = lane; i < cells.rows * cells.lanes; i += cells.lanes)
        out[i] = values[order[i]];
}

/* A column of the features, or of the targets. */
static const float *column_of(const struct dataset *data, size_t column,
                              bool is_target) {
    return (is_target ? data->targets : data->features) + column * data->rows;
}

static void gather_column(const struct batch *batch, size_t column,
                          bool is_target, float *out) {
    struct cells cells = batch->cells;
    const uint32_t *order = batch->order + batch->next * batch->order_lanes;
    const float *values = column_of(batch->data_of[0], column, is_target);
    if (batch->order_lanes == cells.lanes && batch->one_data_set)
        gather(order, cells.rows * cells.lanes, values, out);
    else if (batch->order_lanes == 1)
        gather_shared(order, cells, values, out);
    else
        for (size_t lane = 0; lane < cells.lanes; lane++)
            gather_lane(order, cells, lane,
                        column_of(batch->data_of[lane], column, is_target),
                        out);
}

void batch_next(struct batch *batch) {
    if (!batch->in_epoch)
        begin_epoch(batch);
    size_t left = batch->train_rows - batch->next;
    batch->cells.rows = left < batch->batch_size ? left : batch->batch_size;
    for (size_t i = 0; i < batch->columns; i++)
        gather_column(batch, i, false, batch->x + i * batch->cells.stride);
    for (size_t i = 0; i < batch->target_columns; i++)
        gather_column(batch, i, true, batch->t + i * batch->cells.stride);
    batch->next += batch->cells.rows;
    left -= batch->cells.rows;
    if (left == 0 || (batch->drop_last && left < batch->batch_size))
        end_epoch(batch);
}
