#include "engine/nn/network.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* 1 GiB in float32; a run holds several arrays of this size. */
enum { NETWORK_VALUE_LIMIT = 1 << 28 };

/* "layers.3": the key that errors of a layer stand under. */
static enum status_code blame_layer(struct status *status, const char *path) {
    char key[STATUS_KEY_SIZE];
    snprintf(key, sizeof key, "layers.%s", path);
    return status_prefix_key(status, key);
}

/* "PATH.WORD", or WORD alone; NULL where the arena has failed. */
static const char *path_join(struct network *network, const char *path,
                             const char *word) {
    size_t size = strlen(path) + strlen(word) + 2;
    char *text = arena_zeroed(&network->arena, size, 1);
    if (text)
        snprintf(text, size, "%s%s%s", path, *path ? "." : "", word);
    return text;
}

/* ------------------------------------------------------------------ tensors */

/* Room for `count` more; the array grows by leaving the old one behind. */
static bool reserve_tensors(struct network *network, size_t count) {
    size_t needed = network->tensor_count + count;
    if (needed <= network->tensor_capacity)
        return true;
    size_t capacity = 2 * needed;
    struct network_tensor *tensors =
        arena_zeroed(&network->arena, capacity, sizeof *tensors);
    if (!tensors)
        return false;
    if (network->tensor_count)
        memcpy(tensors, network->tensors,
               network->tensor_count * sizeof *tensors);
    network->tensors = tensors;
    network->tensor_capacity = capacity;
    return true;
}

static void add_tensor(struct network *network, size_t index,
                       const struct tensor_layout *layout) {
    size_t *total =
        layout->is_buffer ? &network->buffer_count : &network->parameter_count;
    bool is_counter = layout->is_buffer && layout->shape.rank == 0;
    size_t count = is_counter ? 0 : (size_t)shape_units(layout->shape);
    network->tensors[network->tensor_count++] = (struct network_tensor){
        .name = path_join(network, network->layers[index].path, layout->name),
        .layer = index,
        .shape = layout->shape,
        .is_buffer = layout->is_buffer,
        .is_counter = is_counter,
        .count = count,
        .offset = *total,
    };
    *total += count;
}

static void add_tensors(struct network *network, size_t index) {
    struct network_layer *layer = &network->layers[index];
    struct tensor_layout layouts[LAYER_TENSOR_LIMIT];
    size_t count = 0;
    layer->first_tensor = network->tensor_count;
    if (layer->kind->tensors)
        count = layer->kind->tensors(layer->options, layer->input, layouts);
    assert(count <= LAYER_TENSOR_LIMIT);
    if (!reserve_tensors(network, count))
        return;
    layer->tensor_count = count;
    for (size_t i = 0; i < count; i++)
        add_tensor(network, index, &layouts[i]);
}

/* ------------------------------------------------------------------- layers */

static enum status_code check_size(const struct network *network,
                                   const char *path, struct status *status) {
    size_t values = network->parameter_count + network->buffer_count;
    if (values <= NETWORK_VALUE_LIMIT)
        return STATUS_OK;
    status_set(status, STATUS_CONFIG,
               "the layers up to this one have %zu parameters; at most %d are "
               "taken",
               values, NETWORK_VALUE_LIMIT);
    return blame_layer(status, path);
}

/* The number of views that the chain begins with. */
static size_t first_computed(const struct network *network) {
    size_t index = 0;
    while (index < network->layer_count &&
           layer_is_view(network->layers[index].kind))
        index++;
    return index;
}

/* What takes whole numbers takes those of the data: no layer makes any. */
static enum status_code check_indices(const struct network *network,
                                      const struct layer_kind *kind,
                                      const char *path, struct status *status) {
    if (!kind->indices || first_computed(network) == network->layer_count)
        return STATUS_OK;
    status_set(status, STATUS_CONFIG,
               "%s takes whole numbers, which no layer makes: it must be the "
               "first layer; flatten and reshape may stand before it",
               kind->kind.name);
    return blame_layer(status, path);
}

const struct network_layer *network_of_indices(const struct network *network) {
    size_t index = first_computed(network);
    const struct network_layer *layer = &network->layers[index];
    return index < network->layer_count && layer->kind->indices ? layer : NULL;
}

/* Appends one link of the chain, of this kind. */
static enum status_code add_link(struct network *network,
                                 const struct layer_choice *choice,
                                 const struct layer_kind *kind,
                                 const char *path, struct status *status) {
    STATUS_TRY(check_indices(network, kind, path, status));
    size_t index = network->layer_count++;
    struct network_layer *layer = &network->layers[index];
    *layer = (struct network_layer){
        .kind = kind,
        .options = choice->choice.options,
        .name = choice->name,
        .weight_init = choice->weight_init,
        .bias_init = choice->bias_init,
        .path = path,
        .input = network->output,
        .last = index,
        .first = index,
    };
    if (kind->shape(layer->options, layer->input, &layer->output, status))
        return blame_layer(status, path);
    network->output = layer->output;
    add_tensors(network, index);
    return check_size(network, path, status);
}

static enum status_code add_chain(struct network *network, const char *path,
                                  const struct layer_choice *layers,
                                  size_t count, struct status *status);

/* What stands inside a container, and what closes it. */
static enum status_code add_inside(struct network *network, size_t first,
                                   const struct layer_choice *choice,
                                   struct status *status) {
    const struct network_layer opening = network->layers[first];
    size_t count;
    const struct layer_choice *inside =
        opening.kind->inside(opening.options, &count);
    const char *path = path_join(network, opening.path, "layers");
    STATUS_TRY(arena_status(&network->arena, "the network", status));
    STATUS_TRY(add_chain(network, path, inside, count, status));
    if (!shape_equal(network->output, opening.input)) {
        char in[SHAPE_TEXT_SIZE], out[SHAPE_TEXT_SIZE];
        status_set(status, STATUS_CONFIG,
                   "%s adds its input to its layers' output, which must have "
                   "its shape: expected %s, found %s",
                   opening.kind->kind.name, shape_text(opening.input, in),
                   shape_text(network->output, out));
        return blame_layer(status, opening.path);
    }
    STATUS_TRY(
        add_link(network, choice, opening.kind->closing, opening.path, status));
    size_t last = network->layer_count - 1;
    network->layers[first].last = last;
    network->layers[last].first = first;
    return STATUS_OK;
}

static enum status_code add_layer(struct network *network, const char *path,
                                  const struct layer_choice *choice,
                                  struct status *status) {
    const struct layer_kind *kind =
        (const struct layer_kind *)choice->choice.kind;
    size_t first = network->layer_count;
    STATUS_TRY(arena_status(&network->arena, "the network", status));
    STATUS_TRY(add_link(network, choice, kind, path, status));
    return kind->inside ? add_inside(network, first, choice, status)
                        : STATUS_OK;
}

static enum status_code add_chain(struct network *network, const char *path,
                                  const struct layer_choice *layers,
                                  size_t count, struct status *status) {
    for (size_t i = 0; i < count; i++) {
        char position[24];
        snprintf(position, sizeof position, "%zu", i);
        STATUS_TRY(add_layer(network, path_join(network, path, position),
                             &layers[i], status));
    }
    return STATUS_OK;
}

/* Links of the chain: a container is two and those inside. */
static size_t count_links(const struct layer_choice *layers, size_t count) {
    size_t links = count;
    for (size_t i = 0; i < count; i++) {
        const struct layer_kind *kind =
            (const struct layer_kind *)layers[i].choice.kind;
        size_t inner = 0;
        if (!kind->inside)
            continue;
        const struct layer_choice *inside =
            kind->inside(layers[i].choice.options, &inner);
        links += 1 + count_links(inside, inner);
    }
    return links;
}

enum status_code network_init(struct network *network,
                              const struct layer_choice *layers, size_t count,
                              struct shape input, struct status *status) {
    *network = (struct network){.input = input, .output = input};
    network->layers = arena_zeroed(&network->arena, count_links(layers, count),
                                   sizeof *network->layers);
    enum status_code code = add_chain(network, "", layers, count, status);
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

const struct layer_kind *network_ending(const struct network *network) {
    const struct network_layer *last =
        &network->layers[network->layer_count - 1];
    const struct network_layer *ending = last;
    while (ending > network->layers && layer_hands_on(ending->kind))
        ending--;
    const struct layer_kind *kind = ending->kind;
    bool is_whole = !kind->range_size ||
                    kind->range_size(ending->options, ending->output) ==
                        shape_units(network->output);
    return is_whole ? kind : last->kind;
}

bool network_is_whole(const struct network *network) {
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct network_layer *layer = &network->layers[i];
        if (layer->kind->is_whole && layer->kind->is_whole(layer->options))
            return true;
    }
    return false;
}
