#include "runner/config/catalog.h"

#include <string.h>

#include "engine/nn/initializer.h"
#include "runner/config/config_document.h"
#include "runner/config/describe.h"
#include "runner/config/sections.h"
#include "runner/config/sweep_fields.h"
#include "runner/config/yaml_writer.h"

const struct kind_family *const CATALOG[] = {
    &SOURCE_FAMILY,      &SCALER_FAMILY,       &LAYER_FAMILY,
    &INITIALIZER_FAMILY, &LOSS_FAMILY,         &OPTIMIZER_FAMILY,
    &SCHEDULE_FAMILY,    &DISTRIBUTION_FAMILY, NULL,
};

typedef void visitor(const char *path, const struct field *field, void *data);

static void walk(const char *prefix, const struct field *fields, visitor *visit,
                 void *data) {
    for (const struct field *field = fields; field->key; field++) {
        struct text path = TEXT_INIT;
        text_print(&path, "%s%s%s", prefix, *prefix ? "." : "", field->key);
        const struct section *section =
            field->type == FIELD_SECTION ? section_of(fields, field) : NULL;
        bool is_map = section && section->shape == SECTION_MAP;
        if (is_map)
            walk(text_string(&path), section->fields, visit, data);
        else
            visit(text_string(&path), field, data);
        text_release(&path);
    }
}

static void walk_sweep(const struct field *fields, visitor *visit, void *data) {
    for (const struct field *field = fields; field->key; field++) {
        struct text path = TEXT_INIT;
        text_print(&path, CATALOG_SWEEP ".%s", field->key);
        visit(text_string(&path), field, data);
        text_release(&path);
    }
}

void catalog_walk(visitor *visit, void *data) {
    walk("", TOP_FIELDS, visit, data);
    walk_sweep(SWEEP_VALUES, visit, data);
    walk_sweep(SWEEP_SECTIONS, visit, data);
}

bool catalog_is_under(const char *path, const char *section) {
    size_t length = strlen(section);
    return length && strncmp(path, section, length) == 0 &&
           (path[length] == '\0' || path[length] == '.');
}

void catalog_tasks(const struct metric_kind *metric, struct text *out) {
    static const char *const NAMES[METRIC_TASKS] = {
        [TASK_BINARY] = "binary",
        [TASK_CLASSES] = "classes",
        [TASK_REGRESSION] = "regression",
    };
    size_t before = out->length;
    for (int task = 0; task < METRIC_TASKS; task++)
        if (metric_has_task(metric, (enum task)task))
            text_print(out, "%s%s", out->length > before ? ", " : "",
                       NAMES[task]);
}

void catalog_default(const struct field *field, struct text *out) {
    struct tree tree;
    if (field->flags & FIELD_REQUIRED) {
        text_add(out, "<required>");
    } else if (field->flags & FIELD_DERIVED) {
        text_print(out, "(%s)", field->default_text);
    } else if (field->type == FIELD_SECTION) {
        text_add(out, "(none)");
    } else {
        tree_init(&tree);
        yaml_write_inline(config_default(&tree, field), out);
        tree_release(&tree);
    }
}

void catalog_write_bound(const char *key, double value,
                         struct json_writer *writer) {
    struct text number = TEXT_INIT;
    describe_number(value, &number);
    json_key(writer, key);
    json_raw(writer, text_string(&number));
    text_release(&number);
}
