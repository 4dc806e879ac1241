#ifndef RUNNER_STORE_RECORD_H
#define RUNNER_STORE_RECORD_H

/* The files of one run (config.yaml, run.json, metrics.csv,
 * history.csv, weights.safetensors, predictions.csv), as texts. They are a
 * function of config and data alone. */

#include "runner/store/store.h"

enum { RECORD_JSON_INDENT = 1 }; /* of run.json */

/* Everything that a run's files are made from. */
struct record {
    const char *id;
    const struct config *config;
    const struct run *run;
    const struct measurement *measurement;
};

/* Whether a run may have a file of that name. */
bool record_is_file(const char *name);

/* Makes the files that `output` asks for, run.json last, since it lists the
 * others. The caller releases them. */
void record_write(const struct record *record, struct store_files *files);

/* One of these files; false, and nothing written, if `output` does not ask for
 * it. Not run.json. */
bool record_write_file(const struct record *record, const char *name,
                       struct text *out);

/* The same of a packed run: its line, without an end, and a safetensors file of
 * what `output` asks for, weights and "predictions" (block.h). */
void record_write_packed(const struct record *record, struct text *line,
                         struct text *tensors);

/* run.json of runs/ID for the caller to json_free(), or NULL where there is
 * none that is JSON. */
struct json_value *record_read(const struct store *store, const char *id);

/* Whether runs/ID holds every file that these outputs ask for and a run.json of
 * its own; with `verify` also whether each file agrees with the list there. */
bool record_is_finished(const struct store *store, const char *id,
                        const struct output_options *output, bool verify);

#endif
