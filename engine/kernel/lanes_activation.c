/* Activations: activation.def's rows made into kernels. */

#include "engine/kernel/lanes_activation.h"

V_INLINE void load_options(const float *const *options, size_t count,
                           vfloat option[ACTIVATION_OPTIONS]) {
    for (size_t k = 0; k < count; k++)
        option[k] = v_load(options[k]);
}

/* A sigmoid's chain is longer than a processor looks ahead, so vectors are
 * taken in turns: the chains of a turn end while those of the next begin. */
enum { TURN = 4, TURN_FLOATS = TURN * KERNEL_WIDTH };

V_INLINE void begin_turn(const float *x, struct exp_parts parts[TURN]) {
    V_UNROLL
    for (size_t k = 0; k < TURN; k++)
        parts[k] = lane_sigmoid_begin(v_load(x + k * KERNEL_WIDTH));
}

V_INLINE void end_exponentials(const struct exp_parts parts[TURN],
                               vfloat e[TURN]) {
    V_UNROLL
    for (size_t k = 0; k < TURN; k++)
        e[k] = lane_exp_down_end(parts[k]);
}

V_INLINE void end_turn(const float *x, const vfloat e[TURN], float *y) {
    V_UNROLL
    for (size_t k = 0; k < TURN; k++) {
        const size_t at = k * KERNEL_WIDTH;
        v_store(y + at, lane_sigmoid_of(v_load(x + at), e[k]));
    }
}

/* Of one turn at least. */
V_INLINE void sigmoid_turns(size_t turns, const float *x, float *y) {
    struct exp_parts parts[TURN];
    vfloat e[TURN];
    begin_turn(x, parts);
    for (; turns > 1; turns--) {
        end_exponentials(parts, e);
        begin_turn(x + TURN_FLOATS, parts);
        end_turn(x, e, y);
        x += TURN_FLOATS;
        y += TURN_FLOATS;
    }
    end_exponentials(parts, e);
    end_turn(x, e, y);
}

V_INLINE void forward_units(size_t units, struct cells cells,
                            const float *const *options, size_t option_count,
                            const float *x, float *y,
                            forward_function *forward) {
    vfloat option[ACTIVATION_OPTIONS];
    load_options(options, option_count, option);
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t unit = 0; unit < units; unit++)
        for (size_t i = 0; i < end; i += KERNEL_WIDTH) {
            const size_t at = unit * cells.stride + i;
            v_store(y + at, forward(v_load(x + at), option));
        }
}

/* Whether units are long enough for turns to pay. */
V_INLINE int has_turns(struct cells cells, forward_function *forward) {
    return forward == sigmoid_value && cells_vectors(cells) >= 2 * (size_t)TURN;
}

static void sigmoid_units_by_turns(size_t units, struct cells cells,
                                   const float *x, float *y) {
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    const size_t turns = end / TURN_FLOATS;
    for (size_t unit = 0; unit < units; unit++) {
        sigmoid_turns(turns, x, y);
        for (size_t i = turns * TURN_FLOATS; i < end; i += KERNEL_WIDTH)
            v_store(y + i, lane_sigmoid(v_load(x + i)));
        x += cells.stride;
        y += cells.stride;
    }
}

V_INLINE void backward_units(size_t units, struct cells cells,
                             const float *const *options, size_t option_count,
                             const float *x, const float *y, const float *dy,
                             float *dx, activation_gradient *backward) {
    vfloat option[ACTIVATION_OPTIONS];
    load_options(options, option_count, option);
    const size_t end = cells_vectors(cells) * KERNEL_WIDTH;
    for (size_t unit = 0; unit < units; unit++)
        for (size_t i = 0; i < end; i += KERNEL_WIDTH) {
            const size_t at = unit * cells.stride + i;
            v_store(dx + at, backward(v_load(x + at), v_load(y + at),
                                      v_load(dy + at), option));
        }
}

#define ACTIVATION(name, option_count, forward, backward)                      \
    void LANES(name##_forward)(size_t units, struct cells cells,               \
                               const float *const *options, const float *x,    \
                               float *y) {                                     \
        if (has_turns(cells, name##_value))                                    \
            sigmoid_units_by_turns(units, cells, x, y);                        \
        else                                                                   \
            forward_units(units, cells, options, option_count, x, y,           \
                          name##_value);                                       \
    }                                                                          \
    void LANES(name##_backward)(size_t units, struct cells cells,              \
                                const float *const *options, const float *x,   \
                                const float *y, const float *dy, float *dx) {  \
        backward_units(units, cells, options, option_count, x, y, dy, dx,      \
                       name##_gradient);                                       \
    }
#include "engine/kernel/activation.def"
