#ifndef RUNNER_AUDIT_MAKER_H
#define RUNNER_AUDIT_MAKER_H

/* Which session made a run: what the journal says of program and machine. It
 * proves nothing; a run must come out the same whoever makes it. */

#include "runner/store/machine.h"
#include "runner/store/store.h"

struct maker {
    const char *session; /* its name in the journal */
    const char *host, *cpu, *isa, *version, *source,
        *build; /* "" if not told */
};

struct maker_run {
    run_id id;
    uint32_t maker;
};

struct makers {
    struct maker *makers;
    size_t count, capacity;
    struct maker_run *runs; /* by id; of several of one id the last counts */
    size_t run_count, run_capacity;
};

/* Reads FOLDER/NAME, a journal; there may be none. */
void makers_init(struct makers *makers, const char *folder, const char *name);
void makers_release(struct makers *makers);

/* Who made a run, or NULL if the journal does not say. */
const struct maker *makers_find(const struct makers *makers, const char *id);

/* Whether it was this program, by the same instruction set on the same type of
 * CPU; what the journal does not tell is taken to be the same. */
bool maker_is_here(const struct maker *maker, const struct machine *here);

/* Whether it was this program on this very machine, which must be told. */
bool maker_is_same_machine(const struct maker *maker,
                           const struct machine *here);

/* "instruction set v3 of AMD EPYC, runner 0.1.0 (source a1b2c3d), GNU ...". */
void maker_describe(const struct maker *maker, struct text *out);

#endif
