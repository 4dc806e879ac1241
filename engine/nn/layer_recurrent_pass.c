/* Forward and backward through the layers and directions of rnn, lstm, gru.
 *
 * saved: the kernel's notes of each direction of each layer; then of each layer
 * but the last its output and, with dropout, the factors and the output times
 * these. scratch: the derivative by a layer's input, which takes turns with dy;
 * then the kernel's. */

#include <string.h>

#include "engine/nn/layer_recurrent.h"

static enum recurrent_kernel kernel_of(const struct layer_call *call) {
    const struct recurrent_options *o = call->options;
    return (enum recurrent_kernel)(call->kind->kernel + o->nonlinearity);
}

/* -------------------------------------------------------------------- memory
 */

/* What is the same of all directions; `inputs` are the first layer's. */
static struct recurrent plain_call(enum recurrent_kernel kernel,
                                   const struct recurrent_options *o,
                                   struct shape input, struct cells cells) {
    size_t hidden = (size_t)o->hidden_size;
    return (struct recurrent){
        .kernel = kernel,
        .steps = (size_t)input.size[0],
        .inputs = (size_t)input.size[1],
        .hidden = hidden,
        .keeps = 1,
        .cells = cells,
        .y_step = recurrent_directions(o) * hidden * cells.stride,
    };
}

/* Inputs of the layers above the first. */
static size_t inputs_above(const struct recurrent_options *o) {
    return recurrent_directions(o) * (size_t)o->hidden_size;
}

/* Floats of a layer's output. */
static size_t output_floats(const struct recurrent_options *o,
                            struct shape input, struct cells cells) {
    return (size_t)input.size[0] * inputs_above(o) * cells.stride;
}

/* Floats of what is between two layers. */
static size_t between_floats(const struct recurrent_options *o,
                             struct shape input, struct cells cells) {
    return output_floats(o, input, cells) * (recurrent_drops(o) ? 3 : 1);
}

size_t recurrent_saved_floats(enum recurrent_kernel kernel,
                              const struct recurrent_options *options,
                              struct shape input, struct cells cells,
                              size_t width) {
    const struct recurrent plain = plain_call(kernel, options, input, cells);
    size_t layers = (size_t)options->num_layers;
    return layers * recurrent_directions(options) *
               kernels_recurrent_saved(&plain, width) +
           (layers - 1) * between_floats(options, input, cells);
}

size_t recurrent_scratch_floats(enum recurrent_kernel kernel,
                                const struct recurrent_options *options,
                                struct shape input, struct cells cells,
                                size_t width) {
    struct recurrent plain = plain_call(kernel, options, input, cells);
    size_t first = kernels_recurrent_scratch(&plain, width);
    if (options->num_layers == 1)
        return first;
    plain.inputs = inputs_above(options);
    size_t above = kernels_recurrent_scratch(&plain, width);
    return output_floats(options, input, cells) +
           (first > above ? first : above);
}

/* A layer of the stack, with what forward left of it. */
struct stacked {
    size_t layer;
    const float *x;
    float *y;
    float *factors, *dropped; /* of y; the last layer has none */
};

static struct stacked stacked_of(const struct layer_call *call, size_t layer) {
    const struct recurrent_options *o = call->options;
    const struct recurrent plain =
        plain_call(kernel_of(call), o, call->input, call->cells);
    size_t layers = (size_t)o->num_layers;
    size_t output = output_floats(o, call->input, call->cells);
    size_t between = between_floats(o, call->input, call->cells);
    size_t notes = kernels_recurrent_saved(&plain, call->kernels->width);
    float *first = call->saved + layers * recurrent_directions(o) * notes;
    float *below = first + (layer - 1) * between;
    bool drops = call->training && recurrent_drops(o);
    struct stacked stacked = {.layer = layer, .x = call->x, .y = call->y};
    if (layer > 0)
        stacked.x = below + (drops ? 2 * output : 0);
    if (layer + 1 < layers) {
        stacked.y = first + layer * between;
        stacked.factors = stacked.y + output;
        stacked.dropped = stacked.y + 2 * output;
    }
    return stacked;
}

static struct recurrent direction_call(const struct layer_call *call,
                                       const struct stacked *stacked,
                                       size_t direction) {
    const struct recurrent_options *o = call->options;
    size_t index = stacked->layer * recurrent_directions(o) + direction;
    const float *const *tensors =
        call->tensors + index * recurrent_tensor_count(o);
    struct recurrent r =
        plain_call(kernel_of(call), o, call->input, call->cells);
    r.saved =
        call->saved + index * kernels_recurrent_saved(&r, call->kernels->width);
    r.scratch = call->scratch;
    if (o->num_layers > 1)
        r.scratch += output_floats(o, call->input, call->cells);
    if (stacked->layer > 0)
        r.inputs = inputs_above(o);
    r.is_reverse = direction == 1;
    r.keeps = call->training;
    r.weight_ih = tensors[RECURRENT_WEIGHT_IH];
    r.weight_hh = tensors[RECURRENT_WEIGHT_HH];
    if (o->bias) {
        r.bias_ih = tensors[RECURRENT_BIAS_IH];
        r.bias_hh = tensors[RECURRENT_BIAS_HH];
    }
    r.x = stacked->x;
    r.y = stacked->y + direction * r.hidden * r.cells.stride;
    return r;
}

/* -------------------------------------------------------------------- forward
 */

/* A layer's dropout is drawn step after step, in each row after row. */
static void drop(const struct layer_call *call, const struct stacked *stacked) {
    const struct recurrent_options *o = call->options;
    size_t units = inputs_above(o);
    size_t count = output_floats(o, call->input, call->cells);
    const size_t counts[] = {(size_t)call->input.size[0], call->cells.rows,
                             units};
    const size_t strides[] = {units * call->cells.stride, call->cells.lanes,
                              call->cells.stride};
    if (recurrent_draws(o))
        call->kernels->dropout(call->state->stream, counts, strides,
                               call->coefficients, stacked->factors);
    else
        memset(stacked->factors, 0, count * sizeof(float));
    call->kernels->multiply(count, stacked->y, stacked->factors,
                            stacked->dropped);
}

void recurrent_forward(const struct layer_call *call) {
    const struct recurrent_options *o = call->options;
    for (size_t layer = 0; layer < (size_t)o->num_layers; layer++) {
        const struct stacked stacked = stacked_of(call, layer);
        for (size_t i = 0; i < recurrent_directions(o); i++) {
            const struct recurrent r = direction_call(call, &stacked, i);
            call->kernels->recurrent_forward(&r);
        }
        if (stacked.factors && call->training && recurrent_drops(o))
            drop(call, &stacked);
    }
}

/* ------------------------------------------------------------------- backward
 */

static struct recurrent_gradients
direction_gradients(const struct layer_call *call, size_t layer,
                    size_t direction, const float *dy, float *dx) {
    const struct recurrent_options *o = call->options;
    size_t hidden = (size_t)o->hidden_size;
    float *const *gradients =
        call->gradients + (layer * recurrent_directions(o) + direction) *
                              recurrent_tensor_count(o);
    struct recurrent_gradients to = {
        .weight_ih = gradients[RECURRENT_WEIGHT_IH],
        .weight_hh = gradients[RECURRENT_WEIGHT_HH],
        .dy = dy + direction * hidden * call->cells.stride,
        .dx = dx,
        .accumulate = direction > 0,
    };
    if (o->bias) {
        to.bias_ih = gradients[RECURRENT_BIAS_IH];
        to.bias_hh = gradients[RECURRENT_BIAS_HH];
    }
    return to;
}

/* The derivative by a layer's output becomes that by its input. */
static void layer_backward(const struct layer_call *call, size_t layer,
                           const float *dy, float *dx) {
    const struct recurrent_options *o = call->options;
    const struct stacked stacked = stacked_of(call, layer);
    for (size_t i = 0; i < recurrent_directions(o); i++) {
        const struct recurrent r = direction_call(call, &stacked, i);
        const struct recurrent_gradients to =
            direction_gradients(call, layer, i, dy, dx);
        call->kernels->recurrent_backward(&r, &to);
    }
    if (layer == 0 || !recurrent_drops(o))
        return;
    const struct stacked below = stacked_of(call, layer - 1);
    call->kernels->multiply(output_floats(o, call->input, call->cells), dx,
                            below.factors, dx);
}

void recurrent_backward(const struct layer_call *call) {
    const struct recurrent_options *o = call->options;
    float *dy = call->dy;
    for (size_t layer = (size_t)o->num_layers; layer-- > 0;) {
        float *free = dy == call->dy ? call->scratch : call->dy;
        float *dx = layer > 0 ? free : call->dx;
        layer_backward(call, layer, dy, dx);
        dy = dx;
    }
}
