/* Times training in core time: time_pack [REPETITIONS] [ISA] trains packs of
 * the course notebook's run (2-4-1, batches of 50 of 400 rows, 5,000 updates,
 * Adagrad, a history row each 250 updates, final metrics) with every copy of
 * the kernels, and prints for each
 *
 *   isa lanes case minimum median digest
 *
 * times in milliseconds a run over the repetitions of a full pack, and the
 * start of a SHA-256 over all weights and histories, by which two builds are
 * compared. Cases: `seeds`, each run its own seeds; `rates`, one pair of seeds
 * and a learning rate each; `alone`, one run in rows form. */

#include <stdio.h>
#include <time.h>

#include "engine/base/digest.h"
#include "tests/unit/training_fixtures.h"

enum { REPETITION_LIMIT = 1000 };

static const struct made_run NOTEBOOK = {
    .name = "notebook",
    .layers = {{.kind = "linear", .out_features = 4},
               {.kind = "sigmoid"},
               {.kind = "linear", .out_features = 1},
               {.kind = "sigmoid"}},
    .loss = "bce",
    .optimizer = "adagrad",
    .optimizer_options = {{"lr", 0.05}, {"initial_accumulator_value", 0.1}},
    .batch_size = 50,
    .steps = 5000,
    .data = {{400, 0, 100}, 2, 1, 2, 5},
};

static const struct bench_case {
    const char *name;
    int has_seeds, has_rates;
} CASES[] = {{"seeds", 1, 0}, {"rates", 0, 1}};
static const struct bench_case ALONE = {"alone", 0, 0};

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void add_measurement(struct digest_state *digest,
                            const struct measurement *measurement) {
    digest_update(digest, measurement->digest_weights, DIGEST_SIZE);
    digest_update(digest, measurement->digest_predictions, DIGEST_SIZE);
    digest_update(digest, measurement->metrics, sizeof measurement->metrics);
    for (size_t i = 0; i < measurement->history_count; i++) {
        const struct history_row *row = &measurement->history[i];
        digest_update(digest, &row->train_loss, sizeof row->train_loss);
        digest_update(digest, row->metrics, 2 * sizeof *row->metrics);
        digest_update(digest, row->digest, sizeof row->digest);
    }
}

/* Trains the pack once; its core time. */
static double train(const struct kernels *kernels, size_t lanes,
                    const struct run *const *runs,
                    char digest[DIGEST_TEXT_SIZE]) {
    struct measurement measurements[KERNEL_WIDTH_LIMIT];
    struct status status = STATUS_INIT;
    struct digest_state state;
    double start = milliseconds();
    if (trainer_run(kernels, lanes, runs, lanes, NULL, measurements, &status))
        abort();
    double end = milliseconds();
    digest_init(&state);
    for (size_t i = 0; i < lanes; i++) {
        add_measurement(&state, &measurements[i]);
        measurement_release(&measurements[i]);
    }
    digest_finish(&state, digest);
    return (end - start) / (double)lanes;
}

static void time_case(const struct kernels *kernels, size_t lanes,
                      const struct bench_case *bench, int repetitions,
                      const struct dataset *data) {
    static double times[REPETITION_LIMIT];
    struct whole_run *whole[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT];
    char digest[DIGEST_TEXT_SIZE];
    for (size_t i = 0; i < lanes; i++) {
        uint32_t seed = bench->has_seeds ? (uint32_t)i : 123;
        whole[i] = whole_run_new(&NOTEBOOK, data, seed, seed);
        runs[i] = &whole[i]->run;
        if (bench->has_rates)
            whole_run_set(whole[i], "lr", 0.01 * (double)(i + 1));
    }
    for (int i = 0; i < repetitions; i++)
        times[i] = train(kernels, lanes, runs, digest);
    qsort(times, (size_t)repetitions, sizeof *times, compare);
    printf("%-6s %2zu %-5s %8.3f %8.3f %.12s\n", kernels->isa, lanes,
           bench->name, times[0], times[repetitions / 2], digest);
    fflush(stdout);
    for (size_t i = 0; i < lanes; i++)
        whole_run_free(whole[i]);
}

int main(int count, char **words) {
    int repetitions = count > 1 ? atoi(words[1]) : 15;
    if (repetitions < 1 || repetitions > REPETITION_LIMIT) {
        fprintf(stderr, "usage: time_pack [REPETITIONS] [ISA]\n");
        return 2;
    }
    struct dataset *data = made_dataset(&NOTEBOOK.data);
    for (const struct kernels *const *copy = kernels_available(); *copy;
         copy++) {
        const struct kernels *kernels = *copy;
        if (count > 2 && strcmp(words[2], kernels->isa) != 0)
            continue;
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
            time_case(kernels, kernels->width, &CASES[i], repetitions, data);
        time_case(kernels, 1, &ALONE, repetitions, data);
    }
    made_dataset_free(data);
    return 0;
}
