#include "engine/train/schedule_parts.h"

static const struct kind *const KINDS[] = {
    &STEP_SCHEDULE.kind,
    &MULTI_STEP_SCHEDULE.kind,
    &EXPONENTIAL_SCHEDULE.kind,
    &COSINE_ANNEALING_SCHEDULE.kind,
    &LINEAR_SCHEDULE.kind,
    &ONE_CYCLE_SCHEDULE.kind,
    NULL,
};

const struct kind_family SCHEDULE_FAMILY = {
    .name = "schedules",
    .singular = "schedule",
    .kinds = KINDS,
};
