/* Metrics against scikit-learn's on the same outputs:
 *     |ours - theirs| <= 1e-12 max(1, |theirs|), null for null. */

#include "engine/data/scaler.h"
#include "engine/train/metric.h"
#include "tests/unit/option_text.h"
#include "tests/unit/vector_lines.h"

#include <math.h>

static const char *const LOSSES[METRIC_TASKS] = {
    [TASK_BINARY] = "bce", [TASK_CLASSES] = "nll", [TASK_REGRESSION] = "mse"};
static const char *const TASKS[METRIC_TASKS] = {[TASK_BINARY] = "binary",
                                                [TASK_CLASSES] = "classes",
                                                [TASK_REGRESSION] =
                                                    "regression"};
enum { UNITS_LIMIT = 32 };

/* Outputs and targets, in a data set whose rows stand in reverse. */
struct scene {
    enum task task;
    size_t rows, units, targets;
    float *y, *t; /* [row][·] */
    struct choice loss;
    struct dataset data;
    struct fitted_scaler scaler;
    const double *numbers[3];
    double centre[UNITS_LIMIT], factor[UNITS_LIMIT];
    uint32_t *row;
    struct arena arena;
};

static struct scene *scene_new(const char *task, size_t rows, size_t units) {
    struct scene *scene = memory_zeroed(1, sizeof *scene);
    while (strcmp(TASKS[scene->task], task) != 0)
        scene->task++;
    scene->rows = rows;
    scene->units = units;
    scene->targets = scene->task == TASK_REGRESSION ? units : 1;
    scene->y = memory_zeroed(rows * units, sizeof *scene->y);
    scene->t = memory_zeroed(rows * scene->targets, sizeof *scene->t);
    scene->row = memory_zeroed(rows, sizeof *scene->row);
    return scene;
}

static void scene_use_loss(struct scene *scene, const char *name,
                           const char *options) {
    const struct kind *kind = kind_find(&LOSS_FAMILY, name);
    assert_non_null(kind);
    if (scene->loss.kind)
        option_text_free(scene->loss.kind, (void *)scene->loss.options);
    scene->loss = (struct choice){kind, option_text(kind, options)};
}

/* Targets of a regression were scaled: theirs is value x (column + 2) - 3. */
static void scene_scale(struct scene *scene) {
    for (size_t i = 0; i < scene->targets; i++) {
        scene->centre[i] = -3;
        scene->factor[i] = (double)i + 2;
    }
    scene->numbers[0] = scene->centre;
    scene->numbers[1] = scene->numbers[2] = scene->factor;
    scene->scaler = (struct fitted_scaler){
        .kind = kind_find(&SCALER_FAMILY, "standard_scaler"),
        .columns = scene->targets,
        .numbers = 3,
        .values = scene->numbers,
    };
    scene->data.target_scalers = &scene->scaler;
    scene->data.target_scaler_count = 1;
}

static void scene_store(struct scene *scene) {
    size_t rows = scene->rows;
    float *targets =
        arena_zeroed(&scene->arena, rows * scene->targets, sizeof *targets);
    assert_non_null(targets);
    for (size_t row = 0; row < rows; row++) {
        scene->row[row] = (uint32_t)(rows - 1 - row);
        for (size_t i = 0; i < scene->targets; i++)
            targets[i * rows + scene->row[row]] =
                scene->t[row * scene->targets + i];
    }
    scene->data.rows = rows;
    scene->data.target_columns = scene->targets;
    scene->data.targets = targets;
    scene->data.part[PART_TEST] = (struct data_part){rows, scene->row};
    if (scene->task == TASK_REGRESSION)
        scene_scale(scene);
    scene_use_loss(scene, LOSSES[scene->task], "");
}

static void scene_free(struct scene *scene) {
    option_text_free(scene->loss.kind, (void *)scene->loss.options);
    arena_release(&scene->arena);
    free(scene->y);
    free(scene->t);
    free(scene->row);
    free(scene);
}

static struct outcome outcome_of(struct scene *scene,
                                 const struct kernels *kernels) {
    struct outcome outcome;
    struct status status = STATUS_INIT;
    assert_int_equal(outcome_init(&outcome, &scene->data, PART_TEST,
                                  &scene->loss, scene->units, &scene->arena,
                                  &status),
                     STATUS_OK);
    outcome_fill(&outcome, kernels, scene->y);
    return outcome;
}

static double value_of(const char *name, struct outcome *outcome) {
    const struct metric_kind *metric = metric_find(name);
    assert_non_null(metric);
    return metric_value(metric, outcome);
}

static void assert_value(const struct outcome *outcome, const char *name,
                         double ours, const char *theirs) {
    bool is_null = strcmp(theirs, "null") == 0;
    double expected = is_null ? 0 : strtod(theirs, NULL);
    if (is_null ? !isnan(ours)
                : !(fabs(ours - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%s of %zu rows, %zu units: %s is %.17g and not %s",
                 TASKS[outcome->task], outcome->rows, outcome->units, name,
                 ours, theirs);
}

/* ---- stored values ---- */

static void read_floats(struct vector_lines *lines, const char *what,
                        size_t count, float *values) {
    assert_true(vector_next(lines));
    assert_true(vector_is(lines, what));
    assert_int_equal(lines->count, count + 1);
    for (size_t i = 0; i < count; i++)
        values[i] = strtof(lines->cells[i + 1], NULL);
}

/* Compares all metrics of a task, in the order of records; says whether a line
 * follows. Two passes of outputs through one outcome give the same. */
static bool compare(struct vector_lines *lines, struct outcome *outcome) {
    const struct metric_kind *const *metric = METRICS_OF_TASK[outcome->task];
    bool more;
    for (; (more = vector_next(lines)) && lines->count == 2; metric++) {
        assert_non_null(*metric);
        assert_string_equal((*metric)->name, lines->cells[0]);
        double value = metric_value(*metric, outcome);
        assert_value(outcome, lines->cells[0], value, lines->cells[1]);
        outcome_fill(outcome, kernels_available()[0], outcome->y);
        double again = metric_value(*metric, outcome);
        assert_memory_equal(&again, &value, sizeof value);
    }
    assert_null(*metric);
    return more;
}

/* Whole numbers in [0, 2^23): draw() of scripts/make_metric_vectors.py. */
static uint32_t draw(uint32_t *state) {
    *state = (*state * 1103515245u + 12345u) & 0x7fffffffu;
    return *state >> 8;
}

static void draw_scene(struct scene *scene, uint32_t *seed) {
    uint32_t outputs = (*seed)++, targets = (*seed)++;
    bool is_binary = scene->task == TASK_BINARY;
    for (size_t i = 0; i < scene->rows * scene->units; i++) {
        uint32_t output = draw(&outputs), target = draw(&targets);
        scene->y[i] =
            is_binary ? (float)(output >> 7) / 65536 : (float)output / 1048576;
        scene->t[i] = is_binary ? target < 2097152 : (float)target / 1048576;
    }
}

static void test_scikit_learn_values(void **unused) {
    (void)unused;
    struct vector_lines lines = vector_open("metrics.csv");
    size_t cases[METRIC_TASKS] = {0};
    uint32_t seed = 1;
    assert_true(vector_next(&lines));
    for (bool more = true; more;) {
        struct scene *scene =
            scene_new(lines.cells[1], strtoul(lines.cells[2], NULL, 10),
                      strtoul(lines.cells[3], NULL, 10));
        if (vector_is(&lines, "long")) {
            draw_scene(scene, &seed);
        } else {
            read_floats(&lines, "y", scene->rows * scene->units, scene->y);
            read_floats(&lines, "t", scene->rows * scene->targets, scene->t);
        }
        scene_store(scene);
        struct outcome outcome = outcome_of(scene, kernels_available()[0]);
        more = compare(&lines, &outcome);
        cases[scene->task]++;
        scene_free(scene);
    }
    assert_int_equal(seed, 7);
    for (int task = 0; task < METRIC_TASKS; task++)
        assert_true(cases[task] >= 15);
    vector_close(&lines);
}

/* ---- what files cannot say ---- */

/* bce_with_logits has the metrics of bce behind the engine's own sigmoid. */
static void test_logits(void **unused) {
    (void)unused;
    enum { ROWS = 77 };
    float first[ROWS];
    for (const struct kernels *const *kernels = kernels_available(); *kernels;
         kernels++) {
        struct scene *scene = scene_new("binary", ROWS, 1);
        uint32_t state = 9;
        for (size_t row = 0; row < ROWS; row++) {
            scene->y[row] = (float)draw(&state) / 400000 - 10;
            scene->t[row] = draw(&state) & 64 ? 1 : 0;
        }
        scene->y[3] = INFINITY;
        scene->y[4] = -200;
        scene_store(scene);
        scene_use_loss(scene, "bce_with_logits", "");
        struct outcome outcome = outcome_of(scene, *kernels);
        if (*kernels == kernels_available()[0])
            memcpy(first, outcome.probability, sizeof first);
        assert_memory_equal(outcome.probability, first, sizeof first);
        assert_true(first[3] == 1 && first[4] >= 0 && first[4] < 1e-30f);
        double auc = value_of("auc", &outcome);
        double loss = value_of("average_loss", &outcome);
        scene_use_loss(scene, "bce", "");
        memcpy(scene->y, first, sizeof first);
        outcome = outcome_of(scene, kernels_available()[0]);
        assert_true(value_of("auc", &outcome) == auc);
        assert_true(value_of("average_loss", &outcome) == loss);
        scene_free(scene);
    }
}

/* Where an output is no number, only metrics of the labels have a value. */
static void test_nan_is_null(void **unused) {
    (void)unused;
    for (int task = 0; task < METRIC_TASKS; task++) {
        struct scene *scene = scene_new(TASKS[task], 5, 1 + (task == 1));
        for (size_t row = 0; row < 5; row++)
            scene->t[row] = row & 1;
        scene->y[3] = NAN;
        scene_store(scene);
        struct outcome outcome = outcome_of(scene, kernels_available()[0]);
        const struct metric_kind *const *metric = METRICS_OF_TASK[task];
        for (; *metric; metric++)
            assert_int_equal(!isnan(metric_value(*metric, &outcome)),
                             (*metric)->is_of_labels);
        scene->y[3] = 0.25f;
        outcome_fill(&outcome, kernels_available()[0], scene->y);
        assert_false(isnan(value_of("average_loss", &outcome)));
        scene_free(scene);
    }
}

/* A label that has no output, because the loss ignores it, is a class that is
 * never predicted. */
static void test_label_without_output(void **unused) {
    (void)unused;
    struct scene *scene = scene_new("classes", 4, 2);
    const float labels[] = {0, 1, 255, 255};
    memcpy(scene->t, labels, sizeof labels);
    scene->y[0] = scene->y[3] = 1;
    scene_store(scene);
    scene_use_loss(scene, "nll", "ignore_index=255");
    struct outcome outcome = outcome_of(scene, kernels_available()[0]);
    assert_true(value_of("accuracy", &outcome) == 0.5);
    assert_true(value_of("accuracy_baseline", &outcome) == 0.5);
    assert_true(fabs(value_of("recall", &outcome) - 2.0 / 3) < 1e-15);
    scene_free(scene);
}

static void test_table(void **unused) {
    (void)unused;
    static const char *const higher[] = {
        "accuracy", "auc", "auc_precision_recall", "precision", "recall", "f1",
        "r2",       NULL};
    size_t count = 0;
    for (const struct metric_kind *metric = METRICS; metric->name; metric++) {
        bool is_listed = false;
        for (const char *const *name = higher; *name; name++)
            is_listed |= strcmp(metric->name, *name) == 0;
        assert_int_equal(metric->higher_is_better, is_listed);
        assert_ptr_equal(metric_find(metric->name), metric);
        assert_int_equal(metric_index(metric), count++);
        for (int task = 0; task < METRIC_TASKS; task++) {
            bool is_in_order = false;
            for (const struct metric_kind *const *other = METRICS_OF_TASK[task];
                 *other; other++)
                is_in_order |= *other == metric;
            assert_int_equal(metric_has_task(metric, (enum task)task),
                             is_in_order);
        }
    }
    assert_true(count <= METRIC_LIMIT);
    assert_null(metric_find("area"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scikit_learn_values),
        cmocka_unit_test(test_logits),
        cmocka_unit_test(test_nan_is_null),
        cmocka_unit_test(test_label_without_output),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
