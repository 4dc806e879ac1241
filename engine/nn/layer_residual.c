/* residual: y = x + f(x), f being the layers inside. In the chain it is two
 * links: one that opens and hands x on, and one that closes and adds. */

#include <string.h>

#include "engine/nn/layer_kinds.h"

static const struct field RESIDUAL_FIELDS[] = {
    {.key = "layers",
     .type = FIELD_SECTION,
     .flags = FIELD_REQUIRED,
     .help = "whose output, of the input's shape, is added to the input"},
    {.key = NULL},
};

static const struct field_refused RESIDUAL_REFUSED[] = {
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

static const struct layer_choice *residual_inside(const void *options,
                                                  size_t *count) {
    const struct residual_options *residual = options;
    *count = residual->layer_count;
    return residual->layers;
}

static enum status_code residual_shape(const void *options, struct shape input,
                                       struct shape *output,
                                       struct status *status) {
    (void)options, (void)status;
    *output = input;
    return STATUS_OK;
}

static size_t unit_floats(struct shape shape, struct cells cells) {
    return (size_t)shape_units(shape) * cells.stride;
}

/* What the closing layer's backward leaves for the opening one's. */
static size_t residual_saved(const void *options, struct shape input,
                             struct cells cells, size_t width) {
    (void)options, (void)width;
    return unit_floats(input, cells);
}

static void open_forward(const struct layer_call *call) {
    memcpy(call->y, call->x,
           unit_floats(call->input, call->cells) * sizeof(float));
}

/* dx = what came through the layers + what came past them. */
static void open_backward(const struct layer_call *call) {
    if (call->dx)
        call->kernels->add(unit_floats(call->input, call->cells), call->dy,
                           call->saved, call->dx);
}

static void close_forward(const struct layer_call *call) {
    call->kernels->add(unit_floats(call->input, call->cells), call->opening->y,
                       call->x, call->y);
}

static void close_backward(const struct layer_call *call) {
    size_t size = unit_floats(call->input, call->cells) * sizeof(float);
    memcpy(call->opening->saved, call->dy, size);
    if (call->dx)
        memcpy(call->dx, call->dy, size);
}

static const struct layer_kind CLOSING = {
    .kind = {.name = "residual", .help = "the end of a residual"},
    .shape = residual_shape,
    .forward = close_forward,
    .backward = close_backward,
};

const struct layer_kind LAYER_RESIDUAL = {
    .kind = {.name = "residual",
             .help = "x + f(x), f being the layers inside",
             .fields = RESIDUAL_FIELDS,
             .options_size = sizeof(struct residual_options),
             .refused = RESIDUAL_REFUSED},
    .shape = residual_shape,
    .forward = open_forward,
    .backward = open_backward,
    .saved_floats = residual_saved,
    .inside = residual_inside,
    .closing = &CLOSING,
};
