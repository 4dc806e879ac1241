#include "runner/store/claim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "engine/io/json.h"
#include "engine/io/whole_file.h"

static const char CLAIM_PREFIX[] = "claim.";
enum { FILE_NAME_SIZE = CLAIM_NAME_SIZE + 8, START_SIZE = 32, TRIES = 4 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void file_name(const char *name, char text[FILE_NAME_SIZE]) {
    snprintf(text, FILE_NAME_SIZE, "%s%.31s", CLAIM_PREFIX, name);
}

/* ----------------------------------------------------------------- processes
 */

/* When a process began, in Linux' ticks since the system did: field 22 of its
 * stat, behind a name in parentheses. Empty where that is not known. */
static void process_start(long pid, char start[START_SIZE]) {
    char path[64], text[1024] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    start[0] = '\0';
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at)
        snprintf(start, START_SIZE, "%.*s", (int)strcspn(at + 1, " "), at + 1);
}

/* The line of a process. */
static size_t process_text(char text[CLAIM_TEXT_SIZE]) {
    char host[HOST_SIZE], start[START_SIZE];
    struct text line = TEXT_INIT;
    struct json_writer writer = json_writer_new(&line, 0);
    host_name(host);
    process_start((long)getpid(), start);
    json_begin_object(&writer);
    json_key(&writer, "host");
    json_string(&writer, host);
    json_key(&writer, "pid");
    json_integer(&writer, (int64_t)getpid());
    json_key(&writer, "start");
    json_string(&writer, start);
    text_add(&line, ",\"beat\":\"000000000000\"}\n");
    size_t length = line.length < CLAIM_TEXT_SIZE ? line.length : 0;
    memcpy(text, line.bytes, length);
    text_release(&line);
    return length;
}

/* Whether the process of a claim is of this host and no more. */
static bool is_dead(const char *text) {
    struct status ignored = STATUS_INIT;
    char host[HOST_SIZE], start[START_SIZE];
    struct json_value *owner = json_parse(text, strlen(text), &ignored);
    int64_t pid = json_get_integer(json_member(owner, "pid"), 0);
    const char *began = json_get_string(json_member(owner, "start"), "");
    host_name(host);
    bool is_ours =
        strcmp(json_get_string(json_member(owner, "host"), ""), host) == 0;
    bool is_gone = false;
    if (is_ours && pid > 0) {
        process_start((long)pid, start);
        is_gone = (kill((pid_t)pid, 0) != 0 && errno == ESRCH) ||
                  (*start && *began && strcmp(start, began) != 0);
    }
    json_free(owner);
    return is_gone;
}

/* ----------------------------------------------------------------- the beat
 */

/* Counts up the digits before the last three characters, "}\n. */
void claims_beat(struct claims *claims) {
    int file = atomic_load(&claims->file);
    if (file < 0)
        return;
    char *digit = claims->text + claims->length - 4;
    while (*digit == '9')
        *digit-- = '0';
    if (*digit >= '0' && *digit < '9')
        ++*digit;
    int error = errno;
    ssize_t ignored = pwrite(file, claims->text, claims->length, 0);
    (void)ignored; /* the next beat will tell */
    errno = error;
}

/* ------------------------------------------------------------- begin and end
 */

void claims_init(struct claims *claims, int work) {
    *claims = (struct claims){.work = work, .limit = CLAIM_LIMIT};
    atomic_init(&claims->file, -1);
    pthread_mutex_init(&claims->lock, NULL);
}

/* Makes the file of this process; without it there are no claims. */
static void begin(struct claims *claims) {
    claims->is_begun = true;
    work_name("process", claims->process);
    folder_remove(claims->work, claims->process);
    int file = folder_open_file(claims->work, claims->process,
                                O_RDWR | O_CREAT | O_EXCL);
    claims->length = process_text(claims->text);
    claims->is_usable = file >= 0 && claims->length > 0 &&
                        file_write_all(file, claims->text, claims->length) == 0;
    atomic_store(&claims->file, file);
}

static void remove_claim(struct claims *claims, const char *name) {
    char file[FILE_NAME_SIZE];
    file_name(name, file);
    unlinkat(claims->work, file, 0);
}

void claims_release(struct claims *claims) {
    int file = atomic_exchange(&claims->file, -1);
    for (size_t i = 0; i < claims->held_count; i++)
        remove_claim(claims, claims->held[i].name);
    if (file >= 0) {
        close(file);
        folder_remove(claims->work, claims->process);
    }
    free(claims->held);
    free(claims->watched);
    pthread_mutex_destroy(&claims->lock);
}

/* -------------------------------------------------------------- other's claims
 */

static bool read_claim(int work, const char *file, char text[CLAIM_TEXT_SIZE]) {
    int opened = folder_open_file(work, file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (opened < 0)
        return false;
    ssize_t length = read(opened, text, CLAIM_TEXT_SIZE - 1);
    close(opened);
    text[length > 0 ? length : 0] = '\0';
    return true;
}

static bool is_same_process(const char *a, const char *b) {
    const char *end = strstr(a, ",\"beat\":");
    return end ? strncmp(a, b, (size_t)(end - a)) == 0 : strcmp(a, b) == 0;
}

/* Whether this process has been silent for too long; notes what was seen. */
static bool is_silent(struct claims *claims, const char *text) {
    struct claim_watched *watched = NULL;
    for (size_t i = 0; i < claims->watched_count && !watched; i++)
        if (is_same_process(text, claims->watched[i].text))
            watched = &claims->watched[i];
    if (watched && strcmp(watched->text, text) == 0)
        return seconds() - watched->since > claims->limit;
    if (!watched) {
        memory_grow(&claims->watched, claims->watched_count,
                    &claims->watched_capacity, sizeof *claims->watched);
        watched = &claims->watched[claims->watched_count++];
    }
    memcpy(watched->text, text, sizeof watched->text);
    watched->since = seconds();
    return false;
}

/* One of several wins: only one can rename. It might have been another claim
 * than the one that was judged, made meanwhile: that one is put back. */
static void remove_stale(int work, const char *file, const char *judged) {
    char stale[WORK_NAME_SIZE], found[CLAIM_TEXT_SIZE];
    work_name("stale", stale);
    unlinkat(work, stale, 0);
    if (renameat(work, file, work, stale) != 0)
        return;
    if (read_claim(work, stale, found) && !is_same_process(judged, found))
        linkat(work, stale, work, file, 0);
    unlinkat(work, stale, 0);
}

void claims_remove_stale(int work) {
    char text[CLAIM_TEXT_SIZE];
    int copy = folder_open(work, ".");
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    if (!stream) {
        if (copy >= 0)
            close(copy);
        return;
    }
    for (struct dirent *entry; (entry = readdir(stream));)
        if (strncmp(entry->d_name, CLAIM_PREFIX, strlen(CLAIM_PREFIX)) == 0 &&
            read_claim(work, entry->d_name, text) && is_dead(text))
            remove_stale(work, entry->d_name, text);
    closedir(stream);
}

/* ------------------------------------------------------------------- a claim
 */

static struct claim_held *find_held(struct claims *claims, const char *name) {
    for (size_t i = 0; i < claims->held_count; i++)
        if (strcmp(claims->held[i].name, name) == 0)
            return &claims->held[i];
    return NULL;
}

static void hold(struct claims *claims, const char *name) {
    memory_grow(&claims->held, claims->held_count, &claims->held_capacity,
                sizeof *claims->held);
    struct claim_held *held = &claims->held[claims->held_count++];
    snprintf(held->name, sizeof held->name, "%s", name);
    held->uses = 1;
}

static enum claim_answer take_new(struct claims *claims, const char *name) {
    char file[FILE_NAME_SIZE], text[CLAIM_TEXT_SIZE];
    bool was_silent = false;
    file_name(name, file);
    for (int try = 0; try < TRIES; try++) {
        if (linkat(claims->work, claims->process, claims->work, file, 0) == 0)
            return was_silent ? CLAIM_INHERITED : CLAIM_OURS;
        if (errno != EEXIST)
            return CLAIM_IMPOSSIBLE;
        claims->has_met = true;
        if (!read_claim(claims->work, file, text))
            continue;
        bool dead = is_dead(text);
        was_silent = !dead && is_silent(claims, text);
        if (!dead && !was_silent)
            return CLAIM_OTHERS;
        remove_stale(claims->work, file, text);
    }
    return CLAIM_OTHERS;
}

enum claim_answer claims_take(struct claims *claims, const char *name) {
    pthread_mutex_lock(&claims->lock);
    if (!claims->is_begun)
        begin(claims);
    struct claim_held *held = find_held(claims, name);
    enum claim_answer answer = CLAIM_OURS;
    if (held)
        held->uses++;
    else if (!claims->is_usable)
        answer = CLAIM_IMPOSSIBLE;
    else
        answer = take_new(claims, name);
    if (!held && (answer == CLAIM_OURS || answer == CLAIM_INHERITED))
        hold(claims, name);
    pthread_mutex_unlock(&claims->lock);
    return answer;
}

void claims_give_back(struct claims *claims, const char *name) {
    pthread_mutex_lock(&claims->lock);
    struct claim_held *held = find_held(claims, name);
    if (held && --held->uses == 0) {
        *held = claims->held[--claims->held_count];
        remove_claim(claims, name);
    }
    pthread_mutex_unlock(&claims->lock);
}
