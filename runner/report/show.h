#ifndef RUNNER_REPORT_SHOW_H
#define RUNNER_REPORT_SHOW_H

/* One run for people: its metrics, then weights and biases by layer, the first
 * layer's under the data's column names. Read from its folder alone. */

#include "engine/io/json.h"
#include "runner/store/safetensors.h"

/* A table of metrics, a column each part. */
void show_metrics(const struct json_value *record, struct text *out);

/* Every tensor of every layer. */
void show_weights(const struct json_value *record,
                  const struct safetensors *weights, struct text *out);

/* {"run": the record, "weights": {name: nested lists}}. `record_text` is
 * run.json as it stands; `weights` may be NULL. */
void show_json(const char *record_text, const struct safetensors *weights,
               struct json_writer *writer);

#endif
