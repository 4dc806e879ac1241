#ifndef RUNNER_STORE_STORE_H
#define RUNNER_STORE_STORE_H

/* The folder of one experiment, OUT/NAME: plan.json, summaries, journal, runs.
 *
 * Life of a run's folder: its files are written into .work/ID.PID@HOST, and
 * one rename makes that folder runs/ID. So runs/ID is whole or absent, whatever
 * kills the process; plan.json and the summaries take the same way. What stands
 * in .work/ is nobody's result, and what a dead process of this host left there
 * is removed by the next that opens the store to write.
 * Everything happens relative to folders that were opened once, without
 * following links, so that nothing can be written elsewhere. Nothing is synced
 * file by file: store_sync() once for all.
 */

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/status.h"
#include "engine/base/text.h"
#include "engine/io/whole_file.h"
#include "runner/plan/plan.h"

struct store {
    char *path;             /* OUT/NAME, for messages */
    int folder, runs, work; /* work -1: opened to read */
};

/* One file of a run's folder. */
enum { STORE_FILE_LIMIT = 8 };
struct store_file {
    const char *name;
    struct text content;
};

struct store_files {
    struct store_file file[STORE_FILE_LIMIT];
    size_t count;
};
/* A new, empty file in the set, to be written to. */
struct text *store_files_add(struct store_files *files, const char *name);
void store_files_release(struct store_files *files);

/* Opens OUT/NAME, making the folders if `create`; without, a missing folder is
 * STATUS_CONFIG. NAME is one plain component ("..", "a/b", "-x" and control
 * characters are STATUS_CONFIG). A link in the place of NAME, runs or .work is
 * not followed; OUT itself may be one. Other errors: STATUS_OUTPUT. */
enum status_code store_open(struct store *store, const char *out,
                            const char *name, bool create,
                            struct status *status);
void store_close(struct store *store);

/* Makes runs/ID of these files. A folder that is there already is exchanged for
 * the new one in one step if `replace`, and stays otherwise: another process
 * has made it meanwhile, of the same bytes. After an error runs/ is as it was
 * and .work/ holds nothing of this run. */
enum status_code store_commit(const struct store *store, const char *id,
                              const struct store_files *files, bool replace,
                              struct status *status);

/* Writes OUT/NAME/`name` whole, by way of .work/; leaves it untouched if it
 * holds these bytes. A link or folder of that name is not replaced. */
enum status_code store_put(const struct store *store, const char *name,
                           const struct text *content, struct status *status);

/* Reads OUT/NAME/`name` or a file of a run's folder; false, and no bytes, if it
 * is not there, is no regular file, or can't be read whole. What is no id is
 * not there. The data have a NUL behind the last byte. */
bool store_get(const struct store *store, const char *name,
               struct bytes *bytes);
bool store_get_run(const struct store *store, const char *id, const char *name,
                   struct bytes *bytes);
/* The same of a file in .work/. */
bool store_get_work(const struct store *store, const char *name,
                    struct bytes *bytes);

/* Whether there is anything at runs/ID. */
bool store_has_run(const struct store *store, const char *id);

/* Whether runs/ID has a regular file of that name. */
bool store_has(const struct store *store, const char *id, const char *name);

/* The ids (folder names of 16 hex digits) in runs/, sorted. The caller frees
 * the array. */
typedef char run_id[RUN_ID_SIZE];
size_t store_ids(const struct store *store, run_id **ids);

/* Whether a name is an id: 16 hex digits, lower case. */
bool store_is_id(const char *name);

/* Removes what dead processes of this host left in .work/; what this one has
 * begun there must be ended. */
void store_tidy(const struct store *store);

/* Waits until everything written is on the disk. */
enum status_code store_sync(const struct store *store, struct status *status);

#endif
