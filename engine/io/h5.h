#ifndef ENGINE_IO_H5_H
#define ENGINE_IO_H5_H

/* Where the program and its HDF5 module meet. The module is a shared object of
 * its own, opened when the first HDF5 file is read; it exports one function. */

#include "engine/io/table.h"

#define H5_MODULE_FILE "runner_hdf5.so"
#define H5_MODULE_SYMBOL "runner_hdf5_read"

/* As table_read(), of bytes known to be HDF5. Opens no other file, runs no code
 * that the file brings along. The library below may crash on damaged files: see
 * isolated.h. */
typedef enum status_code h5_read_function(const struct bytes *bytes,
                                          const char *path, const char *key,
                                          struct table *table,
                                          struct status *status);

#endif
