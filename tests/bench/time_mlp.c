/* Times an update of a wide network, 784-512-512-10 with relu, cross entropy
 * and SGD on batches of 128 of 12,800 rows, one run in rows form:
 *
 *   time_mlp [REPETITIONS [ISA]]
 *
 * prints the milliseconds of an update, gathering and shuffling included: the
 * difference of a long and a short training, the fastest of the repetitions
 * each. tests/bench/mlp.py is the same in PyTorch. */

#include <stdio.h>
#include <time.h>

#include "tests/unit/training_fixtures.h"

static struct made_run mlp = {
    .name = "mlp",
    .layers = {{.kind = "linear", .out_features = 512},
               {.kind = "relu"},
               {.kind = "linear", .out_features = 512},
               {.kind = "relu"},
               {.kind = "linear", .out_features = 10}},
    .loss = "cross_entropy",
    .optimizer = "sgd",
    .optimizer_options = {{"lr", 0.01}},
    .batch_size = 128,
    .every = 1000000,
    .data = {{12800, 0, 128}, 784, 1, 10, 5},
};

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

/* The least time of training `steps` updates. */
static double train(const struct kernels *kernels, const struct dataset *data,
                    int64_t steps, int repetitions) {
    double best = 0;
    mlp.steps = steps;
    struct whole_run *whole = whole_run_new(&mlp, data, 1, 1);
    for (int i = 0; i < repetitions; i++) {
        const struct run *run = &whole->run;
        struct measurement measurement;
        struct status status = STATUS_INIT;
        const double start = milliseconds();
        if (trainer_run(kernels, 1, &run, 1, NULL, &measurement, &status))
            abort();
        const double spent = milliseconds() - start;
        measurement_release(&measurement);
        if (best == 0 || spent < best)
            best = spent;
    }
    whole_run_free(whole);
    return best;
}

int main(int count, char **words) {
    enum { SHORT = 100, LONG = 300 };
    const int repetitions = count > 1 ? atoi(words[1]) : 5;
    const char *isa = count > 2 ? words[2] : NULL;
    const struct kernels *kernels = NULL;
    for (const struct kernels *const *copy = kernels_available(); *copy; copy++)
        if (!isa || strcmp(isa, (*copy)->isa) == 0)
            kernels = *copy;
    if (repetitions < 1 || !kernels) {
        fprintf(stderr, "usage: time_mlp [REPETITIONS [ISA]]\n");
        return 2;
    }
    struct dataset *data = made_dataset(&mlp.data);
    const double shorter = train(kernels, data, SHORT, repetitions);
    const double longer = train(kernels, data, LONG, repetitions);
    printf("%.4f\n", (longer - shorter) / (LONG - SHORT));
    made_dataset_free(data);
    return 0;
}
