#ifndef ENGINE_KERNEL_WINDOW_H
#define ENGINE_KERNEL_WINDOW_H

/* Windows: which places of its input an output of a convolution or a pool sees.
 *
 * Along one axis, output o sees the inputs
 *
 *     o * stride + k * dilation - before,     k = 0 … kernel - 1 (its taps)
 *
 * that are inside 0 … in - 1; the others lie in the padding and are left out of
 * every sum. One dimension is two whose y has a single place.
 */

#include <stddef.h>

struct window_axis {
    size_t in, out; /* places of input and output */
    size_t kernel, stride, dilation;
    size_t before; /* padding in front of the first input */
};

struct window {
    struct window_axis y, x;
};

/* Taps of a window that may lie inside. */
static inline size_t window_taps(const struct window *window) {
    return window->y.kernel * window->x.kernel;
}

/* Places of the input, and of the output. */
static inline size_t window_inputs(const struct window *window) {
    return window->y.in * window->x.in;
}

static inline size_t window_outputs(const struct window *window) {
    return window->y.out * window->x.out;
}

/* From which side one looks: an output at the inputs that it sees, or an input
 * at the outputs that see it. */
enum window_side { WINDOW_OF_OUTPUTS, WINDOW_OF_INPUTS };

/* Places of one side that have the same taps: first, first + step, … (count of
 * them). Place i (from 0) has `taps` taps; tap t is the kernel's number kernel
 * + t * kernel_step and leads to place at + i * at_step + t * tap_step of the
 * other side. */
struct window_run {
    size_t first, step, count;
    size_t taps, kernel, kernel_step;
    ptrdiff_t at, at_step, tap_step;
};

/* The next run of an axis; begins where run->count is 0. Every place is in one
 * run. Returns 0 behind the last. */
int window_next_run(const struct window_axis *axis, enum window_side side,
                    struct window_run *run);

#endif
