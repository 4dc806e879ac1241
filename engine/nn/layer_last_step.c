/* last_step: (T, F) -> (F), the last of T steps. Its units lie behind those of
 * the other steps. */

#include <string.h>

#include "engine/nn/layer_kinds.h"

static enum status_code last_step_shape(const void *options, struct shape input,
                                        struct shape *output,
                                        struct status *status) {
    (void)options;
    char text[SHAPE_TEXT_SIZE];
    STATUS_RETURN_IF(input.rank != 2, status, STATUS_CONFIG,
                     "last_step takes the last of the steps of a sample of "
                     "shape (T, F), found %s",
                     shape_text(input, text));
    *output = (struct shape){1, {input.size[1]}};
    return STATUS_OK;
}

/* Floats of the steps before the last, and of the last. */
static size_t floats_before(const struct layer_call *call) {
    return (size_t)((call->input.size[0] - 1) * call->input.size[1]) *
           call->cells.stride;
}

static size_t floats_last(const struct layer_call *call) {
    return (size_t)call->input.size[1] * call->cells.stride;
}

static void last_step_forward(const struct layer_call *call) {
    memcpy(call->y, call->x + floats_before(call),
           floats_last(call) * sizeof(float));
}

static void last_step_backward(const struct layer_call *call) {
    size_t before = floats_before(call);
    if (!call->dx)
        return;
    memset(call->dx, 0, before * sizeof(float));
    memcpy(call->dx + before, call->dy, floats_last(call) * sizeof(float));
}

const struct layer_kind LAYER_LAST_STEP = {
    .kind = {.name = "last_step", .help = "(T, F) -> (F), the last step"},
    .shape = last_step_shape,
    .forward = last_step_forward,
    .backward = last_step_backward,
    .moves = true,
};
