/* `sweep` in the schema. Nothing in it is required but what one value needs: a
 * sweep may be completed by another file, or on the command line. */

#include <string.h>

#include "runner/config/schema_parts.h"
#include "runner/config/sweep_fields.h"

#define LIST "{\"type\": \"array\", \"minItems\": 1}"
#define PATHS                                                                  \
    "{\"type\": \"array\", \"minItems\": 2, \"items\": {\"type\": "            \
    "\"string\"}}"

/* Of the rows that no type describes: the members of their schema. */
static const struct {
    const char *key, *name, *json;
} INSIDES[] = {
    {"value", NULL, NULL},
    {"values", "allOf", "[" LIST "]"},
    {"probabilities", "allOf",
     "[{\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": "
     "\"number\", \"minimum\": 0}}]"},
    {"parameters", "allOf",
     "[{\"type\": \"object\", \"minProperties\": 1, "
     "\"additionalProperties\": {\"$ref\": \"#/$defs/axis\"}}]"},
    {"metric", "allOf", "[{\"$ref\": \"#/$defs/sweep_metric\"}]"},
    {"zip", "allOf", "[{\"type\": \"array\", \"items\": " PATHS "}]"},
    {"where", "type", "[\"string\", \"boolean\", \"number\"]"},
};

static void write_inside(struct schema *schema, const struct field *field) {
    struct json_writer *json = &schema->json;
    json_key(json, field->key);
    json_begin_object(json);
    json_key(json, "description");
    json_string(json, field->help);
    for (size_t i = 0; i < sizeof INSIDES / sizeof *INSIDES; i++)
        if (INSIDES[i].json && strcmp(INSIDES[i].key, field->key) == 0) {
            json_key(json, INSIDES[i].name);
            json_raw(json, INSIDES[i].json);
        }
    json_end_object(json);
}

static void write_rows(struct schema *schema, const struct field *fields) {
    for (const struct field *field = fields; field->key; field++)
        if (field->type == FIELD_SECTION)
            write_inside(schema, field);
        else
            schema_write_row(schema, fields, field);
}

static void begin_map(struct schema *schema, const char *key) {
    if (key)
        json_key(&schema->json, key);
    json_begin_object(&schema->json);
    json_key(&schema->json, "type");
    json_string(&schema->json, "object");
}

static void begin_properties(struct schema *schema) {
    json_key(&schema->json, "properties");
    json_begin_object(&schema->json);
}

static void end_map(struct schema *schema) {
    json_key(&schema->json, "additionalProperties");
    json_boolean(&schema->json, false);
    json_end_object(&schema->json);
}

/* `distribution` may be left out where the other keys say which it is. */
static bool is_inferred(const struct kind *kind) {
    static const char *const NAMES[] = {"constant", "categorical", "uniform",
                                        "int_uniform"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(kind->name, NAMES[i]) == 0)
            return true;
    return false;
}

static void write_distribution(struct schema *schema, const struct kind *kind) {
    struct json_writer *json = &schema->json;
    begin_map(schema, NULL);
    json_key(json, "description");
    json_string(json, kind->help);
    begin_properties(schema);
    json_key(json, "distribution");
    json_begin_object(json);
    json_key(json, "const");
    json_string(json, kind->name);
    json_end_object(json);
    write_rows(schema, kind->fields);
    json_end_object(json);
    json_key(json, "required");
    json_begin_array(json);
    if (!is_inferred(kind))
        json_string(json, "distribution");
    for (const struct field *field = kind->fields; field->key; field++)
        if (field->flags & FIELD_REQUIRED)
            json_string(json, field->key);
    json_end_array(json);
    end_map(schema);
}

/* What a path of `parameters` takes. */
static void write_axis(struct schema *schema) {
    struct json_writer *json = &schema->json;
    json_key(json, "axis");
    json_begin_object(json);
    json_key(json, "anyOf");
    json_begin_array(json);
    json_raw(json, LIST);
    for (size_t i = 0; DISTRIBUTION_FAMILY.kinds[i]; i++)
        write_distribution(schema, DISTRIBUTION_FAMILY.kinds[i]);
    json_end_array(json);
    json_end_object(json);
}

static void write_metric(struct schema *schema) {
    struct json_writer *json = &schema->json;
    begin_map(schema, "sweep_metric");
    begin_properties(schema);
    json_key(json, "name");
    json_begin_object(json);
    schema_write_metric(schema);
    json_end_object(json);
    write_rows(schema, SWEEP_METRIC_VALUES);
    json_end_object(json);
    json_key(json, "required");
    json_raw(json, "[\"name\"]");
    end_map(schema);
}

void schema_write_sweep(struct schema *schema) {
    struct json_writer *json = &schema->json;
    json_key(json, "sweep");
    json_begin_object(json);
    json_key(json, "type");
    json_raw(json, "[\"object\", \"null\"]");
    json_key(json, "description");
    json_string(json, "many runs of one config");
    begin_properties(schema);
    write_rows(schema, SWEEP_VALUES);
    write_rows(schema, SWEEP_SECTIONS);
    json_end_object(json);
    end_map(schema);
    write_metric(schema);
    write_axis(schema);
}
