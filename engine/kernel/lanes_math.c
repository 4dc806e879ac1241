/* The elementary functions over arrays, for tests. */

#include "engine/kernel/lane_math.h"
#include "engine/kernel/lanes.h"

#define MATH_FUNCTIONS(ROW)                                                    \
    ROW(exp)                                                                   \
    ROW(expm1)                                                                 \
    ROW(log)                                                                   \
    ROW(log1p)                                                                 \
    ROW(tanh)                                                                  \
    ROW(sigmoid)                                                               \
    ROW(erf)                                                                   \
    ROW(sin)                                                                   \
    ROW(cos)

#define MATH_APPLY(name)                                                       \
    static void name##_apply(size_t count, const float *x, float *y) {         \
        size_t i = 0;                                                          \
        for (; i + KERNEL_WIDTH <= count; i += KERNEL_WIDTH)                   \
            v_store(y + i, lane_##name(v_load(x + i)));                        \
        if (i < count)                                                         \
            v_store_part(y + i, lane_##name(v_load_part(x + i, count - i)),    \
                         count - i);                                           \
    }
MATH_FUNCTIONS(MATH_APPLY)

#define MATH_ENTRY(name) {#name, name##_apply},
const struct math_function LANES(math_functions)[] = {
    MATH_FUNCTIONS(MATH_ENTRY){NULL, NULL}};
