/* reshape: a sample's numbers in another shape, in the same order, as
 * torch.reshape orders them. y is x. */

#include "engine/nn/layer_kinds.h"

struct reshape_options {
    struct field_integers shape;
};

static const struct field RESHAPE_FIELDS[] = {
    {.key = "shape",
     .type = FIELD_INTEGERS,
     .flags = FIELD_REQUIRED | FIELD_RANGE,
     FIELD_AT(struct reshape_options, shape),
     FIELD_BETWEEN(-1, 1e9),
     .least = 1,
     .most = SHAPE_RANK_LIMIT,
     .help = "of one sample; one -1 stands for what is left"},
    {.key = NULL},
};

/* What the numbers alone say. */
static const char *reshape_check(const void *options, const char **key) {
    const struct reshape_options *reshape = options;
    int open = 0;
    *key = "shape";
    for (size_t i = 0; i < reshape->shape.count; i++) {
        if (reshape->shape.values[i] == 0)
            return "a size is at least 1, or -1 for what is left";
        open += reshape->shape.values[i] == -1;
    }
    return open > 1 ? "one size may be -1, not several" : NULL;
}

/* The product of the given sizes, or `limit` + 1 where it is above. */
static int64_t given_units(const struct field_integers *sizes, int64_t limit) {
    int64_t units = 1;
    for (size_t i = 0; i < sizes->count; i++) {
        if (sizes->values[i] == -1)
            continue;
        if (sizes->values[i] > limit / units)
            return limit + 1;
        units *= sizes->values[i];
    }
    return units;
}

static bool has_open_size(const struct field_integers *sizes) {
    bool open = false;
    for (size_t i = 0; i < sizes->count; i++)
        open |= sizes->values[i] == -1;
    return open;
}

static enum status_code reshape_shape(const void *options, struct shape input,
                                      struct shape *output,
                                      struct status *status) {
    const struct field_integers *sizes =
        &((const struct reshape_options *)options)->shape;
    const int64_t units = shape_units(input);
    const int64_t given = given_units(sizes, units);
    char text[SHAPE_TEXT_SIZE];
    if (has_open_size(sizes) ? units % given : units != given)
        return status_set_key(status, STATUS_CONFIG, "shape",
                              "the numbers of a sample of shape %s, which are "
                              "%lld, do not fill this shape",
                              shape_text(input, text), (long long)units);
    *output = (struct shape){.rank = (int)sizes->count};
    for (size_t i = 0; i < sizes->count; i++)
        output->size[i] =
            sizes->values[i] == -1 ? units / given : sizes->values[i];
    return STATUS_OK;
}

const struct layer_kind LAYER_RESHAPE = {
    .kind = {.name = "reshape",
             .help = "the sample's numbers, in order, in another shape",
             .fields = RESHAPE_FIELDS,
             .options_size = sizeof(struct reshape_options),
             .check = reshape_check},
    .shape = reshape_shape,
};
