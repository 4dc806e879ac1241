#include "engine/data/generators.h"

#include "engine/base/double_math.h"
#include "engine/random/numpy_random.h"

static const double PI = 3.141592653589793;

int64_t generated_rows(const struct generator_options *options) {
    const struct field_integers *each = &options->n_samples_each;
    int64_t rows = each->values ? 0 : options->n_samples;
    for (size_t i = 0; i < each->count; i++)
        rows += each->values[i];
    return rows;
}

/* How many of the rows are of that class: the list says it, or they are shared
 * out evenly and the first `more` classes have one more. */
static size_t rows_of_class(const struct generator_options *options,
                            size_t class, size_t classes, size_t more) {
    if (options->n_samples_each.values)
        return (size_t)options->n_samples_each.values[class];
    return (size_t)options->n_samples / classes + (class < more);
}

/* An odd row is of the second class. */
static size_t rows_of_first(const struct generator_options *options) {
    return rows_of_class(options, 0, 2, 0);
}

static bool begin(const struct generator_options *options, size_t columns,
                  struct arena *arena, struct generated *made,
                  struct numpy_random *random) {
    size_t rows = (size_t)generated_rows(options);
    *made = (struct generated){.rows = rows, .columns = columns};
    made->features = arena_zeroed(arena, rows * columns, sizeof(double));
    made->targets = arena_zeroed(arena, rows, sizeof(double));
    numpy_random_seed(random, (uint32_t)options->random_state);
    return !arena->failed;
}

static void reorder(double *values, size_t count, const int64_t *order,
                    double *copy) {
    for (size_t i = 0; i < count; i++)
        copy[i] = values[i];
    for (size_t i = 0; i < count; i++)
        values[i] = copy[order[i]];
}

/* sklearn.utils.shuffle: a shuffle of the row numbers, then a gather. */
static bool shuffle_rows(struct generated *made, struct arena *arena,
                         struct numpy_random *random) {
    int64_t *order = arena_zeroed(arena, made->rows, sizeof *order);
    double *copy = arena_zeroed(arena, made->rows, sizeof *copy);
    if (arena->failed)
        return false;
    numpy_random_permutation(random, order, made->rows);
    for (size_t column = 0; column < made->columns; column++)
        reorder(made->features + column * made->rows, made->rows, order, copy);
    reorder(made->targets, made->rows, order, copy);
    return true;
}

static double draw_normal(struct numpy_random *random, double mean,
                          double deviation) {
    return mean + deviation * numpy_random_normal(random);
}

static void add_noise(struct generated *made, double noise,
                      struct numpy_random *random) {
    for (size_t row = 0; row < made->rows; row++)
        for (size_t column = 0; column < made->columns; column++)
            made->features[column * made->rows + row] +=
                draw_normal(random, 0, noise);
}

static void multiply(struct generated *made, double scale) {
    for (size_t i = 0; i < made->rows * made->columns; i++)
        made->features[i] *= scale;
}

/* What circles and moons have in common after their points stand. */
static void finish_curves(const struct generator_options *options,
                          const struct field_optional_number *noise,
                          struct arena *arena, struct generated *made,
                          struct numpy_random *random) {
    if (options->shuffle && !shuffle_rows(made, arena, random))
        return;
    if (noise->present)
        add_noise(made, noise->value, random);
    multiply(made, options->scale);
}

/* ---- circles ---- */

/* `count` points on a circle, the first at angle 0, the last a step before it.
 */
static void put_circle(struct generated *made, size_t first, size_t count,
                       double radius, double target) {
    double *x = made->features + first, *y = x + made->rows;
    double step = 2 * PI / (double)count;
    for (size_t i = 0; i < count; i++) {
        double angle = (double)i * step;
        x[i] = double_cos(angle) * radius;
        y[i] = double_sin(angle) * radius;
        made->targets[first + i] = target;
    }
}

void make_circles(const struct circles_options *options, struct arena *arena,
                  struct generated *made) {
    struct numpy_random random;
    if (!begin(&options->common, 2, arena, made, &random))
        return;
    size_t outer = rows_of_first(&options->common);
    put_circle(made, 0, outer, 1, 0);
    put_circle(made, outer, made->rows - outer, options->factor, 1);
    finish_curves(&options->common, &options->noise, arena, made, &random);
}

/* ---- moons ---- */

/* numpy.linspace(0, pi, count): the last is pi itself. */
static double half_turn(size_t i, size_t count) {
    if (i > 0 && i + 1 == count)
        return PI;
    return count > 1 ? (double)i * (PI / (double)(count - 1)) : 0;
}

static void put_moons(struct generated *made, size_t outer) {
    double *x = made->features, *y = x + made->rows;
    for (size_t i = 0; i < outer; i++) {
        double angle = half_turn(i, outer);
        x[i] = double_cos(angle);
        y[i] = double_sin(angle);
    }
    for (size_t i = outer; i < made->rows; i++) {
        double angle = half_turn(i - outer, made->rows - outer);
        x[i] = 1 - double_cos(angle);
        y[i] = 1 - double_sin(angle) - 0.5;
        made->targets[i] = 1;
    }
}

void make_moons(const struct moons_options *options, struct arena *arena,
                struct generated *made) {
    struct numpy_random random;
    if (!begin(&options->common, 2, arena, made, &random))
        return;
    put_moons(made, rows_of_first(&options->common));
    finish_curves(&options->common, &options->noise, arena, made, &random);
}

/* ---- blobs ---- */

size_t blobs_count_centers(const struct blobs_options *options) {
    const struct field_integers *each = &options->common.n_samples_each;
    return options->center_points.values ? options->center_points.count
           : each->values                ? each->count
                                         : (size_t)options->centers.value;
}

size_t blobs_count_columns(const struct blobs_options *options) {
    return options->center_points.values ? options->center_points.width
                                         : (size_t)options->n_features;
}

static const double *place_centers(const struct blobs_options *options,
                                   struct arena *arena,
                                   struct numpy_random *random) {
    if (options->center_points.values)
        return options->center_points.values;
    size_t count = blobs_count_centers(options) * blobs_count_columns(options);
    const double *box = options->center_box.values;
    double *centers = arena_zeroed(arena, count, sizeof *centers);
    for (size_t i = 0; centers && i < count; i++)
        centers[i] = numpy_random_uniform(random, box[0], box[1]);
    return centers;
}

static void put_blob(struct generated *made, size_t first, size_t count,
                     const double *center, double deviation,
                     struct numpy_random *random) {
    for (size_t row = first; row < first + count; row++)
        for (size_t column = 0; column < made->columns; column++)
            made->features[column * made->rows + row] =
                draw_normal(random, center[column], deviation);
}

void make_blobs(const struct blobs_options *options, struct arena *arena,
                struct generated *made) {
    struct numpy_random random;
    size_t columns = blobs_count_columns(options), first = 0;
    if (!begin(&options->common, columns, arena, made, &random))
        return;
    const double *centers = place_centers(options, arena, &random);
    if (!centers)
        return;
    const double *each = options->cluster_std_each.values;
    size_t count = blobs_count_centers(options);
    for (size_t i = 0; i < count; i++) {
        size_t rows =
            rows_of_class(&options->common, i, count, made->rows % count);
        put_blob(made, first, rows, centers + i * columns,
                 each ? each[i] : options->cluster_std, &random);
        for (size_t row = first; row < first + rows; row++)
            made->targets[row] = (double)i;
        first += rows;
    }
    if (options->common.shuffle && !shuffle_rows(made, arena, &random))
        return;
    multiply(made, options->common.scale);
}
