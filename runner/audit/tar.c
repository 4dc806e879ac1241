#include "runner/audit/tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where the fields are, and how long. */
enum {
    NAME_SIZE = 100,
    MODE = 100,
    UID = 108,
    GID = 116,
    SIZE = 124,
    TIME = 136,
    CHECKSUM = 148,
    CHECKSUM_SIZE = 8,
    TYPE = 156,
    MAGIC = 257,
    PREFIX = 345,
    PREFIX_SIZE = 155,
    SIZE_DIGITS = 11,
    SIZE_BITS = 33,
};

/* The slash behind the prefix, or NULL where the whole path is the name; false
 * if it fits neither way. The prefix is the shortest that will do. */
static bool split(const char *path, const char **slash) {
    size_t length = strlen(path);
    *slash = NULL;
    if (length == 0 || length <= NAME_SIZE)
        return length > 0;
    *slash = strchr(path + length - NAME_SIZE - 1, '/');
    return *slash && *slash > path && (*slash)[1] &&
           *slash - path <= PREFIX_SIZE;
}

static void put_text(unsigned char *field, const char *text, size_t length) {
    memcpy(field, text, length);
}

static unsigned int checksum_of(const unsigned char block[TAR_BLOCK]) {
    unsigned int sum = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_SIZE ? ' ' : block[i];
    return sum;
}

bool tar_header_write(const char *path, uint64_t size,
                      unsigned char block[TAR_BLOCK]) {
    static const char ID[] = "0000000", MAGIC_TEXT[] = "ustar\00000";
    const char *slash;
    char digits[16];
    memset(block, 0, TAR_BLOCK);
    if (!split(path, &slash) || size >> SIZE_BITS)
        return false;
    const char *name = slash ? slash + 1 : path;
    put_text(block, name, strlen(name));
    if (slash)
        put_text(block + PREFIX, path, (size_t)(slash - path));
    put_text(block + MODE, "0000644", sizeof ID);
    put_text(block + UID, ID, sizeof ID);
    put_text(block + GID, ID, sizeof ID);
    snprintf(digits, sizeof digits, "%011" PRIo64, size);
    put_text(block + SIZE, digits, SIZE_DIGITS + 1);
    put_text(block + TIME, "00000000000", SIZE_DIGITS + 1);
    block[TYPE] = '0';
    put_text(block + MAGIC, MAGIC_TEXT, sizeof MAGIC_TEXT - 1);
    snprintf(digits, sizeof digits, "%06o", checksum_of(block));
    put_text(block + CHECKSUM, digits, sizeof "000000");
    block[CHECKSUM + CHECKSUM_SIZE - 1] = ' ';
    return true;
}

static uint64_t read_size(const unsigned char *field) {
    uint64_t size = 0;
    for (size_t i = 0; i < SIZE_DIGITS; i++)
        size = size * 8 + (uint64_t)((field[i] - '0') & 7);
    return size;
}

bool tar_header_read(const unsigned char block[TAR_BLOCK],
                     char path[TAR_PATH_SIZE], uint64_t *size) {
    unsigned char again[TAR_BLOCK];
    const char *name = (const char *)block, *prefix = name + PREFIX;
    snprintf(path, TAR_PATH_SIZE, "%.*s%s%.*s", (int)PREFIX_SIZE, prefix,
             *prefix ? "/" : "", (int)NAME_SIZE, name);
    *size = read_size(block + SIZE);
    return tar_header_write(path, *size, again) &&
           memcmp(block, again, TAR_BLOCK) == 0;
}
