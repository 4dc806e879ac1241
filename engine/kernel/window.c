#include "engine/kernel/window.h"

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t divide_up(size_t a, size_t b) {
    return (a + b - 1) / b;
}

static size_t common_divisor(size_t a, size_t b) {
    while (b) {
        const size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Inputs that output `place` sees: those k with
 * before <= place * stride + k * dilation < before + in. */
static void look_at_inputs(const struct window_axis *axis, size_t place,
                           struct window_run *run) {
    const size_t from = place * axis->stride, behind = axis->in + axis->before;
    const size_t first = from < axis->before
                             ? divide_up(axis->before - from, axis->dilation)
                             : 0;
    const size_t end =
        from < behind ? divide_up(behind - from, axis->dilation) : 0;
    const size_t last = least(end, axis->kernel);
    *run = (struct window_run){
        .first = place,
        .step = 1,
        .count = 1,
        .taps = last > first ? last - first : 0,
        .kernel = first,
        .kernel_step = 1,
        .at = (ptrdiff_t)(from + first * axis->dilation) -
              (ptrdiff_t)axis->before,
        .at_step = (ptrdiff_t)axis->stride,
        .tap_step = (ptrdiff_t)axis->dilation,
    };
}

/* Outputs that see input `place`: those o = (place + before - k * dilation) /
 * stride that are whole and inside. The whole ones are every
 * stride / gcd(stride, dilation)-th k. */
static void look_at_outputs(const struct window_axis *axis, size_t place,
                            struct window_run *run) {
    const size_t stride = axis->stride, dilation = axis->dilation;
    const size_t reach = place + axis->before;
    const size_t divisor = common_divisor(stride, dilation);
    const size_t kernel_step = stride / divisor;
    const size_t last = (axis->out - 1) * stride;
    const size_t low = reach > last ? divide_up(reach - last, dilation) : 0;
    const size_t end = least(reach / dilation + 1, axis->kernel);
    size_t k = 0;
    while (k < kernel_step && k * dilation % stride != reach % stride)
        k++;
    const int is_whole = k < kernel_step;
    if (k < low)
        k += divide_up(low - k, kernel_step) * kernel_step;
    const int is_seen = is_whole && k < end;
    *run = (struct window_run){
        .first = place,
        .step = stride,
        .count = 1,
        .taps = is_seen ? (end - 1 - k) / kernel_step + 1 : 0,
        .kernel = k,
        .kernel_step = kernel_step,
        .at = is_seen ? (ptrdiff_t)((reach - k * dilation) / stride) : 0,
        .at_step = 1,
        .tap_step = -(ptrdiff_t)(dilation / divisor),
    };
}

static void look(const struct window_axis *axis, enum window_side side,
                 size_t place, struct window_run *run) {
    if (side == WINDOW_OF_OUTPUTS)
        look_at_inputs(axis, place, run);
    else
        look_at_outputs(axis, place, run);
}

/* The place where the run behind this one begins, or `places`: runs of one
 * remainder by `step`, then those of the next. */
static size_t place_behind(const struct window_run *run, size_t places) {
    if (run->count == 0)
        return 0;
    const size_t next = run->first + run->count * run->step;
    if (next < places)
        return next;
    const size_t remainder = run->first % run->step + 1;
    return remainder < run->step ? least(remainder, places) : places;
}

int window_next_run(const struct window_axis *axis, enum window_side side,
                    struct window_run *run) {
    const size_t places = side == WINDOW_OF_OUTPUTS ? axis->out : axis->in;
    const size_t first = place_behind(run, places);
    if (first == places)
        return 0;
    look(axis, side, first, run);
    for (size_t place = first + run->step; place < places; place += run->step) {
        struct window_run other;
        look(axis, side, place, &other);
        if (other.taps != run->taps || other.kernel != run->kernel)
            break;
        run->count++;
    }
    return 1;
}
