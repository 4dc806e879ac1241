/* transpose: (A, B) -> (B, A), x.transpose(1, 2) of a batch: steps with their
 * features, or channels with their positions. A unit's cells are copied. */

#include <string.h>

#include "engine/nn/layer_kinds.h"

static const struct field_refused TRANSPOSE_REFUSED[] = {
    {"dim0", "it swaps the two axes that a sample has"},
    {"dim1", "it swaps the two axes that a sample has"},
    {NULL, NULL},
};

static enum status_code transpose_shape(const void *options, struct shape input,
                                        struct shape *output,
                                        struct status *status) {
    (void)options;
    char text[SHAPE_TEXT_SIZE];
    STATUS_RETURN_IF(input.rank != 2, status, STATUS_CONFIG,
                     "transpose swaps the axes of a sample of shape (T, F), "
                     "found %s",
                     shape_text(input, text));
    *output = (struct shape){2, {input.size[1], input.size[0]}};
    return STATUS_OK;
}

/* to[j][i] = from[i][j] for a `from` of this shape. */
static void swap_axes(struct shape shape, struct cells cells, const float *from,
                      float *to) {
    const size_t first = (size_t)shape.size[0], second = (size_t)shape.size[1];
    const size_t bytes = cells.rows * cells.lanes * sizeof(float);
    for (size_t i = 0; i < first; i++)
        for (size_t j = 0; j < second; j++)
            memcpy(to + (j * first + i) * cells.stride,
                   from + (i * second + j) * cells.stride, bytes);
}

static void transpose_forward(const struct layer_call *call) {
    swap_axes(call->input, call->cells, call->x, call->y);
}

static void transpose_backward(const struct layer_call *call) {
    if (call->dx)
        swap_axes(call->output, call->cells, call->dy, call->dx);
}

const struct layer_kind LAYER_TRANSPOSE = {
    .kind = {.name = "transpose",
             .help = "(T, F) -> (F, T)",
             .refused = TRANSPOSE_REFUSED},
    .shape = transpose_shape,
    .forward = transpose_forward,
    .backward = transpose_backward,
    .moves = true,
};
