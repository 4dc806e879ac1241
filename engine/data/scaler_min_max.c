#include <float.h>

#include "engine/data/scaler.h"

enum { DATA_MIN, DATA_MAX, SCALE, MIN, NUMBERS };
static const char *const NAMES[NUMBERS] = {"data_min_", "data_max_", "scale_",
                                           "min_"};

struct min_max_options {
    struct field_numbers feature_range; /* low, high */
};

static void fit(const void *memory, double *values, size_t count, bool is_alone,
                double numbers[]) {
    (void)is_alone; /* there is no sum */
    const struct min_max_options *options = memory;
    double low = options->feature_range.values[0];
    double high = options->feature_range.values[1];
    double least = values[0], most = least;
    for (size_t i = 1; i < count; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    /* _handle_zeros_in_scale: a range below ten roundings of 1 is none. */
    double range = most - least;
    numbers[DATA_MIN] = least;
    numbers[DATA_MAX] = most;
    numbers[SCALE] = (high - low) / (range < 10 * DBL_EPSILON ? 1 : range);
    numbers[MIN] = low - least * numbers[SCALE];
}

static double apply(const double numbers[], double value) {
    return value * numbers[SCALE] + numbers[MIN];
}

static double restore(const double numbers[], double value) {
    return (value - numbers[MIN]) / numbers[SCALE];
}

static const struct field FIELDS[] = {
    {.key = "feature_range",
     .type = FIELD_NUMBERS,
     FIELD_AT(struct min_max_options, feature_range),
     .default_text = "[0.0, 1.0]",
     .least = 2,
     .most = 2,
     .help = "what the training rows' least and largest value become"},
    {.key = NULL},
};

static const struct field_refused REFUSED[] = {
    {"copy", "it saves memory and changes no number"},
    {"clip", "rows outside the training rows' range stay outside"},
    {NULL, NULL},
};

static const char *check(const void *memory, const char **key) {
    const struct min_max_options *options = memory;
    const double *range = options->feature_range.values;
    *key = "feature_range";
    return range[0] < range[1]
               ? NULL
               : "feature_range must be [low, high] with low below high";
}

const struct scaler_kind SCALER_MIN_MAX = {
    .kind = {.name = "min_max_scaler",
             .help = "a given range on the training rows",
             .fields = FIELDS,
             .options_size = sizeof(struct min_max_options),
             .refused = REFUSED,
             .check = check},
    .numbers = NUMBERS,
    .names = NAMES,
    .fit = fit,
    .apply = apply,
    .restore = restore,
};
