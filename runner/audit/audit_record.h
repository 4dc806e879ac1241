#ifndef RUNNER_AUDIT_AUDIT_RECORD_H
#define RUNNER_AUDIT_AUDIT_RECORD_H

/* A stored run's files, as an audit looks at them. Whatever keeps runs (a
 * folder, a bundle, a block) is read here and nowhere else.
 *
 * Of a packed run run.json is its line, config.yaml the config in it, as JSON,
 * which is YAML too, and history.csv and weights.safetensors are what its
 * folder would hold. */

#include "runner/audit/audit_place.h"

struct audit_file {
    char *name;
    bool is_read;   /* a regular file of a name that records have, read whole */
    bool is_record; /* of such a name */
    bool agrees;    /* with the bundle's manifest, or, of the line of a packed
                       run, with its block's list there; true for folders */
    struct bytes bytes;
};

struct audit_record {
    struct audit_file *files; /* by name */
    size_t count, capacity;
    uint64_t size; /* bytes of all that were read */
    bool is_packed;
    bool has_outputs;        /* packed: those of the test part are stored */
    struct bytes outputs;    /* float32, row by row */
    struct json_value *json; /* run.json, once it is parsed, or NULL */
    struct status json_status;
};

/* Reads every file; a folder that is not there has none. */
void audit_record_read(struct audit_record *record,
                       const struct audit_place *place);
/* How much of run.json is parsed. */
enum audit_parts {
    AUDIT_HEAD,     /* what says which run it is and of which data: of a record
                       that is run again, the rest is compared as text */
    AUDIT_CONTENTS, /* all but the history in a packed run's line, which
                       history.csv is made of */
    AUDIT_ALL,
};
/* Parses run.json, into record->json; NULL, with json_status, where the parts
 * are no JSON. */
void audit_record_parse(struct audit_record *record, enum audit_parts parts);
/* Does without it again. */
void audit_record_forget(struct audit_record *record);
void audit_record_release(struct audit_record *record);

/* The file of that name where it could be read, or NULL. */
const struct audit_file *audit_record_file(const struct audit_record *record,
                                           const char *name);

#endif
