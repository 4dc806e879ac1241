#ifndef ENGINE_BASE_DIGEST_H
#define ENGINE_BASE_DIGEST_H

/* SHA-256 (FIPS 180-4), by the nettle library. */

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32, DIGEST_TEXT_SIZE = 65 };

struct digest_state {
    _Alignas(16) unsigned char bytes[128]; /* nettle's context */
};

void digest_init(struct digest_state *state);
void digest_update(struct digest_state *state, const void *bytes,
                   size_t length);

/* The digest in lower-case hex, NUL-terminated. */
void digest_finish(struct digest_state *state, char hex[DIGEST_TEXT_SIZE]);

/* All three in one. */
void digest_of(const void *bytes, size_t length, char hex[DIGEST_TEXT_SIZE]);

#endif
