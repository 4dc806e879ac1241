/* Times an update (a mini-batch forward and backward, and Adam's step) of small
 * networks with a recurrent layer, in core time:
 *
 *   time_recurrent [UPDATES] [ISA]
 *
 * prints for each case, with the copy ISA (default: the best) of the kernels,
 *
 *   layer steps features hidden batch runs minimum median
 *
 * `runs` being those trained side by side (1: rows form) and the times
 * milliseconds an update of one of them, of so many updates (default 20).
 * tests/bench/torch_recurrent.py has the same cases for PyTorch. */

#include <stdio.h>
#include <time.h>

#include "engine/train/pack.h"
#include "tests/unit/training_fixtures.h"

static const struct bench_case {
    const char *layer;
    size_t steps, features, hidden;
    int64_t batch;
    bool has_lanes;
} CASES[] = {
    {"lstm", 140, 1, 128, 50, false}, {"gru", 140, 1, 128, 50, false},
    {"rnn", 140, 1, 128, 50, false},  {"lstm", 140, 8, 128, 50, false},
    {"lstm", 10, 2, 12, 40, false},   {"lstm", 10, 2, 12, 40, true},
    {"gru", 10, 2, 12, 40, true},     {"rnn", 10, 2, 12, 40, true},
};

enum { UPDATES_MOST = 1000 };

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void time_updates(struct pack *pack, size_t updates, double *times) {
    for (size_t i = 0; i < updates; i++) {
        double start = milliseconds();
        pack_forward(pack);
        pack_update(pack, (int64_t)i + 1);
        times[i] = milliseconds() - start;
    }
    qsort(times, updates, sizeof *times, compare);
}

static struct made_run made_of(const struct bench_case *bench,
                               const int64_t shape[2]) {
    return (struct made_run){
        .layers = {{"reshape", .shape = {shape, 2}},
                   {bench->layer,
                    .options = {{"hidden_size", (double)bench->hidden}}},
                   {"last_step"},
                   {"linear", 1}},
        .loss = "mse",
        .optimizer = "adam",
        .optimizer_options = {{"lr", 1e-3}},
        .batch_size = bench->batch,
        .steps = UPDATES_MOST,
        .data = {{(size_t)bench->batch * 2, 0, 1},
                 bench->steps * bench->features,
                 1,
                 0,
                 5},
    };
}

static void time_case(const struct kernels *kernels,
                      const struct bench_case *bench, size_t updates) {
    static double times[UPDATES_MOST];
    size_t lanes = bench->has_lanes ? kernels->width : 1;
    struct measurement measurements[KERNEL_WIDTH_LIMIT] = {0};
    struct whole_run *whole[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT];
    struct status status = STATUS_INIT;
    struct pack pack;
    const int64_t shape[2] = {(int64_t)bench->steps, (int64_t)bench->features};
    const struct made_run made = made_of(bench, shape);
    struct dataset *data = made_dataset(&made.data);
    for (size_t i = 0; i < lanes; i++) {
        whole[i] = whole_run_new(&made, data, (uint32_t)i, (uint32_t)i);
        runs[i] = &whole[i]->run;
    }
    if (pack_init(&pack, kernels, lanes, runs, lanes, measurements, &status))
        abort();
    time_updates(&pack, updates, times);
    printf("%s %zu %zu %zu %lld %zu %.4f %.4f\n", bench->layer, bench->steps,
           bench->features, bench->hidden, (long long)bench->batch, lanes,
           times[0] / (double)lanes, times[updates / 2] / (double)lanes);
    fflush(stdout);
    pack_release(&pack);
    for (size_t i = 0; i < lanes; i++)
        whole_run_free(whole[i]);
    made_dataset_free(data);
}

int main(int count, char **words) {
    int updates = count > 1 ? atoi(words[1]) : 20;
    const struct kernels *kernels = NULL;
    for (const struct kernels *const *copy = kernels_available(); *copy; copy++)
        if (count <= 2 || strcmp(words[2], (*copy)->isa) == 0)
            kernels = *copy;
    if (updates < 1 || updates > UPDATES_MOST || !kernels) {
        fprintf(stderr, "usage: time_recurrent [UPDATES] [ISA]\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        time_case(kernels, &CASES[i], (size_t)updates);
    return 0;
}
