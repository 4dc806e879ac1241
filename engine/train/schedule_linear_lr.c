#include "engine/train/schedule_parts.h"

struct options {
    double start_factor, end_factor;
    int64_t total_iters;
};

static const struct field FIELDS[] = {
    {.key = "start_factor",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE | FIELD_MINIMUM_OPEN,
     FIELD_AT(struct options, start_factor),
     .default_text = "0.3333333333333333",
     FIELD_BETWEEN(0, 1),
     .help = "lr's factor in the first update"},
    {.key = "end_factor",
     .type = FIELD_NUMBER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct options, end_factor),
     .default_text = "1.0",
     FIELD_BETWEEN(0, 1),
     .help = "lr's factor after total_iters updates"},
    {.key = "total_iters",
     .type = FIELD_INTEGER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct options, total_iters),
     .default_text = "5",
     FIELD_AT_LEAST(0),
     .unit = "updates",
     .help = "updates over which the factor changes"},
    {.key = NULL},
};

static void start(const void *memory, int64_t updates, double base_lr,
                  struct schedule_state *state) {
    const struct options *options = memory;
    (void)updates;
    schedule_begin(base_lr, state);
    state->lr *= options->start_factor;
}

static void step(const void *memory, int64_t updates,
                 struct schedule_state *state) {
    const struct options *options = memory;
    (void)updates;
    if (++state->last_epoch > options->total_iters)
        return;
    double change = options->end_factor - options->start_factor;
    state->lr *=
        1 + change / ((double)options->total_iters * options->start_factor +
                      (double)(state->last_epoch - 1) * change);
}

const struct schedule_kind LINEAR_SCHEDULE = {
    .kind = {.name = "linear_lr",
             .help = "lr times a factor that changes linearly",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = SCHEDULE_ALWAYS_REFUSED},
    .start = start,
    .step = step,
};
