#ifndef ENGINE_NN_LOSS_KINDS_H
#define ENGINE_NN_LOSS_KINDS_H

/* What the files of losses share with each other and their registry. */

#include "engine/nn/loss.h"

/* loss_binary.c */
extern const struct loss_kind LOSS_KIND_BCE, LOSS_KIND_BCE_WITH_LOGITS;
/* loss_regression.c */
extern const struct loss_kind LOSS_KIND_MSE, LOSS_KIND_L1, LOSS_KIND_SMOOTH_L1,
    LOSS_KIND_HUBER;
/* loss_classes.c */
extern const struct loss_kind LOSS_KIND_CROSS_ENTROPY, LOSS_KIND_NLL;

/* A list of numbers, or null. */
struct loss_weight {
    bool present;
    struct field_numbers value;
};

/* `evaluate` of the losses that are a sum over elements: kernel loss[kernel],
 * divided by the number of elements for a mean. */
void loss_elementwise(const struct loss_call *call);

extern const char *const LOSS_REDUCTION_WORDS[];
extern const struct field_refused LOSS_REFUSED[];

/* The row of `reduction` in a table of fields. */
#define LOSS_REDUCTION_FIELD(options_type)                                     \
    {                                                                          \
        .key = "reduction", .type = FIELD_WORD,                                \
        FIELD_AT(options_type, reduction), .default_text = "mean",             \
        .words = LOSS_REDUCTION_WORDS,                                         \
        .help = "how a mini-batch's losses become one number"                  \
    }

#endif
