/* `runner schema`: a JSON Schema (2020-12) of a config, for editors.
 *
 * A config that extends another need not say everything: keys are required, and
 * kinds told, only where `extends` is absent. Hence two definitions of the same
 * shape, "complete" and "partial". */

#include <string.h>

#include "engine/nn/initializer.h"
#include "runner/config/catalog.h"
#include "runner/config/config_document.h"
#include "runner/config/schema_parts.h"
#include "runner/config/sections.h"

static void write_string(struct schema *schema, const char *key,
                         const char *value) {
    json_key(&schema->json, key);
    json_string(&schema->json, value);
}

static void write_count(struct schema *schema, const char *key, size_t count) {
    if (count == 0)
        return;
    json_key(&schema->json, key);
    json_integer(&schema->json, (int64_t)count);
}

static void begin_object(struct schema *schema, const char *key) {
    if (key)
        json_key(&schema->json, key);
    json_begin_object(&schema->json);
}

static void begin_array(struct schema *schema, const char *key) {
    json_key(&schema->json, key);
    json_begin_array(&schema->json);
}

/* ------------------------------------------------------------------ values */

static void write_description(struct schema *schema,
                              const struct field *field) {
    struct text says = TEXT_INIT;
    text_add(&says, field->help);
    if (field->unit)
        text_print(&says, " (%s)", field->unit);
    if (field->flags & FIELD_DERIVED)
        text_print(&says, "; default: %s", field->default_text);
    write_string(schema, "description", text_string(&says));
    text_release(&says);
    if (field->type == FIELD_SECTION ||
        field->flags & (FIELD_DERIVED | FIELD_REQUIRED))
        return;
    struct tree tree;
    tree_init(&tree);
    json_key(&schema->json, "default");
    node_write_json(config_default(&tree, field), &schema->json);
    tree_release(&tree);
}

static void write_bounds(struct schema *schema, const struct field *field) {
    bool low_open = field->flags & FIELD_MINIMUM_OPEN;
    bool high_open = field->flags & FIELD_MAXIMUM_OPEN;
    if (field->flags & FIELD_HAS_MINIMUM)
        catalog_write_bound(low_open ? "exclusiveMinimum" : "minimum",
                            field->minimum, &schema->json);
    if (field->flags & FIELD_HAS_MAXIMUM)
        catalog_write_bound(high_open ? "exclusiveMaximum" : "maximum",
                            field->maximum, &schema->json);
}

static void write_types(struct schema *schema, bool nullable,
                        const char *type) {
    if (!nullable) {
        write_string(schema, "type", type);
        return;
    }
    begin_array(schema, "type");
    json_string(&schema->json, type);
    json_string(&schema->json, "null");
    json_end_array(&schema->json);
}

static void write_words(struct schema *schema, const struct field *field) {
    begin_array(schema, "enum");
    for (const char *const *word = field->words; *word; word++)
        json_string(&schema->json, *word);
    if (field->flags & FIELD_NULLABLE)
        json_null(&schema->json);
    json_end_array(&schema->json);
}

static void write_share(struct schema *schema, bool nullable) {
    begin_array(schema, "anyOf");
    json_raw(&schema->json, "{\"type\": \"integer\", \"minimum\": 1}");
    json_raw(&schema->json, "{\"type\": \"number\", \"exclusiveMinimum\": 0, "
                            "\"exclusiveMaximum\": 1}");
    if (nullable)
        json_raw(&schema->json, "{\"type\": \"null\"}");
    json_end_array(&schema->json);
}

static void write_list(struct schema *schema, const struct field *field) {
    write_types(schema, field->flags & FIELD_NULLABLE, "array");
    begin_object(schema, "items");
    write_string(schema, "type",
                 field->type == FIELD_NUMBERS    ? "number"
                 : field->type == FIELD_INTEGERS ? "integer"
                                                 : "string");
    write_bounds(schema, field);
    json_end_object(&schema->json);
    write_count(schema, "minItems", field->least);
    write_count(schema, "maxItems", field->most);
}

static void write_points(struct schema *schema, const struct field *field) {
    write_string(schema, "type", "array");
    write_count(schema, "minItems", field->least);
    json_key(&schema->json, "items");
    json_raw(&schema->json, "{\"type\": \"array\", \"minItems\": 1, "
                            "\"items\": {\"type\": \"number\"}}");
}

/* A number, a list of one an axis, a word. */
static void write_sizes(struct schema *schema, const struct field *field) {
    begin_array(schema, "anyOf");
    begin_object(schema, NULL);
    write_string(schema, "type", "integer");
    write_bounds(schema, field);
    json_end_object(&schema->json);
    begin_object(schema, NULL);
    write_string(schema, "type", "array");
    begin_object(schema, "items");
    write_string(schema, "type", "integer");
    write_bounds(schema, field);
    json_end_object(&schema->json);
    write_count(schema, "minItems", field->most);
    write_count(schema, "maxItems", field->most);
    json_end_object(&schema->json);
    if (field->words) {
        begin_object(schema, NULL);
        write_words(schema, field);
        json_end_object(&schema->json);
    }
    json_end_array(&schema->json);
}

/* Grammars that the tables do not hold. */
static void write_pattern(struct schema *schema, const struct field *fields,
                          const struct field *field) {
    if (strcmp(field->key, "name") != 0)
        return;
    write_string(schema, "pattern",
                 fields == LAYER_FIELDS ? "^[A-Za-z_][A-Za-z0-9_-]*$"
                                        : "^[A-Za-z0-9][A-Za-z0-9._-]*$");
    write_count(schema, "maxLength", 100);
}

static void write_one_value(struct schema *schema, const struct field *fields,
                            const struct field *field) {
    bool nullable = field->flags & FIELD_NULLABLE;
    switch (field->type) {
    case FIELD_WORD:
        write_words(schema, field);
        break;
    case FIELD_SHARE:
        write_share(schema, nullable);
        break;
    case FIELD_SIZES:
        write_sizes(schema, field);
        break;
    case FIELD_NUMBERS:
    case FIELD_INTEGERS:
    case FIELD_TEXTS:
        write_list(schema, field);
        break;
    case FIELD_POINTS:
        write_points(schema, field);
        break;
    case FIELD_TEXT:
        write_types(schema, nullable, "string");
        write_count(schema, "minLength", 1);
        write_pattern(schema, fields, field);
        break;
    default:
        write_types(schema, nullable,
                    field->type == FIELD_BOOLEAN   ? "boolean"
                    : field->type == FIELD_INTEGER ? "integer"
                                                   : "number");
        write_bounds(schema, field);
    }
}

static void write_value(struct schema *schema, const struct field *fields,
                        const struct field *field) {
    if (!field->list) {
        write_one_value(schema, fields, field);
        return;
    }
    begin_array(schema, "anyOf");
    begin_object(schema, NULL);
    write_one_value(schema, fields, field);
    json_end_object(&schema->json);
    begin_object(schema, NULL);
    write_one_value(schema, fields, field->list);
    json_end_object(&schema->json);
    json_end_array(&schema->json);
}

/* -------------------------------------------------------------------- maps */

static void write_section(struct schema *schema, const struct section *section);

void schema_write_row(struct schema *schema, const struct field *fields,
                      const struct field *field) {
    begin_object(schema, field->key);
    write_description(schema, field);
    if (field->type == FIELD_SECTION)
        write_section(schema, section_of(fields, field));
    else
        write_value(schema, fields, field);
    json_end_object(&schema->json);
}

static void write_properties(struct schema *schema,
                             const struct field *fields) {
    for (const struct field *field = fields; field && field->key; field++)
        schema_write_row(schema, fields, field);
}

static void write_required(struct schema *schema, const char *first,
                           const struct field *fields) {
    begin_array(schema, "required");
    if (first)
        json_string(&schema->json, first);
    for (const struct field *field = fields;
         schema->complete && field && field->key; field++)
        if (field->flags & FIELD_REQUIRED)
            json_string(&schema->json, field->key);
    json_end_array(&schema->json);
}

/* steps and epochs exclude each other. */
static void write_length(struct schema *schema) {
    if (schema->complete) {
        begin_array(schema, "oneOf");
        json_raw(&schema->json, "{\"required\": [\"steps\"]}");
        json_raw(&schema->json, "{\"required\": [\"epochs\"]}");
        json_end_array(&schema->json);
    } else {
        json_key(&schema->json, "not");
        json_raw(&schema->json, "{\"required\": [\"steps\", \"epochs\"]}");
    }
}

static void write_extends(struct schema *schema) {
    json_key(&schema->json, "extends");
    json_raw(&schema->json,
             "{\"type\": \"string\", \"description\": \"a config that this "
             "one changes, relative to this file\"}");
}

static void write_map(struct schema *schema, const struct field *fields,
                      bool nullable) {
    write_types(schema, nullable, "object");
    begin_object(schema, "properties");
    if (fields == TOP_FIELDS && !schema->complete)
        write_extends(schema);
    write_properties(schema, fields);
    if (fields == TOP_FIELDS) {
        json_key(&schema->json, "sweep");
        json_raw(&schema->json, "{\"$ref\": \"#/$defs/sweep\"}");
    }
    json_end_object(&schema->json);
    write_required(schema, NULL, fields);
    json_key(&schema->json, "additionalProperties");
    json_boolean(&schema->json, false);
    if (field_find(fields, "steps") && field_find(fields, "epochs"))
        write_length(schema);
}

/* ------------------------------------------------------------------- kinds */

static bool needs_options(const struct kind *kind) {
    for (const struct field *field = kind->fields; field && field->key; field++)
        if (field->flags & FIELD_REQUIRED)
            return true;
    return false;
}

static void write_bare_names(struct schema *schema,
                             const struct kind_family *family) {
    begin_object(schema, NULL);
    begin_array(schema, "enum");
    for (size_t i = 0; family->kinds[i]; i++)
        if (!schema->complete || !needs_options(family->kinds[i]))
            json_string(&schema->json, family->kinds[i]->name);
    json_end_array(&schema->json);
    json_end_object(&schema->json);
}

static void write_kind(struct schema *schema, const struct kind *kind,
                       const struct field *common) {
    begin_object(schema, NULL);
    write_string(schema, "description", kind->help);
    write_string(schema, "type", "object");
    begin_object(schema, "properties");
    begin_object(schema, "type");
    write_string(schema, "const", kind->name);
    json_end_object(&schema->json);
    write_properties(schema, common);
    write_properties(schema, kind->fields);
    json_end_object(&schema->json);
    write_required(schema, "type", kind->fields);
    json_key(&schema->json, "additionalProperties");
    json_boolean(&schema->json, false);
    json_end_object(&schema->json);
}

static void write_choice(struct schema *schema, const struct section *section,
                         const struct field *common) {
    const struct kind_family *family = section->family;
    bool in_list = section->shape != SECTION_CHOICE;
    begin_array(schema, "oneOf");
    write_bare_names(schema, family);
    for (size_t i = 0; family->kinds[i]; i++)
        write_kind(schema, family->kinds[i], common);
    if (!schema->complete && !in_list)
        json_raw(&schema->json, "{\"type\": \"object\", \"not\": "
                                "{\"required\": [\"type\"]}}");
    if (section->is_optional)
        json_raw(&schema->json, "{\"type\": \"null\"}");
    json_end_array(&schema->json);
}

static void write_choices(struct schema *schema,
                          const struct section *section) {
    write_string(schema, "type", "array");
    write_count(schema, "minItems", section->least);
    begin_object(schema, "items");
    if (section->shape == SECTION_LAYERS)
        write_string(schema, "$ref", "#/$defs/layer");
    else
        write_choice(schema, section, NULL);
    json_end_object(&schema->json);
}

/* Layers may have layers inside, and every layer initializers. A list is
 * replaced whole, so that its items are complete in a config that extends
 * another too. */
static void write_layer_definitions(struct schema *schema) {
    static const struct section LAYER = {.shape = SECTION_LAYERS,
                                         .family = &LAYER_FAMILY};
    static const struct section INITIALIZER = {.shape = SECTION_CHOICE,
                                               .family = &INITIALIZER_FAMILY,
                                               .is_optional = true};
    schema->complete = true;
    begin_object(schema, "layer");
    write_choice(schema, &LAYER, LAYER_FIELDS);
    json_end_object(&schema->json);
    begin_object(schema, "initializer");
    write_choice(schema, &INITIALIZER, NULL);
    json_end_object(&schema->json);
}

/* ---------------------------------------------------------------- the rest */

void schema_write_metric(struct schema *schema) {
    begin_array(schema, "enum");
    for (int part = 0; part < PARTS; part++) {
        for (const struct metric_kind *row = METRICS; row->name; row++) {
            struct text word = TEXT_INIT;
            text_print(&word, "%s.%s", PART_NAMES[part], row->name);
            json_string(&schema->json, text_string(&word));
            text_release(&word);
        }
    }
    json_end_array(&schema->json);
}

static void write_metrics(struct schema *schema) {
    write_string(schema, "type", "array");
    json_key(&schema->json, "uniqueItems");
    json_boolean(&schema->json, true);
    begin_object(schema, "items");
    schema_write_metric(schema);
    json_end_object(&schema->json);
}

static void write_columns(struct schema *schema,
                          const struct section *section) {
    begin_array(schema, "anyOf");
    json_raw(&schema->json,
             "{\"type\": \"array\", \"minItems\": 1, \"uniqueItems\": true, "
             "\"items\": {\"type\": [\"string\", \"number\", \"boolean\"]}}");
    begin_object(schema, NULL);
    write_map(schema, section->fields, false);
    json_end_object(&schema->json);
    json_raw(&schema->json, "{\"type\": \"null\"}");
    json_end_array(&schema->json);
}

/* A bare list stands for the map with one of its keys. */
static void write_map_or_list(struct schema *schema,
                              const struct section *section) {
    begin_array(schema, "anyOf");
    begin_object(schema, NULL);
    write_map(schema, section->fields, section->is_optional);
    json_end_object(&schema->json);
    begin_object(schema, NULL);
    write_section(schema,
                  section_of(section->fields,
                             field_find(section->fields, section->list_key)));
    json_end_object(&schema->json);
    json_end_array(&schema->json);
}

static void write_section(struct schema *schema,
                          const struct section *section) {
    switch (section->shape) {
    case SECTION_MAP:
        if (section->list_key)
            write_map_or_list(schema, section);
        else
            write_map(schema, section->fields, section->is_optional);
        break;
    case SECTION_CHOICE:
        if (section->family == &INITIALIZER_FAMILY)
            write_string(schema, "$ref", "#/$defs/initializer");
        else
            write_choice(schema, section, NULL);
        break;
    case SECTION_METRIC:
        schema_write_metric(schema);
        break;
    case SECTION_METRICS:
        write_metrics(schema);
        break;
    case SECTION_COLUMNS:
        write_columns(schema, section);
        break;
    default:
        write_choices(schema, section);
    }
}

static void write_definition(struct schema *schema, bool complete) {
    schema->complete = complete;
    begin_object(schema, complete ? "complete" : "partial");
    write_map(schema, TOP_FIELDS, false);
    json_end_object(&schema->json);
}

void schema_print(struct text *out) {
    struct schema schema = {.json = json_writer_new(out, 1)};
    begin_object(&schema, NULL);
    write_string(&schema, "$schema",
                 "https://json-schema.org/draft/2020-12/schema");
    write_string(&schema, "title", "runner config");
    write_string(&schema, "type", "object");
    json_key(&schema.json, "if");
    json_raw(&schema.json, "{\"required\": [\"extends\"]}");
    json_key(&schema.json, "then");
    json_raw(&schema.json, "{\"$ref\": \"#/$defs/partial\"}");
    json_key(&schema.json, "else");
    json_raw(&schema.json, "{\"$ref\": \"#/$defs/complete\"}");
    begin_object(&schema, "$defs");
    write_definition(&schema, true);
    write_definition(&schema, false);
    write_layer_definitions(&schema);
    schema_write_sweep(&schema);
    json_end_object(&schema.json);
    json_end_object(&schema.json);
    text_add_char(out, '\n');
}
