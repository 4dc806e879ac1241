#include "engine/train/schedule_parts.h"

struct options {
    double gamma;
};

static const struct field FIELDS[] = {
    {.key = "gamma",
     .type = FIELD_NUMBER,
     .flags = FIELD_REQUIRED | FIELD_NOT_NEGATIVE,
     FIELD_AT(struct options, gamma),
     FIELD_AT_LEAST(0),
     .help = "factor of every update"},
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
    state->last_epoch++;
    state->lr *= options->gamma;
}

const struct schedule_kind EXPONENTIAL_SCHEDULE = {
    .kind = {.name = "exponential_lr",
             .help = "multiplies lr by gamma every update",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = SCHEDULE_ALWAYS_REFUSED},
    .start = start,
    .step = step,
};
