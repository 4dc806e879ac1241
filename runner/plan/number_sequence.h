#ifndef RUNNER_PLAN_NUMBER_SEQUENCE_H
#define RUNNER_PLAN_NUMBER_SEQUENCE_H

/* Evenly spaced numbers, as numpy has them (numpy/core/function_base.py). */

#include <stddef.h>

/* linspace(start, stop, count), both ends included: i * step + start with step
 * = (stop - start) / (count - 1), each operation rounded once; the last number
 * is `stop` itself. One number is `start`. numpy's bits. `stop - start` must be
 * finite. */
void linspace(double start, double stop, size_t count, double *numbers);

/* geomspace(start, stop, count), both positive or both negative: 10 to the
 * powers linspace(log10 start, log10 stop, count), the ends being `start` and
 * `stop`. Logarithms and powers are correctly rounded (computed in twice the
 * precision), so the bits are the same everywhere, and numpy's but where its
 * own libm is an ulp off. */
void geomspace(double start, double stop, size_t count, double *numbers);

#endif
