#ifndef RUNNER_STORE_MACHINE_H
#define RUNNER_STORE_MACHINE_H

/* The program that runs and the machine it runs on, for journals, bundles and
 * --version. No result may depend on any of it. */

enum { MACHINE_CPU_SIZE = 80, MACHINE_HOST_SIZE = 64 };

struct machine {
    const char *version;        /* "0.1.0" */
    const char *source;         /* git's name for the source, or "unknown" */
    const char *build;          /* "GNU 12.2.0 Release: -O3 ..." */
    char cpu[MACHINE_CPU_SIZE]; /* "AMD EPYC 9B14", or its architecture */
    char host[MACHINE_HOST_SIZE];
    const char *isa; /* the instruction set in use; the caller's to fill in */
};

/* Asking the CPU may cost a tenth of a millisecond in a virtual machine: ask
 * once. */
void machine_read(struct machine *machine);

#endif
