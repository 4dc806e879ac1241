#ifndef ENGINE_IO_WHOLE_FILE_H
#define ENGINE_IO_WHOLE_FILE_H

/* Files read and written whole.
 *
 * whole_file_create() writes under the final name, inside a folder that is
 * itself written aside and renamed; it does not fsync: the caller decides when.
 * Links are not followed when writing (O_NOFOLLOW). Short writes and EINTR are
 * gone on with; the first error is reported, and nothing half-written is left.
 */

#include <stddef.h>
#include <stdint.h>

#include "engine/base/status.h"

/* The bytes of a file, held in memory. */
struct bytes {
    unsigned char *data;
    size_t size;
};

/* Reads a regular file of at most `limit` bytes; directories, FIFOs, devices
 * and larger files are refused. Errors have the code `code` (STATUS_CONFIG for
 * a config, STATUS_INPUT for data) and name the path. `data` has a NUL behind
 * its last byte. */
enum status_code whole_file_read(const char *path, size_t limit,
                                 enum status_code code, struct bytes *bytes,
                                 struct status *status);
void bytes_release(struct bytes *bytes);

/* Creates `name` in the open folder `folder` with these bytes; it must not
 * exist. Errors: STATUS_OUTPUT. */
enum status_code whole_file_create(int folder, const char *name,
                                   const void *data, size_t size,
                                   struct status *status);

/* All of it, gone on with after signals and short counts, from the file's
 * position on or from `offset`: 0, or the error. A file that ends too soon is
 * EIO. */
int file_write_all(int file, const void *data, size_t size);
int file_read_at(int file, uint64_t offset, void *data, size_t size);

#endif
