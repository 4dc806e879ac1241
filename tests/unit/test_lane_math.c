/* Elementary functions: every copy within the promised error on every 1,021st
 * float and at the edges, and equal to the scalar copy bit for bit. All floats:
 * scripts/test_math.sh. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdint.h>

#include "engine/base/double_math.h"
#include "tests/math/math_limits.h"

enum { BATCH = 4096 };

/* 1,021 is prime, so that no pattern of low bits is left out. */
#if defined(__SANITIZE_ADDRESS__)
enum { STEP = 1021 * 31 };
#else
enum { STEP = 1021 };
#endif

static void check(const struct math_limit *limit, int function, size_t count,
                  const float *x) {
    const struct kernels *const *copies = kernels_available();
    float scalar[BATCH], y[BATCH];
    copies[0]->math[function].apply(count, x, scalar);
    for (size_t i = 0; i < count; i++) {
        const double error = ulp_error(scalar[i], limit->exact((double)x[i]));
        if (!(error <= limit->ulp))
            fail_msg("%s(%a) is %a: %g ulp", limit->name, (double)x[i],
                     (double)scalar[i], error);
    }
    for (copies++; *copies != NULL; copies++) {
        (*copies)->math[function].apply(count, x, y);
        for (size_t i = 0; i < count; i++)
            if (!same_float(y[i], scalar[i]))
                fail_msg("%s(%a) is %a in %s, %a in the scalar copy",
                         limit->name, (double)x[i], (double)y[i],
                         (*copies)->isa, (double)scalar[i]);
    }
}

static float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void check_samples(const struct math_limit *limit, int function) {
    float x[BATCH];
    size_t count = 0;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += STEP) {
        x[count++] = float_of((uint32_t)bits);
        if (count == BATCH) {
            check(limit, function, count, x);
            count = 0;
        }
    }
    if (count > 0)
        check(limit, function, count, x);
}

/* Both signs of each and its neighbours: specials, ends of the number range,
 * thresholds of the code, places where a result overflows, underflows or
 * becomes 1, arguments near multiples of pi/2. */
static void check_edges(const struct math_limit *limit, int function) {
    static const float edges[] = {
        0,          0x1p-149f,  0x1p-126f,       0x1.fffffep-127f,
        0x1p-64f,   0x1p-25f,   0x1p-24f,        0x1p-13f,
        0.25f,      0.5f,       0.75f,           0.9375f,
        1,          1.5f,       0x1.62e43p-2f,   0x1.62e43p-1f,
        2,          4,          9.01f,           10,
        17.33f,     20,         87.336548f,      88.722839f,
        89,         103.27893f, 103.97208f,      104,
        0x1p15f,    0x1p23f,    0x1p24f,         0x1p64f,
        1.5707964f, 3.1415927f, 0x1p127f,        0x1.fffffep127f,
        INFINITY,   16367173.f, 0x1.6ac5b2p+25f, 0x1.ddebdep+37f};
    float x[6 * sizeof edges / sizeof *edges];
    size_t count = 0;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        for (int step = -1; step <= 1; step++) {
            uint32_t bits;
            memcpy(&bits, &edges[i], sizeof bits);
            bits = (bits + (uint32_t)step) & 0x7fffffff;
            x[count++] = float_of(bits);
            x[count++] = float_of(bits | 0x80000000);
        }
    check(limit, function, count, x);
}

static void test_every_function(void **state) {
    (void)state;
    const struct math_function *math = kernels_available()[0]->math;
    int count = 0;
    for (; math[count].name != NULL; count++) {
        const struct math_limit *limit = math_limit(math[count].name);
        assert_non_null(limit);
        check_edges(limit, count);
        check_samples(limit, count);
    }
    assert_int_equal(count, MATH_LIMIT_COUNT);
}

/* A length that is no multiple of the width, in place. */
static void test_lengths(void **state) {
    (void)state;
    for (const struct kernels *const *copy = kernels_available(); *copy != NULL;
         copy++)
        for (size_t count = 1; count < 40; count++) {
            float x[40], y[40];
            for (size_t i = 0; i < 40; i++)
                x[i] = y[i] = (float)i / 8;
            (*copy)->math[0].apply(count, x, x);
            kernels_available()[0]->math[0].apply(count, y, y);
            assert_memory_equal(x, y, sizeof x);
        }
}

/* Any normal number above 0, and lengths that are no multiple of a vector. */
static void test_double_logs(void **state) {
    (void)state;
    enum { COUNT = 4093 };
    static double x[COUNT], y[COUNT], expected[COUNT];
    uint64_t word = 0;
    for (size_t i = 0; i < COUNT; i++) {
        word = word * 6364136223846793005u + 1442695040888963407u;
        const uint64_t bits =
            i < 64 ? 0x3ff0000000000000u + i - 32
                   : word % 0x7fe0000000000000u + 0x0010000000000000u;
        memcpy(&x[i], &bits, sizeof bits);
        expected[i] = double_log(x[i]);
    }
    for (const struct kernels *const *copy = kernels_available(); *copy != NULL;
         copy++)
        for (size_t from = 0; from < 20; from++) {
            (*copy)->double_logs(COUNT - from, x + from, y);
            assert_memory_equal(y, expected + from, (COUNT - from) * sizeof *y);
            memcpy(y, x + from, sizeof x - from * sizeof *x);
            (*copy)->double_logs(COUNT - from, y, y);
            assert_memory_equal(y, expected + from, (COUNT - from) * sizeof *y);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_function),
        cmocka_unit_test(test_double_logs),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
