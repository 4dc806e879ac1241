#include <assert.h>
#include <string.h>

#include "engine/nn/loss_kinds.h"

static const struct kind *const LOSSES[] = {
    &LOSS_KIND_BCE.kind,
    &LOSS_KIND_BCE_WITH_LOGITS.kind,
    &LOSS_KIND_MSE.kind,
    &LOSS_KIND_L1.kind,
    &LOSS_KIND_SMOOTH_L1.kind,
    &LOSS_KIND_HUBER.kind,
    &LOSS_KIND_CROSS_ENTROPY.kind,
    &LOSS_KIND_NLL.kind,
    NULL,
};

const struct kind_family LOSS_FAMILY = {"losses", "loss", LOSSES};

int loss_reduction(const struct loss_kind *kind, const void *options) {
    int reduction;
    memcpy(&reduction, (const char *)options + kind->reduction_offset,
           sizeof reduction);
    return reduction;
}

enum status_code loss_check_last(const struct loss_kind *loss,
                                 const struct layer_kind *ending,
                                 const struct layer_kind *last,
                                 struct status *status) {
    enum layer_range range = ending->range;
    bool fits =
        loss->required_range == RANGE_ANY || loss->required_range == range;
    for (size_t i = 0; i < 2; i++)
        if (range != RANGE_ANY && loss->refused_range[i] == range)
            fits = false;
    if (fits)
        return STATUS_OK;
    if (ending == last)
        return status_set(status, STATUS_CONFIG, "%s, but the last layer is %s",
                          loss->pairs, last->kind.name);
    return status_set(status, STATUS_CONFIG,
                      "%s, but the last layer is %s, which hands on what %s "
                      "gives",
                      loss->pairs, last->kind.name, ending->kind.name);
}

void loss_kind_check(const struct loss_kind *kind) {
    assert(kind->kind.name && kind->kind.help && kind->pairs);
    assert(kind->kind.fields && kind->kind.options_size);
    assert(kind->evaluate);
    assert((kind->task == TASK_BINARY) == !kind->average);
    assert((kind->task == TASK_CLASSES) == (kind->class_weight != NULL));
    assert(!kind->through ||
           kernels_available()[0]->loss_of_sigmoid[kind->kernel]);
    (void)kind;
}
