#ifndef RUNNER_AUDIT_TAR_H
#define RUNNER_AUDIT_TAR_H

/* POSIX ustar headers (IEEE Std 1003.1, pax, "ustar Interchange Format"): one
 * shape of them, of regular files that have no time, no owner and mode 0644, so
 * that the same files make the same bytes. */

#include <stdbool.h>
#include <stdint.h>

enum { TAR_BLOCK = 512, TAR_PATH_SIZE = 257 };

/* A file's header. False if the path does not fit (100 bytes behind some slash,
 * 155 before it) or the size does not (8 GiB). */
bool tar_header_write(const char *path, uint64_t size,
                      unsigned char block[TAR_BLOCK]);

/* False if the block is not, byte for byte, what tar_header_write() makes of
 * the path and size that it names. */
bool tar_header_read(const unsigned char block[TAR_BLOCK],
                     char path[TAR_PATH_SIZE], uint64_t *size);

/* Zeros behind contents of this size, up to the next block. */
static inline uint64_t tar_padding(uint64_t size) {
    return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

#endif
