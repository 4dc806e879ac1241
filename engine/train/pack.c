#include "engine/train/pack.h"

#include <assert.h>
#include <string.h>

#include "engine/kernel/fast.h"

/* ---- lanes ---- */

static void spread(float *lanes_of, size_t lanes, size_t lane, size_t count,
                   const float *values) {
    for (size_t i = 0; i < count; i++)
        lanes_of[i * lanes + lane] = values[i];
}

static void collect(const float *lanes_of, size_t lanes, size_t lane,
                    size_t count, float *values) {
    for (size_t i = 0; i < count; i++)
        values[i] = lanes_of[i * lanes + lane];
}

void pack_take_weights(struct pack *pack, const struct trainee *trainee) {
    collect(pack->parameters, pack->lanes, trainee->lane,
            pack->network->parameter_count, pack->evaluator.parameters);
    collect(pack->buffers, pack->lanes, trainee->lane,
            pack->network->buffer_count, pack->evaluator.buffers);
}

/* In rows form a per-run number stands in every lane of its vector. */
static const struct run *run_of(const struct pack *pack, size_t lane) {
    return pack->runs[pack->lanes == 1 ? 0 : lane];
}

/* ---- the beginning ---- */

static void allocate_weights(struct pack *pack) {
    size_t width = pack->kernels->width;
    size_t count = pack->network->parameter_count * pack->lanes;
    size_t states = optimizer_state_count(pack->kernel);
    pack->padded = (count + width - 1) / width * width;
    pack->parameters = arena_zeroed(&pack->arena, pack->padded, sizeof(float));
    pack->gradients = arena_zeroed(&pack->arena, pack->padded, sizeof(float));
    pack->buffers = arena_zeroed(
        &pack->arena, pack->network->buffer_count * pack->lanes, sizeof(float));
    for (size_t i = 0; i < states; i++)
        pack->state[i] =
            arena_zeroed(&pack->arena, pack->padded, sizeof(float));
}

/* Draws every lane's weights by way of the evaluator's, which are contiguous.
 */
static void draw_weights(struct pack *pack) {
    float *parameters = pack->evaluator.parameters;
    float *buffers = pack->evaluator.buffers;
    for (size_t lane = 0; lane < pack->lanes; lane++) {
        const struct run *run = pack->runs[lane];
        network_draw(run->network, run->model_seed, parameters, buffers);
        spread(pack->parameters, pack->lanes, lane,
               pack->network->parameter_count, parameters);
        spread(pack->buffers, pack->lanes, lane, pack->network->buffer_count,
               buffers);
    }
}

static void start_optimizer(struct pack *pack) {
    size_t width = pack->kernels->width;
    pack->coefficient_count = optimizer_coefficient_count(pack->kernel);
    float *numbers = arena_zeroed(
        &pack->arena, OPTIMIZER_COEFFICIENT_LIMIT * width, sizeof *numbers);
    if (pack->arena.failed)
        return;
    for (size_t i = 0; i < OPTIMIZER_COEFFICIENT_LIMIT; i++)
        pack->coefficients[i] = numbers + i * width;
    pack->steady = !pack->schedule && pack->optimizer->steady;
    for (size_t i = 0; pack->steady && i < pack->count; i++)
        pack->steady =
            pack->optimizer->steady(pack->runs[i]->training->optimizer.options);
    if (!pack->optimizer->initial_state)
        return;
    for (size_t lane = 0; lane < pack->lanes; lane++) {
        double value = pack->optimizer->initial_state(
            pack->runs[lane]->training->optimizer.options);
        for (size_t i = 0; i < pack->network->parameter_count; i++)
            pack->state[0][i * pack->lanes + lane] = (float)value;
    }
}

static void start_schedule(struct pack *pack, struct trainee *trainee) {
    const struct training *training = trainee->run->training;
    double lr;
    memcpy(&lr,
           (const char *)training->optimizer.options +
               pack->optimizer->lr_offset,
           sizeof lr);
    trainee->schedule = (struct schedule_state){.lr = lr, .base_lr = lr};
    if (pack->schedule)
        pack->schedule->start(training->schedule.options, pack->updates, lr,
                              &trainee->schedule);
}

/* ---- the loss ---- */

static float *numbers_of_lanes(struct pack *pack, size_t count) {
    return arena_zeroed(&pack->arena, count * pack->kernels->width,
                        sizeof(float));
}

static const float *const *loss_coefficients(struct pack *pack) {
    size_t width = pack->kernels->width;
    const float **rows =
        arena_zeroed(&pack->arena, LAYER_COEFFICIENT_LIMIT, sizeof *rows);
    float *numbers = numbers_of_lanes(pack, LAYER_COEFFICIENT_LIMIT);
    if (pack->arena.failed || !pack->loss_kind->coefficients)
        return rows;
    for (size_t lane = 0; lane < width; lane++) {
        double values[LAYER_COEFFICIENT_LIMIT];
        size_t count = pack->loss_kind->coefficients(
            run_of(pack, lane)->training->loss.options, values);
        for (size_t i = 0; i < count; i++)
            numbers[i * width + lane] = (float)values[i];
    }
    for (size_t i = 0; i < LAYER_COEFFICIENT_LIMIT; i++)
        rows[i] = numbers + i * width;
    return rows;
}

static const float *loss_means(struct pack *pack) {
    float *mean = numbers_of_lanes(pack, 1);
    for (size_t lane = 0; mean && lane < pack->kernels->width; lane++) {
        int reduction = loss_reduction(
            pack->loss_kind, run_of(pack, lane)->training->loss.options);
        mean[lane] = reduction == LOSS_REDUCTION_MEAN;
    }
    return mean;
}

static const float *loss_class_weights(struct pack *pack, size_t units) {
    const struct loss_kind *kind = pack->loss_kind;
    size_t width = pack->kernels->width;
    if (!kind->class_weight ||
        !kind->class_weight(pack->runs[0]->training->loss.options))
        return NULL;
    float *weights = numbers_of_lanes(pack, units);
    for (size_t lane = 0; weights && lane < width; lane++) {
        const struct field_numbers *given =
            kind->class_weight(run_of(pack, lane)->training->loss.options);
        assert(given->count == units);
        for (size_t unit = 0; unit < units; unit++)
            weights[unit * width + lane] = (float)given->values[unit];
    }
    return weights;
}

static void start_loss(struct pack *pack) {
    size_t units = pack->evaluator.units;
    pack->loss = (struct loss_call){
        .kind = pack->loss_kind,
        .kernels = pack->kernels,
        .cells = pack->batch.cells,
        .units = units,
        .options = pack->runs[0]->training->loss.options,
        .coefficients = loss_coefficients(pack),
        .mean = loss_means(pack),
        .class_weight = loss_class_weights(pack, units),
        .y = pack->pass.y,
        .t = pack->batch.t,
        .dy = pack->pass.dy,
        .goes_through = pass_leave_last(&pack->pass, pack->loss_kind->through),
        .value = numbers_of_lanes(pack, 1),
    };
}

/* ---- all of it ---- */

static void start_trainees(struct pack *pack,
                           struct measurement *measurements) {
    pack->trainees =
        arena_zeroed(&pack->arena, pack->count, sizeof *pack->trainees);
    for (size_t i = 0; pack->trainees && i < pack->count; i++) {
        struct trainee *trainee = &pack->trainees[i];
        const struct training *training = pack->runs[i]->training;
        *trainee = (struct trainee){
            .run = pack->runs[i], .measurement = &measurements[i], .lane = i};
        trainee->column_count = history_columns(trainee->run, trainee->columns);
        start_schedule(pack, trainee);
        pack->clips |= training->clip_grad_norm.present;
        if (!training->has_early_stopping)
            continue;
        trainee->best_parameters = arena_zeroed(
            &pack->arena, pack->network->parameter_count, sizeof(float));
        trainee->best_buffers = arena_zeroed(
            &pack->arena, pack->network->buffer_count, sizeof(float));
    }
}

static void take_runs(struct pack *pack, const struct run *const *runs) {
    const struct training *training = runs[0]->training;
    size_t rows = runs[0]->data->part[PART_TRAIN].rows;
    for (size_t lane = 0; lane < pack->lanes; lane++) {
        pack->runs[lane] = runs[lane < pack->count ? lane : pack->count - 1];
        assert(run_alike(runs[0], pack->runs[lane]));
    }
    pack->network = runs[0]->network;
    pack->live = pack->count;
    pack->updates = training_updates(training, rows);
    pack->every = training_evaluate_every(training, pack->updates);
    pack->batches = training_batches(training, rows);
    pack->loss_kind = (const struct loss_kind *)training->loss.kind;
    pack->optimizer = (const struct optimizer_kind *)training->optimizer.kind;
    pack->schedule = (const struct schedule_kind *)training->schedule.kind;
    pack->kernel = training_kernel(training);
}

/* torch's default generator, seeded again before the first update. */
static void start_stream(struct pack *pack) {
    pack->stream.lanes = pack->lanes;
    if (!network_draws(pack->network))
        return;
    pack->stream.state =
        arena_zeroed(&pack->arena, KERNEL_TWISTER_WORDS * pack->lanes,
                     sizeof *pack->stream.state);
    for (size_t lane = 0; pack->stream.state && lane < pack->lanes; lane++)
        twisters_seed(&pack->stream, lane, pack->runs[lane]->train_seed);
}

static enum status_code init_passes(struct pack *pack, struct status *status) {
    enum status_code code =
        evaluator_init(&pack->evaluator, pack->kernels, pack->runs[0],
                       pack->count, &pack->arena, status);
    if (code)
        return code;
    batch_init(&pack->batch, pack->kernels, pack->lanes, pack->runs,
               &pack->arena);
    allocate_weights(pack);
    start_stream(pack);
    return pass_init(&pack->pass,
                     &(struct pass_setup){
                         .kernels = pack->kernels,
                         .network = pack->network,
                         .cells = pack->batch.cells,
                         .x = pack->batch.x,
                         .parameters = pack->parameters,
                         .buffers = pack->buffers,
                         .buffers_written = pack->buffers,
                         .gradients = pack->gradients,
                         .stream = pack->stream.state ? &pack->stream : NULL},
                     &pack->arena, status);
}

/* OpenBLAS has no lanes. */
static enum status_code choose_kernels(struct pack *pack,
                                       struct status *status) {
    if (pack->runs[0]->training->numerics == NUMERICS_PORTABLE ||
        pack->lanes > 1)
        return STATUS_OK;
    STATUS_TRY(kernels_fast(pack->kernels, &pack->fast, status));
    pack->kernels = &pack->fast;
    return STATUS_OK;
}

enum status_code pack_init(struct pack *pack, const struct kernels *kernels,
                           size_t lanes, const struct run *const *runs,
                           size_t count, struct measurement *measurements,
                           struct status *status) {
    assert(count >= 1 && count <= lanes && lanes <= KERNEL_WIDTH_LIMIT);
    assert(lanes == 1 || lanes == kernels->width);
    *pack = (struct pack){.kernels = kernels, .lanes = lanes, .count = count};
    take_runs(pack, runs);
    enum status_code code = choose_kernels(pack, status);
    if (!code)
        code = init_passes(pack, status);
    if (!code) {
        draw_weights(pack);
        start_optimizer(pack);
        start_loss(pack);
        start_trainees(pack, measurements);
        code = arena_status(&pack->arena, "the run", status);
    }
    for (size_t lane = 0; !code && lane < lanes; lane++)
        pass_set_run(&pack->pass, lane, pack->runs[lane]->network);
    if (code)
        pack_release(pack);
    return code;
}

void pack_release(struct pack *pack) {
    arena_release(&pack->arena);
}
