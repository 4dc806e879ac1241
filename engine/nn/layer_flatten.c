/* flatten: a sample's numbers in a row, the last axis fastest: nn.Flatten().
 * y is x. */

#include "engine/nn/layer_kinds.h"

static const struct field_refused FLATTEN_REFUSED[] = {
    {"start_dim", "a sample is flattened whole; reshape makes other shapes"},
    {"end_dim", "a sample is flattened whole; reshape makes other shapes"},
    {NULL, NULL},
};

static enum status_code flatten_shape(const void *options, struct shape input,
                                      struct shape *output,
                                      struct status *status) {
    (void)options, (void)status; /* takes every input there is */
    *output = (struct shape){1, {shape_units(input)}};
    return STATUS_OK;
}

const struct layer_kind LAYER_FLATTEN = {
    .kind = {.name = "flatten",
             .help = "the sample as one row of numbers",
             .refused = FLATTEN_REFUSED},
    .shape = flatten_shape,
};
