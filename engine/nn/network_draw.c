/* Initial tensors of a network: what its layers draw by themselves, then its
 * initializers. */

#include <stdio.h>
#include <string.h>

#include "engine/nn/initializer.h"
#include "engine/nn/network.h"

/* A layer's initializers, in the order in which they draw: of the tensors whose
 * name has the word. */
static const struct initializer_part {
    const char *key, *word;
    size_t offset; /* of the choice in struct network_layer */
} PARTS[] = {
    {"weight_init", "weight", offsetof(struct network_layer, weight_init)},
    {"bias_init", "bias", offsetof(struct network_layer, bias_init)},
};
enum { PART_COUNT = sizeof PARTS / sizeof *PARTS };

static const struct choice *choice_of(const struct network_layer *layer,
                                      const struct initializer_part *part) {
    return (const void *)((const char *)layer + part->offset);
}

/* The next parameter from number `from` on that the layer's initializer draws,
 * a container's being those inside; tensor_count if there is none. What counts
 * is the last part of a name: "weight_ih_l0" of "1.layers.0.weight_ih_l0". */
static size_t next_parameter(const struct network *network,
                             const struct network_layer *layer,
                             const struct initializer_part *part, size_t from) {
    size_t index = from;
    for (; index < network->tensor_count; index++) {
        const struct network_tensor *tensor = &network->tensors[index];
        if (!tensor->is_buffer && tensor->layer >= layer->first &&
            tensor->layer <= layer->last &&
            strstr(strrchr(tensor->name, '.'), part->word))
            break;
    }
    return index;
}

/* ---- before ---- */

static enum status_code blame_part(struct status *status,
                                   const struct network_layer *layer,
                                   const struct initializer_part *part) {
    char key[STATUS_KEY_SIZE];
    snprintf(key, sizeof key, "layers.%s.%s", layer->path, part->key);
    return status_prefix_key(status, key);
}

static enum status_code check_part(const struct network *network,
                                   const struct network_layer *layer,
                                   const struct initializer_part *part,
                                   struct status *status) {
    const struct initializer_kind *kind =
        (const struct initializer_kind *)choice_of(layer, part)->kind;
    size_t first = next_parameter(network, layer, part, 0);
    char text[SHAPE_TEXT_SIZE];
    if (!kind)
        return STATUS_OK;
    if (first == network->tensor_count) {
        status_set(status, STATUS_CONFIG,
                   "there is nothing to draw: this %s has no %s",
                   layer->kind->kind.name, part->word);
        return blame_part(status, layer, part);
    }
    for (size_t i = first; i < network->tensor_count && kind->needs_fans;
         i = next_parameter(network, layer, part, i + 1)) {
        const struct network_tensor *tensor = &network->tensors[i];
        if (tensor->shape.rank >= 2)
            continue;
        status_set(
            status, STATUS_CONFIG,
            "%s takes tensors of two dimensions or more; %s has shape %s",
            kind->kind.name, tensor->name, shape_text(tensor->shape, text));
        return blame_part(status, layer, part);
    }
    return STATUS_OK;
}

size_t network_initializer_problems(const struct network *network,
                                    struct status *problems, size_t limit) {
    size_t count = 0;
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        /* Not again where a container closes. */
        for (size_t k = 0; k < PART_COUNT && layer->first == i; k++) {
            if (count == limit)
                return count;
            count += check_part(network, layer, &PARTS[k], &problems[count]) !=
                     STATUS_OK;
        }
    }
    return count;
}

/* ---- drawing ---- */

struct drawing {
    const struct network *network;
    struct torch_generator generator;
    float *parameters, *buffers;
};

static float *values_of(const struct drawing *drawing,
                        const struct network_tensor *tensor) {
    return tensor->offset +
           (tensor->is_buffer ? drawing->buffers : drawing->parameters);
}

static void draw_layer(struct drawing *drawing,
                       const struct network_layer *layer) {
    const struct network *network = drawing->network;
    float *tensors[LAYER_TENSOR_LIMIT];
    for (size_t i = 0; i < layer->tensor_count; i++)
        tensors[i] =
            values_of(drawing, &network->tensors[layer->first_tensor + i]);
    if (layer->kind->draw)
        layer->kind->draw(layer->options, layer->input, &drawing->generator,
                          tensors);
}

static void initialize_part(struct drawing *drawing,
                            const struct network_layer *layer,
                            const struct initializer_part *part) {
    const struct network *network = drawing->network;
    const struct choice *choice = choice_of(layer, part);
    const struct initializer_kind *kind =
        (const struct initializer_kind *)choice->kind;
    if (!kind)
        return;
    for (size_t i = next_parameter(network, layer, part, 0);
         i < network->tensor_count;
         i = next_parameter(network, layer, part, i + 1))
        kind->fill(choice->options, network->tensors[i].shape,
                   &drawing->generator,
                   values_of(drawing, &network->tensors[i]));
}

/* A container's come where it closes, behind those inside. */
static void initialize(struct drawing *drawing) {
    const struct network *network = drawing->network;
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        for (size_t part = 0; part < PART_COUNT && layer->last == i; part++)
            initialize_part(drawing, &network->layers[layer->first],
                            &PARTS[part]);
    }
}

void network_draw(const struct network *network, uint32_t seed,
                  float *parameters, float *buffers) {
    struct drawing drawing = {
        .network = network, .parameters = parameters, .buffers = buffers};
    torch_seed(&drawing.generator, seed);
    for (size_t i = 0; i < network->layer_count; i++)
        draw_layer(&drawing, &network->layers[i]);
    initialize(&drawing);
}
