/* numpy's npy files: one array, one or two axes. */

#include <stdio.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/npy_header.h"
#include "engine/io/table.h"

static bool npy_recognise(const struct bytes *bytes) {
    return bytes->size >= 6 && memcmp(bytes->data, "\x93NUMPY", 6) == 0;
}

/* The little-endian bits of an item. */
static uint64_t load_bits(const unsigned char *item, size_t size,
                          bool big_endian) {
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)item[big_endian ? size - 1 - i : i] << (8 * i);
    return bits;
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. The normal
 * ones, infinities and NaNs are a binary32's bits in other places. */
static double half_to_double(uint64_t bits) {
    uint32_t exponent = (uint32_t)(bits >> 10 & 31);
    uint32_t fraction = (uint32_t)(bits & 1023);
    uint32_t widened = exponent == 31 ? 255 : exponent + 112;
    uint32_t bits32 = widened << 23 | fraction << 13;
    float magnitude;
    memcpy(&magnitude, &bits32, sizeof magnitude);
    if (exponent == 0)
        magnitude = (float)fraction * 0x1p-24F;
    return bits >> 15 ? -(double)magnitude : (double)magnitude;
}

static double float_from_bits(uint64_t bits, size_t size) {
    uint32_t bits32 = (uint32_t)bits;
    float single;
    double value;
    switch (size) {
    case 2:
        return half_to_double(bits);
    case 4:
        memcpy(&single, &bits32, sizeof single);
        return (double)single;
    default:
        memcpy(&value, &bits, sizeof value);
        return value;
    }
}

/* Two's complement of `size` bytes, widened by its sign. */
static double signed_from_bits(uint64_t bits, size_t size) {
    uint64_t sign = (uint64_t)1 << (8 * size - 1);
    return (double)(int64_t)((bits ^ sign) - sign);
}

static double load_item(const struct npy_header *header,
                        const unsigned char *item) {
    uint64_t bits =
        load_bits(item, header->item_size, header->byte_order == '>');
    switch (header->kind) {
    case 'f':
        return float_from_bits(bits, header->item_size);
    case 'i':
        return signed_from_bits(bits, header->item_size);
    case 'b':
        return bits != 0;
    default:
        return (double)bits;
    }
}

/* A table's worth of axes, and exactly the bytes that they need. */
static enum status_code check_shape(const struct bytes *bytes, const char *path,
                                    const struct npy_header *header,
                                    struct status *status) {
    STATUS_RETURN_IF(header->rank != 1 && header->rank != 2, status,
                     STATUS_INPUT,
                     "%s: an array of shape %s, expected one or two axes", path,
                     header->shape_text);
    uint64_t rows = header->shape[0];
    uint64_t columns = header->rank == 2 ? header->shape[1] : 1;
    char where[512];
    snprintf(where, sizeof where, "%.400s: an array of shape %s", path,
             header->shape_text);
    STATUS_TRY(table_check_size(where, rows, columns, status));
    size_t needed = (size_t)(rows * columns) * header->item_size;
    size_t found = bytes->size - header->data_offset;
    STATUS_RETURN_IF(found != needed, status, STATUS_INPUT,
                     "%s: an array of shape %s needs %zu bytes, the file has "
                     "%zu",
                     path, header->shape_text, needed, found);
    return STATUS_OK;
}

static void fill_column(struct table *table, size_t index,
                        const struct npy_header *header,
                        const unsigned char *data) {
    struct table_column *column = &table->column[index];
    char label[24];
    snprintf(label, sizeof label, "%zu", index);
    column->label = memory_string(label);
    size_t start = header->fortran_order ? index * table->rows : index;
    size_t stride = header->fortran_order ? 1 : table->columns;
    for (size_t row = 0; row < table->rows; row++)
        column->values[row] = load_item(header, data + (start + row * stride) *
                                                           header->item_size);
}

static enum status_code npy_read(const struct bytes *bytes, const char *path,
                                 const char *key, struct table *table,
                                 struct status *status) {
    struct npy_header header;
    STATUS_TRY(table_refuse_key(path, "an npy file", key, status));
    STATUS_TRY(npy_header_read(bytes, path, &header, status));
    STATUS_TRY(check_shape(bytes, path, &header, status));
    table_init(table, (size_t)header.shape[0],
               header.rank == 2 ? (size_t)header.shape[1] : 1);
    for (size_t i = 0; i < table->columns; i++)
        fill_column(table, i, &header, bytes->data + header.data_offset);
    return STATUS_OK;
}

const struct table_format TABLE_NPY = {"npy", npy_recognise, npy_read};
