#include "engine/nn/gradient_parts.h"

#include <math.h>
#include <string.h>

struct layer_subject {
    struct layer_call call;
    size_t units_in, units_out;
    float *x, *tensors[LAYER_TENSOR_LIMIT], *gradients[LAYER_TENSOR_LIMIT];
    float *buffers[LAYER_TENSOR_LIMIT];
    float *points[GRADIENT_POINTS]; /* outputs of the four evaluations */
    float *factors;                 /* c */
    struct tensor_layout layouts[LAYER_TENSOR_LIMIT];
    size_t tensor_count;
    struct pass_state state;
    struct twisters stream; /* no state if the layer doesn't draw */
    uint32_t seed;          /* of the stream */
    double least_output;
    struct arena arena;
};

static float *asked_floats(struct layer_subject *subject,
                           size_t (*floats)(const void *, struct shape,
                                            struct cells, size_t)) {
    const struct layer_call *call = &subject->call;
    return floats ? gradient_floats(&subject->arena,
                                    floats(call->options, call->input,
                                           call->cells, call->kernels->width))
                  : NULL;
}

static void allocate_layer(struct layer_subject *subject) {
    struct layer_call *call = &subject->call;
    size_t stride = call->cells.stride;
    struct arena *arena = &subject->arena;
    subject->x = gradient_floats(arena, subject->units_in * stride);
    subject->factors = gradient_floats(arena, subject->units_out * stride);
    for (int i = 0; i < GRADIENT_POINTS; i++)
        subject->points[i] =
            gradient_floats(arena, subject->units_out * stride);
    call->y = gradient_floats(arena, subject->units_out * stride);
    call->dy = gradient_floats(arena, subject->units_out * stride);
    call->dx = gradient_floats(arena, subject->units_in * stride);
    call->scratch = asked_floats(subject, call->kind->scratch_floats);
    call->saved = asked_floats(subject, call->kind->saved_floats);
    for (size_t i = 0; i < subject->tensor_count; i++) {
        size_t count =
            (size_t)shape_units(subject->layouts[i].shape) * call->cells.lanes;
        subject->tensors[i] = gradient_floats(arena, count);
        if (subject->layouts[i].is_buffer)
            subject->buffers[i] = subject->tensors[i];
        else
            subject->gradients[i] = gradient_floats(arena, count);
    }
}

static void start_stream(struct layer_subject *subject) {
    struct layer_call *call = &subject->call;
    subject->state.batch = 1;
    call->state = &subject->state;
    if (!call->kind->draws || !call->kind->draws(call->options))
        return;
    size_t lanes = call->cells.lanes;
    subject->stream.lanes = lanes;
    subject->stream.state = arena_zeroed(
        &subject->arena, KERNEL_TWISTER_WORDS * lanes + call->kernels->width,
        sizeof *subject->stream.state);
    subject->state.stream = &subject->stream;
}

/* Every evaluation draws the same, each lane its own. */
static void seed_stream(struct layer_subject *subject) {
    struct twisters *stream = &subject->stream;
    struct mt19937 generator;
    for (size_t lane = 0; stream->state && lane < stream->lanes; lane++) {
        mt19937_seed(&generator, subject->seed + (uint32_t)lane);
        for (size_t i = 0; i < MT19937_WORDS; i++)
            stream->state[i * stream->lanes + lane] = generator.state[i];
        stream->next = generator.next;
    }
}

static void forward(struct layer_subject *subject,
                    const struct layer_call *call) {
    seed_stream(subject);
    call->kind->forward(call);
}

static void fill_layer(struct layer_subject *subject, uint32_t seed) {
    struct mt19937 generator;
    struct cells cells = subject->call.cells;
    mt19937_seed(&generator, seed);
    gradient_fill(&generator, BETWEEN_KINKS, subject->units_in, cells,
                  subject->x);
    gradient_fill(&generator, SIGNED, subject->units_out, cells,
                  subject->factors);
    for (size_t i = 0; i < subject->tensor_count; i++) {
        size_t count =
            (size_t)shape_units(subject->layouts[i].shape) * cells.lanes;
        for (size_t k = 0; k < count; k++)
            subject->tensors[i][k] = gradient_draw(&generator, SIGNED, k);
    }
}

static enum status_code init_layer(struct layer_subject *subject,
                                   const struct gradient_check *check,
                                   const struct layer_kind *kind,
                                   const void *options, struct shape input,
                                   struct status *status) {
    double values[LAYER_COEFFICIENT_LIMIT];
    *subject = (struct layer_subject){
        .call = {.kind = kind,
                 .kernels = check->kernels,
                 .cells = gradient_cells(check),
                 .training = true,
                 .options = options,
                 .input = input},
        .units_in = (size_t)shape_units(input),
        .seed = check->seed,
        .least_output = check->least_output,
    };
    struct layer_call *call = &subject->call;
    enum status_code code = kind->shape(options, input, &call->output, status);
    if (code)
        return code;
    STATUS_RETURN_IF(kind->least_rows &&
                         check->rows < kind->least_rows(options, input),
                     status, STATUS_CONFIG, "%s takes no batch of %zu rows",
                     kind->kind.name, check->rows);
    subject->units_out = (size_t)shape_units(call->output);
    if (kind->tensors)
        subject->tensor_count = kind->tensors(options, input, subject->layouts);
    size_t count = kind->coefficients ? kind->coefficients(options, values) : 0;
    call->coefficients =
        gradient_spread(&subject->arena, check->kernels->width, count, values);
    allocate_layer(subject);
    start_stream(subject);
    code = arena_status(&subject->arena, "a gradient check", status);
    if (code)
        return code;
    call->x = subject->x;
    call->tensors = (const float *const *)subject->tensors;
    call->gradients = subject->gradients;
    call->buffers = subject->buffers;
    fill_layer(subject, check->seed);
    return STATUS_OK;
}

static double number(const float *values, struct cells cells, size_t unit,
                     size_t row, size_t lane) {
    return (double)values[unit * cells.stride + row * cells.lanes + lane];
}

/* One output's part of an estimate. */
static struct gradient_estimate
estimate_output(const struct layer_subject *subject, double factor,
                const double values[GRADIENT_POINTS]) {
    struct gradient_estimate part = {0, 0};
    gradient_add(&part, factor, values);
    if (part.magnitude > 0)
        part.magnitude =
            fmax(part.magnitude, fabs(factor) * subject->least_output);
    return part;
}

static struct gradient_estimate
estimate_layer(const struct layer_subject *subject, size_t lane) {
    struct cells cells = subject->call.cells;
    struct gradient_estimate estimate = {0, 0};
    for (size_t unit = 0; unit < subject->units_out; unit++)
        for (size_t row = 0; row < cells.rows; row++) {
            double values[GRADIENT_POINTS];
            for (int i = 0; i < GRADIENT_POINTS; i++)
                values[i] = number(subject->points[i], cells, unit, row, lane);
            const struct gradient_estimate part = estimate_output(
                subject, number(subject->factors, cells, unit, row, lane),
                values);
            estimate.value += part.value;
            estimate.magnitude += part.magnitude;
        }
    return estimate;
}

/* `variable` stands in every lane; so does its derivative. */
static enum status_code check_variable(struct layer_subject *subject,
                                       const char *name, size_t index,
                                       float *variable, const float *derivative,
                                       struct status *status) {
    size_t lanes = subject->call.cells.lanes;
    float saved[KERNEL_WIDTH_LIMIT];
    memcpy(saved, variable, lanes * sizeof *saved);
    for (int i = 0; i < GRADIENT_POINTS; i++) {
        struct layer_call call = subject->call;
        for (size_t lane = 0; lane < lanes; lane++)
            variable[lane] =
                saved[lane] + (float)GRADIENT_OFFSETS[i] * GRADIENT_STEP;
        call.y = subject->points[i];
        forward(subject, &call);
    }
    memcpy(variable, saved, lanes * sizeof *saved);
    enum status_code code = STATUS_OK;
    for (size_t lane = 0; lane < lanes && !code; lane++)
        code = gradient_compare(
            (struct gradient_variable){subject->call.kind->kind.name, name,
                                       index, lane},
            estimate_layer(subject, lane), derivative[lane], status);
    return code;
}

static void run_backward(struct layer_subject *subject) {
    struct layer_call *call = &subject->call;
    forward(subject, call);
    memcpy(call->dy, subject->factors,
           subject->units_out * call->cells.stride * sizeof(float));
    call->kind->backward(call);
}

static enum status_code check_inputs(struct layer_subject *subject,
                                     struct status *status) {
    struct cells cells = subject->call.cells;
    enum status_code code = STATUS_OK;
    for (size_t unit = 0; unit < subject->units_in; unit++)
        for (size_t row = 0; row < cells.rows && !code; row++) {
            size_t at = unit * cells.stride + row * cells.lanes;
            code = check_variable(subject, "x", at, subject->x + at,
                                  subject->call.dx + at, status);
        }
    return code;
}

static enum status_code check_tensors(struct layer_subject *subject,
                                      struct status *status) {
    size_t lanes = subject->call.cells.lanes;
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < subject->tensor_count; i++) {
        size_t count = subject->layouts[i].is_buffer
                           ? 0
                           : (size_t)shape_units(subject->layouts[i].shape);
        for (size_t k = 0; k < count && !code; k++)
            code = check_variable(subject, subject->layouts[i].name, k,
                                  subject->tensors[i] + k * lanes,
                                  subject->gradients[i] + k * lanes, status);
    }
    return code;
}

enum status_code gradient_check_layer(const struct gradient_check *check,
                                      const struct layer_kind *kind,
                                      const void *options, struct shape input,
                                      struct status *status) {
    struct layer_subject subject;
    enum status_code code =
        init_layer(&subject, check, kind, options, input, status);
    if (!code) {
        run_backward(&subject);
        code = check_inputs(&subject, status);
    }
    if (!code)
        code = check_tensors(&subject, status);
    arena_release(&subject.arena);
    return code;
}
