#include "engine/io/isolated.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "engine/io/utf8.h"

/* What goes through the pipe: this, then for each column its label and defect,
 * each as a length and bytes, then its values. */
struct message {
    uint64_t magic;
    struct status status;
    uint64_t rows, columns;
};

enum { ABSENT = 0xffffffffU, TEXT_LIMIT = 1 << 20 };

static const uint64_t MAGIC = 0x72756e6e65723031U;

static bool send_bytes(int pipe_end, const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        ssize_t count = write(pipe_end, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        size -= (size_t)count;
    }
    return true;
}

static bool receive_bytes(int pipe_end, void *data, size_t size) {
    char *at = data;
    while (size > 0) {
        ssize_t count = read(pipe_end, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        size -= (size_t)count;
    }
    return true;
}

static bool send_text(int pipe_end, const char *text) {
    uint32_t length = text ? (uint32_t)strlen(text) : ABSENT;
    return send_bytes(pipe_end, &length, sizeof length) &&
           (!text || send_bytes(pipe_end, text, length));
}

static bool receive_text(int pipe_end, char **text) {
    uint32_t length;
    *text = NULL;
    if (!receive_bytes(pipe_end, &length, sizeof length))
        return false;
    if (length == ABSENT)
        return true;
    if (length > TEXT_LIMIT)
        return false;
    *text = memory_zeroed((size_t)length + 1, 1);
    return receive_bytes(pipe_end, *text, length);
}

static bool send_table(int pipe_end, const struct table *table,
                       const struct status *status) {
    struct message message;
    memset(&message, 0, sizeof message); /* what lies between the members too */
    message.magic = MAGIC;
    message.status.code = status->code;
    memcpy(message.status.message, status->message,
           strlen(status->message) + 1);
    memcpy(message.status.key, status->key, strlen(status->key) + 1);
    message.rows = table->rows;
    message.columns = table->columns;
    if (!send_bytes(pipe_end, &message, sizeof message))
        return false;
    for (size_t i = 0; i < table->columns; i++) {
        const struct table_column *column = &table->column[i];
        if (!send_text(pipe_end, column->label) ||
            !send_text(pipe_end, column->defect))
            return false;
        if (column->values &&
            !send_bytes(pipe_end, column->values, table->rows * sizeof(double)))
            return false;
    }
    return true;
}

static bool receive_column(int pipe_end, size_t rows,
                           struct table_column *column) {
    if (!receive_text(pipe_end, &column->label) || !column->label ||
        !receive_text(pipe_end, &column->defect))
        return false;
    if (column->defect) {
        utf8_make_line(column->defect); /* it quotes the file's names */
        return true;
    }
    column->values = memory_zeroed(rows, sizeof(double));
    return receive_bytes(pipe_end, column->values, rows * sizeof(double));
}

/* The child may have been in any state when it wrote: nothing it says about
 * sizes is taken on trust. */
static bool receive_table(int pipe_end, struct table *table,
                          struct status *status) {
    struct message message;
    if (!receive_bytes(pipe_end, &message, sizeof message) ||
        message.magic != MAGIC)
        return false;
    *status = message.status;
    status->message[sizeof status->message - 1] = '\0';
    status->key[sizeof status->key - 1] = '\0';
    utf8_make_line(status->message);
    if (status->code == STATUS_INPUT || status->code == STATUS_CONFIG)
        return true;
    struct status ignored;
    if (status->code != STATUS_OK ||
        table_check_size("", message.rows, message.columns, &ignored))
        return false;
    table->rows = (size_t)message.rows;
    table->columns = (size_t)message.columns;
    table->column = memory_zeroed(table->columns, sizeof *table->column);
    for (size_t i = 0; i < table->columns; i++)
        if (!receive_column(pipe_end, table->rows, &table->column[i]))
            return false;
    return true;
}

static void limit(int resource, rlim_t most) {
    struct rlimit old;
    if (getrlimit(resource, &old) != 0)
        return;
    struct rlimit new = {.rlim_cur = most, .rlim_max = most};
    if (old.rlim_max != RLIM_INFINITY && old.rlim_max < most)
        new.rlim_cur = new.rlim_max = old.rlim_max;
    setrlimit(resource, &new);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

/* The address space that this process uses already, or 0 if unknown. */
static rlim_t used_memory(void) {
#ifndef SANITIZED
    char text[64] = "";
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length > 0)
        return (rlim_t)strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE);
#endif
    return 0;
}

/* Seconds and bytes far beyond what a sound file of the size needs: a second
 * for every MiB, and room for the largest table. */
static void limit_child(size_t size) {
    static const int SIGNALS[] = {SIGSEGV, SIGBUS,  SIGFPE,
                                  SIGILL,  SIGABRT, SIGXCPU};
    for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++)
        signal(SIGNALS[i], SIG_DFL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, 4 + (rlim_t)(size >> 20));
    rlim_t used = used_memory();
    if (used > 0)
        limit(RLIMIT_AS, used + ((rlim_t)4 << 30) + 16 * (rlim_t)size);
}

/* A crash is told by the parent, in one line: what the C library or the
 * allocator says about it goes nowhere. */
static void silence(void) {
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
}

static _Noreturn void run_child(int pipe_end, h5_read_function *read_table,
                                const struct bytes *bytes, const char *path,
                                const char *key) {
    struct table table = {0};
    struct status status = STATUS_INIT;
    silence();
    limit_child(bytes->size);
    enum status_code code = read_table(bytes, path, key, &table, &status);
    if (code != STATUS_OK)
        table = (struct table){0};
    status.code = code;
    _exit(send_table(pipe_end, &table, &status) ? 0 : 1);
}

/* With the pipe closed a child still writing ends by SIGPIPE or by an error. */
static bool wait_for(pid_t child, int *end) {
    pid_t waited;
    do
        waited = waitpid(child, end, 0);
    while (waited < 0 && errno == EINTR);
    return waited == child;
}

static enum status_code tell_end(int end, bool waited, const char *path,
                                 struct status *status) {
    bool slow = waited && WIFSIGNALED(end) &&
                (WTERMSIG(end) == SIGXCPU || WTERMSIG(end) == SIGKILL);
    STATUS_RETURN_IF(slow, status, STATUS_INPUT,
                     "%s: reading it takes too long or too much memory: the "
                     "file seems to be damaged",
                     path);
    STATUS_RETURN_IF(waited && WIFSIGNALED(end), status, STATUS_INPUT,
                     "%s: the HDF5 library crashes on it (signal %d): the file "
                     "seems to be damaged",
                     path, WTERMSIG(end));
    return status_set(status, STATUS_INPUT,
                      "%s: the HDF5 library gives up on it: the file seems to "
                      "be damaged",
                      path);
}

enum status_code isolated_read(h5_read_function *read_table,
                               const struct bytes *bytes, const char *path,
                               const char *key, struct table *table,
                               struct status *status) {
    int ends[2], end = 0;
    *table = (struct table){0};
    STATUS_RETURN_IF(pipe2(ends, O_CLOEXEC) != 0, status, STATUS_INPUT,
                     "%s: no pipe to read it through: %s", path,
                     strerror(errno));
    pid_t child = fork();
    if (child == 0)
        run_child(ends[1], read_table, bytes, path, key);
    int error = errno;
    close(ends[1]);
    bool received = child > 0 && receive_table(ends[0], table, status);
    close(ends[0]);
    STATUS_RETURN_IF(child < 0, status, STATUS_INPUT,
                     "%s: no process to read it in: %s", path, strerror(error));
    bool waited = wait_for(child, &end);
    if (received)
        return status->code;
    table_release(table);
    return tell_end(end, waited, path, status);
}
