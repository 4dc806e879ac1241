#ifndef RUNNER_REPORT_RUN_TABLE_H
#define RUNNER_REPORT_RUN_TABLE_H

/* The runs of one or more experiments, reduced to what is compared: of each its
 * id, its outcome, its metric and the number of its group. A run takes 32
 * bytes, whatever its record holds, and a group some fifty and its values.
 *
 * Use: run_table_init(), run_table_add_plan() of every experiment, then
 * run_table_add_view() of every run, then run_table_finish(); or, from disk,
 * run_table_read() for all of it.
 */

#include "runner/report/run_view.h"
#include "runner/report/text_set.h"
#include "runner/store/store.h"

/* Decides whether a run takes part (--where). Called with the config and the
 * metrics of its record, if it has one; an error ends the comparison. */
typedef enum status_code run_filter(const struct run_view *view, void *context,
                                    bool *keep, struct status *status);

struct compare_request {
    const char *const *by; /* [by_count] paths to group by; 0: every swept */
    size_t by_count;       /* parameter but the seeds */
    const char *metric;    /* "PART.NAME" instead of the plan's, or NULL */
    run_filter *filter;    /* or NULL */
    void *filter_context;
    bool all; /* every folder, not only the plan's */
};

enum row_outcome {
    OUTCOME_FINISHED,
    OUTCOME_DIVERGED,
    OUTCOME_FAILED,  /* a status other than the two */
    OUTCOME_MISSING, /* no record: not yet run, or failed without leaving one */
    OUTCOMES,
};

/* What a run may be judged on while nothing says which. */
enum { CANDIDATES = 2 };

struct run_row {
    uint64_t id; /* run_id_number() */
    uint32_t group;
    unsigned char outcome;    /* enum row_outcome */
    double value[CANDIDATES]; /* NAN: null, absent or not finite */
};

struct name_list {
    char **names;
    size_t count, capacity;
};

struct run_table {
    const struct compare_request *request;
    struct name_list columns; /* paths; the first may be "experiment" */
    struct name_list axes;    /* every swept path, seeds too */
    struct name_list metrics; /* of the first record with any */
    bool *is_found;           /* a column: some run has a value there */
    bool has_experiments;     /* the first column is the experiment's name */
    struct text_set values;   /* JSON texts */
    struct text_set groups;   /* a number a column: of its value */
    struct run_row *rows;
    size_t count, capacity;
    char *metric; /* NULL: nobody says */
    bool maximize;
    bool is_default;  /* the metric, after run_table_finish() */
    size_t candidate; /* the column of `value`, after run_table_finish() */
    size_t present[CANDIDATES]; /* records that have it, null or not */
};

/* `experiments`: how many there will be; with more than one, their name is the
 * first column. */
void run_table_init(struct run_table *table,
                    const struct compare_request *request, size_t experiments);
void run_table_release(struct run_table *table);

/* Takes axes and metric from a plan (its `runs` are not looked at). Errors:
 * STATUS_CONFIG for a metric or goal unlike that of an earlier plan,
 * STATUS_INPUT for a plan of a later format. */
enum status_code run_table_add_plan(struct run_table *table, const char *label,
                                    const struct json_value *plan,
                                    struct status *status);

/* Settles the metric: the request's, else the plans', else
 * validation.average_loss where every record has it, else test.average_loss.
 * Errors: STATUS_CONFIG for no run at all, for a metric or a path of `by` that
 * no run has. */
enum status_code run_table_finish(struct run_table *table,
                                  struct status *status);

/* An experiment on disk; the label is its name, or what tells it from another
 * of the same name. */
struct labelled_store {
    const struct store *store;
    const char *label;
};

/* All of it, from plan.json and runs/ID/run.json. A plan that is not there is
 * STATUS_CONFIG, one that can't be read STATUS_INPUT; a run.json that is none,
 * or another run's, is a missing run. The request must outlive the table; the
 * caller releases the table also after an error. */
enum status_code run_table_read(struct run_table *table,
                                const struct compare_request *request,
                                const struct labelled_store *experiments,
                                size_t count, struct status *status);

/* Adds a run of the experiment `label`, and its duplicates (`same_as` of the
 * plan, or NULL): a duplicate counts in its own group, if that is another.
 * `read` gives its metrics by their names "PART.NAME"; it sets NAN for null and
 * says whether there is one. */
typedef bool metric_reader(const void *context, const char *name,
                           double *value);
enum status_code run_table_add_view(struct run_table *table, const char *label,
                                    const struct run_view *view,
                                    const struct json_value *same_as,
                                    metric_reader *read, const void *context,
                                    struct status *status);

/* Notes the name of a record's metric, for messages; the first record's do. */
void run_table_note_metric(struct run_table *table, const char *name);

/* What the view's status says of the run. */
enum row_outcome run_view_outcome(const struct run_view *view);

#endif
