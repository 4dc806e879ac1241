#ifndef TESTS_UNIT_RECORD_FIXTURES_H
#define TESTS_UNIT_RECORD_FIXTURES_H

/* Records made by hand: a config read from a text, and a data set and a
 * measurement whose numbers are chosen. */

#include <math.h>

#include "engine/base/memory.h"
#include "engine/data/scaler.h"
#include "runner/config/config.h"
#include "runner/store/record.h"
#include "store_fixtures.h"

/* Everything that a record points to. */
struct made_record {
    struct config config;
    struct network network;
    struct dataset data;
    struct run run;
    struct measurement measurement;
    struct record record;
};

enum { MADE_ROWS = 5 };

/* The file's rows 1 and 4 were dropped. */
static const int64_t MADE_NUMBERS[MADE_ROWS] = {0, 2, 3, 5, 6};
static const uint32_t MADE_TRAIN[] = {3, 0, 2}, MADE_TEST[] = {4, 1};
static const char *const MADE_COLUMNS[] = {"x0", "width, \"mm\""};

static inline void read_config(struct config *config, const char *text) {
    struct problems problems = {0};
    struct tree tree;
    struct text found = TEXT_INIT;
    tree_read_text(&tree, "made.yaml", text, strlen(text), &problems);
    config_init(config, &tree, NULL, &problems);
    problems_print(&problems, &found);
    if (problems.count)
        fail_msg("%s", text_string(&found));
    problems_release(&problems);
}

/* `targets` are [target][row]. */
static inline void make_dataset(struct dataset *data, const float *targets,
                                const char *const *names, size_t count) {
    float *features = arena_zeroed(&data->arena, 2 * MADE_ROWS, sizeof(float));
    for (size_t i = 0; i < 2 * MADE_ROWS; i++)
        features[i] = (float)i / 8;
    data->rows = MADE_ROWS;
    data->columns = 2;
    data->column_names = MADE_COLUMNS;
    data->target_columns = count;
    data->target_names = names;
    data->features = features;
    data->targets = targets;
    data->row_number = MADE_NUMBERS;
    data->part[PART_TRAIN] = (struct data_part){3, MADE_TRAIN};
    data->part[PART_TEST] = (struct data_part){2, MADE_TEST};
}

/* A row of the history whose numbers count up from `first` in quarters. */
static inline void make_row(struct made_record *made, int64_t step,
                            double first) {
    struct measurement *measurement = &made->measurement;
    struct history_row *row =
        &measurement->history[measurement->history_count++];
    struct part_metric columns[HISTORY_LIMIT];
    size_t count = history_columns(&made->run, columns);
    *row = (struct history_row){
        .step = step, .epoch = (step + 1) / 2, .lr = 0.1, .train_loss = first};
    row->metrics = arena_zeroed(&measurement->arena, count, sizeof(double));
    for (size_t i = 0; i < count; i++)
        row->metrics[i] = first + 0.25 * (double)(i + 1);
    snprintf(row->digest, sizeof row->digest, "%016x", (unsigned)step);
}

static inline void make_metrics(struct made_record *made) {
    for (size_t part = 0; part < PARTS; part++)
        for (size_t i = 0; i < METRIC_LIMIT; i++)
            made->measurement.metrics[part][i] = (double)part + (double)i / 16;
}

/* Two rows of history, metrics, and these outputs of the test part. */
static inline void make_measurement(struct made_record *made,
                                    const float *outputs,
                                    const float *probabilities) {
    struct measurement *measurement = &made->measurement;
    struct arena *arena = &measurement->arena;
    size_t values = 2 * (size_t)shape_units(made->network.output);
    measurement->global_step = 10;
    measurement->parameters =
        arena_zeroed(arena, made->network.parameter_count, sizeof(float));
    for (size_t i = 0; i < made->network.parameter_count; i++)
        measurement->parameters[i] = (float)i + 0.5f;
    measurement->test_outputs = arena_zeroed(arena, values, sizeof(float));
    memcpy(measurement->test_outputs, outputs, values * sizeof *outputs);
    if (probabilities) {
        measurement->test_probabilities = arena_zeroed(arena, 2, sizeof(float));
        memcpy(measurement->test_probabilities, probabilities,
               2 * sizeof *probabilities);
    }
    measurement->history = arena_zeroed(arena, 2, sizeof(struct history_row));
    make_row(made, 5, 0.5);
    make_row(made, 10, 0.25);
    make_metrics(made);
    memset(measurement->digest_weights, 'a', DIGEST_TEXT_SIZE - 1);
    memset(measurement->digest_predictions, 'b', DIGEST_TEXT_SIZE - 1);
}

static inline struct made_record *
made_record_new(const char *config, const float *targets,
                const char *const *names, size_t count, const float *outputs,
                const float *probabilities) {
    struct made_record *made = memory_zeroed(1, sizeof *made);
    struct status status = STATUS_INIT;
    read_config(&made->config, config);
    make_dataset(&made->data, targets, names, count);
    if (network_init(&made->network, made->config.layers,
                     made->config.layer_count, (struct shape){1, {2}}, &status))
        fail_msg("%s", status.message);
    made->run = config_run(&made->config, &made->network, &made->data);
    make_measurement(made, outputs, probabilities);
    made->record = (struct record){.id = ID,
                                   .config = &made->config,
                                   .run = &made->run,
                                   .measurement = &made->measurement};
    return made;
}

static inline void made_record_free(struct made_record *made) {
    arena_release(&made->measurement.arena);
    arena_release(&made->data.arena);
    network_release(&made->network);
    config_release(&made->config);
    free(made);
}

/* A binary task: bce_with_logits, no validation part. */
static const char BINARY_CONFIG[] =
    "name: made\n"
    "seed: 7\n"
    "data: {source: {type: make_moons, n_samples: 5}, split: {test_size: 2}}\n"
    "model: {layers: [{type: linear, out_features: 1, name: last}]}\n"
    "train: {loss: bce_with_logits, optimizer: {type: sgd, lr: 0.1},\n"
    "        batch_size: 2, steps: 10}\n"
    "output: {predictions: true}\n";

static inline struct made_record *made_binary(void) {
    static const float TARGETS[] = {0, 1, 0, 1, 1};
    static const float OUTPUTS[] = {-1.5f, 0.1f};
    static const float PROBABILITIES[] = {0.18242552f, 0.5249792f};
    static const char *const NAMES[] = {"label"};
    return made_record_new(BINARY_CONFIG, TARGETS, NAMES, 1, OUTPUTS,
                           PROBABILITIES);
}

#endif
