#ifndef RUNNER_STORE_RECORD_PARTS_H
#define RUNNER_STORE_RECORD_PARTS_H

/* The files of a run, one function each; for record.c. */

#include "engine/io/json.h"
#include "runner/store/record.h"

/* part,metric,value */
void metrics_csv_write(const struct record *record, struct text *out);
/* step,epoch,lr,train.loss,PART.METRIC,… */
void history_csv_write(const struct record *record, struct text *out);
/* row,target.NAME…,outputs */
void predictions_csv_write(const struct record *record, struct text *out);
/* The record; `files` are the run's other files. */
void run_json_write(const struct record *record,
                    const struct store_files *files, struct text *out);
/* The record of a packed run, without an end of line (block.h). */
void run_line_write(const struct record *record, struct text *out);

/* The metrics of a part in the order of records, or NULL if the part has no
 * rows. */
const struct metric_kind *const *record_metrics(const struct record *record,
                                                enum part part);
enum task record_task(const struct record *record);

/* Cells of CSV. */
void csv_add_double(struct text *out, double value); /* NaN, Inf: empty */
void csv_add_float(struct text *out, float value);
/* A label, quoted where RFC 4180 wants it. */
void csv_add_text(struct text *out, const char *text);

#endif
