#include "engine/data/scaler.h"

static const struct kind *const SCALERS[] = {
    &SCALER_STANDARD.kind,
    &SCALER_MIN_MAX.kind,
    NULL,
};

const struct kind_family SCALER_FAMILY = {"scalers", "scaler", SCALERS};
