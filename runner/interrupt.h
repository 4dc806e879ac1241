#ifndef RUNNER_INTERRUPT_H
#define RUNNER_INTERRUPT_H

/* SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 (batch systems warn with any of
 * them): the first asks to stop, the second ends the process at once; either
 * way no result is half-written. A signal that was ignored stays so. */

#include <stdatomic.h>

/* Non-zero once asked to stop. */
extern atomic_int interrupt_flag;

void interrupt_watch(void);

#endif
