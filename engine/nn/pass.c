#include "engine/nn/pass.h"

#include <assert.h>
#include <math.h>

/* Buffers that layers share. */
struct shared {
    float *dy[2]; /* derivatives, written in turn */
    float *y[2];  /* outputs, written in turn; evaluation only */
    float *saved; /* evaluation only */
    float *scratch;
};

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t values(const struct pass_setup *setup, struct shape shape) {
    return (size_t)shape_units(shape) * setup->cells.stride;
}

/* What a layer asks for by one of its optional functions. */
static size_t
asked(const struct pass_setup *setup, const struct network_layer *layer,
      size_t (*floats)(const void *, struct shape, struct cells, size_t)) {
    return floats ? floats(layer->options, layer->input, setup->cells,
                           setup->kernels->width)
                  : 0;
}

static void allocate_shared(struct shared *shared,
                            const struct pass_setup *setup,
                            struct arena *arena) {
    const struct network *network = setup->network;
    size_t widest = 0, scratch = 0, saved = 0;
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        widest = larger(widest, values(setup, layer->output));
        scratch =
            larger(scratch, asked(setup, layer, layer->kind->scratch_floats));
        saved = larger(saved, asked(setup, layer, layer->kind->saved_floats));
    }
    float **turns = setup->gradients ? shared->dy : shared->y;
    turns[0] = arena_zeroed(arena, widest, sizeof(float));
    turns[1] = arena_zeroed(arena, widest, sizeof(float));
    shared->scratch = arena_zeroed(arena, scratch, sizeof(float));
    if (!setup->gradients)
        shared->saved = arena_zeroed(arena, saved, sizeof(float));
}

/* Where a layer's tensors and gradients are. */
static void place_tensors(struct layer_call *call,
                          const struct pass_setup *setup, size_t layer,
                          struct arena *arena) {
    const struct network *network = setup->network;
    size_t first = network->layers[layer].first_tensor;
    size_t count = network->layers[layer].tensor_count;
    const float **tensors = arena_zeroed(arena, count, sizeof *tensors);
    float **gradients = arena_zeroed(arena, count, sizeof *gradients);
    float **buffers = arena_zeroed(arena, count, sizeof *buffers);
    if (arena->failed)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct network_tensor *tensor = &network->tensors[first + i];
        size_t offset = tensor->offset * setup->cells.lanes;
        tensors[i] =
            (tensor->is_buffer ? setup->buffers : setup->parameters) + offset;
        if (setup->gradients && tensor->is_buffer)
            buffers[i] = setup->buffers_written + offset;
        else if (setup->gradients)
            gradients[i] = setup->gradients + offset;
    }
    call->tensors = tensors;
    call->gradients = gradients;
    call->buffers = buffers;
}

static void place_coefficients(struct layer_call *call,
                               const struct pass_setup *setup,
                               struct arena *arena) {
    size_t width = setup->kernels->width;
    const float **rows =
        arena_zeroed(arena, LAYER_COEFFICIENT_LIMIT, sizeof *rows);
    float *numbers =
        arena_zeroed(arena, LAYER_COEFFICIENT_LIMIT * width, sizeof *numbers);
    if (arena->failed)
        return;
    for (size_t i = 0; i < LAYER_COEFFICIENT_LIMIT; i++)
        rows[i] = numbers + i * width;
    call->coefficients = rows;
}

/* Whether the next layer does this one's work too: this one hands its inputs
 * on. */
static bool is_taken(const struct network *network, size_t index) {
    const struct network_layer *layer = &network->layers[index];
    return index + 1 < network->layer_count &&
           layer[1].kind->takes == layer->kind;
}

static bool hands_on(const struct network *network, size_t index) {
    return layer_is_view(network->layers[index].kind) ||
           is_taken(network, index);
}

/* Whether a layer's derivatives or, in evaluation, its outputs take the turn:
 * some have none of their own, and some write derivatives over those they read.
 */
static bool takes_turn(const struct network *network, size_t index,
                       bool trains) {
    return !hands_on(network, index) &&
           !(trains && network->layers[index].kind->in_place);
}

/* Outputs and derivatives. The layer before wrote the shared buffer of the turn
 * before. */
static void place_values(struct pass *pass, size_t index, size_t turn,
                         const struct pass_setup *setup,
                         const struct shared *shared, struct arena *arena) {
    const struct network_layer *layer = &setup->network->layers[index];
    struct layer_call *call = &pass->calls[index];
    size_t count = values(setup, layer->output);
    if (setup->gradients) {
        call->dy =
            shared->dy[(turn + !takes_turn(setup->network, index, true)) % 2];
        call->dx =
            index > pass->first_trained ? shared->dy[(turn + 1) % 2] : NULL;
    }
    if (call->no_forward)
        call->y = (float *)call->x; /* which nobody writes to */
    else if (setup->gradients || layer->kind->inside)
        call->y = arena_zeroed(arena, count, sizeof(float));
    else
        call->y = shared->y[turn % 2];
}

static void prepare(struct pass *pass, size_t index, size_t turn,
                    const struct pass_setup *setup, const struct shared *shared,
                    struct arena *arena) {
    const struct network_layer *layer = &setup->network->layers[index];
    struct layer_call *call = &pass->calls[index];
    *call = (struct layer_call){
        .kind = layer->kind,
        .kernels = setup->kernels,
        .cells = setup->cells,
        .training = setup->gradients != NULL,
        .options = layer->options,
        .input = layer->input,
        .output = layer->output,
        .state = pass->state,
        .x = index ? pass->calls[index - 1].y : setup->x,
        .saved = shared->saved,
        .scratch = shared->scratch,
        .opening = &pass->calls[layer->first],
        .through = index && is_taken(setup->network, index - 1)
                       ? &pass->calls[index - 1]
                       : NULL,
        .no_forward = hands_on(setup->network, index),
        .no_backward = hands_on(setup->network, index),
    };
    if (setup->gradients)
        call->saved =
            arena_zeroed(arena, asked(setup, layer, layer->kind->saved_floats),
                         sizeof(float));
    place_tensors(call, setup, index, arena);
    place_coefficients(call, setup, arena);
    place_values(pass, index, turn, setup, shared, arena);
}

/* Backward of activations that the layers behind them do too. */
static void join_activations(struct pass *pass) {
    for (size_t i = pass->first_trained + 1; i < pass->count; i++) {
        struct layer_call *call = &pass->calls[i], *before = call - 1;
        if (!call->kind->goes_through || !before->kind->in_place ||
            !before->dx ||
            !call->kind->goes_through(call, before->kind->kernel))
            continue;
        call->through = before;
        before->no_backward = true;
    }
}

bool pass_leave_last(struct pass *pass, const struct layer_kind *kind) {
    struct layer_call *last = &pass->calls[pass->count - 1];
    assert(!kind || kind->in_place);
    last->no_backward |= last->kind == kind && last->dx;
    return last->kind == kind && last->dx;
}

/* The first layer that backward reaches: the first with a parameter. */
static size_t first_trained(const struct network *network) {
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        for (size_t j = 0; j < layer->tensor_count; j++)
            if (!network->tensors[layer->first_tensor + j].is_buffer)
                return i;
    }
    return network->layer_count;
}

static void start_state(struct pass *pass, const struct pass_setup *setup,
                        struct arena *arena) {
    if (!setup->gradients)
        return;
    pass->state = arena_zeroed(arena, 1, sizeof *pass->state);
    if (pass->state)
        pass->state->stream = setup->stream;
}

enum status_code pass_init(struct pass *pass, const struct pass_setup *setup,
                           struct arena *arena, struct status *status) {
    struct shared shared = {.scratch = NULL};
    size_t turn = 0;
    *pass = (struct pass){
        .kernels = setup->kernels,
        .count = setup->network->layer_count,
        .first_trained = first_trained(setup->network),
    };
    allocate_shared(&shared, setup, arena);
    start_state(pass, setup, arena);
    pass->calls = arena_zeroed(arena, pass->count, sizeof *pass->calls);
    for (size_t i = 0; i < pass->count && !arena->failed; i++) {
        prepare(pass, i, turn, setup, &shared, arena);
        turn += takes_turn(setup->network, i, setup->gradients);
    }
    enum status_code code = arena_status(arena, "the activations", status);
    if (code)
        return code;
    if (setup->gradients)
        join_activations(pass);
    pass->y = pass->calls[pass->count - 1].y;
    pass->dy = pass->calls[pass->count - 1].dy;
    return STATUS_OK;
}

/* In rows form a per-run number is the same in every lane of its vector. */
static void set_number(struct pass *pass, float *numbers, size_t lane,
                       size_t lanes, float value) {
    size_t first = lanes == 1 ? 0 : lane;
    size_t end = lanes == 1 ? pass->kernels->width : lane + 1;
    for (size_t i = first; i < end; i++)
        numbers[i] = value;
}

void pass_set_run(struct pass *pass, size_t lane,
                  const struct network *network) {
    for (size_t i = 0; i < pass->count; i++) {
        struct layer_call *call = &pass->calls[i];
        const void *options = network->layers[i].options;
        double numbers[LAYER_COEFFICIENT_LIMIT];
        if (lane == 0)
            call->options = options;
        if (!call->kind->coefficients)
            continue;
        size_t count = call->kind->coefficients(options, numbers);
        for (size_t k = 0; k < count; k++)
            /* Written here alone, and const to the layers. */
            set_number(pass, (float *)call->coefficients[k], lane,
                       call->cells.lanes, (float)numbers[k]);
    }
}

void pass_set_rows(struct pass *pass, size_t rows) {
    for (size_t i = 0; i < pass->count; i++)
        pass->calls[i].cells.rows = rows;
}

bool network_draws(const struct network *network) {
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        if (layer->kind->draws && layer->kind->draws(layer->options))
            return true;
    }
    return false;
}

void pass_forward(const struct pass *pass) {
    const struct layer_call *call = pass->calls;
    if (pass->state)
        pass->state->batch++;
    for (const struct layer_call *end = call + pass->count; call < end; call++)
        if (!call->no_forward)
            call->kind->forward(call);
}

void pass_backward(const struct pass *pass) {
    for (size_t i = pass->count; i-- > pass->first_trained;)
        if (!pass->calls[i].no_backward)
            pass->calls[i].kind->backward(&pass->calls[i]);
}

static int is_finite(const struct layer_call *call, size_t lane) {
    size_t units = (size_t)shape_units(call->output);
    for (size_t unit = 0; unit < units; unit++) {
        const float *y = call->y + unit * call->cells.stride + lane;
        for (size_t row = 0; row < call->cells.rows; row++)
            if (!isfinite(y[row * call->cells.lanes]))
                return 0;
    }
    return 1;
}

size_t pass_first_not_finite(const struct pass *pass, size_t lane) {
    size_t layer = 0;
    while (layer < pass->count && is_finite(&pass->calls[layer], lane))
        layer++;
    return layer;
}
