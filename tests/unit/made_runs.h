#ifndef TESTS_UNIT_MADE_RUNS_H
#define TESTS_UNIT_MADE_RUNS_H

/* Small runs that have every kind of part among them. */

#include "training_fixtures.h"

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

static const struct made_run DIVERGING = {
    .layers = {{"linear", 40}, {"relu", 0}, {"linear", 1}},
    .loss = "mse",
    .optimizer = "sgd",
    .optimizer_options = {{"lr", 1e25}},
    .batch_size = 33,
    .steps = 12,
    .every = 5,
    .data = {{66, 20, 20}, 6, 1, 0, 13}};

/* ---- one run ---- */

static inline void train(const struct kernels *kernels, size_t lanes,
                         const struct run *const *runs, size_t count,
                         struct measurement *measurements) {
    struct status status = STATUS_INIT;
    if (trainer_run(kernels, lanes, runs, count, NULL, measurements, &status))
        fail_msg("%s", status.message);
}

static inline const struct kernels *scalar(void) {
    return kernels_available()[0];
}

/* One run of `made`, whose data and runs the caller need not see. */
struct single {
    struct dataset *data;
    struct whole_run *whole;
    struct measurement measurement;
};

static inline void single_init(struct single *single,
                               const struct made_run *made) {
    const struct run *run;
    single->data = made_dataset(&made->data);
    single->whole = whole_run_new(made, single->data, 3, 4);
    run = &single->whole->run;
    train(scalar(), 1, &run, 1, &single->measurement);
}

static inline void single_release(struct single *single) {
    measurement_release(&single->measurement);
    whole_run_free(single->whole);
    made_dataset_free(single->data);
}

/* ---- equality ---- */

static inline void assert_same_rows(const struct measurement *a,
                                    const struct measurement *b,
                                    size_t columns) {
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

static inline void assert_same(const struct run *run,
                               const struct measurement *a,
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

#endif
