#ifndef RUNNER_AUDIT_AUDIT_CHECK_H
#define RUNNER_AUDIT_AUDIT_CHECK_H

/* What of a record can be held against each other without running it again. */

#include "runner/audit/audit_record.h"
#include "runner/audit/finding.h"
#include "runner/audit/maker.h"
#include "runner/config/config.h"

/* The files against run.json's list, run.json against the folder's name, and
 * whether this program can make such a record at all: its format, its numerics,
 * and, with `fast` numerics, the machine (`maker` may be NULL, for one
 * unknown). False if there is nothing more to look at. */
bool audit_check_files(const struct audit_place *place,
                       const struct audit_record *record,
                       const struct maker *maker, const struct machine *here,
                       struct findings *findings);

/* Reads config.yaml, which must be there, finds its data in `places` by the
 * record's digests (NULL: the data are not looked for), and holds it against
 * the id and against run.json's config. Release the config in any case; it may
 * be used, and run again, only if the answer is true. */
bool audit_check_config(const struct audit_place *place,
                        const struct audit_record *record,
                        const struct data_places *places, struct config *config,
                        struct findings *findings);

/* The same where it has been checked before: for running it again. Problems as
 * by config_init(). */
void audit_read_config(const struct audit_place *place,
                       const struct audit_record *record,
                       const struct data_places *places, struct config *config,
                       struct problems *problems);

/* run.json against itself and the other files: status, counts, digests. What
 * runs again need not be looked at like this. */
void audit_check_contents(const struct audit_record *record,
                          const struct config *config,
                          struct findings *findings);

/* A problem of a config as a message: "4:7: MESSAGE". */
void audit_write_problem(const struct problem *problem, struct text *out);

#endif
