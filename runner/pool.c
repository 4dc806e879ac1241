#include "runner/pool.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/config/config_document.h"
#include "runner/examine.h"

/* Its section, and which files that means. */
char *pool_key(const struct config *config) {
    struct config_document document = {.config = config, .only = "data"};
    struct text text = TEXT_INIT;
    struct json_writer writer = json_writer_new(&text, 0);
    config_document_build(&document);
    node_write_json(node_member(document.tree.root, "data"), &writer);
    tree_release(&document.tree);
    for (size_t i = 0; i < config->path_count; i++)
        text_print(&text, "\n%s", config->paths[i].opened);
    return text_take(&text);
}

static size_t find_data(const struct pool *pool, const char *key) {
    size_t i = 0;
    while (i < pool->data_count && strcmp(pool->data[i].key, key) != 0)
        i++;
    return i;
}

/* Takes the experiment's own data over. */
static void share_data(struct pool *pool, struct experiment *experiment,
                       char *key) {
    memory_grow(&pool->data, pool->data_count, &pool->data_capacity,
                sizeof *pool->data);
    struct pool_data *shared = &pool->data[pool->data_count++];
    *shared = (struct pool_data){
        .key = key, .data = memory_zeroed(1, sizeof *shared->data)};
    *shared->data = experiment->own_data;
    experiment->own_data = (struct dataset){0};
    experiment->data = experiment->run.data = shared->data;
}

bool pool_share(const struct pool *pool, const char *key,
                struct experiment *experiment, size_t *data) {
    *data = find_data(pool, key);
    if (*data == pool->data_count)
        return false;
    experiment->data = pool->data[*data].data;
    return true;
}

size_t pool_load(struct pool *pool, struct experiment *experiment,
                 struct problems *problems) {
    char *key = problems->count ? NULL : pool_key(&experiment->config);
    size_t data = pool->data_count;
    if (key)
        pool_share(pool, key, experiment, &data);
    examine(experiment, 0, problems);
    if (problems->count == 0 && data == pool->data_count)
        share_data(pool, experiment, key);
    else
        free(key);
    return data;
}

/* The group's number, or the groups' count if there is none yet. */
static size_t find_group(const struct pool *pool, const struct run *run) {
    size_t group = 0;
    while (group < pool->group_count &&
           !run_alike(&pool->groups[group].first->run, run))
        group++;
    return group;
}

struct experiment *pool_enter(struct pool *pool, struct experiment *experiment,
                              uint32_t *group) {
    size_t found = find_group(pool, &experiment->run);
    if (found == pool->group_count) {
        memory_grow(&pool->groups, pool->group_count, &pool->group_capacity,
                    sizeof *pool->groups);
        pool->groups[pool->group_count++] = (struct pool_group){experiment, 0};
        experiment = NULL;
    }
    pool->groups[found].runs++;
    *group = (uint32_t)found;
    return experiment;
}

void pool_release(struct pool *pool) {
    for (size_t i = 0; i < pool->group_count; i++) {
        experiment_release(pool->groups[i].first);
        free(pool->groups[i].first);
    }
    for (size_t i = 0; i < pool->data_count; i++) {
        dataset_release(pool->data[i].data);
        free(pool->data[i].data);
        free(pool->data[i].key);
    }
    free(pool->groups);
    free(pool->data);
    *pool = (struct pool){0};
}
