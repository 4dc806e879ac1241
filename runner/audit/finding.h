#ifndef RUNNER_AUDIT_FINDING_H
#define RUNNER_AUDIT_FINDING_H

/* What an audit finds about one run, named for what it is. */

#include "engine/base/status.h"
#include "engine/io/json.h"

enum finding_kind {
    FINDING_MISSING, /* a run or file that should be there */
    FINDING_EXTRA,   /* a file that should not */
    FINDING_EDITED,  /* a file that is not the one in run.json's list */
    FINDING_CONFIG,  /* a config that is not the one of the id */
    FINDING_RECORD,  /* run.json is no record, or contradicts itself or files */
    FINDING_NUMERICS, /* made by another numerics version */
    FINDING_RESULT,   /* run again, it comes out otherwise */
    FINDING_DATA,     /* the data file is not the one that was recorded */
    FINDING_BUNDLE,   /* a bundle that is not what its hash tree says */
    FINDING_SUMMARY,  /* a summary that plan and records do not make */
    FINDING_NO_DATA,  /* the data are not there, or can't be read */
    FINDING_FAST,     /* `fast` numerics of another machine or build */
    FINDING_REMARK,   /* nothing wrong */
};

struct finding {
    enum finding_kind kind;
    char *file; /* in the run's folder, or "" */
    char *message;
};

/* Of one run; freed by findings_release(). Beyond FINDING_LIMIT they are only
 * counted. */
enum { FINDING_LIMIT = 40 };
struct findings {
    struct finding *finding;
    size_t count, capacity;
    size_t left_out;
    enum status_code code; /* the worst: OK, DIFFERS or INPUT */
};

void findings_add(struct findings *findings, enum finding_kind kind,
                  const char *file, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void findings_release(struct findings *findings);

/* A line each, indented. */
void findings_print(const struct findings *findings, struct text *out);
/* An array of objects {kind, file, message}. */
void findings_write(const struct findings *findings,
                    struct json_writer *writer);

#endif
