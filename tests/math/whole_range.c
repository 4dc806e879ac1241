/* All 2^32 floats through every elementary function: the best copy against its
 * promised error, and all copies against each other. Prints a table; exits
 * with 1 where a promise is broken. scripts/test_math.sh builds and runs it.
 *
 * Arguments: how many processes share the work, which of them this is, and a
 * number n: of the copies that emulate fused multiply-add only every n-th batch
 * is looked at (1: all; they take nine tenths of the time). */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/math/math_limits.h"

enum { BATCH = 1 << 14 };

struct worst {
    double error;
    float x;
    uint64_t differing;
    float differs_at;
};

static int is_slow(const struct kernels *copy) {
    return strcmp(copy->isa, "scalar") == 0 || strcmp(copy->isa, "v2") == 0;
}

static void measure(const struct kernels *best, int function,
                    const struct math_limit *limit, const float *x,
                    int with_slow, struct worst *worst) {
    static float y[BATCH], other[BATCH];
    best->math[function].apply(BATCH, x, y);
    for (int i = 0; i < BATCH; i++) {
        const double error = ulp_error(y[i], limit->exact((double)x[i]));
        if (error > worst->error) {
            worst->error = error;
            worst->x = x[i];
        }
    }
    for (const struct kernels *const *copy = kernels_available(); *copy != best;
         copy++) {
        if (is_slow(*copy) && !with_slow)
            continue;
        (*copy)->math[function].apply(BATCH, x, other);
        for (int i = 0; i < BATCH; i++)
            if (!same_float(y[i], other[i])) {
                worst->differing++;
                worst->differs_at = x[i];
            }
    }
}

static int check_function(const struct kernels *best, int function,
                          uint64_t parts, uint64_t part, uint64_t slow_step) {
    static float x[BATCH];
    const struct math_limit *limit = math_limit(best->math[function].name);
    struct worst worst = {0};
    uint64_t batch = 0;
    for (uint64_t first = part * BATCH; first <= UINT32_MAX;
         first += parts * BATCH) {
        for (uint32_t i = 0; i < BATCH; i++) {
            const uint32_t bits = (uint32_t)first + i;
            memcpy(&x[i], &bits, sizeof bits);
        }
        measure(best, function, limit, x, batch++ % slow_step == 0, &worst);
    }
    const int is_right = worst.error <= limit->ulp && worst.differing == 0;
    printf("%-8s %8.4f %8.4g  %-16a %llu differ%s\n", limit->name, worst.error,
           limit->ulp, (double)worst.x, (unsigned long long)worst.differing,
           is_right ? "" : "  FAILED");
    if (worst.differing > 0)
        printf("%-8s copies differ at %a\n", "", (double)worst.differs_at);
    fflush(stdout);
    return is_right;
}

int main(int count, char **arguments) {
    const uint64_t parts = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
    const uint64_t part = count > 2 ? strtoull(arguments[2], NULL, 10) : 0;
    const uint64_t slow_step = count > 3 ? strtoull(arguments[3], NULL, 10) : 1;
    if (parts == 0 || part >= parts || slow_step == 0) {
        fprintf(stderr, "usage: whole_range [parts part [slow_step]]\n");
        return 2;
    }
    const struct kernels *best = NULL;
    for (const struct kernels *const *copy = kernels_available(); *copy != NULL;
         copy++)
        best = *copy;
    int is_right = 1;
    printf("%-8s %8s %8s  %-16s (copy %s)\n", "function", "max ulp", "promised",
           "at", best->isa);
    for (int function = 0; best->math[function].name != NULL; function++)
        is_right &= check_function(best, function, parts, part, slow_step);
    return !is_right;
}
