#include "runner/report/text_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

enum { FIRST_SLOTS = 64 };

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static uint64_t hash_of(const unsigned char *bytes, size_t length) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

/* Entries stand one behind the other, each with its NUL. */
static size_t length_of(const struct text_set *set, size_t entry) {
    size_t end = entry + 1 < set->count ? set->entries[entry + 1] : set->used;
    return end - set->entries[entry] - 1;
}

/* The slot of these bytes: theirs, or the free one where they belong. */
static size_t find_slot(const struct text_set *set, const void *bytes,
                        size_t length) {
    size_t mask = set->slot_count - 1;
    size_t slot = (size_t)hash_of(bytes, length) & mask;
    for (; set->slots[slot]; slot = (slot + 1) & mask) {
        size_t entry = set->slots[slot] - 1;
        if (length_of(set, entry) == length &&
            memcmp(set->bytes + set->entries[entry], bytes, length) == 0)
            break;
    }
    return slot;
}

/* Doubles the table when it is three quarters full. */
static void grow_slots(struct text_set *set) {
    if (4 * (set->count + 1) <= 3 * set->slot_count)
        return;
    set->slot_count = set->slot_count ? 2 * set->slot_count : FIRST_SLOTS;
    free(set->slots);
    set->slots = memory_zeroed(set->slot_count, sizeof *set->slots);
    for (size_t i = 0; i < set->count; i++)
        set->slots[find_slot(set, set->bytes + set->entries[i],
                             length_of(set, i))] = (uint32_t)i + 1;
}

static void append(struct text_set *set, const void *bytes, size_t length) {
    size_t needed = set->used + length + 1;
    if (needed > set->byte_capacity) {
        set->byte_capacity = 2 * needed;
        set->bytes = memory_resize(set->bytes, set->byte_capacity, 1);
    }
    if (length)
        memcpy(set->bytes + set->used, bytes, length);
    set->bytes[needed - 1] = '\0';
    set->used = needed;
}

uint32_t text_set_add(struct text_set *set, const void *bytes, size_t length) {
    grow_slots(set);
    size_t slot = find_slot(set, bytes, length);
    if (set->slots[slot])
        return set->slots[slot] - 1;
    assert(set->count < UINT32_MAX);
    memory_grow(&set->entries, set->count, &set->capacity,
                sizeof *set->entries);
    set->entries[set->count] = set->used;
    append(set, bytes, length);
    set->slots[slot] = (uint32_t)++set->count;
    return set->slots[slot] - 1;
}

const char *text_set_bytes(const struct text_set *set, uint32_t entry) {
    assert(entry < set->count);
    return set->bytes + set->entries[entry];
}

void text_set_close(struct text_set *set) {
    free(set->slots);
    set->slots = NULL;
    set->slot_count = 0;
}

void text_set_release(struct text_set *set) {
    free(set->bytes);
    free(set->entries);
    free(set->slots);
    *set = TEXT_SET_INIT;
}
