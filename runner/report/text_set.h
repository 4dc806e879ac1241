#ifndef RUNNER_REPORT_TEXT_SET_H
#define RUNNER_REPORT_TEXT_SET_H

/* Byte strings kept once each and known by number, in the order of their first
 * appearance: 100,000 runs share a handful of values, and equal rows of numbers
 * are one group. */

#include <stddef.h>
#include <stdint.h>

struct text_set {
    char *bytes; /* of every entry, each with a NUL behind it */
    size_t used, byte_capacity;
    size_t *entries; /* where each begins */
    size_t count, capacity;
    uint32_t *slots; /* hash table: entry + 1, or 0 */
    size_t slot_count;
};

#define TEXT_SET_INIT ((struct text_set){0})

/* The number of these bytes, which are added if they are new. */
uint32_t text_set_add(struct text_set *set, const void *bytes, size_t length);

/* The bytes of an entry; valid until the next text_set_add(). */
const char *text_set_bytes(const struct text_set *set, uint32_t entry);

/* Does without the table by which texts are found: nothing may be added any
 * more. */
void text_set_close(struct text_set *set);

void text_set_release(struct text_set *set);

#endif
