#ifndef ENGINE_NN_PASS_H
#define ENGINE_NN_PASS_H

/* Forward and backward through a network, prepared: every layer's call is
 * filled in once, so that a mini-batch costs the kernels and nothing else.
 *
 * Activations are [unit][row][lane] in the layout of kernel.h. A pass that
 * trains keeps every layer's output for backward; one that only evaluates has
 * two buffers that the layers write in turn. A view's output is its input; a
 * container's opening layer keeps its output in memory of its own.
 */

#include "engine/nn/network.h"

struct pass_setup {
    const struct kernels *kernels;
    const struct network *network; /* the first run's: shapes and kinds */
    struct cells cells;            /* with the largest number of rows */
    const float *x;                /* [unit][row][lane] of the input */
    const float *parameters;       /* [parameter][lane], the network's order */
    const float *buffers;          /* the same of buffers */
    float *buffers_written;  /* `buffers`, for layers that train to write */
    float *gradients;        /* as parameters; NULL: evaluate only */
    struct twisters *stream; /* see struct pass_state; or NULL */
};

struct pass {
    const struct kernels *kernels;
    struct layer_call *calls; /* [count] */
    size_t count, first_trained;
    struct pass_state *state; /* NULL: evaluate only */
    float *y;                 /* the last layer's output */
    float *dy; /* where the loss puts its derivative; NULL: evaluate only */
};

/* Memory from `arena`. The per-run numbers are unset until pass_set_run(). */
enum status_code pass_init(struct pass *pass, const struct pass_setup *setup,
                           struct arena *arena, struct status *status);

/* Puts a run's options into its lane (rows form: lane 0). */
void pass_set_run(struct pass *pass, size_t lane,
                  const struct network *network);

/* True if a layer of the network draws in training. */
bool network_draws(const struct network *network);

/* Leaves backward of the last layer to the loss, which then fills pass->dy with
 * that layer's dx. False, and nothing is left, where the layer is not of this
 * kind, an elementwise activation. */
bool pass_leave_last(struct pass *pass, const struct layer_kind *kind);

/* For a batch with fewer rows than the last one, or as many as set up. */
void pass_set_rows(struct pass *pass, size_t rows);

void pass_forward(const struct pass *pass);
/* Writes the gradients of every parameter; layers before the first that has
 * any are left out. */
void pass_backward(const struct pass *pass);

/* The first layer whose output of the last forward is not finite in `lane`;
 * `count` if there is none. */
size_t pass_first_not_finite(const struct pass *pass, size_t lane);

#endif
