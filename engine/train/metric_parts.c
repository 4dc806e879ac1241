#include "engine/train/metric_parts.h"

enum { SUM_BLOCK = 128, SUM_PARTIALS = 8 };

static double sum_block(size_t count, const double *numbers) {
    size_t i = 0;
    double sum = 0;
    if (count >= SUM_PARTIALS) {
        double partial[SUM_PARTIALS];
        for (; i < SUM_PARTIALS; i++)
            partial[i] = numbers[i];
        for (; i < count - count % SUM_PARTIALS; i++)
            partial[i % SUM_PARTIALS] += numbers[i];
        sum = ((partial[0] + partial[1]) + (partial[2] + partial[3])) +
              ((partial[4] + partial[5]) + (partial[6] + partial[7]));
    }
    for (; i < count; i++)
        sum += numbers[i];
    return sum;
}

double metric_sum(size_t count, const double *numbers) {
    if (count <= SUM_BLOCK)
        return sum_block(count, numbers);
    size_t half = count / 2;
    half -= half % SUM_PARTIALS;
    return metric_sum(half, numbers) + metric_sum(count - half, numbers + half);
}

double metric_column_mean(size_t rows, size_t columns, size_t column,
                          const double *numbers) {
    if (columns == 1)
        return metric_sum(rows, numbers) / (double)rows;
    double sum = 0;
    for (size_t row = 0; row < rows; row++)
        sum += numbers[row * columns + column];
    return sum / (double)rows;
}

double metric_share(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
}

double metric_f1(double precision, double recall) {
    return metric_share(2 * precision * recall, precision + recall);
}

double metric_average_loss(struct outcome *outcome) {
    return outcome->average_loss;
}

double metric_loss(struct outcome *outcome) {
    return outcome->average_loss * (double)outcome->rows;
}
