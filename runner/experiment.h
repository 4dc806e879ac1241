#ifndef RUNNER_EXPERIMENT_H
#define RUNNER_EXPERIMENT_H

/* A config with everything that it names: read, checked, its data loaded and
 * its network shaped. What `check` stops at and `run` goes on from. */

#include "runner/command.h"
#include "runner/config/config.h"

struct experiment {
    const char *path; /* of the config, as given */
    struct config config;
    struct dataset data;
    struct network network;
    struct run run;
};

/* Loads the config at `path` with these overrides. Every problem is added; the
 * experiment may be used only if there are none. Problems point into the
 * config's texts: release the experiment after the last use of them. */
void experiment_init(struct experiment *experiment, const char *path,
                     char *const *overrides, size_t override_count,
                     const char *data_folder, struct problems *problems);
void experiment_release(struct experiment *experiment);

/* Prints the problems as the contract says: lines on stderr, or JSON on stdout;
 * returns the code that wins. */
enum status_code experiment_complain(struct problems *problems, bool json);

#endif
