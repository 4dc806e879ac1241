#include "engine/train/checkpoint.h"

#include <string.h>

#include "engine/base/digest.h"
#include "engine/train/history.h"

/* One walk writes and reads: each value is copied out of the run into `out`, or
 * out of `from` into the run. */
struct walk {
    struct text *out; /* NULL: reading */
    const unsigned char *from;
};

static void value(struct walk *walk, void *at, size_t size) {
    if (size == 0)
        return;
    if (walk->out) {
        text_append(walk->out, at, size);
        return;
    }
    memcpy(at, walk->from, size);
    walk->from += size;
}

/* One lane of [count][lanes] words of 32 bits. */
static void lane_words(struct walk *walk, void *words, size_t lanes,
                       size_t lane, size_t count) {
    char *at = (char *)words + 4 * lane;
    for (size_t i = 0; i < count; i++)
        value(walk, at + 4 * i * lanes, 4);
}

/* ------------------------------------------------------------------- pieces */

static void weights(struct walk *walk, struct pack *pack, size_t lane) {
    size_t parameters = pack->network->parameter_count;
    lane_words(walk, pack->parameters, pack->lanes, lane, parameters);
    lane_words(walk, pack->buffers, pack->lanes, lane,
               pack->network->buffer_count);
    for (size_t i = 0; i < optimizer_state_count(pack->kernel); i++)
        lane_words(walk, pack->state[i], pack->lanes, lane, parameters);
}

static void twister(struct walk *walk, struct twisters *twisters, size_t lane) {
    lane_words(walk, twisters->state, twisters->lanes, lane,
               KERNEL_TWISTER_WORDS);
    value(walk, &twisters->next, sizeof twisters->next);
}

/* The order as numbers of training rows: where they stand in the table is the
 * pack's matter. */
static void order(struct walk *walk, struct batch *batch, size_t lane) {
    for (size_t i = 0; i < batch->train_rows; i++) {
        uint32_t *place = &batch->order[i * batch->order_lanes + lane];
        uint32_t floats = (uint32_t)batch->row_floats;
        uint32_t row = (*place - batch->first_row[lane]) / floats;
        value(walk, &row, sizeof row);
        *place = batch->first_row[lane] + row * floats;
    }
    value(walk, &batch->next, sizeof batch->next);
    value(walk, &batch->in_epoch, sizeof batch->in_epoch);
}

static void streams(struct walk *walk, struct pack *pack, size_t lane) {
    size_t of = pack->batch.order_lanes == 1 ? 0 : lane;
    twister(walk, &pack->batch.generators, of);
    order(walk, &pack->batch, of);
    if (pack->stream.state)
        twister(walk, &pack->stream, lane);
    value(walk, &pack->pass.state->batch, sizeof pack->pass.state->batch);
}

#define VALUE(member) value(walk, &(member), sizeof(member))

static void schedule(struct walk *walk, struct pack *pack,
                     struct trainee *trainee) {
    VALUE(trainee->schedule.last_epoch);
    VALUE(trainee->schedule.lr);
    VALUE(trainee->schedule.base_lr);
    VALUE(trainee->schedule.has_momentum);
    VALUE(trainee->schedule.momentum);
    VALUE(trainee->memory.value);
    VALUE(trainee->lr);
    VALUE(pack->loss_sums[trainee->lane]);
}

static void stopping(struct walk *walk, struct pack *pack,
                     struct trainee *trainee) {
    const struct network *network = pack->network;
    VALUE(trainee->best);
    VALUE(trainee->rows_without);
    VALUE(trainee->measurement->best_step);
    if (!trainee->best_parameters)
        return;
    value(walk, trainee->best_parameters,
          network->parameter_count * sizeof(float));
    value(walk, trainee->best_buffers, network->buffer_count * sizeof(float));
}

static void history(struct walk *walk, struct trainee *trainee, size_t rows) {
    for (size_t i = 0; i < rows; i++) {
        struct history_row *row = walk->out ? &trainee->measurement->history[i]
                                            : history_add_row(trainee);
        if (!row)
            return;
        VALUE(row->step);
        VALUE(row->epoch);
        VALUE(row->lr);
        VALUE(row->train_loss);
        VALUE(row->digest);
        value(walk, row->metrics, trainee->column_count * sizeof *row->metrics);
    }
}

static void whole_run(struct walk *walk, struct pack *pack,
                      struct trainee *trainee, size_t rows) {
    VALUE(pack->rows_from);
    weights(walk, pack, trainee->lane);
    streams(walk, pack, trainee->lane);
    schedule(walk, pack, trainee);
    stopping(walk, pack, trainee);
    history(walk, trainee, rows);
}

/* ------------------------------------------------------------------- header */

/* What the length of the walk follows from, and the update. */
struct header {
    char magic[8];
    uint64_t parameters, buffers, states, train_rows, columns, has_stream,
        has_stopping, rows;
    int64_t step;
};

static struct header header_of(const struct pack *pack,
                               const struct trainee *trainee, int64_t step) {
    return (struct header){
        .magic = "RUNNERC1",
        .parameters = pack->network->parameter_count,
        .buffers = pack->network->buffer_count,
        .states = optimizer_state_count(pack->kernel),
        .train_rows = pack->batch.train_rows,
        .columns = trainee->column_count,
        .has_stream = pack->stream.state != NULL,
        .has_stopping = trainee->best_parameters != NULL,
        .rows = trainee->measurement->history_count,
        .step = step,
    };
}

void checkpoint_write(struct pack *pack, struct trainee *trainee, int64_t step,
                      struct text *out) {
    struct header header = header_of(pack, trainee, step);
    struct walk walk = {.out = out};
    char hex[DIGEST_TEXT_SIZE];
    text_append(out, &header, sizeof header);
    whole_run(&walk, pack, trainee, trainee->measurement->history_count);
    digest_of(out->bytes, out->length, hex);
    text_append(out, hex, DIGEST_TEXT_SIZE - 1);
}

/* The header, where its digest says that all of it is as it was written. */
static bool read_header(const struct bytes *bytes, struct header *header) {
    enum { HEX = DIGEST_TEXT_SIZE - 1 };
    char hex[DIGEST_TEXT_SIZE];
    if (bytes->size < sizeof *header + HEX)
        return false;
    digest_of(bytes->data, bytes->size - HEX, hex);
    memcpy(header, bytes->data, sizeof *header);
    return memcmp(hex, bytes->data + bytes->size - HEX, HEX) == 0;
}

int64_t checkpoint_step(const struct bytes *bytes) {
    struct header header;
    return read_header(bytes, &header) ? header.step : 0;
}

int64_t checkpoint_fits(const struct pack *pack, const struct trainee *trainee,
                        const struct bytes *bytes) {
    struct header header;
    if (!read_header(bytes, &header))
        return 0;
    struct header expected = header_of(pack, trainee, header.step);
    expected.rows = header.rows;
    return memcmp(&header, &expected, sizeof header) == 0 ? header.step : 0;
}

void checkpoint_read(struct pack *pack, struct trainee *trainee,
                     const struct bytes *bytes) {
    struct header header;
    memcpy(&header, bytes->data, sizeof header);
    struct walk walk = {.from = bytes->data + sizeof header};
    whole_run(&walk, pack, trainee, header.rows);
}
