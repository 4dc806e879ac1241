#ifndef RUNNER_EXAMINE_H
#define RUNNER_EXAMINE_H

#include "runner/experiment.h"

/* Loads what the config names, shapes the network and holds them against each
 * other. Problems from number `first` on are this config's: what none of them
 * concerns is examined all the same, so that everything wrong is told in one
 * go, but nothing that only follows from what has been told. Without a problem,
 * before or after, the experiment is ready to run. */
void examine(struct experiment *experiment, size_t first,
             struct problems *problems);

#endif
