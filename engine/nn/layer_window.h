#ifndef ENGINE_NN_LAYER_WINDOW_H
#define ENGINE_NN_LAYER_WINDOW_H

/* What convolutions and pools share: samples are (C, L) or (C, H, W), and along
 * L, or H and W, a window slides. */

#include "engine/nn/layer.h"
#include "engine/nn/layer_kinds.h"

enum { WINDOW_SIZE_LIMIT = 1000000 }; /* of every option */

/* A row of sizes, one an axis. */
#define WINDOW_FIELD(name, axes, low, ...)                                     \
    {                                                                          \
        .key = (name), .type = FIELD_SIZES,                                    \
        FIELD_BETWEEN(low, WINDOW_SIZE_LIMIT), .most = (axes), __VA_ARGS__     \
    }

/* Refuses samples that have not a channel and `axes` axes. */
enum status_code window_check_rank(const char *kind, int axes,
                                   struct shape input, struct status *status);

/* Refuses outputs of more numbers than can be counted in bytes. */
enum status_code window_check_units(struct shape output, struct status *status);

/* The window of a sample: `axis` computes each of its axes, of which the first
 * is number 0; the y of (C, L) has one place. */
typedef struct window_axis window_axis_function(const void *options, int axis,
                                                int64_t in);
struct window window_of(const void *options, struct shape input,
                        window_axis_function *axis);

/* (channels, …), the places of a window's output. */
struct shape window_output_shape(int64_t channels, const struct window *window,
                                 int rank);

#endif
