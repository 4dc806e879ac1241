#ifndef RUNNER_AUDIT_AUDIT_RECORD_H
#define RUNNER_AUDIT_AUDIT_RECORD_H

/* A stored run's files, as an audit looks at them. Whatever keeps runs (a
 * folder, a bundle) is read here and nowhere else. */

#include "engine/io/json.h"
#include "engine/io/whole_file.h"
#include "runner/audit/bundle.h"
#include "runner/store/store.h"

/* Where a run is. */
struct audit_place {
    char *path;       /* of its folder, or BUNDLE:NAME/runs/ID, for messages */
    run_id folder_id; /* the id that the folder's name is, or "" */
    const struct bundle *bundle; /* or NULL */
    const char *within;          /* the bundle: NAME/runs/ID */
};

struct audit_file {
    char *name;
    bool is_read;   /* a regular file of a name that records have, read whole */
    bool is_record; /* of such a name */
    bool agrees;    /* with the bundle's manifest; true for folders */
    struct bytes bytes;
};

struct audit_record {
    struct audit_file *files; /* by name */
    size_t count, capacity;
    uint64_t size;           /* bytes of all that were read */
    struct json_value *json; /* run.json, or NULL */
    struct status json_status;
};

/* Reads everything; a folder that is not there has no files. */
void audit_record_read(struct audit_record *record,
                       const struct audit_place *place);
void audit_record_release(struct audit_record *record);

/* The file of that name where it could be read, or NULL. */
const struct audit_file *audit_record_file(const struct audit_record *record,
                                           const char *name);

/* Whether there is a folder at all. */
bool audit_place_exists(const struct audit_place *place);

#endif
