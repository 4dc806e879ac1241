/* Which copy runs, and how many lanes a pack has. */

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "engine/base/text.h"
#include "engine/kernel/kernel.h"

extern const struct kernels kernels_scalar, kernels_v2, kernels_v3, kernels_v4,
    kernels_neon;

static int machine_has_any(void) {
    return 1;
}

#if defined(__x86_64__)
/* The features that each of the psABI's levels adds. Those that not every
 * compiler's __builtin_cpu_supports knows are read from cpuid: a bit of ecx.
 * The builtin also knows whether the system saves the wide registers. */
static int cpuid_has(unsigned leaf, unsigned bits) {
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(leaf, &eax, &ebx, &ecx, &edx) && (ecx & bits) == bits;
}

static int machine_has_v2(void) {
    return __builtin_cpu_supports("sse3") && __builtin_cpu_supports("ssse3") &&
           __builtin_cpu_supports("sse4.1") &&
           __builtin_cpu_supports("sse4.2") &&
           __builtin_cpu_supports("popcnt") && cpuid_has(1, bit_CMPXCHG16B) &&
           cpuid_has(0x80000001, bit_LAHF_LM);
}

static int machine_has_v3(void) {
    return machine_has_v2() && __builtin_cpu_supports("avx") &&
           __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           cpuid_has(1, bit_MOVBE | bit_F16C) &&
           cpuid_has(0x80000001, bit_LZCNT);
}

static int machine_has_v4(void) {
    return machine_has_v3() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

/* From the plainest copy to the best. */
static const struct copy {
    const struct kernels *kernels;
    int (*machine_has)(void);
    const char *name, *short_name; /* of RUNNER_ISA */
} COPIES[] = {
    {&kernels_scalar, machine_has_any, "scalar", "scalar"},
#if KERNEL_HAS_v2
    {&kernels_v2, machine_has_v2, "x86-64-v2", "v2"},
#endif
#if KERNEL_HAS_v3
    {&kernels_v3, machine_has_v3, "x86-64-v3", "v3"},
#endif
#if KERNEL_HAS_v4
    {&kernels_v4, machine_has_v4, "x86-64-v4", "v4"},
#endif
#if KERNEL_HAS_neon
    {&kernels_neon, machine_has_any, "aarch64", "neon"},
#endif
};
enum { COPY_COUNT = sizeof COPIES / sizeof *COPIES };

const struct kernels *const *kernels_available(void) {
    /* Every call writes the same pointers, so that threads may race here. */
    static const struct kernels *available[COPY_COUNT + 1];
    size_t count = 0;
    for (size_t i = 0; i < COPY_COUNT; i++)
        if (COPIES[i].machine_has())
            available[count++] = COPIES[i].kernels;
    return available;
}

static enum status_code unknown_isa(const char *name, struct status *status) {
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < COPY_COUNT; i++)
        if (COPIES[i].machine_has())
            text_print(&text, "%s%s", text.length > 0 ? ", " : "",
                       COPIES[i].name);
    status_set(status, STATUS_CONFIG,
               "RUNNER_ISA: this build and machine have %s; found '%s'",
               text_string(&text), name);
    text_release(&text);
    return status->code;
}

static enum status_code find_copy(const char *name,
                                  const struct kernels **kernels,
                                  struct status *status) {
    for (size_t i = 0; i < COPY_COUNT; i++)
        if ((strcmp(name, COPIES[i].name) == 0 ||
             strcmp(name, COPIES[i].short_name) == 0) &&
            COPIES[i].machine_has()) {
            *kernels = COPIES[i].kernels;
            return STATUS_OK;
        }
    return unknown_isa(name, status);
}

/* A library linked with -ffast-math may have turned subnormals off for the
 * process; a caller may have changed the rounding. Seen in the arithmetic
 * itself, at run time. */
static enum status_code check_arithmetic(struct status *status) {
    volatile float tiny = 0x1p-126f, subnormal = 0x1p-149f;
    volatile float one = 1, tie = 0x1p-24f;
    STATUS_RETURN_IF(tiny * 0.5f == 0 || subnormal + subnormal == 0, status,
                     STATUS_RUN,
                     "subnormal numbers are turned off in this process; "
                     "results would not be reproducible");
    STATUS_RETURN_IF(one + tie != 1 || one + 3 * tie != 1 + 0x1p-22f, status,
                     STATUS_RUN,
                     "the rounding mode of this process is not to nearest; "
                     "results would not be reproducible");
    return STATUS_OK;
}

enum status_code kernels_select(const struct kernels **kernels,
                                struct status *status) {
    const char *name = getenv("RUNNER_ISA");
    if (name != NULL && *name != '\0')
        STATUS_TRY(find_copy(name, kernels, status));
    else
        for (const struct kernels *const *best = kernels_available();
             *best != NULL; best++)
            *kernels = *best;
    return check_arithmetic(status);
}

enum status_code kernels_forced_lanes(const struct kernels *kernels,
                                      size_t *lanes, struct status *status) {
    *lanes = 0;
    const char *value = getenv("RUNNER_LANES");
    if (value == NULL || *value == '\0')
        return STATUS_OK;
    char *end = NULL;
    const bool is_full = strcmp(value, "full") == 0;
    const unsigned long number =
        isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : 0;
    const bool is_width = end != NULL && *end == '\0' &&
                          (number == 1 || number == kernels->width);
    STATUS_RETURN_IF(!is_full && !is_width, status, STATUS_CONFIG,
                     "RUNNER_LANES: expected 1, full or %zu (the width of "
                     "%s); found '%s'",
                     kernels->width, kernels->isa, value);
    *lanes = is_full ? kernels->width : number;
    return STATUS_OK;
}

static size_t round_up(size_t value, size_t to) {
    return (value + to - 1) / to * to;
}

size_t kernels_stride(size_t rows, size_t lanes, size_t width) {
    enum { LINE_FLOATS = 16 };
    const size_t cells = round_up(rows * lanes, width);
    return (round_up(cells, LINE_FLOATS) / LINE_FLOATS | 1) * LINE_FLOATS;
}

void kernels_reciprocals(size_t count, uint32_t *reciprocals) {
    for (size_t i = 0; i + 1 < count; i++)
        reciprocals[i] = (uint32_t)((UINT64_C(1) << 32) / (count - i));
}

/* (1 - p) 2^53 is whole: 1 - p, where it is rounded at all, is at least 1/2. */
void kernels_dropout(double p, double numbers[KERNEL_DROPOUT_NUMBERS]) {
    const uint64_t kept = (uint64_t)((1 - p) * 0x1p53);
    numbers[0] = (double)(kept >> 32);
    numbers[1] = (double)(kept >> 16 & 0xffff);
    numbers[2] = (double)(kept & 0xffff);
    numbers[3] = (double)(1 / (float)(1 - p));
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

size_t kernels_product_scratch(size_t terms, size_t columns, size_t width) {
    return smaller(round_up(terms, width), KERNEL_BLOCK) *
           smaller(round_up(columns, width), KERNEL_PANEL);
}

size_t kernels_product_packed(size_t terms, size_t columns, size_t width) {
    return round_up(terms, width) * round_up(columns, width);
}

/* Each product's vectors may run over either side. */
size_t kernels_linear_scratch(struct linear_sizes sizes, struct cells cells,
                              size_t width) {
    const size_t inputs = sizes.inputs, outputs = sizes.outputs;
    const size_t terms[] = {inputs, outputs, cells.rows};
    const size_t columns[] = {larger(outputs, cells.rows),
                              larger(inputs, cells.rows),
                              larger(inputs, outputs)};
    size_t floats = 0;
    for (size_t i = 0; cells.lanes != width && i < 3; i++)
        floats = larger(floats,
                        kernels_product_scratch(terms[i], columns[i], width));
    return floats;
}

/* Lists of taps of two machine words. Or, for the weights' gradient, of five;
 * a strand, and those that wait, one a level of meeting; and the places of a
 * block, of three words. */
size_t kernels_conv_scratch(const struct conv_sizes *sizes, struct cells cells,
                            size_t width) {
    enum { TAP = 2, WEIGHT_TAP = 5, STRANDS = 6, PLACE = 3 };
    const size_t word = sizeof(size_t) / sizeof(float);
    const size_t inputs = sizes->inputs / sizes->groups;
    const size_t outputs = sizes->outputs / sizes->groups;
    const size_t taps = window_taps(&sizes->window);
    const size_t listed = (inputs > outputs ? inputs : outputs) * taps * TAP;
    const size_t words = inputs * taps * WEIGHT_TAP + KERNEL_BLOCK * PLACE;
    const size_t weights =
        words * word + STRANDS * outputs * inputs * taps * width;
    (void)cells;
    return listed * word > weights ? listed * word : weights;
}

size_t kernels_pool_scratch(const struct pool_sizes *sizes) {
    enum { TAP_WORDS = 2 };
    return window_taps(&sizes->window) * TAP_WORDS * sizeof(size_t) /
           sizeof(float);
}
