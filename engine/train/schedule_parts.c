#include "engine/train/schedule_parts.h"

const struct field_refused SCHEDULE_ALWAYS_REFUSED[] = {SCHEDULE_REFUSED,
                                                        {NULL, NULL}};

void schedule_begin(double base_lr, struct schedule_state *state) {
    *state = (struct schedule_state){.lr = base_lr, .base_lr = base_lr};
}

int64_t schedule_length(struct field_optional_integer option, int64_t updates) {
    return option.present ? option.value : updates;
}
