/* Derivatives by the parameters of a whole network. */

#include "engine/nn/gradient_parts.h"

#include <math.h>
#include <string.h>

#include "engine/nn/pass.h"

struct network_subject {
    const struct network *network;
    struct cells cells;
    struct pass pass;
    size_t units_out;
    float *x, *parameters, *buffers, *gradients;
    float *points[GRADIENT_POINTS]; /* outputs of the four evaluations */
    float *factors;                 /* c */
    float *largest; /* [row][lane]: magnitude of what any layer makes of it */
    struct arena arena;
};

static void allocate_network(struct network_subject *subject) {
    const struct network *network = subject->network;
    size_t lanes = subject->cells.lanes, stride = subject->cells.stride;
    size_t outputs = subject->units_out * stride;
    struct arena *arena = &subject->arena;
    subject->x =
        gradient_floats(arena, (size_t)shape_units(network->input) * stride);
    subject->parameters =
        gradient_floats(arena, network->parameter_count * lanes);
    subject->gradients =
        gradient_floats(arena, network->parameter_count * lanes);
    subject->buffers = gradient_floats(arena, network->buffer_count * lanes);
    subject->factors = gradient_floats(arena, outputs);
    subject->largest = gradient_floats(arena, stride);
    for (int i = 0; i < GRADIENT_POINTS; i++)
        subject->points[i] = gradient_floats(arena, outputs);
}

/* Whole numbers where the first layer takes those. */
static void fill_inputs(struct network_subject *subject,
                        struct mt19937 *generator) {
    const struct network *network = subject->network;
    const struct network_layer *layer = network_of_indices(network);
    size_t units = (size_t)shape_units(network->input);
    struct cells cells = subject->cells;
    gradient_fill(generator, SIGNED, units, cells, subject->x);
    for (size_t unit = 0; layer && unit < units; unit++)
        for (size_t i = 0; i < cells.rows * cells.lanes; i++)
            subject->x[unit * cells.stride + i] =
                (float)(mt19937_next(generator) %
                        (uint32_t)layer->kind->indices(layer->options));
}

static void fill_network(struct network_subject *subject, uint32_t seed) {
    const struct network *network = subject->network;
    struct mt19937 generator;
    size_t lanes = subject->cells.lanes;
    mt19937_seed(&generator, seed);
    fill_inputs(subject, &generator);
    gradient_fill(&generator, SIGNED, subject->units_out, subject->cells,
                  subject->factors);
    for (size_t i = 0; i < network->parameter_count * lanes; i++)
        subject->parameters[i] = gradient_draw(&generator, SIGNED, i);
    for (size_t i = 0; i < network->buffer_count * lanes; i++)
        subject->buffers[i] = gradient_draw(&generator, SIGNED, i);
}

static enum status_code init_network(struct network_subject *subject,
                                     const struct gradient_check *check,
                                     const struct network *network,
                                     struct status *status) {
    *subject = (struct network_subject){
        .network = network,
        .cells = gradient_cells(check),
        .units_out = (size_t)shape_units(network->output),
    };
    allocate_network(subject);
    STATUS_TRY(arena_status(&subject->arena, "a gradient check", status));
    fill_network(subject, check->seed);
    struct pass_setup setup = {
        .kernels = check->kernels,
        .network = network,
        .cells = subject->cells,
        .x = subject->x,
        .parameters = subject->parameters,
        .buffers = subject->buffers,
        .buffers_written = subject->buffers,
        .gradients = subject->gradients,
    };
    STATUS_TRY(pass_init(&subject->pass, &setup, &subject->arena, status));
    for (size_t lane = 0; lane < check->lanes; lane++)
        pass_set_run(&subject->pass, lane, network);
    return STATUS_OK;
}

static void find_largest(struct network_subject *subject,
                         const struct layer_call *call) {
    size_t units = (size_t)shape_units(call->output);
    size_t cells = call->cells.rows * call->cells.lanes;
    for (size_t unit = 0; unit < units; unit++)
        for (size_t i = 0; i < cells; i++)
            subject->largest[i] =
                fmaxf(subject->largest[i],
                      fabsf(call->y[unit * call->cells.stride + i]));
}

static void run_network(struct network_subject *subject) {
    size_t floats = subject->units_out * subject->cells.stride;
    pass_forward(&subject->pass);
    for (size_t i = 0; i < subject->pass.count; i++)
        find_largest(subject, &subject->pass.calls[i]);
    memcpy(subject->pass.dy, subject->factors, floats * sizeof(float));
    pass_backward(&subject->pass);
}

/* The outputs at one point of an estimate. */
static void evaluate_at(struct network_subject *subject, int point) {
    size_t floats = subject->units_out * subject->cells.stride;
    pass_forward(&subject->pass);
    memcpy(subject->points[point], subject->pass.y, floats * sizeof(float));
}

/* Adds what one output contributes. Its rounding error is of the size of what
 * it was made from. */
static void add_output(const struct network_subject *subject, size_t unit,
                       size_t cell, struct gradient_estimate *sum) {
    size_t at = unit * subject->cells.stride + cell;
    double factor = (double)subject->factors[at];
    double values[GRADIENT_POINTS];
    struct gradient_estimate one = {0, 0};
    for (int i = 0; i < GRADIENT_POINTS; i++)
        values[i] = (double)subject->points[i][at];
    gradient_add(&one, factor, values);
    sum->value += one.value;
    sum->magnitude += fabs(factor) * (double)subject->largest[cell];
}

static struct gradient_estimate estimate(const struct network_subject *subject,
                                         size_t lane) {
    struct gradient_estimate sum = {0, 0};
    struct cells cells = subject->cells;
    for (size_t unit = 0; unit < subject->units_out; unit++)
        for (size_t row = 0; row < cells.rows; row++)
            add_output(subject, unit, row * cells.lanes + lane, &sum);
    return sum;
}

static enum status_code check_element(struct network_subject *subject,
                                      const struct network_tensor *tensor,
                                      size_t element, struct status *status) {
    size_t lanes = subject->cells.lanes;
    size_t at = (tensor->offset + element) * lanes;
    float *variable = subject->parameters + at;
    float saved[KERNEL_WIDTH_LIMIT];
    enum status_code code = STATUS_OK;
    memcpy(saved, variable, lanes * sizeof *saved);
    for (int i = 0; i < GRADIENT_POINTS; i++) {
        for (size_t lane = 0; lane < lanes; lane++)
            variable[lane] =
                saved[lane] + (float)GRADIENT_OFFSETS[i] * GRADIENT_STEP;
        evaluate_at(subject, i);
    }
    memcpy(variable, saved, lanes * sizeof *saved);
    for (size_t lane = 0; lane < lanes && !code; lane++)
        code = gradient_compare(
            (struct gradient_variable){"network", tensor->name, element, lane},
            estimate(subject, lane), subject->gradients[at + lane], status);
    return code;
}

static enum status_code check_parameters(struct network_subject *subject,
                                         struct status *status) {
    const struct network *network = subject->network;
    for (size_t i = 0; i < network->tensor_count; i++) {
        const struct network_tensor *tensor = &network->tensors[i];
        for (size_t k = 0; k < tensor->count && !tensor->is_buffer; k++)
            STATUS_TRY(check_element(subject, tensor, k, status));
    }
    return STATUS_OK;
}

enum status_code gradient_check_network(const struct gradient_check *check,
                                        const struct network *network,
                                        struct status *status) {
    struct network_subject subject;
    enum status_code code = init_network(&subject, check, network, status);
    if (!code) {
        run_network(&subject);
        code = check_parameters(&subject, status);
    }
    arena_release(&subject.arena);
    return code;
}
