#include "runner/report/top.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "engine/io/json.h"
#include "runner/report/grouping.h"
#include "runner/report/run_view.h"

enum { TOP_COUNT = 5 };

static const char *const OUTCOME_WORDS[OUTCOMES] = {"finished", "diverged",
                                                    "failed", "missing"};

static void write_counts(const struct store *store,
                         const struct run_table *table, struct text *out) {
    size_t counts[OUTCOMES] = {0};
    for (size_t i = 0; i < table->count; i++)
        counts[table->rows[i].outcome]++;
    text_print(out, "%s: %zu runs", store->path, table->count);
    const char *separator = ": ";
    for (size_t outcome = 0; outcome < OUTCOMES; outcome++) {
        if (counts[outcome] == 0)
            continue;
        text_print(out, "%s%zu %s", separator, counts[outcome],
                   OUTCOME_WORDS[outcome]);
        separator = ", ";
    }
    text_add(out, "\n");
}

/* Rows by their number, the best first; those without one behind. */
struct ranked {
    const struct run_row *row;
    double value; /* the smaller the better; NaN: none */
};

static int best_first(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (isnan(x->value) || isnan(y->value))
        return isnan(x->value) - isnan(y->value);
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The swept values of a run, from the plan on disk. */
static void write_swept(const struct json_value *planned, struct text *out) {
    const struct json_value *values = json_member(planned, "values"), *value;
    for (size_t i = 0; i < json_count(values); i++) {
        const char *path = json_member_at(values, i, &value);
        struct json_writer writer = json_writer_new(out, 0);
        text_print(out, "%s%s=", i ? "  " : "", path);
        json_write_typed(value, &writer);
    }
}

static const struct json_value *find_planned(const struct json_value *plan,
                                             const char *id) {
    const struct json_value *runs = json_member(plan, "runs");
    for (size_t i = 0; i < json_count(runs); i++) {
        const struct json_value *run = json_element(runs, i);
        if (strcmp(json_get_string(json_member(run, "id"), ""), id) == 0)
            return run;
    }
    return NULL;
}

static void write_best(const struct store *store, const struct run_table *table,
                       const struct json_value *plan, struct text *out) {
    struct ranked *ranked = memory_zeroed(table->count, sizeof *ranked);
    for (size_t i = 0; i < table->count; i++) {
        const struct run_row *row = &table->rows[i];
        double value = row->outcome == OUTCOME_FINISHED
                           ? row->value[table->candidate]
                           : NAN;
        ranked[i] = (struct ranked){row, table->maximize ? -value : value};
    }
    qsort(ranked, table->count, sizeof *ranked, best_first);
    if (table->count && !isnan(ranked[0].value))
        text_print(out, "best by %s:\n", table->metric);
    for (size_t i = 0; i < table->count && i < TOP_COUNT; i++) {
        if (isnan(ranked[i].value))
            break;
        text_print(out, "  %-12.6g %s  ",
                   ranked[i].row->value[table->candidate], ranked[i].row->id);
        write_swept(find_planned(plan, ranked[i].row->id), out);
        text_add_char(out, '\n');
    }
    free(ranked);
    (void)store;
}

static struct json_value *read_plan(const struct store *store,
                                    struct status *status) {
    struct bytes bytes;
    if (!store_get(store, "plan.json", &bytes)) {
        status_set(status, STATUS_CONFIG, "%s: no plan.json", store->path);
        return NULL;
    }
    struct json_value *plan =
        json_parse((const char *)bytes.data, bytes.size, status);
    bytes_release(&bytes);
    return plan;
}

enum status_code top_write(const struct store *store, struct text *out,
                           struct status *status) {
    struct compare_request request = {0};
    struct labelled_store labelled = {store, store->path};
    struct run_table table = {0};
    struct json_value *plan = read_plan(store, status);
    if (!plan)
        return status->code;
    enum status_code code =
        run_table_read(&table, &request, &labelled, 1, status);
    if (code == STATUS_OK) {
        write_counts(store, &table, out);
        write_best(store, &table, plan, out);
        text_print(out,
                   "more: runner compare %s, runner show %s --all, %s/"
                   "summary.csv\n",
                   store->path, store->path, store->path);
    }
    run_table_release(&table);
    json_free(plan);
    return code;
}
