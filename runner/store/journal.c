#include "runner/store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "engine/base/numerics.h"
#include "engine/io/json.h"
#include "runner/store/folder.h"
#include "runner/store/machine.h"

static const char JOURNAL_NAME[] = "journal.jsonl";
enum { PIECE = 1 << 16 };

/* ----------------------------------------------------------------- reading */

/* Sessions that have begun and not ended, and how many began at all. */
struct open_sessions {
    char **names;
    size_t count, capacity, begun, damaged;
};

static void begin_session(struct open_sessions *sessions, const char *name) {
    memory_grow(&sessions->names, sessions->count, &sessions->capacity,
                sizeof *sessions->names);
    sessions->names[sessions->count++] = memory_string(name);
    sessions->begun++;
}

static void end_session(struct open_sessions *sessions, const char *name) {
    for (size_t i = 0; i < sessions->count; i++) {
        if (strcmp(sessions->names[i], name) != 0)
            continue;
        free(sessions->names[i]);
        sessions->names[i] = sessions->names[--sessions->count];
        return;
    }
}

static void read_line(struct open_sessions *sessions, const char *line,
                      size_t length) {
    struct status status = STATUS_INIT;
    struct json_value *event = json_parse(line, length, &status);
    const char *kind = json_get_string(json_member(event, "event"), NULL);
    const char *name = json_get_string(json_member(event, "session"), NULL);
    if (!kind || !name)
        sessions->damaged++;
    else if (strcmp(kind, "start") == 0)
        begin_session(sessions, name);
    else if (strcmp(kind, "end") == 0)
        end_session(sessions, name);
    json_free(event);
}

/* The lines of the journal, which may have a million: piece by piece, `line`
 * holding what is not whole yet. False if it can't be read. */
static bool read_lines(struct open_sessions *sessions, int file) {
    char piece[PIECE];
    struct text line = TEXT_INIT;
    ssize_t count;
    while ((count = read(file, piece, sizeof piece)) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            break;
        const char *at = piece, *end = piece + count, *stop;
        for (; (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1) {
            text_append(&line, at, (size_t)(stop - at));
            if (line.length)
                read_line(sessions, line.bytes, line.length);
            text_clear(&line);
        }
        text_append(&line, at, (size_t)(end - at));
    }
    if (line.length)
        read_line(sessions, line.bytes, line.length);
    text_release(&line);
    return count == 0;
}

static int open_to_read(const struct store *store) {
    struct stat about;
    int file = folder_open_file(store->folder, JOURNAL_NAME,
                                O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file < 0 || (fstat(file, &about) == 0 && S_ISREG(about.st_mode)))
        return file;
    close(file);
    return -1;
}

bool journal_is_unclean(const struct store *store, size_t *damaged) {
    struct open_sessions sessions = {0};
    int file = open_to_read(store);
    *damaged = 0;
    if (file < 0)
        return true;
    bool is_read = read_lines(&sessions, file);
    close(file);
    *damaged = sessions.damaged;
    bool unclean = !is_read || sessions.count > 0 || sessions.begun == 0 ||
                   sessions.damaged > 0;
    for (size_t i = 0; i < sessions.count; i++)
        free(sessions.names[i]);
    free(sessions.names);
    return unclean;
}

/* ----------------------------------------------------------------- writing */

static void time_text(char text[40]) {
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t length = strftime(text, 40, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, 40 - length, ".%03ldZ", now.tv_nsec / 1000000);
}

static enum status_code append(const struct journal *journal,
                               const struct text *line, struct status *status) {
    int error = file_write_all(journal->file, line->bytes, line->length);
    STATUS_RETURN_IF(error, status, STATUS_OUTPUT, "%s: %s", JOURNAL_NAME,
                     strerror(error));
    return STATUS_OK;
}

static void begin_event(const struct journal *journal, const char *kind,
                        struct json_writer *writer) {
    char now[40];
    time_text(now);
    json_begin_object(writer);
    json_key(writer, "event");
    json_string(writer, kind);
    json_key(writer, "session");
    json_string(writer, journal->session);
    json_key(writer, "time");
    json_string(writer, now);
}

static enum status_code end_event(const struct journal *journal,
                                  struct json_writer *writer,
                                  struct status *status) {
    json_end_object(writer);
    text_add_char(writer->text, '\n');
    enum status_code code = append(journal, writer->text, status);
    text_release(writer->text);
    return code;
}

static void write_path(struct json_writer *writer, const char *path) {
    char *absolute = realpath(path, NULL);
    json_string(writer, absolute ? absolute : path);
    free(absolute);
}

static void write_start(const struct journal_start *start,
                        struct json_writer *writer) {
    struct machine machine;
    machine_read(&machine);
    json_key(writer, "host");
    json_string(writer, machine.host);
    json_key(writer, "cpu");
    json_string(writer, machine.cpu);
    json_key(writer, "pid");
    json_integer(writer, getpid());
    json_key(writer, "version");
    json_string(writer, machine.version);
    json_key(writer, "source");
    json_string(writer, machine.source);
    json_key(writer, "build");
    json_string(writer, machine.build);
    json_key(writer, "numerics");
    json_integer(writer, NUMERICS_VERSION);
    json_key(writer, "isa");
    json_string(writer, start->isa);
    json_key(writer, "threads");
    json_integer(writer, start->threads);
    json_key(writer, "config");
    write_path(writer, start->config_path);
    json_key(writer, "data");
    json_begin_array(writer);
    for (size_t i = 0; i < start->data_count; i++)
        write_path(writer, start->data_paths[i]);
    json_end_array(writer);
}

static void name_session(struct journal *journal) {
    char now[40], host[64] = "";
    time_text(now);
    gethostname(host, sizeof host - 1);
    snprintf(journal->session, sizeof journal->session, "%.24s-%ld@%.36s", now,
             (long)getpid(), host);
}

/* A last line without its end would swallow the line written next. */
static enum status_code end_torn_line(const struct journal *journal,
                                      struct status *status) {
    char last = '\n';
    off_t size = lseek(journal->file, 0, SEEK_END);
    if (size > 0 && pread(journal->file, &last, 1, size - 1) != 1)
        last = '\n';
    if (last == '\n')
        return STATUS_OK;
    return append(journal, &(struct text){.bytes = (char[]){"\n"}, .length = 1},
                  status);
}

static enum status_code open_journal(struct journal *journal,
                                     const struct store *store,
                                     struct status *status) {
    struct stat about;
    journal->file =
        folder_open_file(store->folder, JOURNAL_NAME,
                         O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY);
    STATUS_RETURN_IF(journal->file < 0, status, STATUS_OUTPUT, "%s/%s: %s",
                     store->path, JOURNAL_NAME, strerror(errno));
    STATUS_RETURN_IF(fstat(journal->file, &about) != 0 ||
                         !S_ISREG(about.st_mode),
                     status, STATUS_OUTPUT, "%s/%s: is not a regular file",
                     store->path, JOURNAL_NAME);
    return end_torn_line(journal, status);
}

static enum status_code start_session(const struct journal *journal,
                                      const struct journal_start *start,
                                      struct status *status) {
    struct text line = TEXT_INIT;
    struct json_writer writer = json_writer_new(&line, 0);
    begin_event(journal, "start", &writer);
    write_start(start, &writer);
    return end_event(journal, &writer, status);
}

enum status_code journal_begin(struct journal *journal,
                               const struct store *store,
                               const struct journal_start *start,
                               struct status *status) {
    name_session(journal);
    enum status_code code = open_journal(journal, store, status);
    if (code == STATUS_OK)
        code = start_session(journal, start, status);
    if (code != STATUS_OK)
        journal_close(journal);
    return code;
}

enum status_code journal_kept(struct journal *journal, size_t count,
                              struct status *status) {
    struct text line = TEXT_INIT;
    struct json_writer writer = json_writer_new(&line, 0);
    begin_event(journal, "kept", &writer);
    json_key(&writer, "count");
    json_integer(&writer, (int64_t)count);
    return end_event(journal, &writer, status);
}

enum status_code journal_resumed(struct journal *journal, const char *id,
                                 int64_t step, struct status *status) {
    struct text line = TEXT_INIT;
    struct json_writer writer = json_writer_new(&line, 0);
    begin_event(journal, "resumed", &writer);
    json_key(&writer, "id");
    json_string(&writer, id);
    json_key(&writer, "step");
    json_integer(&writer, step);
    return end_event(journal, &writer, status);
}

enum status_code journal_run(struct journal *journal, const char *id,
                             const char *outcome, double seconds,
                             struct status *status) {
    struct text line = TEXT_INIT;
    struct json_writer writer = json_writer_new(&line, 0);
    begin_event(journal, "run", &writer);
    json_key(&writer, "id");
    json_string(&writer, id);
    json_key(&writer, "outcome");
    json_string(&writer, outcome);
    json_key(&writer, "seconds");
    json_double(&writer, seconds);
    return end_event(journal, &writer, status);
}

enum status_code journal_block(struct journal *journal, const char *block,
                               size_t runs, size_t diverged, double seconds,
                               struct status *status) {
    struct text line = TEXT_INIT;
    struct json_writer writer = json_writer_new(&line, 0);
    begin_event(journal, "block", &writer);
    json_key(&writer, "block");
    json_string(&writer, block);
    json_key(&writer, "runs");
    json_integer(&writer, (int64_t)runs);
    json_key(&writer, "diverged");
    json_integer(&writer, (int64_t)diverged);
    json_key(&writer, "seconds");
    json_double(&writer, seconds);
    return end_event(journal, &writer, status);
}

enum status_code journal_end(struct journal *journal, int exit_status,
                             struct status *status) {
    struct text line = TEXT_INIT;
    struct json_writer writer = json_writer_new(&line, 0);
    begin_event(journal, "end", &writer);
    json_key(&writer, "exit");
    json_integer(&writer, exit_status);
    return end_event(journal, &writer, status);
}

void journal_close(struct journal *journal) {
    if (journal->file >= 0)
        close(journal->file);
    journal->file = -1;
}
