/* softmax and log_softmax over one axis of a sample: nn.Softmax(dim),
 * nn.LogSoftmax(dim), the batch being dimension 0.
 *
 * softmax:      y_i = exp(x_i - m) / sum_j exp(x_j - m), m the largest x
 *               dx_i = y_i (dy_i - sum_j dy_j y_j)
 * log_softmax:  y_i = x_i - m - log sum_j exp(x_j - m)
 *               dx_i = dy_i - exp(y_i) sum_j dy_j */

#include "engine/nn/layer_kinds.h"

struct softmax_options {
    int64_t dim;
};

static const struct field SOFTMAX_FIELDS[] = {
    {.key = "dim",
     .type = FIELD_INTEGER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct softmax_options, dim),
     FIELD_BETWEEN(-SHAPE_RANK_LIMIT, SHAPE_RANK_LIMIT),
     .default_text = "1",
     .help = "axis whose numbers add up to 1; 0 would be the batch, -1 is the "
             "last"},
    {.key = NULL},
};

static const struct field_refused SOFTMAX_REFUSED[] = {
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

static enum status_code softmax_shape(const void *options, struct shape input,
                                      struct shape *output,
                                      struct status *status) {
    const struct softmax_options *softmax = options;
    int64_t dim = softmax->dim, rank = input.rank;
    char text[SHAPE_TEXT_SIZE];
    if (dim == 0 || dim == -rank - 1)
        return status_set_key(status, STATUS_CONFIG, "dim",
                              "dim %lld is the batch; a sample's axes are "
                              "1 to %lld, or -1 for the last",
                              (long long)dim, (long long)rank);
    if (dim > rank || dim < -rank)
        return status_set_key(status, STATUS_CONFIG, "dim",
                              "dim %lld is outside a sample of shape %s, whose "
                              "axes are 1 to %lld",
                              (long long)dim, shape_text(input, text),
                              (long long)rank);
    *output = input;
    return STATUS_OK;
}

static bool softmax_alike(const void *a, const void *b) {
    const struct softmax_options *one = a, *other = b;
    return one->dim == other->dim;
}

/* The position of the axis among a sample's. */
static int softmax_axis(const void *options, struct shape shape) {
    const struct softmax_options *softmax = options;
    int64_t dim = softmax->dim;
    return (int)(dim < 0 ? dim + shape.rank : dim - 1);
}

static int64_t softmax_range_size(const void *options, struct shape output) {
    return output.size[softmax_axis(options, output)];
}

/* The units along an axis lie `inner` units apart: to a kernel, units of a
 * wider stride. Calls it for every place on the other axes. */
static void each_axis(const struct layer_call *call,
                      void (*body)(const struct layer_call *call, size_t units,
                                   struct cells cells, size_t at)) {
    const struct shape shape = call->input;
    const int axis = softmax_axis(call->options, shape);
    size_t units = (size_t)shape.size[axis], inner = 1;
    for (int behind = axis + 1; behind < shape.rank; behind++)
        inner *= (size_t)shape.size[behind];
    struct cells cells = call->cells;
    cells.stride *= inner;
    for (size_t outer = 0; outer < (size_t)shape_units(shape);
         outer += units * inner)
        for (size_t i = 0; i < inner; i++)
            body(call, units, cells, (outer + i) * call->cells.stride);
}

static void forward_at(const struct layer_call *call, size_t units,
                       struct cells cells, size_t at) {
    call->kernels->softmax_forward(units, cells, call->x + at, call->y + at);
}

static void backward_at(const struct layer_call *call, size_t units,
                        struct cells cells, size_t at) {
    call->kernels->softmax_backward(units, cells, call->y + at, call->dy + at,
                                    call->dx + at);
}

static void log_forward_at(const struct layer_call *call, size_t units,
                           struct cells cells, size_t at) {
    call->kernels->log_softmax_forward(units, cells, call->x + at,
                                       call->y + at);
}

static void log_backward_at(const struct layer_call *call, size_t units,
                            struct cells cells, size_t at) {
    call->kernels->log_softmax_backward(units, cells, call->y + at,
                                        call->dy + at, call->dx + at);
}

static void softmax_forward(const struct layer_call *call) {
    each_axis(call, forward_at);
}

static void softmax_backward(const struct layer_call *call) {
    if (call->dx)
        each_axis(call, backward_at);
}

static void log_softmax_forward(const struct layer_call *call) {
    each_axis(call, log_forward_at);
}

static void log_softmax_backward(const struct layer_call *call) {
    if (call->dx)
        each_axis(call, log_backward_at);
}

const struct layer_kind LAYER_SOFTMAX = {
    .kind = {.name = "softmax",
             .help = "exp(x) / sum of exp(x): probabilities of classes",
             .fields = SOFTMAX_FIELDS,
             .options_size = sizeof(struct softmax_options),
             .refused = SOFTMAX_REFUSED},
    .shape = softmax_shape,
    .forward = softmax_forward,
    .backward = softmax_backward,
    .alike = softmax_alike,
    .range = RANGE_DISTRIBUTION,
    .range_size = softmax_range_size,
};

const struct layer_kind LAYER_LOG_SOFTMAX = {
    .kind = {.name = "log_softmax",
             .help = "the logarithm of softmax, for the nll loss",
             .fields = SOFTMAX_FIELDS,
             .options_size = sizeof(struct softmax_options),
             .refused = SOFTMAX_REFUSED},
    .shape = softmax_shape,
    .forward = log_softmax_forward,
    .backward = log_softmax_backward,
    .alike = softmax_alike,
    .range = RANGE_LOG_DISTRIBUTION,
    .range_size = softmax_range_size,
};
