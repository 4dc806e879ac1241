#ifndef RUNNER_REPORT_STATISTICS_H
#define RUNNER_REPORT_STATISTICS_H

/* What is said about a handful of runs: mean, spread, and whether two groups
 * can be told apart. Not a number (NAN) stands for what is not defined. */

#include <stddef.h>

/* The level of the tests, and of the intervals its complement. */
#define STATISTICS_LEVEL 0.05

struct sample_summary {
    size_t count;
    double mean;      /* compensated sum / count; terms in the order given */
    double sd;        /* n - 1 in the denominator; NAN for fewer than two */
    double low, high; /* 95 % interval of the mean, Student's t; as sd */
    double median;    /* of an even count: the mean of the middle two */
};

/* Describes `count` finite values. Deviations are taken from the rounded mean
 * and corrected for its rounding (two passes, sums in the order given); of
 * values that are all equal the mean is that value and the sd is exactly 0.
 * With count 0 everything is NAN. */
struct sample_summary sample_summarize(const double *values, size_t count);

/* The same count, mean and sd alone, in a fraction of the time; the rest is
 * NAN. */
struct sample_summary sample_moments(const double *values, size_t count);

/* Welch's t test of two means, variances not assumed equal. */
struct welch_test {
    double t, df; /* of the first less the second; Welch-Satterthwaite */
    double p;     /* two-sided */
};

/* NANs where either sample has fewer than two values. Where neither has any
 * variance, df is NAN and p 1 for equal means (t 0), else 0 (t infinite). */
struct welch_test welch(const struct sample_summary *a,
                        const struct sample_summary *b);

/* Adjusts p values for their number, in place (Holm 1979): with p in ascending
 * order the i-th becomes the largest (count - j) p_j of j <= i (from 0), at
 * most 1. */
void holm_adjust(double *p, size_t count);

#endif
