#ifndef ENGINE_KERNEL_FAST_H
#define ENGINE_KERNEL_FAST_H

/* Matrix products by OpenBLAS, for who asks for `train.numerics: fast`. Their
 * bits hold on one machine and build alone: OpenBLAS sums otherwise on other
 * processors and for other numbers of rows.
 *
 * The library is behind a module of its own that is opened when the first run
 * asks for it; nothing else depends on it. */

#include "engine/kernel/kernel.h"

#define FAST_MODULE_FILE "runner_openblas.so"
#define FAST_MODULE_SYMBOL "fast_products"

/* What the module exports: the three linear kernels, rows form only. */
struct fast_products {
    void (*forward)(struct linear_sizes sizes, struct cells cells,
                    const float *weight, const float *bias, const float *x,
                    float *y, float *scratch);
    void (*backward_input)(struct linear_sizes sizes, struct cells cells,
                           const float *weight, const float *dy, float *dx,
                           float *scratch);
    void (*backward_weight)(struct linear_sizes sizes, struct cells cells,
                            const float *x, const float *dy, float *dweight,
                            float *dbias, float *scratch);
};

/* `fast` = `kernels` with these products, for packs in rows form. STATUS_RUN
 * where the module can't be opened. */
enum status_code kernels_fast(const struct kernels *kernels,
                              struct kernels *fast, struct status *status);

#endif
