#ifndef RUNNER_STORE_FOLDER_H
#define RUNNER_STORE_FOLDER_H

/* Folders, opened once and worked in by their descriptors; for the store's own
 * files. No function here follows a link in the last component. */

#include <stdbool.h>

/* openat() with O_CLOEXEC and O_NOFOLLOW, gone on with after a signal; -1 and
 * errno. */
int folder_open_file(int folder, const char *name, int flags);

/* Opens a folder; -1 and errno. */
int folder_open(int parent, const char *name);

/* The same, made first: if it is not there; or EEXIST if anything is. */
int folder_make(int parent, const char *name);
int folder_make_new(int parent, const char *name);

/* As `mkdir -p`, links followed; false and errno. */
bool folder_make_path(const char *path);

/* Removes a file, or a folder with everything in it; what can't be removed
 * stays. errno is kept. */
void folder_remove(int parent, const char *name);

/* This host's name and, in a container, the namespace in which process numbers
 * count. */
enum { HOST_SIZE = 100 };
void host_name(char host[HOST_SIZE]);

/* A name in .work/ that belongs to this process: WHAT.PID@HOST. */
enum { WORK_NAME_SIZE = 256 };
void work_name(const char *what, char name[WORK_NAME_SIZE]);

/* Removes what processes of this host left in .work/ that are no more. Entries
 * of this process' own number are an earlier process': call it before anything
 * is begun. */
void work_remove_stale(int work);

#endif
