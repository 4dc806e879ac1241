/* Losses against PyTorch 1.13: mini-batch, derivative, average.
 *
 * The expected numbers are torch's own for the inputs below, float32 (value,
 * derivative) and float64 (average, with reduction="mean"). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine/nn/loss.h"
#include "option_sets.h"

enum { ROWS = 4, UNITS = 3, OPTION_LIMIT = 3 };

static const float OUTPUTS[ROWS * UNITS] = {
    0.5f, -1.25f, 2, -0.75f, 0.25f, 1.5f, 3, -2, 0.125f, 0, 1, -0.5f};
static const float NUMBERS[ROWS * UNITS] = {
    0, -1, 0.5f, 1, 0.25f, 2.5f, 3.5f, 0, -1, 0.25f, 0.5f, -0.5f};
static const float LABELS[ROWS] = {2, 0, 1, 2};
static const float BINARY[ROWS] = {1, 0, 1, 0};
static const float PROBABILITIES[ROWS] = {0.75f, 0.125f, 0.5f, 0.9375f};
static const float LOGITS[ROWS] = {0.5f, -0.75f, 3, 0};

/* A list's value is not used: lists are option_sets.h's, 0.5, 1.5, 2. */
struct expected {
    const char *loss;
    struct {
        const char *key;
        double value;
    } options[OPTION_LIMIT];
    const float *y, *t;
    size_t units;
    float value;
    double average; /* 0: the loss has none */
    float dy[ROWS * UNITS];
};

#define SUM                                                                    \
    { "reduction", 1 }

static const struct expected EXPECTED[] = {
    {"bce",
     {{0}},
     PROBABILITIES,
     BINARY,
     1,
     0.971737385f,
     0,
     {-0.333333343f, 0.285714298f, -0.5f, 4}},
    {"bce",
     {SUM, {"weight", 0}},
     PROBABILITIES,
     BINARY,
     1,
     1.94347477f,
     0,
     {-0.666666687f, 0.571428597f, -1, 8}},
    {"bce_with_logits",
     {{0}},
     LOGITS,
     BINARY,
     1,
     0.400670618f,
     0,
     {-0.094385162f, 0.0802053213f, -0.0118564665f, 0.125f}},
    {"bce_with_logits",
     {{"pos_weight", 0}},
     LOGITS,
     BINARY,
     1,
     0.335337579f,
     0,
     {-0.047192581f, 0.0802053213f, -0.00592823327f, 0.125f}},
    {"mse",
     {{0}},
     OUTPUTS,
     NUMBERS,
     3,
     1.03776038f,
     1.0377604166666667,
     {0.0833333358f, -0.0416666679f, 0.25f, -0.291666687f, 0, -0.166666672f,
      -0.0833333358f, -0.333333343f, 0.1875f, -0.0416666679f, 0.0833333358f,
      0}},
    {"mse",
     {SUM},
     OUTPUTS,
     NUMBERS,
     3,
     12.453125f,
     1.0377604166666667,
     {1, -0.5f, 3, -3.5f, 0, -2, -1, -4, 2.25f, -0.5f, 1, 0}},
    {"l1",
     {{0}},
     OUTPUTS,
     NUMBERS,
     3,
     0.78125f,
     0.78125,
     {0.0833333358f, -0.0833333358f, 0.0833333358f, -0.0833333358f, 0,
      -0.0833333358f, -0.0833333358f, -0.0833333358f, 0.0833333358f,
      -0.0833333358f, 0.0833333358f, 0}},
    {"smooth_l1",
     {{"beta", 0.5}},
     OUTPUTS,
     NUMBERS,
     3,
     0.583333313f,
     0.58333333333333337,
     {0.0833333358f, -0.0416666679f, 0.0833333358f, -0.0833333358f, 0,
      -0.0833333358f, -0.0833333358f, -0.0833333358f, 0.0833333358f,
      -0.0416666679f, 0.0833333358f, 0}},
    {"huber",
     {{"delta", 0.5}},
     OUTPUTS,
     NUMBERS,
     3,
     0.291666657f,
     0.29166666666666669,
     {0.0416666679f, -0.020833334f, 0.0416666679f, -0.0416666679f, 0,
      -0.0416666679f, -0.0416666679f, -0.0416666679f, 0.0416666679f,
      -0.020833334f, 0.0416666679f, 0}},
    {"cross_entropy",
     {{0}},
     OUTPUTS,
     LABELS,
     3,
     2.45972586f,
     2.4597258549623118,
     {0.0442050435f, 0.0076816855f, -0.0518867373f, -0.231069237f,
      0.0514591485f, 0.179610088f, 0.235149354f, -0.248415574f, 0.0132662198f,
      0.0578059703f, 0.157132924f, -0.214938909f}},
    {"cross_entropy",
     {SUM},
     OUTPUTS,
     LABELS,
     3,
     9.83890343f,
     2.4597258549623118,
     {0.176820174f, 0.030726742f, -0.207546949f, -0.924276948f, 0.205836594f,
      0.718440354f, 0.940597415f, -0.993662298f, 0.053064879f, 0.231223881f,
      0.628531694f, -0.859755635f}},
    {"cross_entropy",
     {{"weight", 0}, {"ignore_index", 0}},
     OUTPUTS,
     LABELS,
     3,
     2.17924404f,
     2.1792439271396407,
     {0.0642982498f, 0.011173361f, -0.0754716173f, 0, 0, 0, 0.256526589f,
      -0.270998806f, 0.0144722406f, 0.0840814114f, 0.228556991f,
      -0.312638402f}},
    {"cross_entropy",
     {{"weight", 0}, {"label_smoothing", 0.25}},
     OUTPUTS,
     LABELS,
     3,
     2.07244754f,
     2.0724474279880791,
     {0.0470839478f, -0.0114446068f, -0.0356393382f, -0.0605049208f,
      0.00346682034f, 0.0570380986f, 0.221672982f, -0.206792921f,
      -0.0148800649f, 0.0637072995f, 0.171218038f, -0.234925345f}},
    {"nll",
     {{"weight", 0}},
     OUTPUTS,
     LABELS,
     3,
     0.0625f,
     0.0625,
     {0, 0, -0.333333343f, -0.0833333358f, 0, 0, 0, -0.25f, 0, 0, 0,
      -0.333333343f}},
};
enum { EXPECTED_COUNT = sizeof EXPECTED / sizeof *EXPECTED };

static void *options_of(const struct expected *expected,
                        const struct kind *kind) {
    void *options = option_defaults(kind, expected->units);
    for (int i = 0; i < OPTION_LIMIT && expected->options[i].key; i++)
        option_put(field_find(kind->fields, expected->options[i].key), options,
                   expected->options[i].value, expected->units);
    return options;
}

/* A few units in the last place of float32. */
static void assert_near(float found, float expected) {
    float tolerance = 0x1p-21f * fmaxf(fabsf(expected), 0x1p-4f);
    if (!(fabsf(found - expected) <= tolerance))
        fail_msg("%.9g, expected %.9g", (double)found, (double)expected);
}

enum { STRIDE = 4 * KERNEL_WIDTH_LIMIT };

/* What loss_call points to; every lane the same. */
struct arrays {
    float y[UNITS * STRIDE], t[UNITS * STRIDE], dy[UNITS * STRIDE];
    float coefficient[LAYER_COEFFICIENT_LIMIT][KERNEL_WIDTH_LIMIT];
    const float *coefficients[LAYER_COEFFICIENT_LIMIT];
    float weight[UNITS * KERNEL_WIDTH_LIMIT], mean[KERNEL_WIDTH_LIMIT];
    float value[KERNEL_WIDTH_LIMIT];
};

static void spread(const float *values, size_t units, size_t lanes,
                   float *out) {
    for (size_t unit = 0; unit < units; unit++)
        for (size_t i = 0; i < STRIDE; i++)
            out[unit * STRIDE + i] =
                i < ROWS * lanes ? values[i / lanes * units + unit] : NAN;
}

static void fill(struct arrays *arrays, const struct expected *expected,
                 const struct loss_kind *kind, const void *options,
                 const struct kernels *kernels, size_t lanes) {
    double numbers[LAYER_COEFFICIENT_LIMIT];
    size_t count =
        kind->coefficients ? kind->coefficients(options, numbers) : 0;
    const struct field_numbers *weight =
        kind->class_weight ? kind->class_weight(options) : NULL;
    spread(expected->y, expected->units, lanes, arrays->y);
    spread(expected->t, kind->task == TASK_REGRESSION ? UNITS : 1, lanes,
           arrays->t);
    for (size_t i = 0; i < LAYER_COEFFICIENT_LIMIT; i++)
        arrays->coefficients[i] = arrays->coefficient[i];
    for (size_t lane = 0; lane < kernels->width; lane++) {
        arrays->mean[lane] =
            loss_reduction(kind, options) == LOSS_REDUCTION_MEAN;
        for (size_t i = 0; i < count; i++)
            arrays->coefficient[i][lane] = (float)numbers[i];
        for (size_t unit = 0; weight && unit < UNITS; unit++)
            arrays->weight[unit * kernels->width + lane] =
                (float)weight->values[unit];
    }
}

static void check_batch(const struct expected *expected,
                        const struct loss_kind *kind, const void *options,
                        const struct kernels *kernels, size_t lanes) {
    static struct arrays arrays;
    fill(&arrays, expected, kind, options, kernels, lanes);
    kind->evaluate(&(struct loss_call){
        .kind = kind,
        .kernels = kernels,
        .cells = {ROWS, lanes, STRIDE},
        .units = expected->units,
        .options = options,
        .coefficients = arrays.coefficients,
        .mean = arrays.mean,
        .class_weight = kind->class_weight && kind->class_weight(options)
                            ? arrays.weight
                            : NULL,
        .y = arrays.y,
        .t = arrays.t,
        .dy = arrays.dy,
        .value = arrays.value,
    });
    for (size_t lane = 0; lane < lanes; lane++) {
        assert_near(arrays.value[lane], expected->value);
        for (size_t row = 0; row < ROWS; row++)
            for (size_t unit = 0; unit < expected->units; unit++)
                assert_near(arrays.dy[unit * STRIDE + row * lanes + lane],
                            expected->dy[row * expected->units + unit]);
    }
}

static const struct loss_kind *loss_of(const char *name) {
    return (const struct loss_kind *)kind_find(&LOSS_FAMILY, name);
}

static void mini_batches_are_torchs(void **state) {
    (void)state;
    for (int i = 0; i < EXPECTED_COUNT; i++) {
        const struct loss_kind *kind = loss_of(EXPECTED[i].loss);
        void *options = options_of(&EXPECTED[i], &kind->kind);
        for (const struct kernels *const *copy = kernels_available(); *copy;
             copy++) {
            check_batch(&EXPECTED[i], kind, options, *copy, 1);
            check_batch(&EXPECTED[i], kind, options, *copy, (*copy)->width);
        }
        free(options);
    }
}

/* Binary64 against binary64: sums in another order, no more. */
static void averages_are_torchs(void **state) {
    (void)state;
    for (int i = 0; i < EXPECTED_COUNT; i++) {
        const struct expected *expected = &EXPECTED[i];
        const struct loss_kind *kind = loss_of(expected->loss);
        if (kind->task == TASK_BINARY) {
            assert_null(kind->average);
            continue;
        }
        void *options = options_of(expected, &kind->kind);
        double found = kind->average(options, ROWS, expected->units,
                                     expected->y, expected->t);
        assert_true(fabs(found - expected->average) <=
                    1e-14 * fabs(expected->average));
        free(options);
    }
}

/* Large logits: a sum of exponentials that overflows without its maximum taken
 * out. */
static void averages_survive_large_logits(void **state) {
    const struct loss_kind *kind = loss_of("cross_entropy");
    void *options = option_defaults(&kind->kind, 2);
    const float y[] = {1e4f, -1e4f}, right[] = {0}, wrong[] = {1};
    (void)state;
    assert_true(kind->average(options, 1, 2, y, right) == 0);
    assert_true(kind->average(options, 1, 2, y, wrong) == 2e4);
    free(options);
}

static void rows_are_complete(void **state) {
    (void)state;
    for (const struct kind *const *kind = LOSS_FAMILY.kinds; *kind; kind++)
        loss_kind_check((const struct loss_kind *)*kind);
}

/* What one kernel call cannot serve at once may not share a pack. */
static void class_losses_know_who_is_alike(void **state) {
    const struct loss_kind *kind = loss_of("cross_entropy");
    const char *const apart[] = {"weight", "ignore_index", "reduction",
                                 "label_smoothing"};
    void *plain = option_defaults(&kind->kind, 3);
    (void)state;
    assert_true(kind->alike(plain, plain));
    for (size_t i = 0; i < 4; i++) {
        void *other = option_defaults(&kind->kind, 3);
        option_put(field_find(kind->kind.fields, apart[i]), other, 1, 3);
        assert_false(kind->alike(plain, other));
        free(other);
    }
    free(plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mini_batches_are_torchs),
        cmocka_unit_test(averages_are_torchs),
        cmocka_unit_test(averages_survive_large_logits),
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(class_losses_know_who_is_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
