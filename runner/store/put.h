#ifndef RUNNER_STORE_PUT_H
#define RUNNER_STORE_PUT_H

/* A file of a store, written piece by piece and put in place whole, so that a
 * plan or summary of a million runs is never held in memory.
 *
 * What is written goes into `text`; put_some() passes it on. As long as it is
 * what the file that stands there has, nothing is written at all, and a file
 * that is the same to its end is left untouched. From the first difference on
 * the new one grows in .work/, and put_rename() puts it in place.
 *
 * Use: put_begin(), any number of additions to put.text with put_some() after
 * them, then put_end(), or put_close() and, when others are ready too,
 * put_rename(). put_drop() in any case: it removes what was not put in place.
 * Errors: STATUS_OUTPUT. A link or folder in the place is not replaced. */

#include <stdint.h>

#include "runner/store/store.h"

enum { PUT_NAME_SIZE = 64 };

struct put {
    const struct store *store;
    int folder;               /* where it is to stand */
    char name[PUT_NAME_SIZE]; /* its name there */
    int old;  /* what stands there while all so far agrees with it; or -1 */
    int file; /* the one in .work/; -1 while there is none */
    bool is_written; /* there is one in .work/, open or not */
    uint64_t done;   /* bytes passed on */
    struct text text;
};

/* A put that was never begun, for put_drop(). */
void put_init(struct put *put);
/* `folder` is store->folder or store->runs. */
enum status_code put_begin(struct put *put, const struct store *store,
                           int folder, const char *name, struct status *status);
/* Passes on what is in `text` once it is worth it. */
enum status_code put_some(struct put *put, struct status *status);
/* The rest; afterwards all bytes are written, or agree with what is there. */
enum status_code put_close(struct put *put, struct status *status);
enum status_code put_rename(struct put *put, struct status *status);
enum status_code put_end(struct put *put, struct status *status);
void put_drop(struct put *put);

#endif
