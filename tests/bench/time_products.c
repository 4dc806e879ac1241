/* Times a linear layer's three products in rows form:
 *
 *   time_products [REPETITIONS [ISA [ROWS OUTPUTS INPUTS]]]
 *
 * prints, for the copy ISA (default: the best) and each size or this one, the
 * GFLOP/s of forward, backward_input and backward_weight and of all three, the
 * fastest of the repetitions, and the same of OpenBLAS's sgemm on one thread
 * with the ratio of the two, if libopenblas.so.0 can be loaded. OpenBLAS
 * chooses its kernels by the machine, or by OPENBLAS_CORETYPE (Haswell has the
 * AVX2 ones). The two take turns, so that both see the same machine. */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/kernel/kernel.h"

enum { PRODUCTS = 3, NO_TRANS = 111, TRANS = 112, ROW_MAJOR = 101 };

static const struct size {
    size_t rows, outputs, inputs;
} SIZES[] = {
    {128, 512, 784}, {128, 512, 512}, {50, 512, 784}, {1024, 1024, 1024},
    {128, 10, 512},  {50, 512, 128},  {50, 120, 400}, {128, 64, 64},
};

/* cblas_sgemm of OpenBLAS, whose enumerations are ints. */
typedef void sgemm_function(int order, int trans_a, int trans_b, int m, int n,
                            int k, float alpha, const float *a, int lda,
                            const float *b, int ldb, float beta, float *c,
                            int ldc);

struct bench {
    struct size size;
    struct cells cells;
    const struct kernels *kernels;
    sgemm_function *sgemm; /* NULL: no OpenBLAS */
    float *weight, *dweight, *x, *dx, *y, *dy, *scratch;
};

/* On a cache line, as an arena's blocks are. */
static float *numbers(size_t count) {
    enum { LINE = 64 };
    const size_t size = (count * sizeof(float) + LINE - 1) / LINE * LINE;
    float *values = aligned_alloc(LINE, size);
    if (!values)
        abort();
    for (size_t i = 0; i < count; i++)
        values[i] = (float)((i * 7919) % 1000) / 500 - 1;
    return values;
}

static void bench_init(struct bench *bench) {
    const struct size size = bench->size;
    const struct linear_sizes sizes = {size.inputs, size.outputs, 0};
    const size_t width = bench->kernels->width;
    const size_t stride = kernels_stride(size.rows, 1, width);
    bench->cells = (struct cells){size.rows, 1, stride};
    bench->weight = numbers(size.inputs * size.outputs);
    bench->dweight = numbers(size.inputs * size.outputs);
    bench->x = numbers(size.inputs * stride);
    bench->dx = numbers(size.inputs * stride);
    bench->y = numbers(size.outputs * stride);
    bench->dy = numbers(size.outputs * stride);
    bench->scratch =
        numbers(kernels_linear_scratch(sizes, bench->cells, width));
}

static void bench_release(struct bench *bench) {
    float *const blocks[] = {bench->weight, bench->dweight, bench->x,
                             bench->dx,     bench->y,       bench->dy,
                             bench->scratch};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        free(blocks[i]);
}

static void run_ours(const struct bench *bench, int product) {
    const struct kernels *k = bench->kernels;
    const struct linear_sizes sizes = {bench->size.inputs, bench->size.outputs,
                                       0};
    if (product == 0)
        k->linear_forward(sizes, bench->cells, bench->weight, NULL, bench->x,
                          bench->y, bench->scratch);
    else if (product == 1)
        k->linear_backward_input(sizes, bench->cells, bench->weight, bench->dy,
                                 bench->dx, bench->scratch);
    else
        k->linear_backward_weight(sizes, bench->cells, bench->x, bench->dy,
                                  bench->dweight, NULL, bench->scratch);
}

/* y = x W^T, dx = dy W, dW = dy^T x, samples in rows. */
static void run_blas(const struct bench *bench, int product) {
    const int rows = (int)bench->size.rows, in = (int)bench->size.inputs;
    const int out = (int)bench->size.outputs;
    if (product == 0)
        bench->sgemm(ROW_MAJOR, NO_TRANS, TRANS, rows, out, in, 1, bench->x, in,
                     bench->weight, in, 0, bench->y, out);
    else if (product == 1)
        bench->sgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, rows, in, out, 1, bench->dy,
                     out, bench->weight, in, 0, bench->dx, in);
    else
        bench->sgemm(ROW_MAJOR, TRANS, NO_TRANS, out, in, rows, 1, bench->dy,
                     out, bench->x, in, 0, bench->dweight, in);
}

typedef void run_function(const struct bench *bench, int product);

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Keeps the least time of a call in `best`. */
static void time_product(const struct bench *bench, int product, int calls,
                         run_function *run, double *best) {
    const double start = seconds();
    for (int i = 0; i < calls; i++)
        run(bench, product);
    const double each = (seconds() - start) / calls;
    if (*best == 0 || each < *best)
        *best = each;
}

static double print_speeds(const char *name, double operations,
                           const double best[PRODUCTS]) {
    double sum = 0;
    printf("  %-10s", name);
    for (int i = 0; i < PRODUCTS; i++) {
        printf(" %8.1f", 1e-9 * operations / best[i]);
        sum += best[i];
    }
    printf(" %8.1f\n", 1e-9 * PRODUCTS * operations / sum);
    return sum;
}

static void time_size(struct bench *bench, int repetitions) {
    double ours[PRODUCTS] = {0}, theirs[PRODUCTS] = {0};
    const struct size size = bench->size;
    const double operations =
        2.0 * (double)(size.rows * size.outputs * size.inputs);
    const int calls = operations < 2e7 ? (int)(2e7 / operations) + 1 : 1;
    bench_init(bench);
    for (int i = 0; i < repetitions; i++)
        for (int product = 0; product < PRODUCTS; product++) {
            time_product(bench, product, calls, run_ours, &ours[product]);
            if (bench->sgemm)
                time_product(bench, product, calls, run_blas, &theirs[product]);
        }
    printf("%zu x %zu x %zu\n", size.rows, size.outputs, size.inputs);
    const double sum = print_speeds(bench->kernels->isa, operations, ours);
    if (bench->sgemm) {
        const double their_sum = print_speeds("OpenBLAS", operations, theirs);
        printf("  %-10s", "ratio");
        for (int i = 0; i < PRODUCTS; i++)
            printf(" %8.2f", theirs[i] / ours[i]);
        printf(" %8.2f\n", their_sum / sum);
    }
    fflush(stdout);
    bench_release(bench);
}

/* POSIX's way from an object pointer to a function. */
static int find(void *library, const char *name, void *function) {
    void *const found = dlsym(library, name);
    memcpy(function, &found, sizeof found);
    return found != NULL;
}

static sgemm_function *load_openblas(void) {
    sgemm_function *sgemm = NULL;
    void (*set_threads)(int) = NULL;
    char *(*core)(void) = NULL;
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library || !find(library, "cblas_sgemm", &sgemm) ||
        !find(library, "openblas_set_num_threads", &set_threads) ||
        !find(library, "openblas_get_corename", &core)) {
        printf("no OpenBLAS here: no ratios\n");
        return NULL;
    }
    set_threads(1);
    printf("OpenBLAS with its kernels for %s\n", core());
    return sgemm;
}

static const struct kernels *find_kernels(const char *isa) {
    const struct kernels *found = NULL;
    for (const struct kernels *const *copy = kernels_available(); *copy; copy++)
        if (!isa || strcmp(isa, (*copy)->isa) == 0)
            found = *copy;
    return found;
}

static int is_size(struct size size) {
    return size.rows > 0 && size.outputs > 0 && size.inputs > 0;
}

int main(int count, char **words) {
    const int repetitions = count > 1 ? atoi(words[1]) : 30;
    const struct kernels *kernels = find_kernels(count > 2 ? words[2] : NULL);
    struct size only = {1, 1, 1};
    if (count == 6)
        only = (struct size){strtoul(words[3], NULL, 10),
                             strtoul(words[4], NULL, 10),
                             strtoul(words[5], NULL, 10)};
    if (repetitions < 1 || !kernels || !is_size(only) || count == 4 ||
        count == 5 || count > 6) {
        fprintf(stderr, "usage: time_products [REPETITIONS [ISA [ROWS OUTPUTS "
                        "INPUTS]]]\n");
        return 2;
    }
    struct bench bench = {.kernels = kernels, .sgemm = load_openblas()};
    printf("rows x outputs x inputs, GFLOP/s:\n  %-10s %8s %8s %8s %8s\n", "",
           "forward", "dx", "dweight", "all");
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        bench.size = count == 6 ? only : SIZES[i];
        time_size(&bench, repetitions);
        if (count == 6)
            break;
    }
    return 0;
}
