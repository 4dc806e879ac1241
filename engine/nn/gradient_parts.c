#include "engine/nn/gradient_parts.h"

#include <math.h>

enum { UNITS_IN_THE_LAST_PLACE = 8 };

static const double RELATIVE = 0x1p-13;
const int GRADIENT_OFFSETS[GRADIENT_POINTS] = {-2, -1, 1, 2};
/* Of the differences, times 12; whole, so that what does not change cancels. */
static const double WEIGHTS[GRADIENT_POINTS] = {1, -8, 8, -1};

/* ---- variables ---- */

/* A multiple of 2^-12 in [low, high). */
static float draw(struct mt19937 *generator, float low, float high) {
    double word = (double)mt19937_next(generator) * 0x1p-32;
    double value = (double)low + word * ((double)high - (double)low);
    return (float)(floor(value * 0x1p12) * 0x1p-12);
}

/* Half a whole number, and between 0.15 and 0.35 more: thirty levels in turn,
 * 0.035 apart at least, so that which of several is the largest does not change
 * in a step. */
static float draw_between_kinks(struct mt19937 *generator, size_t place) {
    int half = (int)(place % 6) - 3;
    float level = 0.15f + 0.04f * (float)(place / 6 % 5);
    return 0.5f * (float)half + draw(generator, level, level + 0.005f);
}

float gradient_draw(struct mt19937 *generator, enum gradient_values values,
                    size_t place) {
    switch (values) {
    case BETWEEN_KINKS:
        return draw_between_kinks(generator, place);
    case PROBABILITIES:
        return draw(generator, 0.25f, 0.75f);
    case SIGNED:
        return draw(generator, -1, 1);
    default:
        return 0.5f * (float)(mt19937_next(generator) % 5) - 1;
    }
}

void gradient_fill(struct mt19937 *generator, enum gradient_values values,
                   size_t units, struct cells cells, float *out) {
    for (size_t unit = 0; unit < units; unit++)
        for (size_t i = 0; i < cells.stride; i++)
            out[unit * cells.stride + i] =
                i < cells.rows * cells.lanes
                    ? gradient_draw(generator, values, i + 2 * unit)
                    : NAN;
}

void gradient_add(struct gradient_estimate *estimate, double factor,
                  const double values[GRADIENT_POINTS]) {
    double difference = 0, largest = 0;
    bool changed = false;
    for (int i = 0; i < GRADIENT_POINTS; i++) {
        difference += WEIGHTS[i] * values[i];
        largest = fmax(largest, fabs(values[i]));
        changed |= values[i] != values[0];
    }
    estimate->value += factor * difference / (12 * (double)GRADIENT_STEP);
    estimate->magnitude += changed ? fabs(factor) * largest : 0;
}

enum status_code gradient_compare(struct gradient_variable variable,
                                  struct gradient_estimate estimate,
                                  float derivative, struct status *status) {
    double rounding =
        UNITS_IN_THE_LAST_PLACE * 0x1p-24 * 1.5 / (double)GRADIENT_STEP;
    double tolerance =
        rounding * estimate.magnitude + RELATIVE * fabs(estimate.value);
    double error = fabs((double)derivative - estimate.value);
    if (error <= tolerance)
        return STATUS_OK;
    return status_set(status, STATUS_RUN,
                      "%s: derivative by %s[%zu] in lane %zu: backward gives "
                      "%.9g, differences give %.9g, tolerance %.2g",
                      variable.kind, variable.name, variable.index,
                      variable.lane, (double)derivative, estimate.value,
                      tolerance);
}

float *gradient_floats(struct arena *arena, size_t count) {
    return arena_zeroed(arena, count, sizeof(float));
}

const float *const *gradient_spread(struct arena *arena, size_t width,
                                    size_t count, const double *values) {
    const float **rows =
        arena_zeroed(arena, LAYER_COEFFICIENT_LIMIT, sizeof *rows);
    for (size_t i = 0; rows && i < count; i++) {
        float *numbers = gradient_floats(arena, width);
        for (size_t lane = 0; numbers && lane < width; lane++)
            numbers[lane] = (float)values[i];
        rows[i] = numbers;
    }
    return rows;
}

struct cells gradient_cells(const struct gradient_check *check) {
    return (struct cells){
        check->rows, check->lanes,
        kernels_stride(check->rows, check->lanes, check->kernels->width)};
}
