/* Can the file hold what a dataset says it does? */

#include "engine/io/h5_module.h"

static const struct filter_row {
    H5Z_filter_t id;
    const char *name;
} FILTER_ROWS[] = {
    {305, "lzo"},      {307, "bzip2"},
    {32000, "lzf"},    {32001, "blosc"},
    {32004, "lz4"},    {32008, "bitshuffle"},
    {32013, "zfp"},    {32015, "zstd"},
    {32026, "blosc2"}, {H5Z_FILTER_SZIP, "szip"},
};

static const char *filter_name(H5Z_filter_t id) {
    for (size_t i = 0; i < sizeof FILTER_ROWS / sizeof FILTER_ROWS[0]; i++)
        if (FILTER_ROWS[i].id == id)
            return FILTER_ROWS[i].name;
    return "an unknown filter";
}

static enum status_code check_filters(const struct h5_dataset *dataset,
                                      hid_t creation, struct status *status) {
    int count = H5Pget_nfilters(creation);
    for (int i = 0; i < count; i++) {
        unsigned flags, config;
        size_t elements = 0;
        H5Z_filter_t id = H5Pget_filter2(creation, (unsigned)i, &flags,
                                         &elements, NULL, 0, NULL, &config);
        STATUS_RETURN_IF(id < 0 || H5Zfilter_avail(id) <= 0, status,
                         STATUS_INPUT,
                         "%s: compressed with %s (filter %d), which is not "
                         "read; write it with zlib or uncompressed",
                         dataset->where, filter_name(id), (int)id);
    }
    return STATUS_OK;
}

/* Bytes of `count` things of `size`, or UINT64_MAX if there are more. */
static uint64_t multiply(uint64_t count, uint64_t size) {
    return size && count > UINT64_MAX / size ? UINT64_MAX : count * size;
}

static uint64_t claimed_bytes(const struct h5_dataset *dataset) {
    uint64_t bytes = H5Tget_size(dataset->type);
    for (int i = 0; i < dataset->rank; i++)
        bytes = multiply(bytes, dataset->shape[i]);
    return bytes;
}

/* No stream of deflate holds more than 1,032 times its own bytes. */
enum { DEFLATE_LIMIT = 1032 };

/* Tables of numbers rarely shrink so far, and large ones that do are made to
 * fill memory: beyond these bytes, no more than so many times what is stored.
 */
enum { INFLATED_FREE = 256 << 20, INFLATED_TIMES = 128 };

/* The grid of a dataset's chunks. */
struct chunks {
    hsize_t extent[H5S_MAX_RANK]; /* of one */
    uint64_t count, bytes;        /* of all; of one, decompressed */
};

#if H5_VERSION_GE(1, 10, 5)
/* The next place in the grid, the last axis first. */
static void next_place(const struct h5_dataset *dataset,
                       const struct chunks *chunks, hsize_t *place) {
    for (int i = dataset->rank; i-- > 0;) {
        place[i] += chunks->extent[i];
        if (place[i] < dataset->shape[i])
            return;
        place[i] = 0;
    }
}

/* A chunk for which filters were left out (deflate, where it gained nothing)
 * must have its full size: the library would read on behind a short one. */
static enum status_code check_each(const struct h5_file *file,
                                   const struct h5_dataset *dataset,
                                   const struct chunks *chunks,
                                   struct status *status) {
    hsize_t place[H5S_MAX_RANK] = {0};
    for (uint64_t i = 0; i < chunks->count; i++) {
        unsigned left_out = 0;
        haddr_t address = 0;
        hsize_t size = 0;
        if (H5Dget_chunk_info_by_coord(dataset->id, place, &left_out, &address,
                                       &size) < 0)
            return h5_fail(dataset->where, "HDF5 can't find its chunks",
                           status);
        bool inside = size <= file->size && address <= file->size - size;
        STATUS_RETURN_IF(
            !inside || size == 0 || (left_out && size < chunks->bytes), status,
            STATUS_INPUT, "%s: a chunk of it is cut off", dataset->where);
        next_place(dataset, chunks, place);
    }
    return STATUS_OK;
}

/* A chunk that was never written would be read as zeros. */
static enum status_code check_all_stored(const struct h5_file *file,
                                         const struct h5_dataset *dataset,
                                         const struct chunks *chunks,
                                         struct status *status) {
    hsize_t found = 0;
    hid_t space = H5Dget_space(dataset->id);
    herr_t result = H5Dget_num_chunks(dataset->id, space, &found);
    H5Sclose(space);
    if (result < 0)
        return h5_fail(dataset->where, "HDF5 can't list its chunks", status);
    STATUS_RETURN_IF(found != chunks->count, status, STATUS_INPUT,
                     "%s: %llu of its %llu chunks are there", dataset->where,
                     (unsigned long long)found,
                     (unsigned long long)chunks->count);
    return check_each(file, dataset, chunks, status);
}
#else
/* This release can't say what chunks there are. */
static enum status_code check_all_stored(const struct h5_file *file,
                                         const struct h5_dataset *dataset,
                                         const struct chunks *chunks,
                                         struct status *status) {
    (void)file, (void)dataset, (void)chunks, (void)status;
    return STATUS_OK;
}
#endif

static enum status_code measure_chunks(const struct h5_dataset *dataset,
                                       hid_t creation, struct chunks *chunks,
                                       struct status *status) {
    int rank = H5Pget_chunk(creation, H5S_MAX_RANK, chunks->extent);
    chunks->count = 1;
    chunks->bytes = H5Tget_size(dataset->type);
    for (int i = 0; i < dataset->rank; i++) {
        hsize_t extent = chunks->extent[i];
        STATUS_RETURN_IF(rank != dataset->rank || extent == 0, status,
                         STATUS_INPUT, "%s: its chunks are damaged",
                         dataset->where);
        hsize_t whole = dataset->shape[i] / extent;
        chunks->count =
            multiply(chunks->count, whole + (dataset->shape[i] % extent != 0));
        chunks->bytes = multiply(chunks->bytes, extent);
    }
    return STATUS_OK;
}

static enum status_code check_chunks(const struct h5_file *file,
                                     const struct h5_dataset *dataset,
                                     hid_t creation, uint64_t stored,
                                     struct status *status) {
    struct chunks chunks;
    STATUS_TRY(measure_chunks(dataset, creation, &chunks, status));
    STATUS_TRY(check_filters(dataset, creation, status));
    uint64_t factor = H5Pget_nfilters(creation) > 0 ? DEFLATE_LIMIT : 1;
    uint64_t bytes = multiply(chunks.count, chunks.bytes);
    STATUS_RETURN_IF(bytes > multiply(stored, factor), status, STATUS_INPUT,
                     "%s: shape %s is more than its %llu stored bytes can hold",
                     dataset->where, dataset->shape_text,
                     (unsigned long long)stored);
    STATUS_RETURN_IF(
        bytes > INFLATED_FREE && bytes > multiply(stored, INFLATED_TIMES),
        status, STATUS_INPUT,
        "%s: shape %s is more than %d times its %llu stored bytes, which is "
        "read up to %d MiB",
        dataset->where, dataset->shape_text, INFLATED_TIMES,
        (unsigned long long)stored, INFLATED_FREE >> 20);
    return check_all_stored(file, dataset, &chunks, status);
}

static enum status_code check_layout(const struct h5_file *file,
                                     const struct h5_dataset *dataset,
                                     hid_t creation, struct status *status) {
    uint64_t stored = H5Dget_storage_size(dataset->id);
    STATUS_RETURN_IF(stored > file->size, status, STATUS_INPUT,
                     "%s: claims %llu stored bytes in a file of %zu",
                     dataset->where, (unsigned long long)stored, file->size);
    H5D_layout_t layout = H5Pget_layout(creation);
    if (layout == H5D_CHUNKED)
        return check_chunks(file, dataset, creation, stored, status);
    bool is_own = layout == H5D_COMPACT || layout == H5D_CONTIGUOUS;
    STATUS_RETURN_IF(!is_own || H5Pget_external_count(creation) != 0, status,
                     STATUS_INPUT,
                     "%s: its values lie in other files or datasets, which are "
                     "not read",
                     dataset->where);
    STATUS_RETURN_IF(claimed_bytes(dataset) > stored, status, STATUS_INPUT,
                     "%s: shape %s needs %llu bytes, %llu are stored",
                     dataset->where, dataset->shape_text,
                     (unsigned long long)claimed_bytes(dataset),
                     (unsigned long long)stored);
    return STATUS_OK;
}

enum status_code h5_check_storage(const struct h5_file *file,
                                  const struct h5_dataset *dataset,
                                  struct status *status) {
    for (int i = 0; i < dataset->rank; i++)
        if (dataset->shape[i] == 0)
            return STATUS_OK; /* nothing is stored; the reader refuses it */
    hid_t creation = H5Dget_create_plist(dataset->id);
    if (creation < 0)
        return h5_fail(dataset->where, "HDF5 can't read its layout", status);
    enum status_code code = check_layout(file, dataset, creation, status);
    H5Pclose(creation);
    return code;
}
