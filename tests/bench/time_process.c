/* Times a command as a whole process: time_process RUNS COMMAND [ARGUMENT ...]
 * prints "MINIMUM MEDIAN MAXIMUM" of wall time in milliseconds over RUNS runs
 * after one that is not counted. `{}` in an argument becomes the run's number.
 * The command's output is thrown away; a run that fails ends everything. */

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { RUN_LIMIT = 1000, WORD_LIMIT = 64, WORD_SIZE = 4096 };

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static char *with_number(const char *word, int number) {
    char *text = malloc(WORD_SIZE);
    const char *mark = strstr(word, "{}");
    if (!text)
        exit(1);
    if (mark)
        snprintf(text, WORD_SIZE, "%.*s%d%s", (int)(mark - word), word, number,
                 mark + 2);
    else
        snprintf(text, WORD_SIZE, "%s", word);
    return text;
}

static double run_once(char **words, int count, int number,
                       const posix_spawn_file_actions_t *actions) {
    char *arguments[WORD_LIMIT] = {NULL};
    for (int i = 0; i < count; i++)
        arguments[i] = with_number(words[i], number);
    pid_t child;
    int state;
    double start = milliseconds();
    int error =
        posix_spawnp(&child, arguments[0], actions, NULL, arguments, environ);
    if (error != 0 || waitpid(child, &state, 0) < 0 || state != 0) {
        fprintf(stderr, "time_process: %s failed\n", arguments[0]);
        exit(1);
    }
    double end = milliseconds();
    for (int i = 0; i < count; i++)
        free(arguments[i]);
    return end - start;
}

int main(int count, char **words) {
    static double times[RUN_LIMIT];
    int runs = count > 2 ? atoi(words[1]) : 0;
    if (runs < 1 || runs > RUN_LIMIT || count - 2 >= WORD_LIMIT) {
        fprintf(stderr, "usage: time_process RUNS COMMAND [ARGUMENT ...]\n");
        return 2;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    run_once(words + 2, count - 2, runs, &actions);
    for (int i = 0; i < runs; i++)
        times[i] = run_once(words + 2, count - 2, i, &actions);
    qsort(times, (size_t)runs, sizeof *times, compare);
    printf("%.3f %.3f %.3f\n", times[0], times[runs / 2], times[runs - 1]);
    return 0;
}
