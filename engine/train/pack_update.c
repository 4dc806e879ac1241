/* What a pack does once an update. */

#include <math.h>

#include "engine/train/pack.h"

void pack_forward(struct pack *pack) {
    batch_next(&pack->batch);
    size_t rows = pack->batch.cells.rows;
    if (rows != pack->loss.cells.rows) {
        pack->loss.cells.rows = rows;
        pass_set_rows(&pack->pass, rows);
    }
    pass_forward(&pack->pass);
    pack->loss_kind->evaluate(&pack->loss);
}

/* torch.nn.utils.clip_grad_norm_: the factor is max_norm / (norm + 1e-6), in
 * float32 as reciprocal times max_norm, at most 1, and always multiplied with;
 * NaN stays NaN. */
static float clip_factor(const struct training *training, double norm2) {
    if (!training->clip_grad_norm.present)
        return 1;
    float norm = (float)sqrt(norm2);
    float factor = (1 / (norm + 1e-6f)) * (float)training->clip_grad_norm.value;
    return factor > 1 ? 1 : factor;
}

static void clip(struct pack *pack) {
    size_t width = pack->kernels->width;
    size_t count = pack->network->parameter_count;
    double norm2[KERNEL_WIDTH_LIMIT];
    float factor[KERNEL_WIDTH_LIMIT];
    pack->kernels->sum_of_squares(count, pack->lanes, pack->gradients, norm2);
    for (size_t lane = 0; lane < width; lane++) {
        size_t of = pack->lanes == 1 ? 0 : lane;
        factor[lane] = clip_factor(pack->runs[of]->training, norm2[of]);
    }
    pack->kernels->scale(count, pack->lanes, factor, pack->gradients);
}

/* A run's numbers of this update into its lane. */
static void set_coefficients(struct pack *pack, struct trainee *trainee,
                             int64_t step) {
    double values[OPTIMIZER_COEFFICIENT_LIMIT];
    struct update_numbers numbers = {
        .step = step,
        .lr = trainee->schedule.lr,
        .has_momentum = trainee->schedule.has_momentum,
        .momentum = trainee->schedule.momentum,
    };
    pack->optimizer->coefficients(trainee->run->training->optimizer.options,
                                  &numbers, &trainee->memory, values);
    for (size_t i = 0; i < pack->coefficient_count; i++)
        pack->coefficients[i][trainee->lane] = (float)values[i];
    trainee->lr = numbers.lr;
}

/* The lanes behind the last run have its numbers. */
static void set_all_coefficients(struct pack *pack, int64_t step) {
    pack->settings++;
    for (size_t i = 0; i < pack->count; i++)
        if (!pack->trainees[i].ended)
            set_coefficients(pack, &pack->trainees[i], step);
    for (size_t i = 0; i < pack->coefficient_count; i++)
        for (size_t lane = pack->count; lane < pack->kernels->width; lane++)
            pack->coefficients[i][lane] =
                pack->coefficients[i][pack->count - 1];
}

void pack_update(struct pack *pack, int64_t step) {
    pass_backward(&pack->pass);
    if (pack->clips)
        clip(pack);
    if (!pack->steady || pack->settings < 2)
        set_all_coefficients(pack, step);
    pack->kernels->update[pack->kernel](
        pack->padded, (const float *const *)pack->coefficients, pack->state,
        pack->gradients, pack->parameters);
    for (size_t i = 0; pack->schedule && i < pack->count; i++) {
        struct trainee *trainee = &pack->trainees[i];
        if (!trainee->ended)
            pack->schedule->step(trainee->run->training->schedule.options,
                                 pack->updates, &trainee->schedule);
    }
}
