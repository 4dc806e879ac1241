/* Tensor.normal_ of float32, both of ATen's ways. The fused multiply-adds stand
 * where its AVX2 build has them; order and placement decide the bits. */

#include <math.h>
#include <string.h>

#include "engine/base/double_math.h"
#include "engine/random/torch_random.h"

/* ---- few: one by one, in binary64 ---- */

enum { FEW = 16 };

/* 53 of a pair's 64 bits. */
static double rand_double(struct mt19937 *generator) {
    uint64_t bits = mt19937_next64(generator) & ((UINT64_C(1) << 53) - 1);
    return (double)bits * 0x1p-53;
}

/* Box and Muller's pair: one is returned, one left over. */
static double next_normal(struct torch_generator *generator) {
    if (generator->has_normal) {
        generator->has_normal = false;
        return generator->normal;
    }
    double u1 = rand_double(&generator->twister);
    double u2 = rand_double(&generator->twister);
    double radius = sqrt(-2 * double_log(1 - u2));
    double angle = 2 * 3.141592653589793 * u1;
    generator->has_normal = true;
    generator->normal = radius * double_sin(angle);
    return radius * double_cos(angle);
}

/* ---- many: 16 at a time, in binary32 (avx_mathfun.h, after Cephes) ---- */

/* x in [2^-24, 1]. */
static float log_of(float x) {
    static const float FACTORS[] = {-1.1514610310e-1f, 1.1676998740e-1f,
                                    -1.2420140846e-1f, 1.4249322787e-1f,
                                    -1.6668057665e-1f, 2.0000714765e-1f,
                                    -2.4999993993e-1f, 3.3333331174e-1f};
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    float e = (float)((int32_t)(bits >> 23) - 126);
    bits = (bits & 0x807fffffu) | 0x3f000000u;
    memcpy(&x, &bits, sizeof bits);
    float mantissa = x;
    x -= 1;
    if (mantissa < 0.707106781186547524f) {
        e -= 1;
        x += mantissa;
    }
    float z = x * x;
    float y = 7.0376836292e-2f;
    for (size_t i = 0; i < sizeof FACTORS / sizeof *FACTORS; i++)
        y = fmaf(y, x, FACTORS[i]);
    y = y * x;
    y = fmaf(y, z, e * -2.12194440e-4f);
    y = fmaf(-z, 0.5f, y);
    x = x + y;
    return fmaf(e, 0.693359375f, x);
}

/* x in [0, 2 pi). */
static void sincos_of(float x, float *sine, float *cosine) {
    int32_t j = ((int32_t)(x * 1.27323954473516f) + 1) & ~1;
    float y = (float)j;
    x = fmaf(y, -0.78515625f, x);
    x = fmaf(y, -2.4187564849853515625e-4f, x);
    x = fmaf(y, -3.77489497744594108e-8f, x);
    float z = x * x;
    float c = 2.443315711809948e-5f;
    c = fmaf(c, z, -1.388731625493765e-3f);
    c = fmaf(c, z, 4.166664568298827e-2f);
    c = c * z;
    c = fmaf(c, z, -(z * 0.5f));
    c = c + 1;
    float s = -1.9515295891e-4f;
    s = fmaf(s, z, 8.3321608736e-3f);
    s = fmaf(s, z, -1.6666654611e-1f);
    s = s * z;
    s = fmaf(s, x, x);
    bool swaps = j & 2;
    *sine = swaps ? c : s;
    *cosine = swaps ? s : c;
    if (j & 4)
        *sine = -*sine;
    if (~(j - 2) & 4)
        *cosine = -*cosine;
}

/* 16 uniform numbers become normal ones, in place. */
static void transform(float *values, float mean, float std) {
    for (int k = 0; k < FEW / 2; k++) {
        float sine, cosine;
        float radius = sqrtf(-2 * log_of(1 - values[k]));
        sincos_of(6.2831855f * values[k + FEW / 2], &sine, &cosine);
        values[k] = fmaf(radius * cosine, std, mean);
        values[k + FEW / 2] = fmaf(radius * sine, std, mean);
    }
}

/* What is behind the last whole block is drawn again, with the end of it. */
static void fill_many(struct mt19937 *generator, float mean, float std,
                      float *values, size_t count) {
    torch_rand(generator, values, count);
    for (size_t i = 0; i + FEW <= count; i += FEW)
        transform(values + i, mean, std);
    if (count % FEW == 0)
        return;
    torch_rand(generator, values + count - FEW, FEW);
    transform(values + count - FEW, mean, std);
}

void torch_normal(struct torch_generator *generator, double mean, double std,
                  float *values, size_t count) {
    if (count >= FEW) {
        fill_many(&generator->twister, (float)mean, (float)std, values, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = (float)fma(next_normal(generator), std, mean);
}
