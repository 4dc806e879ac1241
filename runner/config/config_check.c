#include "runner/config/config_check.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "runner/config/describe.h"

enum { NAME_LIMIT = 100 };

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* "data.split.stratify": the problem's path, the value or the nearest that
 * stands there for its position. */
static void complain(const struct config *config, struct reader *reader,
                     const char *path, const char *message) {
    bool found;
    const struct node *node = node_at(config->tree.root, path, &found);
    problems_add_path(reader->problems, STATUS_CONFIG, node->position, path,
                      "%s", message);
}

static bool is_written(const struct config *config, const char *path) {
    bool found;
    node_at(config->tree.root, path, &found);
    return found;
}

/* -------------------------------------------------------------------- texts */

const char *config_name_fault(const char *name) {
    if (!is_letter(*name) && !is_digit(*name))
        return "a name begins with a letter or a digit";
    if (strlen(name) > NAME_LIMIT)
        return "a name has at most 100 bytes";
    for (; *name; name++)
        if (!is_letter(*name) && !is_digit(*name) && !strchr("._-", *name))
            return "a name has letters, digits, '.', '_' and '-' alone";
    return NULL;
}

static void check_name(const struct config *config, struct reader *reader) {
    const char *fault = config->name ? config_name_fault(config->name) : NULL;
    struct text message = TEXT_INIT, shown = TEXT_INIT;
    if (!fault)
        return;
    if (is_written(config, "name")) {
        describe_found(node_member(config->tree.root, "name"), &shown);
        text_print(&message, "%s, found %s", fault, text_string(&shown));
    } else {
        text_print(&message,
                   "%s, and the file's stem is '%s'; give the config a name",
                   fault, config->name);
    }
    complain(config, reader, "name", text_string(&message));
    text_release(&message);
    text_release(&shown);
}

static void check_line(const struct config *config, struct reader *reader,
                       const char *path, const char *text) {
    for (; text && *text; text++) {
        if ((unsigned char)*text >= 0x20 && *text != 0x7f)
            continue;
        complain(config, reader, path,
                 *text == '\n' ? "expected one line, found several"
                               : "control characters are not taken");
        return;
    }
}

/* ------------------------------------------------------------------- layers */

static const char *layer_name_fault(const char *name) {
    if (!is_letter(*name) && *name != '_')
        return "a layer's name begins with a letter or '_'";
    if (strlen(name) > NAME_LIMIT)
        return "a layer's name has at most 100 bytes";
    for (; *name; name++)
        if (!is_letter(*name) && !is_digit(*name) && !strchr("_-", *name))
            return "a layer's name has letters, digits, '_' and '-' alone";
    return NULL;
}

/* The names of all layers, those inside others too. */
struct layer_names {
    struct named *names;
    size_t count, capacity;
};

static void find_names(struct reader *reader, struct layer_names *found,
                       const struct place *list_place, const struct node *list,
                       const struct layer_choice *layers, size_t count);

static void find_names_inside(struct reader *reader, struct layer_names *found,
                              const struct place *place,
                              const struct node *node,
                              const struct layer_choice *layer) {
    const struct layer_kind *kind =
        (const struct layer_kind *)layer->choice.kind;
    size_t count;
    if (!kind || !kind->inside)
        return;
    const struct layer_choice *inside =
        kind->inside(layer->choice.options, &count);
    struct place at = {.parent = place, .key = "layers"};
    find_names(reader, found, &at, node_member(node, "layers"), inside, count);
}

static void add_name(struct reader *reader, struct layer_names *found,
                     const struct place *layer, const char *name,
                     struct position position) {
    const char *fault = layer_name_fault(name);
    struct place at = {.parent = layer, .key = "name"};
    if (fault)
        reader_complain(reader, &at, position, "%s", fault);
    memory_grow(&found->names, found->count, &found->capacity,
                sizeof *found->names);
    found->names[found->count] = (struct named){name, position, found->count};
    found->count++;
}

static void find_names(struct reader *reader, struct layer_names *found,
                       const struct place *list_place, const struct node *list,
                       const struct layer_choice *layers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct node *node = list->members[i].value;
        struct place at = {.parent = list_place, .index = i};
        if (layers[i].name)
            add_name(reader, found, &at, layers[i].name,
                     node_member(node, "name")->position);
        find_names_inside(reader, found, &at, node, &layers[i]);
    }
}

static void check_layers(const struct config *config, struct reader *reader) {
    const struct node *list =
        node_member(node_member(config->tree.root, "model"), "layers");
    struct place root = {0};
    struct place model = {.parent = &root, .key = "model"};
    struct place layers = {.parent = &model, .key = "layers"};
    struct layer_names found = {.count = 0};
    find_names(reader, &found, &layers, list, config->layers,
               config->layer_count);
    if (found.count)
        read_check_unique(reader, &layers, "layer", found.names, found.count);
    free(found.names);
}

/* --------------------------------------------------------------------- data */

static void check_data(const struct config *config, struct reader *reader) {
    const struct data_options *data = &config->data;
    const struct loss_kind *loss =
        (const struct loss_kind *)config->training.loss.kind;
    if (data->split.stratify && !data->split.shuffle)
        complain(config, reader, "data.split.stratify",
                 "stratify needs shuffle, which is false");
    if (!data->target_scaler_count || !loss || loss->task == TASK_REGRESSION)
        return;
    struct text message = TEXT_INIT;
    text_print(&message,
               "targets are scaled with regression losses only, and "
               "the loss is %s",
               loss->kind.name);
    complain(config, reader, "data.preprocess.targets", text_string(&message));
    text_release(&message);
}

/* -------------------------------------------------------------------- train */

/* "setps" is a problem already, and was meant to be one of them. */
static bool is_misspelt_length(const struct node *train) {
    static const char *const LENGTHS[] = {"steps", "epochs", NULL};
    const struct field *fields =
        section_of(TOP_FIELDS, field_find(TOP_FIELDS, "train"))->fields;
    for (size_t i = 0; i < train->count; i++) {
        const char *key = train->members[i].key;
        if (!field_find(fields, key) && names_nearest(key, LENGTHS))
            return true;
    }
    return false;
}

static void check_length(const struct config *config, struct reader *reader) {
    const struct member *train = node_find(config->tree.root, "train");
    if (!train || train->value->kind != NODE_MAP)
        return;
    const struct member *steps = node_find(train->value, "steps");
    const struct member *epochs = node_find(train->value, "epochs");
    if (steps && epochs)
        problems_add_path(reader->problems, STATUS_CONFIG,
                          (steps > epochs ? steps : epochs)->key_position,
                          "train", "steps and epochs exclude each other");
    if (!steps && !epochs && !is_misspelt_length(train->value))
        problems_add_path(reader->problems, STATUS_CONFIG, train->key_position,
                          "train", "one of 'steps' and 'epochs' is required");
}

static void refuse_task(const struct config *config, struct reader *reader,
                        const char *path, const struct metric_kind *metric,
                        const struct loss_kind *loss) {
    const char *names[METRIC_LIMIT + 1] = {NULL};
    const struct metric_kind *const *of_task = METRICS_OF_TASK[loss->task];
    for (size_t i = 0; of_task[i]; i++)
        names[i] = of_task[i]->name;
    struct text message = TEXT_INIT;
    text_print(&message, "'%s' is not a metric of the loss %s; there are ",
               metric->name, loss->kind.name);
    describe_words(names, &message);
    complain(config, reader, path, text_string(&message));
    text_release(&message);
}

static void check_metric(const struct config *config, struct reader *reader,
                         const char *path, const struct part_metric *metric) {
    const struct loss_kind *loss =
        (const struct loss_kind *)config->training.loss.kind;
    if (!metric->metric)
        return;
    if (loss && !metric_has_task(metric->metric, loss->task))
        refuse_task(config, reader, path, metric->metric, loss);
    if (metric->part == PART_VALIDATION &&
        !config->data.split.validation_size.present)
        complain(config, reader, path,
                 "there is no validation part; data.split.validation_size "
                 "makes one");
}

static void check_twice(struct reader *reader, const struct training *training,
                        size_t index, const struct node *list) {
    const struct part_metric *metric = training->history_metrics;
    for (size_t i = 0; i < index; i++) {
        if (metric[i].part != metric[index].part ||
            metric[i].metric != metric[index].metric)
            continue;
        problems_add_path(reader->problems, STATUS_CONFIG,
                          list->members[index].value->position,
                          "evaluate.metrics", "'%s' is given twice",
                          list->members[index].value->text);
        return;
    }
}

static void check_metrics(const struct config *config, struct reader *reader) {
    /* All there are of three parts: a longer list has one twice. */
    enum { MOST = PARTS * METRIC_LIMIT };
    const struct training *training = &config->training;
    const struct node *list =
        node_member(node_member(config->tree.root, "evaluate"), "metrics");
    if (training->has_early_stopping)
        check_metric(config, reader, "train.early_stopping.metric",
                     &training->early_stopping.metric);
    for (size_t i = 0; i < training->history_metric_count && i <= MOST; i++) {
        struct text path = TEXT_INIT;
        text_print(&path, "evaluate.metrics.%zu", i);
        check_metric(config, reader, text_string(&path),
                     &training->history_metrics[i]);
        if (training->history_metrics[i].metric)
            check_twice(reader, training, i, list);
        text_release(&path);
    }
}

void config_cross_check(const struct config *config, struct reader *reader) {
    check_name(config, reader);
    check_line(config, reader, "description", config->description);
    check_line(config, reader, "output.dir", config->output.dir);
    check_layers(config, reader);
    check_length(config, reader);
    check_data(config, reader);
    check_metrics(config, reader);
}
