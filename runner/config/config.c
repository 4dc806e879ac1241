#include "runner/config/config.h"

#include <string.h>

#include "runner/config/config_check.h"
#include "runner/config/config_paths.h"
#include "runner/config/reader.h"
#include "runner/config/tree_memory.h"

/* "configs/a.yaml" is called "a". */
static const char *stem_of(struct tree *tree) {
    const struct source *source = tree->root->position.source;
    const char *name = source ? source->name : "";
    const char *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    const char *dot = strrchr(name, '.');
    size_t length = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    return tree_string(tree, name, length);
}

/* What can be said of the data before a file is opened. */
static void check_data(const struct config *config, struct problems *problems) {
    struct status status = STATUS_INIT;
    if (data_options_check(&config->data, &status) == STATUS_OK)
        return;
    status_prefix_key(&status, "data");
    config_blame(config, &status, problems);
}

static void read_all(struct config *config, const struct data_places *places,
                     struct problems *problems) {
    struct reader reader = {&config->tree, problems};
    const struct node *root = config->tree.root;
    struct place top = {.position = root->position};
    struct known_keys known = {.tables = {TOP_FIELDS}};
    size_t before = problems->count;
    read_check_keys(&reader, &top, &known, root);
    read_fields(&reader, &top, &known, TOP_FIELDS, config, root);
    config->data.drop_missing = config->missing != 0;
    if (!config->name && !node_member(root, "name"))
        config->name = stem_of(&config->tree);
    config_cross_check(config, &reader);
    if (!problems_concern(problems, before, "data.source"))
        config_resolve_paths(config, places, problems);
    if (config->data.source.kind && !problems_concern(problems, before, "data"))
        check_data(config, problems);
}

void config_init(struct config *config, struct tree *tree,
                 const struct data_places *places, struct problems *problems) {
    *config = (struct config){.tree = *tree};
    *tree = (struct tree){0};
    if (config->tree.root)
        read_all(config, places ? places : &(struct data_places){0}, problems);
}

void config_release(struct config *config) {
    tree_release(&config->tree);
    *config = (struct config){0};
}

void config_blame(const struct config *config, const struct status *status,
                  struct problems *problems) {
    bool found;
    struct position position = {0};
    if (*status->key && config->tree.root)
        position = node_at(config->tree.root, status->key, &found)->position;
    problems_add_path(problems, status->code, position, status->key, "%s",
                      status->message);
}

static uint32_t seed_or(struct field_optional_integer given, int64_t seed) {
    return (uint32_t)(given.present ? given.value : seed);
}

uint32_t config_model_seed(const struct config *config) {
    return seed_or(config->model_seed, config->seed);
}

uint32_t config_train_seed(const struct config *config) {
    return seed_or(config->train_seed, config->seed);
}

struct run config_run(const struct config *config,
                      const struct network *network,
                      const struct dataset *data) {
    return (struct run){
        .training = &config->training,
        .network = network,
        .data = data,
        .model_seed = config_model_seed(config),
        .train_seed = config_train_seed(config),
    };
}
