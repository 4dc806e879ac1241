#ifndef ENGINE_IO_H5_MODULE_H
#define ENGINE_IO_H5_MODULE_H

/* Inside the HDF5 module: what its files share. Only they include hdf5.h.
 *
 * Nothing a file says about itself is believed: sizes are held against the
 * file's own before memory is taken, only hard links are followed, external and
 * virtual storage is refused, filters are not loaded. */

#include <hdf5.h>

#include "engine/base/text.h"
#include "engine/io/pickle.h"
#include "engine/io/table.h"

/* An open file image. */
struct h5_file {
    hid_t id;
    const char *path; /* for messages */
    size_t size;
};

/* ---- tables in a file (h5_module_find.c) ---- */

/* Finds the table that `key` names, or the only one; `found` is its path in the
 * file ("/df"), for the caller to free. Errors: STATUS_INPUT, and STATUS_CONFIG
 * with the key "key". */
enum status_code h5_find(const struct h5_file *file, const char *key,
                         char **found, struct status *status);

/* ---- attributes (h5_module_attribute.c) ---- */

bool h5_has_attribute(hid_t object, const char *name);

/* A single string, of bytes if not `is_utf8`; false if there is none. */
bool h5_attribute_text(hid_t object, const char *name, struct text *text,
                       bool *is_utf8);
/* True if the attribute is a string that begins with `start`. */
bool h5_attribute_begins(hid_t object, const char *name, const char *start);
bool h5_attribute_integer(hid_t object, const char *name, int64_t *value);

/* A pickled attribute; `where` is for messages. */
enum status_code h5_attribute_pickle(hid_t object, const char *name,
                                     const char *where, struct pickle *pickle,
                                     struct status *status);

/* ---- datasets (h5_module_dataset.c) ---- */

enum h5_element {
    H5_NUMBERS,
    H5_BOOLEANS, /* a byte each */
    H5_STRINGS,  /* of fixed length */
    H5_OBJECTS,  /* of variable length: what PyTables pickles objects into */
    H5_RECORDS,
    H5_OTHERS,
};

enum { H5_RANK_SHOWN = 8 };

struct h5_dataset {
    hid_t id, type;
    enum h5_element element;
    int rank;
    hsize_t shape[H5S_MAX_RANK];
    char where[256]; /* "data.h5: /df/axis0", for messages */
    char shape_text[128];
};

enum h5_element h5_element_of(hid_t type);

/* Opens a dataset and checks that its storage can be what it says. On error
 * nothing is open. */
enum status_code h5_dataset_open(const struct h5_file *file, const char *path,
                                 struct h5_dataset *dataset,
                                 struct status *status);
void h5_dataset_close(struct h5_dataset *dataset);

/* Refuses more values than the stored bytes can be, chunks that are missing or
 * cut, filters that are not there, and storage outside of the file
 * (h5_module_storage.c). */
enum status_code h5_check_storage(const struct h5_file *file,
                                  const struct h5_dataset *dataset,
                                  struct status *status);

/* How many rows may be read at a time: whole chunks, some MiB. */
hsize_t h5_slice_rows(const struct h5_dataset *dataset, size_t row_size);

/* Reads rows `first` to `first + count` as `type` into `buffer`. */
enum status_code h5_read_rows(const struct h5_dataset *dataset, hid_t type,
                              hsize_t first, hsize_t count, void *buffer,
                              struct status *status);

/* Reads numbers or booleans, one or two axes, into values[column][row]. */
enum status_code h5_read_numbers(const struct h5_dataset *dataset,
                                 double *const *values, struct status *status);

/* STATUS_INPUT: the node, what was tried, and HDF5's innermost reason. */
enum status_code h5_fail(const char *where, const char *what,
                         struct status *status);

/* ---- labels (h5_module_labels.c) ---- */

struct h5_labels {
    char **label; /* UTF-8 */
    size_t count;
    size_t *sorted; /* positions by label, once h5_labels_sort() was called */
};

/* An index array that pandas wrote: strings, integers or floats. */
enum status_code h5_labels_read(const struct h5_file *file, const char *path,
                                struct h5_labels *labels,
                                struct status *status);

/* A pickled list of strings, integers, floats. */
enum status_code h5_labels_of_pickle(const struct pickle_value *list,
                                     const char *where,
                                     struct h5_labels *labels,
                                     struct status *status);
void h5_labels_release(struct h5_labels *labels);

/* True if the bytes can be a label: UTF-8 without NUL. */
bool h5_is_label(const char *bytes, size_t length);

/* The text of one label that is not a container; or NULL. */
char *h5_label_text(const struct pickle_value *value);

/* Sorts, and refuses a label that stands twice. */
enum status_code h5_labels_sort(struct h5_labels *labels, const char *where,
                                struct status *status);

/* The position of a label in sorted labels; `count` if it is none of them. */
size_t h5_labels_find(const struct h5_labels *labels, const char *label);

/* ---- datasets of records (h5_module_records.c) ---- */

struct h5_field {
    char *name;
    hid_t type;              /* of one item */
    enum h5_element element; /* of one item */
    bool is_array;
    size_t items;
    const char *defect; /* or NULL */
    size_t *columns;    /* [items]; the table's, NULL: the field is left out */
    size_t offset;      /* in a row of the buffer */
};

struct h5_records {
    const struct h5_file *file;
    struct h5_dataset dataset;
    struct h5_field *fields;
    size_t count;
};

/* Opens a dataset of records; on error nothing is open. */
enum status_code h5_records_open(const struct h5_file *file, const char *path,
                                 struct h5_records *records,
                                 struct status *status);
void h5_records_close(struct h5_records *records);

/* Makes the table, after checking its size. */
enum status_code h5_records_start(const struct h5_records *records,
                                  size_t columns, struct table *table,
                                  struct status *status);

/* Reads the fields that have columns into those; the table's labels stand. */
enum status_code h5_records_fill(struct h5_records *records,
                                 struct table *table, struct status *status);

/* ---- formats: each reads the table at a path ---- */

/* pandas `fixed`. */
enum status_code h5_read_frame(const struct h5_file *file, const char *path,
                               struct table *table, struct status *status);
enum status_code h5_read_series(const struct h5_file *file, const char *path,
                                struct table *table, struct status *status);
/* pandas `table`. */
enum status_code h5_read_pandas_table(const struct h5_file *file,
                                      const char *path, struct table *table,
                                      struct status *status);
/* A dataset that is not pandas': records, or numbers of one or two axes. */
enum status_code h5_read_plain(const struct h5_file *file, const char *path,
                               struct table *table, struct status *status);

#endif
