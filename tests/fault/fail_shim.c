/* A preloaded library that makes the n-th call of a family fail, or the process
 * die there.
 *
 *   FAIL_FAMILY   memory (malloc, calloc, realloc, aligned_alloc, and the like)
 *                 or file (what opens to write, writes, reads at a place,
 *                 makes, links, renames, cuts, closes, removes,
 *                 synchronizes), counted from main() on
 *   FAIL_AT       n, from 1
 *   FAIL_HOW      an errno's name; "short": a write of half its bytes; "kill":
 *                 SIGKILL before the call; "always:NAME": that call and all
 *                 after it
 *   FAIL_REPORT   a file that gets the name of the n-th call, if there was one
 *
 * Descriptors 0 to 2 are let through: what is said about a fault must be seen.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum family { FAMILY_NONE, FAMILY_MEMORY, FAMILY_FILE };

static struct {
    enum family family;
    long at, count;
    int error; /* 0: kill, or short */
    bool kill, is_short, always;
    int report;
} plan;

static const struct error_row {
    const char *name;
    int error;
} ERRORS[] = {{"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC}, {"EIO", EIO},
              {"EDQUOT", EDQUOT}, {"EINTR", EINTR},   {"EINVAL", EINVAL},
              {"ENOSYS", ENOSYS}};

/* The C library's own, found before main(). */
#define REAL(name) ((name##_function *)real[REAL_##name])
typedef void *malloc_function(size_t);
typedef void *calloc_function(size_t, size_t);
typedef void *realloc_function(void *, size_t);
typedef void *aligned_alloc_function(size_t, size_t);
typedef int posix_memalign_function(void **, size_t, size_t);
typedef int open_function(const char *, int, ...);
typedef int openat_function(int, const char *, int, ...);
typedef ssize_t write_function(int, const void *, size_t);
typedef ssize_t pread_function(int, void *, size_t, off_t);
typedef int ftruncate_function(int, off_t);
typedef int linkat_function(int, const char *, int, const char *, int);
typedef int mkdir_function(const char *, mode_t);
typedef int mkdirat_function(int, const char *, mode_t);
typedef int renameat_function(int, const char *, int, const char *);
typedef int unlinkat_function(int, const char *, int);
typedef int close_function(int);
typedef int syncfs_function(int);
typedef long syscall_function(long, ...);

#define REALS(ROW)                                                             \
    ROW(malloc)                                                                \
    ROW(calloc)                                                                \
    ROW(realloc)                                                               \
    ROW(aligned_alloc)                                                         \
    ROW(posix_memalign)                                                        \
    ROW(open)                                                                  \
    ROW(openat)                                                                \
    ROW(write)                                                                 \
    ROW(pread)                                                                 \
    ROW(ftruncate)                                                             \
    ROW(linkat)                                                                \
    ROW(mkdir)                                                                 \
    ROW(mkdirat)                                                               \
    ROW(renameat)                                                              \
    ROW(unlinkat)                                                              \
    ROW(close)                                                                 \
    ROW(syncfs)                                                                \
    ROW(syscall)
enum {
#define REAL_INDEX(name) REAL_##name,
    REALS(REAL_INDEX)
#undef REAL_INDEX
        REAL_COUNT
};
static void *real[REAL_COUNT];

/* dlsym() may allocate before our allocator is known: from here. */
static _Alignas(16) char early[1 << 16];
static size_t early_used;

static void *early_block(size_t size) {
    void *block = early + early_used;
    early_used += (size + 15) / 16 * 16;
    if (early_used > sizeof early)
        abort();
    return block;
}

static void find_reals(void) {
#define REAL_FIND(name) real[REAL_##name] = dlsym(RTLD_NEXT, #name);
    REALS(REAL_FIND)
#undef REAL_FIND
}

static void read_how(const char *how) {
    plan.always = strncmp(how, "always:", 7) == 0;
    how += plan.always ? 7 : 0;
    plan.kill = strcmp(how, "kill") == 0;
    plan.is_short = strcmp(how, "short") == 0;
    for (size_t i = 0; i < sizeof ERRORS / sizeof *ERRORS; i++)
        if (strcmp(how, ERRORS[i].name) == 0)
            plan.error = ERRORS[i].error;
}

__attribute__((constructor)) static void set_up(void) {
    const char *family = getenv("FAIL_FAMILY"), *at = getenv("FAIL_AT");
    const char *how = getenv("FAIL_HOW"), *report = getenv("FAIL_REPORT");
    find_reals();
    if (!family || !at || !how || !report)
        return;
    plan.at = strtol(at, NULL, 10);
    plan.report =
        REAL(open)(report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    read_how(how);
    plan.family = strcmp(family, "memory") == 0 ? FAMILY_MEMORY : FAMILY_FILE;
}

/* Counts a call; true if it is to fail. */
static bool fails(enum family family, const char *name) {
    if (family != plan.family)
        return false;
    plan.count++;
    if (plan.count != plan.at)
        return plan.always && plan.count > plan.at;
    if (REAL(write)(plan.report, name, strlen(name)) < 0 || plan.kill)
        raise(SIGKILL);
    return true;
}

/* ------------------------------------------------------------------ memory */

void *malloc(size_t size) {
    if (!real[REAL_malloc])
        return early_block(size);
    if (fails(FAMILY_MEMORY, "malloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return REAL(malloc)(size);
}

void *calloc(size_t count, size_t size) {
    if (!real[REAL_calloc])
        return early_block(count * size);
    if (fails(FAMILY_MEMORY, "calloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return REAL(calloc)(count, size);
}

void *realloc(void *block, size_t size) {
    if (fails(FAMILY_MEMORY, "realloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return REAL(realloc)(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    if (fails(FAMILY_MEMORY, "aligned_alloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return REAL(aligned_alloc)(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (fails(FAMILY_MEMORY, "posix_memalign"))
        return ENOMEM;
    return REAL(posix_memalign)(block, alignment, size);
}

/* Early blocks are not the C library's to free; it never sees one, since
 * dlsym() keeps what it allocates. */

/* ------------------------------------------------------------------- files */

/* A signal interrupts what may wait, and no other call. */
static bool can_fail_so(const char *name) {
    return !plan.is_short &&
           (plan.error != EINTR || strcmp(name, "close") == 0 ||
            strncmp(name, "open", 4) == 0 || strcmp(name, "write") == 0 ||
            strcmp(name, "pread") == 0);
}

/* Counts the call and sets its error if it is to fail. */
static bool fails_file(const char *name) {
    if (!fails(FAMILY_FILE, name) || !can_fail_so(name))
        return false;
    errno = plan.error;
    return true;
}

/* The mode behind the flags, where there is one. */
#define TAKE_MODE(flags, mode)                                                 \
    do {                                                                       \
        va_list rest;                                                          \
        va_start(rest, flags);                                                 \
        (mode) = (flags)&O_CREAT ? (mode_t)va_arg(rest, int) : 0;              \
        va_end(rest);                                                          \
    } while (0)

/* Reading the config, and the system's own files, may fail by other means. */
int open(const char *path, int flags, ...) {
    mode_t mode;
    TAKE_MODE(flags, mode);
    if ((flags & (O_WRONLY | O_RDWR | O_DIRECTORY)) && fails_file("open"))
        return -1;
    return REAL(open)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    mode_t mode;
    TAKE_MODE(flags, mode);
    if ((flags & (O_WRONLY | O_RDWR | O_DIRECTORY)) && fails_file("openat"))
        return -1;
    return REAL(openat)(folder, path, flags, mode);
}

ssize_t write(int file, const void *data, size_t size) {
    if (file <= STDERR_FILENO || !fails(FAMILY_FILE, "write"))
        return REAL(write)(file, data, size);
    if (plan.is_short)
        return REAL(write)(file, data, (size + 1) / 2);
    errno = plan.error;
    return -1;
}

/* What was written before is read again. */
ssize_t pread(int file, void *data, size_t size, off_t offset) {
    return fails_file("pread") ? -1 : REAL(pread)(file, data, size, offset);
}

int ftruncate(int file, off_t size) {
    return fails_file("ftruncate") ? -1 : REAL(ftruncate)(file, size);
}

int linkat(int from, const char *path, int to, const char *other, int flags) {
    return fails_file("linkat") ? -1
                                : REAL(linkat)(from, path, to, other, flags);
}

int mkdir(const char *path, mode_t mode) {
    return fails_file("mkdir") ? -1 : REAL(mkdir)(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) {
    return fails_file("mkdirat") ? -1 : REAL(mkdirat)(folder, path, mode);
}

int renameat(int from, const char *path, int to, const char *other) {
    return fails_file("renameat") ? -1 : REAL(renameat)(from, path, to, other);
}

int unlinkat(int folder, const char *path, int flags) {
    return fails_file("unlinkat") ? -1 : REAL(unlinkat)(folder, path, flags);
}

/* Linux closes the file whatever it returns. */
int close(int file) {
    if (file <= STDERR_FILENO || !fails_file("close"))
        return REAL(close)(file);
    int error = errno;
    REAL(close)(file);
    errno = error;
    return -1;
}

int syncfs(int file) {
    return fails_file("syncfs") ? -1 : REAL(syncfs)(file);
}

/* Here renameat2(), called by its number. */
long syscall(long number, ...) {
    long a[6];
    va_list rest;
    va_start(rest, number);
    for (size_t i = 0; i < 6; i++)
        a[i] = va_arg(rest, long);
    va_end(rest);
    if (number == SYS_renameat2 && fails_file("renameat2"))
        return -1;
    return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
