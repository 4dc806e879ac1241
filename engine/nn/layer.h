#ifndef ENGINE_NN_LAYER_H
#define ENGINE_NN_LAYER_H

/* Layers: one file and one row each.
 *
 * A layer's row says its options, the shape it makes of its input, the tensors
 * it owns, how PyTorch draws them, forward and backward. Adding one means one
 * file layer_NAME.c with a `const struct layer_kind` and its address in
 * layer_registry.c; the config, `list`, `schema` and the gradient test find it
 * there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/field.h"
#include "engine/base/status.h"
#include "engine/kernel/kernel.h"
#include "engine/random/torch_random.h"

/* Of one sample; the batch is not counted. */
enum { SHAPE_RANK_LIMIT = 8 };
struct shape {
    int rank;
    int64_t size[SHAPE_RANK_LIMIT];
};
int64_t shape_units(struct shape shape);
bool shape_equal(struct shape a, struct shape b);
/* "(4)", "(1, 28, 28)" into `text`, which it returns. */
enum { SHAPE_TEXT_SIZE = 200 };
const char *shape_text(struct shape shape, char text[SHAPE_TEXT_SIZE]);

/* A parameter or buffer: its name in PyTorch's state_dict, less the layer's
 * position ("weight_ih_l0"), and its shape, row-major. */
enum { TENSOR_NAME_SIZE = 40 };
struct tensor_layout {
    char name[TENSOR_NAME_SIZE];
    struct shape shape;
    /* Saved, not trained. One of rank 0 is a counter, which no layer holds: an
     * int64 that says how many mini-batches the other buffers have seen. */
    bool is_buffer;
};
enum { LAYER_TENSOR_LIMIT = 256, LAYER_COEFFICIENT_LIMIT = 4 };

struct layer_kind;

/* What all layers of a pass share that trains. */
struct pass_state {
    int64_t batch; /* of the mini-batch that is computed, from 1 */
    /* torch's default generator of every lane, for layers that draw; NULL if
     * none does. Layers draw in order, forward only. */
    struct twisters *stream;
};

/* What forward and backward are called with. */
struct layer_call {
    const struct layer_kind *kind;
    const struct kernels *kernels;
    struct cells cells;
    bool training;
    const void *options; /* of the pack's first run: for what shapes arrays */
    struct shape input, output;
    /* Per-run numbers, [LAYER_COEFFICIENT_LIMIT][width]. */
    const float *const *coefficients;
    const float *const *tensors; /* [tensor][element][lane] */
    float *const *gradients;     /* the same; NULL for buffers */
    /* The same, of buffers, for a forward that trains to write; NULL for
     * parameters. */
    float *const *buffers;
    const struct pass_state *state; /* NULL in evaluation */
    const float *x;                 /* [unit][row][lane] of the input */
    float *y;                       /* of the output; backward only reads it */
    float *dy;                      /* backward: read; may be overwritten */
    float *dx;      /* backward: written; NULL where nobody needs it */
    float *saved;   /* saved_floats() of it: forward's notes for backward */
    float *scratch; /* scratch_floats() of it, shared with other layers */
    /* Of the layer that closes a container: the one that opened it. */
    const struct layer_call *opening;
    /* An activation before this layer, whose backward this layer's does too: dx
     * is the activation's. x is its y; where the kind `takes` it, its x. Or
     * NULL. */
    const struct layer_call *through;
    /* A pass leaves out what a view has not, and what the next layer does. */
    bool no_forward, no_backward;
};

struct layer_kind {
    struct kind kind; /* first: a registry row is a kind */

    /* Required; but for a view, whose outputs are its inputs in another shape,
     * which has neither forward nor backward. */
    enum status_code (*shape)(const void *options, struct shape input,
                              struct shape *output, struct status *status);
    void (*forward)(const struct layer_call *call);
    void (*backward)(const struct layer_call *call);

    /* Optional: a layer with tensors has both. */
    size_t (*tensors)(const void *options, struct shape input,
                      struct tensor_layout layouts[LAYER_TENSOR_LIMIT]);
    /* Draws one run's tensors as the PyTorch module's constructor does; each
     * contiguous, row-major. */
    void (*draw)(const void *options, struct shape input,
                 struct torch_generator *generator, float *const *tensors);

    /* Optional: per-run numbers; returns how many. */
    size_t (*coefficients)(const void *options,
                           double values[LAYER_COEFFICIENT_LIMIT]);

    /* Optional: whether two runs whose layers have these options, and tensors
     * and outputs of the same shapes, may share a pack: whatever else differs
     * is a coefficient. NULL: they always may. */
    bool (*alike)(const void *a, const void *b);

    /* The lane kernel, for kinds that share their functions. */
    int kernel;

    /* Optional: floats of scratch that forward and backward need. */
    size_t (*scratch_floats)(const void *options, struct shape input,
                             struct cells cells, size_t width);

    /* Optional: floats that a forward which trains leaves for backward of the
     * same mini-batch; in evaluation they are scratch. */
    size_t (*saved_floats)(const void *options, struct shape input,
                           struct cells cells, size_t width);

    /* Optional: whether a forward that trains draws from the state's stream.
     * How many words it draws must not depend on what `alike` lets differ. */
    bool (*draws)(const void *options);

    /* Optional: whether an evaluation mixes the rows of its batch, so that a
     * part of the data must be one batch. NULL: never. */
    bool (*is_whole)(const void *options);

    /* Optional: the rows that a mini-batch must have at least, and a part's
     * where is_whole() is true. NULL: 1. */
    size_t (*least_rows)(const void *options, struct shape input);

    /* Optional, for a layer that takes whole numbers from 0: below which one.
     * Its inputs must be the data's: nothing but views stands before it. */
    int64_t (*indices)(const void *options);

    /* Optional, for a container: the layers inside. The network is one chain:
     * this layer, those inside, and one of kind `closing`, which has the same
     * options and whose call knows this layer's as `opening`. */
    const struct layer_choice *(*inside)(const void *options, size_t *count);
    const struct layer_kind *closing;

    /* Optional: whether backward can go through an elementwise activation
     * before the layer, by its kernel: the call's `through`. */
    bool (*goes_through)(const struct layer_call *call, int activation);
    /* Optional: an elementwise activation that, where it is the call's
     * `through`, forward and backward both do before their own. */
    const struct layer_kind *takes;

    /* Whether backward may be called with dx == dy, as an elementwise
     * activation's: it reads each number of dy
     * before it writes that of dx, and no other after. */
    bool in_place;

    /* Whether each output is one of the inputs as it was, in another place; so
     * it is in a view, which need not say it. */
    bool moves;

    /* What a layer's outputs are: losses ask how a chain ends. */
    enum layer_range {
        RANGE_ANY,
        RANGE_PROBABILITY,      /* sigmoid */
        RANGE_DISTRIBUTION,     /* softmax */
        RANGE_LOG_DISTRIBUTION, /* log_softmax */
    } range;
    /* With a range of numbers that belong together, a distribution: how many.
     */
    int64_t (*range_size)(const void *options, struct shape output);
};

/* One entry of model.layers, as the config holds it. */
struct layer_choice {
    struct choice choice;
    const char *name; /* given by the user, or NULL */
    /* INITIALIZER_FAMILY: how weights and biases are drawn; kind NULL: as the
     * layer does by itself. */
    struct choice weight_init, bias_init;
};

/* residual: what a config's reader fills in. */
struct residual_options {
    const struct layer_choice *layers;
    size_t layer_count;
};

extern const struct kind_family LAYER_FAMILY; /* each kind a layer_kind */

/* True of a layer without arithmetic of its own: flatten, reshape. */
static inline bool layer_is_view(const struct layer_kind *kind) {
    return !kind->forward;
}

/* True of a layer that hands on numbers as they are. */
static inline bool layer_hands_on(const struct layer_kind *kind) {
    return kind->moves || layer_is_view(kind);
}

/* Asserts that a row is complete (forward without backward, tensors without
 * draw, …); called for the whole registry by its test and once at start in
 * debug builds. */
void layer_kind_check(const struct layer_kind *kind);

#endif
