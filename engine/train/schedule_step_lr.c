#include "engine/train/schedule_parts.h"

struct options {
    int64_t step_size;
    double gamma;
};

static const struct field FIELDS[] = {
    {.key = "step_size",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_HAS_MINIMUM,
     FIELD_AT(struct options, step_size),
     FIELD_AT_LEAST(1),
     .unit = "updates",
     .help = "updates between two changes"},
    {.key = "gamma",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct options, gamma),
     .default_text = "0.1",
     FIELD_AT_LEAST(0),
     .help = "factor of a change"},
    {.key = NULL},
};

static void start(const void *options, int64_t updates, double base_lr,
                  struct schedule_state *state) {
    (void)options, (void)updates;
    schedule_begin(base_lr, state);
}

static void step(const void *memory, int64_t updates,
                 struct schedule_state *state) {
    const struct options *options = memory;
    (void)updates;
    if (++state->last_epoch % options->step_size == 0)
        state->lr *= options->gamma;
}

const struct schedule_kind STEP_SCHEDULE = {
    .kind = {.name = "step_lr",
             .help = "multiplies lr by gamma every step_size updates",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = SCHEDULE_ALWAYS_REFUSED},
    .start = start,
    .step = step,
};
