/* What a second thread gives where threads share nothing but the machine:
 *
 *   time_threads [REPETITIONS]
 *
 * times a loop of fused multiply-adds that stays in registers, on one thread
 * and on two at once, in turn, and prints the medians of both in milliseconds
 * and the second thread's efficiency, one / two. A sweep's is held against it
 * by scripts/bench.sh: what is below 1 here is the machine's. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { REPETITIONS_MOST = 100, STEPS = 12 * 1000 * 1000, CHAINS = 12 };

/* As many chains as keep two units of a latency of four busy, and some more. */
#ifdef __x86_64__
__attribute__((target("avx2,fma"))) static float fused(void) {
    __m256 sum[CHAINS];
    const __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
    float lanes[8];
    for (int i = 0; i < CHAINS; i++)
        sum[i] = _mm256_set1_ps((float)i);
    for (int step = 0; step < STEPS; step++)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            sum[i] = _mm256_fmadd_ps(sum[i], a, b);
    for (int i = 1; i < CHAINS; i++)
        sum[0] = _mm256_add_ps(sum[0], sum[i]);
    _mm256_storeu_ps(lanes, sum[0]);
    return lanes[0];
}
#endif

static float plain(void) {
    float sum[CHAINS];
    for (int i = 0; i < CHAINS; i++)
        sum[i] = (float)i;
    for (int step = 0; step < STEPS; step++)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            sum[i] = sum[i] * 0.999f + 0.001f;
    for (int i = 1; i < CHAINS; i++)
        sum[0] += sum[i];
    return sum[0];
}

static void *run(void *result) {
    float *to = result;
#ifdef __x86_64__
    if (__builtin_cpu_supports("fma")) {
        *to = fused();
        return NULL;
    }
#endif
    *to = plain();
    return NULL;
}

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

/* Wall time of the loop on so many threads. */
static double time_loop(int threads) {
    static volatile float kept;
    float results[2] = {0};
    pthread_t other;
    const double start = milliseconds();
    if (threads == 2 && pthread_create(&other, NULL, run, &results[1]) != 0)
        abort();
    run(&results[0]);
    if (threads == 2)
        pthread_join(other, NULL);
    const double end = milliseconds();
    kept = results[0] + results[1];
    (void)kept;
    return end - start;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **words) {
    double times[2][REPETITIONS_MOST];
    const int repetitions = count > 1 ? atoi(words[1]) : 9;
    if (repetitions < 1 || repetitions > REPETITIONS_MOST) {
        fprintf(stderr, "usage: time_threads [REPETITIONS]\n");
        return 2;
    }
    for (int i = 0; i < repetitions; i++)
        for (int threads = 1; threads <= 2; threads++)
            times[threads - 1][i] = time_loop(threads);
    for (int i = 0; i < 2; i++)
        qsort(times[i], (size_t)repetitions, sizeof **times, compare);
    const double one = times[0][repetitions / 2],
                 two = times[1][repetitions / 2];
    printf("%.3f %.3f %.3f\n", one, two, one / two);
    return 0;
}
