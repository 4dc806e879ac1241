/* Packing: a tile's vectors side by side. */

#include "engine/kernel/lanes_product.h"

#if KERNEL_WIDTH > 1

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

void LANES(pack_columns)(const float *from, size_t stride, size_t count,
                         size_t terms, size_t pitch, float *to) {
    const size_t whole = count / KERNEL_WIDTH * KERNEL_WIDTH;
    for (size_t term = 0; term < terms; term++) {
        for (size_t i = 0; i < whole; i += KERNEL_WIDTH)
            v_store(to + i, v_load(from + i));
        if (whole < count)
            v_store(to + whole, v_load_part(from + whole, count - whole));
        from += stride;
        to += pitch;
    }
}

/* A vector of columns, four terms at a time. */
static void pack_vector(const float *from, size_t stride, size_t terms,
                        int padded, size_t pitch, float *to) {
    uint32_t at[KERNEL_WIDTH];
    for (size_t l = 0; l < KERNEL_WIDTH; l++)
        at[l] = (uint32_t)(l * stride);
    size_t term = 0;
    for (; term + 4 <= terms || (padded && term < terms); term += 4) {
        vfloat four[4];
        v_load_columns(from + term, at, four);
        V_UNROLL
        for (size_t k = 0; k < 4; k++)
            v_store(to + (term + k) * pitch, four[k]);
    }
    for (; term < terms; term++)
        for (size_t l = 0; l < KERNEL_WIDTH; l++)
            to[term * pitch + l] = from[term + at[l]];
}

/* Up to four columns, a vector of terms at a time. */
static void pack_four(const float *from, size_t stride, size_t columns,
                      size_t terms, int padded, size_t pitch, float *to) {
    for (size_t term = 0; term < terms; term += KERNEL_WIDTH) {
        const size_t left = least(terms - term, KERNEL_WIDTH);
        vfloat four[4];
        V_UNROLL
        for (size_t k = 0; k < 4; k++) {
            const float *at = from + least(k, columns - 1) * stride + term;
            four[k] = padded || left == KERNEL_WIDTH ? v_load(at)
                                                     : v_load_part(at, left);
        }
        v_store_columns(to + term * pitch, pitch, four);
    }
}

void LANES(pack_terms)(const float *from, size_t stride, size_t count,
                       size_t terms, int padded, size_t pitch, float *to) {
    size_t i = 0;
    for (; i + KERNEL_WIDTH <= count; i += KERNEL_WIDTH)
        pack_vector(from + i * stride, stride, terms, padded, pitch, to + i);
    for (; i < count; i += 4)
        pack_four(from + i * stride, stride, least(count - i, 4), terms, padded,
                  pitch, to + i);
}

#endif
