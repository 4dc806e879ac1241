/* rnn, lstm, gru: nn.RNN, nn.LSTM, nn.GRU with batch_first. x is (T, F), y the
 * last layer's h at every step: (T, H) or, of two directions, (T, 2 H). The
 * formulas are kernel.h's (PyTorch 1.13, aten/src/ATen/native/RNN.cpp). */

#include "engine/nn/layer_recurrent.h"

#include <math.h>
#include <stdio.h>

#include "engine/nn/layer_kinds.h"
#include "engine/random/torch_random.h"

/* -------------------------------------------------------------------- options
 */

/* A layer's tensors are at most 8. */
enum { LAYERS_MOST = LAYER_TENSOR_LIMIT / 8 };

#define RECURRENT_FIELDS                                                       \
    {.key = "hidden_size",                                                     \
     .type = FIELD_INTEGER,                                                    \
     .flags = FIELD_REQUIRED | FIELD_RANGE,                                    \
     FIELD_AT(struct recurrent_options, hidden_size),                          \
     FIELD_BETWEEN(1, 1e6),                                                    \
     .help = "numbers in the state, and outputs of a direction"},              \
        {.key = "num_layers",                                                  \
         .type = FIELD_INTEGER,                                                \
         .flags = FIELD_RANGE,                                                 \
         FIELD_AT(struct recurrent_options, num_layers),                       \
         FIELD_BETWEEN(1, LAYERS_MOST),                                        \
         .default_text = "1",                                                  \
         .help = "layers on top of each other"},                               \
        {.key = "bias",                                                        \
         .type = FIELD_BOOLEAN,                                                \
         FIELD_AT(struct recurrent_options, bias),                             \
         .default_text = "true",                                               \
         .help = "add learned numbers to both sums"},                          \
        {.key = "dropout",                                                     \
         .type = FIELD_NUMBER,                                                 \
         .flags = FIELD_RANGE,                                                 \
         FIELD_AT(struct recurrent_options, dropout),                          \
         FIELD_BETWEEN(0, 1),                                                  \
         .default_text = "0.0",                                                \
         .help = "probability of a number between layers to be left out of "   \
                 "an update"},                                                 \
    {                                                                          \
        .key = "bidirectional", .type = FIELD_BOOLEAN,                         \
        FIELD_AT(struct recurrent_options, bidirectional),                     \
        .default_text = "false",                                               \
        .help = "a second state from the last step to the first"               \
    }

static const char *const NONLINEARITIES[] = {"tanh", "relu", NULL};

static const struct field RNN_FIELDS[] = {
    RECURRENT_FIELDS,
    {.key = "nonlinearity",
     .type = FIELD_WORD,
     FIELD_AT(struct recurrent_options, nonlinearity),
     .words = NONLINEARITIES,
     .default_text = "tanh",
     .help = "of the sum that makes the state"},
    {.key = NULL},
};

static const struct field GATED_FIELDS[] = {
    RECURRENT_FIELDS,
    {.key = NULL},
};

static const struct field_refused REFUSED[] = {
    {"input_size", "it follows from the layer before"},
    {"batch_first", "a sample is (T, F), whatever the batch"},
    {"proj_size", "there are no projections of the state in this version"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

static enum status_code recurrent_shape(const char *name, const void *options,
                                        struct shape input,
                                        struct shape *output,
                                        struct status *status) {
    const struct recurrent_options *o = options;
    char text[SHAPE_TEXT_SIZE];
    STATUS_RETURN_IF(input.rank != 2, status, STATUS_CONFIG,
                     "%s needs a sample of shape (T, F), steps of features; "
                     "found %s",
                     name, shape_text(input, text));
    *output = (struct shape){
        2, {input.size[0], o->hidden_size * (int64_t)recurrent_directions(o)}};
    return STATUS_OK;
}

static bool recurrent_alike(const void *a, const void *b) {
    const struct recurrent_options *one = a, *other = b;
    if (one->nonlinearity != other->nonlinearity)
        return false;
    if (recurrent_draws(one) || recurrent_draws(other))
        return recurrent_draws(one) && recurrent_draws(other);
    return recurrent_drops(one) == recurrent_drops(other);
}

static bool draws(const void *options) {
    return recurrent_draws(options);
}

static size_t recurrent_coefficients(const void *options, double values[]) {
    const struct recurrent_options *o = options;
    if (!recurrent_draws(o))
        return 0;
    kernels_dropout(o->dropout, values);
    return KERNEL_DROPOUT_NUMBERS;
}

/* -------------------------------------------------------------------- tensors
 */

static void name_tensor(struct tensor_layout *layout, const char *name,
                        size_t layer, size_t direction) {
    snprintf(layout->name, sizeof layout->name, "%s_l%zu%s", name, layer,
             direction ? "_reverse" : "");
}

/* One direction of one layer. */
static void direction_tensors(const struct recurrent_options *o, int64_t rows,
                              int64_t inputs, size_t layer, size_t direction,
                              struct tensor_layout layouts[]) {
    static const char *const NAMES[] = {"weight_ih", "weight_hh", "bias_ih",
                                        "bias_hh"};
    for (size_t i = 0; i < recurrent_tensor_count(o); i++) {
        layouts[i].is_buffer = false;
        layouts[i].shape = (struct shape){1, {rows}};
        name_tensor(&layouts[i], NAMES[i], layer, direction);
    }
    layouts[RECURRENT_WEIGHT_IH].shape = (struct shape){2, {rows, inputs}};
    layouts[RECURRENT_WEIGHT_HH].shape =
        (struct shape){2, {rows, o->hidden_size}};
}

static size_t recurrent_tensors(int64_t gates, const void *options,
                                struct shape input,
                                struct tensor_layout layouts[]) {
    const struct recurrent_options *o = options;
    size_t directions = recurrent_directions(o), count = 0;
    int64_t inputs = input.size[1];
    for (size_t layer = 0; layer < (size_t)o->num_layers; layer++) {
        for (size_t direction = 0; direction < directions; direction++) {
            direction_tensors(o, gates * o->hidden_size, inputs, layer,
                              direction, layouts + count);
            count += recurrent_tensor_count(o);
        }
        inputs = o->hidden_size * (int64_t)directions;
    }
    return count;
}

/* RNNBase.reset_parameters: all of them uniform_ between +-1/sqrt(H). */
static void recurrent_draw(int64_t gates, const void *options,
                           struct shape input,
                           struct torch_generator *generator,
                           float *const *tensors) {
    const struct recurrent_options *o = options;
    struct tensor_layout layouts[LAYER_TENSOR_LIMIT];
    size_t count = recurrent_tensors(gates, options, input, layouts);
    double bound = 1 / sqrt((double)o->hidden_size);
    for (size_t i = 0; i < count; i++)
        torch_uniform(&generator->twister, -bound, bound, tensors[i],
                      (size_t)shape_units(layouts[i].shape));
}

/* ----------------------------------------------------------------------- rows
 */

/* What a row's functions are told of its kind. */
#define RECURRENT_FUNCTIONS(name, kernel, gates)                               \
    static enum status_code name##_shape(                                      \
        const void *options, struct shape input, struct shape *output,         \
        struct status *status) {                                               \
        return recurrent_shape(#name, options, input, output, status);         \
    }                                                                          \
    static size_t name##_tensors(const void *options, struct shape input,      \
                                 struct tensor_layout layouts[]) {             \
        return recurrent_tensors(gates, options, input, layouts);              \
    }                                                                          \
    static void name##_draw(const void *options, struct shape input,           \
                            struct torch_generator *generator,                 \
                            float *const *tensors) {                           \
        recurrent_draw(gates, options, input, generator, tensors);             \
    }                                                                          \
    static size_t name##_saved(const void *options, struct shape input,        \
                               struct cells cells, size_t width) {             \
        return recurrent_saved_floats(kernel, options, input, cells, width);   \
    }                                                                          \
    static size_t name##_scratch(const void *options, struct shape input,      \
                                 struct cells cells, size_t width) {           \
        return recurrent_scratch_floats(kernel, options, input, cells, width); \
    }
RECURRENT_FUNCTIONS(rnn, RECURRENT_rnn_tanh, 1)
RECURRENT_FUNCTIONS(lstm, RECURRENT_lstm, 4)
RECURRENT_FUNCTIONS(gru, RECURRENT_gru, 3)

#define RECURRENT_KIND(word, number)                                           \
    .kind.name = #word, .kind.options_size = sizeof(struct recurrent_options), \
    .kind.refused = REFUSED, .kernel = number, .shape = word##_shape,          \
    .forward = recurrent_forward, .backward = recurrent_backward,              \
    .tensors = word##_tensors, .draw = word##_draw,                            \
    .coefficients = recurrent_coefficients, .alike = recurrent_alike,          \
    .saved_floats = word##_saved, .scratch_floats = word##_scratch,            \
    .draws = draws

const struct layer_kind LAYER_RNN = {
    RECURRENT_KIND(rnn, RECURRENT_rnn_tanh),
    .kind.help = "a state that each step makes of itself and its input",
    .kind.fields = RNN_FIELDS,
};

const struct layer_kind LAYER_LSTM = {
    RECURRENT_KIND(lstm, RECURRENT_lstm),
    .kind.help = "long short-term memory: a state and gates that keep it",
    .kind.fields = GATED_FIELDS,
};

const struct layer_kind LAYER_GRU = {
    RECURRENT_KIND(gru, RECURRENT_gru),
    .kind.help = "gated recurrent unit: lstm with a gate and a state less",
    .kind.fields = GATED_FIELDS,
};
