#ifndef ENGINE_NN_LAYER_RECURRENT_H
#define ENGINE_NN_LAYER_RECURRENT_H

/* What the files of rnn, lstm and gru share: their options, and forward and
 * backward through layers and directions, each of which is a kernel's call.
 *
 * Layers and directions are counted as their tensors are: layer by layer, and
 * in each forwards, then backwards ("_reverse"). A layer's output has the
 * forward direction's units first; it is the input of the layer above. */

#include "engine/nn/layer.h"

struct recurrent_options {
    int64_t hidden_size, num_layers;
    int nonlinearity; /* rnn: 0 tanh, 1 relu; else 0 */
    bool bias, bidirectional;
    double dropout; /* between layers */
};

/* A direction's tensors, in the order of PyTorch's state_dict. */
enum {
    RECURRENT_WEIGHT_IH,
    RECURRENT_WEIGHT_HH,
    RECURRENT_BIAS_IH,
    RECURRENT_BIAS_HH
};

static inline size_t recurrent_directions(const struct recurrent_options *o) {
    return o->bidirectional ? 2 : 1;
}

static inline size_t recurrent_tensor_count(const struct recurrent_options *o) {
    return o->bias ? 4 : 2;
}

/* Whether numbers are left out between layers, and whether by chance. */
static inline bool recurrent_drops(const struct recurrent_options *o) {
    return o->num_layers > 1 && o->dropout > 0;
}

static inline bool recurrent_draws(const struct recurrent_options *o) {
    return recurrent_drops(o) && o->dropout < 1;
}

void recurrent_forward(const struct layer_call *call);
void recurrent_backward(const struct layer_call *call);

/* Of a kernel's layers; what nonlinearity a rnn has makes no difference. */
size_t recurrent_saved_floats(enum recurrent_kernel kernel,
                              const struct recurrent_options *options,
                              struct shape input, struct cells cells,
                              size_t width);
size_t recurrent_scratch_floats(enum recurrent_kernel kernel,
                                const struct recurrent_options *options,
                                struct shape input, struct cells cells,
                                size_t width);

#endif
