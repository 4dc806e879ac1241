#ifndef RUNNER_EXPERIMENT_H
#define RUNNER_EXPERIMENT_H

/* A config with everything that it names: read, checked, its data loaded and
 * its network shaped. What `check` stops at and `run` goes on from. */

#include "runner/command.h"
#include "runner/config/config.h"

struct experiment {
    const char *path; /* of the config, as given */
    struct config config;
    /* The data: its own, or shared ones that were there before it. */
    const struct dataset *data;
    struct dataset own_data;
    struct network network;
    struct run run;
};

/* Releases what is its own; zeroed members are none. */
void experiment_release(struct experiment *experiment);

/* Takes all of `from` over, which is none afterwards. */
void experiment_move(struct experiment *to, struct experiment *from);

/* Prints the problems as lines on stderr, or JSON on stdout;
 * returns the code that wins. */
enum status_code experiment_complain(struct problems *problems, bool json);

#endif
