#include "runner/audit/ulp.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "engine/base/number.h"

/* Bits of a binary number as an integer that ascends with the number, 0 at
 * both zeros. */
static int64_t rank_of(uint64_t bits, int width) {
    int64_t magnitude = (int64_t)(bits & ((UINT64_C(1) << (width - 1)) - 1));
    return bits >> (width - 1) ? -magnitude : magnitude;
}

/* Magnitudes are below 2^63, so that the difference fits. */
static uint64_t between(int64_t a, int64_t b) {
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

uint64_t ulp_double(double a, double b) {
    uint64_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    if (!isfinite(a) || !isfinite(b))
        return UINT64_MAX;
    return between(rank_of(x, 64), rank_of(y, 64));
}

uint64_t ulp_float(float a, float b) {
    uint32_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    if (!isfinite(a) || !isfinite(b))
        return UINT64_MAX;
    return between(rank_of(x, 32), rank_of(y, 32));
}

static void add_distance(uint64_t ulp, struct text *out) {
    if (ulp == 0)
        text_add(out, ": another sign");
    else if (ulp != UINT64_MAX)
        text_print(out, ": %" PRIu64 " ulp apart", ulp);
}

void ulp_write_doubles(double a, const char *middle, double b,
                       struct text *out) {
    char digits[NUMBER_TEXT_SIZE];
    text_append(out, digits, number_write_double(a, digits));
    text_add(out, middle);
    text_append(out, digits, number_write_double(b, digits));
    add_distance(ulp_double(a, b), out);
}

void ulp_write_floats(float a, const char *middle, float b, struct text *out) {
    char digits[NUMBER_TEXT_SIZE];
    text_append(out, digits, number_write_float(a, digits));
    text_add(out, middle);
    text_append(out, digits, number_write_float(b, digits));
    add_distance(ulp_float(a, b), out);
}
