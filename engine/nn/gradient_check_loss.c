#include "engine/nn/gradient_parts.h"

#include <math.h>
#include <string.h>

struct loss_subject {
    struct loss_call call;
    float *y, *t;
    float *derivative; /* dy at the point of the check */
    struct arena arena;
};

static const float *spread_class_weight(struct arena *arena, size_t width,
                                        const struct field_numbers *given) {
    if (!given)
        return NULL;
    float *weights = gradient_floats(arena, given->count * width);
    for (size_t i = 0; weights && i < given->count * width; i++)
        weights[i] = (float)given->values[i / width];
    return weights;
}

static void allocate_loss(struct loss_subject *subject) {
    struct loss_call *call = &subject->call;
    const struct loss_kind *kind = call->kind;
    size_t width = call->kernels->width, stride = call->cells.stride;
    struct arena *arena = &subject->arena;
    double values[LAYER_COEFFICIENT_LIMIT];
    size_t count =
        kind->coefficients ? kind->coefficients(call->options, values) : 0;
    double mean = loss_reduction(kind, call->options) == LOSS_REDUCTION_MEAN;
    call->coefficients = gradient_spread(arena, width, count, values);
    const float *const *means = gradient_spread(arena, width, 1, &mean);
    call->mean = means ? means[0] : NULL;
    call->class_weight = spread_class_weight(
        arena, width,
        kind->class_weight ? kind->class_weight(call->options) : NULL);
    subject->y = gradient_floats(arena, call->units * stride);
    subject->t = gradient_floats(arena, call->units * stride);
    subject->derivative = gradient_floats(arena, call->units * stride);
    call->dy = gradient_floats(arena, call->units * stride);
    call->value = gradient_floats(arena, width);
    call->y = subject->y;
    call->t = subject->t;
}

/* Labels for one lane. */
static void fill_labels(struct loss_subject *subject, size_t lane,
                        struct mt19937 *generator) {
    const struct loss_call *call = &subject->call;
    size_t labels = call->kind->task == TASK_BINARY ? 2 : call->units;
    for (size_t row = 0; row < call->cells.rows; row++)
        subject->t[row * call->cells.lanes + lane] =
            (float)(mt19937_next(generator) % labels);
}

/* Targets that fit the task; regression's are multiples of 1/2. Labels are
 * drawn again while all rows of a lane are of the class that is ignored, whose
 * mean is none. */
static enum status_code fill_targets(struct loss_subject *subject,
                                     struct mt19937 *generator,
                                     struct status *status) {
    const struct loss_call *call = &subject->call;
    gradient_fill(generator, HALVES, call->units, call->cells, subject->t);
    if (call->kind->task == TASK_REGRESSION)
        return STATUS_OK;
    for (size_t lane = 0; lane < call->cells.lanes; lane++)
        fill_labels(subject, lane, generator);
    bool finite = false;
    for (int tries = 0; tries < 100 && !finite; tries++) {
        finite = true;
        call->kind->evaluate(call);
        for (size_t lane = 0; lane < call->cells.lanes; lane++)
            if (isnan(call->value[lane])) {
                fill_labels(subject, lane, generator);
                finite = false;
            }
    }
    STATUS_RETURN_IF(!finite, status, STATUS_RUN, "%s: the loss is always NaN",
                     call->kind->kind.name);
    return STATUS_OK;
}

static enum status_code init_loss(struct loss_subject *subject,
                                  const struct gradient_check *check,
                                  const struct loss_kind *kind,
                                  const void *options, size_t units,
                                  struct status *status) {
    struct mt19937 generator;
    *subject = (struct loss_subject){.call = {.kind = kind,
                                              .kernels = check->kernels,
                                              .cells = gradient_cells(check),
                                              .units = units,
                                              .options = options}};
    allocate_loss(subject);
    enum status_code code =
        arena_status(&subject->arena, "a gradient check", status);
    if (code)
        return code;
    mt19937_seed(&generator, check->seed);
    gradient_fill(&generator,
                  kind->required_range == RANGE_PROBABILITY ? PROBABILITIES
                                                            : BETWEEN_KINKS,
                  units, subject->call.cells, subject->y);
    return fill_targets(subject, &generator, status);
}

static enum status_code check_output(struct loss_subject *subject, size_t at,
                                     struct status *status) {
    size_t lanes = subject->call.cells.lanes;
    float *variable = subject->y + at, saved[KERNEL_WIDTH_LIMIT];
    double values[KERNEL_WIDTH_LIMIT][GRADIENT_POINTS];
    struct loss_call call = subject->call;
    enum status_code code = STATUS_OK;
    memcpy(saved, variable, lanes * sizeof *saved);
    for (int i = 0; i < GRADIENT_POINTS; i++) {
        for (size_t lane = 0; lane < lanes; lane++)
            variable[lane] =
                saved[lane] + (float)GRADIENT_OFFSETS[i] * GRADIENT_STEP;
        call.kind->evaluate(&call);
        for (size_t lane = 0; lane < lanes; lane++)
            values[lane][i] = (double)call.value[lane];
    }
    memcpy(variable, saved, lanes * sizeof *saved);
    for (size_t lane = 0; lane < lanes && !code; lane++) {
        struct gradient_estimate estimate = {0, 0};
        gradient_add(&estimate, 1, values[lane]);
        code = gradient_compare(
            (struct gradient_variable){call.kind->kind.name, "y", at, lane},
            estimate, subject->derivative[at + lane], status);
    }
    return code;
}

/* Padding up to whole vectors must have become 0. */
static enum status_code check_padding(const struct loss_subject *subject,
                                      struct status *status) {
    const struct loss_call *call = &subject->call;
    size_t width = call->kernels->width;
    size_t used = call->cells.rows * call->cells.lanes;
    size_t end = (used + width - 1) / width * width;
    for (size_t unit = 0; unit < call->units; unit++)
        for (size_t i = used; i < end; i++)
            STATUS_RETURN_IF(
                subject->derivative[unit * call->cells.stride + i] != 0, status,
                STATUS_RUN, "%s: padding of dy is not 0",
                call->kind->kind.name);
    return STATUS_OK;
}

static enum status_code check_outputs(struct loss_subject *subject,
                                      struct status *status) {
    struct cells cells = subject->call.cells;
    enum status_code code = STATUS_OK;
    for (size_t unit = 0; unit < subject->call.units; unit++)
        for (size_t row = 0; row < cells.rows && !code; row++)
            code = check_output(
                subject, unit * cells.stride + row * cells.lanes, status);
    return code;
}

enum status_code gradient_check_loss(const struct gradient_check *check,
                                     const struct loss_kind *kind,
                                     const void *options, size_t units,
                                     struct status *status) {
    struct loss_subject subject;
    enum status_code code =
        init_loss(&subject, check, kind, options, units, status);
    if (!code) {
        kind->evaluate(&subject.call);
        memcpy(subject.derivative, subject.call.dy,
               units * subject.call.cells.stride * sizeof(float));
        code = check_padding(&subject, status);
    }
    if (!code)
        code = check_outputs(&subject, status);
    arena_release(&subject.arena);
    return code;
}
