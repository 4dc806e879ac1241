#ifndef TESTS_UNIT_TRAINING_FIXTURES_H
#define TESTS_UNIT_TRAINING_FIXTURES_H

/* Runs made by hand: data, network, loss, optimizer, from a few words. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/nn/initializer.h"
#include "engine/train/trainer.h"
#include "option_sets.h"

/* Rows of runs leave members out, which then are 0: clang warns of each. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wmissing-field-initializers"
#endif

/* ---- data ---- */

struct made_data {
    size_t rows[PARTS];
    size_t columns, targets;
    int classes; /* labels below it; 0: numbers */
    uint32_t seed;
    int numbers; /* features are whole numbers below it; 0: in [-1, 1) */
};

static const char *const MADE_NAMES[] = {"a", "b", "c", "d", "e", "f"};

static inline float made_uniform(struct mt19937 *generator) {
    return (float)((double)mt19937_next(generator) * 0x1p-31 - 1);
}

static inline float made_feature(const struct made_data *made,
                                 struct mt19937 *generator) {
    float value = made_uniform(generator);
    return made->numbers ? floorf((value + 1) / 2 * (float)made->numbers)
                         : value;
}

/* A target that the features say something about. */
static inline float made_target(const struct made_data *made,
                                struct mt19937 *generator, float signal) {
    float noisy = signal + 0.2f * made_uniform(generator);
    int label = (int)floorf((noisy + 1) / 2 * (float)made->classes);
    if (made->classes == 0)
        return noisy;
    return (float)(label < 0                ? 0
                   : label >= made->classes ? made->classes - 1
                                            : label);
}

/* Parts take every third or so row, in an order of their own. */
static inline struct dataset *made_dataset(const struct made_data *made) {
    struct dataset *data = memory_zeroed(1, sizeof *data);
    struct mt19937 generator;
    size_t rows = made->rows[0] + made->rows[1] + made->rows[2];
    float *features =
        arena_zeroed(&data->arena, made->columns * rows, sizeof *features);
    float *targets =
        arena_zeroed(&data->arena, made->targets * rows, sizeof *targets);
    int64_t *numbers = arena_zeroed(&data->arena, rows, sizeof *numbers);
    uint32_t *order = arena_zeroed(&data->arena, rows, sizeof *order);
    mt19937_seed(&generator, made->seed);
    for (size_t i = 0; i < made->columns * rows; i++)
        features[i] = made_feature(made, &generator);
    for (size_t i = 0; i < made->targets * rows; i++)
        targets[i] = made_target(made, &generator, features[i % rows]);
    for (size_t i = 0; i < rows; i++) {
        numbers[i] = (int64_t)i;
        order[i] = (uint32_t)((i * 7 + made->seed) % rows);
    }
    data->rows = rows;
    data->columns = made->columns;
    data->target_columns = made->targets;
    data->column_names = data->target_names = MADE_NAMES;
    data->features = features;
    data->targets = targets;
    data->row_number = numbers;
    for (int part = 0; part < PARTS; part++) {
        data->part[part] = (struct data_part){made->rows[part], order};
        order += made->rows[part];
    }
    return data;
}

static inline void made_dataset_free(struct dataset *data) {
    arena_release(&data->arena);
    free(data);
}

/* ---- runs ---- */

enum { MADE_LAYER_LIMIT = 16 };

struct made_option {
    const char *key;
    double value; /* NaN: null */
};

struct made_layer {
    const char *kind;
    int64_t out_features; /* linear */
    struct made_option options[4];
    struct field_integers shape;     /* reshape */
    const struct made_layer *inside; /* residual; kind NULL ends it */
    const char *weight_init;         /* of this kind, at its defaults */
};

struct made_run {
    const char *name;
    struct made_layer layers[MADE_LAYER_LIMIT];
    const char *loss, *optimizer, *schedule; /* schedule NULL: none */
    struct made_option loss_options[3], optimizer_options[4],
        schedule_options[4];
    int64_t batch_size, steps, epochs; /* steps 0: epochs */
    bool keep_order, drop_last;
    double clip;             /* 0: none */
    int64_t every, patience; /* 0: derived; no early stopping */
    const char *watched;     /* metric of early stopping, of validation */
    bool restore_best;
    struct made_data data;
};

/* Everything that a run points to. */
struct whole_run {
    struct run run;
    struct training training;
    struct network network;
    struct layer_choice layers[MADE_LAYER_LIMIT];
    void *owned[4 * MADE_LAYER_LIMIT];
    size_t owned_count;
};

static inline void *made_keep(struct whole_run *whole, void *owned) {
    if (whole->owned_count == sizeof whole->owned / sizeof *whole->owned)
        abort();
    return whole->owned[whole->owned_count++] = owned;
}

static inline struct choice made_choice(struct whole_run *whole,
                                        const struct kind_family *family,
                                        const char *name,
                                        const struct made_option *options,
                                        size_t count, size_t list_length) {
    const struct kind *kind = kind_find(family, name);
    if (!kind)
        abort();
    void *values = option_defaults(kind, list_length);
    for (size_t i = 0; i < count && options[i].key; i++) {
        const struct field *field = field_find(kind->fields, options[i].key);
        if (!field)
            abort();
        option_put(field, values, options[i].value, list_length);
        if (isnan(options[i].value))
            option_set_present(field, values, false);
    }
    return (struct choice){kind, made_keep(whole, values)};
}

static inline void made_training(struct whole_run *whole,
                                 const struct made_run *made, size_t units) {
    struct training *training = &whole->training;
    *training = (struct training){
        .loss = made_choice(whole, &LOSS_FAMILY, made->loss, made->loss_options,
                            3, units),
        .optimizer = made_choice(whole, &OPTIMIZER_FAMILY, made->optimizer,
                                 made->optimizer_options, 4, 2),
        .batch_size = made->batch_size,
        .shuffle = !made->keep_order,
        .drop_last = made->drop_last,
        .steps = {made->steps != 0, made->steps},
        .epochs = {made->steps == 0, made->epochs},
        .clip_grad_norm = {made->clip != 0, made->clip},
        .evaluate_every = {made->every != 0, made->every},
        .has_early_stopping = made->patience != 0,
    };
    if (made->schedule)
        training->schedule =
            made_choice(whole, &SCHEDULE_FAMILY, made->schedule,
                        made->schedule_options, 4, 2);
    if (made->patience)
        training->early_stopping = (struct early_stopping){
            .metric = {PART_VALIDATION, metric_find(made->watched)},
            .patience = made->patience,
            .restore_best = made->restore_best,
        };
}

static inline struct layer_choice
made_layer_choice(struct whole_run *whole, const struct made_layer *layer);

/* What is in a residual's options. */
static inline void made_inside(struct whole_run *whole,
                               const struct made_layer *inside,
                               struct residual_options *residual) {
    while (inside[residual->layer_count].kind)
        residual->layer_count++;
    struct layer_choice *layers =
        made_keep(whole, memory_zeroed(residual->layer_count, sizeof *layers));
    for (size_t i = 0; i < residual->layer_count; i++)
        layers[i] = made_layer_choice(whole, &inside[i]);
    residual->layers = layers;
}

static inline struct layer_choice
made_layer_choice(struct whole_run *whole, const struct made_layer *layer) {
    const struct made_option width = {"out_features",
                                      (double)layer->out_features};
    bool is_sized = layer->out_features != 0;
    struct choice choice =
        made_choice(whole, &LAYER_FAMILY, layer->kind,
                    is_sized ? &width : layer->options, is_sized ? 1 : 4, 1);
    const struct field *shape = field_find(choice.kind->fields, "shape");
    if (shape)
        memcpy((char *)choice.options + shape->offset, &layer->shape,
               sizeof layer->shape);
    if (layer->inside)
        made_inside(whole, layer->inside, (void *)choice.options);
    struct layer_choice made = {.choice = choice};
    if (layer->weight_init)
        made.weight_init = made_choice(whole, &INITIALIZER_FAMILY,
                                       layer->weight_init, NULL, 0, 1);
    return made;
}

/* The network that `made` describes; its layers are the caller's. */
static inline void made_network(struct whole_run *whole,
                                const struct made_run *made) {
    struct status status = STATUS_INIT;
    size_t count = 0;
    for (; count < MADE_LAYER_LIMIT && made->layers[count].kind; count++)
        whole->layers[count] = made_layer_choice(whole, &made->layers[count]);
    if (network_init(&whole->network, whole->layers, count,
                     (struct shape){1, {(int64_t)made->data.columns}}, &status))
        abort();
}

static inline struct whole_run *whole_run_new(const struct made_run *made,
                                              const struct dataset *data,
                                              uint32_t model_seed,
                                              uint32_t train_seed) {
    struct whole_run *whole = memory_zeroed(1, sizeof *whole);
    made_network(whole, made);
    made_training(whole, made, (size_t)shape_units(whole->network.output));
    whole->run = (struct run){&whole->training, &whole->network, data,
                              model_seed, train_seed};
    return whole;
}

static inline void whole_run_free(struct whole_run *whole) {
    for (size_t i = 0; i < whole->owned_count; i++)
        free(whole->owned[i]);
    network_release(&whole->network);
    free(whole);
}

/* Changes one option of the optimizer (lr, …). */
static inline void whole_run_set(struct whole_run *whole, const char *key,
                                 double value) {
    const struct choice *optimizer = &whole->training.optimizer;
    option_put(field_find(optimizer->kind->fields, key),
               (void *)optimizer->options, value, 2);
}

#endif
