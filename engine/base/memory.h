#ifndef ENGINE_BASE_MEMORY_H
#define ENGINE_BASE_MEMORY_H

/* Memory for everything whose size the user does not choose: names, messages,
 * nodes, tables of a few rows. These functions never return NULL: when the
 * system has no more, the process says so in one line and exits with the status
 * of "results could not be written". That loses nothing: a result appears by
 * one rename or not at all, and the next start goes on from there.
 *
 * Memory whose size follows from the user's data or network comes from an
 * arena (arena.h), which reports a status instead.
 */

#include <stddef.h>

/* Zeroed memory for `count` elements of `size` bytes; free() releases it. */
void *memory_zeroed(size_t count, size_t size);

/* As realloc() for `count` elements of `size` bytes. */
void *memory_resize(void *block, size_t count, size_t size);

/* A copy of a string, and of `length` bytes with a NUL behind. */
char *memory_string(const char *string);
char *memory_string_of(const char *bytes, size_t length);

/* Makes room for one more element in a growing array: doubles `*capacity` when
 * `count` has reached it. `array` is the address of the array's pointer. */
void memory_grow(void *array, size_t count, size_t *capacity, size_t size);

/* For a process that takes and frees the same few megabytes again and again, as
 * pack follows pack: the system's library keeps them, since fresh pages cost
 * more than what is computed in them. Once, at start. */
void memory_keep(void);

/* Gives free memory back to the system, where the system's library can: tables
 * that grew leave holes as large as themselves behind. */
void memory_trim(void);

#endif
