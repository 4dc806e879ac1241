#include "engine/base/double_math.h"
#include "engine/train/schedule_parts.h"

struct options {
    struct field_optional_integer T_max;
    double eta_min;
};

static const struct field FIELDS[] = {
    {.key = "T_max",
     .type = FIELD_INTEGER,
     .flags = FIELD_DERIVED | FIELD_HAS_MINIMUM,
     FIELD_OPTIONAL_AT(struct options, T_max),
     .default_text = "the run's updates",
     FIELD_AT_LEAST(1),
     .unit = "updates",
     .help = "updates from the largest lr to the smallest"},
    {.key = "eta_min",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct options, eta_min),
     .default_text = "0.0",
     FIELD_AT_LEAST(0),
     .help = "smallest lr"},
    {.key = NULL},
};

static void start(const void *options, int64_t updates, double base_lr,
                  struct schedule_state *state) {
    (void)options, (void)updates;
    schedule_begin(base_lr, state);
}

static double cosine(int64_t epoch, int64_t half_period) {
    return double_cos(SCHEDULE_PI * (double)epoch / (double)half_period);
}

static void step(const void *memory, int64_t updates,
                 struct schedule_state *state) {
    const struct options *options = memory;
    int64_t epoch = ++state->last_epoch;
    int64_t half_period = schedule_length(options->T_max, updates);
    /* Behind the minimum the recursion would divide 0 by 0. */
    if ((epoch - 1 - half_period) % (2 * half_period) == 0)
        state->lr += (state->base_lr - options->eta_min) *
                     (1 - cosine(1, half_period)) / 2;
    else
        state->lr = (1 + cosine(epoch, half_period)) /
                        (1 + cosine(epoch - 1, half_period)) *
                        (state->lr - options->eta_min) +
                    options->eta_min;
}

const struct schedule_kind COSINE_ANNEALING_SCHEDULE = {
    .kind = {.name = "cosine_annealing_lr",
             .help = "lr falls to eta_min along half a cosine, and back",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = SCHEDULE_ALWAYS_REFUSED},
    .start = start,
    .step = step,
};
