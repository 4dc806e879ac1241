#ifndef RUNNER_SCHEDULE_JOBS_H
#define RUNNER_SCHEDULE_JOBS_H

/* Jobs on threads: a count and a callback, never networks. */

#include <stddef.h>
#include <stdint.h>

#include "engine/base/status.h"

/* Threads to use: `asked` (-j) if above 0, else OMP_NUM_THREADS, else the cores
 * that this process may use. An OMP_NUM_THREADS that is no whole number from 1
 * on is STATUS_CONFIG. */
enum status_code jobs_threads(int64_t asked, int *threads,
                              struct status *status);

/* Calls job(index, context) once for each index below `count`, on up to
 * `threads` threads. A thread that is free takes the lowest index that nobody
 * has: put long jobs first. Returns when all are done. */
void jobs_run(size_t count, int threads,
              void (*job)(size_t index, void *context), void *context);

#endif
