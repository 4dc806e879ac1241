#ifndef RUNNER_CONFIG_FILE_DIGESTS_H
#define RUNNER_CONFIG_FILE_DIGESTS_H

/* The SHA-256 of data files, each computed once however many configs name it.
 * Files are taken not to change meanwhile. Several threads may ask. */

#include <stdbool.h>
#include <stddef.h>

#include <pthread.h>

#include "engine/base/digest.h"

struct file_digests {
    pthread_mutex_t lock;
    struct file_digest *files;
    size_t count, capacity;
};

void file_digests_init(struct file_digests *digests);
void file_digests_release(struct file_digests *digests);

/* The digest of the file at `path`; false if it can't be read. `digests` may be
 * NULL: nothing is remembered. */
bool file_digests_get(struct file_digests *digests, const char *path,
                      char hex[DIGEST_TEXT_SIZE]);

#endif
