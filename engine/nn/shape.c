#include <stdio.h>

#include "engine/nn/layer.h"

int64_t shape_units(struct shape shape) {
    int64_t units = 1;
    for (int axis = 0; axis < shape.rank; axis++)
        units *= shape.size[axis];
    return units;
}

bool shape_equal(struct shape a, struct shape b) {
    bool equal = a.rank == b.rank;
    for (int axis = 0; equal && axis < a.rank; axis++)
        equal = a.size[axis] == b.size[axis];
    return equal;
}

const char *shape_text(struct shape shape, char text[SHAPE_TEXT_SIZE]) {
    int length = snprintf(text, SHAPE_TEXT_SIZE, "(");
    for (int axis = 0; axis < shape.rank; axis++)
        length +=
            snprintf(text + length, SHAPE_TEXT_SIZE - (size_t)length, "%s%lld",
                     axis ? ", " : "", (long long)shape.size[axis]);
    snprintf(text + length, SHAPE_TEXT_SIZE - (size_t)length, ")");
    return text;
}
