#ifndef ENGINE_NN_LAYER_KINDS_H
#define ENGINE_NN_LAYER_KINDS_H

/* What the files of layers share with their registry. */

#include "engine/nn/layer.h"

extern const struct layer_kind LAYER_LINEAR, LAYER_SOFTMAX, LAYER_LOG_SOFTMAX,
    LAYER_RESIDUAL;
extern const struct layer_kind LAYER_BATCH_NORM1D, LAYER_BATCH_NORM2D,
    LAYER_LAYER_NORM, LAYER_DROPOUT;
/* Shapes and views of them. */
extern const struct layer_kind LAYER_FLATTEN, LAYER_RESHAPE, LAYER_TRANSPOSE,
    LAYER_LAST_STEP;
extern const struct layer_kind LAYER_EMBEDDING;
/* layer_conv.c, layer_pool.c */
extern const struct layer_kind LAYER_CONV1D, LAYER_CONV2D,
    LAYER_CONV_TRANSPOSE1D, LAYER_MAX_POOL1D, LAYER_MAX_POOL2D,
    LAYER_AVG_POOL1D, LAYER_AVG_POOL2D;
/* layer_recurrent.c */
extern const struct layer_kind LAYER_RNN, LAYER_LSTM, LAYER_GRU;
/* layer_activation.c */
extern const struct layer_kind LAYER_SIGMOID, LAYER_TANH, LAYER_RELU,
    LAYER_LEAKY_RELU, LAYER_ELU, LAYER_SELU, LAYER_GELU, LAYER_SILU,
    LAYER_SOFTPLUS, LAYER_SOFTSIGN;

/* Rows of field_refused that every layer has. */
#define LAYER_REFUSED_EVERYWHERE                                               \
    {"device", "runs are computed on the processor"}, {                        \
        "dtype", "weights are float32"                                         \
    }

#endif
