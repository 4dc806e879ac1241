/* batch_norm1d, batch_norm2d: nn.BatchNorm1d, nn.BatchNorm2d. Each channel c is
 * normalized over the rows and positions of a batch:
 *
 *   y = weight[c] x^ + bias[c],  x^ = (x - mean[c]) / sqrt(variance[c] + eps)
 *
 * with the batch's own mean and biased variance in training. There the running
 * ones, which evaluation takes, move by `momentum` towards the batch's mean and
 * unbiased variance. Samples are (C), (C, L) or (C, H, W). */

#include "engine/nn/layer_kinds.h"

struct batch_norm_options {
    double eps;
    struct field_optional_number momentum; /* absent: the average of all */
    bool affine, track_running_stats;
};

enum { EPS, MOMENTUM, MOMENTUM_REST, BATCH_NORM_COEFFICIENTS };

static const struct field BATCH_NORM_FIELDS[] = {
    {.key = "eps",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct batch_norm_options, eps),
     FIELD_AT_LEAST(0),
     .default_text = "1e-5",
     .help = "added to the variance, against division by 0"},
    {.key = "momentum",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE | FIELD_NULLABLE,
     FIELD_OPTIONAL_AT(struct batch_norm_options, momentum),
     FIELD_BETWEEN(0, 1),
     .default_text = "0.1",
     .help = "share of a batch in the running mean and variance; null: the "
             "average of all batches"},
    {.key = "affine",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct batch_norm_options, affine),
     .default_text = "true",
     .help = "learn a factor and a number to add for each channel"},
    {.key = "track_running_stats",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct batch_norm_options, track_running_stats),
     .default_text = "true",
     .help = "evaluate with running mean and variance; false: with those of "
             "the part that is evaluated"},
    {.key = NULL},
};

static const struct field_refused BATCH_NORM_REFUSED[] = {
    {"num_features", "it follows from the layer before"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

/* ---- shapes ---- */

static enum status_code refuse_shape(const char *takes, struct shape input,
                                     struct status *status) {
    char text[SHAPE_TEXT_SIZE];
    return status_set(status, STATUS_CONFIG, "%s; found a sample of shape %s",
                      takes, shape_text(input, text));
}

static enum status_code batch_norm1d_shape(const void *options,
                                           struct shape input,
                                           struct shape *output,
                                           struct status *status) {
    (void)options;
    if (input.rank > 2)
        return refuse_shape("batch_norm1d takes samples (C) or (C, L)", input,
                            status);
    *output = input;
    return STATUS_OK;
}

static enum status_code batch_norm2d_shape(const void *options,
                                           struct shape input,
                                           struct shape *output,
                                           struct status *status) {
    (void)options;
    if (input.rank != 3)
        return refuse_shape("batch_norm2d takes samples (C, H, W)", input,
                            status);
    *output = input;
    return STATUS_OK;
}

static struct norm_sizes sizes_of(struct shape input) {
    size_t channels = (size_t)input.size[0];
    return (struct norm_sizes){channels, (size_t)shape_units(input) / channels};
}

/* ---- tensors ---- */

/* state_dict order; the last three where running statistics are kept, the first
 * two where there is something to learn. */
enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR, COUNTER, BATCH_NORM_TENSORS };

static bool has_tensor(const struct batch_norm_options *norm, int tensor) {
    return tensor < RUNNING_MEAN ? norm->affine : norm->track_running_stats;
}

static size_t batch_norm_tensors(const void *options, struct shape input,
                                 struct tensor_layout layouts[]) {
    const struct shape channels = {1, {input.size[0]}};
    const struct tensor_layout all[BATCH_NORM_TENSORS] = {
        [WEIGHT] = {"weight", channels, false},
        [BIAS] = {"bias", channels, false},
        [RUNNING_MEAN] = {"running_mean", channels, true},
        [RUNNING_VAR] = {"running_var", channels, true},
        [COUNTER] = {"num_batches_tracked", {0, {0}}, true},
    };
    size_t count = 0;
    for (int i = 0; i < BATCH_NORM_TENSORS; i++)
        if (has_tensor(options, i))
            layouts[count++] = all[i];
    return count;
}

/* Where a tensor is in the call's arrays. */
static size_t tensor_index(const struct batch_norm_options *norm, int tensor) {
    return (size_t)(tensor < RUNNING_MEAN || norm->affine
                        ? tensor
                        : tensor - RUNNING_MEAN);
}

static void fill(float *values, size_t count, float value) {
    for (size_t i = 0; i < count; i++)
        values[i] = value;
}

/* Draws nothing. */
static void batch_norm_draw(const void *options, struct shape input,
                            struct torch_generator *generator,
                            float *const *tensors) {
    static const float first[] = {
        [WEIGHT] = 1, [BIAS] = 0, [RUNNING_MEAN] = 0, [RUNNING_VAR] = 1};
    const struct batch_norm_options *norm = options;
    (void)generator;
    for (int i = 0; i < COUNTER; i++)
        if (has_tensor(norm, i))
            fill(tensors[tensor_index(norm, i)], (size_t)input.size[0],
                 first[i]);
}

static const float *tensor_of(const struct layer_call *call, int tensor) {
    const struct batch_norm_options *norm = call->options;
    return has_tensor(norm, tensor) ? call->tensors[tensor_index(norm, tensor)]
                                    : NULL;
}

/* ---- runs ---- */

static void split_number(double value, float *high, float *low) {
    *high = (float)value;
    *low = (float)(value - (double)*high);
}

static size_t batch_norm_coefficients(const void *options, double values[]) {
    const struct batch_norm_options *norm = options;
    float high, low;
    split_number(norm->momentum.value, &high, &low);
    values[EPS] = norm->eps;
    values[MOMENTUM] = (double)high;
    values[MOMENTUM_REST] = (double)low;
    return BATCH_NORM_COEFFICIENTS;
}

static bool batch_norm_alike(const void *a, const void *b) {
    const struct batch_norm_options *one = a, *other = b;
    return one->momentum.present == other->momentum.present &&
           one->affine == other->affine &&
           one->track_running_stats == other->track_running_stats;
}

static bool batch_norm_is_whole(const void *options) {
    const struct batch_norm_options *norm = options;
    return !norm->track_running_stats;
}

/* A channel must have two values to have a variance. */
static size_t batch_norm_least_rows(const void *options, struct shape input) {
    (void)options;
    return sizes_of(input).inner > 1 ? 1 : 2;
}

static size_t batch_norm_saved(const void *options, struct shape input,
                               struct cells cells, size_t width) {
    (void)options, (void)cells;
    return KERNEL_NORM_NOTES * sizes_of(input).outer * width;
}

/* The batch's means and variances. */
static size_t batch_norm_scratch(const void *options, struct shape input,
                                 struct cells cells, size_t width) {
    (void)options, (void)cells;
    return 2 * sizes_of(input).outer * width;
}

/* ---- arithmetic ---- */

/* By momentum, or so that it is the average of the batches so far. */
static void update_running(const struct layer_call *call, const float *mean,
                           const float *variance) {
    const struct batch_norm_options *norm = call->options;
    size_t channels = sizes_of(call->input).outer, lanes = call->cells.lanes;
    float high[KERNEL_WIDTH_LIMIT], low[KERNEL_WIDTH_LIMIT];
    const float *rate[2] = {call->coefficients[MOMENTUM],
                            call->coefficients[MOMENTUM_REST]};
    if (!norm->momentum.present) {
        split_number(1 / (double)call->state->batch, &high[0], &low[0]);
        fill(high, KERNEL_WIDTH_LIMIT, high[0]);
        fill(low, KERNEL_WIDTH_LIMIT, low[0]);
        rate[0] = high;
        rate[1] = low;
    }
    call->kernels->running_average(
        channels, lanes, rate, mean,
        call->buffers[tensor_index(norm, RUNNING_MEAN)]);
    call->kernels->running_average(
        channels, lanes, rate, variance,
        call->buffers[tensor_index(norm, RUNNING_VAR)]);
}

static void take_statistics(const struct layer_call *call) {
    const struct batch_norm_options *norm = call->options;
    const struct norm_sizes sizes = sizes_of(call->input);
    const float *eps = call->coefficients[EPS];
    float *mean = call->scratch;
    float *variance = mean + sizes.outer * call->kernels->width;
    if (!call->training && norm->track_running_stats) {
        call->kernels->given_statistics(
            sizes.outer, call->cells.lanes, eps, tensor_of(call, RUNNING_MEAN),
            tensor_of(call, RUNNING_VAR), call->saved);
        return;
    }
    call->kernels->batch_statistics(sizes, call->cells, eps, call->x,
                                    call->saved, mean, variance);
    if (norm->track_running_stats)
        update_running(call, mean, variance);
}

static void batch_norm_forward(const struct layer_call *call) {
    take_statistics(call);
    call->kernels->batch_norm_forward(sizes_of(call->input), call->cells,
                                      call->saved, tensor_of(call, WEIGHT),
                                      tensor_of(call, BIAS), call->x, call->y);
}

static void batch_norm_backward(const struct layer_call *call) {
    const struct batch_norm_options *norm = call->options;
    call->kernels->batch_norm_backward(
        sizes_of(call->input), call->cells, call->saved,
        tensor_of(call, WEIGHT), call->x, call->dy,
        norm->affine ? call->gradients[WEIGHT] : NULL,
        norm->affine ? call->gradients[BIAS] : NULL, call->dx);
}

#define BATCH_NORM_KIND                                                        \
    .kind.fields = BATCH_NORM_FIELDS,                                          \
    .kind.options_size = sizeof(struct batch_norm_options),                    \
    .kind.refused = BATCH_NORM_REFUSED, .forward = batch_norm_forward,         \
    .backward = batch_norm_backward, .tensors = batch_norm_tensors,            \
    .draw = batch_norm_draw, .coefficients = batch_norm_coefficients,          \
    .alike = batch_norm_alike, .scratch_floats = batch_norm_scratch,           \
    .saved_floats = batch_norm_saved, .is_whole = batch_norm_is_whole,         \
    .least_rows = batch_norm_least_rows

const struct layer_kind LAYER_BATCH_NORM1D = {
    BATCH_NORM_KIND,
    .kind.name = "batch_norm1d",
    .kind.help = "each channel to mean 0 and variance 1 over a batch",
    .shape = batch_norm1d_shape,
};

const struct layer_kind LAYER_BATCH_NORM2D = {
    BATCH_NORM_KIND,
    .kind.name = "batch_norm2d",
    .kind.help = "each channel of images to mean 0 and variance 1 over a batch",
    .shape = batch_norm2d_shape,
};
