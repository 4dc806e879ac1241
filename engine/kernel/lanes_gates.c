#include "engine/kernel/lanes_gates.h"
#include "engine/kernel/lane_math.h"

/* A vector of places: where it is in each kind of array. */
struct place {
    size_t value, gates, bias;
    size_t count; /* its floats that are stored */
};

enum { GATE_I, GATE_F, GATE_G, GATE_O };
enum { GATE_R, GATE_Z, GATE_N };

#define zero v_set(0)
#define one v_set(1)

V_INLINE void put(float *at, vfloat value, size_t count) {
    if (count == KERNEL_WIDTH)
        v_store(at, value);
    else
        v_store_part(at, value, count);
}

V_INLINE size_t gate_at(const struct gate_step *step, struct place place,
                        size_t gate) {
    return place.gates + gate * step->layout.gate;
}

V_INLINE vfloat gate_of(const struct gate_step *step, struct place place,
                        size_t gate) {
    return v_load(step->gates + gate_at(step, place, gate));
}

V_INLINE void put_gate(const struct gate_step *step, float *gates,
                       struct place place, size_t gate, vfloat value) {
    put(gates + gate_at(step, place, gate), value, place.count);
}

V_INLINE vfloat with_bias(const struct gate_step *step, const float *bias,
                          struct place place, size_t gate, vfloat sum) {
    if (bias == NULL)
        return sum;
    return sum + v_load(bias + place.bias + gate * step->layout.bias_gate);
}

/* W_ih x + b_ih */
V_INLINE vfloat from_input(const struct gate_step *step, struct place place,
                           size_t gate) {
    return with_bias(step, step->bias_ih, place, gate,
                     gate_of(step, place, gate));
}

/* W_hh h' + b_hh */
V_INLINE vfloat from_hidden(const struct gate_step *step, struct place place,
                            size_t gate) {
    vfloat sum = zero;
    if (step->hidden != NULL)
        sum = v_load(step->hidden + gate_at(step, place, gate));
    return with_bias(step, step->bias_hh, place, gate, sum);
}

V_INLINE vfloat gate_sum(const struct gate_step *step, struct place place,
                         size_t gate) {
    return from_input(step, place, gate) + from_hidden(step, place, gate);
}

/* dy and what comes from the step behind. */
V_INLINE vfloat dh_of(const struct gate_step *step, struct place place) {
    vfloat dh = v_load(step->dy + place.value);
    if (!step->is_last)
        dh += v_load(step->carry + place.value);
    return dh;
}

/* Derivatives by what the sigmoid or tanh was taken of, y being its value. */
V_INLINE vfloat through_sigmoid(vfloat y, vfloat dy) {
    return dy * ((one - y) * y);
}

V_INLINE vfloat through_tanh(vfloat y, vfloat dy) {
    return dy * v_fma(-y, y, one);
}

/* ---- rnn ---- */

V_INLINE void rnn_tanh_forward(const struct gate_step *step,
                               struct place place) {
    put(step->h + place.value, lane_tanh(gate_sum(step, place, 0)),
        place.count);
}

V_INLINE void rnn_tanh_backward(const struct gate_step *step,
                                struct place place) {
    const vfloat h = v_load(step->h + place.value);
    put(step->da + place.value, through_tanh(h, dh_of(step, place)),
        place.count);
}

V_INLINE void rnn_relu_forward(const struct gate_step *step,
                               struct place place) {
    put(step->h + place.value, v_max(zero, gate_sum(step, place, 0)),
        place.count);
}

V_INLINE void rnn_relu_backward(const struct gate_step *step,
                                struct place place) {
    const vmask is_off = v_less_equal(v_load(step->h + place.value), zero);
    put(step->da + place.value, v_select(is_off, zero, dh_of(step, place)),
        place.count);
}

/* ---- lstm ---- */

V_INLINE void lstm_gates(const struct gate_step *step, struct place place) {
    const vfloat i = lane_sigmoid(gate_sum(step, place, GATE_I));
    const vfloat f = lane_sigmoid(gate_sum(step, place, GATE_F));
    const vfloat g = lane_tanh(gate_sum(step, place, GATE_G));
    vfloat c = i * g;
    if (step->before != NULL)
        c = v_fma(f, v_load(step->before + place.value), c);
    put_gate(step, step->gates, place, GATE_I, i);
    put_gate(step, step->gates, place, GATE_F, f);
    put_gate(step, step->gates, place, GATE_G, g);
    put(step->kept + place.value, c, place.count);
}

V_INLINE void lstm_state(const struct gate_step *step, struct place place) {
    const vfloat o = lane_sigmoid(gate_sum(step, place, GATE_O));
    const vfloat t = lane_tanh(v_load(step->kept + place.value));
    put_gate(step, step->gates, place, GATE_O, o);
    put(step->h + place.value, o * t, place.count);
}

V_INLINE void lstm_backward(const struct gate_step *step, struct place place) {
    const vfloat i = gate_of(step, place, GATE_I);
    const vfloat f = gate_of(step, place, GATE_F);
    const vfloat g = gate_of(step, place, GATE_G);
    const vfloat o = gate_of(step, place, GATE_O);
    const vfloat t = lane_tanh(v_load(step->kept + place.value));
    const vfloat dh = dh_of(step, place);
    vfloat dc = through_tanh(t, dh * o), before = zero;
    if (!step->is_last)
        dc = v_load(step->dc + place.value) + dc;
    if (step->before != NULL)
        before = v_load(step->before + place.value);
    put_gate(step, step->da, place, GATE_I, through_sigmoid(i, dc * g));
    put_gate(step, step->da, place, GATE_F, through_sigmoid(f, dc * before));
    put_gate(step, step->da, place, GATE_G, through_tanh(g, dc * i));
    put_gate(step, step->da, place, GATE_O, through_sigmoid(o, dh * t));
    put(step->dc + place.value, dc * f, place.count);
}

/* ---- gru ---- */

V_INLINE vfloat hidden_before(const struct gate_step *step,
                              struct place place) {
    if (step->before == NULL)
        return zero;
    return v_load(step->before + place.value);
}

V_INLINE void gru_gates(const struct gate_step *step, struct place place) {
    const vfloat r = lane_sigmoid(gate_sum(step, place, GATE_R));
    const vfloat z = lane_sigmoid(gate_sum(step, place, GATE_Z));
    put_gate(step, step->gates, place, GATE_R, r);
    put_gate(step, step->gates, place, GATE_Z, z);
}

V_INLINE void gru_state(const struct gate_step *step, struct place place) {
    const vfloat r = gate_of(step, place, GATE_R);
    const vfloat z = gate_of(step, place, GATE_Z);
    const vfloat hidden = from_hidden(step, place, GATE_N);
    const vfloat n =
        lane_tanh(v_fma(r, hidden, from_input(step, place, GATE_N)));
    put_gate(step, step->gates, place, GATE_N, n);
    put(step->kept + place.value, hidden, place.count);
    put(step->h + place.value, v_fma(z, hidden_before(step, place) - n, n),
        place.count);
}

V_INLINE void gru_backward(const struct gate_step *step, struct place place) {
    const vfloat r = gate_of(step, place, GATE_R);
    const vfloat z = gate_of(step, place, GATE_Z);
    const vfloat n = gate_of(step, place, GATE_N);
    const vfloat hidden = v_load(step->kept + place.value);
    const vfloat dh = dh_of(step, place);
    const vfloat dn = through_tanh(n, dh * (one - z));
    const vfloat dz = through_sigmoid(z, dh * (hidden_before(step, place) - n));
    const vfloat dr = through_sigmoid(r, dn * hidden);
    put_gate(step, step->da, place, GATE_R, dr);
    put_gate(step, step->da, place, GATE_Z, dz);
    put_gate(step, step->da, place, GATE_N, dn);
    put_gate(step, step->da_hidden, place, GATE_R, dr);
    put_gate(step, step->da_hidden, place, GATE_Z, dz);
    put_gate(step, step->da_hidden, place, GATE_N, dn * r);
    put(step->carry + place.value, dh * z, place.count);
}

/* ---- every place ---- */

typedef void gate_function(const struct gate_step *step, struct place place);

/* In lanes form all places are stored whole. */
V_INLINE void each_place(const struct gate_step *step, const int in_lanes,
                         gate_function *function) {
    const struct gate_layout *layout = &step->layout;
    for (size_t outer = 0; outer < layout->outer; outer++)
        for (size_t inner = 0; inner < layout->inner; inner += KERNEL_WIDTH) {
            const size_t left = layout->inner - inner;
            struct place place = {
                .value = outer * layout->value + inner,
                .gates = outer * layout->gates + inner,
                .bias = outer * layout->bias + (in_lanes ? 0 : inner),
                .count = in_lanes || left > KERNEL_WIDTH ? KERNEL_WIDTH : left,
            };
            function(step, place);
        }
}

/* A place after another, each with all that it takes; or first one thing for
 * all places, then the other, where a chain through both would be longer than a
 * processor sees ahead. */
#define ONCE(name)                                                             \
    static void name##_in_lanes(const struct gate_step *step) {                \
        each_place(step, 1, name);                                             \
    }                                                                          \
    static void name##_in_rows(const struct gate_step *step) {                 \
        each_place(step, 0, name);                                             \
    }
#define TWICE(name, first, second)                                             \
    static void name##_in_lanes(const struct gate_step *step) {                \
        each_place(step, 1, first);                                            \
        each_place(step, 1, second);                                           \
    }                                                                          \
    static void name##_in_rows(const struct gate_step *step) {                 \
        each_place(step, 0, first);                                            \
        each_place(step, 0, second);                                           \
    }
ONCE(rnn_tanh_forward)
ONCE(rnn_relu_forward)
TWICE(lstm_forward, lstm_gates, lstm_state)
TWICE(gru_forward, gru_gates, gru_state)
ONCE(rnn_tanh_backward)
ONCE(rnn_relu_backward)
ONCE(lstm_backward)
ONCE(gru_backward)

#define ENTRY(name, way)                                                       \
    [RECURRENT_##name] = {name##_##way##_in_rows, name##_##way##_in_lanes},
#define ENTRIES(way)                                                           \
    ENTRY(rnn_tanh, way)                                                       \
    ENTRY(rnn_relu, way) ENTRY(lstm, way) ENTRY(gru, way)

void LANES(gates_forward)(enum recurrent_kernel kernel,
                          const struct gate_step *step) {
    static void (*const functions[][2])(const struct gate_step *) = {
        ENTRIES(forward)};
    functions[kernel][step->layout.in_lanes](step);
}

void LANES(gates_backward)(enum recurrent_kernel kernel,
                           const struct gate_step *step) {
    static void (*const functions[][2])(const struct gate_step *) = {
        ENTRIES(backward)};
    functions[kernel][step->layout.in_lanes](step);
}
