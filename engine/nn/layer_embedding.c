/* embedding: (T) of whole numbers -> (T, embedding_dim), for each number its
 * row of the weight [num_embeddings][embedding_dim]: nn.Embedding. */

#include <string.h>

#include "engine/nn/layer_kinds.h"

struct embedding_options {
    int64_t num_embeddings, embedding_dim;
    struct field_optional_integer padding_idx;
};

static const struct field EMBEDDING_FIELDS[] = {
    {.key = "num_embeddings",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_RANGE,
     FIELD_AT(struct embedding_options, num_embeddings),
     FIELD_BETWEEN(1, 1e7),
     .help = "how many whole numbers there are, from 0"},
    {.key = "embedding_dim",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_RANGE,
     FIELD_AT(struct embedding_options, embedding_dim),
     FIELD_BETWEEN(1, 1e6),
     .help = "outputs for each number"},
    {.key = "padding_idx",
     .type = FIELD_INTEGER,
     .flags = FIELD_NULLABLE | FIELD_RANGE,
     FIELD_OPTIONAL_AT(struct embedding_options, padding_idx),
     .default_text = "null",
     FIELD_BETWEEN(-1e7, 1e7),
     .help = "number whose row begins as 0 and is not trained; from the end "
             "if below 0"},
    {.key = NULL},
};

static const struct field_refused EMBEDDING_REFUSED[] = {
    {"max_norm", "rows would change while they are read"},
    {"norm_type", "it belongs to max_norm, which is not taken"},
    {"scale_grad_by_freq", "gradients are those of the loss"},
    {"sparse", "gradients are dense"},
    LAYER_REFUSED_EVERYWHERE,
    {NULL, NULL},
};

static const char *embedding_check(const void *options, const char **key) {
    const struct embedding_options *embedding = options;
    const struct field_optional_integer *padding = &embedding->padding_idx;
    *key = "padding_idx";
    if (padding->present && (padding->value >= embedding->num_embeddings ||
                             padding->value < -embedding->num_embeddings))
        return "padding_idx must be one of the num_embeddings numbers";
    return NULL;
}

/* -1 if there is none. */
static int64_t padding_of(const struct embedding_options *embedding) {
    const struct field_optional_integer *padding = &embedding->padding_idx;
    if (!padding->present)
        return -1;
    return padding->value < 0 ? padding->value + embedding->num_embeddings
                              : padding->value;
}

static int64_t embedding_indices(const void *options) {
    const struct embedding_options *embedding = options;
    return embedding->num_embeddings;
}

static enum status_code embedding_shape(const void *options, struct shape input,
                                        struct shape *output,
                                        struct status *status) {
    const struct embedding_options *embedding = options;
    char text[SHAPE_TEXT_SIZE];
    STATUS_RETURN_IF(input.rank != 1, status, STATUS_CONFIG,
                     "embedding takes a sample of shape (T), found %s",
                     shape_text(input, text));
    *output = (struct shape){2, {input.size[0], embedding->embedding_dim}};
    return STATUS_OK;
}

static size_t embedding_tensors(const void *options, struct shape input,
                                struct tensor_layout layouts[]) {
    const struct embedding_options *embedding = options;
    (void)input;
    layouts[0] = (struct tensor_layout){
        "weight",
        {2, {embedding->num_embeddings, embedding->embedding_dim}},
        false};
    return 1;
}

/* normal_(0, 1); then the row of padding_idx is 0. */
static void embedding_draw(const void *options, struct shape input,
                           struct torch_generator *generator,
                           float *const *tensors) {
    const struct embedding_options *embedding = options;
    const size_t width = (size_t)embedding->embedding_dim;
    const int64_t padding = padding_of(embedding);
    (void)input;
    torch_normal(generator, 0, 1, tensors[0],
                 (size_t)embedding->num_embeddings * width);
    if (padding >= 0)
        memset(tensors[0] + (size_t)padding * width, 0, width * sizeof(float));
}

static struct embedding_sizes embedding_sizes(const struct layer_call *call) {
    const struct embedding_options *embedding = call->options;
    return (struct embedding_sizes){
        .numbers = (size_t)embedding->num_embeddings,
        .width = (size_t)embedding->embedding_dim,
        .positions = (size_t)call->input.size[0],
        .padding = padding_of(embedding),
    };
}

static void embedding_forward(const struct layer_call *call) {
    call->kernels->embedding_forward(embedding_sizes(call), call->cells,
                                     call->tensors[0], call->x, call->y);
}

/* Nobody needs dx: what stands before it is the data. */
static void embedding_backward(const struct layer_call *call) {
    call->kernels->embedding_backward(embedding_sizes(call), call->cells,
                                      call->x, call->dy, call->gradients[0]);
}

static bool embedding_alike(const void *a, const void *b) {
    return padding_of(a) == padding_of(b);
}

const struct layer_kind LAYER_EMBEDDING = {
    .kind = {.name = "embedding",
             .help = "for each whole number its row of weights; first in a "
                     "network",
             .fields = EMBEDDING_FIELDS,
             .options_size = sizeof(struct embedding_options),
             .refused = EMBEDDING_REFUSED,
             .check = embedding_check},
    .shape = embedding_shape,
    .forward = embedding_forward,
    .backward = embedding_backward,
    .tensors = embedding_tensors,
    .draw = embedding_draw,
    .alike = embedding_alike,
    .indices = embedding_indices,
};
