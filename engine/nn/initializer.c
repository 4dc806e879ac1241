/* torch.nn.init. Bounds and deviations are computed in binary64 in PyTorch's
 * order of operations. */

#include "engine/nn/initializer.h"

#include <assert.h>
#include <float.h>
#include <math.h>

/* Inputs of an output, and outputs of an input: a tensor is [out][in][kernel…].
 */
static double fan_in(struct shape shape) {
    return (double)(shape_units(shape) / shape.size[0]);
}

static double fan_out(struct shape shape) {
    assert(shape.rank >= 2);
    return (double)(shape_units(shape) / shape.size[1]);
}

static void draw_uniform(struct torch_generator *generator, double from,
                         double to, struct shape shape, float *values) {
    torch_uniform(&generator->twister, from, to, values,
                  (size_t)shape_units(shape));
}

static void draw_normal(struct torch_generator *generator, double mean,
                        double std, struct shape shape, float *values) {
    torch_normal(generator, mean, std, values, (size_t)shape_units(shape));
}

/* ---- kaiming ---- */

enum { MODE_FAN_IN, MODE_FAN_OUT };
static const char *const MODES[] = {"fan_in", "fan_out", NULL};

/* torch.nn.init.calculate_gain's; the first ones' gain is 1. */
static const char *const NONLINEARITIES[] = {"linear",
                                             "conv1d",
                                             "conv2d",
                                             "conv3d",
                                             "conv_transpose1d",
                                             "conv_transpose2d",
                                             "conv_transpose3d",
                                             "sigmoid",
                                             "tanh",
                                             "relu",
                                             "leaky_relu",
                                             "selu",
                                             NULL};
enum { TANH = 8, RELU, LEAKY_RELU, SELU };

struct kaiming_options {
    double a;
    int mode, nonlinearity;
};

static const struct field KAIMING_FIELDS[] = {
    {.key = "a",
     .type = FIELD_NUMBER,
     FIELD_AT(struct kaiming_options, a),
     .default_text = "0.0",
     .help = "negative slope, for leaky_relu"},
    {.key = "mode",
     .type = FIELD_WORD,
     FIELD_AT(struct kaiming_options, mode),
     .default_text = "fan_in",
     .words = MODES,
     .help = "what keeps its variance: the outputs, or the gradients"},
    {.key = "nonlinearity",
     .type = FIELD_WORD,
     FIELD_AT(struct kaiming_options, nonlinearity),
     .default_text = "leaky_relu",
     .words = NONLINEARITIES,
     .help = "what comes behind the layer"},
    {.key = NULL},
};

static double kaiming_gain(const struct kaiming_options *kaiming) {
    double a = kaiming->a;
    switch (kaiming->nonlinearity) {
    case TANH:
        return 5.0 / 3;
    case RELU:
        return sqrt(2.0);
    case LEAKY_RELU:
        return sqrt(2.0 / (1 + a * a));
    case SELU:
        return 3.0 / 4;
    default:
        return 1;
    }
}

static double kaiming_std(const struct kaiming_options *kaiming,
                          struct shape shape) {
    double fan = kaiming->mode == MODE_FAN_IN ? fan_in(shape) : fan_out(shape);
    return kaiming_gain(kaiming) / sqrt(fan);
}

static void fill_kaiming_uniform(const void *options, struct shape shape,
                                 struct torch_generator *generator,
                                 float *values) {
    double bound = sqrt(3.0) * kaiming_std(options, shape);
    draw_uniform(generator, -bound, bound, shape, values);
}

static void fill_kaiming_normal(const void *options, struct shape shape,
                                struct torch_generator *generator,
                                float *values) {
    draw_normal(generator, 0, kaiming_std(options, shape), shape, values);
}

static const struct initializer_kind KAIMING_UNIFORM = {
    .kind = {.name = "kaiming_uniform",
             .help = "He's: +-gain sqrt(3 / fan)",
             .fields = KAIMING_FIELDS,
             .options_size = sizeof(struct kaiming_options)},
    .needs_fans = true,
    .fill = fill_kaiming_uniform,
};

static const struct initializer_kind KAIMING_NORMAL = {
    .kind = {.name = "kaiming_normal",
             .help = "He's: deviation gain / sqrt(fan)",
             .fields = KAIMING_FIELDS,
             .options_size = sizeof(struct kaiming_options)},
    .needs_fans = true,
    .fill = fill_kaiming_normal,
};

/* ---- xavier ---- */

struct xavier_options {
    double gain;
};

static const struct field XAVIER_FIELDS[] = {
    {.key = "gain",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct xavier_options, gain),
     .default_text = "1.0",
     FIELD_BETWEEN(0, FLT_MAX),
     .help = "factor"},
    {.key = NULL},
};

static double xavier_std(const void *options, struct shape shape) {
    const struct xavier_options *xavier = options;
    return xavier->gain * sqrt(2.0 / (fan_in(shape) + fan_out(shape)));
}

static void fill_xavier_uniform(const void *options, struct shape shape,
                                struct torch_generator *generator,
                                float *values) {
    double bound = sqrt(3.0) * xavier_std(options, shape);
    draw_uniform(generator, -bound, bound, shape, values);
}

static void fill_xavier_normal(const void *options, struct shape shape,
                               struct torch_generator *generator,
                               float *values) {
    draw_normal(generator, 0, xavier_std(options, shape), shape, values);
}

static const struct initializer_kind XAVIER_UNIFORM = {
    .kind = {.name = "xavier_uniform",
             .help = "Glorot's: +-gain sqrt(6 / (fan_in + fan_out))",
             .fields = XAVIER_FIELDS,
             .options_size = sizeof(struct xavier_options)},
    .needs_fans = true,
    .fill = fill_xavier_uniform,
};

static const struct initializer_kind XAVIER_NORMAL = {
    .kind = {.name = "xavier_normal",
             .help = "Glorot's: deviation gain sqrt(2 / (fan_in + fan_out))",
             .fields = XAVIER_FIELDS,
             .options_size = sizeof(struct xavier_options)},
    .needs_fans = true,
    .fill = fill_xavier_normal,
};

/* ---- without fans ---- */

struct normal_options {
    double mean, std;
};

static const struct field NORMAL_FIELDS[] = {
    {.key = "mean",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct normal_options, mean),
     FIELD_BETWEEN(-FLT_MAX, FLT_MAX),
     .default_text = "0.0",
     .help = "mean"},
    {.key = "std",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct normal_options, std),
     .default_text = "1.0",
     FIELD_BETWEEN(0, FLT_MAX),
     .help = "standard deviation"},
    {.key = NULL},
};

static void fill_normal(const void *options, struct shape shape,
                        struct torch_generator *generator, float *values) {
    const struct normal_options *normal = options;
    draw_normal(generator, normal->mean, normal->std, shape, values);
}

static const struct initializer_kind NORMAL = {
    .kind = {.name = "normal",
             .help = "the normal distribution",
             .fields = NORMAL_FIELDS,
             .options_size = sizeof(struct normal_options)},
    .fill = fill_normal,
};

struct uniform_options {
    double a, b;
};

static const struct field UNIFORM_FIELDS[] = {
    {.key = "a",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct uniform_options, a),
     FIELD_BETWEEN(-FLT_MAX, FLT_MAX),
     .default_text = "0.0",
     .help = "lower end"},
    {.key = "b",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct uniform_options, b),
     FIELD_BETWEEN(-FLT_MAX, FLT_MAX),
     .default_text = "1.0",
     .help = "upper end"},
    {.key = NULL},
};

static const char *uniform_check(const void *options, const char **key) {
    const struct uniform_options *uniform = options;
    *key = "a";
    if (uniform->a > uniform->b)
        return "a must not be above b";
    return uniform->b - uniform->a > (double)FLT_MAX
               ? "b - a must be a float32 number"
               : NULL;
}

static void fill_uniform(const void *options, struct shape shape,
                         struct torch_generator *generator, float *values) {
    const struct uniform_options *uniform = options;
    draw_uniform(generator, uniform->a, uniform->b, shape, values);
}

static const struct initializer_kind UNIFORM = {
    .kind = {.name = "uniform",
             .help = "numbers in [a, b)",
             .fields = UNIFORM_FIELDS,
             .options_size = sizeof(struct uniform_options),
             .check = uniform_check},
    .fill = fill_uniform,
};

struct constant_options {
    double val;
};

static const struct field CONSTANT_FIELDS[] = {
    {.key = "val",
     .type = FIELD_NUMBER,
     .flags = FIELD_REQUIRED | FIELD_RANGE,
     FIELD_AT(struct constant_options, val),
     FIELD_BETWEEN(-FLT_MAX, FLT_MAX),
     .help = "of every element"},
    {.key = NULL},
};

static void fill_constant(const void *options, struct shape shape,
                          struct torch_generator *generator, float *values) {
    const struct constant_options *constant = options;
    (void)generator;
    for (int64_t i = 0; i < shape_units(shape); i++)
        values[i] = (float)constant->val;
}

static const struct initializer_kind CONSTANT = {
    .kind = {.name = "constant",
             .help = "one number everywhere; draws nothing",
             .fields = CONSTANT_FIELDS,
             .options_size = sizeof(struct constant_options)},
    .fill = fill_constant,
};

static const struct kind *const INITIALIZERS[] = {
    &KAIMING_UNIFORM.kind, &KAIMING_NORMAL.kind,
    &XAVIER_UNIFORM.kind,  &XAVIER_NORMAL.kind,
    &NORMAL.kind,          &UNIFORM.kind,
    &CONSTANT.kind,        NULL,
};

const struct kind_family INITIALIZER_FAMILY = {"initializers", "initializer",
                                               INITIALIZERS};
