#include "runner/store/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/memory.h"

enum { FOLDER_MODE = 0777, FILE_MODE = 0666 };

int folder_open_file(int folder, const char *name, int flags) {
    int file;
    do
        file = openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    while (file < 0 && errno == EINTR);
    return file;
}

int folder_open(int parent, const char *name) {
    return folder_open_file(parent, name, O_RDONLY | O_DIRECTORY);
}

int folder_make_new(int parent, const char *name) {
    return mkdirat(parent, name, FOLDER_MODE) ? -1 : folder_open(parent, name);
}

int folder_make(int parent, const char *name) {
    int folder = folder_make_new(parent, name);
    return folder < 0 && errno == EEXIST ? folder_open(parent, name) : folder;
}

static bool make_one(const char *path) {
    return mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST;
}

bool folder_make_path(const char *path) {
    char *copy = memory_string(path);
    bool made = true;
    for (char *slash = copy; made && (slash = strchr(slash, '/')); slash++) {
        if (slash == copy)
            continue;
        *slash = '\0';
        made = make_one(copy);
        *slash = '/';
    }
    made = made && make_one(copy);
    int error = errno;
    free(copy);
    errno = error;
    return made;
}

static void remove_contents(int parent, const char *name) {
    int folder = folder_open(parent, name);
    DIR *stream = folder >= 0 ? fdopendir(folder) : NULL;
    if (!stream) {
        if (folder >= 0)
            close(folder);
        return;
    }
    for (struct dirent *entry; (entry = readdir(stream));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            folder_remove(folder, entry->d_name);
    closedir(stream);
}

void folder_remove(int parent, const char *name) {
    int error = errno;
    if (unlinkat(parent, name, 0) != 0 && errno != ENOENT) {
        remove_contents(parent, name);
        unlinkat(parent, name, AT_REMOVEDIR);
    }
    errno = error;
}

/* ------------------------------------------------------------------ .work */

/* Linux numbers the first of its process namespaces so. */
static const char FIRST_NAMESPACE[] = "pid:[4026531836]";

static char host_known[HOST_SIZE];

static void read_host(void) {
    char name[65] = "", space[40] = "";
    if (gethostname(name, sizeof name - 1) != 0)
        name[0] = '\0';
    if (readlink("/proc/self/ns/pid", space, sizeof space - 1) < 0 ||
        strcmp(space, FIRST_NAMESPACE) == 0)
        space[0] = '\0';
    snprintf(host_known, HOST_SIZE, "%s%s%.30s", name, *space ? "," : "",
             space);
    for (char *c = host_known; *c; c++)
        if (*c == '/')
            *c = '_';
}

/* Asked for with every run; neither changes under a process. */
void host_name(char host[HOST_SIZE]) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_host);
    memcpy(host, host_known, HOST_SIZE);
}

void work_name(const char *what, char name[WORK_NAME_SIZE]) {
    char host[HOST_SIZE];
    host_name(host);
    snprintf(name, WORK_NAME_SIZE, "%.120s.%ld@%s", what, (long)getpid(), host);
}

static bool is_dead(long pid) {
    return pid == (long)getpid() ||
           (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

/* Whether a process of this host that is no more left this entry. */
static bool is_stale(const char *name, const char *host) {
    const char *at = strchr(name, '@'), *digits = at;
    if (!at || strcmp(at + 1, host) != 0)
        return false;
    while (digits > name && digits[-1] >= '0' && digits[-1] <= '9')
        digits--;
    if (digits == at || digits < name + 2 || digits[-1] != '.')
        return false;
    return is_dead(strtol(digits, NULL, 10));
}

void work_remove_stale(int work) {
    char host[HOST_SIZE];
    host_name(host);
    int copy = folder_open(work, ".");
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    if (!stream) {
        if (copy >= 0)
            close(copy);
        return;
    }
    for (struct dirent *entry; (entry = readdir(stream));)
        if (is_stale(entry->d_name, host))
            folder_remove(work, entry->d_name);
    closedir(stream);
}
