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
#include "engine/random/mt19937.h"

/* Of one sample; the batch is not counted. */
enum { SHAPE_RANK_LIMIT = 4 };
struct shape {
    int rank;
    int64_t size[SHAPE_RANK_LIMIT];
};
int64_t shape_units(struct shape shape);
/* "(4)", "(1, 28, 28)" into `text`, which it returns. */
enum { SHAPE_TEXT_SIZE = 100 };
const char *shape_text(struct shape shape, char text[SHAPE_TEXT_SIZE]);

/* A parameter or buffer: its name in PyTorch's state_dict, less the layer's
 * position ("weight"), and its shape, row-major. */
struct tensor_layout {
    const char *name;
    struct shape shape;
    bool is_buffer; /* saved, not trained */
};
enum { LAYER_TENSOR_LIMIT = 8, LAYER_COEFFICIENT_LIMIT = 4 };

struct layer_kind;

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
    const float *x;              /* [unit][row][lane] of the input */
    float *y;                    /* of the output; backward only reads it */
    float *dy;                   /* backward: read; may be overwritten */
    float *dx;      /* backward: written; NULL where nobody needs it */
    float *scratch; /* scratch_floats() of it */
};

struct layer_kind {
    struct kind kind; /* first: a registry row is a kind */

    /* Required. */
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
                 struct mt19937 *generator, float *const *tensors);

    /* Optional: per-run numbers; returns how many. */
    size_t (*coefficients)(const void *options,
                           double values[LAYER_COEFFICIENT_LIMIT]);

    /* Optional: whether two runs whose layers have these options, and tensors
     * and outputs of the same shapes, may share a pack: whatever else differs
     * is a coefficient. NULL: they always may. */
    bool (*alike)(const void *a, const void *b);

    /* The lane kernel, for kinds that share their functions. */
    int kernel;

    /* Optional: floats of scratch that backward needs. */
    size_t (*scratch_floats)(const void *options, struct shape input,
                             struct cells cells, size_t width);

    /* How a chain of layers may end: what the losses ask for. */
    enum layer_range {
        RANGE_ANY,
        RANGE_PROBABILITY,      /* sigmoid */
        RANGE_DISTRIBUTION,     /* softmax */
        RANGE_LOG_DISTRIBUTION, /* log_softmax */
    } range;
};

extern const struct kind_family LAYER_FAMILY; /* each kind a layer_kind */

/* Words of layers (and other things) that belong to a later version, for "not
 * in this version" instead of "unknown". NULL-terminated. */
extern const char *const LAYERS_NOT_YET[];

/* Asserts that a row is complete (forward without backward, tensors without
 * draw, …); called for the whole registry by its test and once at start in
 * debug builds. */
void layer_kind_check(const struct layer_kind *kind);

#endif
