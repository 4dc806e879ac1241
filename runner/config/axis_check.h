#ifndef RUNNER_CONFIG_AXIS_CHECK_H
#define RUNNER_CONFIG_AXIS_CHECK_H

/* Values on the command line that stand for several runs. */

#include <stddef.h>

/* What makes the text an axis, as a message, and through `at` and `length` the
 * bytes that say so; NULL if it is one value. */
const char *axis_find(const char *value, size_t *at, size_t *length);

#endif
