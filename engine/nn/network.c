#include "engine/nn/network.h"

#include <stdio.h>
#include <string.h>

/* 1 GiB in float32; a run holds several arrays of this size. */
enum { NETWORK_VALUE_LIMIT = 1 << 28 };

/* "layers.3": the key that errors of a layer stand under. */
static enum status_code blame_layer(struct status *status, size_t layer) {
    char key[48];
    snprintf(key, sizeof key, "layers.%zu", layer);
    return status_prefix_key(status, key);
}

static const char *state_name(struct network *network, size_t layer,
                              const char *name) {
    size_t size = strlen(name) + 24;
    char *text = arena_zeroed(&network->arena, size, 1);
    if (text)
        snprintf(text, size, "%zu.%s", layer, name);
    return text;
}

/* Appends a layer's tensors to the network's; the array has room for all that
 * the layers so far can have. */
static void add_tensors(struct network *network, size_t index) {
    struct network_layer *layer = &network->layers[index];
    struct tensor_layout layouts[LAYER_TENSOR_LIMIT];
    layer->first_tensor = network->tensor_count;
    if (layer->kind->tensors)
        layer->tensor_count =
            layer->kind->tensors(layer->options, layer->input, layouts);
    for (size_t i = 0; i < layer->tensor_count; i++) {
        size_t *total = layouts[i].is_buffer ? &network->buffer_count
                                             : &network->parameter_count;
        size_t count = (size_t)shape_units(layouts[i].shape);
        network->tensors[network->tensor_count++] = (struct network_tensor){
            .name = state_name(network, index, layouts[i].name),
            .layer = index,
            .shape = layouts[i].shape,
            .is_buffer = layouts[i].is_buffer,
            .count = count,
            .offset = *total,
        };
        *total += count;
    }
}

static enum status_code add_layer(struct network *network, size_t index,
                                  const struct layer_choice *choice,
                                  struct status *status) {
    struct network_layer *layer = &network->layers[index];
    *layer = (struct network_layer){
        .kind = (const struct layer_kind *)choice->choice.kind,
        .options = choice->choice.options,
        .name = choice->name,
        .input = network->output,
    };
    if (layer->kind->shape(layer->options, layer->input, &layer->output,
                           status))
        return blame_layer(status, index);
    network->output = layer->output;
    add_tensors(network, index);
    size_t values = network->parameter_count + network->buffer_count;
    if (values <= NETWORK_VALUE_LIMIT)
        return STATUS_OK;
    status_set(status, STATUS_CONFIG,
               "the layers up to this one have %zu parameters; at most %d are "
               "taken",
               values, NETWORK_VALUE_LIMIT);
    return blame_layer(status, index);
}

enum status_code network_init(struct network *network,
                              const struct layer_choice *layers, size_t count,
                              struct shape input, struct status *status) {
    enum status_code code = STATUS_OK;
    *network =
        (struct network){.layer_count = count, .input = input, .output = input};
    network->layers =
        arena_zeroed(&network->arena, count, sizeof *network->layers);
    network->tensors = arena_zeroed(&network->arena, count * LAYER_TENSOR_LIMIT,
                                    sizeof *network->tensors);
    code = arena_status(&network->arena, "the network", status);
    for (size_t i = 0; !code && i < count; i++)
        code = add_layer(network, i, &layers[i], status);
    if (!code)
        code = arena_status(&network->arena, "the network", status);
    if (!code && network->parameter_count == 0)
        code = status_set_key(status, STATUS_CONFIG, "layers",
                              "the network has nothing to train; a layer with "
                              "weights is needed, such as linear");
    if (code)
        network_release(network);
    return code;
}

void network_release(struct network *network) {
    arena_release(&network->arena);
    *network = (struct network){0};
}

void network_draw(const struct network *network, uint32_t seed,
                  float *parameters, float *buffers) {
    struct mt19937 generator;
    mt19937_seed(&generator, seed);
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        float *tensors[LAYER_TENSOR_LIMIT];
        for (size_t j = 0; j < layer->tensor_count; j++) {
            const struct network_tensor *tensor =
                &network->tensors[layer->first_tensor + j];
            tensors[j] =
                tensor->offset + (tensor->is_buffer ? buffers : parameters);
        }
        if (layer->kind->draw)
            layer->kind->draw(layer->options, layer->input, &generator,
                              tensors);
    }
}
