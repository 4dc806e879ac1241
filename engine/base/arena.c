#include "engine/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks grow with what has been asked for: a fresh page costs microseconds. */
enum { ARENA_BLOCK_LEAST = 1 << 13, ARENA_BLOCK_MOST = 1 << 18 };

struct arena_block {
    struct arena_block *next;
    _Alignas(ARENA_ALIGNMENT) unsigned char bytes[];
};

static bool add_block(struct arena *arena, size_t wanted) {
    size_t size = ARENA_BLOCK_LEAST;
    while (size < ARENA_BLOCK_MOST && size < arena->total)
        size *= 2;
    if (size < wanted)
        size = wanted;
    struct arena_block *block =
        aligned_alloc(ARENA_ALIGNMENT, sizeof *block + size);
    if (!block)
        return false;
    memset(block->bytes, 0, size);
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used = 0;
    arena->capacity = size;
    arena->total += size;
    return true;
}

static void *fail(struct arena *arena) {
    arena->failed = true;
    return NULL;
}

void *arena_zeroed(struct arena *arena, size_t count, size_t size) {
    const size_t slack = 2 * ARENA_ALIGNMENT;
    if (arena->failed || (size && count > (SIZE_MAX / 2 - slack) / size))
        return fail(arena);
    size_t bytes = (count * size + slack) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
    if (bytes > arena->capacity - arena->used && !add_block(arena, bytes))
        return fail(arena);
    void *block = arena->blocks->bytes + arena->used;
    arena->used += bytes;
    return block;
}

enum status_code arena_status(const struct arena *arena, const char *what,
                              struct status *status) {
    STATUS_RETURN_IF(arena->failed, status, STATUS_OUTPUT,
                     "not enough memory for %s", what);
    return STATUS_OK;
}

void arena_release(struct arena *arena) {
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    *arena = ARENA_INIT;
}
