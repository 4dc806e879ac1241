/* Fifty updates of every optimizer, by our coefficients and every copy of the
 * lane kernels, against torch's parameters. torch's float32 run says how far
 * float32 may be from its float64 run:
 *     |ours - float64| <= 4 max |torch's float32 - float64| + 2e-6. */

#include "engine/train/optimizer_parts.h"
#include "engine/train/schedule.h"
#include "tests/unit/option_sets.h"
#include "tests/unit/option_text.h"
#include "tests/unit/vector_lines.h"

#include <math.h>

enum { UPDATES = 50, ELEMENTS = 12, SHOWN_LIMIT = 8 };

/* One case of the golden file. */
struct golden {
    const struct optimizer_kind *optimizer;
    const struct schedule_kind *schedule; /* or NULL */
    void *options, *schedule_options;
    char text[200];
    size_t shown;
    int update[SHOWN_LIMIT];
    double exact[SHOWN_LIMIT][ELEMENTS];
    double torch_error;
};

static void read_options(struct golden *golden,
                         const struct vector_lines *lines) {
    const struct kind *kind = kind_find(&OPTIMIZER_FAMILY, lines->cells[1]);
    assert_non_null(kind);
    golden->optimizer = (const struct optimizer_kind *)kind;
    golden->options = option_text(kind, lines->cells[2]);
    snprintf(golden->text, sizeof golden->text, "%s %s %s", lines->cells[1],
             lines->cells[2], lines->cells[3]);
    if (!lines->cells[3][0])
        return;
    kind = kind_find(&SCHEDULE_FAMILY, lines->cells[3]);
    assert_non_null(kind);
    golden->schedule = (const struct schedule_kind *)kind;
    golden->schedule_options = option_text(kind, lines->cells[4]);
}

/* Reads the case whose first line stands in `lines`; leaves the next case's
 * first line there and says whether there is one. */
static bool read_case(struct vector_lines *lines, struct golden *golden) {
    *golden = (struct golden){0};
    assert_true(vector_is(lines, "case"));
    read_options(golden, lines);
    bool more;
    while ((more = vector_next(lines)) && !vector_is(lines, "case")) {
        size_t element = strtoul(lines->cells[1], NULL, 10);
        double exact = strtod(lines->cells[2], NULL);
        double error = fabs(strtod(lines->cells[3], NULL) - exact);
        golden->shown += element == 0;
        golden->update[golden->shown - 1] = atoi(lines->cells[0]);
        golden->exact[golden->shown - 1][element] = exact;
        golden->torch_error = fmax(golden->torch_error, error);
    }
    assert_true(golden->shown > 0);
    return more;
}

static void release_case(struct golden *golden) {
    option_text_free(&golden->optimizer->kind, golden->options);
    if (golden->schedule)
        option_text_free(&golden->schedule->kind, golden->schedule_options);
}

/* The gradients of scripts/make_optimizer_vectors.py. */
static float gradient(uint32_t *state, size_t element) {
    *state = (*state * 1103515245u + 12345u) & 0x7fffffffu;
    double unit = (double)(*state >> 8) / 4194304 - 1;
    return element == 0 ? 0 : (float)ldexp(unit, -(int)(element % 5 * 2));
}

/* Arrays of a run in rows form: one lane, padded to whole vectors. */
struct arrays {
    _Alignas(64) float parameter[64], gradient[64];
    _Alignas(64) float state[OPTIMIZER_STATE_LIMIT][64];
    _Alignas(64) float numbers[OPTIMIZER_COEFFICIENT_LIMIT][KERNEL_WIDTH_LIMIT];
};

static void set_start(const struct golden *golden, struct arrays *arrays) {
    memset(arrays, 0, sizeof *arrays);
    for (size_t i = 0; i < ELEMENTS; i++) {
        arrays->parameter[i] = (float)((double)i - 5) / 4;
        if (golden->optimizer->initial_state)
            arrays->state[0][i] =
                (float)golden->optimizer->initial_state(golden->options);
    }
}

static void update(const struct kernels *kernels, enum optimizer_kernel kernel,
                   const double *values, struct arrays *arrays) {
    const float *numbers[OPTIMIZER_COEFFICIENT_LIMIT];
    float *states[OPTIMIZER_STATE_LIMIT];
    for (size_t i = 0; i < OPTIMIZER_COEFFICIENT_LIMIT; i++) {
        numbers[i] = arrays->numbers[i];
        for (size_t lane = 0; lane < KERNEL_WIDTH_LIMIT; lane++)
            arrays->numbers[i][lane] = i < optimizer_coefficient_count(kernel)
                                           ? (float)values[i]
                                           : NAN;
    }
    for (size_t i = 0; i < OPTIMIZER_STATE_LIMIT; i++)
        states[i] = i < optimizer_state_count(kernel) ? arrays->state[i] : NULL;
    size_t width = kernels->width;
    kernels->update[kernel]((ELEMENTS + width - 1) / width * width, numbers,
                            states, arrays->gradient, arrays->parameter);
}

static struct update_numbers numbers_of(const struct golden *golden, int step,
                                        const struct schedule_state *state) {
    struct update_numbers numbers = {.step = step};
    memcpy(&numbers.lr,
           (const char *)golden->options + golden->optimizer->lr_offset,
           sizeof numbers.lr);
    if (golden->schedule) {
        numbers.lr = state->lr;
        numbers.has_momentum = state->has_momentum;
        numbers.momentum = state->momentum;
    }
    return numbers;
}

static void compare(const struct golden *golden, const struct kernels *kernels,
                    int step, const float *parameter) {
    double tolerance = 4 * golden->torch_error + 2e-6;
    for (size_t i = 0; i < golden->shown; i++)
        for (size_t j = 0; golden->update[i] == step && j < ELEMENTS; j++)
            if (!(fabs((double)parameter[j] - golden->exact[i][j]) <=
                  tolerance))
                fail_msg("%s, %s, update %d, element %zu: %.9g is not %.17g "
                         "within %.3g",
                         golden->text, kernels->isa, step, j,
                         (double)parameter[j], golden->exact[i][j], tolerance);
}

static void run_case(const struct golden *golden,
                     const struct kernels *kernels) {
    struct arrays arrays;
    struct schedule_state state = {0};
    struct optimizer_memory memory = {{0}};
    uint32_t random = 12345;
    double values[OPTIMIZER_COEFFICIENT_LIMIT];
    bool has_momentum =
        golden->schedule && golden->schedule->has_momentum &&
        golden->schedule->has_momentum(golden->schedule_options);
    enum optimizer_kernel kernel =
        golden->optimizer->kernel(golden->options, has_momentum);
    set_start(golden, &arrays);
    if (golden->schedule)
        golden->schedule->start(golden->schedule_options, UPDATES, 0.1, &state);
    for (int step = 1; step <= UPDATES; step++) {
        struct update_numbers numbers = numbers_of(golden, step, &state);
        for (size_t i = 0; i < ELEMENTS; i++)
            arrays.gradient[i] = gradient(&random, i);
        golden->optimizer->coefficients(golden->options, &numbers, &memory,
                                        values);
        update(kernels, kernel, values, &arrays);
        compare(golden, kernels, step, arrays.parameter);
        if (golden->schedule)
            golden->schedule->step(golden->schedule_options, UPDATES, &state);
    }
}

static void test_torch_numbers(void **unused) {
    (void)unused;
    struct vector_lines lines = vector_open("optimizers.csv");
    bool used[OPTIMIZER_KERNELS] = {false};
    while (vector_next(&lines) && vector_is(&lines, "power"))
        continue;
    for (bool more = true; more;) {
        struct golden golden;
        more = read_case(&lines, &golden);
        used[golden.optimizer->kernel(golden.options, false)] = true;
        for (const struct kernels *const *kernels = kernels_available();
             *kernels; kernels++)
            run_case(&golden, *kernels);
        release_case(&golden);
    }
    for (int kernel = 0; kernel < OPTIMIZER_KERNELS; kernel++)
        assert_true(used[kernel]);
    vector_close(&lines);
}

/* Powers of the betas: an ulp from Python's at most, so that 1 - beta^step is
 * torch's to the last bits. Below 1e-290 a power is 0 to 1 - power. */
static void test_powers(void **unused) {
    (void)unused;
    struct vector_lines lines = vector_open("optimizers.csv");
    size_t count = 0;
    for (; vector_next(&lines) && vector_is(&lines, "power"); count++) {
        double base = strtod(lines.cells[1], NULL);
        double theirs = strtod(lines.cells[3], NULL);
        double ours = optimizer_power(base, strtoll(lines.cells[2], NULL, 10));
        double tolerance = theirs < 1e-290 ? 1e-290 : 0x1p-52 * theirs;
        if (!(fabs(ours - theirs) <= tolerance))
            fail_msg("%s^%s: %.17g is not %s", lines.cells[1], lines.cells[2],
                     ours, lines.cells[3]);
    }
    assert_true(count >= 90);
    vector_close(&lines);
}

/* ---- what is refused ---- */

static const char *sgd_check(const char *text, const char **key) {
    const struct kind *kind = kind_find(&OPTIMIZER_FAMILY, "sgd");
    void *options = option_text(kind, text);
    const char *message = kind->check(options, key);
    option_text_free(kind, options);
    return message;
}

static void test_nesterov_needs_momentum(void **unused) {
    (void)unused;
    const char *key = NULL;
    assert_null(sgd_check("lr=1", &key));
    assert_null(sgd_check("lr=1 nesterov=true momentum=0.1", &key));
    assert_null(sgd_check("lr=1 momentum=0.1 dampening=0.5", &key));
    assert_non_null(
        strstr(sgd_check("lr=1 nesterov=true", &key), "momentum above 0"));
    assert_string_equal(key, "nesterov");
    assert_non_null(
        strstr(sgd_check("lr=1 nesterov=true momentum=0.1 dampening=0.5", &key),
               "dampening 0"));
}

static bool is_refused(const struct kind *kind, const char *key) {
    for (const struct field_refused *row = kind->refused; row->key; row++)
        if (strcmp(row->key, key) == 0)
            return true;
    return false;
}

static void test_refused_by_name(void **unused) {
    (void)unused;
    static const char *const keys[] = {"params", "foreach", "capturable",
                                       "differentiable", "fused"};
    for (const struct kind *const *kind = OPTIMIZER_FAMILY.kinds; *kind;
         kind++) {
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            assert_true(is_refused(*kind, keys[i]));
        assert_true(is_refused(*kind, "maximize") !=
                    (field_find((*kind)->fields, "maximize") != NULL));
    }
}

/* lr is required of sgd alone, and lies where the row says. */
static void test_lr(void **unused) {
    (void)unused;
    for (const struct kind *const *kind = OPTIMIZER_FAMILY.kinds; *kind;
         kind++) {
        const struct optimizer_kind *row = (const struct optimizer_kind *)*kind;
        const struct field *field = field_find((*kind)->fields, "lr");
        assert_non_null(field);
        assert_int_equal(field->offset, row->lr_offset);
        assert_int_equal(field->flags & FIELD_REQUIRED,
                         strcmp((*kind)->name, "sgd") == 0 ? FIELD_REQUIRED
                                                           : 0);
        assert_int_equal(row->momentum == OPTIMIZER_HAS_MOMENTUM,
                         field_find((*kind)->fields, "momentum") != NULL);
        assert_int_equal(row->momentum == OPTIMIZER_HAS_BETAS,
                         field_find((*kind)->fields, "betas") != NULL);
    }
}

/* Where a row says that the second update's numbers stay, they do. */
static void check_steady(const struct kind *kind, const void *options,
                         void *context) {
    const struct optimizer_kind *row = (const struct optimizer_kind *)kind;
    static const int64_t steps[] = {3, 4, 100, 1000000};
    double second[OPTIMIZER_COEFFICIENT_LIMIT],
        later[OPTIMIZER_COEFFICIENT_LIMIT];
    struct optimizer_memory memory = {{0}};
    struct update_numbers numbers = {.lr = 0.25};
    size_t count = optimizer_coefficient_count(row->kernel(options, false));
    if (!row->steady || !row->steady(options))
        return;
    ++*(size_t *)context;
    for (numbers.step = 1; numbers.step <= 2; numbers.step++)
        row->coefficients(options, &numbers, &memory, second);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        numbers.step = steps[i];
        row->coefficients(options, &numbers, &memory, later);
        assert_memory_equal(later, second, count * sizeof *second);
    }
}

static void test_steady(void **unused) {
    (void)unused;
    size_t steady = 0;
    for (const struct kind *const *kind = OPTIMIZER_FAMILY.kinds; *kind; kind++)
        option_each(*kind, 2, check_steady, &steady);
    assert_true(steady >= 4); /* sgd, adagrad, rmsprop, adadelta at least */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torch_numbers),
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_nesterov_needs_momentum),
        cmocka_unit_test(test_refused_by_name),
        cmocka_unit_test(test_lr),
        cmocka_unit_test(test_steady),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
