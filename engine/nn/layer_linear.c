/* linear: y = x W^T + b, nn.Linear. W is [out_features][in_features], b is
 * [out_features]; x is (…, F), y is (…, out_features). */

#include <math.h>

#include "engine/nn/layer.h"
#include "engine/nn/layer_kinds.h"
#include "engine/random/torch_random.h"

struct linear_options {
    int64_t out_features;
    bool bias;
};

enum { LINEAR_WEIGHT, LINEAR_BIAS };

static const struct field LINEAR_FIELDS[] = {
    {.key = "out_features",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_RANGE,
     FIELD_AT(struct linear_options, out_features),
     FIELD_BETWEEN(1, 1e6),
     .help = "outputs, the layer's width"},
    {.key = "bias",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct linear_options, bias),
     .default_text = "true",
     .help = "add a learned number to each output"},
    {.key = NULL},
};

static const struct field_refused LINEAR_REFUSED[] = {
    {"in_features", "it follows from the layer before"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

static enum status_code linear_shape(const void *options, struct shape input,
                                     struct shape *output,
                                     struct status *status) {
    const struct linear_options *linear = options;
    (void)status; /* takes every input there is */
    *output = input;
    output->size[input.rank - 1] = linear->out_features;
    return STATUS_OK;
}

static size_t linear_tensors(const void *options, struct shape input,
                             struct tensor_layout layouts[]) {
    const struct linear_options *linear = options;
    int64_t out = linear->out_features, in = input.size[input.rank - 1];
    layouts[LINEAR_WEIGHT] =
        (struct tensor_layout){"weight", {2, {out, in}}, false};
    layouts[LINEAR_BIAS] = (struct tensor_layout){"bias", {1, {out}}, false};
    return linear->bias ? 2 : 1;
}

/* kaiming_uniform_ with a = sqrt(5) for the weight, +-1/sqrt(in_features) for
 * the bias: nn.Linear.reset_parameters. Both bounds are the same number up to
 * rounding; the order of operations is PyTorch's. */
static void linear_draw(const void *options, struct shape input,
                        struct torch_generator *generator,
                        float *const *tensors) {
    const struct linear_options *linear = options;
    double in = (double)input.size[input.rank - 1];
    double slope = sqrt(5.0);
    double gain = sqrt(2.0 / (1 + slope * slope));
    double weight_bound = sqrt(3.0) * (gain / sqrt(in));
    double bias_bound = 1 / sqrt(in);
    size_t out = (size_t)linear->out_features;
    struct mt19937 *words = &generator->twister;
    torch_uniform(words, -weight_bound, weight_bound, tensors[LINEAR_WEIGHT],
                  out * (size_t)in);
    if (linear->bias)
        torch_uniform(words, -bias_bound, bias_bound, tensors[LINEAR_BIAS],
                      out);
}

/* The last axis is what the layer acts on; the others are positions, each a
 * layer of its own with the same weights. */
static struct linear_sizes linear_sizes(const struct layer_call *call) {
    return (struct linear_sizes){
        .inputs = (size_t)call->input.size[call->input.rank - 1],
        .outputs = (size_t)call->output.size[call->output.rank - 1]};
}

static size_t linear_positions(const struct layer_call *call) {
    size_t positions = 1;
    for (int axis = 0; axis < call->input.rank - 1; axis++)
        positions *= (size_t)call->input.size[axis];
    return positions;
}

static void linear_forward(const struct layer_call *call) {
    const struct linear_options *linear = call->options;
    const struct linear_sizes sizes = linear_sizes(call);
    const size_t stride = call->cells.stride;
    const size_t positions = linear_positions(call);
    for (size_t i = 0; i < positions; i++)
        call->kernels->linear_forward(
            sizes, call->cells, call->tensors[LINEAR_WEIGHT],
            linear->bias ? call->tensors[LINEAR_BIAS] : NULL,
            call->x + i * sizes.inputs * stride,
            call->y + i * sizes.outputs * stride, call->scratch);
}

/* dW = dy^T x and db = the sum of dy over the rows: position after position,
 * ascending. */
static void linear_backward_weight(const struct layer_call *call) {
    const struct linear_options *linear = call->options;
    const size_t stride = call->cells.stride;
    const size_t positions = linear_positions(call);
    struct linear_sizes sizes = linear_sizes(call);
    for (size_t i = 0; i < positions; i++) {
        sizes.accumulate = i > 0;
        call->kernels->linear_backward_weight(
            sizes, call->cells, call->x + i * sizes.inputs * stride,
            call->dy + i * sizes.outputs * stride,
            call->gradients[LINEAR_WEIGHT],
            linear->bias ? call->gradients[LINEAR_BIAS] : NULL, call->scratch);
    }
}

static bool linear_goes_through(const struct layer_call *call, int activation) {
    return call->kernels->linear_backward_through[activation] &&
           linear_sizes(call).outputs <= KERNEL_STRIP_TERMS;
}

/* dx = dy W, and the activation's before it where the call says so. */
static void linear_backward(const struct layer_call *call) {
    const struct linear_sizes sizes = linear_sizes(call);
    const size_t in = sizes.inputs * call->cells.stride;
    const size_t out = sizes.outputs * call->cells.stride;
    const size_t positions = call->dx ? linear_positions(call) : 0;
    const struct kernels *kernels = call->kernels;
    const float *weight = call->tensors[LINEAR_WEIGHT];
    linear_backward_weight(call);
    for (size_t i = 0; i < positions; i++)
        if (call->through)
            kernels->linear_backward_through[call->through->kind->kernel](
                sizes, call->cells, weight, call->dy + i * out,
                call->x + i * in, call->dx + i * in);
        else
            kernels->linear_backward_input(sizes, call->cells, weight,
                                           call->dy + i * out,
                                           call->dx + i * in, call->scratch);
}

static size_t linear_scratch(const void *options, struct shape input,
                             struct cells cells, size_t width) {
    const struct linear_options *linear = options;
    struct linear_sizes sizes = {.inputs = (size_t)input.size[input.rank - 1],
                                 .outputs = (size_t)linear->out_features};
    return kernels_linear_scratch(sizes, cells, width);
}

const struct layer_kind LAYER_LINEAR = {
    .kind = {.name = "linear",
             .help = "x W^T + b, every output from every input",
             .fields = LINEAR_FIELDS,
             .options_size = sizeof(struct linear_options),
             .refused = LINEAR_REFUSED},
    .shape = linear_shape,
    .forward = linear_forward,
    .backward = linear_backward,
    .goes_through = linear_goes_through,
    .tensors = linear_tensors,
    .draw = linear_draw,
    .scratch_floats = linear_scratch,
};
