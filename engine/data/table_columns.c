#include "engine/data/table_columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "engine/base/text.h"

static const char KEY[] = "columns";

/* A label and where it stands, for searching. */
struct labelled {
    const char *label;
    size_t position;
};

static int compare_labels(const void *a, const void *b) {
    const struct labelled *x = a, *y = b;
    return strcmp(x->label, y->label);
}

static bool has_labels(const struct table_options *options) {
    return options->labels.values != NULL;
}

/* ---- before the table is known ---- */

static enum status_code check_labels(const struct field_texts *labels,
                                     struct status *status) {
    if (labels->count == 0)
        return status_set_key(status, STATUS_CONFIG, KEY,
                              "columns is an empty list; leave it out to take "
                              "all columns");
    struct labelled *sorted = memory_zeroed(labels->count, sizeof *sorted);
    for (size_t i = 0; i < labels->count; i++)
        sorted[i] = (struct labelled){labels->values[i], i};
    qsort(sorted, labels->count, sizeof *sorted, compare_labels);
    size_t i = 1;
    while (i < labels->count &&
           strcmp(sorted[i - 1].label, sorted[i].label) != 0)
        i++;
    const char *twice = i < labels->count ? sorted[i].label : NULL;
    free(sorted);
    if (!twice)
        return STATUS_OK;
    return status_set_key(status, STATUS_CONFIG, KEY,
                          "column '%.100s' is given twice", twice);
}

static enum status_code check_positions(const struct table_options *options,
                                        struct status *status) {
    if (0 <= options->start && options->start < options->stop)
        return STATUS_OK;
    return status_set_key(status, STATUS_CONFIG, KEY,
                          "positions go from start up to, not including, "
                          "stop: 0 <= start < stop is needed, found start "
                          "%" PRId64 ", stop %" PRId64,
                          options->start, options->stop);
}

enum status_code columns_check(const struct table_options *options,
                               struct status *status) {
    if (has_labels(options))
        return check_labels(&options->labels, status);
    if (options->has_positions)
        return check_positions(options, status);
    return STATUS_OK;
}

/* ---- by position ---- */

static enum status_code pick_positions(const struct table_options *options,
                                       const struct table *table,
                                       struct columns *columns,
                                       struct status *status) {
    STATUS_TRY(check_positions(options, status));
    if ((uint64_t)options->stop > table->columns)
        return status_set_key(status, STATUS_CONFIG, "columns.stop",
                              "%s has %zu column%s, so stop must be at most "
                              "%zu, found %" PRId64,
                              options->path, table->columns,
                              table->columns == 1 ? "" : "s", table->columns,
                              options->stop);
    columns->count = (size_t)(options->stop - options->start);
    columns->position = memory_zeroed(columns->count, sizeof(size_t));
    for (size_t i = 0; i < columns->count; i++)
        columns->position[i] = (size_t)options->start + i;
    return STATUS_OK;
}

/* ---- by label ---- */

/* Names that are searched or listed for a message. */
enum { NEAREST_MOST = 10000, LISTED_MOST = 12 };

static const char *find_nearest(const struct table *table, const char *label) {
    size_t count =
        table->columns < NEAREST_MOST ? table->columns : NEAREST_MOST;
    const char **names = memory_zeroed(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = table->column[i].label;
    const char *nearest = names_nearest(label, names);
    free(names);
    return nearest;
}

static void list_labels(const struct table *table, struct text *text) {
    for (size_t i = 0; i < table->columns && i < LISTED_MOST; i++)
        text_print(text, "%s'%.40s'", i ? ", " : "", table->column[i].label);
    if (table->columns > LISTED_MOST)
        text_print(text, " and %zu more", table->columns - LISTED_MOST);
}

static enum status_code refuse_label(const struct table_options *options,
                                     const struct table *table, const char *key,
                                     const char *label, struct status *status) {
    const char *nearest = find_nearest(table, label);
    if (nearest)
        return status_set_key(status, STATUS_CONFIG, key,
                              "%s has no column '%.100s'; did you mean "
                              "'%.100s'?",
                              options->path, label, nearest);
    struct text listed = TEXT_INIT;
    list_labels(table, &listed);
    status_set_key(status, STATUS_CONFIG, key,
                   "%s has no column '%.100s'; it has %s", options->path, label,
                   text_string(&listed));
    text_release(&listed);
    return status->code;
}

static struct labelled *sort_columns(const struct table *table) {
    struct labelled *sorted = memory_zeroed(table->columns, sizeof *sorted);
    for (size_t i = 0; i < table->columns; i++)
        sorted[i] = (struct labelled){table->column[i].label, i};
    qsort(sorted, table->columns, sizeof *sorted, compare_labels);
    return sorted;
}

static bool is_repeated(const struct labelled *found,
                        const struct labelled *sorted, size_t count) {
    bool before = found > sorted && compare_labels(found - 1, found) == 0;
    bool after =
        found + 1 < sorted + count && compare_labels(found, found + 1) == 0;
    return before || after;
}

static enum status_code find_label(const struct table_options *options,
                                   const struct table *table,
                                   const struct labelled *sorted, size_t index,
                                   size_t *position, struct status *status) {
    const char *label = options->labels.values[index];
    struct labelled wanted = {label, 0};
    const struct labelled *found = bsearch(&wanted, sorted, table->columns,
                                           sizeof *sorted, compare_labels);
    char key[sizeof KEY + 24];
    snprintf(key, sizeof key, "%s.%zu", KEY, index);
    if (!found)
        return refuse_label(options, table, key, label, status);
    if (is_repeated(found, sorted, table->columns))
        return status_set_key(status, STATUS_CONFIG, key,
                              "%s has more than one column '%.100s'; give "
                              "positions instead, as {start: 0, stop: 1}",
                              options->path, label);
    *position = found->position;
    return STATUS_OK;
}

static enum status_code pick_labels(const struct table_options *options,
                                    const struct table *table,
                                    struct columns *columns,
                                    struct status *status) {
    const struct field_texts *labels = &options->labels;
    STATUS_TRY(check_labels(labels, status));
    struct labelled *sorted = sort_columns(table);
    columns->count = labels->count;
    columns->position = memory_zeroed(labels->count, sizeof(size_t));
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < labels->count && code == STATUS_OK; i++)
        code = find_label(options, table, sorted, i, &columns->position[i],
                          status);
    free(sorted);
    return code;
}

/* Every label that names no column, or several. */
static size_t label_problems(const struct table_options *options,
                             const struct table *table, struct status *problems,
                             size_t limit) {
    struct labelled *sorted = sort_columns(table);
    size_t count = 0, position;
    for (size_t i = 0; i < options->labels.count && count < limit; i++)
        count += find_label(options, table, sorted, i, &position,
                            &problems[count]) != STATUS_OK;
    free(sorted);
    return count;
}

/* ---- all, or all that is left ---- */

static enum status_code pick_rest(const struct table_options *options,
                                  const struct table *table,
                                  const struct columns *taken,
                                  struct columns *columns,
                                  struct status *status) {
    bool *is_taken = memory_zeroed(table->columns, sizeof *is_taken);
    for (size_t i = 0; taken && i < taken->count; i++)
        is_taken[taken->position[i]] = true;
    columns->position = memory_zeroed(table->columns, sizeof(size_t));
    for (size_t i = 0; i < table->columns; i++)
        if (!is_taken[i])
            columns->position[columns->count++] = i;
    free(is_taken);
    if (columns->count > 0)
        return STATUS_OK;
    return status_set_key(status, STATUS_CONFIG, KEY,
                          "the targets take every column of %s, so none is "
                          "left for the features",
                          options->path);
}

static enum status_code check_defects(const struct table *table,
                                      const struct columns *columns,
                                      struct status *status) {
    for (size_t i = 0; i < columns->count; i++) {
        const struct table_column *column =
            &table->column[columns->position[i]];
        if (column->defect)
            return status_set_key(status, STATUS_INPUT, KEY, "%s",
                                  column->defect);
    }
    return STATUS_OK;
}

static enum status_code pick(const struct table_options *options,
                             const struct table *table,
                             const struct columns *taken,
                             struct columns *columns, struct status *status) {
    if (has_labels(options))
        STATUS_TRY(pick_labels(options, table, columns, status));
    else if (options->has_positions)
        STATUS_TRY(pick_positions(options, table, columns, status));
    else
        STATUS_TRY(pick_rest(options, table, taken, columns, status));
    return check_defects(table, columns, status);
}

enum status_code columns_pick(const struct table_options *options,
                              const struct table *table,
                              const struct columns *taken,
                              struct columns *columns, struct status *status) {
    *columns = (struct columns){0};
    enum status_code code = pick(options, table, taken, columns, status);
    if (code != STATUS_OK)
        columns_release(columns);
    return code;
}

size_t columns_problems(const struct table_options *options,
                        const struct table *table, struct status *problems,
                        size_t limit) {
    struct columns columns;
    if (limit == 0)
        return 0;
    if (has_labels(options) && check_labels(&options->labels, problems) == 0) {
        size_t count = label_problems(options, table, problems, limit);
        if (count)
            return count;
    }
    if (columns_pick(options, table, NULL, &columns, problems) != STATUS_OK)
        return 1;
    columns_release(&columns);
    return 0;
}

void columns_release(struct columns *columns) {
    free(columns->position);
    *columns = (struct columns){0};
}
