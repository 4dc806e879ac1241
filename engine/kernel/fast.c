#include "engine/kernel/fast.h"

#include <dlfcn.h>

/* The handle is kept: the module stays for the life of the process. */
enum status_code kernels_fast(const struct kernels *kernels,
                              struct kernels *fast, struct status *status) {
    void *module = dlopen(FAST_MODULE_FILE, RTLD_NOW | RTLD_LOCAL);
    STATUS_RETURN_IF(!module, status, STATUS_RUN,
                     "train.numerics: fast needs OpenBLAS, and the module that "
                     "calls it can't be loaded: %s",
                     dlerror());
    const struct fast_products *products = dlsym(module, FAST_MODULE_SYMBOL);
    STATUS_RETURN_IF(!products, status, STATUS_RUN,
                     "%s is not this program's module", FAST_MODULE_FILE);
    *fast = *kernels;
    fast->linear_forward = products->forward;
    fast->linear_backward_input = products->backward_input;
    fast->linear_backward_weight = products->backward_weight;
    for (size_t i = 0; i < ACTIVATION_KERNELS; i++)
        fast->linear_backward_through[i] = NULL;
    return STATUS_OK;
}
