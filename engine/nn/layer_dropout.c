/* dropout: nn.Dropout. In training each number is left out with probability p,
 * and the others are multiplied by 1 / (1 - p):
 *
 *   y = x m, dx = dy m, m being 1 / (1 - p) or 0
 *
 * m is drawn row after row, a row's numbers in row-major order, from torch's
 * default generator; with p = 0 and p = 1 nothing is drawn. In evaluation
 * y = x. */

#include <string.h>

#include "engine/nn/layer_kinds.h"

struct dropout_options {
    double p;
};

static const struct field DROPOUT_FIELDS[] = {
    {.key = "p",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct dropout_options, p),
     FIELD_BETWEEN(0, 1),
     .default_text = "0.5",
     .help = "probability of a number to be left out of an update"},
    {.key = NULL},
};

static const struct field_refused DROPOUT_REFUSED[] = {
    {"inplace", "it saves memory and changes no number"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

static enum status_code dropout_shape(const void *options, struct shape input,
                                      struct shape *output,
                                      struct status *status) {
    (void)options, (void)status; /* takes every input there is */
    *output = input;
    return STATUS_OK;
}

static bool dropout_draws(const void *options) {
    const struct dropout_options *dropout = options;
    return dropout->p > 0 && dropout->p < 1;
}

static size_t dropout_coefficients(const void *options, double values[]) {
    const struct dropout_options *dropout = options;
    if (!dropout_draws(options))
        return 0;
    kernels_dropout(dropout->p, values);
    return KERNEL_DROPOUT_NUMBERS;
}

/* Probabilities of 0 and of 1 are other arithmetic. */
static bool dropout_alike(const void *a, const void *b) {
    const struct dropout_options *one = a, *other = b;
    return dropout_draws(a) ? dropout_draws(b) : one->p == other->p;
}

static size_t unit_floats(struct shape shape, struct cells cells) {
    return (size_t)shape_units(shape) * cells.stride;
}

/* m */
static size_t dropout_saved(const void *options, struct shape input,
                            struct cells cells, size_t width) {
    const struct dropout_options *dropout = options;
    (void)width;
    return dropout->p > 0 ? unit_floats(input, cells) : 0;
}

static void draw_factors(const struct layer_call *call) {
    const size_t counts[] = {1, call->cells.rows,
                             (size_t)shape_units(call->input)};
    const size_t strides[] = {0, call->cells.lanes, call->cells.stride};
    if (dropout_draws(call->options))
        call->kernels->dropout(call->state->stream, counts, strides,
                               call->coefficients, call->saved);
    else
        memset(call->saved, 0,
               unit_floats(call->input, call->cells) * sizeof(float));
}

/* to = from m, or from where m is 1 throughout. */
static void apply_factors(const struct layer_call *call, bool drops,
                          const float *from, float *to) {
    size_t count = unit_floats(call->input, call->cells);
    if (drops)
        call->kernels->multiply(count, from, call->saved, to);
    else
        memcpy(to, from, count * sizeof *to);
}

static void dropout_forward(const struct layer_call *call) {
    const struct dropout_options *dropout = call->options;
    bool drops = call->training && dropout->p > 0;
    if (drops)
        draw_factors(call);
    apply_factors(call, drops, call->x, call->y);
}

static void dropout_backward(const struct layer_call *call) {
    const struct dropout_options *dropout = call->options;
    if (call->dx)
        apply_factors(call, dropout->p > 0, call->dy, call->dx);
}

const struct layer_kind LAYER_DROPOUT = {
    .kind = {.name = "dropout",
             .help = "leaves numbers out at random while training",
             .fields = DROPOUT_FIELDS,
             .options_size = sizeof(struct dropout_options),
             .refused = DROPOUT_REFUSED},
    .shape = dropout_shape,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .coefficients = dropout_coefficients,
    .alike = dropout_alike,
    .saved_floats = dropout_saved,
    .draws = dropout_draws,
};
