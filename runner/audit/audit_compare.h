#ifndef RUNNER_AUDIT_AUDIT_COMPARE_H
#define RUNNER_AUDIT_AUDIT_COMPARE_H

/* A record against the same run made again. */

#include "runner/audit/audit_record.h"
#include "runner/audit/finding.h"
#include "runner/store/record.h"

/* Adds what differs between the record's files and those of the run made again.
 * The config counts by its meaning, which audit_check_config() has judged: one
 * that this version would write otherwise is remarked upon. */
void audit_compare(struct audit_record *record, const struct record *made,
                   struct findings *findings);

#endif
