#ifndef RUNNER_CONFIG_CONFIG_PATHS_H
#define RUNNER_CONFIG_CONFIG_PATHS_H

/* Data paths. A path is relative to the folder of the text that set it (an
 * override's to the working directory); in records it stands relative to the
 * folder of the config that was run. */

#include "runner/config/config.h"

/* Resolves the paths of a `table` source, in the options and in config->paths;
 * for other sources there is nothing to do. Where files are there but none has
 * the digest that `places` asks for, that is a problem (STATUS_INPUT). */
void config_resolve_paths(struct config *config,
                          const struct data_places *places,
                          struct problems *problems);

/* `path` as written in a text of folder `from`, for a text of folder `to` (""
 * is the working directory): a path relative to `to`, without "." and inner
 * ".."; absolute paths stay. */
void path_rewrite(const char *path, const char *from, const char *to,
                  struct text *out);

#endif
