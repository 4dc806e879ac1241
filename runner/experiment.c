#include "runner/experiment.h"

#include <stdio.h>
#include <string.h>

static void read_config(struct experiment *experiment, char *const *overrides,
                        size_t override_count, const char *data_folder,
                        struct problems *problems) {
    struct tree tree;
    tree_read(&tree, experiment->path, problems);
    for (size_t i = 0; tree.root && i < override_count; i++)
        tree_override(&tree, overrides[i], problems);
    config_init(&experiment->config, &tree, data_folder, problems);
}

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

/* Turns a failed step's status into a problem at the line that caused it. */
static bool passed(enum status_code code, const char *section,
                   const struct experiment *experiment, struct status *status,
                   struct problems *problems) {
    if (code == STATUS_OK)
        return true;
    add_hint(status);
    if (section)
        status_prefix_key(status, section);
    config_blame(&experiment->config, status, problems);
    return false;
}

static struct shape sample_shape(const struct dataset *data) {
    return (struct shape){.rank = 1, .size = {(int64_t)data->columns}};
}

static void load_parts(struct experiment *experiment,
                       struct problems *problems) {
    struct status status = STATUS_INIT;
    const struct config *config = &experiment->config;
    if (!passed(dataset_init(&experiment->data, &config->data, &status), "data",
                experiment, &status, problems) ||
        !passed(network_init(&experiment->network, config->layers,
                             config->layer_count,
                             sample_shape(&experiment->data), &status),
                "model", experiment, &status, problems))
        return;
    experiment->run =
        config_run(config, &experiment->network, &experiment->data);
    passed(run_check(&experiment->run, &status), NULL, experiment, &status,
           problems);
}

void experiment_init(struct experiment *experiment, const char *path,
                     char *const *overrides, size_t override_count,
                     const char *data_folder, struct problems *problems) {
    size_t before = problems->count;
    *experiment = (struct experiment){.path = path};
    read_config(experiment, overrides, override_count, data_folder, problems);
    if (problems->count == before)
        load_parts(experiment, problems);
}

void experiment_release(struct experiment *experiment) {
    network_release(&experiment->network);
    dataset_release(&experiment->data);
    config_release(&experiment->config);
}

enum status_code experiment_complain(struct problems *problems, bool json) {
    struct text text = TEXT_INIT;
    enum status_code code = problems_code(problems);
    if (json) {
        problems_print_json(problems, &text);
        code = status_worse(code, print_out(&text));
    } else {
        problems_print(problems, &text);
        fwrite(text_string(&text), 1, text.length, stderr);
    }
    text_release(&text);
    return code;
}
