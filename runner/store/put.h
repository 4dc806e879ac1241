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
 * Where a put compares, nothing is written at all: it finds the first line in
 * which what stands there differs from what would have been written.
 *
 * Use: put_begin(), any number of additions to put.text with put_some() after
 * them, then put_end(), or put_close() and, when others are ready too,
 * put_rename(). put_drop() in any case: it removes what was not put in place.
 * Errors: STATUS_OUTPUT. A link or folder in the place is not replaced. */

#include <stdint.h>

#include "runner/store/store.h"

enum { PUT_NAME_SIZE = 64, PUT_LINE_SIZE = 80, PUT_LINE_BEFORE = 40 };

struct put_difference {
    bool is_there;
    uint64_t line;                                   /* from 1 on */
    char stored[PUT_LINE_SIZE], made[PUT_LINE_SIZE]; /* what of it differs */
};

struct put {
    const struct store *store;
    int folder;               /* where it is to stand */
    char name[PUT_NAME_SIZE]; /* its name there */
    int old;  /* what stands there while all so far agrees with it; or -1 */
    int file; /* the one in .work/; -1 while there is none */
    bool is_written; /* there is one in .work/, open or not */
    bool compares;
    struct put_difference difference;
    uint64_t done; /* bytes passed on */
    struct text text;
};

/* A put that was never begun, for put_drop(). */
void put_init(struct put *put);
/* `folder` is store->folder or store->runs. */
enum status_code put_begin(struct put *put, const struct store *store,
                           int folder, const char *name, struct status *status);
/* The same of one that compares; false if nothing stands there. */
bool put_begin_compare(struct put *put, const struct store *store, int folder,
                       const char *name);
/* Passes on what is in `text` once it is worth it; at once if it compares. */
enum status_code put_some(struct put *put, struct status *status);
/* The rest; afterwards all bytes are written, or agree with what is there. */
enum status_code put_close(struct put *put, struct status *status);
enum status_code put_rename(struct put *put, struct status *status);
enum status_code put_end(struct put *put, struct status *status);
void put_drop(struct put *put);

#endif
