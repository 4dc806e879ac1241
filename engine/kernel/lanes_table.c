/* The copy's table. */

#include "engine/kernel/lanes.h"

#define TEXT_OF(token) #token
#define TEXT(token) TEXT_OF(token)

const struct kernels LANES(kernels) = {
    .isa = TEXT(KERNEL_ISA),
    .width = KERNEL_WIDTH,
    .linear_forward = LANES(linear_forward),
    .linear_backward_input = LANES(linear_backward_input),
    .linear_backward_through =
        {
            [ACTIVATION_sigmoid] = LANES(linear_backward_sigmoid),
            [ACTIVATION_tanh] = LANES(linear_backward_tanh),
        },
    .linear_backward_weight = LANES(linear_backward_weight),
    .conv_forward = LANES(conv_forward),
    .conv_backward_input = LANES(conv_backward_input),
    .conv_backward_weight = LANES(conv_backward_weight),
    .channel_sums = LANES(channel_sums),
    .max_pool_forward = LANES(max_pool_forward),
    .max_pool_backward = LANES(max_pool_backward),
    .avg_pool_forward = LANES(avg_pool_forward),
    .avg_pool_backward = LANES(avg_pool_backward),
    .embedding_forward = LANES(embedding_forward),
    .embedding_backward = LANES(embedding_backward),
    .recurrent_forward = LANES(recurrent_forward),
    .recurrent_backward = LANES(recurrent_backward),
    .activation =
        {
#define ACTIVATION(name, ...)                                                  \
    [ACTIVATION_##name] = {LANES(name##_forward), LANES(name##_backward)},
#include "engine/kernel/activation.def"
        },
    .softmax_forward = LANES(softmax_forward),
    .softmax_backward = LANES(softmax_backward),
    .log_softmax_forward = LANES(log_softmax_forward),
    .log_softmax_backward = LANES(log_softmax_backward),
    .loss =
        {
#define LOSS(name, ...) [LOSS_##name] = LANES(name##_loss),
#include "engine/kernel/loss.def"
        },
    .loss_of_sigmoid = {[LOSS_bce] = LANES(bce_of_sigmoid)},
    .nll = LANES(nll),
    .cross_entropy = LANES(cross_entropy),
    .update =
        {
#define OPTIMIZER(name, ...) [OPTIMIZER_##name] = LANES(name##_update),
#include "engine/kernel/optimizer.def"
        },
    .batch_statistics = LANES(batch_statistics),
    .given_statistics = LANES(given_statistics),
    .running_average = LANES(running_average),
    .batch_norm_forward = LANES(batch_norm_forward),
    .batch_norm_backward = LANES(batch_norm_backward),
    .layer_norm_forward = LANES(layer_norm_forward),
    .layer_norm_backward = LANES(layer_norm_backward),
    .twisters_skip = LANES(twisters_skip),
    .twisters_shuffle = LANES(twisters_shuffle),
    .dropout = LANES(dropout),
    .gather = LANES(gather),
    .spread = LANES(spread),
    .sum_of_squares = LANES(sum_of_squares),
    .scale = LANES(scale),
    .add = LANES(add),
    .multiply = LANES(multiply),
    .double_logs = LANES(double_logs),
    .math = LANES(math_functions),
};
