/* Runs a fuzz target over the files of a folder, as libFuzzer would; says which
 * file it is at, so that a crash names its input. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *folder, const char *name) {
    static uint8_t bytes[1 << 21];
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    printf("%s: %zu bytes\n", name, size);
    fflush(stdout);
    /* A block of its own size, so that a sanitizer sees a byte too far. */
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact)
        return 1;
    for (size_t i = 0; i < size; i++)
        exact[i] = bytes[i];
    int result = LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return result;
}

int main(int count, char **arguments) {
    DIR *folder = count == 2 ? opendir(arguments[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: fuzz_corpus FOLDER\n");
        return 2;
    }
    int failures = 0, files = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        files++;
        failures += run_file(arguments[1], entry->d_name) != 0;
    }
    closedir(folder);
    printf("%d files, %d failed\n", files, failures);
    return failures || !files;
}
