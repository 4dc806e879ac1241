/* max_pool1d, max_pool2d, avg_pool1d, avg_pool2d: of every channel, the largest
 * or the mean of what each window sees, nn.MaxPool1d and so on. x is (C, L) or
 * (C, H, W). */

#include "engine/nn/layer_window.h"

struct pool_options {
    struct field_sizes kernel_size, padding, dilation;
    struct field_optional_sizes stride;
    bool ceil_mode, count_include_pad;
};

#define POOL_FIELDS(axes)                                                      \
    WINDOW_FIELD("kernel_size", axes, 1,                                       \
                 .flags = FIELD_REQUIRED | FIELD_RANGE,                        \
                 FIELD_AT(struct pool_options, kernel_size), .unit = "places", \
                 .help = "places that an output sees"),                        \
        WINDOW_FIELD("stride", axes, 1, .flags = FIELD_DERIVED | FIELD_RANGE,  \
                     FIELD_OPTIONAL_AT(struct pool_options, stride),           \
                     .default_text = "kernel_size", .unit = "places",          \
                     .help = "from one window to the next"),                   \
        WINDOW_FIELD("padding", axes, 0, .flags = FIELD_RANGE,                 \
                     FIELD_AT(struct pool_options, padding),                   \
                     .default_text = "0", .unit = "places",                    \
                     .help = "at both ends"),                                  \
    {                                                                          \
        .key = "ceil_mode", .type = FIELD_BOOLEAN,                             \
        FIELD_AT(struct pool_options, ceil_mode), .default_text = "false",     \
        .help = "a last window may reach beyond the end"                       \
    }

#define MAX_POOL_FIELDS(axes)                                                  \
    POOL_FIELDS(axes),                                                         \
        WINDOW_FIELD("dilation", axes, 1, .flags = FIELD_RANGE,                \
                     FIELD_AT(struct pool_options, dilation),                  \
                     .default_text = "1", .unit = "places",                    \
                     .help = "from one place that a window sees to the next"), \
    {                                                                          \
        .key = NULL                                                            \
    }

#define AVG_POOL_FIELDS(axes)                                                  \
    POOL_FIELDS(axes),                                                         \
        {.key = "count_include_pad",                                           \
         .type = FIELD_BOOLEAN,                                                \
         FIELD_AT(struct pool_options, count_include_pad),                     \
         .default_text = "true",                                               \
         .help = "padding counts among what is averaged"},                     \
    {                                                                          \
        .key = NULL                                                            \
    }

static const struct field MAX_POOL1D_FIELDS[] = {MAX_POOL_FIELDS(1)};
static const struct field MAX_POOL2D_FIELDS[] = {MAX_POOL_FIELDS(2)};
static const struct field AVG_POOL1D_FIELDS[] = {AVG_POOL_FIELDS(1)};
static const struct field AVG_POOL2D_FIELDS[] = {AVG_POOL_FIELDS(2)};

static const struct field_refused MAX_POOL_REFUSED[] = {
    {"return_indices", "a layer gives one array"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

static const struct field_refused AVG_POOL_REFUSED[] = {
    {"divisor_override", "a mean divides by the size of its window"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

/* ------------------------------------------------------------------- sizes */

static const char *pool_check(const void *options, const char **key) {
    const struct pool_options *pool = options;
    *key = "padding";
    for (int axis = 0; axis < FIELD_SIZES_LIMIT; axis++)
        if (2 * pool->padding.values[axis] > pool->kernel_size.values[axis])
            return "padding must be at most half of kernel_size";
    return NULL;
}

static const struct field_sizes *stride_of(const struct pool_options *pool) {
    return pool->stride.present ? &pool->stride.value : &pool->kernel_size;
}

static bool sizes_equal(const struct field_sizes *a,
                        const struct field_sizes *b) {
    return a->values[0] == b->values[0] && a->values[1] == b->values[1];
}

static bool pool_alike(const void *a, const void *b) {
    const struct pool_options *one = a, *other = b;
    return one->ceil_mode == other->ceil_mode &&
           one->count_include_pad == other->count_include_pad &&
           sizes_equal(&one->kernel_size, &other->kernel_size) &&
           sizes_equal(&one->padding, &other->padding) &&
           sizes_equal(&one->dilation, &other->dilation) &&
           sizes_equal(stride_of(one), stride_of(other));
}

/* Means have no dilation. */
static int64_t dilation_of(const struct pool_options *pool, int axis) {
    const int64_t dilation = pool->dilation.values[axis];
    return dilation ? dilation : 1;
}

/* ATen's pooling_output_shape: with ceil_mode a window more, unless it would
 * begin behind the input and the padding in front of it. At most 0 where there
 * is no window. */
static int64_t pool_places(const struct pool_options *pool, int axis,
                           int64_t in) {
    const int64_t stride = stride_of(pool)->values[axis];
    const int64_t padding = pool->padding.values[axis];
    const int64_t reach =
        dilation_of(pool, axis) * (pool->kernel_size.values[axis] - 1);
    const int64_t past =
        in + 2 * padding - 1 - reach + (pool->ceil_mode ? stride - 1 : 0);
    if (past < 0)
        return 0;
    const int64_t places = past / stride + 1;
    const bool is_behind =
        pool->ceil_mode && (places - 1) * stride >= in + padding;
    return is_behind ? places - 1 : places;
}

static struct window_axis pool_axis(const void *options, int axis, int64_t in) {
    const struct pool_options *pool = options;
    return (struct window_axis){
        .in = (size_t)in,
        .out = (size_t)pool_places(pool, axis, in),
        .kernel = (size_t)pool->kernel_size.values[axis],
        .stride = (size_t)stride_of(pool)->values[axis],
        .dilation = (size_t)dilation_of(pool, axis),
        .before = (size_t)pool->padding.values[axis],
    };
}

static struct pool_sizes pool_sizes(const void *options, struct shape input) {
    const struct pool_options *pool = options;
    return (struct pool_sizes){
        .channels = (size_t)input.size[0],
        .count_padding = pool->count_include_pad,
        .window = window_of(options, input, pool_axis),
    };
}

static enum status_code pool_shape(const char *kind, int axes,
                                   const void *options, struct shape input,
                                   struct shape *output,
                                   struct status *status) {
    char text[SHAPE_TEXT_SIZE];
    STATUS_TRY(window_check_rank(kind, axes, input, status));
    for (int axis = 0; axis < axes; axis++)
        if (pool_places(options, axis, input.size[1 + axis]) < 1)
            return status_set_key(status, STATUS_CONFIG, "kernel_size",
                                  "the window is larger than the padded input "
                                  "of shape %s",
                                  shape_text(input, text));
    const struct pool_sizes sizes = pool_sizes(options, input);
    *output = window_output_shape(input.size[0], &sizes.window, 1 + axes);
    return window_check_units(*output, status);
}

#define POOL_SHAPE(name, axes)                                                 \
    static enum status_code name##_shape(                                      \
        const void *options, struct shape input, struct shape *output,         \
        struct status *status) {                                               \
        return pool_shape(#name, axes, options, input, output, status);        \
    }
POOL_SHAPE(max_pool1d, 1)
POOL_SHAPE(max_pool2d, 2)
POOL_SHAPE(avg_pool1d, 1)
POOL_SHAPE(avg_pool2d, 2)

/* ------------------------------------------------------------------ passes */

static size_t pool_scratch(const void *options, struct shape input,
                           struct cells cells, size_t width) {
    const struct pool_sizes sizes = pool_sizes(options, input);
    (void)cells, (void)width;
    return kernels_pool_scratch(&sizes);
}

/* Where the largest were. */
static size_t max_pool_saved(const void *options, struct shape input,
                             struct cells cells, size_t width) {
    const struct pool_sizes sizes = pool_sizes(options, input);
    (void)width;
    return sizes.channels * window_outputs(&sizes.window) * cells.stride;
}

static void max_pool_forward(const struct layer_call *call) {
    const struct pool_sizes sizes = pool_sizes(call->options, call->input);
    call->kernels->max_pool_forward(&sizes, call->cells, call->through != NULL,
                                    call->x, call->y, call->saved,
                                    call->scratch);
}

/* Where a window's largest number is, relu's derivative follows from the pool's
 * y, and elsewhere dx is 0: the fewer numbers behind the pool will do. */
static void max_pool_backward(const struct layer_call *call) {
    const struct pool_sizes sizes = pool_sizes(call->options, call->input);
    if (call->through)
        call->kernels->activation[ACTIVATION_relu].backward(
            (size_t)shape_units(call->output), call->cells, NULL, call->y,
            call->y, call->dy, call->dy);
    if (call->dx)
        call->kernels->max_pool_backward(&sizes, call->cells, call->saved,
                                         call->dy, call->dx, call->scratch);
}

static void avg_pool_forward(const struct layer_call *call) {
    const struct pool_sizes sizes = pool_sizes(call->options, call->input);
    call->kernels->avg_pool_forward(&sizes, call->cells, call->x, call->y,
                                    call->scratch);
}

static void avg_pool_backward(const struct layer_call *call) {
    const struct pool_sizes sizes = pool_sizes(call->options, call->input);
    if (call->dx)
        call->kernels->avg_pool_backward(&sizes, call->cells, call->dy,
                                         call->dx, call->scratch);
}

const struct layer_kind LAYER_MAX_POOL1D = {
    .kind = {.name = "max_pool1d",
             .help = "the largest of each window, of (C, L)",
             .fields = MAX_POOL1D_FIELDS,
             .options_size = sizeof(struct pool_options),
             .refused = MAX_POOL_REFUSED,
             .check = pool_check},
    .shape = max_pool1d_shape,
    .forward = max_pool_forward,
    .backward = max_pool_backward,
    .takes = &LAYER_RELU,
    .alike = pool_alike,
    .scratch_floats = pool_scratch,
    .saved_floats = max_pool_saved,
};

const struct layer_kind LAYER_MAX_POOL2D = {
    .kind = {.name = "max_pool2d",
             .help = "the largest of each window, of (C, H, W)",
             .fields = MAX_POOL2D_FIELDS,
             .options_size = sizeof(struct pool_options),
             .refused = MAX_POOL_REFUSED,
             .check = pool_check},
    .shape = max_pool2d_shape,
    .forward = max_pool_forward,
    .backward = max_pool_backward,
    .takes = &LAYER_RELU,
    .alike = pool_alike,
    .scratch_floats = pool_scratch,
    .saved_floats = max_pool_saved,
};

const struct layer_kind LAYER_AVG_POOL1D = {
    .kind = {.name = "avg_pool1d",
             .help = "the mean of each window, of (C, L)",
             .fields = AVG_POOL1D_FIELDS,
             .options_size = sizeof(struct pool_options),
             .refused = AVG_POOL_REFUSED,
             .check = pool_check},
    .shape = avg_pool1d_shape,
    .forward = avg_pool_forward,
    .backward = avg_pool_backward,
    .alike = pool_alike,
    .scratch_floats = pool_scratch,
};

const struct layer_kind LAYER_AVG_POOL2D = {
    .kind = {.name = "avg_pool2d",
             .help = "the mean of each window, of (C, H, W)",
             .fields = AVG_POOL2D_FIELDS,
             .options_size = sizeof(struct pool_options),
             .refused = AVG_POOL_REFUSED,
             .check = pool_check},
    .shape = avg_pool2d_shape,
    .forward = avg_pool_forward,
    .backward = avg_pool_backward,
    .alike = pool_alike,
    .scratch_floats = pool_scratch,
};
