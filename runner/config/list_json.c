/* `runner list --json`: {FAMILY: [{name, help, options: […]}, …], …}. */

#include <string.h>

#include "runner/config/catalog.h"
#include "runner/config/config_document.h"

static const char *const TYPE_NAMES[] = {
    [FIELD_BOOLEAN] = "boolean",   [FIELD_INTEGER] = "integer",
    [FIELD_NUMBER] = "number",     [FIELD_WORD] = "word",
    [FIELD_TEXT] = "text",         [FIELD_NUMBERS] = "numbers",
    [FIELD_INTEGERS] = "integers", [FIELD_TEXTS] = "texts",
    [FIELD_SHARE] = "share",       [FIELD_SECTION] = "section",
    [FIELD_POINTS] = "points",     [FIELD_SIZES] = "sizes",
};

static void write_default(const struct field *field,
                          struct json_writer *writer) {
    struct tree tree;
    if (field->flags & FIELD_DERIVED) {
        json_key(writer, "follows_from");
        json_string(writer, field->default_text);
    }
    if (field->flags & (FIELD_REQUIRED | FIELD_DERIVED) ||
        field->type == FIELD_SECTION)
        return;
    tree_init(&tree);
    json_key(writer, "default");
    node_write_json(config_default(&tree, field), writer);
    tree_release(&tree);
}

static void write_range(const struct field *field, struct json_writer *writer) {
    if (field->flags & FIELD_HAS_MINIMUM)
        catalog_write_bound(field->flags & FIELD_MINIMUM_OPEN ? "above"
                                                              : "minimum",
                            field->minimum, writer);
    if (field->flags & FIELD_HAS_MAXIMUM)
        catalog_write_bound(field->flags & FIELD_MAXIMUM_OPEN ? "below"
                                                              : "maximum",
                            field->maximum, writer);
}

static void write_words(const char *const *words, struct json_writer *writer) {
    json_key(writer, "words");
    json_begin_array(writer);
    for (; *words; words++)
        json_string(writer, *words);
    json_end_array(writer);
}

static void write_option(const char *key, const struct field *field,
                         struct json_writer *writer) {
    json_begin_object(writer);
    json_key(writer, "key");
    json_string(writer, key);
    json_key(writer, "type");
    json_string(writer, TYPE_NAMES[field->type]);
    if (field->list) {
        json_key(writer, "or");
        json_string(writer, TYPE_NAMES[field->list->type]);
    }
    json_key(writer, "required");
    json_boolean(writer, field->flags & FIELD_REQUIRED);
    write_default(field, writer);
    write_range(field, writer);
    if (field->words)
        write_words(field->words, writer);
    if (field->unit) {
        json_key(writer, "unit");
        json_string(writer, field->unit);
    }
    json_key(writer, "help");
    json_string(writer, field->help);
    json_end_object(writer);
}

static void write_head(const char *name, const char *help,
                       struct json_writer *writer) {
    json_begin_object(writer);
    json_key(writer, "name");
    json_string(writer, name);
    json_key(writer, "help");
    json_string(writer, help);
}

static void write_kind(const struct kind *kind, struct json_writer *writer) {
    write_head(kind->name, kind->help, writer);
    json_key(writer, "options");
    json_begin_array(writer);
    for (const struct field *field = kind->fields; field && field->key; field++)
        write_option(field->key, field, writer);
    json_end_array(writer);
    json_end_object(writer);
}

static void write_metric(const struct metric_kind *metric,
                         struct json_writer *writer) {
    struct text tasks = TEXT_INIT;
    catalog_tasks(metric, &tasks);
    write_head(metric->name, metric->help, writer);
    json_key(writer, "tasks");
    json_string(writer, text_string(&tasks));
    json_key(writer, "higher_is_better");
    json_boolean(writer, metric->higher_is_better);
    json_end_object(writer);
    text_release(&tasks);
}

static bool is_wanted(const char *name, const char *wanted) {
    return !wanted || strcmp(name, wanted) == 0;
}

/* A family asked for is written whole; a kind asked for, alone. */
static void write_family(const struct kind_family *family, const char *wanted,
                         struct json_writer *writer) {
    bool whole = is_wanted(family->name, wanted);
    if (!whole && !kind_find(family, wanted))
        return;
    json_key(writer, family->name);
    json_begin_array(writer);
    for (size_t i = 0; family->kinds[i]; i++)
        if (whole || is_wanted(family->kinds[i]->name, wanted))
            write_kind(family->kinds[i], writer);
    json_end_array(writer);
}

static void write_metrics(const char *wanted, struct json_writer *writer) {
    bool whole = is_wanted(CATALOG_METRICS, wanted);
    if (!whole && !metric_find(wanted))
        return;
    json_key(writer, CATALOG_METRICS);
    json_begin_array(writer);
    for (const struct metric_kind *metric = METRICS; metric->name; metric++)
        if (whole || is_wanted(metric->name, wanted))
            write_metric(metric, writer);
    json_end_array(writer);
}

/* The keys of a config: all, or those of a section. */
struct key_list {
    struct json_writer *writer;
    const char *section;
    bool begun;
};

static void write_key(const char *path, const struct field *field, void *data) {
    struct key_list *list = data;
    if (list->section && !catalog_is_under(path, list->section))
        return;
    if (!list->begun) {
        json_key(list->writer, CATALOG_CONFIG);
        json_begin_array(list->writer);
    }
    list->begun = true;
    write_option(path, field, list->writer);
}

static void write_config(const char *wanted, struct json_writer *writer) {
    bool whole = is_wanted(CATALOG_CONFIG, wanted);
    struct key_list list = {.writer = writer, .section = whole ? NULL : wanted};
    catalog_walk(write_key, &list);
    if (list.begun)
        json_end_array(writer);
}

void list_print_json(const char *family, struct text *out) {
    struct json_writer writer = json_writer_new(out, 1);
    json_begin_object(&writer);
    for (size_t i = 0; CATALOG[i]; i++)
        write_family(CATALOG[i], family, &writer);
    write_metrics(family, &writer);
    write_config(family, &writer);
    json_end_object(&writer);
    text_add_char(out, '\n');
}
