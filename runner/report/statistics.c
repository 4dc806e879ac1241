#include "runner/report/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/compensated_sum.h"
#include "engine/base/memory.h"
#include "runner/report/student.h"

static int compare_doubles(const void *left, const void *right) {
    double a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

/* ------------------------------------------------------------- one sample */

/* Values so large that their sum would overflow are summed smaller. */
static double scale_of(double least, double most) {
    return fmax(fabs(least), fabs(most)) > 0x1p900 ? 0x1p-100 : 1;
}

static double mean_of(const double *values, size_t count, double scale) {
    struct compensated_sum sum = {0, 0};
    for (size_t i = 0; i < count; i++)
        compensated_add(&sum, values[i] * scale);
    return compensated_value(&sum) / (double)count;
}

/* The sd in units of `range`, so that no square can overflow or vanish. */
static double sd_of(const double *values, size_t count, double scale,
                    double mean, double range) {
    struct compensated_sum squares = {0, 0}, rest = {0, 0};
    for (size_t i = 0; i < count; i++) {
        double deviation = (values[i] * scale - mean) / range;
        compensated_add(&squares, deviation * deviation);
        compensated_add(&rest, deviation);
    }
    double left = compensated_value(&rest);
    double sum = compensated_value(&squares) - left * left / (double)count;
    return sqrt(fmax(sum, 0) / (double)(count - 1));
}

static double median_of(const double *sorted, size_t count) {
    double upper = sorted[count / 2];
    return count % 2 ? upper : sorted[count / 2 - 1] / 2 + upper / 2;
}

struct sample_summary sample_moments(const double *values, size_t count) {
    struct sample_summary summary = {count, NAN, NAN, NAN, NAN, NAN};
    if (count == 0)
        return summary;
    double least = values[0], most = values[0];
    for (size_t i = 1; i < count; i++) {
        least = fmin(least, values[i]);
        most = fmax(most, values[i]);
    }
    summary.mean = least;
    summary.sd = count > 1 ? 0 : NAN;
    if (least == most)
        return summary;
    double scale = scale_of(least, most);
    double mean = mean_of(values, count, scale);
    double range = most * scale - least * scale;
    summary.mean = mean / scale;
    summary.sd = range * sd_of(values, count, scale, mean, range) / scale;
    return summary;
}

static void add_interval(struct sample_summary *summary) {
    static const double TAIL = STATISTICS_LEVEL / 2;
    double count = (double)summary->count;
    double half =
        student_quantile(1 - TAIL, count - 1) * (summary->sd / sqrt(count));
    summary->low = summary->mean - half;
    summary->high = summary->mean + half;
}

struct sample_summary sample_summarize(const double *values, size_t count) {
    struct sample_summary summary = sample_moments(values, count);
    if (count == 0)
        return summary;
    double *sorted = memory_zeroed(count, sizeof *sorted);
    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    summary.median = median_of(sorted, count);
    free(sorted);
    if (count > 1)
        add_interval(&summary);
    return summary;
}

/* ------------------------------------------------------------ two samples */

static struct welch_test welch_without_variance(double difference) {
    if (difference == 0)
        return (struct welch_test){0, NAN, 1};
    return (struct welch_test){difference > 0 ? INFINITY : -INFINITY, NAN, 0};
}

struct welch_test welch(const struct sample_summary *a,
                        const struct sample_summary *b) {
    if (a->count < 2 || b->count < 2)
        return (struct welch_test){NAN, NAN, NAN};
    double difference = a->mean - b->mean;
    double error_a = a->sd / sqrt((double)a->count);
    double error_b = b->sd / sqrt((double)b->count);
    double larger = fmax(error_a, error_b);
    if (larger == 0)
        return welch_without_variance(difference);
    /* Squared errors of the means, in units of the larger. */
    double square_a = (error_a / larger) * (error_a / larger);
    double square_b = (error_b / larger) * (error_b / larger);
    double sum = square_a + square_b;
    struct welch_test test;
    test.t = difference / (larger * sqrt(sum));
    test.df = sum * sum /
              (square_a * square_a / (double)(a->count - 1) +
               square_b * square_b / (double)(b->count - 1));
    test.p = student_two_sided(test.t, test.df);
    return test;
}

/* ------------------------------------------------------------------- many */

struct ranked_p {
    double p;
    size_t index;
};

/* A struct's first member is at its address. */
void holm_adjust(double *p, size_t count) {
    struct ranked_p *ranked = memory_zeroed(count, sizeof *ranked);
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked_p){p[i], i};
    if (count)
        qsort(ranked, count, sizeof *ranked, compare_doubles);
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, (double)(count - i) * ranked[i].p);
        p[ranked[i].index] = fmin(largest, 1);
    }
    free(ranked);
}
