#ifndef RUNNER_DIFF_H
#define RUNNER_DIFF_H

/* Two records, side by side: what differs. */

#include "engine/train/parting.h"
#include "runner/audit/audit_record.h"

/* One line of a comparison: where, and the two values (NULL: there is none). */
struct diff_row {
    char *path;
    const struct json_value *values[2];
};

struct diff_rows {
    struct diff_row *rows;
    size_t count, capacity;
};

struct diff {
    const char *places[2]; /* of the runs */
    struct audit_record records[2];
    struct diff_rows config, data, record, metrics;
    size_t metrics_alike; /* that are the same */
    bool same_weights, same_predictions;
    size_t history_rows[2], history_alike; /* rows of the same weights */
    /* Why the two were not run again and held against each other; NULL: they
     * were. */
    char *reason;
    struct parting parting;
    char *tensor; /* in which they part, with the element: "0.weight[1,0]" */
    size_t tensor_elements, tensor_count; /* its, and the network's */
};

/* Compares the two records, which must hold a run.json; they stay the caller's.
 */
void diff_records(struct diff *diff);
void diff_release(struct diff *diff);

void diff_print(const struct diff *diff, struct text *out);
void diff_write(const struct diff *diff, struct text *out);

#endif
