#include "engine/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK_SIZE = 1 << 16 };

struct arena_block {
    struct arena_block *next;
    _Alignas(ARENA_ALIGNMENT) unsigned char bytes[];
};

static bool add_block(struct arena *arena, size_t wanted) {
    size_t size = wanted > ARENA_BLOCK_SIZE ? wanted : ARENA_BLOCK_SIZE;
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
