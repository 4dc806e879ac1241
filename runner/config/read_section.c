/* The insides of sections. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "runner/config/describe.h"
#include "runner/config/reader.h"
#include "runner/config/tree_memory.h"

static bool is_null(const struct node *node) {
    return node->kind == NODE_SCALAR && node_scalar(node).type == SCALAR_NULL;
}

/* -------------------------------------------------------------------- maps */

/* A bare list stands for a map with that one key. */
static const struct node *as_map(struct reader *reader,
                                 const struct place *place,
                                 const char *list_key,
                                 const struct node *node) {
    if (node->kind == NODE_MAP)
        return node;
    if (!list_key || node->kind != NODE_LIST) {
        reader_expected(reader, place, node,
                        list_key ? "a list of scalers or "
                                   "{features: […], targets: […]}"
                                 : "a map");
        return NULL;
    }
    struct node *map = tree_new_map(reader->tree, node->position);
    tree_add(reader->tree, map, list_key, node->position,
             tree_copy(reader->tree, node));
    return map;
}

static void read_map(struct reader *reader, const struct place *place,
                     const struct section *section, void *base,
                     const struct node *node) {
    if (section->is_optional) {
        bool present = node && !is_null(node);
        *(bool *)((char *)base + section->present_offset) = present;
        if (!present)
            return;
    }
    const struct node *map = NULL;
    if (node && !(map = as_map(reader, place, section->list_key, node)))
        return;
    struct known_keys known = {.tables = {section->fields}};
    read_check_keys(reader, place, &known, map);
    read_fields(reader, place, &known, section->fields,
                (char *)base + section->offset, map);
}

/* ------------------------------------------------------------------- kinds */

static void read_one(struct reader *reader, const struct place *place,
                     const struct section *section, void *base,
                     const struct node *node) {
    struct choice *choice = (void *)((char *)base + section->offset);
    *choice = (struct choice){0};
    if (node && !(section->is_optional && is_null(node)))
        read_choice(reader, place, section->family, NULL, NULL, node, choice);
}

/* The node as a list that is long enough; NULL if it is not one. */
static const struct node *as_list(struct reader *reader,
                                  const struct place *place,
                                  const struct section *section,
                                  const char *items, const struct node *node) {
    if (!node || (node->kind == NODE_LIST && node->count >= section->least))
        return node;
    struct text expected = TEXT_INIT;
    text_print(&expected, "a list of %s", items);
    if (section->least)
        text_print(&expected, ", at least %zu", section->least);
    if (node->kind == NODE_LIST)
        reader_complain(reader, place, node->position, "expected %s, found %zu",
                        text_string(&expected), node->count);
    else
        reader_expected(reader, place, node, text_string(&expected));
    text_release(&expected);
    return NULL;
}

static void read_choices(struct reader *reader, const struct place *place,
                         const struct section *section, void *base,
                         const struct node *node) {
    node = as_list(reader, place, section, section->family->name, node);
    if (!node)
        return;
    struct choice *choices =
        tree_allocate(reader->tree, (node->count + 1) * sizeof *choices);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->members[i].value;
        struct place at = place_item(place, i, item);
        read_choice(reader, &at, section->family, NULL, NULL, item,
                    &choices[i]);
    }
    *(const struct choice **)((char *)base + section->offset) = choices;
    *(size_t *)((char *)base + section->count_offset) = node->count;
}

static void read_layers(struct reader *reader, const struct place *place,
                        const struct section *section, void *base,
                        const struct node *node) {
    node = as_list(reader, place, section, section->family->name, node);
    if (!node)
        return;
    struct layer_choice *layers =
        tree_allocate(reader->tree, (node->count + 1) * sizeof *layers);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->members[i].value;
        struct place at = place_item(place, i, item);
        read_choice(reader, &at, section->family, LAYER_FIELDS, &layers[i],
                    item, &layers[i].choice);
    }
    *(struct layer_choice **)((char *)base + section->offset) = layers;
    *(size_t *)((char *)base + section->count_offset) = node->count;
}

/* ----------------------------------------------------------------- metrics */

/* "auc" alone: the metric is likely of the test part. */
static bool refuse_part(struct reader *reader, const struct place *place,
                        const struct node *node, const char *word,
                        const char *part) {
    static const char *const PARTS_OF[] = {"train", "validation", "test", NULL};
    const char *nearest = part ? names_nearest(part, PARTS_OF) : NULL;
    struct text hint = TEXT_INIT;
    if (!part && metric_find(word))
        text_print(&hint, "; did you mean 'test.%s'?", word);
    else if (nearest)
        text_print(&hint, "; did you mean '%s%s'?", nearest,
                   word + strlen(part));
    reader_complain(reader, place, node->position,
                    "expected PART.METRIC with PART train, validation or "
                    "test, found '%s'%s",
                    word, text_string(&hint));
    text_release(&hint);
    return false;
}

static bool find_part(const char *word, size_t length, enum part *part) {
    for (int i = 0; i < PARTS; i++) {
        if (strlen(PART_NAMES[i]) == length &&
            strncmp(PART_NAMES[i], word, length) == 0) {
            *part = (enum part)i;
            return true;
        }
    }
    return false;
}

static void refuse_metric(struct reader *reader, const struct place *place,
                          const struct node *node, const char *name) {
    const char *names[METRIC_LIMIT + 1] = {NULL};
    for (size_t i = 0; METRICS[i].name; i++)
        names[i] = METRICS[i].name;
    const char *nearest =
        reader_may_search(reader) ? names_nearest(name, names) : NULL;
    struct text hint = TEXT_INIT;
    if (nearest) {
        text_print(&hint, "; did you mean '%s'?", nearest);
    } else {
        text_add(&hint, "; there are ");
        describe_words(names, &hint);
    }
    reader_complain(reader, place, node->position, "unknown metric '%s'%s",
                    name, text_string(&hint));
    text_release(&hint);
}

bool read_part_metric(struct reader *reader, const struct place *place,
                      const struct node *node, struct part_metric *metric) {
    const char *word = read_string(reader, place, node,
                                   "PART.METRIC, as in test.average_loss");
    if (!word)
        return false;
    const char *dot = strchr(word, '.');
    if (!dot || !find_part(word, (size_t)(dot - word), &metric->part))
        return refuse_part(
            reader, place, node, word,
            dot ? tree_string(reader->tree, word, (size_t)(dot - word)) : NULL);
    metric->metric = metric_find(dot + 1);
    if (!metric->metric)
        refuse_metric(reader, place, node, dot + 1);
    return metric->metric != NULL;
}

static void read_metric(struct reader *reader, const struct place *place,
                        const struct section *section, void *base,
                        const struct node *node) {
    struct part_metric *metric = (void *)((char *)base + section->offset);
    read_part_metric(reader, place, node, metric);
}

static void read_metrics(struct reader *reader, const struct place *place,
                         const struct section *section, void *base,
                         const struct node *node) {
    node = as_list(reader, place, section, "metrics", node);
    if (!node)
        return;
    struct part_metric *metrics =
        tree_allocate(reader->tree, (node->count + 1) * sizeof *metrics);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->members[i].value;
        struct place at = place_item(place, i, item);
        read_part_metric(reader, &at, item, &metrics[i]);
    }
    *(const struct part_metric **)((char *)base + section->offset) = metrics;
    *(size_t *)((char *)base + section->count_offset) = node->count;
}

/* ----------------------------------------------------------------- columns */

static const struct field LABELS = {
    .key = "columns",
    .type = FIELD_TEXTS,
    .flags = FIELD_ANY_SCALAR,
    FIELD_AT(struct table_options, labels),
    .least = 1,
};

static void check_twice(struct reader *reader, const struct place *place,
                        const struct field_texts *labels,
                        const struct node *node) {
    struct named *names = memory_zeroed(labels->count, sizeof *names);
    for (size_t i = 0; i < labels->count; i++)
        names[i] = (struct named){labels->values[i],
                                  node->members[i].value->position, i};
    read_check_unique(reader, place, "column", names, labels->count);
    free(names);
}

static void read_positions(struct reader *reader, const struct place *place,
                           const struct section *section,
                           struct table_options *table,
                           const struct node *node) {
    size_t before = reader->problems->count;
    struct known_keys known = {.tables = {section->fields}};
    read_check_keys(reader, place, &known, node);
    read_fields(reader, place, &known, section->fields, table, node);
    table->has_positions = true;
    if (reader->problems->count == before && table->stop <= table->start)
        reader_complain(reader, place, node_member(node, "stop")->position,
                        "stop must be above start: the positions are "
                        "half-open, [%lld, %lld) is empty",
                        (long long)table->start, (long long)table->stop);
}

static void read_columns(struct reader *reader, const struct place *place,
                         const struct section *section, void *base,
                         const struct node *node) {
    struct table_options *table = base;
    if (!node || is_null(node))
        return;
    if (node->kind == NODE_MAP)
        read_positions(reader, place, section, table, node);
    else if (node->kind != NODE_LIST || node->count == 0)
        reader_expected(reader, place, node,
                        "a list of labels, at least one, or {start, stop}");
    else if (read_value(reader, place, &LABELS, table, node))
        check_twice(reader, place, &table->labels, node);
}

void read_section(struct reader *reader, const struct place *place,
                  const struct field *field, const struct section *section,
                  void *base, const struct node *node) {
    static void (*const READERS[])(struct reader *, const struct place *,
                                   const struct section *, void *,
                                   const struct node *) = {
        [SECTION_MAP] = read_map,         [SECTION_CHOICE] = read_one,
        [SECTION_CHOICES] = read_choices, [SECTION_LAYERS] = read_layers,
        [SECTION_METRIC] = read_metric,   [SECTION_METRICS] = read_metrics,
        [SECTION_COLUMNS] = read_columns,
    };
    assert(node || !(field->flags & FIELD_REQUIRED));
    (void)field;
    READERS[section->shape](reader, place, section, base, node);
}
