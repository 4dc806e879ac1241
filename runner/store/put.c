#include "runner/store/put.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/store/folder.h"

enum { PIECE = 1 << 16, COPY = 1 << 14 };

static enum status_code fail(const struct put *put, int error,
                             struct status *status) {
    const struct store *store = put->store;
    return status_set(status, STATUS_OUTPUT, "%s/%s%s: %s", store->path,
                      put->folder == store->runs ? "runs/" : "", put->name,
                      strerror(error));
}

/* ------------------------------------------------------------- what is there
 */

/* Opens what stands in the place; a FIFO must not make us wait. */
static enum status_code open_old(struct put *put, struct status *status) {
    struct stat about;
    if (fstatat(put->folder, put->name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return STATUS_OK;
    STATUS_RETURN_IF(!S_ISREG(about.st_mode), status, STATUS_OUTPUT,
                     "%s/%s: is not a regular file and is not replaced",
                     put->store->path, put->name);
    put->old = folder_open_file(put->folder, put->name,
                                O_RDONLY | O_NONBLOCK | O_NOCTTY);
    return STATUS_OK;
}

static bool agrees(const struct put *put) {
    unsigned char piece[COPY];
    for (size_t at = 0; at < put->text.length; at += sizeof piece) {
        size_t rest = put->text.length - at;
        size_t size = rest < sizeof piece ? rest : sizeof piece;
        if (file_read_at(put->old, put->done + at, piece, size) != 0 ||
            memcmp(piece, put->text.bytes + at, size) != 0)
            return false;
    }
    return true;
}

static void close_old(struct put *put) {
    if (put->old >= 0)
        close(put->old);
    put->old = -1;
}

/* -------------------------------------------------------------- what is new */

static int copy_old(struct put *put) {
    unsigned char piece[COPY];
    for (uint64_t at = 0; at < put->done; at += sizeof piece) {
        uint64_t rest = put->done - at;
        size_t size = rest < sizeof piece ? (size_t)rest : sizeof piece;
        int error = file_read_at(put->old, at, piece, size);
        if (!error)
            error = file_write_all(put->file, piece, size);
        if (error)
            return error;
    }
    return 0;
}

/* The first difference: begins the new file with what the old one has so far.
 */
static enum status_code part_ways(struct put *put, struct status *status) {
    char aside[WORK_NAME_SIZE];
    work_name(put->name, aside);
    folder_remove(put->store->work, aside);
    put->file =
        folder_open_file(put->store->work, aside, O_WRONLY | O_CREAT | O_EXCL);
    if (put->file < 0)
        return fail(put, errno, status);
    put->is_written = true;
    int error = copy_old(put);
    close_old(put);
    return error ? fail(put, error, status) : STATUS_OK;
}

/* -------------------------------------------------------------- differences
 */

/* A line that begins with these `length` bytes and goes on at `rest`: as much
 * of it as shows where the rest begins. */
static void write_line(const char *line, size_t length, const char *rest,
                       size_t more, char text[PUT_LINE_SIZE]) {
    const char *end = memchr(rest, '\n', more);
    size_t blanks = 0;
    more = end ? (size_t)(end - rest) : more;
    while (blanks < length && line[blanks] == ' ')
        blanks++;
    bool is_cut = length - blanks > PUT_LINE_BEFORE;
    if (is_cut)
        blanks = length - PUT_LINE_BEFORE;
    snprintf(text, PUT_LINE_SIZE, "%s%.*s%.*s", is_cut ? "..." : "",
             (int)(length - blanks), line + blanks, (int)more, rest);
}

/* `at` bytes of the text agree with what stands there; the next does not. */
static void note_difference(struct put *put, size_t at) {
    struct put_difference *difference = &put->difference;
    char piece[2 * PUT_LINE_SIZE] = "";
    uint64_t place = put->done + at;
    size_t before = place < PUT_LINE_SIZE ? (size_t)place : PUT_LINE_SIZE;
    struct stat about;
    size_t size = before;
    if (fstat(put->old, &about) == 0 && (uint64_t)about.st_size > place) {
        uint64_t rest = (uint64_t)about.st_size - place;
        size += rest < PUT_LINE_SIZE ? (size_t)rest : PUT_LINE_SIZE;
    }
    if (file_read_at(put->old, place - before, piece, size) != 0)
        size = before = 0;
    const char *line = piece + before;
    while (line > piece && line[-1] != '\n')
        line--;
    size_t length = (size_t)(piece + before - line);
    write_line(line, length, piece + before, size - before, difference->stored);
    write_line(line, length, put->text.bytes + at, put->text.length - at,
               difference->made);
    for (size_t i = 0; i < at; i++)
        difference->line += put->text.bytes[i] == '\n';
    difference->line++;
    difference->is_there = true;
}

static void compare(struct put *put) {
    unsigned char byte;
    size_t at = 0;
    if (put->difference.is_there)
        return;
    if (agrees(put)) {
        for (size_t i = 0; i < put->text.length; i++)
            put->difference.line += put->text.bytes[i] == '\n';
        return;
    }
    while (at < put->text.length &&
           file_read_at(put->old, put->done + at, &byte, 1) == 0 &&
           byte == (unsigned char)put->text.bytes[at])
        at++;
    note_difference(put, at);
}

static enum status_code pass_on(struct put *put, struct status *status) {
    if (put->compares) {
        compare(put);
        put->done += put->text.length;
        text_clear(&put->text);
        return STATUS_OK;
    }
    if (put->file < 0 && (put->old < 0 || !agrees(put)))
        STATUS_TRY(part_ways(put, status));
    int error = put->file < 0
                    ? 0

                    : file_write_all(put->file, text_string(&put->text),
                                     put->text.length);
    if (error)
        return fail(put, error, status);
    put->done += put->text.length;
    text_clear(&put->text);
    return STATUS_OK;
}

void put_init(struct put *put) {
    *put = (struct put){.old = -1, .file = -1};
}

enum status_code put_begin(struct put *put, const struct store *store,
                           int folder, const char *name,
                           struct status *status) {
    assert(store->work >= 0 && strlen(name) < PUT_NAME_SIZE);
    put_init(put);
    put->store = store;
    put->folder = folder;
    snprintf(put->name, sizeof put->name, "%s", name);
    return open_old(put, status);
}

bool put_begin_compare(struct put *put, const struct store *store, int folder,
                       const char *name) {
    struct status ignored = STATUS_INIT;
    put_init(put);
    put->store = store;
    put->folder = folder;
    put->compares = true;
    snprintf(put->name, sizeof put->name, "%s", name);
    return open_old(put, &ignored) == STATUS_OK && put->old >= 0;
}

enum status_code put_some(struct put *put, struct status *status) {
    bool waits = put->text.length < PIECE && !put->compares;
    return waits ? STATUS_OK : pass_on(put, status);
}

enum status_code put_close(struct put *put, struct status *status) {
    struct stat about;
    STATUS_TRY(pass_on(put, status));
    if (put->compares) {
        if (!put->difference.is_there && fstat(put->old, &about) == 0 &&
            (uint64_t)about.st_size > put->done)
            note_difference(put, 0);
        close_old(put);
        return STATUS_OK;
    }
    if (put->file < 0 &&
        (fstat(put->old, &about) != 0 || (uint64_t)about.st_size != put->done))
        STATUS_TRY(part_ways(put, status));
    close_old(put);
    int error = put->file >= 0 && close(put->file) != 0 ? errno : 0;
    put->file = -1;
    return error && error != EINTR ? fail(put, error, status) : STATUS_OK;
}

enum status_code put_rename(struct put *put, struct status *status) {
    char aside[WORK_NAME_SIZE];
    work_name(put->name, aside);
    if (put->is_written &&
        renameat(put->store->work, aside, put->folder, put->name) != 0)
        return fail(put, errno, status);
    put->is_written = false;
    return STATUS_OK;
}

enum status_code put_end(struct put *put, struct status *status) {
    STATUS_TRY(put_close(put, status));
    return put_rename(put, status);
}

void put_drop(struct put *put) {
    char aside[WORK_NAME_SIZE];
    close_old(put);
    if (put->file >= 0)
        close(put->file);
    put->file = -1;
    if (put->is_written) {
        work_name(put->name, aside);
        folder_remove(put->store->work, aside);
    }
    put->is_written = false;
    text_release(&put->text);
}
