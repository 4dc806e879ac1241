#ifndef ENGINE_IO_NPY_HEADER_H
#define ENGINE_IO_NPY_HEADER_H

/* The header of numpy's npy format, versions 1.0, 2.0 and 3.0 (NEP 1): magic,
 * version, length, and a Python dict literal of `descr`, `fortran_order` and
 * `shape`, padded with blanks. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/status.h"
#include "engine/io/whole_file.h"

enum { NPY_RANK_LIMIT = 32 }; /* numpy's own */

struct npy_header {
    char byte_order; /* '<', '>', '|' or '=' */
    char kind;       /* 'b', 'i', 'u', 'f' */
    size_t item_size;
    bool fortran_order;
    size_t rank;
    uint64_t shape[NPY_RANK_LIMIT];
    char shape_text[64]; /* "(3, 2)", for messages */
    size_t data_offset;
};

/* Reads and checks it: a dtype of numbers or booleans. Errors: STATUS_INPUT. */
enum status_code npy_header_read(const struct bytes *bytes, const char *path,
                                 struct npy_header *header,
                                 struct status *status);

#endif
