#ifndef ENGINE_IO_ISOLATED_H
#define ENGINE_IO_ISOLATED_H

/* Runs a reader that may crash or never end in a process of its own.
 *
 * The child reads, sends table and status through a pipe and exits without
 * clean-up. Its processor time is limited to what the file's size makes
 * plausible, its memory likewise where no sanitizer is in the way. Whatever
 * happens to it, the parent gets a table or STATUS_INPUT. */

#include "engine/io/h5.h"

enum status_code isolated_read(h5_read_function *read,
                               const struct bytes *bytes, const char *path,
                               const char *key, struct table *table,
                               struct status *status);

#endif
