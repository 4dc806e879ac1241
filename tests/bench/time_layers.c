/* Times an update (a mini-batch forward and backward, and SGD's step) of small
 * networks with convolutions, in core time:
 *
 *   time_layers [UPDATES] [ISA]
 *
 * prints for each case, with the copy ISA (default: the best) of the kernels,
 *
 *   network batch runs minimum median
 *
 * `runs` being those trained side by side (1: rows form) and the times
 * milliseconds an update of one of them, of so many updates (default 20).
 * tests/bench/torch_layers.py has the same networks for PyTorch. */

#include <stdio.h>

#include "update_times.h"

static const int64_t IMAGE[] = {1, 28, 28}, SPECTRUM[] = {1, 500},
                     DIGIT[] = {1, 8, 8};

#define CONV(kind, channels, kernel, padding_, stride_)                        \
    {                                                                          \
        kind, .options = {                                                     \
            {"out_channels", channels},                                        \
            {"kernel_size", kernel},                                           \
            {"padding", padding_},                                             \
            {"stride", stride_},                                               \
        }                                                                      \
    }
#define POOL(kind, kernel)                                                     \
    {                                                                          \
        kind, .options = { {"kernel_size", kernel} }                           \
    }

static const struct made_run NETWORKS[] = {
    {.name = "lenet",
     .layers = {{"reshape", .shape = {IMAGE, 3}},
                CONV("conv2d", 6, 5, 2, 1),
                {"relu"},
                POOL("max_pool2d", 2),
                CONV("conv2d", 16, 5, 0, 1),
                {"relu"},
                POOL("max_pool2d", 2),
                {"flatten"},
                {"linear", 120},
                {"relu"},
                {"linear", 84},
                {"relu"},
                {"linear", 10}},
     .loss = "cross_entropy",
     .data = {.columns = 784, .targets = 1, .classes = 10}},
    {.name = "spectra",
     .layers = {{"reshape", .shape = {SPECTRUM, 2}},
                CONV("conv1d", 8, 9, 4, 2),
                {"batch_norm1d"},
                {"relu"},
                POOL("max_pool1d", 4),
                CONV("conv1d", 16, 5, 0, 1),
                {"elu"},
                POOL("avg_pool1d", 2),
                {"flatten"},
                {"linear", 1}},
     .loss = "mse",
     .data = {.columns = 500, .targets = 1}},
    {.name = "digits",
     .layers = {{"reshape", .shape = {DIGIT, 3}},
                CONV("conv2d", 4, 3, 1, 1),
                {"relu"},
                POOL("max_pool2d", 2),
                CONV("conv2d", 8, 3, 0, 1),
                {"relu"},
                {"flatten"},
                {"linear", 10}},
     .loss = "cross_entropy",
     .data = {.columns = 64, .targets = 1, .classes = 10}},
};

static const struct bench_case {
    size_t network;
    int64_t batch;
    bool has_lanes;
} CASES[] = {
    {0, 50, false}, {0, 50, true},  {1, 50, false}, {1, 50, true},
    {1, 16, false}, {2, 32, false}, {2, 32, true},
};

int main(int count, char **words) {
    size_t updates;
    const struct kernels *kernels = time_words(count, words, &updates);
    if (!kernels)
        return 2;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct made_run made = NETWORKS[CASES[i].network];
        size_t lanes = CASES[i].has_lanes ? kernels->width : 1;
        made.optimizer = "sgd";
        made.optimizer_options[0] = (struct made_option){"lr", 1e-3};
        made.batch_size = CASES[i].batch;
        made.steps = UPDATES_MOST;
        made.data.rows[PART_TRAIN] = (size_t)CASES[i].batch * 2;
        made.data.rows[PART_TEST] = 1;
        struct update_times times =
            time_updates(&made, kernels, lanes, updates);
        printf("%s %lld %zu %.4f %.4f\n", made.name, (long long)made.batch_size,
               lanes, times.minimum, times.median);
        fflush(stdout);
    }
    return 0;
}
