#include "engine/data/source.h"

static const struct kind *const SOURCES[] = {
    &SOURCE_MAKE_CIRCLES.kind,
    &SOURCE_MAKE_MOONS.kind,
    &SOURCE_MAKE_BLOBS.kind,
    &SOURCE_TABLE.kind,
    NULL,
};

const struct kind_family SOURCE_FAMILY = {"sources", "source", SOURCES};
