/* conv1d, conv2d: y[o] = b[o] + the sum over the input channels i of its group
 * of what W[o][i] and x[i] give where it lies, nn.Conv1d and nn.Conv2d.
 * conv_transpose1d: nn.ConvTranspose1d, the gradient of a conv1d by its input;
 * `sizes` of it are that convolution's, whose inputs are this layer's outputs.
 * x is (C, L) or (C, H, W); W is [outputs][inputs / groups][kernel …]. */

#include <math.h>

#include "engine/nn/layer_window.h"
#include "engine/random/torch_random.h"

struct conv_options {
    int64_t out_channels, groups, output_padding;
    struct field_sizes kernel_size, stride, padding, dilation;
    bool bias;
    int padding_mode;
};

enum { CONV_WEIGHT, CONV_BIAS };
enum { PADDING_VALID, PADDING_SAME };
static const char *const PADDING_WORDS[] = {"valid", "same", NULL};
static const char *const PADDING_MODES[] = {"zeros", NULL};

#define CONV_FIELDS(axes, words_of_padding)                                    \
    {.key = "out_channels",                                                    \
     .type = FIELD_INTEGER,                                                    \
     .flags = FIELD_REQUIRED | FIELD_RANGE,                                    \
     FIELD_AT(struct conv_options, out_channels),                              \
     FIELD_BETWEEN(1, 1e6),                                                    \
     .help = "channels of the output"},                                        \
        WINDOW_FIELD("kernel_size", axes, 1,                                   \
                     .flags = FIELD_REQUIRED | FIELD_RANGE,                    \
                     FIELD_AT(struct conv_options, kernel_size),               \
                     .unit = "places", .help = "places that an output sees"),  \
        WINDOW_FIELD("stride", axes, 1, .flags = FIELD_RANGE,                  \
                     FIELD_AT(struct conv_options, stride),                    \
                     .default_text = "1", .unit = "places",                    \
                     .help = "from one window to the next"),                   \
        WINDOW_FIELD("padding", axes, 0, .flags = FIELD_RANGE,                 \
                     FIELD_AT(struct conv_options, padding),                   \
                     .default_text = "0", .words = (words_of_padding),         \
                     .unit = "places", .help = "zeros at both ends"),          \
        WINDOW_FIELD("dilation", axes, 1, .flags = FIELD_RANGE,                \
                     FIELD_AT(struct conv_options, dilation),                  \
                     .default_text = "1", .unit = "places",                    \
                     .help = "from one place that a window sees to the next"), \
        {.key = "groups",                                                      \
         .type = FIELD_INTEGER,                                                \
         .flags = FIELD_RANGE,                                                 \
         FIELD_AT(struct conv_options, groups),                                \
         FIELD_BETWEEN(1, 1e6),                                                \
         .default_text = "1",                                                  \
         .help = "parts of the channels that see nothing of each other"},      \
        {.key = "bias",                                                        \
         .type = FIELD_BOOLEAN,                                                \
         FIELD_AT(struct conv_options, bias),                                  \
         .default_text = "true",                                               \
         .help = "add a learned number to each output channel"},               \
    {                                                                          \
        .key = "padding_mode", .type = FIELD_WORD,                             \
        FIELD_AT(struct conv_options, padding_mode), .words = PADDING_MODES,   \
        .default_text = "zeros", .help = "what the padding holds"              \
    }

static const struct field CONV1D_FIELDS[] = {
    CONV_FIELDS(1, PADDING_WORDS),
    {.key = NULL},
};

static const struct field CONV2D_FIELDS[] = {
    CONV_FIELDS(2, PADDING_WORDS),
    {.key = NULL},
};

static const struct field CONV_TRANSPOSE1D_FIELDS[] = {
    CONV_FIELDS(1, NULL),
    {.key = "output_padding",
     .type = FIELD_INTEGER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct conv_options, output_padding),
     FIELD_BETWEEN(0, WINDOW_SIZE_LIMIT),
     .default_text = "0",
     .unit = "places",
     .help = "places more at the end of the output"},
    {.key = NULL},
};

static const struct field_refused CONV_REFUSED[] = {
    {"in_channels", "it follows from the layer before"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

/* ----------------------------------------------------------------- options */

static const char *check_groups(const struct conv_options *conv,
                                const char **key) {
    *key = "groups";
    return conv->out_channels % conv->groups ? "groups must divide out_channels"
                                             : NULL;
}

static const char *conv_check(const void *options, const char **key) {
    const struct conv_options *conv = options;
    const bool is_same =
        conv->padding.is_word && conv->padding.word == PADDING_SAME;
    for (int axis = 0; is_same && axis < FIELD_SIZES_LIMIT; axis++)
        if (conv->stride.values[axis] > 1) {
            *key = "padding";
            return "padding 'same' needs stride 1";
        }
    return check_groups(conv, key);
}

static const char *transpose_check(const void *options, const char **key) {
    const struct conv_options *conv = options;
    if (conv->output_padding >= conv->stride.values[0] &&
        conv->output_padding >= conv->dilation.values[0]) {
        *key = "output_padding";
        return "output_padding must be smaller than stride or dilation";
    }
    return check_groups(conv, key);
}

static bool sizes_equal(struct field_sizes a, struct field_sizes b) {
    return a.is_word == b.is_word && a.word == b.word &&
           a.values[0] == b.values[0] && a.values[1] == b.values[1];
}

static bool conv_alike(const void *a, const void *b) {
    const struct conv_options *one = a, *other = b;
    return one->groups == other->groups &&
           sizes_equal(one->kernel_size, other->kernel_size) &&
           sizes_equal(one->stride, other->stride) &&
           sizes_equal(one->padding, other->padding) &&
           sizes_equal(one->dilation, other->dilation);
}

/* ------------------------------------------------------------------- sizes */

/* Places from a window's first to its last. */
static int64_t reach_of(const struct conv_options *conv, int axis) {
    return conv->dilation.values[axis] * (conv->kernel_size.values[axis] - 1);
}

/* Padding in front and behind; of 'same', the odd one is behind. */
static int64_t padding_before(const struct conv_options *conv, int axis) {
    if (!conv->padding.is_word)
        return conv->padding.values[axis];
    return conv->padding.word == PADDING_SAME ? reach_of(conv, axis) / 2 : 0;
}

static int64_t padding_behind(const struct conv_options *conv, int axis) {
    if (conv->padding.is_word && conv->padding.word == PADDING_SAME)
        return reach_of(conv, axis) - padding_before(conv, axis);
    return padding_before(conv, axis);
}

/* How far a padded input of `in` places reaches past one window; negative where
 * it holds none. */
static int64_t places_past(const struct conv_options *conv, int axis,
                           int64_t in) {
    return in + padding_before(conv, axis) + padding_behind(conv, axis) - 1 -
           reach_of(conv, axis);
}

static struct window_axis axis_between(const struct conv_options *conv,
                                       int axis, int64_t in, int64_t out) {
    return (struct window_axis){
        .in = (size_t)in,
        .out = (size_t)out,
        .kernel = (size_t)conv->kernel_size.values[axis],
        .stride = (size_t)conv->stride.values[axis],
        .dilation = (size_t)conv->dilation.values[axis],
        .before = (size_t)padding_before(conv, axis),
    };
}

static struct window_axis conv_axis(const void *options, int axis, int64_t in) {
    const struct conv_options *conv = options;
    return axis_between(
        conv, axis, in,
        places_past(conv, axis, in) / conv->stride.values[axis] + 1);
}

static int64_t transposed_places(const struct conv_options *conv, int64_t in) {
    return (in - 1) * conv->stride.values[0] - 2 * conv->padding.values[0] +
           reach_of(conv, 0) + conv->output_padding + 1;
}

static struct window_axis transpose_axis(const void *options, int axis,
                                         int64_t in) {
    const struct conv_options *conv = options;
    return axis_between(conv, axis, transposed_places(conv, in), in);
}

static struct conv_sizes conv_sizes(const void *options, struct shape input) {
    const struct conv_options *conv = options;
    return (struct conv_sizes){
        .inputs = (size_t)input.size[0],
        .outputs = (size_t)conv->out_channels,
        .groups = (size_t)conv->groups,
        .window = window_of(options, input, conv_axis),
    };
}

static struct conv_sizes transpose_sizes(const void *options,
                                         struct shape input) {
    const struct conv_options *conv = options;
    return (struct conv_sizes){
        .inputs = (size_t)conv->out_channels,
        .outputs = (size_t)input.size[0],
        .groups = (size_t)conv->groups,
        .window = window_of(options, input, transpose_axis),
    };
}

/* ------------------------------------------------------------------ shapes */

static enum status_code check_channels(const struct conv_options *conv,
                                       struct shape input,
                                       struct status *status) {
    if (input.size[0] % conv->groups == 0)
        return STATUS_OK;
    return status_set_key(status, STATUS_CONFIG, "groups",
                          "groups must divide the input's %lld channels; found "
                          "%lld",
                          (long long)input.size[0], (long long)conv->groups);
}

static enum status_code conv_shape(const char *kind, int axes,
                                   const void *options, struct shape input,
                                   struct shape *output,
                                   struct status *status) {
    const struct conv_options *conv = options;
    char text[SHAPE_TEXT_SIZE];
    STATUS_TRY(window_check_rank(kind, axes, input, status));
    STATUS_TRY(check_channels(conv, input, status));
    for (int axis = 0; axis < axes; axis++)
        if (places_past(conv, axis, input.size[1 + axis]) < 0)
            return status_set_key(
                status, STATUS_CONFIG, "kernel_size",
                "the window reaches over %lld places, the padded input of "
                "shape %s has fewer",
                (long long)reach_of(conv, axis) + 1, shape_text(input, text));
    const struct conv_sizes sizes = conv_sizes(options, input);
    *output = window_output_shape(conv->out_channels, &sizes.window, 1 + axes);
    return window_check_units(*output, status);
}

static enum status_code conv1d_shape(const void *options, struct shape input,
                                     struct shape *output,
                                     struct status *status) {
    return conv_shape("conv1d", 1, options, input, output, status);
}

static enum status_code conv2d_shape(const void *options, struct shape input,
                                     struct shape *output,
                                     struct status *status) {
    return conv_shape("conv2d", 2, options, input, output, status);
}

static enum status_code transpose_shape(const void *options, struct shape input,
                                        struct shape *output,
                                        struct status *status) {
    const struct conv_options *conv = options;
    STATUS_TRY(window_check_rank("conv_transpose1d", 1, input, status));
    STATUS_TRY(check_channels(conv, input, status));
    const int64_t places = transposed_places(conv, input.size[1]);
    if (places < 1)
        return status_set_key(status, STATUS_CONFIG, "padding",
                              "the padding takes away all places of the "
                              "output: %lld would be left",
                              (long long)places);
    *output = (struct shape){2, {conv->out_channels, places}};
    return window_check_units(*output, status);
}

/* ----------------------------------------------------------------- tensors */

static size_t list_tensors(const struct conv_options *conv,
                           const struct conv_sizes *sizes, int rank,
                           struct tensor_layout layouts[]) {
    const int64_t outputs = (int64_t)sizes->outputs;
    const int64_t inputs = (int64_t)(sizes->inputs / sizes->groups);
    const int64_t y = (int64_t)sizes->window.y.kernel;
    const int64_t x = (int64_t)sizes->window.x.kernel;
    const struct shape weight =
        rank == 2 ? (struct shape){3, {outputs, inputs, x}}
                  : (struct shape){4, {outputs, inputs, y, x}};
    layouts[CONV_WEIGHT] = (struct tensor_layout){"weight", weight, false};
    layouts[CONV_BIAS] =
        (struct tensor_layout){"bias", {1, {conv->out_channels}}, false};
    return conv->bias ? 2 : 1;
}

static size_t conv_tensors(const void *options, struct shape input,
                           struct tensor_layout layouts[]) {
    const struct conv_sizes sizes = conv_sizes(options, input);
    return list_tensors(options, &sizes, input.rank, layouts);
}

static size_t transpose_tensors(const void *options, struct shape input,
                                struct tensor_layout layouts[]) {
    const struct conv_sizes sizes = transpose_sizes(options, input);
    return list_tensors(options, &sizes, input.rank, layouts);
}

/* kaiming_uniform_ with a = sqrt(5), and +-1/sqrt(fan_in) for the bias:
 * _ConvNd.reset_parameters. The fan is what one weight of the first axis has,
 * of a transposed convolution too. */
static void draw_tensors(const struct conv_options *conv,
                         const struct conv_sizes *sizes,
                         struct torch_generator *generator,
                         float *const *tensors) {
    const size_t weights =
        sizes->inputs / sizes->groups * window_taps(&sizes->window);
    const double fan_in = (double)weights, slope = sqrt(5.0);
    const double gain = sqrt(2.0 / (1 + slope * slope));
    const double weight_bound = sqrt(3.0) * (gain / sqrt(fan_in));
    const double bias_bound = 1 / sqrt(fan_in);
    struct mt19937 *words = &generator->twister;
    torch_uniform(words, -weight_bound, weight_bound, tensors[CONV_WEIGHT],
                  sizes->outputs * weights);
    if (conv->bias)
        torch_uniform(words, -bias_bound, bias_bound, tensors[CONV_BIAS],
                      (size_t)conv->out_channels);
}

static void conv_draw(const void *options, struct shape input,
                      struct torch_generator *generator,
                      float *const *tensors) {
    const struct conv_sizes sizes = conv_sizes(options, input);
    draw_tensors(options, &sizes, generator, tensors);
}

static void transpose_draw(const void *options, struct shape input,
                           struct torch_generator *generator,
                           float *const *tensors) {
    const struct conv_sizes sizes = transpose_sizes(options, input);
    draw_tensors(options, &sizes, generator, tensors);
}

/* ------------------------------------------------------------------ passes */

static const float *bias_of(const struct layer_call *call) {
    const struct conv_options *conv = call->options;
    return conv->bias ? call->tensors[CONV_BIAS] : NULL;
}

static void backward_bias(const struct layer_call *call) {
    const size_t channels = (size_t)call->output.size[0];
    if (bias_of(call))
        call->kernels->channel_sums(
            channels, (size_t)shape_units(call->output) / channels, call->cells,
            call->dy, call->gradients[CONV_BIAS]);
}

static void conv_forward(const struct layer_call *call) {
    const struct conv_sizes sizes = conv_sizes(call->options, call->input);
    call->kernels->conv_forward(&sizes, call->cells, call->tensors[CONV_WEIGHT],
                                bias_of(call), call->x, call->y, call->scratch);
}

static void conv_backward(const struct layer_call *call) {
    const struct conv_sizes sizes = conv_sizes(call->options, call->input);
    call->kernels->conv_backward_weight(&sizes, call->cells, call->x, call->dy,
                                        call->gradients[CONV_WEIGHT],
                                        call->scratch);
    backward_bias(call);
    if (call->dx)
        call->kernels->conv_backward_input(&sizes, call->cells,
                                           call->tensors[CONV_WEIGHT], NULL,
                                           call->dy, call->dx, call->scratch);
}

static void transpose_forward(const struct layer_call *call) {
    const struct conv_sizes sizes = transpose_sizes(call->options, call->input);
    call->kernels->conv_backward_input(
        &sizes, call->cells, call->tensors[CONV_WEIGHT], bias_of(call), call->x,
        call->y, call->scratch);
}

static void transpose_backward(const struct layer_call *call) {
    const struct conv_sizes sizes = transpose_sizes(call->options, call->input);
    call->kernels->conv_backward_weight(&sizes, call->cells, call->dy, call->x,
                                        call->gradients[CONV_WEIGHT],
                                        call->scratch);
    backward_bias(call);
    if (call->dx)
        call->kernels->conv_forward(&sizes, call->cells,
                                    call->tensors[CONV_WEIGHT], NULL, call->dy,
                                    call->dx, call->scratch);
}

static size_t conv_scratch(const void *options, struct shape input,
                           struct cells cells, size_t width) {
    const struct conv_sizes sizes = conv_sizes(options, input);
    return kernels_conv_scratch(&sizes, cells, width);
}

static size_t transpose_scratch(const void *options, struct shape input,
                                struct cells cells, size_t width) {
    const struct conv_sizes sizes = transpose_sizes(options, input);
    return kernels_conv_scratch(&sizes, cells, width);
}

const struct layer_kind LAYER_CONV1D = {
    .kind = {.name = "conv1d",
             .help = "the same weights at every place of (C, L)",
             .fields = CONV1D_FIELDS,
             .options_size = sizeof(struct conv_options),
             .refused = CONV_REFUSED,
             .check = conv_check},
    .shape = conv1d_shape,
    .forward = conv_forward,
    .backward = conv_backward,
    .tensors = conv_tensors,
    .draw = conv_draw,
    .alike = conv_alike,
    .scratch_floats = conv_scratch,
};

const struct layer_kind LAYER_CONV2D = {
    .kind = {.name = "conv2d",
             .help = "the same weights at every place of (C, H, W)",
             .fields = CONV2D_FIELDS,
             .options_size = sizeof(struct conv_options),
             .refused = CONV_REFUSED,
             .check = conv_check},
    .shape = conv2d_shape,
    .forward = conv_forward,
    .backward = conv_backward,
    .tensors = conv_tensors,
    .draw = conv_draw,
    .alike = conv_alike,
    .scratch_floats = conv_scratch,
};

const struct layer_kind LAYER_CONV_TRANSPOSE1D = {
    .kind = {.name = "conv_transpose1d",
             .help = "the gradient of conv1d by its input, as a layer",
             .fields = CONV_TRANSPOSE1D_FIELDS,
             .options_size = sizeof(struct conv_options),
             .refused = CONV_REFUSED,
             .check = transpose_check},
    .shape = transpose_shape,
    .forward = transpose_forward,
    .backward = transpose_backward,
    .tensors = transpose_tensors,
    .draw = transpose_draw,
    .alike = conv_alike,
    .scratch_floats = transpose_scratch,
};
