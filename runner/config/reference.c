/* configs/reference.yaml: a whole config with every key at its default, and
 * what else there is as comments. */

#include <string.h>

#include "runner/config/catalog.h"
#include "runner/config/config.h"
#include "runner/config/describe.h"
#include "runner/config/sections.h"
#include "runner/config/sweep_fields.h"

enum { HELP_COLUMN = 40, INDENT = 2 };

static const char HEAD[] =
    "# Every key of a config, with its default or, where it must be given, an\n"
    "# example. What is commented out is not part of the run: other kinds, "
    "and\n"
    "# keys that follow from others. `runner reference` prints this file.\n"
    "#\n"
    "# A thing that has a kind is {type: KIND, option: value, …}; a bare KIND "
    "is\n"
    "# short for {type: KIND}. Any key can be set on the command line:\n"
    "#   runner configs/reference.yaml train.optimizer.lr=0.1\n"
    "#\n"
    "# extends: base.yaml: maps merge with the config named here, lists and\n"
    "# scalars replace.\n\n";

/* What must be given and is no section: an example. */
static const struct {
    const char *key, *value;
} EXAMPLES[] = {
    {"batch_size", "50"},
    {"steps", "5000"},
    {"name", "reference"},
    {"description", "every key at its default"},
};

/* The kinds that make the whole run. */
static const struct {
    const char *path, *kind;
} CHOSEN[] = {
    {"data.source", "make_circles"},
    {"train.loss", "bce"},
    {"train.optimizer", "adagrad"},
};

static const char *const LAYER_EXAMPLE[] = {
    "{type: linear, out_features: 4}",
    "sigmoid",
    "{type: linear, out_features: 1, name: output}",
    "sigmoid",
};

/* --------------------------------------------------------------------- lines
 */

/* How a line begins: indentation, '#' where it is a comment, what leads in a
 * list ("- " or "  "). */
struct margin {
    size_t depth;
    bool is_comment;
    const char *lead;
};

static void begin_line(struct text *out, struct margin margin) {
    for (size_t i = 0; i < margin.depth * INDENT; i++)
        text_add_char(out, ' ');
    text_print(out, "%s%s", margin.is_comment ? "# " : "",
               margin.lead ? margin.lead : "");
}

static struct margin deeper(struct margin margin) {
    margin.depth++;
    return margin;
}

static struct margin comment(struct margin margin) {
    margin.is_comment = true;
    return margin;
}

static void add_help(struct text *out, size_t from, const char *help) {
    do
        text_add_char(out, ' ');
    while (out->length - from < HELP_COLUMN);
    text_print(out, "# %s\n", help);
}

/* "a whole number >= 1; updates; help". */
static void describe_row(const struct field *field, struct text *out) {
    bool says_little = field->type == FIELD_SECTION ||
                       field->type == FIELD_TEXT ||
                       field->type == FIELD_BOOLEAN;
    if (!says_little) {
        describe_expected(field, out);
        text_add(out, "; ");
    }
    if (field->unit)
        text_print(out, "%s; ", field->unit);
    text_add(out, field->help);
}

static const char *example_of(const char *key) {
    for (size_t i = 0; i < sizeof EXAMPLES / sizeof *EXAMPLES; i++)
        if (strcmp(EXAMPLES[i].key, key) == 0)
            return EXAMPLES[i].value;
    return NULL;
}

/* One value with its default; a comment where it follows from other keys. */
static void print_value(const struct field *field, struct margin margin,
                        struct text *out) {
    struct text help = TEXT_INIT;
    const char *example = margin.is_comment ? NULL : example_of(field->key);
    size_t from = out->length;
    margin.is_comment |= field->flags & FIELD_DERIVED && !example;
    begin_line(out, margin);
    text_print(out, "%s: ", field->key);
    if (example)
        text_add(out, example);
    else
        catalog_default(field, out);
    describe_row(field, &help);
    add_help(out, from, text_string(&help));
    text_release(&help);
}

static void print_key(const struct field *field, const char *value,
                      struct margin margin, struct text *out) {
    size_t from = out->length;
    begin_line(out, margin);
    text_print(out, "%s:%s", field->key, value);
    add_help(out, from, field->help);
}

/* --------------------------------------------------------------------- kinds
 */

/* The insides of a kind, which are tables, or layers that stand above; only
 * ever a comment. */
static void print_inside(const struct field *fields, const struct field *field,
                         struct margin margin, struct text *out) {
    const struct section *section = section_of(fields, field);
    print_key(field, section->fields ? "" : " <required>", margin, out);
    if (!section->fields)
        return;
    margin.lead = "  ";
    for (const struct field *row = section->fields; row->key; row++)
        print_value(row, margin, out);
}

static void print_kind(const struct kind *kind, struct margin margin,
                       struct text *out) {
    size_t from = out->length;
    begin_line(out, margin);
    text_print(out, "type: %s", kind->name);
    add_help(out, from, kind->help);
    margin.lead = margin.lead ? "  " : NULL;
    for (const struct field *field = kind->fields; field && field->key; field++)
        if (field->type == FIELD_SECTION)
            print_inside(kind->fields, field, margin, out);
        else
            print_value(field, margin, out);
}

static void print_others(const struct kind_family *family, const char *chosen,
                         struct margin margin, struct text *out) {
    for (size_t i = 0; family->kinds[i]; i++)
        if (!chosen || strcmp(family->kinds[i]->name, chosen) != 0)
            print_kind(family->kinds[i], comment(margin), out);
}

static const char *chosen_at(const char *path) {
    for (size_t i = 0; i < sizeof CHOSEN / sizeof *CHOSEN; i++)
        if (strcmp(CHOSEN[i].path, path) == 0)
            return CHOSEN[i].kind;
    return NULL;
}

static void print_choice(const char *path, const struct field *field,
                         const struct section *section, struct margin margin,
                         struct text *out) {
    const char *chosen = chosen_at(path);
    print_key(field, chosen ? "" : " null", margin, out);
    if (chosen)
        print_kind(kind_find(section->family, chosen), deeper(margin), out);
    print_others(section->family, chosen, deeper(margin), out);
}

static void print_choices(const struct field *field,
                          const struct section *section, struct margin margin,
                          struct text *out) {
    print_key(field, " []", margin, out);
    margin.lead = "- ";
    print_others(section->family, NULL, deeper(margin), out);
}

/* Keys of every layer; kinds that two of them have, once. */
static void print_layer_keys(struct margin margin, struct text *out) {
    const struct kind_family *told = NULL;
    for (const struct field *row = LAYER_FIELDS; row->key; row++) {
        const struct section *section =
            row->type == FIELD_SECTION ? section_of(LAYER_FIELDS, row) : NULL;
        if (!section)
            print_value(row, margin, out);
        else if (section->family == told)
            print_key(row, " null", margin, out);
        else
            print_choice(row->key, row, section, margin, out);
        told = section ? section->family : told;
    }
}

static void print_layers(const struct field *field,
                         const struct section *section, struct margin margin,
                         struct text *out) {
    print_key(field, "", margin, out);
    margin = deeper(margin);
    margin.lead = "- ";
    for (size_t i = 0; i < sizeof LAYER_EXAMPLE / sizeof *LAYER_EXAMPLE; i++) {
        begin_line(out, margin);
        text_print(out, "%s\n", LAYER_EXAMPLE[i]);
    }
    print_others(section->family, NULL, margin, out);
    margin.lead = "  ";
    print_layer_keys(comment(margin), out);
}

/* ------------------------------------------------------------------ sections
 */

static void print_fields(const char *prefix, const struct field *fields,
                         struct margin margin, struct text *out);

static void print_metrics(const struct field *field, struct margin margin,
                          struct text *out) {
    print_key(field, " []", margin, out);
    for (int task = 0; task < METRIC_TASKS; task++) {
        begin_line(out, comment(deeper(margin)));
        for (size_t i = 0; METRICS_OF_TASK[task][i]; i++)
            text_print(out, "%s%s", i ? ", " : "",
                       METRICS_OF_TASK[task][i]->name);
        text_add_char(out, '\n');
    }
}

static void print_map(const char *path, const struct field *field,
                      const struct section *section, struct margin margin,
                      struct text *out) {
    print_key(field, section->is_optional ? " null" : "", margin, out);
    margin = deeper(margin);
    print_fields(path, section->fields,
                 section->is_optional ? comment(margin) : margin, out);
}

static void print_section(const char *path, const struct field *field,
                          const struct section *section, struct margin margin,
                          struct text *out) {
    switch (section->shape) {
    case SECTION_MAP:
        print_map(path, field, section, margin, out);
        break;
    case SECTION_CHOICE:
        print_choice(path, field, section, margin, out);
        break;
    case SECTION_CHOICES:
        print_choices(field, section, margin, out);
        break;
    case SECTION_LAYERS:
        print_layers(field, section, margin, out);
        break;
    case SECTION_METRICS:
        print_metrics(field, margin, out);
        break;
    default:
        print_value(field, margin, out);
    }
}

static void print_fields(const char *prefix, const struct field *fields,
                         struct margin margin, struct text *out) {
    for (const struct field *field = fields; field->key; field++) {
        struct text path = TEXT_INIT;
        text_print(&path, "%s%s%s", prefix, *prefix ? "." : "", field->key);
        if (field->type == FIELD_SECTION)
            print_section(text_string(&path), field, section_of(fields, field),
                          margin, out);
        else
            print_value(field, margin, out);
        text_release(&path);
    }
}

void reference_print(struct text *out) {
    text_add(out, HEAD);
    print_fields("", TOP_FIELDS, (struct margin){0}, out);
    sweep_reference_print(out);
}
