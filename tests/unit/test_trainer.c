/* One run is the same run in either form, in any lane, beside any neighbours,
 * by every copy of the kernels; and what the loop around it promises. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "training_fixtures.h"

/* ---- the runs ---- */

static const struct made_run RUNS[] = {
    {.name = "sigmoid, bce, adagrad, one row in the last batch",
     .layers = {{"linear", 4}, {"sigmoid", 0}, {"linear", 1}, {"sigmoid", 0}},
     .loss = "bce",
     .optimizer = "adagrad",
     .optimizer_options = {{"lr", 0.05}, {"initial_accumulator_value", 0.1}},
     .batch_size = 8,
     .steps = 41,
     .data = {{41, 0, 19}, 2, 1, 2, 5}},
    {.name = "tanh, relu, bce_with_logits, adam, clipping, early stopping",
     .layers = {{"linear", 9},
                {"tanh", 0},
                {"linear", 7},
                {"relu", 0},
                {"linear", 1}},
     .loss = "bce_with_logits",
     .loss_options = {{"pos_weight", 1}},
     .optimizer = "adam",
     .optimizer_options = {{"lr", 0.05}},
     .batch_size = 16,
     .steps = 150,
     .clip = 0.5,
     .every = 5,
     .patience = 2,
     .watched = "average_loss",
     .restore_best = true,
     .data = {{64, 23, 20}, 3, 1, 2, 6}},
    {.name = "softplus, log_softmax, nll, nesterov, step_lr, kept order",
     .layers =
         {{"linear", 6}, {"softplus", 0}, {"linear", 4}, {"log_softmax", 0}},
     .loss = "nll",
     .optimizer = "sgd",
     .optimizer_options = {{"lr", 0.1},
                           {"momentum", 0.9},
                           {"nesterov", 1},
                           {"weight_decay", 0.001}},
     .schedule = "step_lr",
     .schedule_options = {{"step_size", 10}},
     .batch_size = 10,
     .epochs = 4,
     .keep_order = true,
     .data = {{57, 11, 18}, 3, 1, 4, 7}},
    {.name = "gelu, cross_entropy with options, adamw, drop_last",
     .layers = {{"linear", 17}, {"gelu", 0}, {"linear", 3}},
     .loss = "cross_entropy",
     .loss_options = {{"weight", 1},
                      {"label_smoothing", 0.1},
                      {"ignore_index", 1}},
     .optimizer = "adamw",
     .optimizer_options = {{"lr", 0.01}},
     .batch_size = 20,
     .epochs = 5,
     .drop_last = true,
     .data = {{70, 10, 33}, 2, 1, 3, 8}},
    {.name = "elu, two targets, mse, rmsprop, one_cycle_lr",
     .layers = {{"linear", 5}, {"elu", 0}, {"linear", 2}},
     .loss = "mse",
     .optimizer = "rmsprop",
     .optimizer_options = {{"lr", 0.01}, {"momentum", 0.5}, {"centered", 1}},
     .schedule = "one_cycle_lr",
     .schedule_options = {{"max_lr", 0.05}},
     .batch_size = 13,
     .steps = 33,
     .data = {{50, 9, 17}, 4, 2, 0, 9}},
    {.name = "silu, softsign, huber as a sum, adadelta",
     .layers = {{"silu", 0}, {"linear", 3}, {"softsign", 0}, {"linear", 1}},
     .loss = "huber",
     .loss_options = {{"delta", 0.5}, {"reduction", 1}},
     .optimizer = "adadelta",
     .batch_size = 64,
     .steps = 20,
     .data = {{40, 0, 300}, 3, 1, 0, 10}},
    {.name = "selu, smooth_l1, nadam",
     .layers = {{"linear", 3}, {"selu", 0}, {"linear", 1}},
     .loss = "smooth_l1",
     .optimizer = "nadam",
     .batch_size = 1,
     .steps = 30,
     .data = {{12, 0, 5}, 1, 1, 0, 11}},
    {.name = "leaky_relu, l1, radam",
     .layers = {{"linear", 3}, {"leaky_relu", 0}, {"linear", 1}},
     .loss = "l1",
     .optimizer = "radam",
     .batch_size = 7,
     .steps = 30,
     .data = {{30, 0, 5}, 2, 1, 0, 12}},
    {.name = "linear, mse, adamax with amsgrad's kin, wide",
     .layers = {{"linear", 40}, {"relu", 0}, {"linear", 1}},
     .loss = "mse",
     .optimizer = "adamax",
     .batch_size = 33,
     .steps = 12,
     .data = {{66, 20, 20}, 6, 1, 0, 13}},
};
enum { RUN_COUNT = sizeof RUNS / sizeof *RUNS };

/* ---- one pack ---- */

/* Sixteen runs of a kind that differ in all that may differ in a pack: two sets
 * of data, seeds of which some are shared, lr, and one that diverges. */
struct family {
    struct dataset *data[2];
    struct whole_run *runs[KERNEL_WIDTH_LIMIT];
};

static double lr_of(const struct whole_run *whole) {
    double lr;
    const struct optimizer_kind *kind =
        (const struct optimizer_kind *)whole->training.optimizer.kind;
    memcpy(&lr,
           (const char *)whole->training.optimizer.options + kind->lr_offset,
           sizeof lr);
    return lr;
}

static void family_init(struct family *family, const struct made_run *made) {
    struct made_data other = made->data;
    other.seed += 100;
    family->data[0] = made_dataset(&made->data);
    family->data[1] = made_dataset(&other);
    for (uint32_t i = 0; i < KERNEL_WIDTH_LIMIT; i++) {
        struct whole_run *whole =
            whole_run_new(made, family->data[i % 5 == 4], i / 2, i / 3);
        whole_run_set(whole, "lr", lr_of(whole) * (1 + 0.25 * (i % 4)));
        if (i == 6)
            whole_run_set(whole, "lr", 1e30);
        family->runs[i] = whole;
    }
}

static void family_release(struct family *family) {
    for (size_t i = 0; i < KERNEL_WIDTH_LIMIT; i++)
        whole_run_free(family->runs[i]);
    made_dataset_free(family->data[0]);
    made_dataset_free(family->data[1]);
}

static void train(const struct kernels *kernels, size_t lanes,
                  const struct run *const *runs, size_t count,
                  struct measurement *measurements) {
    struct status status = STATUS_INIT;
    if (trainer_run(kernels, lanes, runs, count, NULL, measurements, &status))
        fail_msg("%s", status.message);
}

/* ---- equality ---- */

static void assert_same_rows(const struct measurement *a,
                             const struct measurement *b, size_t columns) {
    assert_int_equal(a->history_count, b->history_count);
    for (size_t i = 0; i < a->history_count; i++) {
        const struct history_row *one = &a->history[i];
        const struct history_row *other = &b->history[i];
        assert_int_equal(one->step, other->step);
        assert_int_equal(one->epoch, other->epoch);
        assert_memory_equal(&one->lr, &other->lr, sizeof one->lr);
        assert_memory_equal(&one->train_loss, &other->train_loss,
                            sizeof one->train_loss);
        assert_memory_equal(one->metrics, other->metrics,
                            columns * sizeof *one->metrics);
        assert_string_equal(one->digest, other->digest);
    }
}

static void assert_same(const struct run *run, const struct measurement *a,
                        const struct measurement *b) {
    struct part_metric columns[HISTORY_LIMIT];
    const struct network *network = run->network;
    assert_int_equal(a->outcome, b->outcome);
    assert_int_equal(a->global_step, b->global_step);
    assert_int_equal(a->best_step, b->best_step);
    assert_int_equal(a->divergence.step, b->divergence.step);
    if (a->outcome == RUN_DIVERGED) {
        assert_string_equal(a->divergence.layer, b->divergence.layer);
        assert_string_equal(a->divergence.what, b->divergence.what);
    }
    assert_string_equal(a->digest_weights, b->digest_weights);
    assert_string_equal(a->digest_predictions, b->digest_predictions);
    assert_memory_equal(a->parameters, b->parameters,
                        network->parameter_count * sizeof(float));
    assert_memory_equal(a->test_outputs, b->test_outputs,
                        run->data->part[PART_TEST].rows *
                            (size_t)shape_units(network->output) *
                            sizeof(float));
    for (int part = 0; part < PARTS; part++)
        for (int i = 0; i < METRIC_LIMIT; i++)
            assert_true(
                a->metrics[part][i] == b->metrics[part][i] ||
                (isnan(a->metrics[part][i]) && isnan(b->metrics[part][i])));
    assert_same_rows(a, b, history_columns(run, columns));
}

/* Trains the runs `order` names in one pack; each must be as it was alone. */
static void check_pack(const struct kernels *kernels, size_t lanes,
                       const struct family *family,
                       const struct measurement *alone, const size_t *order,
                       size_t count) {
    struct measurement together[KERNEL_WIDTH_LIMIT];
    const struct run *runs[KERNEL_WIDTH_LIMIT] = {NULL};
    for (size_t i = 0; i < count; i++)
        runs[i] = &family->runs[order[i]]->run;
    train(kernels, lanes, runs, count, together);
    for (size_t i = 0; i < count; i++) {
        assert_same(runs[i], &alone[order[i]], &together[i]);
        measurement_release(&together[i]);
    }
}

/* Alone in both forms, then packs: full, backwards (other lanes, other
 * neighbours), one short, and of runs that share one order. */
static void check_copy(const struct kernels *kernels,
                       const struct family *family,
                       const struct measurement *alone) {
    size_t forwards[KERNEL_WIDTH_LIMIT], backwards[KERNEL_WIDTH_LIMIT];
    size_t width = kernels->width;
    static const size_t same_order[] = {6, 7, 8};
    for (size_t i = 0; i < KERNEL_WIDTH_LIMIT; i++) {
        forwards[i] = i;
        backwards[i] = KERNEL_WIDTH_LIMIT - 1 - i;
        check_pack(kernels, 1, family, alone, &forwards[i], 1);
        check_pack(kernels, width, family, alone, &forwards[i], 1);
    }
    for (size_t i = 0; i + width <= KERNEL_WIDTH_LIMIT; i += width) {
        check_pack(kernels, width, family, alone, forwards + i, width);
        check_pack(kernels, width, family, alone, backwards + i, width);
    }
    if (width < 4)
        return;
    check_pack(kernels, width, family, alone, backwards + 1, width - 1);
    check_pack(kernels, width, family, alone, same_order, 3);
}

static void a_run_is_the_same_in_any_pack(void **state) {
    (void)state;
    for (size_t k = 0; k < RUN_COUNT; k++) {
        const struct kernels *const *copies = kernels_available();
        struct measurement alone[KERNEL_WIDTH_LIMIT];
        struct family family;
        family_init(&family, &RUNS[k]);
        for (size_t i = 0; i < KERNEL_WIDTH_LIMIT; i++) {
            const struct run *run = &family.runs[i]->run;
            assert_true(run_alike(run, &family.runs[0]->run));
            train(copies[0], 1, &run, 1, &alone[i]);
        }
        for (; *copies; copies++)
            check_copy(*copies, &family, alone);
        for (size_t i = 0; i < KERNEL_WIDTH_LIMIT; i++)
            measurement_release(&alone[i]);
        family_release(&family);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_the_same_in_any_pack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
