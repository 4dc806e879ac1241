#include "runner/report/top.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/io/json.h"
#include "runner/report/run_table.h"
#include "runner/store/plan_file.h"

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

/* The best rows, the best first, of equals the earlier. */
struct best {
    const struct run_row *rows[TOP_COUNT];
    size_t count;
};

/* The smaller the better; NaN: none. */
static double rank_of(const struct run_table *table,
                      const struct run_row *row) {
    double value = row->value[table->candidate];
    if (row->outcome != OUTCOME_FINISHED)
        return NAN;
    return table->maximize ? -value : value;
}

static struct best find_best(const struct run_table *table) {
    struct best best = {.count = 0};
    for (size_t i = 0; i < table->count; i++) {
        const struct run_row *row = &table->rows[i];
        double value = rank_of(table, row);
        size_t at = best.count;
        while (at > 0 && value < rank_of(table, best.rows[at - 1]))
            at--;
        if (isnan(value) || at == TOP_COUNT)
            continue;
        best.count += best.count < TOP_COUNT;
        for (size_t j = best.count - 1; j > at; j--)
            best.rows[j] = best.rows[j - 1];
        best.rows[at] = row;
    }
    return best;
}

/* The swept values of a run, from the plan on disk. */
static char *swept_text(const struct json_value *planned) {
    const struct json_value *values = json_member(planned, "values"), *value;
    struct text out = TEXT_INIT;
    for (size_t i = 0; i < json_count(values); i++) {
        const char *path = json_member_at(values, i, &value);
        struct json_writer writer = json_writer_new(&out, 0);
        text_print(&out, "%s%s=", i ? "  " : "", path);
        json_write_typed(value, &writer);
    }
    return text_take(&out);
}

/* Looks through the plan once for the values of all of the best. */
static void find_swept(const struct store *store, const struct best *best,
                       char *swept[TOP_COUNT]) {
    struct plan_file plan;
    struct status ignored = STATUS_INIT;
    struct json_slice run;
    run_id id;
    if (plan_file_open(&plan, store, &ignored) == STATUS_OK)
        while (plan_file_next(&plan, &run))
            for (size_t i = 0; i < best->count; i++) {
                if (!plan_file_id(run, id) || swept[i] ||
                    run_id_number(id) != best->rows[i]->id)
                    continue;
                struct json_value *planned =
                    json_parse(run.bytes, run.length, &ignored);
                swept[i] = swept_text(planned);
                json_free(planned);
            }
    plan_file_close(&plan);
}

static void write_best(const struct store *store, const struct run_table *table,
                       struct text *out) {
    struct best best = find_best(table);
    char *swept[TOP_COUNT] = {NULL};
    if (best.count)
        text_print(out, "best by %s:\n", table->metric);
    find_swept(store, &best, swept);
    for (size_t i = 0; i < best.count; i++) {
        run_id id;
        run_id_text(best.rows[i]->id, id);
        text_print(out, "  %-12.6g %s  %s\n",
                   best.rows[i]->value[table->candidate], id,
                   swept[i] ? swept[i] : "");
        free(swept[i]);
    }
}

enum status_code top_write(const struct store *store, struct text *out,
                           struct status *status) {
    struct compare_request request = {0};
    struct labelled_store labelled = {store, store->path};
    struct run_table table = {0};
    enum status_code code =
        run_table_read(&table, &request, &labelled, 1, status);
    if (code == STATUS_OK) {
        write_counts(store, &table, out);
        write_best(store, &table, out);
        text_print(out,
                   "more: runner compare %s, runner show %s --all, %s/"
                   "summary.csv\n",
                   store->path, store->path, store->path);
    }
    run_table_release(&table);
    return code;
}
