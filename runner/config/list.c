/* `runner list`: every kind, its options, units and defaults. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "runner/config/catalog.h"
#include "runner/config/config.h"
#include "runner/config/describe.h"
#include "runner/config/sections.h"

/* At least two blanks, and as many as it takes to fill the column. */
static void pad(struct text *out, size_t from, size_t width) {
    text_add(out, "  ");
    while (out->length - from < width)
        text_add_char(out, ' ');
}

/* --------------------------------------------------------------- one a line */

static void add_option(const struct field *field, bool first,
                       struct text *out) {
    text_print(out, "%s%s=", first ? "" : ", ", field->key);
    catalog_default(field, out);
    if (field->unit)
        text_print(out, " %s", field->unit);
}

static void print_kind_line(const struct kind *kind, struct text *out) {
    size_t from = out->length;
    text_add(out, kind->name);
    pad(out, from, 22);
    for (const struct field *field = kind->fields; field && field->key; field++)
        add_option(field, field == kind->fields, out);
    text_print(out, "%s# %s\n", kind->fields ? "  " : "", kind->help);
}

static void print_family(const struct kind_family *family, struct text *out) {
    for (size_t i = 0; family->kinds[i]; i++)
        print_kind_line(family->kinds[i], out);
}

static void print_metric(const struct metric_kind *metric, struct text *out) {
    size_t from = out->length;
    text_add(out, metric->name);
    pad(out, from, 22);
    catalog_tasks(metric, out);
    text_print(out, "; %s is better  # %s\n",
               metric->higher_is_better ? "higher" : "lower", metric->help);
}

static void print_metrics(struct text *out) {
    for (const struct metric_kind *metric = METRICS; metric->name; metric++)
        print_metric(metric, out);
}

/* The keys of a config that are printed: under `section`, or (NULL) all. */
struct key_list {
    struct text *out;
    const char *section;
    bool found;
};

static void print_key(const char *path, const struct field *field, void *data) {
    struct key_list *list = data;
    struct text *out = list->out;
    if (list->section && !catalog_is_under(path, list->section))
        return;
    list->found = true;
    size_t from = out->length;
    text_print(out, "%s=", path);
    catalog_default(field, out);
    if (field->unit)
        text_print(out, " %s", field->unit);
    pad(out, from, 44);
    text_print(out, "# %s\n", field->help);
}

/* False if there is no such section or key. */
static bool print_section(const char *section, struct text *out) {
    struct key_list list = {.out = out, .section = section};
    catalog_walk(print_key, &list);
    return list.found;
}

static void print_config(struct text *out) {
    print_section(NULL, out);
}

/* -------------------------------------------------------------- one thing */

static size_t widest_key(const struct field *fields) {
    size_t widest = 20;
    for (const struct field *field = fields; field && field->key; field++)
        widest = strlen(field->key) > widest ? strlen(field->key) : widest;
    return widest;
}

static void print_option(const struct field *field, size_t key_width,
                         struct text *out) {
    size_t from = out->length;
    text_print(out, "  %s", field->key);
    pad(out, from, key_width + 4);
    catalog_default(field, out);
    pad(out, from, key_width + 26);
    text_add(out, field->help);
    if (field->type != FIELD_SECTION) {
        text_add(out, "; ");
        describe_expected(field, out);
    }
    if (field->unit)
        text_print(out, "; %s", field->unit);
    text_add_char(out, '\n');
}

static void print_kind(const struct kind_family *family,
                       const struct kind *kind, struct text *out) {
    text_print(out, "%s (%s): %s\n", kind->name, family->singular, kind->help);
    size_t key_width = widest_key(kind->fields);
    for (const struct field *field = kind->fields; field && field->key; field++)
        print_option(field, key_width, out);
}

/* Names may stand in several registries (mse is a loss and a metric). */
static bool print_named(const char *name, struct text *out) {
    bool found = false;
    for (size_t i = 0; CATALOG[i]; i++) {
        const struct kind *kind = kind_find(CATALOG[i], name);
        if (kind)
            print_kind(CATALOG[i], kind, out);
        found |= kind != NULL;
    }
    const struct metric_kind *metric = metric_find(name);
    if (metric) {
        text_print(out, "%s (metric): %s; of ", name, metric->help);
        catalog_tasks(metric, out);
        text_print(out, "; %s is better\n",
                   metric->higher_is_better ? "higher" : "lower");
    }
    return found || metric;
}

/* ----------------------------------------------------------------- overview */

static void print_overview(struct text *out) {
    for (size_t i = 0; CATALOG[i]; i++) {
        size_t from = out->length;
        text_add(out, CATALOG[i]->name);
        pad(out, from, 15);
        for (size_t j = 0; CATALOG[i]->kinds[j]; j++)
            text_print(out, "%s%s", j ? " " : "", CATALOG[i]->kinds[j]->name);
        text_add_char(out, '\n');
    }
    text_add(out, CATALOG_METRICS "       ");
    for (const struct metric_kind *metric = METRICS; metric->name; metric++)
        text_print(out, " %s", metric->name);
    text_add(out, "\n" CATALOG_CONFIG "        ");
    for (const struct field *field = TOP_FIELDS; field->key; field++)
        text_print(out, " %s", field->key);
    text_add(out, " " CATALOG_SWEEP "\n");
}

static size_t count_names(void) {
    size_t count = 3; /* metrics, config, the NULL */
    for (size_t i = 0; CATALOG[i]; i++) {
        count++;
        for (size_t j = 0; CATALOG[i]->kinds[j]; j++)
            count++;
    }
    for (const struct metric_kind *metric = METRICS; metric->name; metric++)
        count++;
    return count;
}

static const char *find_nearest(const char *name) {
    const char **names = memory_zeroed(count_names(), sizeof *names);
    size_t used = 0;
    for (size_t i = 0; CATALOG[i]; i++)
        names[used++] = CATALOG[i]->name;
    names[used++] = CATALOG_METRICS;
    names[used++] = CATALOG_CONFIG;
    for (size_t i = 0; CATALOG[i]; i++)
        for (size_t j = 0; CATALOG[i]->kinds[j]; j++)
            names[used++] = CATALOG[i]->kinds[j]->name;
    for (const struct metric_kind *metric = METRICS; metric->name; metric++)
        names[used++] = metric->name;
    const char *nearest = names_nearest(name, names);
    free(names);
    return nearest;
}

bool list_print(const char *family, struct text *out, const char **nearest) {
    *nearest = NULL;
    if (!family) {
        print_overview(out);
        return true;
    }
    for (size_t i = 0; CATALOG[i]; i++) {
        if (strcmp(CATALOG[i]->name, family) == 0) {
            print_family(CATALOG[i], out);
            return true;
        }
    }
    bool is_metrics = strcmp(family, CATALOG_METRICS) == 0;
    if (is_metrics || strcmp(family, CATALOG_CONFIG) == 0) {
        (is_metrics ? print_metrics : print_config)(out);
        return true;
    }
    if (print_named(family, out) || print_section(family, out))
        return true;
    *nearest = find_nearest(family);
    return false;
}
