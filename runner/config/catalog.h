#ifndef RUNNER_CONFIG_CATALOG_H
#define RUNNER_CONFIG_CATALOG_H

/* Everything that has a name of its own, for `list`. */

#include "engine/base/field.h"
#include "engine/base/text.h"

/* The registries, in the order in which a config uses them; NULL-terminated.
 * Metrics and the config's own keys are lists too, with names of their own. */
extern const struct kind_family *const CATALOG[];
#define CATALOG_METRICS "metrics"
#define CATALOG_CONFIG "config"
#define CATALOG_SWEEP "sweep" /* a key of a config too */

/* Calls `visit` for every row of the config's own tables that is a value or a
 * kind, with its dotted path, parents first; kinds' options are not among
 * them. */
void catalog_walk(void (*visit)(const char *path, const struct field *field,
                                void *data),
                  void *data);

/* Whether a path is the key `section` or lies under it: "train.optimizer" lies
 * under "train". */
bool catalog_is_under(const char *path, const char *section);

/* "binary, classes": the tasks that have the metric. */
struct metric_kind;
void catalog_tasks(const struct metric_kind *metric, struct text *out);

/* A bound as a member of a JSON object, whole ones without a point. */
struct json_writer;
void catalog_write_bound(const char *key, double value,
                         struct json_writer *writer);

/* The default as text: "0.001", "[0.9, 0.999]", "(seed)" where it follows from
 * other keys, "<required>". */
void catalog_default(const struct field *field, struct text *out);

#endif
