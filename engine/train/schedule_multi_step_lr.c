#include "engine/train/optimizer_parts.h"
#include "engine/train/schedule_parts.h"

struct options {
    struct field_integers milestones;
    double gamma;
};

static const struct field FIELDS[] = {
    {.key = "milestones",
     .type = FIELD_INTEGERS,
     .flags = FIELD_REQUIRED | FIELD_HAS_MINIMUM,
     FIELD_AT(struct options, milestones),
     FIELD_AT_LEAST(0),
     .least = 1,
     .unit = "updates",
     .help = "updates after which lr changes"},
    {.key = "gamma",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct options, gamma),
     .default_text = "0.1",
     FIELD_AT_LEAST(0),
     .help = "factor of a change"},
    {.key = NULL},
};

/* A milestone that is given twice counts twice. */
static void apply(const struct options *options, struct schedule_state *state) {
    int64_t times = 0;
    for (size_t i = 0; i < options->milestones.count; i++)
        times += options->milestones.values[i] == state->last_epoch;
    if (times)
        state->lr *= optimizer_power(options->gamma, times);
}

static void start(const void *options, int64_t updates, double base_lr,
                  struct schedule_state *state) {
    (void)updates;
    schedule_begin(base_lr, state);
    apply(options, state);
}

static void step(const void *options, int64_t updates,
                 struct schedule_state *state) {
    (void)updates;
    state->last_epoch++;
    apply(options, state);
}

const struct schedule_kind MULTI_STEP_SCHEDULE = {
    .kind = {.name = "multi_step_lr",
             .help = "multiplies lr by gamma at each milestone",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = SCHEDULE_ALWAYS_REFUSED},
    .start = start,
    .step = step,
};
