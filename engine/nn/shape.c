#include <stdio.h>

#include "engine/nn/layer.h"

int64_t shape_units(struct shape shape) {
    int64_t units = 1;
    for (int axis = 0; axis < shape.rank; axis++)
        units *= shape.size[axis];
    return units;
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
