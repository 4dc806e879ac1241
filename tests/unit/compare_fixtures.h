#ifndef TESTS_UNIT_COMPARE_FIXTURES_H
#define TESTS_UNIT_COMPARE_FIXTURES_H

/* Experiments with a plan and records of the test's own making, and what is
 * printed of them. */

#include "store_fixtures.h"

#include "runner/report/compare.h"

/* The id of run `number`: sixteen digits. */
static inline const char *id_of(unsigned number) {
    static char ids[8][RUN_ID_SIZE];
    static size_t next;
    char *id = ids[next++ % 8];
    snprintf(id, RUN_ID_SIZE, "%016x", number);
    return id;
}

/* Writes plan.json: `axes` and `metric` as JSON, a run a value of `values`
 * (NULL-terminated), with the ids 1, 2, … from `first` on. */
static inline void put_plan(const struct store *store, const char *axes,
                            const char *metric, const char *const *values,
                            unsigned first) {
    struct text text = TEXT_INIT;
    struct status status = STATUS_INIT;
    text_print(&text,
               "{\n  \"format\": 1,\n  \"name\": \"made\",\n  \"config\": "
               "{\"seed\": 0, \"train\": {\"batch_size\": 8}},\n  \"axes\": "
               "[%s],\n  \"metric\": %s,\n  \"runs\": [",
               axes, metric);
    for (size_t i = 0; values[i]; i++)
        text_print(&text, "%s\n    {\"id\": \"%s\", \"values\": {%s}}",
                   i ? "," : "", id_of(first + (unsigned)i), values[i]);
    text_add(&text, "\n  ]\n}\n");
    assert_int_equal(store_put(store, "plan.json", &text, &status), STATUS_OK);
    text_release(&text);
}

/* Commits runs/ID with this record. */
static inline void put_record(const struct store *store, unsigned number,
                              const char *record) {
    struct status status = STATUS_INIT;
    assert_int_equal(commit(store, id_of(number), "", record, false, &status),
                     STATUS_OK);
}

/* A record as the program writes it, with these values of its config and these
 * metrics of the test part ("\"accuracy\": 0.5"). */
static inline void put_run(const struct store *store, unsigned number,
                           const char *run_status, const char *config,
                           const char *test) {
    struct text text = TEXT_INIT;
    text_print(&text,
               "{\n \"format\": 1,\n \"id\": \"%s\",\n \"name\": \"[{\\\"\","
               "\n \"status\": \"%s\",\n \"error\": null,\n \"config\": {%s},"
               "\n \"metrics\": {\n  \"train\": {\"average_loss\": 0.5},\n"
               "  \"test\": {%s}\n },\n \"files\": [{\"bytes\": 12}]\n}\n",
               id_of(number), run_status, config, test);
    put_record(store, number, text.bytes);
    text_release(&text);
}

/* A finished run with this average loss. */
static inline void put_finished(const struct store *store, unsigned number,
                                double loss) {
    char test[100];
    snprintf(test, sizeof test, "\"average_loss\": %.17g, \"accuracy\": %.17g",
             loss, 1 - loss);
    put_run(store, number, "finished", "\"train\": {\"batch_size\": 16}", test);
}

enum print_format { PRINT_TABLE, PRINT_MARKDOWN, PRINT_CSV, PRINT_JSON };

static inline void print_grouping(const struct grouping *grouping,
                                  enum print_format format, size_t top,
                                  struct text *out) {
    static enum status_code (*const WRITE[])(
        const struct grouping *, size_t, const struct report_sink *,
        struct status *) = {[PRINT_TABLE] = compare_write_table,
                            [PRINT_MARKDOWN] = compare_write_markdown,
                            [PRINT_CSV] = compare_write_csv,
                            [PRINT_JSON] = compare_write_json};
    const struct report_sink sink = {.text = out};
    struct status status = STATUS_INIT;
    assert_int_equal(WRITE[format](grouping, top, &sink, &status), STATUS_OK);
}

/* What is printed of experiments; the message where they can't be compared. */
static inline char *print_all(const struct labelled_store *experiments,
                              size_t count,
                              const struct compare_request *request,
                              enum print_format format, size_t top) {
    struct run_table table;
    struct grouping grouping;
    struct text out = TEXT_INIT;
    struct status status = STATUS_INIT;
    if (run_table_read(&table, request, experiments, count, &status) ==
        STATUS_OK) {
        grouping_init(&grouping, &table);
        print_grouping(&grouping, format, top, &out);
        grouping_release(&grouping);
    } else
        text_print(&out, "%d: %s", (int)status.code, status.message);
    run_table_release(&table);
    return text_take(&out);
}

static inline void assert_printed_of(const struct labelled_store *experiments,
                                     size_t count,
                                     const struct compare_request *request,
                                     enum print_format format, size_t top,
                                     const char *expected) {
    char *found = print_all(experiments, count, request, format, top);
    assert_string_equal(found, expected);
    free(found);
}

static inline void assert_printed(const struct store *store,
                                  const struct compare_request *request,
                                  enum print_format format, size_t top,
                                  const char *expected) {
    const struct labelled_store experiment = {store, "made"};
    assert_printed_of(&experiment, 1, request, format, top, expected);
}

static const struct compare_request PLAIN = {0};
static const char LOSS[] =
    "{\"name\": \"test.average_loss\", \"goal\": \"minimize\"}";

static const char RATE_AXES[] =
    "{\"path\": \"train.optimizer.lr\", \"values\": [0.01, 0.05, 0.1, 1.0]}, "
    "{\"path\": \"seed\", \"values\": [1, 2, 3]}";

/* Four rates, three seeds each: 1 to 3 are the lr 0.01: its second run
 * diverged, its third is missing; 10 to 12 are 1.0: nothing came of them. */
static inline struct store rates(const char *name) {
    static const char *const VALUES[] = {
        "\"train.optimizer.lr\": 0.01, \"seed\": 1",
        "\"train.optimizer.lr\": 0.01, \"seed\": 2",
        "\"train.optimizer.lr\": 0.01, \"seed\": 3",
        "\"train.optimizer.lr\": 0.05, \"seed\": 1",
        "\"train.optimizer.lr\": 0.05, \"seed\": 2",
        "\"train.optimizer.lr\": 0.05, \"seed\": 3",
        "\"train.optimizer.lr\": 0.1, \"seed\": 1",
        "\"train.optimizer.lr\": 0.1, \"seed\": 2",
        "\"train.optimizer.lr\": 0.1, \"seed\": 3",
        "\"train.optimizer.lr\": 1.0, \"seed\": 1",
        "\"train.optimizer.lr\": 1, \"seed\": 2",
        "\"train.optimizer.lr\": 1.0, \"seed\": 3",
        NULL};
    static const double LOSSES[] = {0.105, 0.125, 0.13, 0.5, 0.52, 0.51};
    struct store store = store_at(name);
    put_plan(&store, RATE_AXES, LOSS, VALUES, 1);
    put_finished(&store, 1, 0.11);
    put_run(&store, 2, "diverged", "", "\"average_loss\": null");
    for (unsigned i = 0; i < 6; i++)
        put_finished(&store, 4 + i, LOSSES[i]);
    put_run(&store, 10, "diverged", "", "\"average_loss\": null");
    put_run(&store, 11, "diverged", "", "\"average_loss\": 0.001");
    put_run(&store, 12, "finished", "", "\"average_loss\": null");
    return store;
}

static const char SIZE_AXES[] =
    "{\"path\": \"model.layers.0.out_features\"}, {\"path\": \"data.seed\"}";

/* `sizes` groups of `seeds` runs each, with these losses (0: missing). */
static inline struct store sizes_of(const char *name, const double *losses,
                                    size_t sizes, size_t seeds,
                                    const char *metric) {
    const char *values[40] = {0};
    char texts[40][80];
    struct store store = store_at(name);
    assert_true(sizes * seeds < 40);
    for (size_t i = 0; i < sizes * seeds; i++) {
        snprintf(texts[i], sizeof *texts,
                 "\"model.layers.0.out_features\": %zu, \"data.seed\": %zu",
                 2 * (i / seeds) + 2, i % seeds);
        values[i] = texts[i];
    }
    put_plan(&store, SIZE_AXES, metric, values, 1);
    for (size_t i = 0; i < sizes * seeds; i++)
        if (losses[i] > 0)
            put_finished(&store, (unsigned)i + 1, losses[i]);
    return store;
}

#endif
