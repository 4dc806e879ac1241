#ifndef ENGINE_TRAIN_OPTIMIZER_PARTS_H
#define ENGINE_TRAIN_OPTIMIZER_PARTS_H

/* What the optimizers' files share. Formulas are those of
 * torch/optim/NAME.py, _single_tensor_NAME, of PyTorch 1.13. */

#include "engine/train/optimizer.h"

extern const struct optimizer_kind SGD_OPTIMIZER, ADAGRAD_OPTIMIZER,
    RMSPROP_OPTIMIZER, ADADELTA_OPTIMIZER, ADAM_OPTIMIZER, ADAMW_OPTIMIZER,
    ADAMAX_OPTIMIZER, NADAM_OPTIMIZER, RADAM_OPTIMIZER;

/* Rows that most optimizers have; `owner` is the options' struct. */
#define OPTIMIZER_LR(owner, text)                                              \
    {                                                                          \
        .key = "lr", .type = FIELD_NUMBER, .flags = FIELD_NOT_NEGATIVE,        \
        FIELD_AT(owner, lr), .default_text = text, FIELD_AT_LEAST(0),          \
        .help = "learning rate"                                                \
    }

#define OPTIMIZER_BETAS(owner)                                                 \
    {                                                                          \
        .key = "betas", .type = FIELD_NUMBERS, .flags = FIELD_HALF_OPEN,       \
        FIELD_AT(owner, betas), .default_text = "[0.9, 0.999]",                \
        FIELD_BETWEEN(0, 1), .least = 2, .most = 2,                            \
        .help = "decay of the running means of the gradient and its square"    \
    }

/* A number from 0 up. */
#define OPTIMIZER_NOT_NEGATIVE(owner, member, text, says)                      \
    {                                                                          \
        .key = #member, .type = FIELD_NUMBER, .flags = FIELD_NOT_NEGATIVE,     \
        FIELD_AT(owner, member), .default_text = text, FIELD_AT_LEAST(0),      \
        .help = says                                                           \
    }

#define OPTIMIZER_EPS(owner, text)                                             \
    OPTIMIZER_NOT_NEGATIVE(owner, eps, text,                                   \
                           "added to the denominator, against division by 0")

#define OPTIMIZER_WEIGHT_DECAY(owner, text)                                    \
    OPTIMIZER_NOT_NEGATIVE(owner, weight_decay, text,                          \
                           "decay of the weights (L2 penalty)")

#define OPTIMIZER_FLAG(owner, member, says)                                    \
    {                                                                          \
        .key = #member, .type = FIELD_BOOLEAN, FIELD_AT(owner, member),        \
        .default_text = "false", .help = says                                  \
    }

#define OPTIMIZER_MAXIMIZE(owner)                                              \
    OPTIMIZER_FLAG(owner, maximize, "make the loss large instead of small")

/* torch's options that are not taken; the second list is for optimizers that
 * cannot maximize. */
extern const struct field_refused OPTIMIZER_REFUSED[];
extern const struct field_refused OPTIMIZER_REFUSED_AND_MAXIMIZE[];

/* base^exponent, correctly rounded but for rare ties (products in twice the
 * precision), for base >= 0, exponent >= 0 and
 * results up to 1e150. */
double optimizer_power(double base, int64_t exponent);

/* The momentum, or betas[0], of an update: the schedule's, or the option. */
double optimizer_momentum_of(const struct update_numbers *numbers,
                             double option);

/* For optimizers whose numbers follow from options, lr and momentum alone. */
bool optimizer_always_steady(const void *options);

/* What the gradient is multiplied with to climb or descend. */
double optimizer_sign(bool maximize);

#endif
