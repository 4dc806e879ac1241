#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "runner/store/block.h"
#include "runner/store/folder.h"

enum { PIECE = 1 << 16 };

void block_name(size_t number, const char *ending, char name[BLOCK_NAME_SIZE]) {
    snprintf(name, BLOCK_NAME_SIZE, "%06zu%s", number, ending);
}

size_t block_runs(size_t planned, size_t number) {
    size_t rest = planned - number * BLOCK_RUNS;
    return rest < BLOCK_RUNS ? rest : BLOCK_RUNS;
}

bool block_is_there(const struct store *store, size_t number) {
    char name[BLOCK_NAME_SIZE];
    struct stat about;
    block_name(number, ".jsonl", name);
    return store->runs >= 0 &&
           fstatat(store->runs, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(about.st_mode);
}

bool block_file_open(const struct store *store, size_t number,
                     const char *ending, struct block_file *file) {
    char name[BLOCK_NAME_SIZE];
    struct stat about;
    block_name(number, ending, name);
    file->file =
        folder_open_file(store->runs, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file->file < 0)
        return false;
    if (fstat(file->file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(file->file);
        return false;
    }
    file->at = 0;
    file->size = (uint64_t)about.st_size;
    return true;
}

/* ------------------------------------------------------------------- lines */

static void add_start(struct block_lines *lines, uint64_t start) {
    if (lines->count < BLOCK_RUNS)
        lines->starts[++lines->count] = start;
}

/* False unless these bytes are lines, at most BLOCK_RUNS, and nothing else. */
static bool find_lines(struct block_lines *lines, uint64_t at, uint64_t end) {
    char piece[PIECE];
    lines->starts[0] = at;
    while (at < end) {
        uint64_t rest = end - at;
        size_t length = rest < sizeof piece ? (size_t)rest : sizeof piece;
        if (file_read_at(lines->file, at, piece, length) != 0)
            return false;
        for (const char *c = piece, *stop = piece + length;
             (c = memchr(c, '\n', (size_t)(stop - c))) != NULL; c++)
            add_start(lines, at + (uint64_t)(c - piece) + 1);
        at += length;
    }
    return lines->starts[lines->count] == end;
}

bool block_lines_init(struct block_lines *lines,
                      const struct block_file *file) {
    *lines = (struct block_lines){.file = file->file};
    lines->starts = memory_zeroed(BLOCK_RUNS + 1, sizeof *lines->starts);
    if (find_lines(lines, file->at, file->at + file->size))
        return true;
    block_lines_close(lines);
    return false;
}

bool block_lines_open(struct block_lines *lines, const struct store *store,
                      size_t number) {
    struct block_file file;
    *lines = (struct block_lines){.file = -1};
    return block_file_open(store, number, ".jsonl", &file) &&
           block_lines_init(lines, &file);
}

void block_lines_close(struct block_lines *lines) {
    if (lines->file >= 0)
        close(lines->file);
    free(lines->starts);
    *lines = (struct block_lines){.file = -1};
}

bool block_lines_read(const struct block_lines *lines, size_t line,
                      struct bytes *bytes) {
    *bytes = (struct bytes){0};
    if (line >= lines->count)
        return false;
    uint64_t start = lines->starts[line];
    size_t size = (size_t)(lines->starts[line + 1] - start) - 1;
    bytes->data = memory_zeroed(size + 1, 1);
    bytes->size = size;
    if (file_read_at(lines->file, start, bytes->data, size) == 0)
        return true;
    bytes_release(bytes);
    return false;
}
