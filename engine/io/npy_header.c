#include "engine/io/npy_header.h"

#include <string.h>

#include "engine/base/text.h"
#include "engine/io/utf8.h"

/* The dict literal, read from left to right. */
struct reader {
    const char *at, *end;
};

static void skip_blanks(struct reader *reader) {
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\n'))
        reader->at++;
}

static bool take(struct reader *reader, char character) {
    skip_blanks(reader);
    if (reader->at == reader->end || *reader->at != character)
        return false;
    reader->at++;
    return true;
}

static bool take_word(struct reader *reader, const char *word) {
    size_t length = strlen(word);
    skip_blanks(reader);
    if ((size_t)(reader->end - reader->at) < length ||
        memcmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

/* A string without escapes, of at most `size` - 1 bytes. */
static bool read_string(struct reader *reader, char *string, size_t size) {
    char quote = take(reader, '\'') ? '\'' : take(reader, '"') ? '"' : '\0';
    if (!quote)
        return false;
    const char *close =
        memchr(reader->at, quote, (size_t)(reader->end - reader->at));
    if (!close || (size_t)(close - reader->at) >= size)
        return false;
    size_t length = (size_t)(close - reader->at);
    memcpy(string, reader->at, length);
    string[length] = '\0';
    reader->at = close + 1;
    return !memchr(string, '\\', length);
}

static bool read_natural(struct reader *reader, uint64_t *value) {
    skip_blanks(reader);
    const char *start = reader->at;
    *value = 0;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
         reader->at++) {
        uint64_t digit = (uint64_t)(*reader->at - '0');
        if (*value > (UINT64_MAX - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    bool read = reader->at > start;
    take(reader, 'L'); /* Python 2 */
    return read;
}

static bool read_shape(struct reader *reader, struct npy_header *header) {
    if (!take(reader, '('))
        return false;
    header->rank = 0;
    while (!take(reader, ')')) {
        if (header->rank == NPY_RANK_LIMIT)
            return false;
        if (!read_natural(reader, &header->shape[header->rank++]))
            return false;
        if (!take(reader, ',')) /* only the last may lack it */
            return header->rank > 1 && take(reader, ')');
    }
    return true;
}

static bool read_boolean(struct reader *reader, bool *value) {
    *value = take_word(reader, "True");
    return *value || take_word(reader, "False");
}

enum { DESCR = 1, ORDER = 2, SHAPE = 4 };

/* One member; its bit, or 0. */
static int read_member(struct reader *reader, struct npy_header *header,
                       char descr[32]) {
    char key[16];
    if (!read_string(reader, key, sizeof key) || !take(reader, ':'))
        return 0;
    if (strcmp(key, "descr") == 0)
        return read_string(reader, descr, 32) ? DESCR : 0;
    if (strcmp(key, "fortran_order") == 0)
        return read_boolean(reader, &header->fortran_order) ? ORDER : 0;
    if (strcmp(key, "shape") == 0)
        return read_shape(reader, header) ? SHAPE : 0;
    return 0;
}

/* All three members once, in any order. */
static bool read_dict(struct reader *reader, struct npy_header *header,
                      char descr[32]) {
    if (!take(reader, '{'))
        return false;
    int seen = 0;
    while (!take(reader, '}')) {
        int member = read_member(reader, header, descr);
        if (!member || (seen & member))
            return false;
        seen |= member;
        if (!take(reader, ',')) {
            if (!take(reader, '}'))
                return false;
            break;
        }
    }
    skip_blanks(reader);
    return seen == (DESCR | ORDER | SHAPE) && reader->at == reader->end;
}

static const struct dtype_row {
    char kind;
    size_t item_size;
} DTYPE_ROWS[] = {
    {'b', 1}, {'i', 1}, {'i', 2}, {'i', 4}, {'i', 8}, {'u', 1},
    {'u', 2}, {'u', 4}, {'u', 8}, {'f', 2}, {'f', 4}, {'f', 8},
};

/* "<f8": byte order, kind, bytes. */
static bool read_descr(const char *descr, struct npy_header *header) {
    if (strlen(descr) != 3 || !strchr("<>|=", descr[0]))
        return false;
    header->byte_order = descr[0];
    header->kind = descr[1];
    header->item_size = (size_t)(unsigned char)descr[2] - '0';
    for (size_t i = 0; i < sizeof DTYPE_ROWS / sizeof DTYPE_ROWS[0]; i++)
        if (DTYPE_ROWS[i].kind == header->kind &&
            DTYPE_ROWS[i].item_size == header->item_size)
            return true;
    return false;
}

static void write_shape(struct npy_header *header) {
    struct text text = TEXT_INIT;
    text_add_char(&text, '(');
    for (size_t i = 0; i < header->rank; i++)
        text_print(&text, "%s%llu", i ? ", " : "",
                   (unsigned long long)header->shape[i]);
    text_add(&text, header->rank == 1 ? ",)" : ")");
    size_t length = text.length < sizeof header->shape_text
                        ? text.length
                        : sizeof header->shape_text - 1;
    memcpy(header->shape_text, text.bytes, length);
    header->shape_text[length] = '\0';
    text_release(&text);
}

/* Where the dict lies: the version says how wide its length is. */
static enum status_code find_dict(const struct bytes *bytes, const char *path,
                                  struct reader *reader,
                                  struct status *status) {
    unsigned major = bytes->size > 6 ? bytes->data[6] : 0;
    size_t width = major == 1 ? 2 : 4, length = 0;
    STATUS_RETURN_IF(bytes->size < 8 + width, status, STATUS_INPUT,
                     "%s: the npy file ends within its header", path);
    STATUS_RETURN_IF(major < 1 || major > 3 || bytes->data[7] != 0, status,
                     STATUS_INPUT,
                     "%s: npy version %u.%u, expected 1.0, 2.0 or 3.0", path,
                     major, bytes->data[7]);
    for (size_t i = width; i-- > 0;)
        length = length << 8 | bytes->data[8 + i];
    STATUS_RETURN_IF(length > bytes->size - 8 - width, status, STATUS_INPUT,
                     "%s: the npy file ends within its header", path);
    const char *start = (const char *)bytes->data + 8 + width;
    *reader = (struct reader){start, start + length};
    return STATUS_OK;
}

/* A structured dtype's descr is a list; any other we know is a short string. */
static enum status_code refuse_dtype(const char *path, const char *descr,
                                     struct status *status) {
    struct text name = TEXT_INIT;
    utf8_excerpt(&name, descr, strlen(descr), 32);
    status_set(status, STATUS_INPUT,
               "%s: the array's dtype '%s' is not numbers or booleans", path,
               text_string(&name));
    text_release(&name);
    return STATUS_INPUT;
}

static bool is_structured(struct reader reader) {
    const char *key = "'descr':";
    const char *found =
        memmem(reader.at, (size_t)(reader.end - reader.at), key, strlen(key));
    if (!found)
        return false;
    reader.at = found + strlen(key);
    return take(&reader, '[') || take(&reader, '(');
}

enum status_code npy_header_read(const struct bytes *bytes, const char *path,
                                 struct npy_header *header,
                                 struct status *status) {
    struct reader reader = {0};
    char descr[32] = "";
    *header = (struct npy_header){0};
    STATUS_TRY(find_dict(bytes, path, &reader, status));
    header->data_offset = (size_t)(reader.end - (const char *)bytes->data);
    if (is_structured(reader))
        return refuse_dtype(path, "structured", status);
    STATUS_RETURN_IF(!read_dict(&reader, header, descr), status, STATUS_INPUT,
                     "%s: the npy header is damaged", path);
    if (!read_descr(descr, header))
        return refuse_dtype(path, descr, status);
    write_shape(header);
    return STATUS_OK;
}
