/* Datasets: what they hold, whether the file can hold it, and reading it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/h5_module.h"

/* HDF5's innermost reason comes first when its error stack is walked upward. */
static herr_t take_first(unsigned n, const H5E_error2_t *error, void *context) {
    (void)n;
    char *reason = context;
    if (!*reason && error->desc)
        snprintf(reason, 200, "%s", error->desc);
    return 0;
}

enum status_code h5_fail(const char *where, const char *what,
                         struct status *status) {
    char reason[200] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, reason);
    return status_set(status, STATUS_INPUT, "%s: %s%s%s%s", where, what,
                      *reason ? " (" : "", reason, *reason ? ")" : "");
}

/* h5py writes booleans as an enum of one byte, FALSE and TRUE. */
static bool is_boolean_enum(hid_t type) {
    unsigned char zero = 0, one = 1;
    char first[8] = "", second[8] = "";
    return H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2 &&
           H5Tenum_nameof(type, &zero, first, sizeof first) >= 0 &&
           H5Tenum_nameof(type, &one, second, sizeof second) >= 0 &&
           strcmp(first, "FALSE") == 0 && strcmp(second, "TRUE") == 0;
}

enum h5_element h5_element_of(hid_t type) {
    size_t size = H5Tget_size(type);
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
        return size <= 8 ? H5_NUMBERS : H5_OTHERS;
    case H5T_FLOAT:
        return size <= 16 ? H5_NUMBERS : H5_OTHERS;
    case H5T_BITFIELD:
        return size == 1 ? H5_BOOLEANS : H5_OTHERS;
    case H5T_ENUM:
        return is_boolean_enum(type) ? H5_BOOLEANS : H5_OTHERS;
    case H5T_STRING:
        return H5Tis_variable_str(type) > 0 ? H5_OBJECTS : H5_STRINGS;
    case H5T_VLEN:
        return H5_OBJECTS;
    case H5T_COMPOUND:
        return H5_RECORDS;
    default:
        return H5_OTHERS;
    }
}

static void write_shape(struct h5_dataset *dataset) {
    struct text text = TEXT_INIT;
    text_add_char(&text, '(');
    for (int i = 0; i < dataset->rank && i < H5_RANK_SHOWN; i++)
        text_print(&text, "%s%llu", i ? ", " : "",
                   (unsigned long long)dataset->shape[i]);
    text_add(&text, dataset->rank > H5_RANK_SHOWN ? ", ...)"
                    : dataset->rank == 1          ? ",)"
                                                  : ")");
    snprintf(dataset->shape_text, sizeof dataset->shape_text, "%s",
             text_string(&text));
    text_release(&text);
}

/* ---- opening ---- */

/* A soft link may lead in circles, an external one to another file. */
static bool is_hard_link(hid_t file, const char *path) {
    H5L_info_t link;
    return H5Lexists(file, path, H5P_DEFAULT) > 0 &&
           H5Lget_info(file, path, &link, H5P_DEFAULT) >= 0 &&
           link.type == H5L_TYPE_HARD;
}

static enum status_code open_object(const struct h5_file *file,
                                    const char *path,
                                    struct h5_dataset *dataset,
                                    struct status *status) {
    STATUS_RETURN_IF(!is_hard_link(file->id, path), status, STATUS_INPUT,
                     "%s: the file does not have it, or as a link only",
                     dataset->where);
    dataset->id = H5Oopen(file->id, path, H5P_DEFAULT);
    if (dataset->id < 0)
        return h5_fail(dataset->where, "HDF5 can't open it", status);
    STATUS_RETURN_IF(H5Iget_type(dataset->id) != H5I_DATASET, status,
                     STATUS_INPUT, "%s: is not a dataset", dataset->where);
    return STATUS_OK;
}

static enum status_code read_shape(struct h5_dataset *dataset,
                                   struct status *status) {
    hid_t space = H5Dget_space(dataset->id);
    dataset->type = H5Dget_type(dataset->id);
    dataset->rank = H5Sget_simple_extent_dims(space, dataset->shape, NULL);
    H5Sclose(space);
    if (dataset->type < 0 || dataset->rank < 0)
        return h5_fail(dataset->where, "HDF5 can't read its shape", status);
    dataset->element = h5_element_of(dataset->type);
    write_shape(dataset);
    return STATUS_OK;
}

enum status_code h5_dataset_open(const struct h5_file *file, const char *path,
                                 struct h5_dataset *dataset,
                                 struct status *status) {
    *dataset = (struct h5_dataset){.id = -1, .type = -1};
    snprintf(dataset->where, sizeof dataset->where, "%.120s: %.120s",
             file->path, path);
    enum status_code code = open_object(file, path, dataset, status);
    if (code == STATUS_OK)
        code = read_shape(dataset, status);
    if (code == STATUS_OK)
        code = h5_check_storage(file, dataset, status);
    if (code != STATUS_OK)
        h5_dataset_close(dataset);
    return code;
}

void h5_dataset_close(struct h5_dataset *dataset) {
    if (dataset->type >= 0)
        H5Tclose(dataset->type);
    if (dataset->id >= 0)
        H5Oclose(dataset->id);
    dataset->id = dataset->type = -1;
}

/* ---- reading ---- */

/* Each chunk is decompressed once if slices end where chunks end. */
hsize_t h5_slice_rows(const struct h5_dataset *dataset, size_t row_size) {
    hsize_t chunk[H5S_MAX_RANK] = {1};
    hid_t creation = H5Dget_create_plist(dataset->id);
    if (H5Pget_layout(creation) == H5D_CHUNKED)
        H5Pget_chunk(creation, H5S_MAX_RANK, chunk);
    H5Pclose(creation);
    hsize_t wanted = ((hsize_t)4 << 20) / (row_size ? row_size : 1);
    hsize_t chunks = wanted / chunk[0];
    hsize_t rows = chunk[0] * (chunks ? chunks : 1);
    return rows < dataset->shape[0] ? rows : dataset->shape[0];
}

enum status_code h5_read_rows(const struct h5_dataset *dataset, hid_t type,
                              hsize_t first, hsize_t count, void *buffer,
                              struct status *status) {
    hsize_t start[H5S_MAX_RANK] = {first}, extent[H5S_MAX_RANK];
    memcpy(extent, dataset->shape, sizeof extent);
    extent[0] = count;
    hid_t space = H5Dget_space(dataset->id);
    hid_t memory = H5Screate_simple(dataset->rank, extent, NULL);
    bool read =
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, extent, NULL) >=
            0 &&
        H5Dread(dataset->id, type, memory, space, H5P_DEFAULT, buffer) >= 0;
    enum status_code code =
        read ? STATUS_OK
             : h5_fail(dataset->where, "HDF5 can't read it", status);
    H5Sclose(memory);
    H5Sclose(space);
    return code;
}

static void scatter(const struct h5_dataset *dataset, const void *buffer,
                    size_t first, size_t rows, double *const *values) {
    size_t columns = dataset->rank == 2 ? (size_t)dataset->shape[1] : 1;
    const double *numbers = buffer;
    const unsigned char *booleans = buffer;
    bool is_number = dataset->element == H5_NUMBERS;
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < columns; i++) {
            size_t at = row * columns + i;
            values[i][first + row] =
                is_number ? numbers[at] : (double)(booleans[at] != 0);
        }
}

enum status_code h5_read_numbers(const struct h5_dataset *dataset,
                                 double *const *values, struct status *status) {
    bool is_number = dataset->element == H5_NUMBERS;
    size_t item = is_number ? sizeof(double) : 1;
    size_t columns = dataset->rank == 2 ? (size_t)dataset->shape[1] : 1;
    hsize_t slice = h5_slice_rows(dataset, columns * item);
    hid_t type = is_number ? H5T_NATIVE_DOUBLE : dataset->type;
    void *buffer = memory_zeroed((size_t)slice * columns, item);
    enum status_code code = STATUS_OK;
    for (hsize_t first = 0; first < dataset->shape[0] && code == STATUS_OK;
         first += slice) {
        hsize_t left = dataset->shape[0] - first;
        hsize_t rows = left < slice ? left : slice;
        code = h5_read_rows(dataset, type, first, rows, buffer, status);
        if (code == STATUS_OK)
            scatter(dataset, buffer, (size_t)first, (size_t)rows, values);
    }
    free(buffer);
    return code;
}
