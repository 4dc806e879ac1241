#include "runner/store/packed_files.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/config/tree.h"
#include "runner/config/yaml_writer.h"

/* A config's JSON is YAML. */
static bool write_config(struct json_slice config, struct text *out) {
    struct problems problems = {0};
    struct tree tree;
    tree_read_text(&tree, "config", config.bytes, config.length, &problems);
    bool good = problems.count == 0 && tree.root;
    if (good)
        yaml_write(tree.root, out);
    tree_release(&tree);
    problems_release(&problems);
    return good;
}

/* A number as it stands; of null nothing. */
static void write_cell(struct json_slice value, struct text *out) {
    if (!json_slice_is(value, "null"))
        text_append(out, value.bytes, value.length);
}

static bool write_part(struct json_slice part, struct json_slice metrics,
                       struct text *out) {
    struct json_walk walk;
    struct json_slice name, value;
    if (!json_walk_begin(&walk, metrics))
        return false;
    while (json_walk_next(&walk, &name, &value)) {
        text_print(out, "%.*s,%.*s,", (int)part.length, part.bytes,
                   (int)name.length, name.bytes);
        write_cell(value, out);
        text_add_char(out, '\n');
    }
    return walk.is_whole;
}

static bool write_metrics(struct json_slice parts, struct text *out) {
    struct json_walk walk;
    struct json_slice part, metrics;
    text_add(out, "part,metric,value\n");
    if (!json_walk_begin(&walk, parts))
        return false;
    while (json_walk_next(&walk, &part, &metrics))
        if (!write_part(part, metrics, out))
            return false;
    return walk.is_whole;
}

/* ----------------------------------------------------------------- history */

struct columns {
    struct json_walk *walks;
    size_t count, capacity;
};

static bool begin_columns(struct json_slice history, struct columns *columns,
                          struct text *out) {
    struct json_walk walk;
    struct json_slice name, list;
    if (!json_walk_begin(&walk, history))
        return false;
    while (json_walk_next(&walk, &name, &list)) {
        memory_grow(&columns->walks, columns->count, &columns->capacity,
                    sizeof *columns->walks);
        if (!json_walk_begin(&columns->walks[columns->count], list))
            return false;
        text_add(out, columns->count++ ? "," : "");
        text_append(out, name.bytes, name.length);
    }
    text_add_char(out, '\n');
    return walk.is_whole && columns->count > 0;
}

/* False at the end of the columns. */
static bool write_row(const struct columns *columns, struct text *out) {
    struct json_slice key, value;
    for (size_t i = 0; i < columns->count; i++) {
        if (!json_walk_next(&columns->walks[i], &key, &value))
            return false;
        text_add(out, i ? "," : "");
        write_cell(value, out);
    }
    text_add_char(out, '\n');
    return true;
}

static bool write_history(struct json_slice history, struct text *out) {
    struct columns columns = {0};
    bool good = begin_columns(history, &columns, out);
    while (good && write_row(&columns, out))
        continue;
    good = good && columns.walks[0].is_whole;
    free(columns.walks);
    return good;
}

/* ------------------------------------------------------------------- files */

bool packed_file_write(struct json_slice record, const char *name,
                       struct text *out) {
    static const struct {
        const char *name, *member;
        bool (*write)(struct json_slice member, struct text *out);
    } ROWS[] = {
        {"config.yaml", "config", write_config},
        {"metrics.csv", "metrics", write_metrics},
        {"history.csv", "history", write_history},
    };
    struct json_slice member;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        if (strcmp(name, ROWS[i].name) == 0)
            return json_slice_member(record, ROWS[i].member, &member) &&
                   ROWS[i].write(member, out);
    return false;
}
