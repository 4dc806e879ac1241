#ifndef RUNNER_STORE_PLAN_FILE_H
#define RUNNER_STORE_PLAN_FILE_H

/* plan.json, read run by run, so that a plan of a million is never held. */

#include <stdint.h>

#include "engine/io/json.h"
#include "engine/io/json_slices.h"
#include "runner/store/store.h"

enum { PLAN_PIECE = 1 << 14 };

/* A file read byte by byte. */
struct plan_bytes {
    int file;
    int error;     /* of reading, or 0 */
    uint64_t next; /* the place in the file of the piece after this one */
    size_t at, size;
    unsigned char piece[PLAN_PIECE];
};

struct plan_file {
    struct json_value *head; /* all but the runs: `runs` is [] */
    struct plan_bytes bytes;
    uint64_t runs_at; /* behind the bracket that begins the list */
    bool is_first;
    bool is_whole; /* the list was read to its end, and nothing was wrong */
    struct text run;
};

/* Opens it and reads the head; what is nested in the runs is not judged yet.
 * Errors: STATUS_CONFIG "no plan.json" if there is none, STATUS_OUTPUT if it
 * can't be read, STATUS_INPUT for what is no JSON with a list of runs; messages
 * begin with the experiment's path.
 * plan_file_close() in any case. */
enum status_code plan_file_open(struct plan_file *plan,
                                const struct store *store,
                                struct status *status);
void plan_file_close(struct plan_file *plan);

/* STATUS_OUTPUT if the file could not be read where the list seems to end. */
enum status_code plan_file_check(const struct plan_file *plan,
                                 const struct store *store,
                                 struct status *status);

/* The text of the next run, valid until the next call; false at the end, or at
 * what is no list. The first after plan_file_rewind() again. */
bool plan_file_next(struct plan_file *plan, struct json_slice *run);
void plan_file_rewind(struct plan_file *plan);

/* The run as a tree for the caller to json_free(); NULL at the end, or, with a
 * message, at what is no JSON. */
struct json_value *plan_file_next_tree(struct plan_file *plan,
                                       struct status *status);

/* How many runs there are, as far as the list can be read. */
size_t plan_file_count(struct plan_file *plan);

/* A run's id straight from its text, if it is one. */
bool plan_file_id(struct json_slice run, char id[RUN_ID_SIZE]);

#endif
