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

#include "update_times.h"

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

int main(int count, char **words) {
    size_t updates;
    const struct kernels *kernels = time_words(count, words, &updates);
    if (!kernels)
        return 2;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct bench_case *bench = &CASES[i];
        const int64_t shape[2] = {(int64_t)bench->steps,
                                  (int64_t)bench->features};
        const struct made_run made = made_of(bench, shape);
        size_t lanes = bench->has_lanes ? kernels->width : 1;
        struct update_times times =
            time_updates(&made, kernels, lanes, updates);
        printf("%s %zu %zu %zu %lld %zu %.4f %.4f\n", bench->layer,
               bench->steps, bench->features, bench->hidden,
               (long long)bench->batch, lanes, times.minimum, times.median);
        fflush(stdout);
    }
    return 0;
}
