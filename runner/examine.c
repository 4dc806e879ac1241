/* Everything wrong with a config in one go. */

#include "runner/examine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

/* Problems that one step can report. */
enum { MOST = 16 };

struct examination {
    struct experiment *experiment;
    struct problems *problems;
    size_t first;               /* problem of this config */
    const struct dataset *data; /* NULL: not known */
    const struct network *network;
    bool has_parts; /* the data are cut as the config says */
};

static bool is_sound(const struct examination *examination, const char *path) {
    return !problems_concern(examination->problems, examination->first, path);
}

/* ---------------------------------------------------------------- problems */

static const char DATA_HINT[] =
    "; the course's files come with scripts/get_data.sh, and --data DIR looks "
    "in DIR too";

/* Adds where a data file that is not there may come from. */
static void add_hint(struct status *status) {
    size_t length = strlen(status->message);
    if (status->code == STATUS_INPUT && strstr(status->message, "no such file"))
        snprintf(status->message + length, sizeof status->message - length,
                 "%s", DATA_HINT);
}

/* A failed step's status becomes a problem at the line that caused it. */
static void blame(const struct examination *examination, const char *section,
                  struct status *status) {
    add_hint(status);
    if (section)
        status_prefix_key(status, section);
    config_blame(&examination->experiment->config, status,
                 examination->problems);
}

/* -------------------------------------------------------------------- data */

static bool is_of_source(const struct status *status) {
    return strncmp(status->key, "source", strlen("source")) == 0;
}

/* Both tables may have their faults. */
static void blame_source(const struct examination *examination,
                         struct status *status) {
    struct status *found = memory_zeroed(MOST, sizeof *found);
    size_t count = dataset_source_problems(
        &examination->experiment->config.data, found, MOST);
    if (count == 0)
        blame(examination, "data", status);
    for (size_t i = 0; i < count; i++)
        blame(examination, "data", &found[i]);
    free(found);
}

/* The data by themselves, however they are cut and scaled: enough to hold
 * network and loss against them. */
static void load_source(struct examination *examination, bool tell) {
    const struct config *config = &examination->experiment->config;
    struct status status = STATUS_INIT;
    struct data_options options = {
        .source = config->data.source,
        .split = {.test_size = {.fraction = 0.5}},
        .drop_missing = true,
    };
    if (dataset_init(&examination->experiment->own_data, &options, &status) ==
        STATUS_OK)
        examination->data = &examination->experiment->own_data;
    else if (tell && is_of_source(&status))
        blame_source(examination, &status);
}

static void load_data(struct examination *examination) {
    struct experiment *experiment = examination->experiment;
    struct status status = STATUS_INIT;
    if (experiment->data) {
        examination->data = experiment->data;
        examination->has_parts = true;
        return;
    }
    if (!experiment->config.data.source.kind ||
        !is_sound(examination, "data.source"))
        return;
    if (!is_sound(examination, "data")) {
        load_source(examination, true);
        return;
    }
    if (dataset_init(&experiment->own_data, &experiment->config.data,
                     &status) == STATUS_OK) {
        experiment->data = &experiment->own_data;
        examination->data = experiment->data;
        examination->has_parts = true;
        return;
    }
    if (is_of_source(&status)) {
        blame_source(examination, &status);
    } else {
        blame(examination, "data", &status);
        load_source(examination, false);
    }
}

/* ----------------------------------------------------------------- network */

static void shape_network(struct examination *examination) {
    struct experiment *experiment = examination->experiment;
    const struct config *config = &experiment->config;
    struct status status = STATUS_INIT;
    if (!examination->data || config->layer_count == 0 ||
        !is_sound(examination, "model"))
        return;
    struct shape sample = {.rank = 1,
                           .size = {(int64_t)examination->data->columns}};
    if (network_init(&experiment->network, config->layers, config->layer_count,
                     sample, &status) == STATUS_OK)
        examination->network = &experiment->network;
    else
        blame(examination, "model", &status);
}

/* ---------------------------------------------------------------- together */

static const struct layer_kind *kind_of(const struct layer_choice *layer) {
    return (const struct layer_kind *)layer->choice.kind;
}

/* Where there is no network, its end may be known all the same; not behind a
 * layer that hands on what others give, for want of shapes. */
static void check_end(const struct examination *examination) {
    const struct config *config = &examination->experiment->config;
    struct status status = STATUS_INIT;
    if (examination->network || config->layer_count == 0)
        return;
    const struct kind *loss = config->training.loss.kind;
    const struct layer_kind *last =
        kind_of(&config->layers[config->layer_count - 1]);
    if (!loss || !last || layer_hands_on(last) ||
        loss_check_last((const struct loss_kind *)loss, last, last, &status) ==
            STATUS_OK)
        return;
    blame(examination, "train.loss", &status);
}

static bool knows_batches(const struct examination *examination) {
    return examination->has_parts &&
           is_sound(examination, "train.batch_size") &&
           is_sound(examination, "train.drop_last");
}

/* Problems of `train` itself are about them, or may be: a misspelt key. */
static bool knows_length(const struct examination *examination) {
    return !problems_are_at(examination->problems, examination->first,
                            "train") &&
           is_sound(examination, "train.steps") &&
           is_sound(examination, "train.epochs");
}

/* What is known of the training; the metrics that a config with problems asks
 * for have been judged without the data. */
static struct training known_training(const struct examination *examination) {
    struct training training = examination->experiment->config.training;
    if (examination->problems->count == examination->first)
        return training;
    training.history_metric_count = 0;
    training.has_early_stopping = false;
    if (!is_sound(examination, "train.loss"))
        training.loss.options = NULL;
    if (!knows_batches(examination))
        training.batch_size = 0;
    if (!knows_length(examination))
        training.steps.present = training.epochs.present = false;
    if (!is_sound(examination, "train.lr_schedule") ||
        !is_sound(examination, "train.optimizer"))
        training.schedule.kind = NULL;
    return training;
}

static void check_run(struct examination *examination) {
    struct training training = known_training(examination);
    struct run run = {.training = &training,
                      .network = examination->network,
                      .data = examination->data};
    struct status *found = memory_zeroed(MOST, sizeof *found);
    size_t count = run_problems(&run, found, MOST);
    for (size_t i = 0; i < count; i++)
        blame(examination, NULL, &found[i]);
    free(found);
}

void examine(struct experiment *experiment, size_t first,
             struct problems *problems) {
    struct examination examination = {
        .experiment = experiment, .problems = problems, .first = first};
    load_data(&examination);
    shape_network(&examination);
    check_end(&examination);
    check_run(&examination);
    experiment->run =
        config_run(&experiment->config, &experiment->network, experiment->data);
}
