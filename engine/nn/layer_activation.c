/* Elementwise activations: y = f(x) for every number of a sample, whatever its
 * shape. f and its derivative are rows of engine/kernel/activation.def; a row
 * here gives it a name, a help text and, where it has them, options. */

#include "engine/nn/layer_kinds.h"

static enum status_code same_shape(const void *options, struct shape input,
                                   struct shape *output,
                                   struct status *status) {
    (void)options, (void)status; /* takes every input there is */
    *output = input;
    return STATUS_OK;
}

static void apply(const struct layer_call *call, int kernel) {
    call->kernels->activation[kernel].forward((size_t)shape_units(call->input),
                                              call->cells, call->coefficients,
                                              call->x, call->y);
}

static void apply_backward(const struct layer_call *call, int kernel) {
    if (call->dx)
        call->kernels->activation[kernel].backward(
            (size_t)shape_units(call->input), call->cells, call->coefficients,
            call->x, call->y, call->dy, call->dx);
}

static void activation_forward(const struct layer_call *call) {
    apply(call, call->kind->kernel);
}

static void activation_backward(const struct layer_call *call) {
    apply_backward(call, call->kind->kernel);
}

static const struct field_refused ACTIVATION_REFUSED[] = {
    {"inplace", "it saves memory and changes no number"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

/* What all rows share. */
#define ACTIVATION_KIND(word)                                                  \
    .kind.name = #word, .kind.refused = ACTIVATION_REFUSED,                    \
    .shape = same_shape, .kernel = ACTIVATION_##word
#define ACTIVATION_FUNCTIONS                                                   \
    .forward = activation_forward, .backward = activation_backward,            \
    .in_place = true

/* ---- without options ---- */

const struct layer_kind LAYER_SIGMOID = {
    ACTIVATION_KIND(sigmoid),
    ACTIVATION_FUNCTIONS,
    .kind.help = "1 / (1 + exp(-x)), between 0 and 1",
    .range = RANGE_PROBABILITY,
};

const struct layer_kind LAYER_TANH = {
    ACTIVATION_KIND(tanh),
    ACTIVATION_FUNCTIONS,
    .kind.help = "hyperbolic tangent, between -1 and 1",
};

const struct layer_kind LAYER_RELU = {
    ACTIVATION_KIND(relu),
    ACTIVATION_FUNCTIONS,
    .kind.help = "max(0, x)",
};

const struct layer_kind LAYER_SELU = {
    ACTIVATION_KIND(selu),
    ACTIVATION_FUNCTIONS,
    .kind.help = "elu scaled to keep mean 0 and variance 1",
};

const struct layer_kind LAYER_SILU = {
    ACTIVATION_KIND(silu),
    ACTIVATION_FUNCTIONS,
    .kind.help = "x sigmoid(x), also called swish",
};

const struct layer_kind LAYER_SOFTSIGN = {
    ACTIVATION_KIND(softsign),
    ACTIVATION_FUNCTIONS,
    .kind.help = "x / (1 + |x|)",
};

/* ---- leaky_relu, elu: one number ---- */

struct slope_options {
    double slope;
};

static size_t slope_coefficients(const void *options, double values[]) {
    const struct slope_options *slope = options;
    values[0] = slope->slope;
    return 1;
}

static const struct field LEAKY_RELU_FIELDS[] = {
    {.key = "negative_slope",
     .type = FIELD_NUMBER,
     FIELD_AT(struct slope_options, slope),
     .default_text = "0.01",
     .help = "factor where x is below 0"},
    {.key = NULL},
};

const struct layer_kind LAYER_LEAKY_RELU = {
    ACTIVATION_KIND(leaky_relu),
    ACTIVATION_FUNCTIONS,
    .kind.help = "x, or negative_slope x where x is below 0",
    .kind.fields = LEAKY_RELU_FIELDS,
    .kind.options_size = sizeof(struct slope_options),
    .coefficients = slope_coefficients,
};

static const struct field ELU_FIELDS[] = {
    {.key = "alpha",
     .type = FIELD_NUMBER,
     FIELD_AT(struct slope_options, slope),
     .default_text = "1.0",
     .help = "-alpha is the limit for x far below 0"},
    {.key = NULL},
};

const struct layer_kind LAYER_ELU = {
    ACTIVATION_KIND(elu),
    ACTIVATION_FUNCTIONS,
    .kind.help = "x, or alpha (exp(x) - 1) where x is below 0",
    .kind.fields = ELU_FIELDS,
    .kind.options_size = sizeof(struct slope_options),
    .coefficients = slope_coefficients,
};

/* ---- softplus: two numbers ---- */

struct softplus_options {
    double beta, threshold;
};

static const struct field SOFTPLUS_FIELDS[] = {
    {.key = "beta",
     .type = FIELD_NUMBER,
     FIELD_AT(struct softplus_options, beta),
     .default_text = "1.0",
     .help = "sharpness of the bend, not 0"},
    {.key = "threshold",
     .type = FIELD_NUMBER,
     FIELD_AT(struct softplus_options, threshold),
     .default_text = "20.0",
     .help = "x itself is taken where beta x is above"},
    {.key = NULL},
};

static const char *softplus_check(const void *options, const char **key) {
    const struct softplus_options *softplus = options;
    *key = "beta";
    return (float)softplus->beta == 0 ? "beta must not be 0" : NULL;
}

static size_t softplus_coefficients(const void *options, double values[]) {
    const struct softplus_options *softplus = options;
    values[0] = softplus->beta;
    values[1] = softplus->threshold;
    return 2;
}

const struct layer_kind LAYER_SOFTPLUS = {
    ACTIVATION_KIND(softplus),
    ACTIVATION_FUNCTIONS,
    .kind.help = "log(1 + exp(beta x)) / beta, a smooth relu",
    .kind.fields = SOFTPLUS_FIELDS,
    .kind.options_size = sizeof(struct softplus_options),
    .kind.check = softplus_check,
    .coefficients = softplus_coefficients,
};

/* ---- gelu: a kernel a word ---- */

struct gelu_options {
    int approximate;
};

static const char *const GELU_WORDS[] = {"none", "tanh", NULL};
static const int GELU_KERNELS[] = {ACTIVATION_gelu, ACTIVATION_gelu_tanh};

static const struct field GELU_FIELDS[] = {
    {.key = "approximate",
     .type = FIELD_WORD,
     FIELD_AT(struct gelu_options, approximate),
     .default_text = "none",
     .words = GELU_WORDS,
     .help = "none: by erf; tanh: by the tanh formula"},
    {.key = NULL},
};

static int gelu_kernel(const void *options) {
    const struct gelu_options *gelu = options;
    return GELU_KERNELS[gelu->approximate];
}

static void gelu_forward(const struct layer_call *call) {
    apply(call, gelu_kernel(call->options));
}

static void gelu_backward(const struct layer_call *call) {
    apply_backward(call, gelu_kernel(call->options));
}

static bool gelu_alike(const void *a, const void *b) {
    return gelu_kernel(a) == gelu_kernel(b);
}

const struct layer_kind LAYER_GELU = {
    ACTIVATION_KIND(gelu),
    .forward = gelu_forward,
    .backward = gelu_backward,
    .alike = gelu_alike,
    .kind.help = "x times the normal distribution function of x",
    .kind.fields = GELU_FIELDS,
    .kind.options_size = sizeof(struct gelu_options),
};
