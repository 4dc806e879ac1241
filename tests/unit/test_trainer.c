/* One run is the same run in either form, in any lane, beside any neighbours,
 * by every copy of the kernels; and what the loop around it promises. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/train/batch.h"
#include "training_fixtures.h"

/* ---- the runs ---- */

/* Of six numbers, of nine, of any. */
static const int64_t PAIRS[] = {2, -1}, TRIPLES[] = {3, 3}, WHOLE = -1;

static const int64_t TRIPLE_PAIRS[] = {3, 2}, FOUR_PAIRS[] = {4, 2};

static const struct made_layer INNER[] = {
    {.kind = "linear", .out_features = 5},
    {.kind = "sigmoid"},
    {.kind = "linear", .out_features = 2},
    {.kind = NULL},
};

static const struct made_layer BLOCK[] = {
    {.kind = "transpose"}, {.kind = "linear", .out_features = 2},
    {.kind = "tanh"},      {.kind = "residual", .inside = INNER},
    {.kind = "transpose"}, {.kind = NULL},
};

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
    {.name = "dropout before, between and behind layers, mse, sgd",
     .layers = {{"dropout", 0, {{"p", 0.125}}},
                {"linear", 11},
                {"softplus", 0},
                {"dropout", 0, {{"p", 0.3}}},
                {"linear", 2},
                {"dropout", 0, {{"p", 0}}}},
     .loss = "mse",
     .optimizer = "sgd",
     .optimizer_options = {{"lr", 0.02}},
     .batch_size = 17,
     .steps = 30,
     .data = {{45, 10, 20}, 3, 2, 0, 14}},
    {.name = "batch_norm1d, bce_with_logits, adam, early stopping",
     .layers = {{"linear", 9},
                {"batch_norm1d"},
                {"relu"},
                {"linear", 5},
                {"batch_norm1d", 0, {{"affine", 0}, {"momentum", 0.3}}},
                {"linear", 1}},
     .loss = "bce_with_logits",
     .optimizer = "adam",
     .optimizer_options = {{"lr", 0.05}},
     .batch_size = 19,
     .steps = 150,
     .every = 5,
     .patience = 2,
     .watched = "average_loss",
     .restore_best = true,
     .data = {{62, 23, 20}, 3, 1, 2, 6}},
    {.name = "batch_norm1d as an average and without, dropout, cross_entropy",
     .layers = {{"linear", 6},
                {"batch_norm1d", 0, {{"momentum", NAN}}},
                {"dropout"},
                {"tanh"},
                {"batch_norm1d", 0, {{"track_running_stats", 0}}},
                {"linear", 3}},
     .loss = "cross_entropy",
     .optimizer = "sgd",
     .optimizer_options = {{"lr", 0.05}, {"momentum", 0.9}},
     .batch_size = 25,
     .steps = 24,
     .drop_last = true,
     .data = {{51, 10, 301}, 2, 1, 3, 16}},
    {.name = "layer_norm, with weights and without, mse, adamw",
     .layers = {{"linear", 10},
                {"layer_norm"},
                {"gelu"},
                {"linear", 3},
                {"layer_norm", 0, {{"elementwise_affine", 0}, {"eps", 0.01}}},
                {"linear", 2}},
     .loss = "mse",
     .optimizer = "adamw",
     .optimizer_options = {{"lr", 0.01}},
     .batch_size = 13,
     .steps = 33,
     .data = {{50, 9, 17}, 4, 2, 0, 17}},
    {.name = "residuals in residuals, reshape, transpose, last_step, flatten",
     .layers = {{"reshape", .shape = {PAIRS, 2}},
                {"residual", .inside = BLOCK, .weight_init = "xavier_normal"},
                {"transpose"},
                {"linear", 3},
                {"flatten"},
                {"reshape", .shape = {TRIPLES, 2}},
                {"last_step"},
                {"linear", 1}},
     .loss = "mse",
     .optimizer = "adam",
     .optimizer_options = {{"lr", 0.02}},
     .batch_size = 9,
     .steps = 25,
     .data = {{40, 8, 300}, 6, 1, 0, 14}},
    {.name = "embedding with padding, weight decay and momentum",
     .layers = {{"reshape", .shape = {&WHOLE, 1}},
                {"embedding", .options = {{"num_embeddings", 9},
                                          {"embedding_dim", 3},
                                          {"padding_idx", 4}}},
                {"flatten"},
                {"linear", 1}},
     .loss = "mse",
     .optimizer = "sgd",
     .optimizer_options = {{"lr", 0.01},
                           {"momentum", 0.9},
                           {"weight_decay", 0.01}},
     .batch_size = 11,
     .steps = 25,
     .data = {{40, 8, 300}, 4, 1, 0, 15, .numbers = 8}},
    {.name = "lstm of two layers and directions, dropout between them",
     .layers = {{"reshape", .shape = {TRIPLE_PAIRS, 2}},
                {"lstm", .options = {{"hidden_size", 5},
                                     {"num_layers", 2},
                                     {"dropout", 0.4},
                                     {"bidirectional", 1}}},
                {"last_step"},
                {"linear", 1}},
     .loss = "mse",
     .optimizer = "adam",
     .optimizer_options = {{"lr", 0.02}},
     .batch_size = 9,
     .steps = 25,
     .data = {{40, 8, 300}, 6, 1, 0, 15}},
    {.name = "gru without biases, rnn with relu",
     .layers = {{"linear", 8},
                {"tanh"},
                {"reshape", .shape = {FOUR_PAIRS, 2}},
                {"gru", .options = {{"hidden_size", 20}, {"bias", 0}}},
                {"rnn", .options = {{"hidden_size", 3}, {"nonlinearity", 1}}},
                {"flatten"},
                {"linear", 1}},
     .loss = "l1",
     .optimizer = "rmsprop",
     .optimizer_options = {{"lr", 0.01}},
     .batch_size = 17,
     .steps = 20,
     .data = {{40, 8, 20}, 6, 1, 0, 16}},
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
    assert_memory_equal(a->buffers, b->buffers,
                        network->buffer_count * sizeof(float));
    assert_int_equal(a->batches, b->batches);
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
    size_t diverged = 0, stopped = 0;
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
            diverged += alone[i].outcome == RUN_DIVERGED;
            stopped += alone[i].best_step && alone[i].global_step < 150;
        }
        for (; *copies; copies++)
            check_copy(*copies, &family, alone);
        for (size_t i = 0; i < KERNEL_WIDTH_LIMIT; i++)
            measurement_release(&alone[i]);
        family_release(&family);
    }
    assert_true(diverged >= 3 && stopped >= 3);
}

/* ---- what the loop promises ---- */

static const struct kernels *scalar(void) {
    return kernels_available()[0];
}

/* One run of `made`, whose data and runs the caller need not see. */
struct single {
    struct dataset *data;
    struct whole_run *whole;
    struct measurement measurement;
};

static void single_init(struct single *single, const struct made_run *made) {
    const struct run *run;
    single->data = made_dataset(&made->data);
    single->whole = whole_run_new(made, single->data, 3, 4);
    run = &single->whole->run;
    train(scalar(), 1, &run, 1, &single->measurement);
}

static void single_release(struct single *single) {
    measurement_release(&single->measurement);
    whole_run_free(single->whole);
    made_dataset_free(single->data);
}

static void check_counts(const struct made_run *made, int64_t updates,
                         size_t rows, int64_t epoch) {
    struct single single;
    single_init(&single, made);
    const struct measurement *measurement = &single.measurement;
    assert_int_equal(measurement->outcome, RUN_FINISHED);
    assert_int_equal(measurement->global_step, updates);
    assert_int_equal(measurement->history_count, rows);
    const struct history_row *last = &measurement->history[rows - 1];
    assert_int_equal(last->step, updates);
    assert_int_equal(last->epoch, epoch);
    single_release(&single);
}

/* 41 rows in batches of 8 are 6 an epoch, 5 with drop_last. */
static void updates_rows_and_epochs_are_counted(void **state) {
    struct made_run made = RUNS[0];
    (void)state;
    check_counts(&made, 41, 14, 7); /* a twentieth, rounded up: every 3 */
    made.every = 10;
    check_counts(&made, 41, 5, 7);
    made.every = 100;
    check_counts(&made, 41, 1, 7);
    made.steps = 0;
    made.epochs = 3;
    check_counts(&made, 18, 1, 3);
    made.drop_last = true;
    check_counts(&made, 15, 1, 3);
}

/* So many steps are the same as the epochs that hold them. */
static void steps_and_epochs_agree(void **state) {
    struct made_run made = RUNS[2];
    struct single epochs, steps;
    (void)state;
    single_init(&epochs, &made);
    made.steps = epochs.measurement.global_step;
    single_init(&steps, &made);
    assert_same(&steps.whole->run, &epochs.measurement, &steps.measurement);
    single_release(&epochs);
    single_release(&steps);
}

/* A row's digest is that of the row before and the weights. */
static void history_digests_are_chained(void **state) {
    struct made_run made = RUNS[0];
    struct single half, whole;
    char text[16 + 17 * sizeof(float)], hex[DIGEST_TEXT_SIZE];
    (void)state;
    made.every = made.steps = 20;
    single_init(&half, &made);
    made.steps = 40;
    single_init(&whole, &made);
    assert_memory_equal(half.measurement.digest_weights,
                        half.measurement.history[0].digest, 16);
    assert_string_equal(half.measurement.history[0].digest,
                        whole.measurement.history[0].digest);
    memcpy(text, whole.measurement.history[0].digest, 16);
    memcpy(text + 16, whole.measurement.parameters, 17 * sizeof(float));
    digest_of(text, sizeof text, hex);
    assert_memory_equal(hex, whole.measurement.history[1].digest, 16);
    single_release(&half);
    single_release(&whole);
}

static const double *metric_of(const struct measurement *measurement,
                               enum part part, const char *name) {
    return &measurement->metrics[part][metric_index(metric_find(name))];
}

/* The last row and the final metrics are of the same weights. */
static void the_last_row_has_the_final_metrics(void **state) {
    struct single single;
    struct part_metric columns[HISTORY_LIMIT];
    (void)state;
    single_init(&single, &RUNS[3]);
    const struct measurement *measurement = &single.measurement;
    const struct history_row *last =
        &measurement->history[measurement->history_count - 1];
    size_t count = history_columns(&single.whole->run, columns);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_true(last->metrics[i] == *metric_of(measurement, columns[i].part,
                                                   columns[i].metric->name));
    single_release(&single);
}

/* The mean of mini-batch losses is that of one batch where each row is one. */
static void train_loss_is_the_mean_since_the_row_before(void **state) {
    struct made_run made = RUNS[4];
    struct single each, pairs;
    (void)state;
    made.steps = 8;
    made.schedule = NULL;
    made.every = 1;
    single_init(&each, &made);
    made.every = 2;
    single_init(&pairs, &made);
    for (size_t i = 0; i < 4; i++) {
        const struct history_row *row = each.measurement.history + 2 * i;
        assert_true(pairs.measurement.history[i].train_loss ==
                    (row[0].train_loss + row[1].train_loss) / 2);
    }
    single_release(&each);
    single_release(&pairs);
}

/* ---- the order of rows ---- */

/* DataLoader(range(10), shuffle=True, generator=g), g seeded with 42: three
 * epochs in PyTorch 1.13. */
static const int EPOCHS[][10] = {{6, 5, 4, 0, 8, 9, 2, 1, 3, 7},
                                 {3, 6, 5, 8, 9, 4, 2, 0, 7, 1},
                                 {7, 4, 5, 0, 9, 1, 3, 2, 8, 6}};

/* Ten rows whose feature, and whose target too, is their number. */
static struct dataset *counted_rows(void) {
    const struct made_data made = {
        .rows = {10, 0, 1}, .columns = 1, .targets = 1};
    struct dataset *data = made_dataset(&made);
    for (size_t i = 0; i < 10; i++) {
        uint32_t position = data->part[PART_TRAIN].row[i];
        ((float *)data->features)[position] = (float)i;
        ((float *)data->targets)[position] = (float)i;
    }
    return data;
}

/* Lane `lane` of every batch of three epochs is as DataLoader has it. */
static void check_order(struct batch batch, size_t lane, size_t batch_size,
                        size_t rows_used) {
    for (int epoch = 0; epoch < 3; epoch++)
        for (size_t first = 0; first < rows_used; first += batch_size) {
            size_t left = rows_used - first;
            batch_next(&batch);
            assert_int_equal(batch.cells.rows,
                             left < batch_size ? left : batch_size);
            for (size_t row = 0; row < batch.cells.rows; row++) {
                size_t at = row * batch.cells.lanes + lane;
                float expected = (float)EPOCHS[epoch][first + row];
                assert_true(batch.x[at] == expected);
                assert_true(batch.t[at] == expected);
            }
        }
}

/* Lanes that share an order, have their own, and have data of their own. */
static void check_orders(const struct kernels *kernels, size_t lanes,
                         const struct whole_run *const wholes[3],
                         bool drop_last) {
    for (int others = 0; others < 3; others++) {
        const struct run *runs[KERNEL_WIDTH_LIMIT];
        struct arena arena = ARENA_INIT;
        struct batch batch;
        for (size_t lane = 0; lane < lanes; lane++)
            runs[lane] = &wholes[lane == lanes - 1 ? 0 : others]->run;
        batch_init(&batch, kernels, lanes, runs, &arena);
        check_order(batch, lanes - 1, 4, drop_last ? 8 : 10);
        arena_release(&arena);
    }
}

static void the_order_is_dataloaders(void **state) {
    (void)state;
    for (int drop_last = 0; drop_last < 2; drop_last++) {
        struct made_run made = {.layers = {{"linear", 1}},
                                .loss = "mse",
                                .optimizer = "adam",
                                .batch_size = 4,
                                .steps = 1,
                                .drop_last = drop_last,
                                .data = {.columns = 1}};
        struct dataset *data[] = {counted_rows(), counted_rows()};
        struct whole_run *wholes[] = {whole_run_new(&made, data[0], 0, 42),
                                      whole_run_new(&made, data[0], 0, 43),
                                      whole_run_new(&made, data[1], 0, 44)};
        for (const struct kernels *const *copy = kernels_available(); *copy;
             copy++) {
            const struct whole_run *const all[] = {wholes[0], wholes[1],
                                                   wholes[2]};
            check_orders(*copy, 1, all, drop_last);
            check_orders(*copy, (*copy)->width, all, drop_last);
        }
        for (int i = 0; i < 3; i++)
            whole_run_free(wholes[i]);
        made_dataset_free(data[0]);
        made_dataset_free(data[1]);
    }
}

/* ---- early stopping ---- */

static int64_t best_row(const struct measurement *measurement) {
    size_t best = 0;
    for (size_t i = 1; i < measurement->history_count; i++)
        if (measurement->history[i].metrics[0] <
            measurement->history[best].metrics[0])
            best = i;
    return measurement->history[best].step;
}

static void check_early_stopping(struct made_run made) {
    struct single stopped, plain;
    single_init(&stopped, &made);
    struct measurement *measurement = &stopped.measurement;
    assert_int_equal(measurement->outcome, RUN_FINISHED);
    assert_true(measurement->global_step < made.steps);
    assert_int_equal(measurement->best_step, best_row(measurement));
    assert_int_equal(measurement->global_step,
                     measurement->best_step + made.patience * made.every);
    made.steps = measurement->best_step;
    made.patience = 0;
    single_init(&plain, &made);
    assert_int_equal(plain.measurement.best_step, 0);
    assert_string_equal(plain.measurement.digest_weights,
                        measurement->digest_weights);
    assert_string_equal(plain.measurement.digest_predictions,
                        measurement->digest_predictions);
    assert_int_equal(measurement->batches, measurement->best_step);
    single_release(&plain);
    single_release(&stopped);
}

/* Weights, and with batch norm buffers and counters, are put back. */
static void early_stopping_is_keras(void **state) {
    (void)state;
    check_early_stopping(RUNS[1]);
    check_early_stopping(RUNS[10]);
}

/* Without restore_best the weights are the last. */
static void early_stopping_keeps_the_last_weights(void **state) {
    struct made_run made = RUNS[10];
    struct single stopped, plain;
    (void)state;
    made.restore_best = false;
    single_init(&stopped, &made);
    made.steps = stopped.measurement.global_step;
    made.patience = 0;
    single_init(&plain, &made);
    assert_string_equal(plain.measurement.digest_weights,
                        stopped.measurement.digest_weights);
    single_release(&plain);
    single_release(&stopped);
}

/* train.loss is the history row's, not the metric of the training part. */
static void early_stopping_reads_the_row_s_train_loss(void **state) {
    struct made_run made = RUNS[1];
    struct dataset *data = made_dataset(&made.data);
    struct whole_run *whole = whole_run_new(&made, data, 3, 4);
    const struct run *run = &whole->run;
    const struct part_metric asked = {PART_TRAIN, metric_find("loss")};
    struct part_metric columns[HISTORY_LIMIT];
    struct measurement measurement;
    (void)state;
    size_t before = history_columns(run, columns);
    whole->training.history_metrics = &asked;
    whole->training.history_metric_count = 1;
    assert_int_equal(history_columns(run, columns), before);
    whole->training.early_stopping.metric = asked;
    train(scalar(), 1, &run, 1, &measurement);
    size_t best = 0, without = 0, i = 1;
    for (; i < measurement.history_count; i++) {
        bool better = measurement.history[i].train_loss <
                      measurement.history[best].train_loss;
        best = better ? i : best;
        without = better ? 0 : without + 1;
        assert_true(without < (size_t)made.patience ||
                    i + 1 == measurement.history_count);
    }
    assert_int_equal(measurement.best_step, measurement.history[best].step);
    measurement_release(&measurement);
    whole_run_free(whole);
    made_dataset_free(data);
}

/* A metric that is null all the time: every row is one without a better value,
 * and the first is the one to go back to. */
static void a_null_metric_never_is_better(void **state) {
    struct made_run made = RUNS[1];
    struct dataset *data = made_dataset(&made.data);
    struct whole_run *whole = whole_run_new(&made, data, 3, 4);
    const struct run *run = &whole->run;
    struct measurement measurement;
    (void)state;
    whole->training.early_stopping.metric.metric = metric_find("auc");
    for (size_t i = 0; i < data->part[PART_VALIDATION].rows; i++)
        ((float *)data->targets)[data->part[PART_VALIDATION].row[i]] = 1;
    train(scalar(), 1, &run, 1, &measurement);
    assert_int_equal(measurement.best_step, made.every);
    assert_int_equal(measurement.global_step, made.patience * made.every);
    measurement_release(&measurement);
    whole_run_free(whole);
    made_dataset_free(data);
}

/* ---- divergence ---- */

static void assert_no_metrics(const struct measurement *measurement) {
    for (int part = 0; part < PARTS; part++)
        for (int i = 0; i < METRIC_LIMIT; i++)
            assert_true(isnan(measurement->metrics[part][i]));
}

static const struct made_run DIVERGING = {
    .layers = {{"linear", 40}, {"relu", 0}, {"linear", 1}},
    .loss = "mse",
    .optimizer = "sgd",
    .optimizer_options = {{"lr", 1e25}},
    .batch_size = 33,
    .steps = 12,
    .every = 5,
    .data = {{66, 20, 20}, 6, 1, 0, 13}};

static void a_loss_that_is_not_finite_ends_the_run(void **state) {
    struct made_run made = DIVERGING;
    struct single diverged, before;
    (void)state;
    single_init(&diverged, &made);
    const struct measurement *measurement = &diverged.measurement;
    assert_int_equal(measurement->outcome, RUN_DIVERGED);
    assert_int_equal(measurement->divergence.step, 2);
    assert_int_equal(measurement->global_step, 1);
    assert_int_equal(measurement->history_count, 0);
    assert_string_equal(measurement->divergence.layer, "2 (linear)");
    assert_string_equal(measurement->divergence.what, "loss is inf");
    assert_no_metrics(measurement);
    made.steps = 1;
    single_init(&before, &made);
    assert_int_equal(before.measurement.outcome, RUN_FINISHED);
    assert_string_equal(before.measurement.digest_weights,
                        measurement->digest_weights);
    assert_string_equal(before.measurement.digest_predictions,
                        measurement->digest_predictions);
    single_release(&before);
    single_release(&diverged);
}

/* The loss overflows where no layer's output has: squares of 1e20 and more. */
static void the_loss_itself_may_overflow(void **state) {
    struct made_run made = DIVERGING;
    struct single diverged;
    (void)state;
    made.layers[1].kind = NULL;
    made.layers[0].out_features = 1;
    made.optimizer_options[0].value = 1e22;
    single_init(&diverged, &made);
    assert_int_equal(diverged.measurement.outcome, RUN_DIVERGED);
    assert_string_equal(diverged.measurement.divergence.layer, "loss");
    single_release(&diverged);
}

static void weights_that_are_not_finite_end_the_run_at_a_row(void **state) {
    struct made_run made = DIVERGING;
    struct dataset *data = made_dataset(&made.data);
    const uint32_t nan_bits = 0x7fc00000;
    (void)state;
    made.optimizer_options[0].value = 1e39; /* infinite in float32 */
    made.every = 1;
    struct whole_run *whole = whole_run_new(&made, data, 3, 4);
    const struct run *run = &whole->run;
    struct measurement measurement;
    whole->network.layers[0].name = "first";
    train(scalar(), 1, &run, 1, &measurement);
    assert_int_equal(measurement.outcome, RUN_DIVERGED);
    assert_int_equal(measurement.divergence.step, 1);
    assert_int_equal(measurement.global_step, 1);
    assert_int_equal(measurement.history_count, 0);
    assert_string_equal(measurement.divergence.layer, "first");
    assert_true(strncmp(measurement.divergence.what, "weight is ", 10) == 0);
    assert_no_metrics(&measurement);
    for (size_t i = 0; i < whole->network.parameter_count; i++)
        if (isnan(measurement.parameters[i]))
            assert_memory_equal(&measurement.parameters[i], &nan_bits, 4);
    measurement_release(&measurement);
    whole_run_free(whole);
    made_dataset_free(data);
}

/* ---- clipping, interruption ---- */

static void clipping_bounds_the_norm(void **state) {
    struct made_run made = RUNS[7];
    struct single free_run, loose, tight;
    double norm2 = 0;
    (void)state;
    made.optimizer = "sgd";
    made.optimizer_options[0] = (struct made_option){"lr", 1};
    made.steps = 1;
    single_init(&free_run, &made);
    made.clip = 1e30;
    single_init(&loose, &made);
    made.clip = 0.125;
    single_init(&tight, &made);
    assert_string_equal(free_run.measurement.digest_weights,
                        loose.measurement.digest_weights);
    const struct network *network = &tight.whole->network;
    float drawn[64];
    network_draw(network, 3, drawn, NULL);
    for (size_t i = 0; i < network->parameter_count; i++) {
        double step = (double)(tight.measurement.parameters[i] - drawn[i]);
        norm2 += step * step;
    }
    assert_true(fabs(sqrt(norm2) - 0.125) < 1e-5);
    single_release(&free_run);
    single_release(&loose);
    single_release(&tight);
}

static void stop_gives_up(void **state) {
    struct dataset *data = made_dataset(&RUNS[0].data);
    struct whole_run *whole = whole_run_new(&RUNS[0], data, 1, 1);
    const struct run *run = &whole->run;
    struct measurement measurement;
    struct status status = STATUS_INIT;
    const atomic_int stop = 1;
    (void)state;
    assert_int_equal(
        trainer_run(scalar(), 1, &run, 1, &stop, &measurement, &status),
        STATUS_INTERRUPTED);
    assert_null(measurement.parameters);
    whole_run_free(whole);
    made_dataset_free(data);
}

/* ---- batch norm ---- */

/* A loss that is not finite was computed by a forward that counts, and that
 * moved the running statistics. */
static void a_diverged_run_has_counted_its_batch(void **state) {
    struct made_run made = DIVERGING;
    struct single diverged, before;
    (void)state;
    made.layers[1] = (struct made_layer){.kind = "batch_norm1d"};
    single_init(&diverged, &made);
    assert_int_equal(diverged.measurement.outcome, RUN_DIVERGED);
    assert_int_equal(diverged.measurement.divergence.step, 2);
    assert_int_equal(diverged.measurement.global_step, 1);
    assert_int_equal(diverged.measurement.batches, 2);
    made.steps = 1;
    single_init(&before, &made);
    assert_int_equal(before.measurement.batches, 1);
    const struct network *network = &before.whole->network;
    assert_int_equal(network->buffer_count, 2 * 40);
    assert_memory_equal(before.measurement.parameters,
                        diverged.measurement.parameters,
                        network->parameter_count * sizeof(float));
    assert_memory_not_equal(before.measurement.buffers,
                            diverged.measurement.buffers,
                            network->buffer_count * sizeof(float));
    single_release(&diverged);
    single_release(&before);
}

/* The digest's counters are 8 bytes in their place of state_dict: behind the
 * buffers of the one layer, before the next layer's weights. */
static void counters_are_digested(void **state) {
    struct made_run made = {.layers = {{"batch_norm1d"}, {"linear", 1}},
                            .loss = "mse",
                            .optimizer = "adam",
                            .batch_size = 8,
                            .steps = 3,
                            .every = 3,
                            .data = {{20, 0, 5}, 2, 1, 0, 1}};
    struct single single;
    char bytes[(4 + 4 + 3) * sizeof(float) + 8], hex[DIGEST_TEXT_SIZE];
    const int64_t three = 3;
    (void)state;
    single_init(&single, &made);
    const struct measurement *measurement = &single.measurement;
    memcpy(bytes, measurement->parameters, 16);
    memcpy(bytes + 16, measurement->buffers, 16);
    memcpy(bytes + 32, &three, 8);
    memcpy(bytes + 40, measurement->parameters + 4, 12);
    digest_of(bytes, sizeof bytes, hex);
    assert_string_equal(measurement->digest_weights, hex);
    assert_memory_equal(measurement->history[0].digest, hex, 16);
    single_release(&single);
}

static float feature(const struct dataset *data, size_t row, size_t column) {
    return data->features[column * data->rows + data->part[PART_TEST].row[row]];
}

/* Of rows of the test part, 256 and one more: the last is a chunk of its own.
 */
static void evaluation_takes_running_statistics(void **state) {
    struct made_run made = {.layers = {{"batch_norm1d"}, {"linear", 1}},
                            .loss = "mse",
                            .optimizer = "adam",
                            .optimizer_options = {{"lr", 0.1}},
                            .batch_size = 20,
                            .steps = 30,
                            .data = {{64, 0, 257}, 2, 1, 0, 3}};
    struct single single;
    (void)state;
    single_init(&single, &made);
    const float *weight = single.measurement.parameters, *bias = weight + 2;
    const float *linear = weight + 4, *mean = single.measurement.buffers;
    const float *variance = mean + 2;
    for (size_t row = 0; row < 257; row++) {
        double expected = (double)linear[2];
        for (size_t c = 0; c < 2; c++)
            expected +=
                (double)linear[c] *
                (((double)feature(single.data, row, c) - (double)mean[c]) /
                     sqrt((double)variance[c] + 1e-5) * (double)weight[c] +
                 (double)bias[c]);
        assert_true(fabs((double)single.measurement.test_outputs[row] -
                         expected) < 1e-6);
    }
    single_release(&single);
}

/* Without them a part is one batch: its normalized mean is 0, however many
 * chunks it would be. */
static void evaluation_without_them_takes_the_whole_part(void **state) {
    struct made_run made = {
        .layers = {{"batch_norm1d",
                    0,
                    {{"track_running_stats", 0}, {"affine", 0}}},
                   {"linear", 1}},
        .loss = "mse",
        .optimizer = "adam",
        .batch_size = 20,
        .steps = 5,
        .data = {{64, 0, 600}, 2, 1, 0, 3}};
    struct single single;
    double mean = 0;
    (void)state;
    single_init(&single, &made);
    for (size_t row = 0; row < 600; row++)
        mean += (double)single.measurement.test_outputs[row] / 600;
    assert_true(fabs(mean - (double)single.measurement.parameters[2]) < 1e-6);
    single_release(&single);
}

/* ---- what is refused before training ---- */

static void check_refused(const struct made_run *made, const char *key,
                          const char *words) {
    struct dataset *data = made_dataset(&made->data);
    struct whole_run *whole = whole_run_new(made, data, 1, 1);
    struct status status = STATUS_INIT;
    enum status_code code = run_check(&whole->run, &status);
    if (!key) {
        assert_int_equal(code, STATUS_OK);
    } else {
        assert_int_equal(code, STATUS_CONFIG);
        assert_string_equal(status.key, key);
        if (!strstr(status.message, words))
            fail_msg("'%s' is not in: %s", words, status.message);
    }
    whole_run_free(whole);
    made_dataset_free(data);
}

static void all_runs_of_this_test_are_valid(void **state) {
    (void)state;
    for (size_t i = 0; i < RUN_COUNT; i++)
        check_refused(&RUNS[i], NULL, NULL);
}

static void a_last_layer_that_does_not_fit_the_loss_is_refused(void **state) {
    static const struct {
        const char *loss, *last, *words;
    } pairs[] = {
        {"bce", "linear", "bce_with_logits takes what linear gives"},
        {"bce", "tanh", "bce needs sigmoid last"},
        {"bce_with_logits", "sigmoid", "bce fits after sigmoid"},
        {"cross_entropy", "softmax", "takes what linear gives"},
        {"cross_entropy", "log_softmax", "nll fits after log_softmax"},
        {"nll", "linear", "nll needs log_softmax last"},
        {"nll", "softmax", "nll needs log_softmax last"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        bool is_linear = strcmp(pairs[i].last, "linear") == 0;
        struct made_run made = {
            .layers = {{"linear", 1}, {pairs[i].last, is_linear}},
            .loss = pairs[i].loss,
            .optimizer = "adam",
            .batch_size = 8,
            .steps = 1,
            .data = {{20, 0, 5}, 2, 1, 2, 1}};
        check_refused(&made, "train.loss", pairs[i].words);
    }
}

static void sizes_that_do_not_fit_are_refused(void **state) {
    struct made_run made = RUNS[4];
    (void)state;
    made.layers[2].out_features = 3;
    check_refused(&made, "model.layers.2.out_features", "expected 2, found 3");
    made = RUNS[1];
    made.layers[4].out_features = 2;
    check_refused(&made, "model.layers.4.out_features", "needs 1 output");
    made = RUNS[2];
    made.layers[2].out_features = 3;
    check_refused(&made, "model.layers.2.out_features",
                  "labels go up to 3, so at least 4, found 3");
    made = RUNS[2];
    made.data.targets = 2;
    check_refused(&made, "train.loss", "takes one target column, found 2");
    made = RUNS[3];
    made.batch_size = 71;
    check_refused(&made, "train.drop_last", "drop_last leaves no batch");
    made.drop_last = false;
    check_refused(&made, NULL, NULL);
}

/* 62 rows are three batches of 19 and one of 5, or of 61 and one of 1. */
static void batches_of_one_row_are_refused(void **state) {
    struct made_run made = RUNS[10];
    (void)state;
    made.batch_size = 61;
    check_refused(&made, "model.layers.1",
                  "batch_norm1d needs at least 2 rows in every batch; the last "
                  "batch has 1 (62 training rows, batch_size 61): set "
                  "train.drop_last, or another train.batch_size");
    made.drop_last = true;
    check_refused(&made, NULL, NULL);
    made.drop_last = false;
    made.steps = 1; /* the last batch of an epoch is not reached */
    check_refused(&made, NULL, NULL);
    made.steps = 2;
    check_refused(&made, "model.layers.1", "the last batch has 1");
    made.batch_size = 1;
    check_refused(&made, "model.layers.1",
                  "found 1 (62 training rows, batch_size 1)");
    made = RUNS[10];
    made.data.rows[PART_TEST] = 1; /* running statistics take one row */
    check_refused(&made, NULL, NULL);
    made.layers[4].options[0] = (struct made_option){"track_running_stats", 0};
    check_refused(&made, "model.layers.4",
                  "batch_norm1d without running statistics needs at least 2 "
                  "rows in every part of the data; the test part has 1");
}

static void labels_that_do_not_fit_are_refused(void **state) {
    struct made_run made = RUNS[0];
    (void)state;
    made.data.classes = 3;
    check_refused(&made, "train.loss", "labels that are 0 or 1; found 2.0");
    made = RUNS[2];
    made.data.classes = 0;
    check_refused(&made, "train.loss", "whole numbers from 0");
}

static void metrics_that_do_not_fit_are_refused(void **state) {
    struct made_run made = RUNS[1];
    (void)state;
    made.watched = "rmse";
    check_refused(&made, "train.early_stopping.metric",
                  "validation.rmse is no metric of a run with the loss "
                  "bce_with_logits");
    made = RUNS[1];
    made.data.rows[PART_VALIDATION] = 0;
    check_refused(&made, "train.early_stopping.metric",
                  "data.split has no validation_size");
}

/* ---- who may share a pack ---- */

static void packs_are_of_runs_alike(void **state) {
    const struct made_run *made = &RUNS[3];
    struct dataset *data = made_dataset(&made->data);
    struct whole_run *plain = whole_run_new(made, data, 1, 1);
    struct made_run others[7];
    (void)state;
    for (size_t i = 0; i < 7; i++)
        others[i] = *made;
    others[0].layers[0].out_features = 16;
    others[1].layers[1].kind = "relu";
    others[2].batch_size = 19;
    others[3].epochs = 6;
    others[4].optimizer = "adam";
    others[5].loss_options[1].value = 0;
    others[6].every = 2;
    for (size_t i = 0; i < 7; i++) {
        struct whole_run *other = whole_run_new(&others[i], data, 1, 1);
        assert_false(run_alike(&plain->run, &other->run));
        whole_run_free(other);
    }
    struct whole_run *same = whole_run_new(made, data, 2, 3);
    whole_run_set(same, "lr", 0.5);
    assert_true(run_alike(&plain->run, &same->run));
    whole_run_free(same);
    whole_run_free(plain);
    made_dataset_free(data);
}

/* Whether a run whose layer `index` is changed may be in one pack with it. */
static void check_layer_alike(const struct made_run *made, size_t index,
                              const struct made_layer *changed, bool alike) {
    struct made_run other = *made;
    struct dataset *data = made_dataset(&made->data);
    other.layers[index] = *changed;
    struct whole_run *one = whole_run_new(made, data, 1, 1);
    struct whole_run *two = whole_run_new(&other, data, 1, 1);
    assert_int_equal(run_alike(&one->run, &two->run), alike);
    assert_int_equal(run_alike(&two->run, &one->run), alike);
    whole_run_free(one);
    whole_run_free(two);
    made_dataset_free(data);
}

static void packs_are_of_norms_alike(void **state) {
    static const struct {
        struct made_option option;
        bool alike;
    } changes[] = {{{"eps", 0.5}, true},
                   {{"momentum", 0.7}, true},
                   {{"momentum", NAN}, false},
                   {{"affine", 0}, false},
                   {{"track_running_stats", 0}, false}};
    struct made_layer layer = {.kind = "batch_norm1d"};
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        layer.options[0] = changes[i].option;
        check_layer_alike(&RUNS[10], 1, &layer, changes[i].alike);
    }
    layer =
        (struct made_layer){.kind = "layer_norm", .options = {{"eps", 0.5}}};
    check_layer_alike(&RUNS[12], 1, &layer, true);
    layer.options[0] = (struct made_option){"elementwise_affine", 0};
    check_layer_alike(&RUNS[12], 1, &layer, false);
}

/* 0 and 1 are no numbers that a lane may have beside others. */
static void packs_are_of_dropouts_alike(void **state) {
    static const struct {
        double one, other;
        bool alike;
    } pairs[] = {{0.3, 0.7, true}, {0.3, 0, false}, {0.3, 1, false},
                 {0, 1, false},    {0, 0, true},    {1, 1, true}};
    struct made_run made = RUNS[9];
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct made_layer layer = made.layers[3];
        made.layers[3].options[0].value = pairs[i].one;
        layer.options[0].value = pairs[i].other;
        check_layer_alike(&made, 3, &layer, pairs[i].alike);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_the_same_in_any_pack),
        cmocka_unit_test(updates_rows_and_epochs_are_counted),
        cmocka_unit_test(steps_and_epochs_agree),
        cmocka_unit_test(history_digests_are_chained),
        cmocka_unit_test(the_last_row_has_the_final_metrics),
        cmocka_unit_test(train_loss_is_the_mean_since_the_row_before),
        cmocka_unit_test(the_order_is_dataloaders),
        cmocka_unit_test(early_stopping_is_keras),
        cmocka_unit_test(early_stopping_keeps_the_last_weights),
        cmocka_unit_test(early_stopping_reads_the_row_s_train_loss),
        cmocka_unit_test(a_null_metric_never_is_better),
        cmocka_unit_test(a_loss_that_is_not_finite_ends_the_run),
        cmocka_unit_test(the_loss_itself_may_overflow),
        cmocka_unit_test(weights_that_are_not_finite_end_the_run_at_a_row),
        cmocka_unit_test(clipping_bounds_the_norm),
        cmocka_unit_test(a_diverged_run_has_counted_its_batch),
        cmocka_unit_test(counters_are_digested),
        cmocka_unit_test(evaluation_takes_running_statistics),
        cmocka_unit_test(evaluation_without_them_takes_the_whole_part),
        cmocka_unit_test(stop_gives_up),
        cmocka_unit_test(all_runs_of_this_test_are_valid),
        cmocka_unit_test(a_last_layer_that_does_not_fit_the_loss_is_refused),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(batches_of_one_row_are_refused),
        cmocka_unit_test(labels_that_do_not_fit_are_refused),
        cmocka_unit_test(metrics_that_do_not_fit_are_refused),
        cmocka_unit_test(packs_are_of_runs_alike),
        cmocka_unit_test(packs_are_of_dropouts_alike),
        cmocka_unit_test(packs_are_of_norms_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
