#include "engine/base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "engine/base/status.h"

static _Noreturn void give_up(size_t count, size_t size) {
    fprintf(stderr, "runner: error: out of memory (%zu x %zu bytes wanted)\n",
            count, size);
    _Exit(status_exit(STATUS_OUTPUT));
}

void *memory_zeroed(size_t count, size_t size) {
    void *block = calloc(count ? count : 1, size ? size : 1);
    if (!block)
        give_up(count, size);
    return block;
}

void *memory_resize(void *block, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size)
        give_up(count, size);
    size_t bytes = count * size;
    void *resized = realloc(block, bytes ? bytes : 1);
    if (!resized)
        give_up(count, size);
    return resized;
}

char *memory_string_of(const char *bytes, size_t length) {
    char *copy = memory_zeroed(length + 1, 1);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

char *memory_string(const char *string) {
    return memory_string_of(string, strlen(string));
}

void memory_grow(void *array, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return;
    *capacity = *capacity ? 2 * *capacity : 8;
    void *block;
    memcpy(&block, array, sizeof block);
    block = memory_resize(block, *capacity, size);
    memcpy(array, &block, sizeof block);
}

enum { MEMORY_KEPT = 8 << 20, MEMORY_STEP = 1 << 20 };

void memory_keep(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, MEMORY_KEPT);
    mallopt(M_TRIM_THRESHOLD, MEMORY_KEPT);
    mallopt(M_TOP_PAD, MEMORY_STEP);
#endif
}

void memory_trim(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
