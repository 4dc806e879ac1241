#include <assert.h>

#include "engine/nn/layer_kinds.h"

static const struct kind *const LAYERS[] = {
    &LAYER_LINEAR.kind,       &LAYER_CONV1D.kind,
    &LAYER_CONV2D.kind,       &LAYER_CONV_TRANSPOSE1D.kind,
    &LAYER_MAX_POOL1D.kind,   &LAYER_MAX_POOL2D.kind,
    &LAYER_AVG_POOL1D.kind,   &LAYER_AVG_POOL2D.kind,
    &LAYER_SIGMOID.kind,      &LAYER_TANH.kind,
    &LAYER_RELU.kind,         &LAYER_LEAKY_RELU.kind,
    &LAYER_ELU.kind,          &LAYER_SELU.kind,
    &LAYER_GELU.kind,         &LAYER_SILU.kind,
    &LAYER_SOFTPLUS.kind,     &LAYER_SOFTSIGN.kind,
    &LAYER_SOFTMAX.kind,      &LAYER_LOG_SOFTMAX.kind,
    &LAYER_BATCH_NORM1D.kind, &LAYER_BATCH_NORM2D.kind,
    &LAYER_LAYER_NORM.kind,   &LAYER_DROPOUT.kind,
    &LAYER_RESIDUAL.kind,     &LAYER_FLATTEN.kind,
    &LAYER_RESHAPE.kind,      &LAYER_TRANSPOSE.kind,
    &LAYER_LAST_STEP.kind,    &LAYER_EMBEDDING.kind,
    &LAYER_RNN.kind,          &LAYER_LSTM.kind,
    &LAYER_GRU.kind,          NULL,
};

const struct kind_family LAYER_FAMILY = {"layers", "layer", LAYERS};

void layer_kind_check(const struct layer_kind *kind) {
    assert(kind->kind.name && kind->kind.help);
    assert(!kind->kind.fields == !kind->kind.options_size);
    assert(kind->shape && !kind->forward == !kind->backward);
    assert(!kind->inside == !kind->closing);
    assert(!kind->tensors == !kind->draw);
    assert(!kind->takes || kind->takes->in_place);
    (void)kind;
}
