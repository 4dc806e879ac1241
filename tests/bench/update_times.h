#ifndef TESTS_BENCH_UPDATE_TIMES_H
#define TESTS_BENCH_UPDATE_TIMES_H

/* Core time of updates (a mini-batch forward and backward, and the optimizer's
 * step) of a made run, alone or with others that differ in their seeds. */

#include <time.h>

#include "engine/train/pack.h"
#include "tests/unit/training_fixtures.h"

enum { UPDATES_MOST = 1000 };

/* Milliseconds an update of one run. */
struct update_times {
    double minimum, median;
};

static inline double core_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static inline int compare_times(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline struct update_times time_pack(struct pack *pack, size_t updates) {
    static double times[UPDATES_MOST];
    for (size_t i = 0; i < updates; i++) {
        double start = core_milliseconds();
        pack_forward(pack);
        pack_update(pack, (int64_t)i + 1);
        times[i] = (core_milliseconds() - start) / (double)pack->lanes;
    }
    qsort(times, updates, sizeof *times, compare_times);
    return (struct update_times){times[0], times[updates / 2]};
}

/* Of `lanes` runs side by side; 1: rows form. */
static inline struct update_times time_updates(const struct made_run *made,
                                               const struct kernels *kernels,
                                               size_t lanes, size_t updates) {
    struct measurement measurements[KERNEL_WIDTH_LIMIT] = {0};
    struct whole_run *whole[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT];
    struct status status = STATUS_INIT;
    struct pack pack;
    struct dataset *data = made_dataset(&made->data);
    for (size_t i = 0; i < lanes; i++) {
        whole[i] = whole_run_new(made, data, (uint32_t)i, (uint32_t)i);
        runs[i] = &whole[i]->run;
    }
    if (pack_init(&pack, kernels, lanes, runs, lanes, measurements, &status))
        abort();
    struct update_times times = time_pack(&pack, updates);
    pack_release(&pack);
    for (size_t i = 0; i < lanes; i++)
        whole_run_free(whole[i]);
    made_dataset_free(data);
    return times;
}

/* Words of such a program: [UPDATES] [ISA]. NULL and a line on stderr if they
 * are none. */
static inline const struct kernels *time_words(int count, char **words,
                                               size_t *updates) {
    int number = count > 1 ? atoi(words[1]) : 20;
    const struct kernels *kernels = NULL;
    for (const struct kernels *const *copy = kernels_available(); *copy; copy++)
        if (count <= 2 || strcmp(words[2], (*copy)->isa) == 0)
            kernels = *copy;
    if (number < 1 || number > UPDATES_MOST || !kernels) {
        fprintf(stderr, "usage: %s [UPDATES] [ISA]\n", words[0]);
        return NULL;
    }
    *updates = (size_t)number;
    return kernels;
}

#endif
