#ifndef ENGINE_KERNEL_VECTOR_H
#define ENGINE_KERNEL_VECTOR_H

/* One vector of KERNEL_WIDTH floats, the same bits on every instruction set.
 *
 * Only lanes_*.c include this file; they are compiled once per copy with
 * KERNEL_ISA (scalar, v2, v3, v4, neon) and KERNEL_WIDTH (1, 4, 8, 16, 4).
 *
 *   vfloat   KERNEL_WIDTH floats; + - * / and unary - are IEEE's
 *   vbits    their bit patterns as uint32_t; + - & | ^ << are C's
 *   vmask    a truth value per lane, made by comparisons, read by v_select
 *
 * v_fma rounds once, everywhere. v_max(a, b) is a > b ? a : b and v_min(a, b)
 * is a < b ? a : b, so both give b where either is NaN or both are zeros. The
 * comparisons are false for NaN; v_is_nan tells. Of bit patterns as whole
 * numbers, v_low is the lesser and v_product_high the product's upper 32 bits.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef KERNEL_WIDTH
#define KERNEL_ISA scalar
#define KERNEL_WIDTH 1
#endif

#define V_INLINE static inline __attribute__((always_inline, unused))

/* Before a loop over registers: it unrolls whole, or they would be memory. */
#ifdef __clang__
#define V_UNROLL _Pragma("clang loop unroll(full)")
#else
#define V_UNROLL _Pragma("GCC unroll 16")
#endif

#if KERNEL_WIDTH == 1
#include "engine/kernel/vector_scalar.inc"
#elif KERNEL_WIDTH == 16
#include "engine/kernel/vector_avx512.inc"
#elif KERNEL_WIDTH == 8
#include "engine/kernel/vector_avx2.inc"
#elif defined(__aarch64__)
#include "engine/kernel/vector_neon.inc"
#else
#include "engine/kernel/vector_sse.inc"
#endif

/* The lower half of a vector, where the copy has vectors of half the width that
 * cost half as much: the last vector of a unit's cells may be one. Elsewhere it
 * is a whole vector, and never used. */
#ifndef V_HAS_HALF
#define V_HAS_HALF 0
typedef vfloat vhalf;
#endif

/* Loads and stores through this type may be unaligned and of any array. */
#if KERNEL_WIDTH == 1
typedef float vstored;
typedef uint32_t vstored_bits;
#else
typedef float vstored
    __attribute__((vector_size(4 * KERNEL_WIDTH), aligned(4), may_alias));
typedef uint32_t vstored_bits
    __attribute__((vector_size(4 * KERNEL_WIDTH), aligned(4), may_alias));
#endif

V_INLINE vfloat v_load(const float *from) {
    return (vfloat)(*(const vstored *)from);
}

V_INLINE void v_store(float *to, vfloat value) {
    *(vstored *)to = (vstored)value;
}

#if !V_HAS_HALF
V_INLINE vhalf v_half(vfloat x) {
    return x;
}

V_INLINE vfloat v_with_half(vfloat x, vhalf low) {
    (void)x;
    return low;
}

V_INLINE vhalf v_half_load(const float *from) {
    return v_load(from);
}

V_INLINE void v_half_store(float *to, vhalf value) {
    v_store(to, value);
}

V_INLINE vhalf v_half_fma(vhalf a, vhalf b, vhalf c) {
    return v_fma(a, b, c);
}
#endif

/* The value, in a register: else gcc reads it again from memory for every
 * operation that takes it. */
#if KERNEL_WIDTH == 1
#define V_KEEP(value) (void)(value)
#elif defined(__aarch64__)
#define V_KEEP(value) __asm__("" : "+w"(value))
#else
#define V_KEEP(value) __asm__("" : "+v"(value))
#endif

V_INLINE vbits v_load_bits(const uint32_t *from) {
    return (vbits)(*(const vstored_bits *)from);
}

V_INLINE void v_store_bits(uint32_t *to, vbits value) {
    *(vstored_bits *)to = (vstored_bits)value;
}

/* Lane by lane, the table's entry at the index's low four bits. */
#ifndef V_HAS_PICK
V_INLINE vfloat v_pick(const float table[16], vbits index) {
    uint32_t at[KERNEL_WIDTH];
    float lanes[KERNEL_WIDTH];
    v_store_bits(at, index);
    for (size_t i = 0; i < KERNEL_WIDTH; i++)
        lanes[i] = table[at[i] & 15];
    return v_load(lanes);
}
#endif

/* The first `count` lanes only, 0 < count <= KERNEL_WIDTH; v_load_part fills
 * the others with 0. */
#ifndef V_HAS_PARTS
V_INLINE vfloat v_load_part(const float *from, size_t count) {
    float lanes[KERNEL_WIDTH] = {0};
    memcpy(lanes, from, count * sizeof *lanes);
    return v_load(lanes);
}

V_INLINE void v_store_part(float *to, vfloat value, size_t count) {
    float lanes[KERNEL_WIDTH];
    v_store(lanes, value);
    memcpy(to, lanes, count * sizeof *lanes);
}
#endif

/* True in the lanes below `count`. */
V_INLINE vmask v_first(size_t count) {
    static const float lane[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                   8, 9, 10, 11, 12, 13, 14, 15};
    return v_less(v_load(lane), v_set((float)count));
}

/* All bits where a < b as whole numbers, none elsewhere. */
V_INLINE vbits v_below(vbits a, vbits b) {
#if KERNEL_WIDTH == 1
    return -(vbits)(a < b);
#else
    return (vbits)(a < b);
#endif
}

V_INLINE vfloat v_abs(vfloat x) {
    return v_float(v_bits(x) & 0x7fffffffu);
}

/* -|x|, one instruction. */
V_INLINE vfloat v_minus_abs(vfloat x) {
    return v_float(v_bits(x) | 0x80000000u);
}

/* |magnitude| with the sign bit of `sign`. */
V_INLINE vfloat v_copysign(vfloat magnitude, vfloat sign) {
    return v_float((v_bits(magnitude) & 0x7fffffffu) |
                   (v_bits(sign) & 0x80000000u));
}

/* The sum of KERNEL_PARTIALS partials, partial i in lane i mod KERNEL_WIDTH of
 * partial[i / KERNEL_WIDTH]: s += s[+8], s[+4], s[+2], s[+1]. */
V_INLINE float v_meet(vfloat partial[16 / KERNEL_WIDTH]) {
#pragma GCC unroll 4
    for (size_t half = 8 / KERNEL_WIDTH; half > 0; half /= 2)
#pragma GCC unroll 8
        for (size_t i = 0; i < half; i++)
            partial[i] += partial[i + half];
    return v_fold(partial[0]);
}

/* to[i] = the sum of the lanes of vector i, as v_fold() adds them. */
V_INLINE void v_fold_each(float *to, const float *from, size_t count) {
    size_t i = 0;
#ifdef V_HAS_FOLDS
    for (; i + KERNEL_WIDTH <= count; i += KERNEL_WIDTH)
        v_store(to + i, v_folds(from + i * KERNEL_WIDTH));
#endif
    for (; i < count; i++)
        to[i] = v_fold(v_load(from + i * KERNEL_WIDTH));
}

#endif
