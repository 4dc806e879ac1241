#ifndef ENGINE_NN_NETWORK_H
#define ENGINE_NN_NETWORK_H

/* A network: a chain of layers whose shapes have been inferred. A container
 * (residual) stands in it as itself, its layers, and a layer that closes it. */

#include "engine/base/arena.h"
#include "engine/nn/layer.h"

struct network_layer {
    const struct layer_kind *kind;
    const void *options;
    const char *name;
    struct choice weight_init, bias_init; /* kind NULL: none */
    /* Its position: "3", inside a container "3.layers.0". */
    const char *path;
    struct shape input, output;
    size_t first_tensor, tensor_count; /* in the network's tensors */
    /* The index of the layer that closes it, its own if it is no container; of
     * the closing layer, the one that opens. */
    size_t last, first;
};

/* A tensor of the whole network. */
struct network_tensor {
    const char *name; /* "0.weight", as nn.Sequential's state_dict names it */
    size_t layer;
    struct shape shape;
    bool is_buffer, is_counter;
    size_t count; /* floats: elements; 0 of a counter */
    size_t
        offset; /* elements before it: among the parameters, or the buffers */
};

struct network {
    size_t layer_count, tensor_count, tensor_capacity;
    struct network_layer *layers;
    struct network_tensor *tensors; /* state_dict order */
    struct shape input, output;
    size_t parameter_count, buffer_count; /* floats */
    struct arena arena;
};

/* Infers every shape. An error names the layer by its key: "layers.3" or
 * "layers.3.layers.0.out_features" (relative to `model`). A network without a
 * parameter is refused (key "layers"). The choices must outlive the network. */
enum status_code network_init(struct network *network,
                              const struct layer_choice *layers, size_t count,
                              struct shape input, struct status *status);
void network_release(struct network *network);

/* The layer that takes the data as whole numbers (embedding), or NULL. */
const struct network_layer *network_of_indices(const struct network *network);

/* Initializers that have nothing to draw or do not take its shape, up to
 * `limit`: returns how many. STATUS_CONFIG, "layers.3.weight_init". A network
 * with any is not to be drawn. */
size_t network_initializer_problems(const struct network *network,
                                    struct status *problems, size_t limit);

/* Draws one run's initial tensors from torch's default generator after
 * manual_seed(seed): every layer as PyTorch's module does by itself, in order;
 * then the initializers that are given, in order, a container's behind those
 * inside, weights before biases. `parameters` has parameter_count floats,
 * `buffers` buffer_count. */
void network_draw(const struct network *network, uint32_t seed,
                  float *parameters, float *buffers);

/* The layer that says what the outputs are: the last one, or that whose numbers
 * the last ones hand on. A distribution counts where it is a whole sample's. */
const struct layer_kind *network_ending(const struct network *network);

/* True if a layer mixes the rows of what it evaluates (layer_kind's is_whole).
 */
bool network_is_whole(const struct network *network);

#endif
