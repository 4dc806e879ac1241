#ifndef ENGINE_BASE_ARENA_H
#define ENGINE_BASE_ARENA_H

/* Blocks with one owner and one release.
 *
 * An arena hands out zeroed blocks, each aligned to ARENA_ALIGNMENT bytes and
 * followed by at least as many bytes that may be read and written, so that a
 * vector may run over a block's end. Nothing is freed alone; arena_release()
 * frees all. Blocks never move. Sizes are checked against overflow.
 *
 * The first allocation that fails leaves the arena failed: this and every later
 * allocation returns NULL, and arena_status() turns it into a message. So a
 * caller may allocate a whole struct's members and check once.
 */

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/status.h"

enum { ARENA_ALIGNMENT = 64 };

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used, capacity;      /* of the newest block */
    size_t total;               /* bytes taken from the system */
    bool failed;
};

#define ARENA_INIT ((struct arena){0})

/* `count` zeroed elements of `size` bytes, or NULL. */
void *arena_zeroed(struct arena *arena, size_t count, size_t size);

/* STATUS_OK, or STATUS_OUTPUT and "not enough memory for WHAT" if an
 * allocation has failed. */
enum status_code arena_status(const struct arena *arena, const char *what,
                              struct status *status);

/* Frees every block; the arena is as after ARENA_INIT. */
void arena_release(struct arena *arena);

#endif
