#include <inttypes.h>

#include "engine/base/double_math.h"
#include "engine/train/schedule_parts.h"

struct options {
    struct field_optional_integer total_steps;
    double max_lr, pct_start, div_factor, final_div_factor;
    double base_momentum, max_momentum;
    int anneal_strategy;
    bool cycle_momentum, three_phase;
};

enum { ANNEAL_COS, ANNEAL_LINEAR };
static const char *const STRATEGIES[] = {"cos", "linear", NULL};

/* Rows alike. */
#define DIVISOR(member, text, says)                                            \
    {                                                                          \
        .key = #member, .type = FIELD_NUMBER, .flags = FIELD_POSITIVE,         \
        FIELD_AT(struct options, member), .default_text = text,                \
        FIELD_AT_LEAST(0), .help = says                                        \
    }
#define MOMENTUM(member, text, says)                                           \
    {                                                                          \
        .key = #member, .type = FIELD_NUMBER, .flags = FIELD_HALF_OPEN,        \
        FIELD_AT(struct options, member), .default_text = text,                \
        FIELD_BETWEEN(0, 1), .help = says                                      \
    }
#define FLAG(member, text, says)                                               \
    {                                                                          \
        .key = #member, .type = FIELD_BOOLEAN,                                 \
        FIELD_AT(struct options, member), .default_text = text, .help = says   \
    }

static const struct field FIELDS[] = {
    {.key = "max_lr",
     .type = FIELD_NUMBER,
     .flags = FIELD_REQUIRED | FIELD_NOT_NEGATIVE,
     FIELD_AT(struct options, max_lr),
     FIELD_AT_LEAST(0),
     .help = "lr at the peak; takes the place of the optimizer's"},
    {.key = "total_steps",
     .type = FIELD_INTEGER,
     .flags = FIELD_DERIVED | FIELD_HAS_MINIMUM,
     FIELD_OPTIONAL_AT(struct options, total_steps),
     .default_text = "the run's updates",
     FIELD_AT_LEAST(1),
     .unit = "updates",
     .help = "length of the cycle, at least that of the run"},
    {.key = "pct_start",
     .type = FIELD_NUMBER,
     .flags = FIELD_HALF_OPEN,
     FIELD_AT(struct options, pct_start),
     .default_text = "0.3",
     FIELD_BETWEEN(0, 1),
     .help = "share of the cycle in which lr grows"},
    {.key = "anneal_strategy",
     .type = FIELD_WORD,
     FIELD_AT(struct options, anneal_strategy),
     .default_text = "cos",
     .words = STRATEGIES,
     .help = "shape of the way between two values"},
    FLAG(cycle_momentum, "true", "momentum or betas[0] moves against lr"),
    MOMENTUM(base_momentum, "0.85", "momentum where lr is largest"),
    MOMENTUM(max_momentum, "0.95", "momentum at the start and the end"),
    DIVISOR(div_factor, "25.0", "max_lr / first lr"),
    DIVISOR(final_div_factor, "10000.0", "first lr / last lr"),
    FLAG(three_phase, "false", "fall to the first lr, then to the last"),
    {.key = NULL},
};

static const struct field_refused REFUSED[] = {
    SCHEDULE_REFUSED,
    {"epochs", "lr changes every update: give total_steps, or nothing"},
    {"steps_per_epoch",
     "lr changes every update: give total_steps, or nothing"},
    {NULL, NULL}};

/* From one pair of values to another, up to update `end`. */
struct phase {
    double end;
    double start_lr, end_lr, start_momentum, end_momentum;
};

static size_t phases(const struct options *options, double total,
                     struct phase phase[3]) {
    double first = options->max_lr / options->div_factor;
    double last = first / options->final_div_factor;
    double peak = options->max_lr;
    double low = options->base_momentum, high = options->max_momentum;
    double rise = options->pct_start * total - 1;
    phase[0] = (struct phase){rise, first, peak, high, low};
    if (!options->three_phase) {
        phase[1] = (struct phase){total - 1, peak, last, low, high};
        return 2;
    }
    double fall = 2 * options->pct_start * total - 2;
    phase[1] = (struct phase){fall, peak, first, low, high};
    phase[2] = (struct phase){total - 1, first, last, high, high};
    return 3;
}

static double anneal(int strategy, double start, double end, double share) {
    if (strategy == ANNEAL_LINEAR)
        return (end - start) * share + start;
    return end + (start - end) / 2 * (double_cos(SCHEDULE_PI * share) + 1);
}

static void compute(const struct options *options, int64_t updates,
                    struct schedule_state *state) {
    int64_t total = schedule_length(options->total_steps, updates);
    if (state->last_epoch >= total)
        return;
    double now = (double)state->last_epoch, begin = 0;
    struct phase phase[3];
    size_t count = phases(options, (double)total, phase), i = 0;
    while (i + 1 < count && now > phase[i].end)
        begin = phase[i++].end;
    double share = (now - begin) / (phase[i].end - begin);
    state->lr = anneal(options->anneal_strategy, phase[i].start_lr,
                       phase[i].end_lr, share);
    if (state->has_momentum)
        state->momentum =
            anneal(options->anneal_strategy, phase[i].start_momentum,
                   phase[i].end_momentum, share);
}

static bool has_momentum(const void *memory) {
    const struct options *options = memory;
    return options->cycle_momentum;
}

static void start(const void *memory, int64_t updates, double base_lr,
                  struct schedule_state *state) {
    schedule_begin(base_lr, state);
    state->has_momentum = has_momentum(memory);
    compute(memory, updates, state);
}

static void step(const void *memory, int64_t updates,
                 struct schedule_state *state) {
    state->last_epoch++;
    compute(memory, updates, state);
}

static enum status_code check_momentum(const struct options *options,
                                       const struct optimizer_kind *optimizer,
                                       struct status *status) {
    if (!options->cycle_momentum)
        return STATUS_OK;
    if (optimizer->momentum == OPTIMIZER_HAS_NO_MOMENTUM)
        return status_set_key(
            status, STATUS_CONFIG, "cycle_momentum",
            "%s has neither momentum nor betas: cycle_momentum must be false",
            optimizer->kind.name);
    /* torch leaves the momentum's buffer alone in an update whose momentum is
     * exactly 0. */
    bool is_zero = options->base_momentum == 0 || options->max_momentum == 0;
    if (optimizer->momentum == OPTIMIZER_HAS_MOMENTUM && is_zero)
        return status_set_key(
            status, STATUS_CONFIG,
            options->base_momentum == 0 ? "base_momentum" : "max_momentum",
            "%s needs a momentum above 0 while it is cycled, found 0; "
            "cycle_momentum: false leaves it alone",
            optimizer->kind.name);
    return STATUS_OK;
}

static enum status_code check(const void *memory, int64_t updates,
                              const struct optimizer_kind *optimizer,
                              struct status *status) {
    const struct options *options = memory;
    int64_t total = schedule_length(options->total_steps, updates);
    if (total < updates)
        return status_set_key(status, STATUS_CONFIG, "total_steps",
                              "one_cycle_lr is shorter than the run: "
                              "total_steps is %" PRId64
                              ", the run makes %" PRId64 " updates",
                              total, updates);
    if (options->pct_start * (double)total == 1)
        return status_set_key(status, STATUS_CONFIG, "pct_start",
                              "pct_start x %" PRId64
                              " updates is 1, a rise without length; it must "
                              "be less or more",
                              total);
    return check_momentum(options, optimizer, status);
}

const struct schedule_kind ONE_CYCLE_SCHEDULE = {
    .kind = {.name = "one_cycle_lr",
             .help = "lr rises to max_lr and falls, once a run",
             .fields = FIELDS,
             .options_size = sizeof(struct options),
             .refused = REFUSED},
    .start = start,
    .step = step,
    .has_momentum = has_momentum,
    .check = check,
};
