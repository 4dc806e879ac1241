#ifndef ENGINE_NN_INITIALIZER_H
#define ENGINE_NN_INITIALIZER_H

/* Initializers: how weight_init and bias_init draw a tensor, as the functions
 * of torch.nn.init do. */

#include "engine/nn/layer.h"

struct initializer_kind {
    struct kind kind;
    /* Takes tensors of two dimensions or more alone: it counts what comes into
     * an output and what an input goes out to. */
    bool needs_fans;
    /* Draws a whole tensor, row-major. */
    void (*fill)(const void *options, struct shape shape,
                 struct torch_generator *generator, float *values);
};

extern const struct kind_family
    INITIALIZER_FAMILY; /* each kind an initializer_kind */

#endif
