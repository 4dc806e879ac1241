#include "engine/nn/layer_window.h"

enum status_code window_check_rank(const char *kind, int axes,
                                   struct shape input, struct status *status) {
    char text[SHAPE_TEXT_SIZE];
    STATUS_RETURN_IF(input.rank != 1 + axes, status, STATUS_CONFIG,
                     "%s takes samples of shape %s; found %s", kind,
                     axes == 1 ? "(C, L)" : "(C, H, W)",
                     shape_text(input, text));
    return STATUS_OK;
}

enum status_code window_check_units(struct shape output,
                                    struct status *status) {
    enum { UNITS_LIMIT = 1 << 28 };
    int64_t units = 1;
    char text[SHAPE_TEXT_SIZE];
    for (int axis = 0; axis < output.rank && units <= UNITS_LIMIT; axis++)
        units *= output.size[axis];
    STATUS_RETURN_IF(units > UNITS_LIMIT, status, STATUS_CONFIG,
                     "the output of a sample would be %s; at most %d numbers "
                     "are taken",
                     shape_text(output, text), UNITS_LIMIT);
    return STATUS_OK;
}

struct window window_of(const void *options, struct shape input,
                        window_axis_function *axis) {
    const struct window_axis one = {1, 1, 1, 1, 1, 0};
    if (input.rank == 2)
        return (struct window){one, axis(options, 0, input.size[1])};
    return (struct window){axis(options, 0, input.size[1]),
                           axis(options, 1, input.size[2])};
}

struct shape window_output_shape(int64_t channels, const struct window *window,
                                 int rank) {
    const int64_t y = (int64_t)window->y.out, x = (int64_t)window->x.out;
    return rank == 2 ? (struct shape){2, {channels, x}}
                     : (struct shape){3, {channels, y, x}};
}
