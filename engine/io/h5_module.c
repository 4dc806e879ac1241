/* The HDF5 module's one function. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/io/h5.h"
#include "engine/io/h5_module.h"

__attribute__((visibility("default"))) h5_read_function runner_hdf5_read;

/* The driver that keeps a file in memory copies the bytes; it touches no disk
 * and asks for no lock. */
static enum status_code open_image(const struct bytes *bytes, const char *path,
                                   struct h5_file *file,
                                   struct status *status) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    *file = (struct h5_file){-1, path, bytes->size};
    if (access >= 0 && H5Pset_fapl_core(access, 1 << 16, 0) >= 0 &&
        H5Pset_file_image(access, bytes->data, bytes->size) >= 0)
        file->id = H5Fopen("image", H5F_ACC_RDONLY, access);
    enum status_code code = STATUS_OK;
    if (file->id < 0)
        code = h5_fail(path, "HDF5 can't open it", status);
    H5Pclose(access);
    return code;
}

/* What pandas calls its objects in the attribute pandas_type. */
static const struct format_row {
    const char *pandas_type;
    enum status_code (*read)(const struct h5_file *file, const char *path,
                             struct table *table, struct status *status);
} FORMAT_ROWS[] = {
    {"frame", h5_read_frame},
    {"series", h5_read_series},
    {"frame_table", h5_read_pandas_table},
    {"series_table", h5_read_pandas_table},
};

static enum status_code read_pandas(const struct h5_file *file,
                                    const char *path, const char *pandas_type,
                                    struct table *table,
                                    struct status *status) {
    for (size_t i = 0; i < sizeof FORMAT_ROWS / sizeof FORMAT_ROWS[0]; i++)
        if (strcmp(FORMAT_ROWS[i].pandas_type, pandas_type) == 0)
            return FORMAT_ROWS[i].read(file, path, table, status);
    return status_set(status, STATUS_INPUT,
                      "%s: %s: pandas_type '%.40s', expected a DataFrame or "
                      "Series",
                      file->path, path, pandas_type);
}

static enum status_code read_found(const struct h5_file *file, const char *path,
                                   struct table *table, struct status *status) {
    struct text pandas_type = TEXT_INIT;
    bool is_utf8;
    hid_t object = H5Oopen(file->id, path, H5P_DEFAULT);
    bool is_pandas =
        h5_attribute_text(object, "pandas_type", &pandas_type, &is_utf8);
    H5Oclose(object);
    enum status_code code =
        is_pandas
            ? read_pandas(file, path, text_string(&pandas_type), table, status)
            : h5_read_plain(file, path, table, status);
    text_release(&pandas_type);
    return code;
}

enum status_code runner_hdf5_read(const struct bytes *bytes, const char *path,
                                  const char *key, struct table *table,
                                  struct status *status) {
    struct h5_file file;
    char *found = NULL;
    *table = (struct table){0};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0);
    STATUS_TRY(open_image(bytes, path, &file, status));
    enum status_code code = h5_find(&file, key, &found, status);
    if (code == STATUS_OK)
        code = read_found(&file, found, table, status);
    if (code != STATUS_OK)
        table_release(table);
    free(found);
    H5Fclose(file.id);
    return code;
}
