#ifndef RUNNER_STORE_PACKED_FILES_H
#define RUNNER_STORE_PACKED_FILES_H

/* The texts of a run's folder, made from the record of a packed run; for
 * stored.c. */

#include <stdbool.h>

#include "engine/base/text.h"
#include "engine/io/json_slices.h"

/* "config.yaml", "metrics.csv" or "history.csv", byte for byte as the folder of
 * the same run would hold it. False for other names, and where the record does
 * not say it. */
bool packed_file_write(struct json_slice record, const char *name,
                       struct text *out);

#endif
