/* A run's end: everything that its record holds. */

#include <math.h>
#include <string.h>

#include "engine/train/history.h"

void digest_tensors(const struct network *network, const char *prefix,
                    const float *parameters, const float *buffers,
                    int64_t batches, char hex[DIGEST_TEXT_SIZE]) {
    struct digest_state digest;
    digest_init(&digest);
    digest_update(&digest, prefix, strlen(prefix));
    for (size_t i = 0; i < network->tensor_count; i++) {
        const struct network_tensor *tensor = &network->tensors[i];
        const float *values =
            (tensor->is_buffer ? buffers : parameters) + tensor->offset;
        if (tensor->is_counter)
            digest_update(&digest, &batches, sizeof batches);
        else
            digest_update(&digest, values, tensor->count * sizeof *values);
    }
    digest_finish(&digest, hex);
}

/* A copy in which every NaN has the same bits: which one the hardware makes is
 * no property of the run. */
static float *keep(struct arena *arena, const float *values, size_t count) {
    const uint32_t one_nan = 0x7fc00000;
    float *copy = arena_zeroed(arena, count, sizeof *copy);
    for (size_t i = 0; copy && i < count; i++)
        if (isnan(values[i]))
            memcpy(&copy[i], &one_nan, sizeof copy[i]);
        else
            copy[i] = values[i];
    return copy;
}

/* The mini-batches that the tensors in the evaluator have seen. A run that
 * diverged at a loss has the buffers of that update's forward. */
static int64_t batches_seen(const struct trainee *trainee) {
    const struct measurement *measurement = trainee->measurement;
    if (measurement->outcome == RUN_DIVERGED)
        return measurement->divergence.step;
    const struct training *training = trainee->run->training;
    return training->has_early_stopping && training->early_stopping.restore_best
               ? measurement->best_step
               : measurement->global_step;
}

static enum status_code keep_tensors(struct pack *pack, struct trainee *trainee,
                                     struct status *status) {
    struct measurement *measurement = trainee->measurement;
    const struct network *network = trainee->run->network;
    struct arena *arena = &measurement->arena;
    measurement->parameters =
        keep(arena, pack->evaluator.parameters, network->parameter_count);
    measurement->buffers =
        keep(arena, pack->evaluator.buffers, network->buffer_count);
    measurement->batches = batches_seen(trainee);
    if (arena->failed)
        return arena_status(arena, "the final weights", status);
    digest_tensors(network, "", measurement->parameters, measurement->buffers,
                   measurement->batches, measurement->digest_weights);
    return STATUS_OK;
}

/* Only for losses that take logits: their probabilities are no outputs. */
static enum status_code keep_probabilities(struct pack *pack,
                                           struct trainee *trainee,
                                           struct status *status) {
    struct measurement *measurement = trainee->measurement;
    struct outcome *outcome;
    if (pack->loss_kind->task != TASK_BINARY ||
        pack->loss_kind->required_range == RANGE_PROBABILITY)
        return STATUS_OK;
    enum status_code code = evaluator_outcome(&pack->evaluator, trainee->run,
                                              PART_TEST, &outcome, status);
    if (code)
        return code;
    measurement->test_probabilities =
        keep(&measurement->arena, outcome->probability, outcome->rows);
    return arena_status(&measurement->arena, "the outputs", status);
}

static enum status_code keep_outputs(struct pack *pack, struct trainee *trainee,
                                     struct status *status) {
    struct measurement *measurement = trainee->measurement;
    size_t rows = trainee->run->data->part[PART_TEST].rows;
    size_t count = rows * pack->evaluator.units;
    measurement->test_outputs = keep(
        &measurement->arena,
        evaluator_outputs(&pack->evaluator, trainee->run, PART_TEST), count);
    if (measurement->arena.failed)
        return arena_status(&measurement->arena, "the outputs", status);
    digest_of(measurement->test_outputs, count * sizeof(float),
              measurement->digest_predictions);
    return keep_probabilities(pack, trainee, status);
}

static enum status_code measure_part(struct pack *pack, struct trainee *trainee,
                                     enum part part, struct status *status) {
    struct outcome *outcome;
    enum status_code code = evaluator_outcome(&pack->evaluator, trainee->run,
                                              part, &outcome, status);
    if (code)
        return code;
    for (const struct metric_kind *metric = METRICS; metric->name; metric++)
        if (metric_has_task(metric, outcome->task))
            trainee->measurement->metrics[part][metric - METRICS] =
                metric_value(metric, outcome);
    return STATUS_OK;
}

static enum status_code measure(struct pack *pack, struct trainee *trainee,
                                struct status *status) {
    enum status_code code = STATUS_OK;
    for (int part = 0; part < PARTS; part++)
        for (int i = 0; i < METRIC_LIMIT; i++)
            trainee->measurement->metrics[part][i] = NAN;
    if (trainee->measurement->outcome == RUN_DIVERGED)
        return STATUS_OK;
    for (int part = 0; part < PARTS && !code; part++)
        if (trainee->run->data->part[part].rows)
            code = measure_part(pack, trainee, (enum part)part, status);
    return code;
}

enum status_code trainee_end(struct pack *pack, struct trainee *trainee,
                             enum run_outcome outcome, int64_t global_step,
                             struct status *status) {
    trainee->measurement->outcome = outcome;
    trainee->measurement->global_step = global_step;
    trainee->ended = true;
    pack->live--;
    enum status_code code = keep_tensors(pack, trainee, status);
    if (!code)
        code = keep_outputs(pack, trainee, status);
    if (!code)
        code = measure(pack, trainee, status);
    return code;
}
