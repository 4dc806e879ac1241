#ifndef ENGINE_NN_GRADIENT_CHECK_H
#define ENGINE_NN_GRADIENT_CHECK_H

/* Compares what backward gives with what differences of forward give, for any
 * registered layer or loss: the test loops over the registries.
 *
 * A layer's outputs y are made one number per lane, L = sum of c y with random
 * c, so that dL/dy = c is what backward is called with; a loss is its own
 * number. Its derivative by a variable v (an input, a weight) is estimated from
 * four evaluations around v,
 *
 *     (L(v - 2h) - 8 L(v - h) + 8 L(v + h) - L(v + 2h)) / 12h
 *
 * whose truncation error is h^4 / 30 times the fifth derivative.
 *
 * Step and tolerance. Outputs are float32, so that the estimate carries a
 * rounding error of about 1.5 u |y| / h for each output that v changes, u being
 * 2^-24 times the few units that a kernel may be off. With h = 2^-6 and 8 such
 * units the bound is 4.6e-5 sum |c y|, the sum being over those outputs.
 * Truncation is 2e-9 times the fifth derivative: at most 5e-5 for the steepest
 * function here, bce at 1/4, whose first derivative is 4. So the tolerance is
 * that bound and 2^-13 of the estimate: a derivative that is wrong by a part in
 * a few thousand is found. Sums are in binary64, and all variables are
 * multiples of 2^-12, so that v + h is exact.
 *
 * Functions with kinks (relu, l1, huber) have them at multiples of 1/2 in these
 * variables if their options are multiples of 1/2; inputs, and the differences
 * between outputs and targets, keep a distance of 0.15 from those.
 *
 * Padding holds NaN throughout: it must not reach anything.
 */

#include "engine/nn/loss.h"
#include "engine/nn/network.h"

struct gradient_check {
    const struct kernels *kernels;
    size_t lanes, rows;
    uint32_t seed; /* of the inputs */
    /* Outputs round like numbers of at least this size: more than 0 where they
     * are differences of larger ones. */
    double least_output;
};

/* STATUS_OK; STATUS_CONFIG if the layer takes no such input, or not so few
 * rows; or STATUS_RUN and a message with variable, lane and both numbers:
 * "linear: derivative by weight[3] in lane 0: ...". */
enum status_code gradient_check_layer(const struct gradient_check *check,
                                      const struct layer_kind *kind,
                                      const void *options, struct shape input,
                                      struct status *status);

/* The same of a loss of `units` outputs. */
enum status_code gradient_check_loss(const struct gradient_check *check,
                                     const struct loss_kind *kind,
                                     const void *options, size_t units,
                                     struct status *status);

/* The same of a network, by its parameters: where views and containers have
 * layers around and inside them. Its layers must be smooth, and none may draw;
 * inputs are in [-1, 1), since what layers do to one another makes the fifth
 * derivative larger than a layer's own. Outputs may be small where what they
 * are made from is not, so that an output's rounding error is taken to be that
 * of the largest number in its row, of any layer. An embedding's inputs are
 * drawn among its whole numbers. */
enum status_code gradient_check_network(const struct gradient_check *check,
                                        const struct network *network,
                                        struct status *status);

#endif
