#include "engine/nn/loss_kinds.h"

const char *const LOSS_REDUCTION_WORDS[] = {"mean", "sum", NULL};

const struct field_refused LOSS_REFUSED[] = {
    {"size_average", "reduction: mean or sum has replaced it"},
    {"reduce", "reduction: mean or sum has replaced it"},
    {NULL, NULL},
};

void loss_elementwise(const struct loss_call *call) {
    const struct kernels *kernels = call->kernels;
    const float count = (float)(call->units * call->cells.rows);
    float divisor[KERNEL_WIDTH_LIMIT], scale[KERNEL_WIDTH_LIMIT];
    for (size_t lane = 0; lane < kernels->width; lane++) {
        divisor[lane] = call->mean[lane] != 0 ? count : 1;
        scale[lane] = 1 / divisor[lane];
    }
    const int kernel = call->kind->kernel;
    (call->goes_through ? kernels->loss_of_sigmoid : kernels->loss)[kernel](
        call->units, call->cells, call->coefficients, scale, call->y, call->t,
        call->value, call->dy);
    for (size_t lane = 0; lane < call->cells.lanes; lane++)
        call->value[lane] /= divisor[lane];
}
