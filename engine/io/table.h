#ifndef ENGINE_IO_TABLE_H
#define ENGINE_IO_TABLE_H

/* Tables of numbers out of files: bytes in, table out.
 *
 * The reader is chosen by the content, not the name: HDF5 (pandas `fixed`,
 * pandas/PyTables `table`, plain 1-D and 2-D datasets), npy, else CSV. A table
 * is read whole into columns of float64. A column that holds something other
 * than numbers and booleans is kept with its defect, which is an error only
 * for whoever uses the column.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/status.h"
#include "engine/io/whole_file.h"

struct table_column {
    char *label;
    double *values; /* [row]; a missing value is NaN; NULL where `defect` */
    char *defect;   /* why the column can't be used, one line; or NULL */
};

struct table {
    size_t rows, columns;
    struct table_column *column; /* [columns] */
    /* For messages: the line of the file a row began on (CSV), or NULL. */
    size_t *line; /* [rows] */
};

/* Reads one table. `path` is for messages only. `key` names the table inside
 * the file, or is NULL: then the file must hold exactly one. Errors are
 * STATUS_INPUT, except a key that the file does not have or need
 * (STATUS_CONFIG, key "key"). */
enum status_code table_read(const struct bytes *bytes, const char *path,
                            const char *key, struct table *table,
                            struct status *status);
void table_release(struct table *table);

/* One format. `recognise` looks at the first bytes; CSV, the last, takes all.
 */
struct table_format {
    const char *name;
    bool (*recognise)(const struct bytes *bytes);
    enum status_code (*read)(const struct bytes *bytes, const char *path,
                             const char *key, struct table *table,
                             struct status *status);
};

extern const struct table_format TABLE_H5, TABLE_NPY, TABLE_CSV;

/* Readers build a table with these. Labels are UTF-8; table_init() leaves them
 * NULL and every value 0. */
void table_init(struct table *table, size_t rows, size_t columns);

/* Gives a column a defect in place of its values. */
void table_spoil(struct table_column *column, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Refuses a table with no cell or too many, before memory is taken; `where` is
 * the file, and the node in it if it has several. */
enum status_code table_check_size(const char *where, uint64_t rows,
                                  uint64_t columns, struct status *status);

/* Refuses a key where the format has none ("CSV", "an npy file"). */
enum status_code table_refuse_key(const char *path, const char *format,
                                  const char *key, struct status *status);

/* More rows x columns than this is refused before memory is taken. */
#define TABLE_CELLS_LIMIT ((size_t)1 << 28)

#endif
