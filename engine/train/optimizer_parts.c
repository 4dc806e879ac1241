#include "engine/train/optimizer_parts.h"

#include <math.h>

#define REFUSED_EVERYWHERE                                                     \
    {"params", "every parameter of the model is trained"},                     \
        {"foreach", "it chooses an implementation, and there is one"},         \
        {"fused", "it chooses an implementation for CUDA"},                    \
        {"capturable", "it is for CUDA graphs"}, {                             \
        "differentiable", "nothing is differentiated through an update"        \
    }

const struct field_refused OPTIMIZER_REFUSED[] = {REFUSED_EVERYWHERE,
                                                  {NULL, NULL}};

const struct field_refused OPTIMIZER_REFUSED_AND_MAXIMIZE[] = {
    REFUSED_EVERYWHERE,
    {"maximize", "PyTorch 1.13 has it for the other optimizers only"},
    {NULL, NULL}};

/* high + low, unevaluated. */
struct wide {
    double high, low;
};

static struct wide wide_product(struct wide a, struct wide b) {
    double high = a.high * b.high;
    double low = fma(a.high, b.high, -high);
    low += a.high * b.low + a.low * b.high;
    double sum = high + low;
    return (struct wide){sum, low - (sum - high)};
}

double optimizer_power(double base, int64_t exponent) {
    struct wide result = {1, 0}, square = {base, 0};
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = wide_product(result, square);
        square = wide_product(square, square);
    }
    return result.high;
}

double optimizer_momentum_of(const struct update_numbers *numbers,
                             double option) {
    return numbers->has_momentum ? numbers->momentum : option;
}

double optimizer_sign(bool maximize) {
    return maximize ? -1 : 1;
}

bool optimizer_always_steady(const void *options) {
    (void)options;
    return true;
}
