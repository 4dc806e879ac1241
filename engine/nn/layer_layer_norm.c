/* layer_norm: nn.LayerNorm over the last axis of a sample, each cell's F
 * numbers for itself:
 *
 *   y_f = weight[f] x^_f + bias[f],  x^ = (x - mean) / sqrt(variance + eps)
 *
 * with the mean and the biased variance of the F numbers. */

#include "engine/nn/layer_kinds.h"

struct layer_norm_options {
    double eps;
    bool elementwise_affine;
};

enum { WEIGHT, BIAS, LAYER_NORM_TENSORS };

static const struct field LAYER_NORM_FIELDS[] = {
    {.key = "eps",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct layer_norm_options, eps),
     FIELD_AT_LEAST(0),
     .default_text = "1e-5",
     .help = "added to the variance, against division by 0"},
    {.key = "elementwise_affine",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct layer_norm_options, elementwise_affine),
     .default_text = "true",
     .help = "learn a factor and a number to add for each place of the axis"},
    {.key = NULL},
};

static const struct field_refused LAYER_NORM_REFUSED[] = {
    {"normalized_shape", "it is the last axis of the layer before"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

static enum status_code layer_norm_shape(const void *options,
                                         struct shape input,
                                         struct shape *output,
                                         struct status *status) {
    const struct layer_norm_options *norm = options;
    if (norm->eps == 0 && input.size[input.rank - 1] == 1)
        return status_set_key(status, STATUS_CONFIG, "eps",
                              "eps must not be 0 where the last axis has 1 "
                              "number, whose variance is 0");
    *output = input;
    return STATUS_OK;
}

static struct norm_sizes sizes_of(struct shape input) {
    size_t features = (size_t)input.size[input.rank - 1];
    return (struct norm_sizes){(size_t)shape_units(input) / features, features};
}

static size_t layer_norm_tensors(const void *options, struct shape input,
                                 struct tensor_layout layouts[]) {
    const struct layer_norm_options *norm = options;
    const struct shape features = {1, {input.size[input.rank - 1]}};
    layouts[WEIGHT] = (struct tensor_layout){"weight", features, false};
    layouts[BIAS] = (struct tensor_layout){"bias", features, false};
    return norm->elementwise_affine ? LAYER_NORM_TENSORS : 0;
}

/* Draws nothing. */
static void layer_norm_draw(const void *options, struct shape input,
                            struct torch_generator *generator,
                            float *const *tensors) {
    const struct layer_norm_options *norm = options;
    (void)generator;
    for (size_t i = 0; norm->elementwise_affine && i < sizes_of(input).inner;
         i++) {
        tensors[WEIGHT][i] = 1;
        tensors[BIAS][i] = 0;
    }
}

static size_t layer_norm_coefficients(const void *options, double values[]) {
    const struct layer_norm_options *norm = options;
    values[0] = norm->eps;
    return 1;
}

static bool layer_norm_alike(const void *a, const void *b) {
    const struct layer_norm_options *one = a, *other = b;
    return one->elementwise_affine == other->elementwise_affine;
}

static size_t layer_norm_saved(const void *options, struct shape input,
                               struct cells cells, size_t width) {
    (void)options, (void)width;
    return KERNEL_NORM_NOTES * sizes_of(input).outer * cells.stride;
}

static const float *weight_of(const struct layer_call *call) {
    const struct layer_norm_options *norm = call->options;
    return norm->elementwise_affine ? call->tensors[WEIGHT] : NULL;
}

static void layer_norm_forward(const struct layer_call *call) {
    const float *weight = weight_of(call);
    call->kernels->layer_norm_forward(
        sizes_of(call->input), call->cells, call->coefficients[0], weight,
        weight ? call->tensors[BIAS] : NULL, call->x, call->y, call->saved);
}

static void layer_norm_backward(const struct layer_call *call) {
    const float *weight = weight_of(call);
    call->kernels->layer_norm_backward(
        sizes_of(call->input), call->cells, call->saved, weight, call->x,
        call->dy, weight ? call->gradients[WEIGHT] : NULL,
        weight ? call->gradients[BIAS] : NULL, call->dx);
}

const struct layer_kind LAYER_LAYER_NORM = {
    .kind = {.name = "layer_norm",
             .help = "the last axis of a sample to mean 0 and variance 1",
             .fields = LAYER_NORM_FIELDS,
             .options_size = sizeof(struct layer_norm_options),
             .refused = LAYER_NORM_REFUSED},
    .shape = layer_norm_shape,
    .forward = layer_norm_forward,
    .backward = layer_norm_backward,
    .tensors = layer_norm_tensors,
    .draw = layer_norm_draw,
    .coefficients = layer_norm_coefficients,
    .alike = layer_norm_alike,
    .saved_floats = layer_norm_saved,
};
