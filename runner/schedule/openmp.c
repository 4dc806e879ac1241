#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/number.h"
#include "runner/schedule/jobs.h"

enum { THREAD_LIMIT = 4096 };

/* OMP_NUM_THREADS may be a list, a number for each level of nesting: the first
 * is ours. */
static enum status_code from_environment(const char *text, int *threads,
                                         struct status *status) {
    double number;
    bool good = number_read(text, strcspn(text, ","), &number) && number >= 1 &&
                number == floor(number);
    STATUS_RETURN_IF(!good, status, STATUS_CONFIG,
                     "OMP_NUM_THREADS: expected a whole number from 1 on, "
                     "found '%s'",
                     text);
    *threads = (int)fmin(number, THREAD_LIMIT);
    return STATUS_OK;
}

/* The cores this process may run on. */
static int usable_cores(void) {
#ifdef __linux__
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        return CPU_COUNT(&cores);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

enum status_code jobs_threads(int64_t asked, int *threads,
                              struct status *status) {
    const char *text = getenv("OMP_NUM_THREADS");
    *threads = (int)asked;
    if (asked > 0)
        return STATUS_OK;
    if (text && *text)
        return from_environment(text, threads, status);
    *threads = usable_cores();
    return STATUS_OK;
}

/* Apart, since a compiler may ask the library who it is on entry. */
static __attribute__((noinline)) void
run_in_parallel(size_t count, int threads,
                void (*job)(size_t index, void *context), void *context) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t index = 0; index < count; index++)
        job(index, context);
}

void jobs_run(size_t count, int threads,
              void (*job)(size_t index, void *context), void *context) {
    if (threads > (int)count)
        threads = (int)count;
    if (threads > 1) {
        run_in_parallel(count, threads, job, context);
        return;
    }
    for (size_t index = 0; index < count; index++)
        job(index, context);
}
