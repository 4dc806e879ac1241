#ifndef RUNNER_CONFIG_CONFIG_CHECK_H
#define RUNNER_CONFIG_CONFIG_CHECK_H

/* What no single row of a table can say and no data are needed for. */

#include "runner/config/reader.h"

void config_cross_check(const struct config *config, struct reader *reader);

/* NULL, or what is wrong with a run's name: it becomes a folder's. */
const char *config_name_fault(const char *name);

#endif
