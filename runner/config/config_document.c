#include "runner/config/config_document.h"

#include <assert.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/data/generators.h"
#include "runner/config/reader.h"

static const struct position NOWHERE = {0};

/* ----------------------------------------------------------------- scalars */

static struct node *string_node(struct tree *tree, const char *text) {
    return tree_new_scalar(tree, text, true, NOWHERE);
}

static struct node *plain_node(struct tree *tree, const char *text) {
    return tree_new_scalar(tree, text, false, NOWHERE);
}

static struct node *integer_node(struct tree *tree, int64_t value) {
    char text[NUMBER_TEXT_SIZE];
    number_write_integer(value, text);
    return plain_node(tree, text);
}

static struct node *number_node(struct tree *tree, double value) {
    char text[NUMBER_TEXT_SIZE];
    number_write_double(value, text);
    return plain_node(tree, text);
}

static struct node *boolean_value(struct tree *tree, const struct field *field,
                                  const void *at) {
    (void)field;
    return plain_node(tree, *(const bool *)at ? "true" : "false");
}

static struct node *integer_value(struct tree *tree, const struct field *field,
                                  const void *at) {
    (void)field;
    return integer_node(tree, *(const int64_t *)at);
}

static struct node *number_value(struct tree *tree, const struct field *field,
                                 const void *at) {
    (void)field;
    return number_node(tree, *(const double *)at);
}

static struct node *word_value(struct tree *tree, const struct field *field,
                               const void *at) {
    return string_node(tree, field->words[*(const int *)at]);
}

static struct node *text_value(struct tree *tree, const struct field *field,
                               const void *at) {
    (void)field;
    return string_node(tree, *(const char *const *)at);
}

static struct node *share_value(struct tree *tree, const struct field *field,
                                const void *at) {
    const struct field_share *share = at;
    (void)field;
    return share->is_count ? integer_node(tree, share->count)
                           : number_node(tree, share->fraction);
}

static struct node *sizes_value(struct tree *tree, const struct field *field,
                                const void *at) {
    const struct field_sizes *sizes = at;
    bool are_equal = true;
    if (sizes->is_word)
        return string_node(tree, field->words[sizes->word]);
    for (size_t i = 1; i < field->most; i++)
        are_equal &= sizes->values[i] == sizes->values[0];
    if (are_equal)
        return integer_node(tree, sizes->values[0]);
    struct node *list = tree_new_list(tree, NOWHERE);
    for (size_t i = 0; i < field->most; i++)
        tree_add(tree, list, NULL, NOWHERE,
                 integer_node(tree, sizes->values[i]));
    return list;
}

static struct node *numbers_value(struct tree *tree, const struct field *field,
                                  const void *at) {
    const struct field_numbers *numbers = at;
    struct node *list = tree_new_list(tree, NOWHERE);
    (void)field;
    for (size_t i = 0; i < numbers->count; i++)
        tree_add(tree, list, NULL, NOWHERE,
                 number_node(tree, numbers->values[i]));
    return list;
}

static struct node *integers_value(struct tree *tree, const struct field *field,
                                   const void *at) {
    const struct field_integers *integers = at;
    struct node *list = tree_new_list(tree, NOWHERE);
    (void)field;
    for (size_t i = 0; i < integers->count; i++)
        tree_add(tree, list, NULL, NOWHERE,
                 integer_node(tree, integers->values[i]));
    return list;
}

static struct node *points_value(struct tree *tree, const struct field *field,
                                 const void *at) {
    const struct field_points *points = at;
    struct node *list = tree_new_list(tree, NOWHERE);
    for (size_t i = 0; i < points->count; i++) {
        struct field_numbers point = {points->values + i * points->width,
                                      points->width};
        tree_add(tree, list, NULL, NOWHERE, numbers_value(tree, field, &point));
    }
    return list;
}

static struct node *texts_value(struct tree *tree, const struct field *field,
                                const void *at) {
    const struct field_texts *texts = at;
    struct node *list = tree_new_list(tree, NOWHERE);
    (void)field;
    for (size_t i = 0; i < texts->count; i++)
        tree_add(tree, list, NULL, NOWHERE,
                 string_node(tree, texts->values[i]));
    return list;
}

/* The value of a row that is present. */
static struct node *value_node(struct tree *tree, const struct field *field,
                               const void *base) {
    static struct node *(*const VALUES[])(struct tree *, const struct field *,
                                          const void *) = {
        [FIELD_BOOLEAN] = boolean_value,   [FIELD_INTEGER] = integer_value,
        [FIELD_NUMBER] = number_value,     [FIELD_WORD] = word_value,
        [FIELD_TEXT] = text_value,         [FIELD_NUMBERS] = numbers_value,
        [FIELD_INTEGERS] = integers_value, [FIELD_TEXTS] = texts_value,
        [FIELD_SHARE] = share_value,       [FIELD_POINTS] = points_value,
        [FIELD_SIZES] = sizes_value,
    };
    field = field_given(field, base);
    return VALUES[field->type](tree, field, (const char *)base + field->offset);
}

/* ---------------------------------------------------------------- defaults */

/* Room for one value of any type, and its flag. */
struct slot {
    union {
        bool boolean;
        int64_t integer;
        double number;
        int word;
        const char *text;
        struct field_numbers numbers;
        struct field_integers integers;
        struct field_texts texts;
        struct field_share share;
        struct field_sizes sizes;
    } value;
    bool present;
};

struct node *config_default(struct tree *tree, const struct field *field) {
    if (field->flags & (FIELD_REQUIRED | FIELD_DERIVED) ||
        field->type == FIELD_SECTION)
        return NULL;
    struct problems problems = {0};
    struct reader reader = {tree, &problems};
    struct place place = {.key = field->key};
    struct slot slot = {0};
    struct field row = *field; /* no default is a list in a value's place */
    row.list = NULL;
    row.offset = offsetof(struct slot, value);
    row.present_offset = offsetof(struct slot, present);
    bool good = read_value(&reader, &place, &row, &slot, NULL);
    assert(good && "a default that its own row refuses");
    (void)good;
    problems_release(&problems);
    return field_is_present(&row, &slot) ? value_node(tree, &row, &slot)
                                         : plain_node(tree, "null");
}

static bool same_nodes(const struct node *a, const struct node *b) {
    if (!a || !b || a->kind != b->kind || a->count != b->count)
        return false;
    if (a->kind == NODE_SCALAR)
        return a->quoted == b->quoted && strcmp(a->text, b->text) == 0;
    for (size_t i = 0; i < a->count; i++)
        if (!same_nodes(a->members[i].value, b->members[i].value))
            return false;
    return true;
}

/* What a derived row would be where the config alone says so: a key given with
 * this value is as good as not given. Schedules are as long as the run. */
static bool derived_value(const struct config *config,
                          const struct field *field, int64_t *value) {
    const struct training *training = &config->training;
    bool is_length = strcmp(field->key, "T_max") == 0 ||
                     strcmp(field->key, "total_steps") == 0;
    if (strcmp(field->key, "seed") == 0)
        *value = config->seed;
    else if (is_length && training->steps.present)
        *value = training->steps.value;
    else if (strcmp(field->key, "every") == 0 && training->steps.present)
        *value = training->steps.value / 20 + (training->steps.value % 20 != 0);
    else if (strcmp(field->key, "centers") == 0)
        *value = BLOBS_CENTERS; /* a number is given beside a number of rows */
    else
        return false;
    return true;
}

/* `map` holds the rows above. Sizes that follow (a pool's stride) follow from
 * one of them, which their default names. */
static bool is_default(struct config_document *document, const struct node *map,
                       const struct field *field, const struct node *value) {
    int64_t derived;
    if (!(field->flags & FIELD_DERIVED))
        return same_nodes(value, config_default(&document->tree, field));
    if (field->type == FIELD_SIZES)
        return same_nodes(value, node_member(map, field->default_text));
    return field->type == FIELD_INTEGER &&
           derived_value(document->config, field, &derived) &&
           same_nodes(value, integer_node(&document->tree, derived));
}

/* ---------------------------------------------------------------- sections */

static void add_fields(struct config_document *document, struct node *map,
                       const struct field *fields, const void *base);

static struct node *choice_node(struct config_document *document,
                                const struct choice *choice,
                                const struct field *common,
                                const void *common_base) {
    struct tree *tree = &document->tree;
    if (!choice->kind)
        return plain_node(tree, "null");
    struct node *map = tree_new_map(tree, NOWHERE);
    struct node *type = string_node(tree, choice->kind->name);
    tree_add(tree, map, "type", NOWHERE, type);
    add_fields(document, map, common, common_base);
    add_fields(document, map, choice->kind->fields, choice->options);
    return map->count == 1 ? type : map;
}

static struct node *metric_node(struct config_document *document,
                                const struct part_metric *metric) {
    struct text word = TEXT_INIT;
    text_print(&word, "%s.%s", PART_NAMES[metric->part], metric->metric->name);
    struct node *node = string_node(&document->tree, text_string(&word));
    text_release(&word);
    return node;
}

static struct node *item_node(struct config_document *document,
                              enum section_shape shape, const void *items,
                              size_t index) {
    const struct choice *choices = items;
    const struct layer_choice *layers = items;
    const struct part_metric *metrics = items;
    if (shape == SECTION_CHOICES)
        return choice_node(document, &choices[index], NULL, NULL);
    if (shape == SECTION_LAYERS)
        return choice_node(document, &layers[index].choice, LAYER_FIELDS,
                           &layers[index]);
    return metric_node(document, &metrics[index]);
}

static struct node *items_node(struct config_document *document,
                               const struct section *section,
                               const void *base) {
    const char *at = base;
    const void *items = *(const void *const *)(at + section->offset);
    size_t count = *(const size_t *)(at + section->count_offset);
    struct node *list = tree_new_list(&document->tree, NOWHERE);
    for (size_t i = 0; i < count; i++)
        tree_add(&document->tree, list, NULL, NOWHERE,
                 item_node(document, section->shape, items, i));
    return list;
}

static struct node *map_node(struct config_document *document,
                             const struct section *section, const void *base) {
    const char *at = base;
    if (section->is_optional && !*(const bool *)(at + section->present_offset))
        return plain_node(&document->tree, "null");
    struct node *map = tree_new_map(&document->tree, NOWHERE);
    add_fields(document, map, section->fields, at + section->offset);
    return map;
}

/* NULL for every column that there is: that follows from the targets. */
static struct node *columns_node(struct config_document *document,
                                 const struct section *section,
                                 const struct table_options *table) {
    if (table->labels.values)
        return texts_value(&document->tree, NULL, &table->labels);
    if (!table->has_positions)
        return NULL;
    struct node *map = tree_new_map(&document->tree, NOWHERE);
    add_fields(document, map, section->fields, table);
    return map;
}

static struct node *section_node(struct config_document *document,
                                 const struct section *section,
                                 const void *base) {
    const void *at = (const char *)base + section->offset;
    switch (section->shape) {
    case SECTION_MAP:
        return map_node(document, section, base);
    case SECTION_CHOICE:
        return choice_node(document, at, NULL, NULL);
    case SECTION_METRIC:
        return metric_node(document, at);
    case SECTION_COLUMNS:
        return columns_node(document, section, base);
    default:
        return items_node(document, section, base);
    }
}

static bool is_empty(const struct node *node) {
    return node->kind == NODE_SCALAR
               ? !node->quoted && strcmp(node->text, "null") == 0
               : node->count == 0;
}

/* ------------------------------------------------------------------ fields */

static const char *written_path(const struct config *config,
                                const char *opened) {
    for (size_t i = 0; i < config->path_count; i++)
        if (config->paths[i].opened == opened)
            return config->paths[i].written;
    return opened;
}

static const char *digest_of_path(const struct config_document *document,
                                  const char *opened) {
    for (size_t i = 0; i < document->digest_count; i++)
        if (strcmp(document->digests[i].path, opened) == 0)
            return document->digests[i].digest;
    assert(!"a data file without its digest");
    return opened;
}

static struct node *path_node(struct config_document *document,
                              const struct table_options *table) {
    return string_node(&document->tree,
                       document->canonical
                           ? digest_of_path(document, table->path)
                           : written_path(document->config, table->path));
}

/* A kind that was not given and follows from others is left out. */
static bool is_left_out(const struct field *field,
                        const struct section *section, const void *base) {
    const struct choice *choice =
        (const void *)((const char *)base + section->offset);
    return field->flags & FIELD_DERIVED && section->shape == SECTION_CHOICE &&
           !choice->kind;
}

/* The value of a row, null included; NULL where it is left out. */
static struct node *row_node(struct config_document *document,
                             const struct field *fields,
                             const struct field *field, const void *base) {
    const struct section *section =
        field->type == FIELD_SECTION ? section_of(fields, field) : NULL;
    if (section)
        return is_left_out(field, section, base)
                   ? NULL
                   : section_node(document, section, base);
    if (fields == TABLE_FIELDS && strcmp(field->key, "path") == 0)
        return path_node(document, base);
    if (field_is_present(field, base))
        return value_node(&document->tree, field, base);
    if (field->flags & FIELD_DERIVED)
        return NULL;
    return plain_node(&document->tree, "null");
}

/* Whether the canonical form does without the row. */
static bool is_dropped(struct config_document *document, const struct node *map,
                       const struct field *field, const struct node *value) {
    if (!document->canonical || field->flags & FIELD_REQUIRED)
        return false;
    return field->type == FIELD_SECTION
               ? is_empty(value)
               : is_default(document, map, field, value);
}

static bool is_unasked(const struct config_document *document,
                       const struct field *fields, const struct field *field) {
    return document->only && fields == TOP_FIELDS &&
           strcmp(field->key, document->only) != 0;
}

static void add_fields(struct config_document *document, struct node *map,
                       const struct field *fields, const void *base) {
    for (const struct field *field = fields; field && field->key; field++) {
        if (!field_is_recorded(fields, field, document->canonical) ||
            is_unasked(document, fields, field))
            continue;
        struct node *node = row_node(document, fields, field, base);
        if (node && !is_dropped(document, map, field, node))
            tree_add(&document->tree, map, field->key, NOWHERE, node);
    }
}

void config_document_build(struct config_document *document) {
    tree_init(&document->tree);
    struct node *root = tree_new_map(&document->tree, NOWHERE);
    add_fields(document, root, TOP_FIELDS, document->config);
    document->tree.root = root;
}
