#include "runner/config/sections.h"

#include <assert.h>
#include <string.h>

#include "engine/base/names.h"
#include "engine/nn/initializer.h"
#include "runner/config/config.h"

#define SEED_LIMIT 4294967295.0
#define UPDATES_LIMIT 1e9

/* A row whose inside a struct section below describes. */
#define SECTION_FIELD(word, bits, says)                                        \
    { .key = word, .type = FIELD_SECTION, .flags = (bits), .help = says }

#define SEED_FIELD(member, says)                                               \
    {                                                                          \
        .key = "seed", .type = FIELD_INTEGER,                                  \
        .flags = FIELD_DERIVED | FIELD_RANGE,                                  \
        FIELD_OPTIONAL_AT(struct config, member), .default_text = "seed",      \
        FIELD_BETWEEN(0, SEED_LIMIT), .help = says                             \
    }

const struct field TOP_FIELDS[] = {
    {.key = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_DERIVED,
     FIELD_AT(struct config, name),
     .default_text = "the file's stem",
     .help = "names the results folder: letters, digits, '.', '_', '-'"},
    {.key = "description",
     .type = FIELD_TEXT,
     .flags = FIELD_DERIVED | FIELD_NULLABLE,
     FIELD_AT(struct config, description),
     .default_text = "none",
     .help = "one line for people"},
    {.key = "seed",
     .type = FIELD_INTEGER,
     .flags = FIELD_RANGE,
     FIELD_AT(struct config, seed),
     .default_text = "0",
     FIELD_BETWEEN(0, SEED_LIMIT),
     .help = "feeds every random stream of the run"},
    SECTION_FIELD("data", FIELD_REQUIRED, "where rows come from"),
    SECTION_FIELD("model", FIELD_REQUIRED, "the network"),
    SECTION_FIELD("train", FIELD_REQUIRED, "how it is trained"),
    SECTION_FIELD("evaluate", 0, "what history.csv holds"),
    SECTION_FIELD("output", 0, "what is written"),
    {.key = NULL},
};

static const char *const MISSING_WORDS[] = {"error", "drop", NULL};

static const struct field DATA_FIELDS[] = {
    SECTION_FIELD("source", FIELD_REQUIRED, "a generator, or tables in files"),
    {.key = "missing",
     .type = FIELD_WORD,
     FIELD_AT(struct config, missing),
     .default_text = "error",
     .words = MISSING_WORDS,
     .help = "rows with a missing value or an infinity: an error, or dropped"},
    SECTION_FIELD("split", 0, "the parts, as scikit-learn's train_test_split"),
    SECTION_FIELD("preprocess", 0, "scalers, fitted on the training rows"),
    {.key = NULL},
};

static const struct field PREPROCESS_FIELDS[] = {
    SECTION_FIELD("features", 0, "scalers of the features, in order"),
    SECTION_FIELD("targets", 0, "scalers of the targets; regression only"),
    {.key = NULL},
};

const struct field COLUMNS_FIELDS[] = {
    {.key = "start",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_RANGE,
     FIELD_AT(struct table_options, start),
     FIELD_BETWEEN(0, 1e9),
     .help = "position of the first column, from 0"},
    {.key = "stop",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_RANGE,
     FIELD_AT(struct table_options, stop),
     FIELD_BETWEEN(1, 1e9),
     .help = "position after the last column"},
    {.key = NULL},
};

static const struct field MODEL_FIELDS[] = {
    SEED_FIELD(model_seed, "replaces seed for the initial weights"),
    SECTION_FIELD("layers", FIELD_REQUIRED, "from the input to the output"),
    {.key = NULL},
};

const struct field LAYER_FIELDS[] = {
    {.key = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_DERIVED | FIELD_NULLABLE,
     FIELD_AT(struct layer_choice, name),
     .default_text = "none",
     .help = "serves in paths and messages; letters, digits, '_', '-'"},
    {.key = "weight_init",
     .type = FIELD_SECTION,
     .flags = FIELD_DERIVED,
     .default_text = "none",
     .help = "draws the weights again, once all layers have drawn"},
    {.key = "bias_init",
     .type = FIELD_SECTION,
     .flags = FIELD_DERIVED,
     .default_text = "none",
     .help = "the same of biases, by the same kinds"},
    {.key = NULL},
};

static const char *const NUMERICS_WORDS[] = {
    [NUMERICS_PORTABLE] = "portable", [NUMERICS_FAST] = "fast", NULL};

static const struct field TRAIN_FIELDS[] = {
    SECTION_FIELD("loss", FIELD_REQUIRED, "what is made small"),
    SECTION_FIELD("optimizer", FIELD_REQUIRED, "how weights are updated"),
    SECTION_FIELD("lr_schedule", 0, "how lr changes, stepped once an update"),
    {.key = "clip_grad_norm",
     .type = FIELD_NUMBER,
     .flags = FIELD_NULLABLE | FIELD_POSITIVE,
     FIELD_OPTIONAL_AT(struct config, training.clip_grad_norm),
     .default_text = "null",
     FIELD_AT_LEAST(0),
     .help = "largest norm of all gradients together"},
    {.key = "batch_size",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_RANGE,
     FIELD_AT(struct config, training.batch_size),
     FIELD_BETWEEN(1, 1e9),
     .unit = "rows",
     .help = "rows of a mini-batch"},
    {.key = "shuffle",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct config, training.shuffle),
     .default_text = "true",
     .help = "a new order of the training rows every epoch"},
    {.key = "drop_last",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct config, training.drop_last),
     .default_text = "false",
     .help = "leave out an epoch's last batch where it is not full"},
    {.key = "steps",
     .type = FIELD_INTEGER,
     .flags = FIELD_DERIVED | FIELD_RANGE,
     FIELD_OPTIONAL_AT(struct config, training.steps),
     .default_text = "epochs",
     FIELD_BETWEEN(1, UPDATES_LIMIT),
     .unit = "updates",
     .help = "length of the run; this or epochs"},
    {.key = "epochs",
     .type = FIELD_INTEGER,
     .flags = FIELD_DERIVED | FIELD_RANGE,
     FIELD_OPTIONAL_AT(struct config, training.epochs),
     .default_text = "steps",
     FIELD_BETWEEN(1, 1e6),
     .unit = "epochs",
     .help = "length of the run; this or steps"},
    SEED_FIELD(train_seed, "replaces seed for shuffling"),
    SECTION_FIELD("early_stopping", 0, "ends a run that no longer improves"),
    {.key = "checkpoint_every",
     .type = FIELD_INTEGER,
     .flags = FIELD_NULLABLE | FIELD_RANGE,
     FIELD_OPTIONAL_AT(struct config, checkpoint_every),
     .default_text = "null",
     FIELD_BETWEEN(1, UPDATES_LIMIT),
     .unit = "updates",
     .help = "how often a run's state is kept, to go on from if it is stopped"},
    {.key = "numerics",
     .type = FIELD_WORD,
     FIELD_AT(struct config, training.numerics),
     .default_text = "portable",
     .words = NUMERICS_WORDS,
     .help = "portable: the same bits on every machine; fast: products by "
             "OpenBLAS, the same bits on the same machine and build"},
    {.key = NULL},
};

static const struct field EARLY_STOPPING_FIELDS[] = {
    SECTION_FIELD("metric", FIELD_REQUIRED, "what is watched: PART.METRIC"),
    {.key = "patience",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_RANGE,
     FIELD_AT(struct early_stopping, patience),
     FIELD_BETWEEN(1, UPDATES_LIMIT),
     .unit = "history rows",
     .help = "rows without a better value after which the run ends"},
    {.key = "min_delta",
     .type = FIELD_NUMBER,
     .flags = FIELD_NOT_NEGATIVE,
     FIELD_AT(struct early_stopping, min_delta),
     .default_text = "0.0",
     FIELD_AT_LEAST(0),
     .help = "better means by more than this"},
    {.key = "restore_best",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct early_stopping, restore_best),
     .default_text = "false",
     .help = "put the best row's weights back at the end"},
    {.key = NULL},
};

static const struct field EVALUATE_FIELDS[] = {
    {.key = "every",
     .type = FIELD_INTEGER,
     .flags = FIELD_DERIVED | FIELD_RANGE,
     FIELD_OPTIONAL_AT(struct config, training.evaluate_every),
     .default_text = "a twentieth of the run, rounded up",
     FIELD_BETWEEN(1, UPDATES_LIMIT),
     .unit = "updates",
     .help = "updates between two rows of history.csv"},
    SECTION_FIELD("metrics", 0, "further columns of history.csv: PART.METRIC"),
    {.key = NULL},
};

/* In the order of OUTPUT_FOLDERS, OUTPUT_PACKED. */
static const char *const RUNS_WORDS[] = {"folders", "packed", NULL};

static const struct field OUTPUT_FIELDS[] = {
    {.key = "dir",
     .type = FIELD_TEXT,
     FIELD_AT(struct config, output.dir),
     .default_text = "experiments",
     .help = "folder of all results, relative to the working directory"},
    {.key = "weights",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct config, output.weights),
     .default_text = "true",
     .help = "write weights.safetensors"},
    {.key = "predictions",
     .type = FIELD_BOOLEAN,
     FIELD_AT(struct config, output.predictions),
     .default_text = "false",
     .help = "write predictions.csv, of the test part"},
    {.key = "runs",
     .type = FIELD_WORD,
     FIELD_AT(struct config, output.runs),
     .default_text = "folders",
     .words = RUNS_WORDS,
     .help = "a folder each, or packed: 4,096 in two files, for large sweeps"},
    {.key = NULL},
};

/* ------------------------------------------------------------------ insides */

/* A map whose fields stand in struct config itself. */
#define MAP_OF(where, word, inside)                                            \
    { .table = where, .key = word, .shape = SECTION_MAP, .fields = inside }

static const struct section SECTIONS[] = {
    MAP_OF(TOP_FIELDS, "data", DATA_FIELDS),
    MAP_OF(TOP_FIELDS, "model", MODEL_FIELDS),
    MAP_OF(TOP_FIELDS, "train", TRAIN_FIELDS),
    MAP_OF(TOP_FIELDS, "evaluate", EVALUATE_FIELDS),
    MAP_OF(TOP_FIELDS, "output", OUTPUT_FIELDS),
    {.table = DATA_FIELDS,
     .key = "source",
     .shape = SECTION_CHOICE,
     .family = &SOURCE_FAMILY,
     .offset = offsetof(struct config, data.source)},
    {.table = DATA_FIELDS,
     .key = "split",
     .shape = SECTION_MAP,
     .fields = SPLIT_FIELDS,
     .offset = offsetof(struct config, data.split)},
    {.table = DATA_FIELDS,
     .key = "preprocess",
     .shape = SECTION_MAP,
     .fields = PREPROCESS_FIELDS,
     .list_key = "features"},
    {.table = PREPROCESS_FIELDS,
     .key = "features",
     .shape = SECTION_CHOICES,
     .family = &SCALER_FAMILY,
     .offset = offsetof(struct config, data.feature_scalers),
     .count_offset = offsetof(struct config, data.feature_scaler_count)},
    {.table = PREPROCESS_FIELDS,
     .key = "targets",
     .shape = SECTION_CHOICES,
     .family = &SCALER_FAMILY,
     .offset = offsetof(struct config, data.target_scalers),
     .count_offset = offsetof(struct config, data.target_scaler_count)},
    {.key = "features",
     .shape = SECTION_MAP,
     .fields = TABLE_FIELDS,
     .offset = offsetof(struct table_source_options, features)},
    {.key = "targets",
     .shape = SECTION_MAP,
     .fields = TABLE_FIELDS,
     .offset = offsetof(struct table_source_options, targets)},
    {.table = TABLE_FIELDS,
     .key = "columns",
     .shape = SECTION_COLUMNS,
     .fields = COLUMNS_FIELDS,
     .is_optional = true},
    {.table = MODEL_FIELDS,
     .key = "layers",
     .shape = SECTION_LAYERS,
     .family = &LAYER_FAMILY,
     .offset = offsetof(struct config, layers),
     .count_offset = offsetof(struct config, layer_count),
     .least = 1},
    {.table = LAYER_FIELDS,
     .key = "weight_init",
     .shape = SECTION_CHOICE,
     .family = &INITIALIZER_FAMILY,
     .offset = offsetof(struct layer_choice, weight_init),
     .is_optional = true},
    {.table = LAYER_FIELDS,
     .key = "bias_init",
     .shape = SECTION_CHOICE,
     .family = &INITIALIZER_FAMILY,
     .offset = offsetof(struct layer_choice, bias_init),
     .is_optional = true},
    /* residual */
    {.key = "layers",
     .shape = SECTION_LAYERS,
     .family = &LAYER_FAMILY,
     .offset = offsetof(struct residual_options, layers),
     .count_offset = offsetof(struct residual_options, layer_count),
     .least = 1},
    {.table = TRAIN_FIELDS,
     .key = "loss",
     .shape = SECTION_CHOICE,
     .family = &LOSS_FAMILY,
     .offset = offsetof(struct config, training.loss)},
    {.table = TRAIN_FIELDS,
     .key = "optimizer",
     .shape = SECTION_CHOICE,
     .family = &OPTIMIZER_FAMILY,
     .offset = offsetof(struct config, training.optimizer)},
    {.table = TRAIN_FIELDS,
     .key = "lr_schedule",
     .shape = SECTION_CHOICE,
     .family = &SCHEDULE_FAMILY,
     .offset = offsetof(struct config, training.schedule),
     .is_optional = true},
    {.table = TRAIN_FIELDS,
     .key = "early_stopping",
     .shape = SECTION_MAP,
     .fields = EARLY_STOPPING_FIELDS,
     .offset = offsetof(struct config, training.early_stopping),
     .is_optional = true,
     .present_offset = offsetof(struct config, training.has_early_stopping)},
    {.table = EARLY_STOPPING_FIELDS,
     .key = "metric",
     .shape = SECTION_METRIC,
     .offset = offsetof(struct early_stopping, metric)},
    {.table = EVALUATE_FIELDS,
     .key = "metrics",
     .shape = SECTION_METRICS,
     .offset = offsetof(struct config, training.history_metrics),
     .count_offset = offsetof(struct config, training.history_metric_count)},
};

enum { SECTION_COUNT = sizeof SECTIONS / sizeof *SECTIONS };

const struct section *section_of(const struct field *table,
                                 const struct field *field) {
    const struct section *in_kind = NULL;
    for (const struct section *row = SECTIONS; row < SECTIONS + SECTION_COUNT;
         row++) {
        bool is_meant = row->table == table || (!row->table && !in_kind);
        if (!is_meant || strcmp(row->key, field->key) != 0)
            continue;
        if (row->table)
            return row;
        in_kind = row;
    }
    assert(in_kind && "a section without a row");
    return in_kind;
}

/* ------------------------------------------------------------------- places */

static bool kinds_have(const struct kind_family *family, const char *key) {
    for (size_t i = 0; family->kinds[i]; i++)
        if (field_find(family->kinds[i]->fields, key))
            return true;
    return false;
}

/* Options of kinds that stand in a section each; words of other libraries for
 * `lr` are taken for it. */
static const char *kind_with_key(const char *key) {
    static const char *const LR[] = {"lr", NULL};
    static const struct {
        const char *where;
        const struct kind_family *family;
    } PLACES[] = {
        {"to 'train.optimizer'", &OPTIMIZER_FAMILY},
        {"to 'train.lr_schedule'", &SCHEDULE_FAMILY},
        {"to 'train.loss'", &LOSS_FAMILY},
        {"to 'data.source'", &SOURCE_FAMILY},
        {"to a layer", &LAYER_FAMILY},
    };
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++)
        if (kinds_have(PLACES[i].family, key))
            return PLACES[i].where;
    return names_nearest(key, LR) ? "to 'train.optimizer', as 'lr'" : NULL;
}

const char *section_with_key(const char *key) {
    static const struct {
        const char *where;
        const struct field *fields;
    } PLACES[] = {
        {"at the top", TOP_FIELDS},
        {"to 'train'", TRAIN_FIELDS},
        {"to 'data'", DATA_FIELDS},
        {"to 'model'", MODEL_FIELDS},
        {"to 'data.split'", SPLIT_FIELDS},
        {"to 'evaluate'", EVALUATE_FIELDS},
        {"to 'output'", OUTPUT_FIELDS},
        {"to 'train.early_stopping'", EARLY_STOPPING_FIELDS},
        {"to a layer", LAYER_FIELDS},
    };
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++)
        if (field_find(PLACES[i].fields, key))
            return PLACES[i].where;
    return kind_with_key(key);
}

bool field_is_recorded(const struct field *table, const struct field *field,
                       bool canonical) {
    static const struct {
        const struct field *table;
        const char *key;
        bool only_canonical;
    } OMISSIONS[] = {
        {OUTPUT_FIELDS, "dir", false},
        {OUTPUT_FIELDS, "runs", false},
        {TRAIN_FIELDS, "checkpoint_every", false},
        {TOP_FIELDS, "name", true},
        {TOP_FIELDS, "description", true},
        {TOP_FIELDS, "output", true},
    };
    for (size_t i = 0; i < sizeof OMISSIONS / sizeof *OMISSIONS; i++)
        if (OMISSIONS[i].table == table &&
            strcmp(OMISSIONS[i].key, field->key) == 0)
            return OMISSIONS[i].only_canonical && !canonical;
    return true;
}
