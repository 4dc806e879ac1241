#include "engine/data/scaler.h"

static double sum_in_order(const double *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

enum { LANES = 8, BLOCK = 128, BUFFER = 8192 };

static double sum_block(const double *values, size_t count) {
    double lane[LANES];
    for (size_t i = 0; i < LANES; i++)
        lane[i] = values[i];
    size_t next = LANES;
    for (; next + LANES <= count; next += LANES)
        for (size_t i = 0; i < LANES; i++)
            lane[i] += values[next + i];
    double sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
                 ((lane[4] + lane[5]) + (lane[6] + lane[7]));
    for (; next < count; next++)
        sum += values[next];
    return sum;
}

static double sum_pairwise(const double *values, size_t count) {
    if (count < LANES)
        return sum_in_order(values, count);
    if (count <= BLOCK)
        return sum_block(values, count);
    size_t half = count / 2 / LANES * LANES;
    return sum_pairwise(values, half) +
           sum_pairwise(values + half, count - half);
}

double scaler_sum(const double *values, size_t count, bool is_alone) {
    if (!is_alone)
        return sum_in_order(values, count);
    double sum = 0;
    for (size_t next = 0; next < count; next += BUFFER) {
        size_t left = count - next;
        sum += sum_pairwise(values + next, left < BUFFER ? left : BUFFER);
    }
    return sum;
}

/* Every kind of SCALER_FAMILY is the first member of its struct. */
static const struct scaler_kind *scaler_of(const struct kind *kind) {
    return (const struct scaler_kind *)(const void *)kind;
}

static double **allocate_numbers(const struct scaler_kind *scaler,
                                 size_t columns, struct arena *arena) {
    double **values = arena_zeroed(arena, scaler->numbers, sizeof *values);
    for (size_t i = 0; values && i < scaler->numbers; i++)
        values[i] = arena_zeroed(arena, columns, sizeof **values);
    return arena->failed ? NULL : values;
}

/* A table of which one scaler after another is fitted. */
struct scaled_table {
    size_t columns, rows;
    const struct data_part *train;
    double *values;  /* [column][row] */
    double *fitting; /* [train row]: a column's training values */
};

/* Fits and scales one column. */
static void fit_column(const struct choice *choice,
                       const struct scaled_table *table, size_t column,
                       double numbers[]) {
    const struct scaler_kind *scaler = scaler_of(choice->kind);
    double *values = table->values + column * table->rows;
    for (size_t i = 0; i < table->train->rows; i++)
        table->fitting[i] = values[table->train->row[i]];
    scaler->fit(choice->options, table->fitting, table->train->rows,
                table->columns == 1, numbers);
    for (size_t row = 0; row < table->rows; row++)
        values[row] = scaler->apply(numbers, values[row]);
}

static bool fit_scaler(const struct choice *choice,
                       const struct scaled_table *table, struct arena *lasting,
                       struct fitted_scaler *fitted) {
    const struct scaler_kind *scaler = scaler_of(choice->kind);
    double **numbers = allocate_numbers(scaler, table->columns, lasting);
    if (!numbers)
        return false;
    for (size_t column = 0; column < table->columns; column++) {
        double found[SCALER_NUMBERS_MOST];
        fit_column(choice, table, column, found);
        for (size_t i = 0; i < scaler->numbers; i++)
            numbers[i][column] = found[i];
    }
    *fitted = (struct fitted_scaler){
        .kind = choice->kind,
        .columns = table->columns,
        .numbers = scaler->numbers,
        .names = scaler->names,
        .values = (const double *const *)numbers,
    };
    return true;
}

const struct fitted_scaler *
scalers_fit(const struct choice *choices, size_t count, size_t columns,
            size_t rows, const struct data_part *train, double *values,
            struct arena *lasting, struct arena *scratch) {
    struct fitted_scaler *fitted = arena_zeroed(lasting, count, sizeof *fitted);
    struct scaled_table table = {columns, rows, train, values, NULL};
    table.fitting = arena_zeroed(scratch, train->rows, sizeof(double));
    if (!fitted || !table.fitting)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (!fit_scaler(&choices[i], &table, lasting, &fitted[i]))
            return NULL;
    return fitted;
}

double scalers_restore(const struct fitted_scaler *scalers, size_t count,
                       size_t column, double value) {
    for (size_t i = count; i-- > 0;) {
        double numbers[SCALER_NUMBERS_MOST];
        for (size_t j = 0; j < scalers[i].numbers; j++)
            numbers[j] = scalers[i].values[j][column];
        value = scaler_of(scalers[i].kind)->restore(numbers, value);
    }
    return value;
}
